"""What certificates say: texts with variables, who signs, the look that follows while one types, an example in PDF."""

import io
import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select

from app.certificates import wording
from app.certificates.models import CertificateKind, Signatory, SigningKey, Wording
from app.certificates.wording import BadWording, as_html, check_body, keep_wording, plain, written
from app.database import uuid7
from app.extensions import db
from app.people.models import Agreement, Mentor

from .papers import ask, facts_about, text_of, unpacked
from .situations import certified
from .uploads import send

HERE = "/a/passerelle/attestations/textes"
KNOWN = "Vous pouvez écrire : {association}, {formation}, {version}, {modules}, {durée}, {date}."
BODY = "a donné **{durée}** à l'association {association}."


def saved(in_space, association):
    """What the association has written itself."""
    with in_space(association):
        return {row.kind: (row.title, row.body) for row in db.session.scalars(select(Wording))}


# Variables, agreements, bold.


@pytest.mark.parametrize("kind", CertificateKind)
def test_the_texts_that_come_with_binome_are_texts_that_could_be_typed(kind):
    body, title = str(wording.BODIES[kind]), str(wording.TITLES[kind])

    check_body(kind, body)
    check_body(kind, title)

    assert len(body) <= wording.LONGEST


@pytest.mark.parametrize("kind", CertificateKind)
def test_every_variable_of_a_kind_can_be_written(kind):
    facts = {**wording.EXAMPLE, "association": "Passerelle"}

    text = written(" ".join(f"{{{name}}}" for name in wording.VARIABLES_OF[kind]), facts, "neutral")

    assert "{" not in text
    assert "Passerelle" in text


@pytest.mark.parametrize(("agreement", "form"), [("neutral", "bénévole"), ("feminine", "actrice"), ("masculine", "acteur")])
def test_a_text_agrees_as_the_holder_chose(agreement, form, in_space, association, people, worked):
    with in_space(association):
        wording.keep_wording("engagement", "Attestation", "a été {accord: bénévole / actrice/ acteur } ici.", None)
        db.session.get(Mentor, (association.id, worked.mentor_id)).agreement = agreement

        assert certified("engagement", worked).facts["body"] == f"a été {form} ici."


BAD = [
    ("a passé {duree} ici.", "{duree} n'existe pas ici. " + KNOWN),
    ("a passé {séances}.", "{séances} n'existe pas ici. " + KNOWN),
    ("a passé {}.", "{} n'existe pas ici. " + KNOWN),
    ("a passé {durée ici.", "Une accolade n'est pas refermée."),
    ("a passé durée} ici.", "Une accolade n'est pas refermée."),
    ("a passé **{durée} ici.", "Un gras commence par ** et finit par **, avec des mots entre les deux."),
    ("****", "Un gras commence par ** et finit par **, avec des mots entre les deux."),
    ("a passé {{durée}} ici.", "Une accolade n'est pas refermée."),
    ("est {accord: prêt / prête}.", "{accord: …} attend trois formes séparées par « / » : neutre, féminine, masculine."),
    ("est {accord: a / b / c / d}.", "{accord: …} attend trois formes séparées par « / » : neutre, féminine, masculine."),
]  # fmt: skip


@pytest.mark.parametrize(("body", "sentence"), BAD)
def test_a_text_that_could_not_be_printed_is_refused(body, sentence, admin, in_space, association):
    page = admin.send(f"{HERE}/training", {"title": "Attestation", "body": body})

    assert (page.status, page.errors[0]) == (422, sentence)
    assert page.value("body").strip() == body
    assert saved(in_space, association) == {}


SCHEMES = [
    "Compte d'engagement citoyen", "compte  d’ENGAGEMENT\u00a0citoyen", "ouvre droit au CEC", "Compte d'**engagement** citoyen",
    "au **C**EC", "{accord: engagement citoyen / a / b}",
]  # fmt: skip


@pytest.mark.parametrize("kind", CertificateKind)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_certificate_names_a_scheme_that_does_not_fit_mentors(scheme, kind):
    with pytest.raises(BadWording, match="Compte d'engagement citoyen ne s'applique pas"):
        check_body(kind, f"a donné du temps, {scheme}.")


@pytest.mark.parametrize("kind", CertificateKind)
@pytest.mark.parametrize("field", ["title", "body"])
def test_neither_a_title_nor_a_text_names_it(field, kind, admin, in_space, association):
    page = admin.send(f"{HERE}/{kind}", {"title": "Attestation", "body": "a aidé.", field: "Pour le CEC"})

    assert page.status == 422
    assert "Le Compte d'engagement citoyen ne s'applique pas au mentorat : ne le citez pas." in page.errors
    assert saved(in_space, association) == {}


@pytest.mark.parametrize("word", ["ceci", "chance", "citoyen", "engagement bénévole et citoyen"])
def test_words_that_only_look_like_it_are_taken(word):
    check_body("engagement", f"a montré {word}.")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"body": "x" * 10_000}, "C'est trop long : 600 caractères au plus."),
        ({"title": "x" * 81}, "C'est trop long : 80 caractères au plus."),
        ({"title": " "}, "À remplir."),
        ({"body": "\n"}, "À remplir."),
    ],
)
def test_what_the_page_cannot_hold_is_refused(typed, sentence, admin, in_space, association):
    page = admin.send(f"{HERE}/hours", {"title": "Attestation", "body": BODY} | typed)

    assert (page.status, page.errors[0]) == (422, sentence)
    assert saved(in_space, association) == {}


texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=80)


@given(st.lists(texts, max_size=5))
@settings(max_examples=60, deadline=None)
def test_whatever_is_typed_shows_as_it_is_typed_and_bold_between_stars(parts):
    written = re.sub("</?strong>", "", as_html("**".join(parts)))

    assert unescape(written) == plain("**".join(parts))
    assert "<" not in written


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("2026-01-12", "le 12 janvier 2026"),
        ("2026-01-13", "du 12 janvier au 13 janvier 2026"),
        ("2027-01-01", "du 12 janvier 2026 au 1er janvier 2027"),
    ],
)
def test_a_period_says_its_days_and_each_year_once(last, said):
    facts = {**wording.EXAMPLE, "to": last}

    assert f"un ou une jeune {said}, soit" in written(str(wording.BODIES["engagement"]), facts, "neutral")


@given(texts, st.sampled_from(list(Agreement)))
@settings(max_examples=60, deadline=None)
def test_a_text_without_braces_is_written_as_it_is(text, agreement):
    text = text.replace("{", "(").replace("}", ")")

    assert written(text, {}, agreement) == text


# What the next certificates say.


def test_a_text_is_for_the_next_ones_and_the_others_keep_theirs(admin, in_space, association, worked, issued, file_of):
    with in_space(association):
        certified("engagement", worked)
    assert admin.page(f"{HERE}/engagement").heading == "Engagement"

    page = admin.send(f"{HERE}/engagement", {"title": "Merci", "body": BODY})

    assert page.flashes == ["Le texte est enregistré. Les attestations déjà faites gardent le leur."]
    with in_space(association):
        certified("engagement", worked)
    old, new = issued()
    assert "a accompagné bénévolement" in text_of(file_of(old))
    assert "Merci Programme 1 jeune, 1 mentor" in text_of(file_of(new))
    assert "a donné 1 heure 30 à l'association Passerelle." in text_of(file_of(new))
    assert new.facts["text"].endswith(
        "atteste que " + f"{new.facts['holder']} a donné 1\u00a0heure\u00a030 à l'association Passerelle."
    )


def test_markup_is_printed_and_not_obeyed(in_space, association, worked, file_of):
    with in_space(association):
        wording.keep_wording("engagement", "<h1>Titre</h1> & {association}", "a <b>donné</b> **<i>du temps</i>** & rien.", None)
        certificate = certified("engagement", worked)

    text = text_of(file_of(certificate))
    assert "<h1>Titre</h1> & Passerelle" in text
    assert "a <b>donné</b> <i>du temps</i> & rien." in text


def test_the_text_of_origin_comes_back(admin, in_space, association):
    admin.send(f"{HERE}/yearly", {"title": "Merci", "body": BODY})
    assert saved(in_space, association) == {"yearly": ("Merci", BODY)}

    page = admin.send(f"{HERE}/yearly/origine")

    assert page.flashes == ["Le texte d'origine est revenu."]
    assert saved(in_space, association) == {}
    assert admin.send(f"{HERE}/yearly/origine").status == 200


def test_a_text_changed_twice_is_one_text(admin, in_space, association):
    admin.send(f"{HERE}/yearly", {"title": "Merci", "body": BODY})

    page = admin.send(f"{HERE}/yearly", {"title": "Grand merci", "body": BODY})

    assert "Grand merci" in page.text
    assert saved(in_space, association) == {"yearly": ("Grand merci", BODY)}


def test_an_association_does_not_say_what_another_wrote(in_space, association, elsewhere):
    with in_space(elsewhere):
        wording.keep_wording("engagement", "Ailleurs", "a aidé ailleurs.", None)

    with in_space(association):
        assert wording.text_of("engagement").title == "Attestation d'engagement"


# The look that follows while one types.


def test_the_look_follows_what_is_typed_and_nothing_is_stored(admin, in_space, association):
    page = admin.send(f"{HERE}/engagement/apercu", {"title": "Merci", "body": "a donné **{durée}** <b>ici</b>."})

    body = "Camille Exemple a donné 20 heures 30 <b>ici</b>."
    assert page.text == f"Aperçu Merci L'association Passerelle atteste ce qui suit : {body}"
    assert page.soup.select("strong")[1].get_text() == "20\u00a0heures\u00a030"
    assert saved(in_space, association) == {}


def test_the_look_says_what_to_change(admin):
    page = admin.send(f"{HERE}/engagement/apercu", {"title": "Merci", "body": "a donné {temps}."})

    assert page.status == 200
    assert page.errors[0].startswith("{temps} n'existe pas ici.")


@pytest.mark.parametrize("kind", CertificateKind)
def test_the_page_shows_the_look_at_once(kind, admin):
    page = admin.page(f"{HERE}/{kind}")

    assert "Aperçu" in page.text
    assert "Camille Exemple" in page.text


@pytest.mark.parametrize("kind", CertificateKind)
def test_an_example_is_a_pdf_that_certifies_nobody(kind, admin, client, issued):
    response = admin.get(f"{HERE}/{kind}/exemple")

    text = text_of(response.data)
    assert response.headers["Content-Disposition"] == 'attachment; filename="exemple.pdf"'
    assert "Camille Exemple" in text
    assert "N° EXEMPLE Vérifier : localhost/verifier/EXEM-PLE2-2222" in text
    assert facts_about(response.data)["Pages"] == "1"
    assert issued() == []
    assert client.page("/verifier/EXEM-PLE2-2222").heading == "Aucune attestation ne porte ce code"


def test_no_such_kind_is_not_found(admin):
    assert admin.get(f"{HERE}/autre").status_code == 404


# Who signs.


def signature(colour="#3d4a9e"):
    """A picture of a signature, as a file to send."""
    picture = io.BytesIO()
    Image.new("RGB", (200, 80), colour).save(picture, "PNG")
    return picture.getvalue()


def add(admin, **files):
    return send(admin, "/a/passerelle/attestations/signataires", {"name": "Jeanne Roy", "office": "trésorière"}, **files)


def signatory(in_space, tenant):
    with in_space(tenant):
        return db.session.scalars(select(Signatory)).one()


def test_somebody_who_signs_a_kind_stands_on_it_with_a_signature(admin, in_space, association, worked, file_of):
    assert add(admin, signature=signature()).flashes == ["Jeanne Roy peut signer."]
    jeanne = signatory(in_space, association)

    admin.send(f"{HERE}/engagement", {"title": "Merci", "body": BODY, "signatory": str(jeanne.id)})

    with in_space(association):
        signed, other = certified("engagement", worked), certified("hours", worked)
        content = file_of(signed)
    assert "Jeanne Roy, trésorière" in text_of(content)
    assert b"/Alt (Signature de Jeanne Roy)" in unpacked(content)
    assert "Claire Morel, présidente" in text_of(file_of(other))


def test_sent_twice_one_person_signs(admin, in_space, association):
    add(admin), add(admin)

    assert signatory(in_space, association).name == "Jeanne Roy"


def test_who_is_retired_signs_no_more_and_stays_on_what_was_signed(admin, in_space, association, worked, issued):
    add(admin)
    jeanne = signatory(in_space, association)
    admin.send(f"{HERE}/engagement", {"title": "Merci", "body": BODY, "signatory": str(jeanne.id)})
    with in_space(association):
        certified("engagement", worked)

    page = admin.send(f"/a/passerelle/attestations/signataires/{jeanne.id}/retrait")

    assert page.flashes == ["Jeanne Roy ne signe plus."]
    assert "Jeanne Roy, trésorière" not in page.text.replace(page.flashes[0], "")
    with in_space(association):
        certified("engagement", worked)
    assert [row.facts["signatory_name"] for row in issued()] == ["Jeanne Roy", "Claire Morel"]


def test_who_is_retired_cannot_be_chosen(admin, in_space, association):
    add(admin)
    jeanne = signatory(in_space, association)
    admin.send(f"/a/passerelle/attestations/signataires/{jeanne.id}/retrait")

    page = admin.send(f"{HERE}/engagement", {"title": "Merci", "body": BODY, "signatory": str(jeanne.id)})

    assert page.status == 422
    assert saved(in_space, association) == {}


@pytest.mark.parametrize("forged", ["another association's", "nobody's", "no id"])
def test_a_signatory_who_is_not_ours_signs_nothing(forged, admin, in_space, association, elsewhere):
    with in_space(elsewhere):
        stranger = Signatory(name="Paul Ailleurs")
        db.session.add(stranger)
        db.session.flush()
    given_id = {"another association's": stranger.id, "nobody's": uuid7(), "no id": "1 or 1"}[forged]

    page = admin.send(f"{HERE}/engagement", {"title": "Merci", "body": BODY, "signatory": str(given_id)})

    assert page.status in {404, 422}
    assert "Paul" not in page.html
    assert saved(in_space, association) == {}


def test_another_associations_signatory_is_not_retired(admin, in_space, elsewhere):
    with in_space(elsewhere):
        stranger = Signatory(name="Paul Ailleurs")
        db.session.add(stranger)
        db.session.flush()

    assert admin.send(f"/a/passerelle/attestations/signataires/{stranger.id}/retrait").status == 404
    assert signatory(in_space, elsewhere).retired_at is None


UNREADABLE = "Ce fichier n'est pas une image PNG, JPEG ou WebP lisible."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"<svg/>", UNREADABLE), (b"", "Ce fichier est vide."), (b"x" * (2 * 1024 * 1024 + 1), "Cette image dépasse 2 Mo.")],
)
def test_a_signature_that_is_no_picture_is_refused(content, sentence, admin, in_space, association):
    page = add(admin, signature=content)

    assert (page.status, page.errors) == (422, [sentence])
    with in_space(association):
        assert db.session.scalars(select(Signatory)).all() == []


def test_reading_the_texts_and_an_example_makes_no_key(admin, in_space, association):
    admin.page(HERE)
    content = admin.get(f"{HERE}/hours/exemple").data

    with in_space(association):
        assert db.session.scalars(select(SigningKey)).all() == []
    assert ask("pdfdetach", content, "-list").strip() == "0 embedded files"


def test_a_coordinator_sets_no_text(coordinator, in_space, association):
    assert coordinator.page(HERE).status == 403
    assert coordinator.send(f"{HERE}/engagement", {"title": "Merci", "body": BODY}).status == 403
    assert saved(in_space, association) == {}


@pytest.mark.parametrize("kind", ["engagement", "participation"])
@pytest.mark.parametrize("sign", ["🎉", "李"])
def test_a_sign_that_no_font_has_is_said_when_it_is_typed(kind, sign, admin, in_space, association):
    """Not on the day when the certificate is made."""
    body = str(wording.BODIES[CertificateKind(kind)]) + f" Bravo {sign}"
    page = admin.send(f"{HERE}/{kind}", {"title": "Attestation", "body": body, "signatory": ""})

    assert page.status == 422
    assert "ne peut pas être imprimé" in page.errors[0]
    assert sign in page.errors[0]
    assert saved(in_space, association) == {}


@pytest.mark.parametrize("name", ["Zoé 🎉", "李小龙", "2147483648"])
def test_nor_is_such_a_name_one_who_signs(name, admin, in_space, association):
    page = admin.send("/a/passerelle/attestations/signataires", {"name": name, "office": "présidente"})

    assert (page.status, len(page.errors)) == (422, 1)
    with in_space(association):
        assert db.session.scalars(select(Signatory)).all() == []


def test_two_stars_in_a_value_are_no_bold():
    facts = wording.EXAMPLE | {"association": "Passerelle", "course": "Devenir **mentor"}

    assert written("la formation {formation}, **{durée}**", facts, "neutral").count("**") == 2


def test_a_title_says_no_objective_for_whoever_verifies_reads_it(in_space, association):
    with in_space(association), pytest.raises(BadWording, match="pas dans un titre"):
        keep_wording("participation", "Attestation : {objectifs}", "a pris part {objectifs}", None)
