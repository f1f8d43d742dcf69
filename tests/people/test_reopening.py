"""A closed file opens again when the person comes back; a commune is set right."""

import pytest

from app.accounts.links import mark_of, record_token
from app.accounts.models import Membership
from app.database import now
from app.extensions import db
from app.mail import Mail
from app.people.actions import CannotReopen, close_file, invite_person, reopen_file
from app.people.application_models import Decision
from app.people.authorising import authorise
from app.people.erased import Erased
from app.people.models import Authorisation, AuthorisationKind, Mentee, Mentor
from app.web import today
from tests import factories

from .situations import SPACE, interview


def closed(in_space, association, kind="mentee", **changes):
    """A file that was closed, whose person had come in."""
    with in_space(association):
        person = getattr(factories, kind)(association, **changes)
        close_file(person)
        return person


def path(person, page):
    return f"{SPACE}/{'jeunes' if isinstance(person, Mentee) else 'mentors'}/{person.id}/{page}"


def place(in_space, association, person, role="jeune"):
    """Whether somebody may enter the space."""
    with in_space(association):
        row = db.session.get(Membership, (association.id, person.user_id, role))
        return row is not None and row.ended_at is None


def test_a_jeune_comes_back_with_their_file_and_an_invitation(office, association, in_space, stored):
    person = closed(in_space, association, first_name="Inès", last_name="Retour")
    page = office.page(f"{SPACE}/jeunes/{person.id}")
    assert page.soup.find("form", action=path(person, "reouverture"))

    done = office.send(path(person, "reouverture"))

    assert done.flashes == [f"Le dossier est rouvert. L'invitation est partie à {person.email}."]
    [row] = stored(association, Mentee)
    assert (row.state, row.withdrawn_at, row.forget_on, row.invited_at is None) == ("active", None, None, False)
    assert place(in_space, association, row)
    assert [mail.kind for mail in stored(association, Mail)] == ["invitation"]


def test_twice_is_once(office, association, in_space, stored):
    person = closed(in_space, association)
    for _time in range(2):
        office.send(path(person, "reouverture"))

    assert [mail.kind for mail in stored(association, Mail)] == ["invitation"]


def test_a_minor_waits_for_the_authorisation(office, association, in_space, stored):
    person = closed(in_space, association, age=14)

    page = office.send(path(person, "reouverture"))

    assert page.flashes == ["Le dossier est rouvert."]
    [row] = stored(association, Mentee)
    assert (row.state, row.user_id, row.invited_at) == ("active", None, None)
    assert stored(association, Mail) == []


@pytest.mark.parametrize(("was_accepted", "stage"), [(True, "ready"), (False, "received")])
def test_a_mentor_who_was_accepted_need_not_apply_again(was_accepted, stage, office, association, in_space, stored):
    person = closed(in_space, association, "mentor")
    if was_accepted:
        with in_space(association):
            interview(person, held=True)
            by = factories.user().id
            db.session.add(Decision(mentor_id=person.id, is_accepted=True, criteria=[], reason="", decided_by=by))

    office.send(path(person, "reouverture"))

    assert [(row.state, row.stage) for row in stored(association, Mentor)] == [("active", stage)]


def test_whoever_was_refused_asks_anew(office, association, in_space, stored):
    person = closed(in_space, association, "mentor", stage="refused")

    page = office.send(path(person, "reouverture"))

    assert (page.status, "Ce dossier ne se rouvre pas" in page.text) == (409, True)
    assert stored(association, Mentor)[0].state == "withdrawn"
    assert office.page(f"{SPACE}/mentors/{person.id}").soup.find("form", action=path(person, "reouverture")) is None


def test_no_invitation_is_said_to_leave_that_did_not(office, association, in_space, stored):
    """Their account went with the second file that they opened."""
    person = closed(in_space, association, invited_at=now())
    with in_space(association):
        second = factories.mentee(association, account=False, first_name=person.first_name, last_name=person.last_name)
        second.email = person.email
        invite_person(second)

    page = office.send(path(person, "reouverture"))

    assert page.flashes == ["Le dossier est rouvert."]
    assert [row.invited_at for row in stored(association, Mentee) if row.id == person.id] == [None]


def test_an_address_that_serves_another_open_file_is_said(office, association, in_space, stored):
    person = closed(in_space, association)
    with in_space(association):
        db.session.merge(person).user_id = None
        db.session.flush()
        other = factories.mentee(association)
        other.email, db.session.get(type(other), (association.id, other.id)).email = person.email, person.email

    page = office.send(path(person, "reouverture"))

    assert page.flashes[0].startswith("Le dossier est rouvert.")


def test_a_commune_is_set_right(office, association, in_space, stored):
    with in_space(association):
        person = factories.mentee(association, first_name="Inès", last_name="Benali", email="ines@example.org")
    shown = office.page(path(person, "coordonnees"))
    assert shown.value("commune").startswith("Lyon (69")

    typed = {
        "first_name": "Inès",
        "last_name": "Benali",
        "email": "ines@example.org",
        "phone": "",
        "birth_date": ["2", "1", "2005"],
    }
    page = office.send(path(person, "coordonnees"), {**typed, "commune": "Annecy-le-Vieux"})

    assert page.flashes == ["Le dossier est à jour."]
    [row] = stored(association, Mentee)
    assert (row.commune_code, row.commune_name, row.departement_code) == ("74010", "Annecy", "74")


@pytest.mark.parametrize(("typed", "error"), [
    ("Trifouilly", "Cette commune n'est pas dans la liste officielle. Essayez son code postal."),
    ("Saint-Denis", None),
])  # fmt: skip
def test_a_commune_that_is_none_is_refused_at_its_field(typed, error, office, association, in_space, stored):
    with in_space(association):
        person = factories.mentor(association)

    page = office.send(path(person, "coordonnees"), {"first_name": "A", "last_name": "B", "capacity": "1", "commune": typed})

    assert page.status == 422
    assert error is None or page.errors[-1] == error or error in page.errors
    assert stored(association, Mentor)[0].commune_name == "Lyon"


@pytest.fixture
def minor(app, office, association, in_space, stored):
    """A jeune of 14 whose request was accepted, and the link by which who represents them may refuse."""
    with in_space(association):
        lead = factories.lead(
            kind="mentee", age=14, email="ines@example.org", guardian_name="Nadège Parent", guardian_email="nadege@example.org"
        )
    office.send(f"{SPACE}/demandes/{lead.id}/acceptation")
    [person] = stored(association, Mentee)
    with app.app_context():
        return person, f"/accord/{record_token('accord', association.id, lead.id, mark_of('nadege@example.org'))}"


@pytest.mark.parametrize("kind", ["participation", "home", "image"])
def test_a_guardian_who_changes_their_mind_takes_back_what_they_had_allowed(
    app, office, association, in_space, stored, minor, kind
):
    person, link = minor
    with in_space(association):
        person = db.session.get_one(Mentee, (association.id, person.id))
        factories.authorisation(person, kind)
        factories.authorisation(person, "own_agreement")

    page = app.test_client().send(f"{link}/refus")

    assert page.flashes == ["C'est noté\N{NO-BREAK SPACE}: la demande est arrêtée."]
    told = {mail.to_address: mail.subject for mail in stored(association, Mail) if mail.kind == "file_stopped"}
    assert told == {"ines@example.org": "Votre accompagnement s'arrête",
                    "nadege@example.org": f"L'accompagnement de {person.first_name} s'arrête"}  # fmt: skip
    rows = {row.kind: row.withdrawn_on for row in stored(association, Authorisation)}
    assert rows == {kind: factories.today(), "own_agreement": None}
    assert "n'a pas donné son accord, ou ne le donne plus" in office.page(f"{SPACE}/jeunes/{person.id}").text
    assert any(
        "ne donne pas son accord, ou le retire" in mail.text for mail in stored(association, Mail) if mail.kind == "file_withdrawn"
    )
    office.send(path(person, "reouverture"))
    assert "l'autorisation parentale manque" in office.page(f"{SPACE}/jeunes/{person.id}").text


def test_the_parent_who_refuses_is_answered_and_not_the_other_one(app, association, in_space, stored, minor):
    person, link = minor
    with in_space(association):
        row = db.session.get_one(Mentee, (association.id, person.id))
        row.first_name, row.guardian_name, row.guardian_email = "Inès", "Idriss Parent", "idriss@example.org"

    app.test_client().send(f"{link}/refus")

    letters = [mail for mail in stored(association, Mail) if mail.kind == "file_stopped"]
    assert {mail.subject for mail in letters} == {"Votre accompagnement s'arrête", "L'accompagnement d'Inès s'arrête"}
    told = {mail.to_address: mail.text for mail in letters}
    assert set(told) == {"ines@example.org", "nadege@example.org", "idriss@example.org"}
    assert [address for address, text in told.items() if "Comme vous l'avez demandé" in text] == ["nadege@example.org"]


def test_a_refusal_counts_on_a_closed_file_too(app, office, association, in_space, stored, minor):
    person, link = minor
    with in_space(association):
        person = db.session.get_one(Mentee, (association.id, person.id))
        factories.authorisation(person)
        close_file(person)

    app.test_client().send(f"{link}/refus")

    assert [row.withdrawn_on for row in stored(association, Authorisation)] == [factories.today()]
    office.send(path(person, "reouverture"))
    assert "l'autorisation parentale manque" in office.page(f"{SPACE}/jeunes/{person.id}").text
    with in_space(association):
        factories.authorisation(db.session.get_one(Mentee, (association.id, person.id)))
        close_file(db.session.get_one(Mentee, (association.id, person.id)))
    assert "il en faudra un nouveau" not in office.page(f"{SPACE}/jeunes/{person.id}").text


def test_what_was_erased_does_not_open_again(association, in_space):
    with in_space(association):
        person = factories.mentee(association)
        close_file(person)
        person.erased_at = now()

        with pytest.raises(CannotReopen):
            reopen_file(person)
        assert person.state == "withdrawn"


def test_nobody_authorises_for_who_was_erased(association, in_space):
    with in_space(association):
        person = factories.mentee(association, age=20)
        close_file(person)
        person.erased_at = now()

        with pytest.raises(Erased):
            authorise(person, AuthorisationKind.IMAGE, person.full_name, today(), "paper", factories.user().id)
