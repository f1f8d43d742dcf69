"""The agreement as each reads it: the team's page, the personal link at each state, the text and what its variables become."""

import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import update

from app.accounts.links import record_token
from app.accounts.models import Membership
from app.database import now, uuid7
from app.extensions import db
from app.mail import Mail
from app.markdown import as_html
from app.pairs import agreement as papers
from app.pairs import interest, life
from app.pairs.agreement_models import Agreement, AgreementTemplate
from app.pairs.agreement_text import DEFAULT, LONGEST, VARIABLES, BadText, check, filled
from app.pairs.models import Pair
from app.pairs.waiting import waits_for
from app.people.models import Mentor
from app.web import iso_day, today
from tests import factories
from tests.certificates.papers import text_of

from .matched import again, confirmed, flashes, link_to, sign_all, signature, to_sign
from .situations import make_mentor

PAIRS = "/a/passerelle/binomes"
TEMPLATE = f"{PAIRS}/convention-type"
HOSTILE = ["**gras**", "<b>x</b>", "[lien](https://x.fr)", "![i](https://x.fr/i.png)", "# Titre", "1. Un", "12) Un", "- liste",
           "> cité", "`code`", "&lt;b&gt;", "Tom &amp; Zoé", "{mentor}", "{mentor", "a_b_c", "===", "---", "\\", "<https://x.fr>",
           "Jean\n\n# Titre", "~~x~~", "|x|"]  # fmt: skip
OVER = "Cette convention n'est plus à signer"


@pytest.fixture
def to_read(association, in_space, drawn):
    """An agreement to sign: (agreement, pair, {role: link})."""
    with in_space(association):
        return drawn, drawn.pair, {found.role: link_to(found) for found in papers.signatures_of(drawn)}


@pytest.fixture
def change(association, in_space, to_read):
    """Do something to the agreement: `change(sign_all)`."""

    def do(action, *arguments):
        with in_space(association):
            return action(again(association, to_read[0]), *arguments)

    return do


@pytest.fixture
def admin(client, association, in_space):
    """A browser where an admin of Passerelle is signed in."""
    with in_space(association):
        card = factories.staff(association, "admin")
    return client.sign_in(card.user_id)


def yes(agreement, **changes):
    """The form of who signs."""
    return {"consent": "y", "digest": agreement.digest, **changes}


@pytest.mark.parametrize("text", [DEFAULT, "x" * LONGEST, "{ jeune } et {mentor}", "Rien.", *(f"{{{name}}}" for name in VARIABLES)])
def test_a_text_that_can_be_filled_is_accepted(in_space, association, text):
    with in_space(association):
        check(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Le texte est vide."),
        (" \n ", "Le texte est vide."),
        ("x" * (LONGEST + 1), "Ce texte est trop long : 12000 caractères au plus."),
        ("{prénom}", "« {prénom} » n'existe pas. Les variables possibles : {jeune}, {mentor}, {association}, {ville}"),
        ("{Jeune}", "« {Jeune} » n'existe pas."),
        ("{}", "« {} » n'existe pas."),
        ("{jeune.mentor}", "« {jeune.mentor} » n'existe pas."),
        ("{jeune", "Une accolade n'est pas fermée."),
        ("jeune}", "Une accolade n'est pas fermée."),
        ("{{jeune}}", "Une accolade n'est pas fermée."),
    ],
)
def test_a_text_that_cannot_be_filled_is_refused_with_what_to_change(in_space, association, text, sentence):
    with in_space(association), pytest.raises(BadText) as refused:
        check(text)

    assert sentence in " ".join(str(refused.value).split())


def test_every_variable_is_filled_with_what_is_known_of_the_pair(association, in_space, by):
    with in_space(association):
        pair = confirmed(association, planned_months=1, rhythm="weekly", objectives=["Choisir", "Réviser"])
        text = "{jeune}, {mentor}, {association} ({ville}) : du {début} au {fin}, {durée}, {rythme}.\n\n{objectifs}\n\n{contact}"
        read = BeautifulSoup(as_html(filled(text, pair)), "lxml").get_text(" ").split()
        first, last = (iso_day(day.isoformat()) for day in (today(), pair.planned_end))

    assert " ".join(read) == (
        f"{pair.mentee.full_name}, {pair.mentor.full_name}, Passerelle (Lyon) : du {first} au {last}, 1 mois, chaque semaine. "
        "Choisir Réviser Passerelle, bonjour@passerelle.example.org"
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_what_people_are_called_is_never_markdown(association, in_space, name):
    with in_space(association):
        pair = confirmed(association, objectives=[name])
        pair.mentee.first_name, pair.mentee.last_name = name, "Évrard"
        page = BeautifulSoup(as_html(filled("{jeune}\n\n{objectifs}", pair)), "lxml")

    assert " ".join(page.p.get_text().split()) == " ".join(f"{name} Évrard".split())
    assert " ".join(page.li.get_text().split()) == " ".join(name.split())
    assert {tag.name for tag in page.find_all()} == {"html", "body", "p", "ul", "li"}


def test_the_page_of_a_pair_without_agreement_prepares_one(office, association, in_space, stored):
    with in_space(association):
        pair = confirmed(association)
    path = f"{PAIRS}/{pair.id}/convention"
    before = office.page(path).text
    assert "Aucune convention n'est encore préparée." in before
    assert pair.mentor.email in before
    assert office.get(f"{path}/projet").data.startswith(b"%PDF-")
    with in_space(association):
        assert papers.agreement_of(again(association, pair)) is None

    page = office.send(path)

    assert flashes(page) == ["La convention est prête. Chacun reçoit son lien pour la lire et la signer."]
    assert "à signer" in page.text
    assert f"lien envoyé à {pair.mentor.email}" in page.text
    assert "Celui d'avant est annulé." in page.text
    assert "ne compte plus" not in page.text
    office.send(f"{PAIRS}/signatures/{row_of((stored(association, Agreement)[0],), in_space, association).id}")
    assert "La signature déjà reçue ne compte plus." in office.page(path).text
    assert office.get(f"{PAIRS}/{uuid7()}/convention/projet").status_code == 404


def test_a_pair_that_is_not_confirmed_reads_why_nothing_is_prepared(office, association, in_space):
    with in_space(association):
        pair = confirmed(association, state="proposed")

    page = office.send(f"{PAIRS}/{pair.id}/convention")

    assert flashes(page) == ["Une convention se prépare quand les deux ont confirmé, avant le début du binôme."]
    assert "Préparer la convention" not in page.text


def test_the_team_notes_a_signature_on_paper_and_signs_for_the_association(office, association, in_space, to_read, stored):
    agreement, _pair, _links = to_read
    with in_space(association):
        keys = {row.role: row.id for row in papers.signatures_of(agreement)}

    for role in ("mentor", "mentee", "association"):
        page = office.send(f"{PAIRS}/signatures/{keys[role]}")
        assert flashes(page)[0] == "La signature est notée."

    assert flashes(page)[1] == "Tout le monde a signé : le binôme a commencé. Il reste à prévoir la première rencontre."
    assert page.soup.find("a", string="Prévoir la première rencontre") is not None
    page = office.page(f"{PAIRS}/{agreement.pair_id}/convention")
    assert page.text.count("sur papier") == 2
    assert "signée par tous" in page.text
    assert stored(association, Pair)[0].state == "active"
    assert "La préparer de nouveau" not in page.text


def row_of(to_read, in_space, association, role="mentor"):
    with in_space(association):
        return next(row for row in papers.signatures_of(again(association, to_read[0])) if row.role == role)


def test_the_link_is_sent_again_once_a_day_to_who_has_not_signed(office, client, to_read, in_space, stored, association):
    before, row = len(stored(association, Mail)), row_of(to_read, in_space, association)
    path = f"{PAIRS}/signatures/{row.id}/renvoi"
    assert office.page(f"{PAIRS}/{to_read[1].id}/convention").soup.find("form", action=path)

    sent, twice = office.send(path), office.send(path)

    assert flashes(sent) == [f"Le lien est reparti à {row.email}."]
    assert "déjà reparti aujourd'hui" in flashes(twice)[0]
    [letter] = stored(association, Mail)[before:]
    assert letter.to_address == row.email


def test_an_address_that_was_corrected_gets_a_link_that_opens(office, client, to_read, in_space, stored, association):
    with in_space(association):
        db.session.get(Mentor, (association.id, to_read[1].mentor_id)).email = "juste@example.org"
    before = len(stored(association, Mail))

    office.send(f"{PAIRS}/signatures/{row_of(to_read, in_space, association).id}/renvoi")

    [letter] = stored(association, Mail)[before:]
    assert letter.to_address == "juste@example.org"
    link = re.search(r"http\S+/convention/\S+", letter.text)[0]
    assert client.page("/" + link.split("/", 3)[3]).status == 200


def test_once_an_address_is_corrected_one_s_own_page_opens_the_agreement_and_letters_follow(
    client, to_read, in_space, stored, association
):
    with in_space(association):
        pair = db.session.get(Pair, (association.id, to_read[1].id))
        pair.mentor.email = "juste@example.org"
        db.session.execute(update(Agreement).values(created_at=now() - timedelta(days=2), sign_by=today() + timedelta(days=1)))
        papers.watch()
        [waiting] = waits_for([pair], "mentor")

    assert client.page(waiting.url).status == 200
    assert "juste@example.org" in {letter.to_address for letter in stored(association, Mail)}


def test_who_has_signed_gets_no_other_link(office, to_read, in_space, stored, association):
    row = row_of(to_read, in_space, association)
    office.send(f"{PAIRS}/signatures/{row.id}")
    before = len(stored(association, Mail))

    page = office.send(f"{PAIRS}/signatures/{row.id}/renvoi")

    assert (flashes(page), len(stored(association, Mail))) == (["Il n'y a plus rien à signer par ce lien."], before)


def test_who_has_no_address_signs_on_paper(office, association, in_space, by, stored):
    with in_space(association):
        mentor = make_mentor(association)
        mentor.email = None
        pair = to_sign(association, by, mentor=mentor).pair

    assert "pas d'adresse : à signer sur papier" in office.page(f"{PAIRS}/{pair.id}/convention").text
    assert [mail.to_address for mail in stored(association, Mail)] == [pair.mentee.email]


def test_a_signature_of_a_document_that_was_replaced_is_not_noted(office, to_read, change):
    key = change(lambda row: signature(row, "mentor").id)
    change(lambda row: papers.prepare(row.pair, factories.user().id, str(row.id)))

    page = office.send(f"{PAIRS}/signatures/{key}")

    assert "Cette convention n'est plus à signer" in flashes(page)[0]
    assert "signé" not in [tag.get_text() for tag in page.soup.select("ul.rows .tag")]


STATES = {
    "refusée": lambda row: papers.refuse(signature(row, "mentee"), "Je déménage"),
    "délai passé": lambda row: setattr(row, "state", "lapsed"),
    "annulée": lambda row: life.drop(row.pair, "staff", factories.user().id),
    "signée par tous": sign_all,
    "à signer": lambda row: papers.sign(signature(row, "mentor"), row.digest),
}


@pytest.mark.parametrize("words", STATES)
def test_the_team_reads_where_the_agreement_stands(office, to_read, change, words):
    change(STATES[words])

    page = office.page(f"{PAIRS}/{to_read[1].id}/convention")

    assert words in [tag.get_text() for tag in page.soup.select(".tag")]
    assert ("Je déménage" in page.text) == (words == "refusée")
    assert ("La préparer de nouveau" in page.text) == (words not in {"signée par tous", "annulée"})


def test_prepared_again_once_all_have_signed_it_stays_and_says_so(office, to_read, change, stored, association):
    change(sign_all)
    page = office.send(f"{PAIRS}/{to_read[1].id}/convention")

    assert "Chacun reçoit son lien" not in page.text
    assert [row.state for row in stored(association, Agreement)] == ["signed"]


def test_the_file_is_the_drawn_document_then_the_sealed_copy(office, client, to_read, change):
    agreement, _pair, links = to_read
    for path in (f"{PAIRS}/conventions/{agreement.id}", f"{links['mentor']}/document"):
        answer = office.get(path)
        assert answer.headers["Content-Disposition"] == 'attachment; filename="convention.pdf"'
        assert "Signatures" not in text_of(answer.data)

    change(sign_all)

    for path in (f"{PAIRS}/conventions/{agreement.id}", f"{links['mentor']}/document"):
        assert "Signatures" in text_of(office.get(path).data)


def test_of_another_association_nothing_is_found(client, elsewhere, in_space, to_read, association):
    agreement, pair, _links = to_read
    with in_space(elsewhere):
        client.sign_in(factories.staff(elsewhere).user_id)
    with in_space(association):
        key = signature(agreement, "mentor").id

    for path in (f"{pair.id}/convention", f"conventions/{agreement.id}"):
        assert client.get(f"/a/ailleurs/binomes/{path}").status_code == 404
        assert client.get(f"{PAIRS}/{path}").status_code in {403, 404}
    assert client.post(f"/a/ailleurs/binomes/{pair.id}/convention").status_code == 404
    assert client.post(f"/a/ailleurs/binomes/signatures/{key}").status_code == 404


@pytest.mark.parametrize("kind", ["forged", "other tenant", "other kind", "nobody", "cut"])
def test_a_link_that_leads_nowhere_says_so(app, client, association, elsewhere, in_space, to_read, kind):
    with in_space(association):
        key = signature(to_read[0], "mentor").id
        good = record_token(papers.LINK, association.id, key)
        token = {
            "forged": good.rpartition(".")[0] + "." + "A" * 27,
            "other tenant": record_token(papers.LINK, elsewhere.id, key),
            "other kind": record_token(interest.LINK, association.id, key),
            "nobody": record_token(papers.LINK, association.id, to_read[0].id),
            "cut": good[:-3],
        }[kind]

    for path in (f"/convention/{token}", f"/convention/{token}/document"):
        assert client.page(path).status == 404
    assert client.send(f"/convention/{token}", yes(to_read[0])).status == 404


def test_the_personal_page_shows_the_text_to_whom_and_until_when(client, to_read):
    agreement, pair, links = to_read

    page = client.page(links["mentee"])

    assert page.heading == "Convention de mentorat"
    assert f"Vous signez sous le nom d'{pair.mentee.full_name}." in page.text
    assert "Chacun peut arrêter, à tout moment" in page.text
    assert page.value("digest") == agreement.digest
    assert not page.soup.select_one("input[name=consent]").has_attr("checked")


def test_signing_asks_an_explicit_yes(client, to_read, change):
    page = client.send(to_read[2]["mentee"], yes(to_read[0], consent=""))

    assert (page.status, page.errors) == (422, ["Cochez pour signer."])
    assert change(lambda row: signature(row, "mentee").signed_at) is None


def test_who_signed_reads_it_and_then_gets_the_sealed_copy(client, to_read, change):
    agreement, _pair, links = to_read

    page = client.send(links["mentee"], yes(agreement))
    assert flashes(page) == ["Merci, votre signature est enregistrée."]
    assert "Vous avez signé le" in page.text
    change(sign_all)

    page = client.page(links["mentee"])
    assert "Tout le monde a signé" in page.text
    assert "Télécharger la convention" in page.text


def test_a_document_that_changed_is_read_again_before_it_is_signed(client, to_read, change):
    page = client.send(to_read[2]["mentee"], yes(to_read[0], digest="0" * 64))

    assert (page.status, page.errors) == (422, ["Le document a changé depuis que vous l'avez ouvert. Relisez-le, puis signez."])
    assert change(lambda row: signature(row, "mentee").signed_at) is None


def test_one_link_signs_for_one_person_only(client, to_read, change):
    for _time in range(3):
        client.send(to_read[2]["mentee"], yes(to_read[0]))

    assert change(lambda row: {found.role for found in papers.signatures_of(row) if found.signed_at}) == {"mentee"}


@pytest.mark.parametrize("reason", ["Je déménage", ""])
def test_not_signing_may_say_why_and_is_read_as_noted(client, to_read, change, reason):
    page = client.send(to_read[2]["mentee"], {"refus-reason": reason})

    assert flashes(page) == ["C'est noté. L'association est prévenue."]
    assert "Vous n'avez pas signé" in page.text
    assert change(lambda row: (row.state, signature(row, "mentee").reason)) == ("refused", reason)


def test_nobody_is_said_to_be_told_where_nobody_is(client, to_read, association, in_space):
    with in_space(association):
        db.session.execute(update(Membership).where(Membership.role.in_(("admin", "coordinator"))).values(ended_at=now()))

    [said] = flashes(client.send(to_read[2]["mentee"], {"refus-reason": "Non"}))
    assert said == "C'est noté. Pour l'instant, personne d'autre à l'association ne peut le lire."


def test_what_is_signed_is_read_again(client, to_read):
    link = to_read[2]["mentee"]
    text = client.page(link).soup.select_one(".prose").get_text()
    digest = client.page(link).value("digest")

    page = client.send(link, {"consent": "y", "digest": digest})

    assert "Vous avez signé" in page.text
    assert page.soup.select_one(".prose").get_text() == text
    assert client.get(f"{link}/document").status_code == 200


ENDS = {
    "replaced": lambda row: papers.prepare(row.pair, factories.user().id, str(row.id)),
    "refused by another": lambda row: papers.refuse(signature(row, "mentor"), "Non"),
    "lapsed": lambda row: setattr(row, "state", "lapsed"),
    "given up": lambda row: life.drop(row.pair, "staff", factories.user().id),
}


@pytest.mark.parametrize("has_signed", [False, True])
@pytest.mark.parametrize("what", ENDS)
def test_an_agreement_that_ended_says_so_and_takes_nothing_more(client, to_read, change, what, has_signed):
    agreement, _pair, links = to_read
    if has_signed:
        client.send(links["mentee"], yes(agreement))
    change(ENDS[what])

    assert OVER in client.page(links["mentee"]).text
    if not has_signed:
        for data in (yes(agreement), {"refus-reason": "Non"}):
            page = client.send(links["mentee"], data)
            assert OVER in page.text
            assert page.status == 422
            assert "L'association est prévenue" not in page.text
    assert client.get(f"{links['mentee']}/document").status_code == 404


def test_a_late_signature_reads_what_to_do(client, to_read, change):
    change(lambda row: setattr(row, "sign_by", today() - timedelta(days=1)))

    page = client.send(to_read[2]["mentee"], yes(to_read[0]))

    assert (page.status, page.errors) == (422, ["Le délai pour signer est passé. L'association peut vous l'envoyer de nouveau."])


def test_the_letter_leads_to_the_page(client, to_read, stored, association):
    mail = next(mail for mail in stored(association, Mail) if mail.to_address == to_read[1].mentor.email)

    (link,) = re.findall(r"http://localhost(/convention/\S+)", mail.text)

    assert f"Vous signez sous le nom de {to_read[1].mentor.full_name}." in client.page(link).text


def test_only_an_admin_writes_the_associations_text(client, by, admin, stored, association):
    page = admin.page(TEMPLATE)
    assert (page.heading, page.value("body").strip()) == ("Convention-type", DEFAULT.strip())
    assert "Le texte fourni avec Binôme" in page.text

    assert client.sign_in(by).post(TEMPLATE, data={"body": "Pour {jeune}"}).status_code == 403

    assert client.get(TEMPLATE).status_code == 403
    assert stored(association, AgreementTemplate) == []


def test_the_text_is_kept_in_versions_and_previewed(admin, stored, association):
    for body in ("## Un\r\n\r\nPour {jeune}", "## Deux\r\n\r\n<b>Pour</b> {mentor}"):
        page = admin.send(TEMPLATE, {"body": body})

    assert flashes(page) == ["Ce texte sert aux prochaines conventions."]
    assert "Texte 2" in page.text
    assert "Deux" in [heading.get_text() for heading in page.soup.select(".prose h2")]
    assert not page.soup.select(".prose b")
    assert [row.number for row in stored(association, AgreementTemplate)] == [1, 2]


def test_the_same_text_again_makes_no_version(admin, stored, association):
    for _time in range(2):
        admin.send(TEMPLATE, {"body": "Pour {jeune}"})

    assert len(stored(association, AgreementTemplate)) == 1


@pytest.mark.parametrize(
    ("body", "error"),
    [("", "À remplir."), ("Pour {prénom}", "« {prénom} » n'existe pas."), ("Pour {jeune", "Une accolade n'est pas fermée.")],
)
def test_a_text_that_cannot_be_filled_stays_to_be_corrected(admin, stored, association, body, error):
    page = admin.send(TEMPLATE, {"body": body})

    assert page.status == 422
    assert error in page.errors[0]
    assert page.value("body").strip() == body
    assert stored(association, AgreementTemplate) == []


def test_a_signature_noted_from_a_stale_page_does_not_say_that_everybody_signed(office, association, in_space, to_read):
    _agreement, pair, _links = to_read
    row = row_of(to_read, in_space, association)
    with in_space(association):
        life.begin(again(association, pair))

    page = office.send(f"{PAIRS}/signatures/{row.id}")

    assert [said[:21] for said in flashes(page)] == ["Cette convention n'es"]
    assert page.heading == "Convention"


def test_a_link_sent_to_an_address_that_was_corrected_opens_nothing(client, to_read, association, in_space):
    link = to_read[2]["mentor"]
    assert client.page(link).status == 200
    with in_space(association):
        again(association, to_read[1]).mentor.email = "nouvelle@example.org"

    assert client.page(link).status == 404
    assert client.send(link, {"consent": "y"}).status == 404


def test_the_link_is_not_sent_again_once_somebody_else_must_sign(to_read, association, in_space):
    """The jeune is a minor after all: whoever represents them was not asked."""
    with in_space(association):
        agreement = again(association, to_read[0])
        agreement.pair.mentee.birth_date = factories.birth_date(16)
        agreement.pair.mentee.guardian_name, agreement.pair.mentee.guardian_email = "Nadège Parent", "nadege@example.org"
        row = next(row for row in papers.signatures_of(agreement) if row.role == "mentor")

        with pytest.raises(papers.CannotSign, match="à préparer de nouveau"):
            papers.invite_again(row)


@pytest.mark.parametrize("state", ["active", "closed"])
def test_a_draft_is_of_a_pair_that_is_being_formed(admin, to_read, change, association, in_space, state):
    pair = to_read[1]
    path = f"{PAIRS}/{pair.id}/convention/projet"
    assert admin.get(path).status_code == 200
    with in_space(association):
        row = again(association, pair)
        row.state, row.closed_on = state, today() if state == "closed" else None

    assert admin.get(path).status_code == 404
