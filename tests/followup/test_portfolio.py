"""A portfolio handed over: every pair of somebody follows a colleague at once, with its calls, its messages and its letters."""

import pytest

from app.accounts.models import Membership, User
from app.database import now
from app.extensions import db
from app.followup.digest import send_digests
from app.followup.portfolio import CannotHandOver, given_by, going
from app.pairs.closing import close_pair
from app.pairs.models import Pair, PairEvent
from app.tenants.models import Staff
from app.web import today
from tests import factories

from .situations import SPACE, flashes, message, plain, situation

PAGE = f"{SPACE}/portefeuilles"
SUBJECT = "Votre personne référente change"


@pytest.fixture
def samuel(in_space, association):
    """A colleague."""
    with in_space(association):
        return factories.staff(association, first_name="Samuel", last_name="Girard")


@pytest.fixture
def karim(in_space, association, people):
    """The mentor of the pair of `people` works here too."""
    with in_space(association):
        factories.place(association.id, people.mentor.user_id, "coordinator")
        card = Staff(user_id=people.mentor.user_id, first_name="Karim", last_name="Trabelsi")
        db.session.add(card)
        db.session.flush()
    return card


@pytest.fixture
def pair_of(in_space, association):
    """Another pair, which somebody follows or nobody."""

    def make(staff=None, first_name="Awa", **values):
        with in_space(association):
            coordinator = situation(association, staff) if staff else None
            mentee = factories.mentee(association, first_name=first_name)
            return factories.pair(factories.mentor(association, trained=True), mentee, coordinator=coordinator, **values)

    return make


@pytest.fixture
def held(in_space, association):
    """The first names of the jeunes whose pairs somebody follows now."""

    def read(staff):
        with in_space(association):
            found = db.session.query(Pair).filter_by(coordinator_id=staff.id if staff else None)
            return sorted(pair.mentee.first_name for pair in found)

    return read


def ask(client, giver, receiver, **chosen):
    """What is said before anything leaves."""
    return client.send(PAGE, {"giver": str(getattr(giver, "id", giver)), "receiver": str(receiver.id), **chosen})


def hand(client, giver, receiver, **chosen):
    """Hand over, once that was read."""
    page = ask(client, giver, receiver, **chosen)
    return agree(client, page) if page.soup.select("input[name=sure]") else page


def agree(client, page):
    fields = page.soup.select("main form input")
    typed = {field["name"]: field["value"] for field in fields}
    return client.send(PAGE, {**typed, "pairs": [field["value"] for field in fields if field["name"] == "pairs"]})


@pytest.fixture
def handed(admin, pair_of, samuel, people, refreshed, in_space, association):
    """Two pairs of the coordinator went to Samuel, with somebody to call in both; the page, and Samuel's address."""
    with in_space(association):
        situation(association, people.pair).coordinator_id = people.coordinator.id
        address = db.session.get(User, samuel.user_id).email
    pair_of(people.coordinator, "Awa")
    refreshed()
    return hand(admin, people.coordinator, samuel), address


def test_every_pair_follows_at_once(handed, held, people, samuel):
    assert flashes(handed[0]) == ["2 binômes sont confiés."]
    assert (held(people.coordinator), held(samuel)) == ([], ["Awa", "Inès"])


def test_the_calls_follow(handed, home, people, samuel):
    def names(staff):
        return sorted(h.get_text().split()[0] for h in home(staff.user_id).soup.select(".call h2"))

    assert (names(people.coordinator), names(samuel)) == ([], ["Awa", "Inès"])


def test_messages_and_the_letter_of_the_week_follow(handed, post, letters, in_space, association):
    post("mentee")
    with in_space(association):
        assert send_digests(today()) == 1

    for kind in ("message", "digest"):
        assert [mail.to_address for mail in letters(kind)] == [handed[1]]


def test_the_two_of_each_pair_are_told(admin, pair_of, samuel, people, letters):
    pair = pair_of(people.coordinator)

    hand(admin, people.coordinator, samuel)

    found = letters("handed_over")
    assert {mail.to_address for mail in found} == {pair.mentor.email, pair.mentee.email}
    assert {mail.subject for mail in found} == {SUBJECT}
    text = plain(found[0].text)
    assert "Votre personne référente à l'association est désormais Samuel Girard." in text
    assert "Son téléphone" in text


def test_the_colleague_reads_once_which_pairs_they_follow_from_now_on(handed, letters):
    [told] = letters("portfolio")

    assert (told.to_address, told.subject) == (handed[1], "2 binômes vous sont confiés")
    assert all(f"{name} " in told.text for name in ("Awa", "Inès"))


def test_a_colleague_without_a_telephone_gives_none(admin, pair_of, samuel, people, letters, in_space, association):
    pair_of(people.coordinator)
    with in_space(association):
        situation(association, samuel).phone = ""

    hand(admin, people.coordinator, samuel)

    assert ["Son téléphone" in mail.text for mail in letters("handed_over")] == [False, False]


def test_who_has_no_account_is_not_written_to(admin, pair_of, samuel, people, letters, in_space, association):
    pair = pair_of(people.coordinator)
    with in_space(association):
        situation(association, pair).mentee.user_id = None

    hand(admin, people.coordinator, samuel)

    assert [mail.to_address for mail in letters("handed_over")] == [pair.mentor.email]


def test_a_pair_that_is_forming_follows_and_is_not_told_one_that_is_over_stays(
    admin, pair_of, samuel, people, held, letters, in_space, association
):
    pair_of(people.coordinator, "Awa", state="confirmed")
    over = pair_of(people.coordinator, "Bilal")
    with in_space(association):
        close_pair(situation(association, over), today(), "planned", None)

    page = hand(admin, people.coordinator, samuel)

    assert flashes(page) == ["1 binôme est confié."]
    assert (held(people.coordinator), held(samuel), letters("handed_over")) == (["Bilal"], ["Awa"], [])


@pytest.mark.parametrize("urgent", [True, False])
def test_one_that_is_over_follows_while_somebody_waits_for_an_answer(
    urgent, admin, pair_of, samuel, people, held, home, letters, in_space, association
):
    over = pair_of(people.coordinator, "Bilal")
    with in_space(association):
        message(association, over, "mentee", urgent=urgent)
        close_pair(situation(association, over), today(), "planned", None)

    hand(admin, people.coordinator, samuel)

    assert (held(samuel), letters("handed_over")) == (["Bilal"], [])
    assert len(home(samuel.user_id).soup.select(".call h2")) == (1 if urgent else 0)  # a plain message has its days


def test_the_pairs_of_nobody_are_handed_over_too(admin, pair_of, samuel, people, held):
    pair_of(None, "Awa")
    pair_of(people.coordinator, "Bilal")

    hand(admin, "personne", samuel)

    assert (held(samuel), held(people.coordinator), held(None)) == (["Awa", "Inès"], ["Bilal"], [])


def test_the_story_of_each_pair_tells_it(admin, pair_of, samuel, people, in_space, association):
    pair = pair_of(people.coordinator)

    hand(admin, people.coordinator, samuel)

    with in_space(association):
        events = db.session.query(PairEvent).filter_by(pair_id=pair.id, what="changed").all()
        assert [(event.user_id, event.why) for event in events] == [(people.admin.user_id, "Samuel Girard")]


def test_what_somebody_who_left_followed_is_handed_over_but_they_receive_nothing(
    admin, pair_of, samuel, people, held, in_space, association
):
    pair_of(samuel)
    with in_space(association):
        db.session.get(Membership, (association.id, samuel.user_id, "coordinator")).ended_at = now()
    page = admin.page(PAGE)
    assert "Samuel Girard (1)" in [option.get_text() for option in page.soup.select("select[name=giver] option")]

    assert hand(admin, people.coordinator, samuel).status == 422
    hand(admin, samuel, people.coordinator)

    assert (held(samuel), held(people.coordinator)) == ([], ["Awa"])


def test_the_same_person_is_refused(admin, pair_of, people, held, letters, in_space, association):
    pair_of(people.coordinator)

    page = hand(admin, people.coordinator, people.coordinator)

    assert (page.status, page.errors) == (422, ["Choisissez deux personnes différentes."])
    assert (held(people.coordinator), letters("handed_over")) == (["Awa"], [])
    with in_space(association):
        staff = situation(association, people.coordinator)
        with pytest.raises(CannotHandOver):
            going(staff, staff, given_by(people.admin.user_id))


@pytest.mark.parametrize("giver", ["", "moi", "01a215b0-4339-7a29-be46-399d1ff6ff39"])
def test_somebody_who_follows_nobody_gives_nothing(giver, admin, pair_of, samuel, people, held):
    pair_of(people.coordinator)

    for one in (giver, samuel):
        assert hand(admin, one, people.coordinator).status == 422
    assert held(people.coordinator) == ["Awa"]


def test_again_is_nothing(admin, pair_of, samuel, people, letters, held):
    pair_of(people.coordinator)

    hand(admin, people.coordinator, samuel)
    assert hand(admin, people.coordinator, samuel).status == 422

    assert (len(letters("handed_over")), held(samuel)) == (2, ["Awa"])


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_only_the_team_hands_over(who, signed, pair_of, samuel, people, held):
    pair_of(people.coordinator)

    assert signed(who).page(PAGE).status == 403
    assert hand(signed(who), people.coordinator, samuel).status == 403
    assert held(people.coordinator) == ["Awa"]


def test_what_leaves_is_said_first_and_nothing_is_done(admin, pair_of, samuel, people, held, letters, in_space, association):
    first = pair_of(people.coordinator, "Awa")
    with in_space(association):
        mentor, coordinator = situation(association, first).mentor, situation(association, people.coordinator)
        mentor.capacity = 2
        factories.pair(mentor, factories.mentee(association, first_name="Bilal"), coordinator=coordinator)
        other = factories.mentor(association, trained=True)
        factories.pair(other, factories.mentee(association), coordinator=coordinator, state="confirmed")

    page = ask(admin, people.coordinator, samuel)

    assert page.heading == "Confier 3 binômes à Samuel Girard ?"
    assert "3 personnes reçoivent un message." in page.text
    assert (len(held(people.coordinator)), letters("handed_over")) == (3, [])


def test_who_has_two_pairs_is_written_to_once(admin, pair_of, samuel, people, letters, in_space, association):
    first = pair_of(people.coordinator, "Awa")
    with in_space(association):
        mentor, coordinator = situation(association, first).mentor, situation(association, people.coordinator)
        mentor.capacity = 2
        factories.pair(mentor, factories.mentee(association, first_name="Bilal"), coordinator=coordinator)

    hand(admin, people.coordinator, samuel)

    assert len(letters("handed_over")) == 3
    assert [mail.to_address for mail in letters("handed_over")].count(first.mentor.email) == 1


def test_only_what_was_read_goes(admin, pair_of, samuel, people, held):
    pair_of(people.coordinator, "Awa")
    page = ask(admin, people.coordinator, samuel)
    pair_of(people.coordinator, "Bilal")

    agree(admin, page)

    assert (held(samuel), held(people.coordinator)) == (["Awa"], ["Bilal"])


def test_a_coordinator_hands_over_their_own_and_nobody_elses(signed, pair_of, samuel, people, held):
    pair_of(people.coordinator, "Awa")
    pair_of(people.admin, "Bilal")
    coordinator = signed("coordinator")
    page = coordinator.page(PAGE)

    assert [option.get_text().rpartition(" (")[2] for option in page.soup.select("select[name=giver] option[selected]")] == ["1)"]
    assert len(page.soup.select("select[name=giver] option")) == 2, "to be chosen, or theirs"
    for giver in (people.admin, "personne"):
        assert hand(coordinator, giver, samuel).status == 422
    hand(coordinator, people.coordinator, samuel)

    assert (held(people.coordinator), held(people.admin), held(samuel)) == ([], ["Bilal"], ["Awa"])
    assert "Aucun binôme à confier en ce moment." in coordinator.page(PAGE).text


def test_a_coordinator_hands_over_no_pair_about_themself(signed, people, karim, samuel, held, in_space, association):
    with in_space(association):
        situation(association, people.pair).coordinator_id = karim.id

    page = signed("mentor").page(PAGE)

    assert "Aucun binôme à confier en ce moment." in page.text
    assert hand(signed("mentor"), karim, samuel).status == 422
    assert held(karim) == ["Inès"]


def test_pairs_about_the_receiver_stay_and_it_is_said(admin, pair_of, people, karim, held, in_space, association):
    pair_of(people.coordinator, "Awa")
    with in_space(association):
        situation(association, people.pair).coordinator_id = people.coordinator.id

    page = ask(admin, people.coordinator, karim)
    agree(admin, page)
    again = ask(admin, people.coordinator, karim)

    assert page.heading == "Confier 1 binôme à Karim Trabelsi ?"
    assert "1 autre binôme reste : il touche de près Karim." in page.text
    assert (held(karim), held(people.coordinator)) == (["Awa"], ["Inès"])
    assert again.errors == [
        "Aucun de ces binômes ne peut passer à Karim : ils touchent de près cette personne, ou viennent d'être confiés."
    ]


def test_staff_of_elsewhere_are_not_proposed_nor_accepted(admin, pair_of, people, held, in_space, elsewhere):
    with in_space(elsewhere):
        other = factories.staff(elsewhere, first_name="Zoé")
    pair_of(people.coordinator)

    assert "Zoé" not in admin.page(PAGE).html
    assert hand(admin, people.coordinator, other).status == 422
    assert hand(admin, other, people.admin).status == 422
    assert held(people.coordinator) == ["Awa"]


def test_handing_over_many_asks_little(admin, pair_of, samuel, people, statements):
    for _rank in range(3):
        pair_of(people.coordinator)
    with statements() as before_few:
        page = ask(admin, people.coordinator, samuel)
    with statements() as few:
        agree(admin, page).arrive()
    for _rank in range(12):
        pair_of(people.coordinator)

    with statements() as before_many:
        page = ask(admin, people.coordinator, samuel)
    with statements() as many:
        agree(admin, page).arrive()

    assert (len(before_many), len(many)) == (len(before_few), len(few))


def test_some_of_them_may_go_and_the_others_stay(admin, pair_of, samuel, people, held):
    for name in ("Awa", "Bilal"):
        pair_of(people.coordinator, name)
    typed = {"giver": str(people.coordinator.id), "receiver": str(samuel.id)}
    shown = admin.send(PAGE, {**typed, "choose": "y"})
    boxes = {label.get_text(" ", strip=True): label.find("input")["value"] for label in shown.soup.select("label.segment")}
    assert all(box.has_attr("checked") for box in shown.soup.select("label.segment input"))
    assert len(boxes) == 2

    none = admin.send(PAGE, {**typed, "is_chosen": "1"})
    awa = next(value for title, value in boxes.items() if title.startswith("Awa"))
    done = hand(admin, people.coordinator, samuel, is_chosen="1", pairs=[awa])

    assert none.errors
    assert flashes(done) == ["1 binôme est confié."]
    assert (held(samuel), held(people.coordinator)) == (["Awa"], ["Bilal"])


def test_a_giver_who_is_unchosen_meanwhile_is_asked_for_again(admin, pair_of, samuel, people):
    pair_of(people.coordinator, "Awa")

    page = admin.send(PAGE, {"giver": "", "receiver": str(samuel.id), "is_chosen": "1", "pairs": ["x"]})

    assert page.status == 422
    assert page.errors


def test_a_pair_of_somebody_else_does_not_go(admin, pair_of, samuel, people, held):
    theirs = pair_of(people.admin, "Awa")
    pair_of(people.coordinator, "Bilal")
    page = admin.send(
        PAGE, {"giver": str(people.coordinator.id), "receiver": str(samuel.id), "is_chosen": "1", "pairs": [str(theirs.id)]}
    )

    assert page.errors
    assert held(people.admin) == ["Awa"]
