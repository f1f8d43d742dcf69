"""The page of a certificate holds the longest texts that can be typed: nothing hides anything, nothing leaves the page."""

import io
import re
from itertools import combinations

import pytest
from PIL import Image

from app.certificates import actions, wording
from app.certificates.actions import issue_for_pair
from app.certificates.models import CertificateKind
from app.extensions import db
from app.people.models import Mentor
from app.rendering import Unwritable
from app.tenants.models import Tenant

from .papers import ask
from .situations import certified

MM = 72 / 25.4
QR = (250 * MM, 148 * MM, 277 * MM, 175 * MM)
WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">')


def boxes(content):
    """Where each word stands, in points: left, top, right, bottom; the height is that of its letters."""
    found = (tuple(map(float, match)) for match in WORD.findall(ask("pdftotext", content, "-bbox")))
    return [(left, top + (bottom - top) * 0.25, right, bottom - (bottom - top) * 0.25) for left, top, right, bottom in found]


def cross(one, other):
    """Whether two boxes share more than a hair."""
    return min(one[2], other[2]) - max(one[0], other[0]) > 1 and min(one[3], other[3]) - max(one[1], other[1]) > 1


def check_page(content):
    """No word over another or over the QR code, none beyond the page."""
    words = boxes(content)
    assert len(words) > 20
    assert [pair for pair in combinations(words, 2) if cross(*pair)] == []
    assert [word for word in words if cross(word, QR)] == []
    assert all(left > 20 * MM and right < 290 * MM and bottom < 205 * MM for left, _top, right, bottom in words)


SENTENCE = "a donné de son temps et de son énergie pour aider une jeune personne à choisir sa voie, séance après séance, "
TITLE = "Attestation de bénévolat auprès des jeunes accompagnés par notre belle équipe ici"


@pytest.mark.parametrize("kind", CertificateKind)
@pytest.mark.parametrize("first_name", ["Anne", "Maximilienne-Philippine de Montmorency-Luxembourg"])
def test_the_longest_text_hides_nothing(kind, first_name, in_space, association, worked, file_of):
    with in_space(association):
        wording.keep_wording(kind, TITLE[:80], (SENTENCE * 6)[: wording.LONGEST], None)
        db.session.get(Mentor, (association.id, worked.mentor_id)).first_name = first_name
        certificate = certified(kind, worked)

    check_page(file_of(certificate))


@pytest.mark.parametrize("kind", CertificateKind)
def test_the_text_that_comes_with_binome_hides_nothing(kind, in_space, association, worked, file_of):
    with in_space(association):
        certificate = certified(kind, worked)

    check_page(file_of(certificate))


NAME = "Marie Antoinette Joséphine Ravalomanana Andrianampoinimerina Rakotoarimanana Rasoamanarivo"
SURNAME = "De La Vega Bustamante y Rodriguez Ramanantsoa Randriamahefasoa Rabemananjara"


@pytest.mark.parametrize(("first_name", "last_name"), [(NAME, SURNAME), ("W" * 50, "W" * 50), ("Marie", SURNAME[:50])])
def test_a_long_name_is_written_whole(first_name, last_name, in_space, association, worked, file_of):
    with in_space(association):
        mentor = db.session.get(Mentor, (association.id, worked.mentor_id))
        mentor.first_name, mentor.last_name = first_name, last_name
        certificate = certified("engagement", worked)

    content = file_of(certificate)
    assert last_name.replace(" ", "")[-20:] in "".join(ask("pdftotext", content).split())
    check_page(content)


@pytest.mark.parametrize("length", [29, 31, 42, 80, 100])
def test_a_title_of_any_length_stands_alone(length, in_space, association, worked, file_of):
    with in_space(association):
        wording.keep_wording("engagement", (TITLE * 2)[:length].upper(), str(wording.BODIES["engagement"]), None)
        certificate = certified("engagement", worked)

    check_page(file_of(certificate))


def test_who_signs_at_length_with_a_picture_hides_nothing(in_space, association, worked, file_of, admin):
    upload = io.BytesIO()
    Image.new("RGB", (900, 380), "silver").save(upload, "JPEG")
    typed = {"name": "Marie-Christine Dupont-Lefèvre de La Rochefoucauld", "office": "directrice générale de l'association"}
    admin.send("/a/passerelle/attestations/signataires", {**typed, "signature": (io.BytesIO(upload.getvalue()), "s.jpg")})
    with in_space(association):
        association_row = db.session.get(Tenant, association.id)
        association_row.city = "Clermont-Ferrand"
        signatory = wording.signatories()[0]
        wording.keep_wording("engagement", "Attestation", str(wording.BODIES["engagement"]), signatory.id)
        certificate = certified("engagement", worked)

    words = boxes(file_of(certificate))
    assert [word for word in words if cross(word, (110 * MM, 166 * MM, 170 * MM, 192 * MM))] == []


def test_a_text_that_the_page_cannot_hold_once_filled_is_refused(monkeypatch, in_space, association, worked):
    monkeypatch.setattr(actions, "MOST_WRITTEN", 100)
    with in_space(association), pytest.raises(Unwritable, match="la page en tient 100"):
        certified("engagement", worked)


def test_as_many_objectives_as_can_be_typed_hide_nothing(in_space, association, people, worked, file_of):
    effort = "choisir une formation et comprendre ce que les écoles attendent, puis préparer les dossiers avec grand soin"
    objectives = [f"{number}. {effort} et s'entraîner aux oraux, à la maison comme au lycée" for number in range(6)]
    assert 950 < len("\n".join(objectives)) <= 1000
    with in_space(association):
        certificate = issue_for_pair(CertificateKind.PARTICIPATION, worked, people.coordinator.user_id, objectives)

    check_page(file_of(certificate))
