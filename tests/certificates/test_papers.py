"""The file of a certificate: what it says, to people and to machines, and what it never says."""

import hashlib
from datetime import datetime
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from app import pdf
from app.certificates import wording
from app.certificates.actions import issue_for_pair, issue_for_training
from app.certificates.documents import as_pdf, shown
from app.certificates.models import CertificateKind
from app.certificates.sealing import current_key
from app.extensions import db
from app.qr import qr_code
from app.storage import store
from app.tenants.models import Tenant
from app.training.models import Completion
from tests import factories

from .papers import ask, credential_of, facts_about, holder_of, text_of, unpacked


def test_the_page_states_the_facts(engagement, file_of, people):
    text = text_of(file_of(engagement))

    assert "Attestation d'engagement" in text
    assert "L'association Passerelle atteste ce qui suit :" in text
    assert people.mentor.full_name in text
    assert "a accompagné bénévolement un ou une jeune du" in text
    assert "2 séances et 2 heures 30, avec une formation de 2 heures au rôle de mentor." in text
    assert "Fait à Lyon, le" in text
    assert "Claire Morel, présidente" in text
    assert engagement.reference_number in text
    assert f"localhost/verifier/{engagement.shown_code}" in text


def test_a_training_certificate_states_the_course(in_space, association, people, file_of):
    with in_space(association):
        certificate = issue_for_training(db.session.scalars(select(Completion)).one())

    text = text_of(file_of(certificate))

    assert "Attestation de formation" in text
    assert "a suivi en entier la formation « Devenir mentor », soit 2 heures, terminée le" in text


def test_it_contains_nothing_of_the_jeune(engagement, file_of, people):
    content = file_of(engagement)

    everything = text_of(content) + str(credential_of(content)) + str(facts_about(content)) + ask("pdfinfo", content, "-meta")

    for secret in (people.mentee.first_name, people.mentee.last_name, people.mentee.email, str(people.mentee.id)):
        assert secret not in everything


def test_it_is_one_page_with_a_title_a_language_and_tags(engagement, file_of):
    content = file_of(engagement)

    facts = facts_about(content)

    assert facts["Title"] == f"Attestation d'engagement {engagement.reference_number}"
    assert (facts["Author"], facts["Tagged"], facts["Pages"]) == ("Passerelle", "yes", "1")
    assert b"/Lang (fr)" in unpacked(content)
    assert "H1" in ask("pdfinfo", content, "-struct")


@pytest.mark.parametrize(
    "said", ["<pdfaid:part>3</pdfaid:part>", "<pdfaid:conformance>A</pdfaid:conformance>", "<pdfuaid:part>1</pdfuaid:part>"]
)
def test_its_metadata_says_archivable_and_accessible(said, engagement, file_of):
    metadata = ask("pdfinfo", file_of(engagement), "-meta").replace('"', "").replace(" ", "")

    name, value = said[1:].split(">")[0], said.split(">")[1].split("<")[0]
    assert said in metadata or f"{name}={value}" in metadata


def test_every_font_is_embedded(engagement, file_of, tmp_path):
    lines = ask("pdffonts", file_of(engagement)).splitlines()[2:]

    assert lines
    assert all(line.split()[-5] == "yes" for line in lines)


def test_its_attachment_states_its_facts(engagement, file_of):
    credential = credential_of(file_of(engagement))

    subject = credential["credentialSubject"]
    assert credential["id"] == f"http://localhost/verifier/{engagement.code}"
    assert (credential["name"], credential["issuer"]["name"]) == ("Attestation d'engagement", "Passerelle")
    assert subject["identifier"][0]["identityHash"] == engagement.facts["holder"]
    assert subject["narrative"] == subject["achievement"]["description"] == engagement.facts["text"]
    assert subject["activityStartDate"].startswith(engagement.facts["from"])
    assert subject["activityEndDate"].startswith(engagement.facts["to"])
    assert credential["evidence"][0]["name"] == engagement.reference_number


def test_the_same_facts_give_the_same_bytes(in_space, association, engagement, file_of):
    again = drawn(in_space, association, engagement.facts, engagement.code)

    assert hashlib.sha256(again).hexdigest() == engagement.rendered_sha256
    assert file_of(engagement).startswith(again)


def drawn(in_space, association, facts, code="ABCDEFGHJKLM"):
    """The file of these facts, before it is sealed."""
    with in_space(association):
        return as_pdf(facts, association, f"http://localhost/verifier/{code}", current_key())


def test_it_prints_without_office_city_or_training(in_space, association, engagement):
    facts = engagement.facts | {"city": "", "signatory_name": "", "training_minutes": 0, "meetings": 1, "minutes": 45}
    facts["body"] = wording.written(str(wording.BODIES["engagement"]), facts, "neutral")

    text = text_of(drawn(in_space, association, facts))

    assert "soit 1 séance et 45 minutes." in text
    assert "Fait le" in text
    assert "présidente" not in text


def test_a_logo_is_described(in_space, association, engagement):
    picture = BytesIO()
    Image.new("RGB", (200, 80), "#3d4a9e").save(picture, "PNG")
    with in_space(association):
        tenant = db.session.get(Tenant, association.id)
        tenant.logo_key = store(association.id, picture.getvalue(), "png")

    content = drawn(in_space, tenant, engagement.facts)

    assert len(ask("pdfimages", content, "-list").splitlines()) - 2 == 2
    assert b"/Alt (Logo de Passerelle)" in unpacked(content)


HOSTILE = [
    ("a tag", "<script>alert(1)</script>", "<b>Gras</b>"),
    ("an image", '<img src="file:///etc/passwd">', "Martin"),
    ("a template", "{{ config }}", "{% include 'x' %}"),
    ("quotes", '"O\'Neill"', "& fils"),
    ("accents", "Ængelbert-Þór", "Ðuričić"),
    ("combining", "Jose\u0301", "Nin\u0303o"),
]


def certify(in_space, association, first, last):
    """A certificate of engagement for somebody of that name."""
    with in_space(association):
        mentor = factories.mentor(association, trained=True, first_name=first, last_name=last)
        pair = factories.pair(mentor, factories.mentee(association))
        factories.meeting(pair, state="held")
        return issue_for_pair(CertificateKind.ENGAGEMENT, pair, by=mentor.user_id)


@pytest.mark.parametrize(("first", "last"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_a_name_is_printed_as_it_is_written(first, last, in_space, association, file_of):
    certificate = certify(in_space, association, first, last)

    content = file_of(certificate)

    assert f"{first} {last}" in text_of(content)
    assert holder_of(content) == f"{first} {last}"
    assert "root:" not in text_of(content)


SCRIPTS = [
    ("emoji", "Zoé 🎓👩‍🚀", "Martin"),
    ("arabic", "كريم", "طرابلسي"),
    ("hebrew", "אברהם", "כהן"),
    ("chinese", "王", "小明"),
    ("override", "Karim\u202egnp.", "Trabelsi"),
]


@pytest.mark.parametrize(("first", "last"), [case[1:] for case in SCRIPTS], ids=[case[0] for case in SCRIPTS])
def test_a_name_of_any_script_yields_a_certificate_that_states_it_or_a_sentence(first, last, in_space, association, file_of):
    try:
        certificate = certify(in_space, association, first, last)
    except pdf.Unwritable:  # no font of this machine has the sign; tests/core/test_rendering.py reads the sentence
        return

    content = file_of(certificate)

    assert holder_of(content) == f"{first} {last}"
    assert facts_about(content)["Pages"] == "1"


def test_a_name_without_end_stays_on_one_page(in_space, association, file_of):
    name = "Maximilien " * 900

    certificate = certify(in_space, association, name.strip(), "Personne")

    content = file_of(certificate)
    assert facts_about(content)["Pages"] == "1"
    assert certificate.reference_number in text_of(content)


def render(html, files=None):
    return pdf.render(html, [pdf.Attached("attestation.json", "Les faits", b"{}")], datetime(2026, 11, 24, 12), files or {})  # noqa: DTZ001


PAGE = '<html lang="fr"><head><title>t</title>{head}</head><body>{body}</body></html>'
REACHING = [
    ("", '<img src="file:///etc/passwd" alt="x">'),
    ("", '<img src="http://127.0.0.1:9/x.png" alt="x">'),
    ("", '<img src="binome:other" alt="x">'),
    ("", '<img src="binome:fonts/../../../config.py" alt="x">'),
    ('<link rel="stylesheet" href="http://127.0.0.1:9/x.css">', ""),
    ("<style>@import url(file:///etc/passwd);</style>", ""),
    ("<style>@font-face { font-family: x; src: url(http://127.0.0.1:9/x.ttf) } p { font-family: x }</style>", "<p>x</p>"),
    ('<style>p { background: url("file:///etc/hostname") }</style>', "<p>x</p>"),
    ("", '<svg width="9" height="9" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="file:///etc/x.png"/></svg>'),
    ("", '<img alt="x" src="data:image/svg+xml,<svg xmlns=%22http://www.w3.org/2000/svg%22/>">'),
]


@pytest.mark.no_database
@pytest.mark.parametrize(("head", "body"), REACHING)
def test_a_document_reaches_nothing_that_it_was_not_given(head, body):
    with pytest.raises(pdf.Unreachable, match="refused"):
        render(PAGE.format(head=head, body=body))


@pytest.mark.no_database
def test_a_file_that_a_document_wants_to_attach_is_not():
    content = render(PAGE.format(head='<link rel="attachment" href="file:///etc/hostname">', body=""))

    assert len(ask("pdfdetach", content, "-list").splitlines()) == 2
    assert b"hostname" not in unpacked(content)


@pytest.mark.no_database
def test_a_document_uses_what_it_was_given():
    content = render(PAGE.format(head="", body='<img src="binome:qr" alt="Code">'), {"qr": qr_code("http://localhost/verifier/A")})

    assert content.startswith(b"%PDF-1.7")


@pytest.mark.no_database
@pytest.mark.parametrize("name", ["fonts/nothing.ttf", "css/documents.css", "fonts/../css/documents.css", "../config.py"])
def test_only_our_fonts_are_fonts(name):
    assert pdf.our_font(name) is None if (pdf.STATIC / name).exists() else True


@pytest.mark.no_database
def test_the_printed_address_has_its_code_in_three_groups():
    assert shown("https://binome.example.org/verifier/7KQ2M4XD9TPA") == "binome.example.org/verifier/7KQ2-M4XD-9TPA"


@pytest.mark.no_database
def test_the_qr_code_of_a_link_is_always_the_same_picture():
    picture = qr_code("https://binome.example.org/verifier/7KQ2M4XD9TPA")

    assert picture == qr_code("https://binome.example.org/verifier/7KQ2M4XD9TPA")
    assert picture.startswith(b"\x89PNG")
