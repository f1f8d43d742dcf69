"""« À appeler aujourd'hui »: the most urgent first, mine or everybody's, those of nobody; putting a call off, and until when."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from app.accounts.models import Membership
from app.database import now, uuid7
from app.extensions import db
from app.followup import rules
from app.followup.calls import SHOWN, CannotSnooze, ToCall, snooze, to_call
from app.followup.models import Call
from app.pairs.closing import close_pair
from app.web import today
from tests import factories

from .situations import DAY, HOME, MINUTE, SPACE, at, flashes, message, moment, situation

EVERYBODY = f"{HOME}?tous=1"


@pytest.fixture
def a_call(in_space, association, people):
    """A call that no rule gave, of a kind, for a pair: the one pair unless another is given."""

    def make(kind="contact", side="mentor", pair=None, since=None, **values):
        with in_space(association):
            facts = {"day": "2027-03-01", "month": 3, "piece": "record", "ends_on": "2027-03-01"}
            row = Call(
                pair_id=(pair or people.pair).id, kind=kind, side=side, since=since or today(), rank=rules.RANKS[kind], facts=facts,
                **values,
            )  # fmt: skip
            db.session.add(row)
        return row

    return make


@pytest.fixture
def another(in_space, association):
    """Another pair, whose jeune has a first name, and whom somebody may follow."""

    def make(first_name, staff=None):
        with in_space(association):
            coordinator = situation(association, staff) if staff else None
            mentee = factories.mentee(association, first_name=first_name)
            return factories.pair(factories.mentor(association, trained=True), mentee, coordinator=coordinator)

    return make


@pytest.fixture
def names(app, people):
    """The first names of the jeunes whose pairs somebody is to call for, in order."""

    def read(who, path=HOME):
        staff = getattr(people, who) if isinstance(who, str) else who
        page = app.test_client().sign_in(staff.user_id).page(path)
        return [h.get_text().split()[0] for h in page.soup.select(".call h2")]

    return read


# The order.


def test_the_most_urgent_comes_first_then_who_has_waited_longest(a_call, another, names):
    for name, kind, days in (("Awa", "contact", 9), ("Bilal", "question", 1), ("Chloé", "contact", 90), ("Driss", "help", 0)):
        a_call(kind, pair=another(name), since=factories.today() - timedelta(days))

    assert names("admin") == ["Driss", "Bilal", "Chloé", "Awa"]


def test_a_pair_is_there_once_with_every_reason(a_call, admin, people):
    a_call("contact", "mentee", since=date(2026, 3, 2))
    a_call("review")
    a_call("low_face", "mentee")

    page = admin.page(HOME)

    (why,) = page.soup.select("ul.why")
    assert [" ".join(li.get_text(" ").split()) for li in why.select("li")] == [
        "Jeune A mal vécu la séance du 1er mars 2027",
        "Jeune Aucun échange depuis le début",
        "Mentor Le point des 3 mois sur les objectifs est à faire",
    ]
    dialled = [a["href"] for a in page.soup.select(".call a[href^='tel:']")]
    assert dialled == [f"tel:{people.mentee.phone}", f"tel:{people.mentor.phone}"]
    assert page.soup.find("a", string="Noter l'échange")["href"].endswith("/echanges/nouveau?qui=jeune")


def test_the_thirty_most_urgent_are_shown_and_the_rest_counted(a_call, another, admin, in_space, association):
    for _rank in range(SHOWN + 2):
        a_call(pair=another("Inès"))

    page = admin.page(HOME)

    assert len(page.soup.select(".call")) == SHOWN
    assert "Les 30 plus urgents, sur 32." in page.text


# Whose.


def test_each_of_the_team_reads_their_own_and_may_read_all(a_call, another, names, people, in_space, association):
    with in_space(association):
        colleague = factories.staff(association, first_name="Samuel")
    a_call(pair=another("Awa", people.coordinator))
    a_call(pair=another("Bilal", colleague))
    a_call(pair=another("Chloé"))

    assert names("coordinator") == ["Awa"]
    assert names(colleague) == ["Bilal"]
    assert names("admin") == ["Chloé"]  # nobody's
    assert sorted(names("coordinator", EVERYBODY)) == ["Awa", "Bilal", "Chloé"]


@pytest.mark.parametrize("left", ["ended", "never"])
def test_the_pairs_of_somebody_who_left_go_to_the_admin(left, a_call, another, names, people, in_space, association):
    with in_space(association):
        former = factories.staff(association, first_name="Samuel")
    a_call(pair=another("Bilal", former))
    assert names("admin") == []

    with in_space(association):
        membership = db.session.get(Membership, (association.id, former.user_id, "coordinator"))
        if left == "ended":
            membership.ended_at = now()
        else:
            db.session.delete(membership)

    assert names("admin") == ["Bilal"]
    assert names("coordinator") == []


def test_what_is_over_or_ended_is_not_shown_but_help_is(a_call, names, people, in_space, association):
    a_call("review", ended_at=now())
    assert names("admin") == []
    with in_space(association):
        close_pair(situation(association, people.pair), today(), "planned", None)

    a_call("contact")
    assert names("admin") == []

    a_call("help", "mentee")
    assert names("admin") == ["Inès"]


def test_another_associations_calls_are_not_there(a_call, names, in_space, elsewhere, people):
    with in_space(elsewhere):
        other = factories.staff(elsewhere)
    a_call()

    with in_space(elsewhere):
        assert to_call(other.user_id, None) == ([], 0)
        assert to_call(other.user_id, other, also_nobodys=True) == ([], 0)


# Putting off.


@pytest.fixture
def put_off(admin):
    """Put off, for a week, what stands under a first name on the page as it is now, or on one that was read before."""

    def press(first_name, page=None):
        heading = (page or admin.page(HOME)).soup.find("h2", string=lambda title: title.startswith(first_name))
        form = heading.find_parent(class_="call").form
        return admin.send(form["action"], {"days": "7", "seen": form.find(attrs={"name": "seen"})["value"]})

    return press


@pytest.mark.parametrize("days", [1, 3, 7, 14])
def test_a_call_is_put_off_until_a_day(days, a_call, signed, association, change):
    noon = moment(date(2027, 3, 26))  # two days before clocks go forward
    call = a_call()
    with at(noon):
        admin = signed("admin")
        page = admin.send(f"{SPACE}/appels/{call.id}/report", {"days": str(days)})
        assert page.soup.select(".call") == []
    until = date(2027, 3, 26) + timedelta(days)

    with at(moment(until, "00:00") - timedelta(minutes=1)):
        assert signed("admin").page(HOME).soup.select(".call") == []
    with at(moment(until, "00:00")):
        assert len(signed("admin").page(HOME).soup.select(".call")) == 1
    words = {1: "27 mars 2027", 3: "29 mars 2027", 7: "2 avril 2027", 14: "9 avril 2027"}
    assert flashes(page) == [f"C'est reporté au {words[days]}."]


def test_what_was_put_off_is_listed_and_brought_back(a_call, admin, names, calls):
    call = a_call()
    admin.send(f"{SPACE}/appels/{call.id}/report", {"days": "7"})
    assert names("admin", f"{SPACE}/?tous=1") == []
    page = admin.page(f"{SPACE}/?reportes=1&tous=1")
    assert (page.heading, len(page.soup.select(".call"))) == ("Appels reportés", 1)
    assert "reporté au" in page.text

    back = page.soup.find("form", action=lambda url: url and "/retour" in url)["action"]
    page = admin.send(back)

    assert flashes(page) == ["C'est de nouveau à faire aujourd'hui."]
    assert "Rien n'est reporté." in page.text
    assert len(names("admin", f"{SPACE}/?tous=1")) == 1


def test_all_the_reasons_of_a_pair_are_put_off_but_those_of_others_are_not(a_call, another, put_off, names, calls):
    a_call("contact")
    a_call("review")
    a_call("contact", pair=another("Awa"))

    put_off("Inès")

    assert names("admin") == ["Awa"]
    until = factories.today() + 7 * DAY
    assert sorted(str(row[2]) for row in calls(None, "snoozed_until")) == [str(until), str(until), "None"]


def test_a_reason_that_came_after_the_page_was_read_is_not_put_off(a_call, admin, put_off, names, calls):
    a_call("contact")
    read = admin.page(HOME)
    a_call("said_bad", "mentee")

    put_off("Inès", read)

    assert names("admin") == ["Inès"]
    assert {(kind, until is None) for kind, _side, until in calls(None, "snoozed_until")} == {
        ("said_bad", True),
        ("contact", False),
    }


def test_nor_is_one_that_changed_or_ended_meanwhile(a_call, admin, put_off, in_space, association, calls):
    changed, ended = a_call("contact"), a_call("review")
    read = admin.page(HOME)
    with in_space(association):
        situation(association, changed).since = today() - DAY
        situation(association, ended).ended_at = now()

    page = put_off("Inès", read)

    assert flashes(page) == ["Il y a du nouveau pour ce binôme : relisez pourquoi appeler."]
    assert flashes(admin.send(f"{SPACE}/appels/{ended.id}/report", {"days": "7"})) == flashes(page)
    assert calls(None, "snoozed_until") == [("contact", "mentor", None)]


def test_nor_is_one_that_was_put_off_before_and_changed_since(a_call, admin, put_off, in_space, association, calls):
    yesterday = factories.today() - DAY
    call = a_call("contact", snoozed_until=yesterday)
    read = admin.page(HOME)
    with in_space(association):
        situation(association, call).since = yesterday

    page = put_off("Inès", read)

    assert flashes(page) == ["Il y a du nouveau pour ce binôme : relisez pourquoi appeler."]
    assert calls(None, "snoozed_until") == [("contact", "mentor", yesterday)]


def test_the_same_form_twice_puts_off_once(a_call, admin, put_off):
    a_call("contact")
    read = admin.page(HOME)

    assert [flashes(put_off("Inès", read))[0].split(" au ")[0] for _time in range(2)] == ["C'est reporté"] * 2


def test_who_put_it_off_is_known_and_a_shorter_time_shortens_nothing(a_call, signed, people, calls):
    call = a_call()

    for who, days in (("admin", "14"), ("coordinator", "1")):
        signed(who).send(f"{SPACE}/appels/{call.id}/report", {"days": days})

    assert calls(None, "snoozed_until", "snoozed_by") == [
        ("contact", "mentor", factories.today() + 14 * DAY, people.coordinator.user_id)
    ]


def test_help_is_not_put_off(a_call, admin, names, calls):
    help_call = a_call("help", "mentee")
    other = a_call("contact")
    assert admin.page(HOME).soup.find("button", string="Plus tard") is None

    page = admin.send(f"{SPACE}/appels/{help_call.id}/report", {"days": "7"})
    assert flashes(page) == ["Une demande d'aide ne se remet pas à plus tard."]

    admin.send(f"{SPACE}/appels/{other.id}/report", {"days": "7"})
    assert names("admin") == ["Inès"]
    assert {(kind, until is None) for kind, _side, until in calls(None, "snoozed_until")} == {("help", True), ("contact", False)}


@pytest.mark.parametrize("days", ["", "0", "-3", "2", "400", "demain"])
def test_only_what_is_proposed_puts_off(days, a_call, admin, calls):
    call = a_call()

    admin.send(f"{SPACE}/appels/{call.id}/report", {"days": days})

    assert calls(None, "snoozed_until") == [("contact", "mentor", None)]


@pytest.mark.parametrize(("days", "is_refused"), [(0, True), (1, False), (60, False), (61, True)])
def test_at_most_sixty_days(days, is_refused, a_call, in_space, association, people):
    call = a_call()

    with in_space(association):
        if is_refused:
            with pytest.raises(CannotSnooze, match="De 1 à 60 jours"):
                snooze(situation(association, call), days, people.admin.user_id)
        else:
            assert snooze(situation(association, call), days, people.admin.user_id) == today() + timedelta(days)


def test_what_was_put_off_stays_so_while_the_rule_holds(refreshed, admin, calls, names, people):
    refreshed()
    (call_id,) = {row[2] for row in calls("long_silence", "id")}
    admin.send(f"{SPACE}/appels/{call_id}/report", {"days": "7"})

    refreshed()
    assert names("admin") == []

    refreshed(now() + 6 * DAY)
    assert {until for *_call, until in calls("long_silence", "snoozed_until")} == {factories.today() + 7 * DAY}


def test_what_happens_again_comes_back(met, admin, calls, refreshed):
    met(-9, state="missed")
    met(-6, state="missed")
    refreshed()
    (call_id,) = {row[2] for row in calls("two_missed", "id")}
    admin.send(f"{SPACE}/appels/{call_id}/report", {"days": "7"})

    met(-2, state="missed")
    refreshed()

    assert calls("two_missed", "snoozed_until") == [("two_missed", "mentor", None)]


def test_another_word_that_alarms_comes_back_even_on_the_same_day(met, put_off, calls, refreshed):
    met(-2, state="held", note="Elle a été menacée", logged_at=now() - MINUTE)
    refreshed()
    put_off("Inès")

    met(-9, state="held", note="Elle a fugué", logged_at=now())
    refreshed()

    assert calls("alarming", "snoozed_until") == [("alarming", "mentor", None)]


def test_so_does_what_is_said_to_go_wrong_again(spoken, put_off, calls, refreshed):
    for ago in (DAY, MINUTE):
        spoken("mentee", now() - ago, answers={"Ça va ?": "bad"})
        refreshed()
        put_off("Inès") if ago == DAY else None

    assert calls("said_bad", "snoozed_until") == [("said_bad", "mentee", None)]


def test_a_call_for_help_comes_at_once_for_a_pair_that_was_put_off(refreshed, admin, calls, names, in_space, association, people):
    refreshed()
    (call_id,) = {row[2] for row in calls("long_silence", "id")}
    admin.send(f"{SPACE}/appels/{call_id}/report", {"days": "14"})

    with in_space(association):
        message(association, people.pair, "mentee", urgent=True)

    assert names("admin") == ["Inès"]


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_only_the_team_puts_off(who, a_call, signed, calls):
    call = a_call()

    page = signed(who).send(f"{SPACE}/appels/{call.id}/report", {"days": "7"})

    assert page.status == 403
    assert calls(None, "snoozed_until") == [("contact", "mentor", None)]


def test_a_call_of_elsewhere_is_not_found(a_call, app, in_space, elsewhere, calls):
    call = a_call()
    with in_space(elsewhere):
        staff = factories.staff(elsewhere, "admin")
    client = app.test_client().sign_in(staff.user_id)

    for key in (call.id, uuid7()):
        assert client.send(f"/a/ailleurs/appels/{key}/report", {"days": "7"}).status == 404
    assert calls(None, "snoozed_until") == [("contact", "mentor", None)]


@pytest.mark.parametrize("has_phone", [True, False])
def test_whom_the_call_is_about_is_reached_first_and_never_the_other_in_their_place(in_space, association, has_phone):
    mentee = SimpleNamespace(
        first_name="Nora", phone="+33639980001" if has_phone else None, guardian_name="Hélène", guardian_phone="+33639980002",
        is_minor_on=lambda day: True,
    )  # fmt: skip
    mentor = SimpleNamespace(first_name="Marc", phone="+33639980003")
    pair = SimpleNamespace(mentee=mentee, mentor=mentor, person=lambda side: mentee if side == "mentee" else mentor)

    row = ToCall(pair, [Call(kind="low_face", side="mentee")])

    with in_space(association):
        assert [name for _side, name, _number in row.numbers()] == [*(["Nora"] if has_phone else []), "Hélène", "Marc"]
    assert row.name == "Nora"


def test_what_is_the_same_for_several_is_said_once(association, in_space):
    calls = [Call(kind="contact", side=side, facts={}, since=date(2026, 11, 1)) for side in ("mentor", "mentee")]
    calls.append(Call(kind="first_month", side="mentor", facts={}, since=date(2026, 11, 1)))

    with in_space(association):
        [(both, first), (one, _second)] = ToCall(None, calls).reasons()

    assert ([call.side for call in both], first) == (["mentor", "mentee"], "Aucun échange depuis le début")
    assert len(one) == 1
