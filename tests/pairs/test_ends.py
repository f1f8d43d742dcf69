"""What is about to end while a pair lives is told to the team before, thirty and seven days ahead, once at each."""

import pytest

from app.accounts.models import Membership
from app.database import now
from app.extensions import db
from app.mail import Mail
from app.pairs import life
from app.pairs.closing import close_pair
from app.pairs.models import GateNotice
from app.training.models import Completion, Course
from app.web import iso_day
from tests import factories

from .situations import ASE, again, ask_for, closing_pair, days, paris_today, plain, proposed, protect, see, story, strike

SUBJECT = "À prévoir avant le "
END = 40  # days from today on which the piece ends
AHEAD = (31, 30, 29, 8, 7, 6, 1, 0, -5)


@pytest.fixture
def pair(association, in_space, boss):
    """A pair of adults that the coordinator follows."""
    with in_space(association):
        return factories.pair(factories.mentor(association, trained=True), factories.mentee(association), boss)


@pytest.fixture
def told(association, in_space):
    """What was written about an end: (address, words), the oldest first."""

    def read():
        with in_space(association):
            mails = db.session.query(Mail).filter(Mail.subject.startswith(SUBJECT)).order_by(Mail.created_at, Mail.to_address)
            return [(mail.to_address, plain(mail.text)) for mail in mails]

    return read


@pytest.fixture
def morning(app, association):
    """Let eight o'clock strike, so many days before the end."""
    return lambda ahead, hour=8: strike(app, association, paris_today() + days(END - ahead), hour)


def turn(person, years, day):
    """Somebody whose birthday is that day."""
    person.birth_date = day.replace(year=day.year - years)


def training_ends(pair, day):
    """The mentor's course holds until the day before."""
    db.session.query(Course).update({"valid_months": 12})
    last = day - days(1)
    db.session.query(Completion).update({"completed_on": last.replace(year=last.year - 1)})


def check_ends(pair, day):
    ask_for("record")
    see(pair.mentor, "record", due_on=day)


def parent_takes_back(pair, day):
    pair.mentee.birth_date = factories.birth_date(16)
    factories.authorisation(pair.mentee, ends_on=day)


def is_18_soon(pair, day):
    factories.authorisation(pair.mentee)
    turn(pair.mentee, 18, day)


def is_30_soon(pair, day):
    turn(pair.mentee, 30, day)


def evaluation_ends(pair, day):
    protect(pair.mentee, ASE[1:])
    see(pair.mentor, "honorability")
    factories.authorisation(pair.mentee, "ase_evaluation", ends_on=day)


ENDS = {  # what ends, and what the letter says of it
    "the jeune is 18": (is_18_soon, "Inès a 18 ans : il faut maintenant son propre accord."),
    "the jeune is 30": (is_30_soon, "Inès a 30 ans ou plus : le programme accompagne jusqu'à 29 ans."),
    "the training": (training_ends, "Karim : "),
    "a check": (check_ends, "Karim : un bulletin n° 3 récent, qui ne s'oppose pas au mentorat, est à voir."),
    "an authorisation": (parent_takes_back, "Inès : l'autorisation parentale manque."),
    "a piece of child protection": (evaluation_ends, "Inès : une pièce propre à sa situation manque."),
}


@pytest.mark.parametrize("what", ENDS)
def test_an_end_is_told_thirty_and_seven_days_before_with_its_day(association, in_space, pair, boss, told, morning, what):
    prepare, said = ENDS[what]
    day = paris_today() + days(END)
    with in_space(association):
        prepare(again(association, pair), day)
        address = db.session.get(factories.User, boss.user_id).email
    counts = []
    for ahead in AHEAD:
        morning(ahead)
        counts.append(len(told()))

    assert counts == [0, 1, 1, 1, 2, 2, 2, 2, 2]
    for to, words in told():
        assert to == address
        assert f"À partir du {iso_day(day.isoformat())} : {said}" in words


def test_what_ends_on_two_days_is_said_with_each(association, in_space, pair, told, morning):
    first, second = paris_today() + days(END), paris_today() + days(END + 3)
    with in_space(association):
        check_ends(again(association, pair), second)
        training_ends(again(association, pair), first)

    morning(END - 30 + 3)

    [(_to, words)] = told()
    assert words.index(f"À partir du {iso_day(first.isoformat())} : Karim : la formation") < words.index(
        f"À partir du {iso_day(second.isoformat())} : Karim : un bulletin"
    )


def test_pieces_of_child_protection_are_not_named_in_a_letter_nor_in_the_story(association, in_space, pair, told, morning, office):
    with in_space(association):
        evaluation_ends(again(association, pair), paris_today() + days(END))

    morning(30)

    page = office.page(f"/a/passerelle/binomes/{pair.id}").text
    for words in (told()[0][1], page):
        assert not [word for word in ("ASE", "protection de l'enfance", "Évaluation", "ase_") if word in words]
    assert "Équipe prévenue d'une échéance" in page


def test_the_same_morning_twice_tells_once(association, in_space, pair, told, morning):
    with in_space(association):
        check_ends(again(association, pair), paris_today() + days(END))

    for _time in range(2):
        morning(30)

    assert len(told()) == 1
    with in_space(association):
        assert story(again(association, pair)) == ["warned"]
        assert db.session.query(GateNotice).count() == 1


@pytest.mark.parametrize("hour", [7, 9, 19])
def test_it_is_told_in_the_morning_only(association, in_space, pair, told, morning, hour):
    with in_space(association):
        check_ends(again(association, pair), paris_today() + days(END))

    morning(30, hour)

    assert told() == []


def test_a_morning_that_was_missed_is_made_up_the_next(association, in_space, pair, told, morning):
    with in_space(association):
        check_ends(again(association, pair), paris_today() + days(END))

    morning(28)
    morning(5)

    assert len(told()) == 2
    assert all(iso_day((paris_today() + days(END)).isoformat()) in words for _to, words in told())


def test_an_end_that_is_near_when_it_is_first_seen_is_told_once_that_morning(association, in_space, pair, told, morning):
    with in_space(association):
        check_ends(again(association, pair), paris_today() + days(END))

    morning(5)

    assert len(told()) == 1


def test_two_ends_of_one_morning_are_one_letter(association, in_space, pair, told, morning):
    with in_space(association):
        check_ends(again(association, pair), paris_today() + days(END))
        is_18_soon(again(association, pair), paris_today() + days(END))

    morning(30)

    [(_to, words)] = told()
    assert "bulletin n° 3" in words
    assert "son propre accord" in words


def test_what_is_missing_already_is_told_no_more(association, in_space, pair, told, morning):
    with in_space(association):
        ask_for("identity")

    for ahead in (30, 7):
        morning(ahead)

    assert told() == []


def test_a_piece_that_was_renewed_is_not_told(association, in_space, pair, told, morning):
    with in_space(association):
        check_ends(again(association, pair), paris_today() + days(END))
        see(pair.mentor, "record", seen_on=paris_today() + days(1))

    morning(30)

    assert told() == []


def test_an_end_that_was_put_off_is_told_again_for_its_new_day(association, in_space, pair, told, morning):
    with in_space(association):
        check_ends(again(association, pair), paris_today() + days(END))
    morning(30)
    with in_space(association):
        see(pair.mentor, "record", seen_on=paris_today() + days(12), due_on=paris_today() + days(END + 20))

    morning(7)
    morning(-1)

    first, second = [words for _to, words in told()]
    assert iso_day((paris_today() + days(END)).isoformat()) in first
    assert iso_day((paris_today() + days(END + 20)).isoformat()) in second


@pytest.mark.parametrize("why", ["nobody follows the pair", "the coordinator left"])
def test_the_administrators_are_told_when_nobody_follows_the_pair(association, in_space, pair, boss, told, morning, why):
    with in_space(association):
        check_ends(again(association, pair), paris_today() + days(END))
        staff = [factories.user("un@example.org"), factories.user("deux@example.org")]
        for account, role in zip(staff, ("coordinator", "admin"), strict=True):
            factories.place(association.id, account.id, role)
        if why == "nobody follows the pair":
            again(association, pair).coordinator_id = None
        db.session.query(Membership).filter_by(user_id=boss.user_id).update({"ended_at": now()})

    morning(30)

    assert [to for to, _words in told()] == ["deux@example.org"]


@pytest.mark.parametrize(("state", "letters"), [("paused", 1), ("closing", 1), ("closed", 0)])
def test_only_pairs_that_live_are_watched(association, in_space, pair, told, morning, state, letters):
    with in_space(association):
        row = again(association, pair)
        check_ends(row, paris_today() + days(END))
        if state == "paused":
            life.pause(row, "Examens", None, factories.user().id)
        elif state == "closing":
            closing_pair(association, row)
        else:
            close_pair(row, paris_today(), "planned", None)

    morning(30)

    assert len(told()) == letters


def test_a_pair_that_has_not_begun_is_not_watched(association, in_space, boss, told, morning):
    with in_space(association):
        check_ends(proposed(association, boss), paris_today() + days(END))
    morning(30)

    assert told() == []


def test_an_end_elsewhere_is_told_elsewhere_only(association, elsewhere, in_space, pair, told, morning):
    with in_space(elsewhere):
        other = factories.pair(factories.mentor(elsewhere, trained=True), factories.mentee(elsewhere))
        factories.staff(elsewhere)
        check_ends(other, paris_today() + days(END))

    morning(30)

    assert told() == []
