"""Letters to an address that is put right, and those about an account: nothing of them is left where erasing would not look."""

import pytest
from sqlalchemy import select

from app.accounts.models import Membership, User
from app.database import now
from app.extensions import db
from app.leads.models import Lead
from app.mail import Mail
from app.people.actions import correct
from app.people.guardians import forget_guardian, guardians_of, name_guardian
from app.people.letters import write
from app.people.models import Mentee, Mentor
from app.privacy.jobs import erase_person
from tests import factories

FORMER, RIGHT = "ancienne@example.org", "nouvelle@example.org"


@pytest.fixture
def sent(in_space):
    """Where the letters of a space went."""

    def read(space):
        with in_space(space):
            return sorted(db.session.scalars(select(Mail.to_address)))

    return read


def written_to(*people):
    """Each has a letter."""
    for person in people:
        write("pair", person, "Votre binôme est en pause", ["Bonjour."], "http://localhost/", "Lire")


def put_right(mentor, **values):
    """The team corrects a file."""
    correct(
        mentor, {"first_name": mentor.first_name, "last_name": mentor.last_name, "email": RIGHT, "phone": mentor.phone, **values}
    )


def test_what_went_to_the_address_of_before_goes_when_it_is_put_right(association, in_space, sent):
    with in_space(association):
        mentor = factories.mentor(association, email=FORMER)
        written_to(mentor)
    with in_space(association):
        put_right(db.session.get(Mentor, (association.id, mentor.id)))

    assert sent(association) == []


def test_unless_somebody_else_is_written_to_there(association, in_space, sent):
    with in_space(association):
        mentor = factories.mentor(association, email=FORMER, account=False)
        other = factories.mentee(association, email=FORMER.upper(), account=False)
        written_to(mentor, other)
    with in_space(association):
        put_right(db.session.get(Mentor, (association.id, mentor.id)))

    assert sent(association) == sorted([FORMER, FORMER.upper()])


def test_a_guardians_too_and_a_requests(association, in_space, sent):
    with in_space(association):
        mentee = factories.mentee(association, age=16)
        name_guardian(mentee, "Nadège Martin", FORMER, "+33612345678")
        lead = factories.lead(email=FORMER)
        for to in (mentee, lead):
            db.session.add(
                Mail(kind="guardian", to_address=FORMER, subject="Votre accord", text="", html="", message_id=f"<{to.id}>")
            )
    with in_space(association):
        name_guardian(db.session.merge(mentee, load=False), "Nadège Martin", RIGHT, "+33612345678")
    assert sent(association) == [FORMER] * 2, "the request is still theirs"

    with in_space(association):
        db.session.get(Lead, (association.id, lead.id)).email = RIGHT

    assert sent(association) == []


def test_what_went_to_a_parent_who_is_removed_goes_though_the_file_names_another(association, in_space, sent):
    with in_space(association):
        mentee = factories.mentee(association, age=16)
        for name, address in (("Nadège Martin", FORMER), ("Paul Martin", RIGHT)):
            name_guardian(mentee, name, address, None)
            db.session.add(Mail(kind="guardian", to_address=address, subject="Votre accord", text="", html="", message_id=address))
    with in_space(association):
        forget_guardian(guardians_of(db.session.get(Mentee, (association.id, mentee.id)))[0])

    assert sent(association) == [RIGHT]


def test_what_changes_in_capitals_only_changes_nothing(association, in_space, sent):
    with in_space(association):
        mentor = factories.mentor(association, email=FORMER)
        written_to(mentor)
        mentor.email = FORMER.upper()

    assert sent(association) == [FORMER]


@pytest.mark.parametrize("elsewhere_too", [False, True])
def test_the_letters_of_an_account_go_with_it(client, programme, association, elsewhere, in_space, run_jobs, sent, elsewhere_too):
    with in_space(association):
        mentor, other = factories.mentor(association, email=FORMER), factories.mentor(association)
    if elsewhere_too:
        with in_space(elsewhere):
            factories.place(elsewhere.id, mentor.user_id, "mentor")
    for address in (FORMER, other.email):
        client.send("/mot-de-passe/oubli", {"email": address})
        client.send("/connexion/lien", {"email": address})
    run_jobs()
    assert sent(programme) == sorted([FORMER, other.email] * 2)

    with in_space(association):
        person = db.session.get(Mentor, (association.id, mentor.id))
        person.state = "withdrawn"
        db.session.get(Membership, (association.id, mentor.user_id, "mentor")).ended_at = now()
    erase_person.run(tenant_id=str(association.id), person_id=str(mentor.id))
    run_jobs()

    assert sent(programme) == sorted([*[FORMER] * 2 * elsewhere_too, *[other.email] * 2])
    with in_space(association):
        assert (db.session.get(User, mentor.user_id).email == FORMER) is elsewhere_too
