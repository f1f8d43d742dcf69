"""The same person asking twice: who is recognised, who is written to, what a stranger learns."""

from datetime import date, timedelta

import pytest
import time_machine

from app.accounts.links import read_record_token
from app.database import now
from app.leads import actions, doubles
from app.leads.models import Lead, Orientation
from app.mail import Mail
from app.people.models import Mentee
from tests import factories

from .answers import of_mentee, walk
from .requests_at_work import ask

FIND = "/trouver-un-mentor"
BORN, PHONE, ADDRESS = date(2006, 1, 5), "+33612345678", "noe@example.org"
NOE = {"first_name": "Noé", "last_name": "Martin Roux", "email": ADDRESS, "phone": PHONE, "birth_date": BORN}
STRANGER = {"first_name": "Sacha", "last_name": "Petit", "email": "s@example.org", "phone": "+33699999999",
            "birth_date": date(2001, 2, 3)}  # fmt: skip


@pytest.mark.parametrize(
    "shared",
    [
        {"first_name": "noe", "email": "NOE@Example.ORG"},
        {"first_name": "NOÉ", "phone": PHONE},
        {"birth_date": BORN, "email": ADDRESS},
        {"birth_date": BORN, "phone": PHONE, "first_name": "Nono"},
        {"birth_date": BORN, "first_name": "NOE", "last_name": "martin-roux"},
        {"birth_date": BORN, "first_name": "Roux", "last_name": "Noé Martin"},
        {"email": ADDRESS, "first_name": "Martin", "last_name": "Noé Roux"},
        {"phone": PHONE, "first_name": "Noé Marie", "last_name": "Martin-Roux", "birth_date": None},
    ],
)
def test_who_asks_again_is_recognised(association, in_space, shared):
    with in_space(association):
        first = factories.lead(**NOE)

        second = ask(association, **{**STRANGER, **shared})

        assert (second.same_as, first.same_as) == (first.id, None)


@pytest.mark.parametrize(
    "shared",
    [
        {},
        {"email": ADDRESS, "phone": PHONE, "last_name": "Martin Roux"},  # a sister, at the same address
        {"birth_date": BORN},
        {"birth_date": BORN, "last_name": "Martin Roux"},  # a twin who has their own address
        {"first_name": "Noé", "last_name": "Martin Roux"},  # somebody else of that name
        {"phone": PHONE, "first_name": "Noé Marie", "last_name": "Martin Roux"},  # born another day
        {"phone": PHONE, "first_name": "Noé Marie", "last_name": "Petit", "birth_date": None},
    ],
)
def test_who_is_somebody_else_is_not_taken_for_the_first(association, in_space, stored, shared):
    with in_space(association):
        factories.lead(**NOE)

        assert ask(association, **{**STRANGER, **shared}).same_as is None

    assert stored(association, Mail) == []


@pytest.mark.parametrize("state", ["waitlisted", "accepted"])
def test_a_first_request_counts_while_it_stands(association, in_space, state):
    with in_space(association):
        first = factories.lead(**NOE, state=state)

        assert ask(association, **NOE).same_as == first.id


@pytest.mark.parametrize(
    "changes", [{"state": "withdrawn"}, {"state": "lapsed"}, {"state": "moved"}, {"state": "joined"}, {"kind": "mentor"}]
)
def test_a_first_request_that_is_over_or_of_the_other_kind_does_not_count(association, in_space, changes):
    with in_space(association):
        factories.lead(**{**NOE, **changes})

        assert ask(association, **NOE).same_as is None


@pytest.mark.parametrize(("name", "known"), [(("Ольга", "Иванова"), True), (("иванова", "ольга"), True), (("李", "小龙"), False)])
def test_a_name_is_compared_in_any_script(association, in_space, name, known):
    with in_space(association):
        factories.lead(**{**STRANGER, "first_name": "Ольга", "last_name": "Иванова", "birth_date": BORN})

        second = ask(association, **{**NOE, "first_name": name[0], "last_name": name[1]})

        assert (second.same_as is not None) is known


def test_another_association_s_request_does_not_count(association, elsewhere, in_space):
    with in_space(elsewhere):
        factories.lead(**NOE)

    with in_space(association):
        assert ask(association, **NOE).same_as is None


def test_the_first_of_several_is_the_one_that_stands_for_the_person(association, in_space):
    with in_space(association):
        ask(association, **NOE)
        first = factories.lead(**NOE, requested_at=now() - timedelta(days=9))

        assert ask(association, **NOE).same_as == first.id


def letters(stored, tenant, kind="lead_known"):
    """To whom a letter went, and what it says."""
    return [(mail.to_address, mail.text) for mail in stored(tenant, Mail) if mail.kind == kind]


def record_of(path):
    """The request that a link leads to."""
    return read_record_token("suivi", path.removeprefix("/suivi/"))


def test_the_person_is_reminded_at_the_first_address_and_of_the_first_link(client, programme, association, stored, app):
    first = walk(client, FIND, of_mentee()).response.request.path
    second = walk(client.application.test_client(), FIND, of_mentee(email="autre@example.org")).response.request.path

    [(address, text)] = letters(stored, programme)

    [link] = [word.removeprefix("http://localhost") for word in text.split() if "/suivi/" in word]

    assert address == ADDRESS
    with app.app_context():
        assert record_of(link) == record_of(first) != record_of(second)
    assert "autre@" not in text


def test_the_person_is_reminded_once_a_day(association, in_space, stored):
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as clock:
        with in_space(association):
            factories.lead(**NOE, requested_at=now() - timedelta(days=1))
        for hours in (0, 1, 23):
            clock.shift(timedelta(hours=hours))
            with in_space(association):
                ask(association, **{**NOE, "email": f"autre{hours}@example.org"})

    assert [address for address, _text in letters(stored, association)] == [ADDRESS] * 2


def test_a_first_request_without_address_is_reminded_of_nothing(association, in_space, stored):
    with in_space(association):
        factories.lead(**{**NOE, "email": None})
        ask(association, **NOE)

    assert letters(stored, association) == []


def test_the_page_of_the_second_says_nothing_of_the_first(client, programme, association, stored):
    first = walk(client, FIND, of_mentee()).response.request.path

    page = walk(client.application.test_client(), FIND, of_mentee(email="autre@example.org", last_name="MARTIN"))

    assert page.response.request.path != first
    assert "Arrivée à l'instant, pas encore étudiée." in page.text, "as that of any request that waits"
    for secret in ("Passerelle", ADDRESS, "déjà", "Ressemble", "ressemble", first, str(stored(programme, Lead)[0].id)):
        assert secret not in page.html


def test_the_second_is_oriented_to_nobody_and_the_first_goes_its_way(client, programme, association, stored, run_jobs):
    walk(client, FIND, of_mentee())
    walk(client.application.test_client(), FIND, of_mentee(email="autre@example.org"))

    run_jobs()

    assert [(lead.state, lead.waiting_reason) for lead in stored(programme, Lead)] == [("oriented", None), ("waiting", "double")]
    assert len(stored(programme, Orientation)) == len(stored(association, Lead)) == 1


def test_no_free_place_moves_a_request_that_somebody_must_compare(programme, association, in_space, run_jobs):
    with in_space(programme):
        factories.lead(**NOE, state="waiting", answer_by=None, waiting_reason="unreachable")
        second = ask(programme, **NOE)

        assert (actions.orient_waiting(programme, factories.today()), second.waiting_reason) == (0, "double")


def test_what_the_programme_hands_over_is_marked_when_the_person_already_asked_here(
    programme, association, in_space, stored, run_jobs
):
    with in_space(association):
        first = factories.lead(**NOE)
    with in_space(programme):
        ask(programme, **NOE)

    run_jobs()

    assert [lead.same_as for lead in stored(association, Lead)] == [None, first.id]
    assert [address for address, _text in letters(stored, association)] == [ADDRESS]


def test_who_was_oriented_here_and_asks_here_is_reminded_without_a_link_that_is_not_ours(
    programme, association, in_space, stored, run_jobs
):
    with in_space(programme):
        ask(programme, **NOE)
    run_jobs()

    with in_space(association):
        ask(association, **NOE)

    [(_address, text)] = letters(stored, association)
    assert "Votre lien de suivi est dans le premier message que vous avez reçu." in text
    assert "/suivi/" not in text


def test_a_date_of_birth_that_a_file_gives_to_everybody_brings_nobody_else(association, in_space):
    with in_space(association):
        for name in ("Ana", "Léo", "Zoé"):
            factories.lead(**{**STRANGER, "first_name": name, "email": f"{name}@example.org", "phone": None, "birth_date": BORN})
        first = factories.lead(**NOE)

        found = doubles.candidates([factories.lead(**{**NOE, "first_name": "Éric", "email": "e@example.org", "phone": None})])

        assert first in found
        assert len(found) == 2  # itself, and who has a word of its name


def test_a_row_of_a_file_marks_the_request_and_writes_to_nobody(association, in_space, stored):
    with in_space(association):
        first = factories.lead(**NOE)
        row = Lead(**NOE, kind="mentee", age=20, fingerprint="f" * 64, source="fichier", text_version="x", commune_code="69123",
                   commune_name="Lyon", departement_code="69", requested_at=now())  # fmt: skip
        actions.store_all([row], association)
        actions.compare_all([row], association)
        same = row.same_as

    assert same == first.id
    assert letters(stored, association) == []


def test_both_accepted_together_make_one_file_and_the_second_waits_for_a_word(client, staff, association, in_space, stored):
    with in_space(association):
        first = factories.lead(**NOE)
        ticked = [str(first.id), str(ask(association, **NOE).id)]

    page = client.send("/a/passerelle/demandes/lot", {"demande": ticked, "action": "accept:", "sure": "1"})
    alone = client.page(f"/a/passerelle/demandes/{ticked[1]}")
    sent = client.send(f"/a/passerelle/demandes/{ticked[1]}/acceptation", {})

    said = "Noé Martin Roux a peut-être déjà une demande ici : dites d'abord, sur sa page, si c'est la même personne."
    assert [one.replace("\u00a0", " ") for one in page.flashes] == ["Demandes traitées : 1.", said]
    assert alone.soup.find("form", action=lambda url: url and url.endswith("/acceptation")) is None
    assert said in sent.text.replace("\u00a0", " ")
    assert [row.lead_id for row in stored(association, Mentee)] == [first.id]
