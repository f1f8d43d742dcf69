"""The end of a pair: three kinds, the steps of each, done or explained; closed once, reopened within thirty days or not."""

from datetime import date

import pytest

from app.extensions import db
from app.mail import Mail
from app.pairs import closing, life
from app.pairs.closing import CannotClose, close_pair
from app.pairs.models import Closure
from app.pairs.queries import closure_of, mentors_with_room, waiting_mentees
from app.pairs.refusals import GateClosed
from app.pairs.settings import choose
from app.pairs.words import CONTACT_TOLD, STEPS
from app.people.actions import pause as pause_person
from app.web import iso_day, today
from tests import factories
from tests.people.fixtures import day_ago

from .situations import ANSWERS, again, closing_pair, days, do_all, letters_to, plain, story

END = {
    "closed_on": day_ago(0), "went_well": "Bac obtenu.\n\nBravo.", "contact_rule": "association",
    "rematch_mentee": "no", "rematch_mentor": "no",
}  # fmt: skip
ENDED = "Votre binôme est terminé"
SIX = {
    "foreseen": ["mentee", "mentor", "together", "contact", "documents"],
    "unforeseen": ["mentee", "mentor", "contact", "documents"],
    "absent": ["tried", "written", "contact", "documents"],
}


@pytest.fixture
def path(people):
    """The closure's address."""
    return f"/a/passerelle/binomes/{people.pair.id}/cloture"


@pytest.fixture
def begun(office, path):
    """A browser in which the closure was opened."""
    office.send(path, {"kind": "foreseen", "reason": "goals"})
    return office


@pytest.fixture
def minor(association, in_space):
    """A pair with a jeune of 16."""
    with in_space(association):
        mentee = factories.mentee(association, age=16)
        factories.authorisation(mentee)
        return factories.pair(factories.mentor(association, trained=True), mentee)


def steps_read(page):
    """The steps, and what the page says of each."""
    rows = page.soup.select("ol.rows > li")
    return [(plain(row.strong.get_text()), row.select(".tag")[-1].get_text().strip()) for row in rows]


def do_steps(browser, path, kind="foreseen", **answer):
    """Note every step the same way."""
    for step in SIX[kind]:
        page = browser.send(f"{path}/etape", said(step, **(answer or {"done_on": day_ago(1)})))
    return page


def said(step, **answer):
    """What a browser sends when one step is filled in."""
    return {f"{step}-{name}": value for name, value in answer.items()}


def test_the_closure_asks_how_and_why(office, path):
    page = office.page(path)

    assert page.heading.startswith("Cl")
    for words in ("Fin prévue", "Fin imprévue", "L'un des deux ne répond plus", "Objectifs atteints plus tôt"):
        assert words in page.text


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"kind": "foreseen"}, ["Choisissez une raison."]),
        ({"reason": "goals"}, ["Choisissez une réponse."]),
        ({"kind": "sudden", "reason": "goals"}, ["Choisissez parmi les réponses proposées : elles ont peut-être changé."]),
        ({"kind": "foreseen", "reason": "ennui"}, ["Choisissez parmi les réponses proposées : elles ont peut-être changé."]),
    ],
)
def test_a_closure_without_a_how_or_a_why_is_refused_at_its_field(office, path, pair, data, errors):
    page = office.send(path, data)

    assert (page.status, page.errors) == (422, errors)
    assert pair().state == "active"


@pytest.mark.parametrize("kind", SIX)
def test_each_kind_has_its_steps(office, path, kind):
    page = office.send(path, {"kind": kind, "reason": "planned"})

    assert [plain(said) for said in page.flashes] == ["La clôture a commencé : voici ce qu'il reste à faire."]
    assert steps_read(page) == [(plain(STEPS[step]), "à faire") for step in SIX[kind]]
    assert f"Il reste {len(SIX[kind])} points à faire, ou à expliquer, avant de clôturer." in page.text


@pytest.mark.parametrize("kind", SIX)
def test_a_guardian_is_heard_for_a_minor(office, minor, kind):
    page = office.send(f"/a/passerelle/binomes/{minor.id}/cloture", {"kind": kind, "reason": "planned"})

    assert (plain(STEPS["guardian"]), "à faire") in steps_read(page)
    assert len(steps_read(page)) == len(SIX[kind]) + 1


def test_opening_a_closure_twice_keeps_the_first(begun, path, pair, association, in_space):
    page = begun.send(path, {"kind": "absent", "reason": "lost"})

    with in_space(association):
        [closure] = db.session.query(Closure)
        assert (closure.kind, closure.reason) == ("foreseen", "goals")
    assert page.status == 200
    assert pair(story).count("closing") == 1


def test_a_pair_that_is_being_closed_still_meets_to_say_goodbye(begun, pair):
    assert (pair().state, pair().may_meet) == ("closing", True)


def test_a_closure_opened_during_a_pause_does_not_announce_that_the_pair_goes_on(office, path, association, in_space, people):
    with in_space(association):
        life.pause(again(association, people.pair), "Examens", None, factories.user().id)

    office.send(path, {"kind": "unforeseen", "reason": "time"})

    with in_space(association):
        assert again(association, people.pair).state == "closing"
        assert "Votre binôme reprend" not in letters_to(people.mentor.email)


@pytest.mark.parametrize(("name", "value"), [("done_on", None), ("why", "Ne souhaite pas en parler")])
def test_a_step_is_done_on_a_day_or_explained(begun, path, name, value):
    value = value or day_ago(0)
    answer = {name: value}
    page = begun.send(f"{path}/etape", said("mentee", **answer))

    assert page.flashes == ["C'est noté."]
    assert page.value(f"mentee-{name}") == value
    assert dict(steps_read(page))[plain(STEPS["mentee"])] == ("fait" if "done_on" in answer else "pas fait")


@pytest.mark.parametrize(
    ("answer", "errors"),
    [
        ({"done_on": day_ago(0), "why": "x"}, ["Indiquez la date, ou la raison : l'une des deux."]),
        ({"done_on": day_ago(-1)}, ["Cette date est à venir : indiquez une date passée."]),
        ({"done_on": "2020-01-01"}, ["Cette date est avant le début du binôme."]),
        ({"why": "a" * 301}, ["C'est trop long : 300 caractères au plus."]),
    ],
)
def test_a_step_that_says_nothing_or_too_much_is_refused_at_its_field(begun, path, answer, errors):
    page = begun.send(f"{path}/etape", said("mentee", **answer))

    assert (page.status, page.errors) == (422, errors)
    assert dict(steps_read(page))[plain(STEPS["mentee"])] == "à faire"


def test_several_steps_are_noted_at_once_and_nothing_typed_is_lost(begun, path):
    both = {**said("mentee", done_on=day_ago(0)), **said("mentor", why="Injoignable")}
    wrong = begun.send(f"{path}/etape", {**both, **said("contact", done_on=day_ago(-1))})
    assert (wrong.status, wrong.value("mentor-why")) == (422, "Injoignable")
    assert {state for _step, state in steps_read(wrong)} == {"à faire"}

    page = begun.send(f"{path}/etape", both)

    assert [state for _step, state in steps_read(page)] == ["fait", "pas fait", "à faire", "à faire", "à faire"]
    emptied = {
        **said("mentee", done_on="", why="", seen=f"{day_ago(0)}|"),
        **said("mentor", why="Injoignable", seen="|Injoignable"),
    }
    page = begun.send(f"{path}/etape", emptied)
    assert [state for _step, state in steps_read(page)][:2] == ["à faire", "pas fait"]


def test_two_on_the_same_page_both_note_what_they_say(begun, path):
    begun.send(f"{path}/etape", said("mentee", done_on=day_ago(3)))

    page = begun.send(
        f"{path}/etape", {**said("mentee", done_on="", why="", seen=""), **said("mentor", done_on=day_ago(1), seen="")}
    )

    assert [state for _step, state in steps_read(page)][:2] == ["fait", "fait"]
    assert page.value("mentee-done_on") == day_ago(3)


@pytest.mark.parametrize("step", ["tried", "guardian", "x", ""])
def test_a_step_of_another_closure_is_not_noted(begun, path, step):
    page = begun.send(f"{path}/etape", said(step, done_on=day_ago(0)))

    assert {state for _step, state in steps_read(page)} == {"à faire"}


def test_what_is_neither_done_nor_explained_keeps_the_pair_open(begun, path, pair):
    begun.send(f"{path}/etape", said("mentee", done_on=day_ago(0)))

    page = begun.send(f"{path}/fin", END)

    left = ", ".join(plain(STEPS[step]) for step in SIX["foreseen"][1:])
    assert (page.status, page.errors) == (422, [f"Il reste à faire, ou à expliquer : {left}."])
    assert pair().state == "closing"


@pytest.mark.parametrize("answer", [{"done_on": day_ago(1)}, {"why": "Injoignable"}])
def test_done_or_explained_the_pair_is_closed_and_its_story_says_so(begun, path, pair, answer):
    do_steps(begun, path, **answer)

    page = begun.send(f"{path}/fin", {**END, "closed_on": day_ago(2)})

    assert page.flashes == ["Le binôme est clôturé. Les deux reçoivent un message."]
    for words in ("Objectifs atteints plus tôt", "Bac obtenu.", "Bravo.", "Clôturé le"):
        assert words in page.text
    assert (pair().state, pair().closed_on) == ("closed", date.fromisoformat(day_ago(2)))
    assert pair(story) == ["closed", "closing"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"closed_on": day_ago(-1)}, "Cette date est à venir : indiquez une date passée."),
        ({"closed_on": day_ago(92)}, "Cette date est avant le début du binôme."),
        ({"closed_on": "0001-01-01"}, "Cette date est avant le début du binôme."),
        ({"closed_on": "hier"}, "Indiquez une date qui existe."),
        ({"contact_rule": ""}, "Choisissez une réponse."),
        ({"contact_rule": "secret"}, "Choisissez parmi les réponses proposées : elles ont peut-être changé."),
        ({"rematch_mentee": ""}, "Choisissez une réponse."),
        ({"rematch_mentor": ""}, "Choisissez une réponse."),
        ({"went_well": "a" * 2001}, "C'est trop long : 2000 caractères au plus."),
    ],
)
def test_an_end_that_cannot_be_right_is_refused_at_its_field(begun, path, pair, typed, sentence):
    do_steps(begun, path)

    page = begun.send(f"{path}/fin", {**END, **typed})

    assert (page.status, page.errors) == (422, [sentence])
    assert pair().state == "closing"


def test_the_end_is_not_asked_for_while_a_step_is_left(begun, path):
    assert begun.get(f"{path}/fin").headers["Location"].endswith("/cloture")
    do_steps(begun, path)

    assert begun.page(f"{path}/fin").status == 200


@pytest.mark.parametrize("rule", CONTACT_TOLD)
def test_both_read_the_day_and_the_rule_for_contact_afterwards(begun, path, association, in_space, people, rule):
    do_steps(begun, path)
    begun.send(f"{path}/fin", {**END, "contact_rule": rule})

    with in_space(association):
        for person, other in ((people.mentor, "Inès"), (people.mentee, "Karim")):
            [mail] = db.session.query(Mail).filter_by(to_address=person.email, subject=ENDED)
            words = " ".join(mail.text.split())
            assert f"Votre binôme avec {other} s'est terminé le {iso_day(day_ago(0))}." in words
            assert str(CONTACT_TOLD[rule]) in words


def test_who_wishes_another_pair_reads_what_comes_next(begun, path, association, in_space, people):
    do_steps(begun, path)
    page = begun.send(f"{path}/fin", {**END, "rematch_mentee": "yes", "rematch_mentor": "no"})

    assert page.soup.find("a", string="Former un autre binôme pour Inès")["href"].endswith(f"?jeune={people.mentee.id}")
    with in_space(association):
        said = {
            person.id: " ".join(db.session.query(Mail).filter_by(to_address=person.email, subject=ENDED).one().text.split())
            for person in (people.mentor, people.mentee)
        }
        assert "Vous souhaitez un autre mentor" in said[people.mentee.id]
        assert "Vous souhaitez" not in said[people.mentor.id]


@pytest.mark.parametrize(("mentee", "mentor"), [("yes", "no"), ("no", "yes"), ("yes", "yes"), ("no", "no")])
def test_who_wishes_another_one_is_first_in_line_and_who_does_not_is_proposed_to_nobody(
    begun, path, association, in_space, people, mentee, mentor
):
    with in_space(association):
        long_ago = factories.mentee(association, account=False, created_at=factories.now() - days(400))
    do_steps(begun, path)

    begun.send(f"{path}/fin", {**END, "rematch_mentee": mentee, "rematch_mentor": mentor})

    with in_space(association):
        row = again(association, people.pair)
        assert (row.mentee.first_in_line, row.mentor.first_in_line) == (mentee == "yes", mentor == "yes")
        states = {"yes": "active", "no": "paused"}
        assert (row.mentee.state, row.mentor.state) == (states[mentee], states[mentor])
        assert [one.id for one in waiting_mentees()] == ([row.mentee_id, long_ago.id] if mentee == "yes" else [long_ago.id])
        assert life.reopen(row, people.coordinator.user_id)
        assert (row.mentee.state, row.mentor.state) == ("active", "active")


def test_a_mentor_who_goes_on_with_another_jeune_only_is_proposed_to_nobody(begun, path, association, in_space, people):
    with in_space(association):
        mentor = again(association, people.pair).mentor
        mentor.capacity = 3
        other = factories.pair(mentor, factories.mentee(association, first_name="Rayan"))
    do_steps(begun, path)

    begun.send(f"{path}/fin", END)

    with in_space(association):
        row = again(association, people.pair)
        assert (row.mentor.state, row.mentor.capacity) == ("active", 1)
        assert row.mentor.id not in {one.id for one, _ready in mentors_with_room()}
        assert again(association, other).state == "active"
        assert life.reopen(row, people.coordinator.user_id), "the room comes back with the pair"
        assert row.mentor.capacity == 3, "as much as before"


def test_a_mentor_without_room_gets_none_by_the_end_of_a_pair(begun, path, association, in_space, people):
    with in_space(association):
        mentor = again(association, people.pair).mentor
        mentor.capacity = 2
        factories.pair(mentor, factories.mentee(association, first_name="Rayan"))
        mentor.capacity = 0
    do_steps(begun, path)

    begun.send(f"{path}/fin", END)

    with in_space(association):
        assert again(association, people.pair).mentor.capacity == 0


def test_what_nobody_knows_changes_nothing(begun, path, association, in_space, people):
    do_steps(begun, path)

    page = begun.send(f"{path}/fin", {**END, "rematch_mentee": "unknown", "rematch_mentor": "unknown"})

    assert page.flashes == ["Le binôme est clôturé. Les deux reçoivent un message."]
    assert begun.page(path).text.count("on ne sait pas") == 2
    with in_space(association):
        row = again(association, people.pair)
        assert (row.mentee.state, row.mentor.state) == ("active", "active")
        assert not row.mentee.first_in_line


def test_a_reopening_does_not_wake_whoever_was_paused_for_another_reason(begun, path, association, in_space, people):
    with in_space(association):
        pause_person(again(association, people.pair).mentor, None)
    do_steps(begun, path)
    begun.send(f"{path}/fin", END)

    with in_space(association):
        row = again(association, people.pair)
        with pytest.raises(GateClosed):
            life.reopen(row, people.coordinator.user_id)
        assert (row.mentor.state, row.mentee.state) == ("paused", "paused")


@pytest.mark.parametrize(("opened", "closed", "since"), [(500, 20, 20), (10, 20, 10)], ids=["since its end", "since the file"])
def test_a_jeune_waits_from_the_end_of_their_pair(association, in_space, opened, closed, since):
    with in_space(association):
        mentee = factories.mentee(association, account=False, created_at=factories.now() - days(opened))
        mentor = factories.mentor(association, trained=True, account=False)
        pair = factories.pair(mentor, mentee, starts_on=factories.today() - days(400))
        close_pair(pair, factories.today() - days(closed), "planned", None)

        assert mentee.waits_since.astimezone(factories.PARIS).date() == factories.today() - days(since)


def test_a_mentor_who_wishes_no_other_goes_on_with_whom_they_have(begun, path, association, in_space, people):
    with in_space(association):
        mentor = again(association, people.pair).mentor
        mentor.capacity = 2
        factories.pair(mentor, factories.mentee(association, account=False))
    do_steps(begun, path)

    begun.send(f"{path}/fin", END)

    with in_space(association):
        assert again(association, people.pair).mentor.state == "active"


def test_closing_twice_keeps_the_first_and_writes_once(begun, path, association, in_space, people):
    do_steps(begun, path)
    for well in ("Le premier", "Le second"):
        page = begun.send(f"{path}/fin", {**END, "went_well": well})
        assert page.status == 200

    with in_space(association):
        assert again(association, people.pair).closure_note == "Le premier"
        assert letters_to(people.mentor.email).count(ENDED) == 1


def test_closing_a_closed_pair_changes_nothing(association, in_space, people):
    with in_space(association):
        pair = again(association, people.pair)
        close_pair(pair, today() - days(3), "goals", "Bravo")
        close_pair(pair, today(), "lost", None)

        assert (pair.closed_on, pair.closure_reason, pair.closure_note) == (today() - days(3), "goals", "Bravo")
        assert story(pair) == ["closed"]


def test_a_closure_is_given_up_and_the_pair_goes_on(begun, path, pair, association, in_space, people):
    page = begun.send(f"{path}/abandon")

    assert [plain(said) for said in page.flashes] == [
        "La clôture est abandonnée : le binôme continue. "
        "Les rendez-vous qui ont été annulés ne reviennent pas : prévoyez-en d'autres."
    ]
    assert pair().state == "active"
    with in_space(association):
        assert closure_of(again(association, people.pair)) is None
    assert "Ce qui l'accompagne" not in begun.page(path).text


@pytest.mark.parametrize("step", ["etape", "fin", "precaution", "abandon"])
def test_nothing_is_done_to_a_closure_that_was_not_opened(office, path, pair, step):
    page = office.send(f"{path}/{step}", {"step": "mentee", "done_on": day_ago(0), **END})

    assert page.status == 200
    assert (pair().state, pair(story)) == ("active", [])
    assert "abandonnée" not in " ".join(page.flashes)


def test_the_closure_of_a_closed_pair_cannot_be_given_up(begun, path, pair):
    do_steps(begun, path)
    begun.send(f"{path}/fin", END)

    page = begun.send(f"{path}/abandon")

    assert "le binôme continue" not in " ".join(page.flashes)
    assert pair().state == "closed"


def test_a_closed_pair_shows_what_was_done_and_what_was_not(begun, path):
    do_steps(begun, path, why="Injoignable")
    begun.send(f"{path}/fin", {**END, "rematch_mentee": "yes"})

    page = begun.page(path)

    assert {state for _step, state in steps_read(page)} == {"pas fait"}
    for words in ("Pas fait : Injoignable", "Par l'intermédiaire de l'association seulement", "Autre mentor souhaité oui"):
        assert words in page.text
    assert "Corriger" not in page.text


@pytest.mark.parametrize("address", ["", "/etape", "/fin", "/precaution", "/abandon"])
def test_the_closure_of_a_pair_elsewhere_is_not_found(office, elsewhere, in_space, address):
    with in_space(elsewhere):
        pair = factories.pair(factories.mentor(elsewhere, trained=True), factories.mentee(elsewhere))
        do_all(closing_pair(elsewhere, pair))

    assert office.send(f"/a/passerelle/binomes/{pair.id}/cloture{address}", END).status == 404
    with in_space(elsewhere):
        assert again(elsewhere, pair).state == "closing"


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_neither_of_the_two_reads_the_closure(client, people, path, who):
    assert client.sign_in(getattr(people, who).user_id).page(path).status == 403


def test_a_birthday_during_the_closure_no_longer_asks_for_the_guardian(association, in_space, minor):
    with in_space(association):
        closure = closing_pair(association, minor)
        with pytest.raises(CannotClose, match="Échange avec la personne qui représente"):
            closing.close(closure, today(), ANSWERS, factories.user().id)
        closure.pair.mentee.birth_date = factories.birth_date(18)

        assert "guardian" not in closing.steps_for(closure)


def test_the_letter_carries_the_associations_own_words(office, association, in_space, people, path, begun):
    with in_space(association):
        choose(people.coordinator.user_id, closing_word="Passez nous voir quand vous voulez.")
        closure = closure_of(again(association, people.pair))
        do_all(closure)

    office.send(f"{path}/fin", END)

    with in_space(association):
        for person in (people.mentor, people.mentee):
            [mail] = db.session.query(Mail).filter_by(to_address=person.email, subject=ENDED)
            assert "Passez nous voir quand vous voulez." in mail.text


def test_the_last_day_is_not_before_a_meeting_that_was_held(association, in_space, people):
    with in_space(association):
        pair = again(association, people.pair)
        factories.meeting(pair, days=-10, state="held")
        closure = closing.begin_closing(pair, "foreseen", "planned", people.coordinator.user_id)
        do_all(closure)

        with pytest.raises(CannotClose, match="le dernier jour ne peut pas être avant"):
            closing.close(closure, today() - days(20), ANSWERS, people.coordinator.user_id)


def test_who_said_no_is_proposed_to_nobody_when_their_other_pair_ends(association, in_space, people):
    with in_space(association):
        first = again(association, people.pair)
        mentor, by = first.mentor, people.coordinator.user_id
        mentor.capacity = 2
        db.session.flush()
        second = factories.pair(mentor, factories.mentee(association))
        for pair, wish in ((first, False), (second, None)):
            closure = closing.begin_closing(pair, "foreseen", "planned", by)
            do_all(closure)
            closing.close(closure, today(), {**ANSWERS, "rematch_mentor": wish}, by)

        assert mentor.id not in {row.id for row, _room in mentors_with_room()}
