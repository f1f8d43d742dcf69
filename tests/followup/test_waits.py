"""Who waits for a pair without a word: to be called, written to once, by day; nobody who left, is taken, or was told lately."""

from datetime import timedelta

import pytest

from app.accounts.models import User
from app.database import now
from app.extensions import db
from app.followup import jobs, waits
from app.followup.settings import choose
from app.pairs.closing import close_pair
from app.people.actions import close_file, pause
from app.people.authorising import take_back
from app.people.guardians import name_guardian
from app.people.models import Mentee, Mentor
from app.people.notes import add_note
from app.training.status import ready_mentors, training_statuses
from app.web import today
from tests import factories
from tests.pairs.situations import see

from .situations import DAY, HOME, SPACE, at, headings, moment, plain, situation

NOON = moment(factories.today() + timedelta(days=1), "12:00")


@pytest.fixture
def waiting(in_space, association):
    """Somebody who waits since some days ago: `waiting(40)`, `waiting(40, "mentor")`."""

    def add(days, kind="mentee", **values):
        since = NOON - days * DAY
        with in_space(association):
            if kind == "mentor":
                given = {"trained": True, "stage": "ready", "first_name": "Ravi", "created_at": since}
                person = factories.mentor(association, **(given | values))
            else:
                person = factories.mentee(association, **({"first_name": "Aïcha", "created_at": since} | values))
            if person.is_minor_on(today()):
                factories.authorisation(person)
            return person

    return add


@pytest.fixture
def reassured(in_space, association, letters):
    """The letters that say that somebody is not forgotten, once they were written at a moment."""

    def run(when=NOON):
        with at(when), in_space(association):
            waits.reassure(now())
        return letters(waits.KIND)

    return run


@pytest.fixture
def named(people, home):
    """Who is named on the day's page as waiting without a word, and why."""

    def read(when=NOON):
        with at(when):
            page = home(people.coordinator.user_id)
        return [plain(li.select_one(".what").get_text(" ")) for li in page.soup.select("#sans-nouvelles .rows > li")]

    return read


@pytest.mark.parametrize("kind", ["mentee", "mentor"])
def test_who_waits_without_a_word_is_to_be_called_and_written_to_once(kind, waiting, named, reassured, association):
    person = waiting(40, kind)

    [line] = named()
    [letter] = reassured()

    assert person.full_name in line
    assert "(40 jours), aucun échange depuis" in line
    assert letter.to_address == person.email
    assert letter.subject == "Nous ne vous oublions pas"
    assert len(reassured(NOON + timedelta(hours=1))) == 1
    assert len(reassured(NOON + 29 * DAY)) == 1
    assert len(reassured(NOON + 31 * DAY)) == 2


@pytest.mark.parametrize("kind", ["mentee", "mentor"])
def test_nobody_is_called_or_written_to_before(kind, waiting, named, reassured):
    waiting(29, kind)

    assert named() == []
    assert reassured() == []


def test_who_has_waited_longest_comes_first(waiting, named):
    waiting(40)
    waiting(90, "mentor")

    assert ["Ravi" in line for line in named()] == [True, False]


def test_days_are_the_association_s_choice(waiting, named, reassured, people, in_space, association):
    waiting(40)
    with in_space(association):
        choose(people.admin.user_id, waiting_days=45)

    assert named() == []
    assert reassured() == []


@pytest.mark.parametrize(("reached", "left"), [(True, 0), (False, 1)])
def test_a_talk_that_is_noted_on_the_file_ends_the_reason(reached, left, waiting, named, reassured, coordinator):
    person = waiting(40)

    coordinator.send(f"{SPACE}/jeunes/{person.id}/notes", {"body": "Appelée.", **({"reached": "y"} if reached else {})})

    assert len(named()) == left
    assert len(reassured()) == left


def test_the_call_is_noted_from_the_day_s_page(waiting, coordinator):
    person = waiting(40)

    page = coordinator.page(coordinator.page(HOME).soup.select_one("#sans-nouvelles .acts a[href*=appel]")["href"])

    assert page.heading == person.full_name
    assert page.soup.find("input", {"name": "reached"}).has_attr("checked")


def test_nobody_is_written_to_in_the_night(waiting, reassured, in_space, association, letters):
    waiting(40)

    with at(moment(factories.today() + timedelta(days=1), "03:00")), in_space(association):
        jobs.follow.run(tenant_id=str(association.id))

    assert letters(waits.KIND) == []
    assert len(reassured()) == 1


def test_the_night_is_that_of_who_reads(waiting, reassured):
    waiting(40, departement_code="988", commune_code="98818")  # noon in Paris is late in the evening in Nouméa

    assert reassured() == []
    assert len(reassured(NOON + timedelta(hours=14))) == 1


def closed(person, _people):
    close_file(person)


def died(person, people):
    close_file(person, dead_says=people.admin.user_id)


def paused(person, _people):
    pause(person, None)


def asked(person, people):
    other = people.other(person)
    pair = factories.pair(*((other, person) if isinstance(person, Mentee) else (person, other)), state="proposed")
    assert pair.id


@pytest.mark.parametrize("what", [closed, died, paused, asked])
@pytest.mark.parametrize("kind", ["mentee", "mentor"])
def test_who_left_died_rests_or_is_proposed_to_is_neither_called_nor_written_to(
    kind, what, waiting, named, reassured, people, in_space, association
):
    person = waiting(40, kind)
    people.other = lambda one: (
        factories.mentor(association, first_name="Zoé") if isinstance(one, Mentee) else factories.mentee(association, age=20)
    )
    with in_space(association):
        what(situation(association, person), people)

    assert not any(person.first_name in line for line in named())
    assert all(letter.to_address != person.email for letter in reassured())


def test_who_was_told_something_lately_is_not_written_to_again(waiting, reassured, in_space, association):
    person = waiting(40)
    with at(NOON - 20 * DAY), in_space(association):
        waits.post([waits.composed("news", person.email, "", "Une nouvelle", [], "https://example.org", "Lire")])

    assert reassured() == []
    assert len(reassured(NOON + 11 * DAY)) == 1


def test_at_a_corrected_address_the_same_is_not_said_again(waiting, reassured, in_space, association):
    person = waiting(40)
    reassured()
    with in_space(association):
        situation(association, person).email = "autre@example.org"

    assert len(reassured(NOON + DAY)) == 1


def unallowed(person, _people):
    take_back(person.authorisations[0], today())


def stood_against(person, _people):
    see(person, "record", is_clear=False)


@pytest.mark.parametrize(
    ("kind", "values", "what"),
    [("mentee", {"age": 16}, unallowed), ("mentor", {"age": 16}, unallowed), ("mentor", {}, stood_against)],
)
def test_nobody_is_told_that_one_is_looked_for_while_none_may_be_proposed(
    kind, values, what, waiting, named, reassured, in_space, association, people
):
    person = waiting(40, kind, **values)
    with in_space(association):
        what(situation(association, person), people)

    assert reassured() == []
    assert len(named()) == 1


@pytest.mark.parametrize(("agreed", "says"), [(True, "Vous n'avez rien à faire"), (False, "Il manque encore une pièce")])
def test_who_lacks_a_piece_is_not_told_that_nothing_is_to_be_done(agreed, says, waiting, reassured, in_space, association):
    person = waiting(40, age=14)
    if agreed:
        with in_space(association):
            factories.authorisation(person, "own_agreement")

    [letter] = reassured()

    assert says in letter.text


ALONE = {"age": 12, "email": None, "account": False, "guardian_email": "nadege@example.org"}


@pytest.mark.parametrize(("phone", "count"), [(None, 1), ("+33612345678", 0)])
def test_a_parent_is_written_to_for_a_child_without_any_way_of_their_own(phone, count, waiting, reassured):
    waiting(40, **ALONE, phone=phone)

    assert [(letter.to_address, "Aïcha attend un mentor" in letter.text) for letter in reassured()] == [
        ("nadege@example.org", True)
    ] * count


@pytest.mark.parametrize("change", [{"trained": False}, {"stage": "checks"}, {"capacity": 0}])
def test_a_mentor_who_is_not_ready_does_not_wait(change, waiting, named, reassured):
    waiting(40, "mentor", **change)

    assert named() == []
    assert reassured() == []


def test_a_mentor_waits_since_their_last_pair_ended(waiting, in_space, association, app, statements):
    mentor = waiting(90, "mentor")
    with in_space(association):
        pair = factories.pair(situation(association, mentor), factories.mentee(association))
        close_pair(situation(association, pair), today() - timedelta(days=2), "planned", None)
        assert waits.mentor_since(situation(association, mentor)) == today() - timedelta(days=2)
    reader = app.test_client().sign_in(mentor.user_id)
    reader.page(HOME)  # a first visit writes the browser's session

    with statements() as seen:
        page = reader.page(HOME)

    assert "Vous attendez depuis le" in page.text
    assert len(seen) <= 10


def dropped(mentor, association):
    jeune = factories.mentee(association, first_name="Zoé")
    factories.pair(mentor, jeune, state="dropped", closed_on=today() - timedelta(days=2))


def trained_in_more(mentor, _association):
    factories.complete(mentor, factories.published("En plus", [], required_for=[]))


def trained_again(mentor, _association):
    factories.train(mentor, today())


def invited_elsewhere(mentor, _association):
    mentor.invited_at = now()


@pytest.mark.parametrize("what", [dropped, trained_in_more, trained_again, invited_elsewhere])
def test_a_mentor_s_wait_does_not_begin_anew_with_what_ended_nothing(what, waiting, named, in_space, association):
    mentor = waiting(90, "mentor")
    with in_space(association):
        what(situation(association, mentor), association)

    assert [line for line in named() if "Ravi" in line and "(90 jours)" in line]


def test_a_jeune_reads_since_when_and_what_comes_next(waiting, home):
    page = home(waiting(40).user_id)

    assert headings(page)[0] == "Nous cherchons la bonne personne pour vous"
    assert "Vous attendez depuis le" in page.text
    assert "elle vous donne régulièrement des nouvelles" in page.text


def test_nobody_reads_their_own_wait_among_the_team_s_calls(waiting, named, people):
    waiting(40, "mentor", account=False, user_id=people.coordinator.user_id)

    assert named() == []


@pytest.fixture
def link(reassured):
    """The page that the one letter leads to."""

    def find():
        [letter] = reassured()
        return next(word for word in letter.text.split() if "/attente/" in word).partition("/attente/")[2]

    return lambda: f"/attente/{find()}"


@pytest.mark.parametrize(("kind", "model"), [("mentee", Mentee), ("mentor", Mentor)])
def test_who_needs_nobody_any_more_says_so_and_the_file_closes(
    kind, model, waiting, link, client, in_space, association, letters, people
):
    person, path = waiting(40, kind), link()

    for _time in range(2):
        page = client.send(path, {})

    assert page.heading == "C'est noté"
    with in_space(association):
        assert db.session.get(model, (association.id, person.id)).state == "withdrawn"
    told = [letter for letter in letters(waits.KIND) if letter.subject.endswith("n'attend plus")]
    assert len({letter.to_address for letter in told}) == len(told) == 2


def test_a_minor_s_closing_is_told_to_them_and_to_whoever_represents_them(waiting, link, client, letters):
    person, path = waiting(40, age=15, guardian_email="nadege@example.org"), link()

    client.send(path, {})

    told = [(letter.to_address, letter.subject) for letter in letters(waits.KIND) if letter.subject.endswith("est fermé")]
    assert told == [(person.email, "Votre dossier est fermé"), ("nadege@example.org", "Le dossier d'Aïcha est fermé")]


def test_the_colleague_who_represents_them_is_neither_to_call_nor_told_with_the_team(
    waiting, named, link, client, letters, people, in_space, association
):
    person = waiting(40, age=15)
    with in_space(association):
        email = db.session.get(User, people.coordinator.user_id).email
        name_guardian(situation(association, person), "Fatou P.", email, None)

    assert named() == []
    client.send(link(), {})

    told = [letter.to_address for letter in letters(waits.KIND) if letter.subject.endswith("n'attend plus")]
    assert len(told) == 1
    assert email not in told


def test_opening_the_page_closes_nothing(waiting, link, client, in_space, association):
    person, path = waiting(40), link()

    assert client.page(path).heading == "Nous ne vous oublions pas"
    with in_space(association):
        assert situation(association, person).state == "active"


def test_the_page_closes_nothing_once_a_meeting_is_prepared(waiting, link, client, in_space, association):
    person, path = waiting(40), link()
    with in_space(association):
        factories.pair(factories.mentor(association), situation(association, person), state="proposed")

    page = client.send(path, {})

    assert page.heading == "Une rencontre se prépare"
    with in_space(association):
        assert situation(association, person).state == "active"


@pytest.mark.parametrize(("kind", "words"), [("mentee", "Vous voulez un mentor"), ("mentor", "Vous voulez reprendre")])
def test_the_page_of_who_rests_does_not_say_that_one_is_looked_for(kind, words, waiting, link, client, in_space, association):
    person, path = waiting(40, kind), link()
    with in_space(association):
        pause(situation(association, person), None)

    page = client.page(path)

    assert page.heading == "En pause pour l'instant"
    assert words in page.text
    assert "cherche" not in page.text


def test_the_page_of_who_meets_somebody_says_so(waiting, link, client, in_space, association):
    person, path = waiting(40), link()
    with in_space(association):
        factories.pair(factories.mentor(association, trained=True), situation(association, person))

    assert client.page(path).heading == "Un binôme est en cours"


def test_the_link_ends_with_the_address_that_it_was_sent_to(waiting, link, client, in_space, association):
    person, path = waiting(40), link()
    with in_space(association):
        situation(association, person).email = "autre@example.org"

    assert client.get(path).status_code == 404
    assert client.get("/attente/rien").status_code == 404


@pytest.mark.parametrize("minutes", [0, 120, 600])
def test_who_is_ready_is_the_same_for_all_at_once(minutes, in_space, association, people):
    association.training_minutes = minutes
    with in_space(association):
        every = [people.mentor, factories.mentor(association), factories.mentor(association, trained=True)]
        ids = [one.id for one in every]
        known = {key for key, status in training_statuses(ids).items() if status.is_ready}

        assert set(db.session.scalars(ready_mentors(today()))) & set(ids) == known


def test_a_talk_noted_twice_is_one_note(waiting, in_space, association, people):
    person = waiting(40)
    with in_space(association):
        first = add_note(person, "Appelée.", people.admin.user_id)
        assert add_note(person, "Appelée.", people.admin.user_id, reached=True) is first
        assert first.reached
