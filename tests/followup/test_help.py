"""A call for help: before all others, never held back by a warning, told again after 24 hours when nobody takes it in hand."""

import io
from datetime import UTC, date

import pytest

from app.accounts.models import Membership, User
from app.database import now
from app.extensions import db
from app.followup import threads
from app.followup.calls import CannotSnooze, snooze
from app.followup.jobs import watch_help
from app.followup.models import Call, Contact
from app.followup.thread_models import Message, Thread
from app.pairs.closing import close_pair
from app.pairs.life import pause
from app.pairs.models import Pair
from app.web import today
from tests import factories
from tests.training.test_uploads import picture

from .situations import DAY, HOME, HOUR, MINUTE, SPACE, at, flashes, moment, pair_path, situation

NIGHT = moment(date(2027, 3, 27), "23:30").astimezone(UTC)  # the night in which clocks go forward in Paris
SUBJECT = "URGENT : une demande d'aide"


@pytest.fixture
def followed(in_space, association, people):
    """The coordinator follows the pair; gives the addresses of the coordinator and of the admin."""
    with in_space(association):
        situation(association, people.pair).coordinator_id = people.coordinator.id
        return [db.session.get(User, who.user_id).email for who in (people.coordinator, people.admin)]


@pytest.fixture
def ask(signed, post):
    """Ask for help at a moment."""

    def send(when=NIGHT, who="mentee", body="Au secours"):
        with at(when):
            return post(who, body, "aide", client=signed(who))

    return send


@pytest.fixture
def watch(app, association, letters):
    """What is done six times an hour, at a moment; gives whom it told."""
    seen = set()

    def run(when):
        seen.update(mail.id for mail in letters())
        with at(when), app.app_context():
            watch_help.run(tenant_id=str(association.id))
        return [mail.to_address for mail in letters() if mail.id not in seen]

    return run


@pytest.mark.parametrize(("path", "numbers"), [("aide", 7), ("mes-messages", 0)])
def test_a_page_that_was_open_too_long_leads_back_and_says_whom_to_call(path, numbers, app, people, signed):
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        page = signed("mentee").send(where := f"{SPACE}/{path}/{people.pair.id}", {"body": "Au secours"})
    finally:
        app.config["WTF_CSRF_ENABLED"] = False

    assert page.status == 400
    assert page.soup.find("a", string="Revenir au formulaire")["href"] == where
    assert len(page.soup.select(".help a")) == numbers


def test_where_only_a_button_was_there_is_no_form_to_go_back_to(app, people, signed):
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        page = signed("admin").send(pair_path(people.pair, "/messages/jeune/vu"))
    finally:
        app.config["WTF_CSRF_ENABLED"] = False

    assert (page.status, page.soup.find("a", string="Revenir au formulaire")) == (400, None)


@pytest.fixture
def acknowledge(signed, people):
    """Somebody of the team says that they take it in hand, at a moment."""

    def send(when, whose="jeune"):
        with at(when):
            client = signed("admin")
            page = client.page(pair_path(people.pair, f"/messages/{whose}"))
            client.send(page.soup.find("button", string="J'ai lu, je m'en occupe").find_parent("form")["action"])

    return send


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_the_emergency_numbers_come_first(who, signed, people):
    page = signed(who).page(f"{SPACE}/aide/{people.pair.id}")

    assert [a["href"] for a in page.soup.select("ul.numbers a")] == [
        "tel:119",
        "tel:3018",
        "tel:3114",
        "tel:17",
        "tel:15",
        "tel:112",
        "sms:114",
    ]
    main = str(page.soup.main)
    assert main.index("tel:119") < main.index("<form")


@pytest.mark.parametrize(("who", "side"), [("mentor", "mentor"), ("mentee", "mentee")])
def test_help_goes_before_everything(who, side, post, calls, admin, letters, followed, refreshed):
    refreshed()
    page = post(who, "Au secours", "aide")

    assert flashes(page) == ["Votre message est parti. Il passe avant tous les autres."]
    assert calls()[0] == ("help", side)
    assert admin.page(f"{HOME}?tous=1").soup.select_one(".call.help ul.why li").get_text().find("Demande d'aide, le") > 0
    assert [(mail.to_address, " ".join(mail.subject.split())) for mail in letters("help")] == [(followed[0], SUBJECT)]
    assert "Au secours" not in letters("help")[0].text + letters("help")[0].html


@pytest.mark.parametrize("state", ["paused", "closed"])
def test_help_is_heard_whatever_became_of_the_pair(state, ask, calls, in_space, association, people):
    with in_space(association):
        pair = situation(association, people.pair)
        if state == "closed":
            close_pair(pair, today(), "planned", None)
        else:
            pause(pair, "exams", None, people.admin.user_id)

    assert ask().status == 200
    assert calls("help") == [("help", "mentee")]


def test_no_warning_holds_help_back(ask, calls):
    page = ask(body="Je suis à l'hôpital, il m'a frappé, appelez ma mère : maman@example.org ou 06 12 34 56 78")

    assert page.status == 200
    assert calls("help") == [("help", "mentee")]


@pytest.mark.parametrize("body", ["", "x" * 4001])
def test_few_words_or_many_are_enough(body, ask, calls):
    assert ask(body=body).status == 200
    assert calls("help") == [("help", "mentee")]


@pytest.mark.parametrize(("content", "name"), [(b"<html>", "photo.png"), (b"", "vide.pdf")])
def test_a_bad_file_does_not_hold_help_back(content, name, post, bodies, calls):
    page = post("mentee", "Au secours", "aide", file=(io.BytesIO(content), name))

    assert any(said.startswith("Votre message est parti, sans le fichier.") for said in flashes(page))
    assert (bodies("mentee"), calls("help")) == ([("mentee", "Au secours")], [("help", "mentee")])


@pytest.mark.parametrize(
    ("where", "error"), [("read_file", KeyError("MPO")), ("store_alone", OSError(28, "No space left on device"))]
)
def test_nor_does_one_that_breaks_whatever_reads_or_stores_it(post, bodies, calls, monkeypatch, where, error):
    def breaks(*_given):
        raise error

    monkeypatch.setattr(threads, where, breaks)
    page = post("mentee", "Au secours", "aide", file=(io.BytesIO(picture()), "photo.png"))

    assert flashes(page)[0] == "Votre message est parti, sans le fichier. Ce fichier ne se lit pas."
    assert (bodies("mentee"), calls("help")) == ([("mentee", "Au secours")], [("help", "mentee")])


def test_the_same_cry_twice_is_one(post, bodies, letters):
    for _time in range(2):
        post("mentee", "Au secours", "aide", once="une-fois")

    assert (bodies("mentee"), len(letters("help"))) == ([("mentee", "Au secours")], 1)


# After 24 hours.


@pytest.mark.parametrize(("after", "told"), [(24 * HOUR - MINUTE, False), (24 * HOUR, True), (9 * DAY, True)])
def test_the_admins_are_told_after_24_hours(after, told, ask, watch, followed):
    ask()

    assert watch(NIGHT + after) == ([followed[1]] if told else [])


def test_they_are_told_once(ask, watch, followed):
    ask()
    watch(NIGHT + 24 * HOUR)

    assert [watch(NIGHT + 24 * HOUR + wait) for wait in (10 * MINUTE, HOUR, 30 * DAY)] == [[], [], []]


def test_not_what_somebody_took_in_hand(ask, acknowledge, watch, followed):
    ask()
    acknowledge(NIGHT + HOUR)

    assert watch(NIGHT + 3 * DAY) == []


def test_not_what_was_answered(ask, signed, people, watch, followed, thread, calls):
    ask()
    with at(NIGHT + HOUR):
        client, path = signed("admin"), pair_path(people.pair, "/messages/jeune")
        client.send(path, {"body": "Nous arrivons", "once": "a", "seen": client.page(path).value("seen")})

    assert watch(NIGHT + 3 * DAY) == []
    assert (thread("mentee").is_urgent, calls("help")) == (False, [])


def answer(signed, people, when, body="Nous arrivons", whose="jeune"):
    """Somebody of the team answers in writing."""
    with at(when):
        client, path = signed("admin"), pair_path(people.pair, f"/messages/{whose}")
        client.send(path, {"body": body, "once": body, "seen": client.page(path).value("seen")})


def test_whoever_was_only_answered_in_writing_is_to_be_called(ask, signed, people, calls, refreshed):
    ask()
    answer(signed, people, NIGHT + HOUR)
    with at(NIGHT + 2 * HOUR):
        refreshed()

        assert calls("after_help") == [("after_help", "mentee")]
        said = signed("admin").page(f"{HOME}?tous=1").soup.select_one("ul.why li").get_text()
        assert "À rappeler : depuis sa demande d'aide du" in said.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("side", "how", "reached", "ends"),
    [("mentee", "phone", True, True), ("mentee", "visit", True, True), ("mentee", "phone", False, False),
     ("mentee", "mail", True, False), ("mentee", "message", True, False), ("mentor", "phone", True, False)],
)  # fmt: skip
def test_until_somebody_spoke_to_them(side, how, reached, ends, ask, signed, people, calls, refreshed, in_space, association):
    ask()
    answer(signed, people, NIGHT + HOUR)
    with in_space(association), at(NIGHT + 3 * HOUR):
        db.session.add(Contact(pair_id=people.pair.id, side=side, how=how, held_at=now(), minutes=5, reached=reached,
                               user_id=people.admin.user_id))  # fmt: skip
    with at(NIGHT + 4 * HOUR):
        refreshed()

        assert (calls("after_help") == []) is ends


@pytest.mark.parametrize(("phone", "ends"), [(None, True), ("+33612000099", False)])
def test_a_parent_without_a_telephone_is_spoken_to_as_can_be(phone, ends, people, calls, refreshed, in_space, association):
    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        pair.mentee.birth_date = factories.birth_date(16)
        pair.mentee.guardian_name, pair.mentee.guardian_email, pair.mentee.guardian_phone = "Nadège", "nadege@example.org", phone
        thread = Thread(pair_id=pair.id, side="guardian", last_at=now(), is_urgent=False)
        db.session.add(thread)
        db.session.flush()
        db.session.add(Message(thread_id=thread.id, thread=thread, author="guardian", body="Aidez-nous", once="x", is_urgent=True))
        db.session.add(Contact(pair_id=pair.id, side="guardian", how="mail", held_at=now() + HOUR, minutes=5, reached=True,
                               user_id=people.admin.user_id))  # fmt: skip
    refreshed()

    assert (calls("after_help") == []) is ends


@pytest.mark.parametrize(("days", "is_said"), [(59, True), (61, False)])
def test_for_two_months_at_most(days, is_said, ask, signed, people, calls, refreshed):
    ask()
    answer(signed, people, NIGHT + HOUR)
    with at(NIGHT + days * DAY):
        refreshed()

        assert (calls("after_help") != []) is is_said


def test_settled_without_a_word_spoken_it_is_still_to_be_called(ask, calls, refreshed, signed, people):
    ask()
    with at(NIGHT + HOUR):
        refreshed()
        assert (calls("help"), calls("after_help")) == ([("help", "mentee")], [])
        client = signed("admin")
        page = client.page(pair_path(people.pair, "/messages/jeune"))
        assert page.soup.find("a", string="Noter l'échange")
        client.send(page.soup.find("button", string="Oui, c'est réglé").find_parent("form")["action"])
        refreshed()

        assert (calls("help"), calls("after_help")) == ([], [("after_help", "mentee")])


def test_it_is_not_put_off(ask, signed, people, calls, refreshed, in_space, association):
    ask()
    answer(signed, people, NIGHT + HOUR)
    with at(NIGHT + 2 * HOUR):
        refreshed()
        with in_space(association):
            call = db.session.query(Call).filter_by(kind="after_help").one()
            with pytest.raises(CannotSnooze):
                snooze(call, 14, people.admin.user_id)
        assert "Plus tard" not in signed("admin").page(f"{HOME}?tous=1").soup.select_one(".call.help").get_text()


def test_who_notes_the_call_reads_why(ask, signed, people, refreshed):
    ask()
    answer(signed, people, NIGHT + HOUR)
    with at(NIGHT + 2 * HOUR):
        refreshed()

        page = signed("admin").page(pair_path(people.pair, "/echanges/nouveau?qui=jeune"))

    assert "Pourquoi appeler" in page.text
    assert "aucun échange de vive voix n'est noté" in page.text


def test_whoever_asked_for_help_reads_whom_to_call(ask, signed, people):
    ask()

    page = signed("mentee").page(f"{SPACE}/mes-messages/{people.pair.id}")

    assert page.soup.find("a", href="tel:119")
    assert "N'y mettez rien sur la santé" not in page.text


def test_not_an_ordinary_message(signed, post, watch, followed):
    with at(NIGHT):
        post("mentee", client=signed("mentee"))

    assert watch(NIGHT + 9 * DAY) == []


def test_a_new_cry_counts_its_own_24_hours(ask, acknowledge, watch, followed):
    ask()
    acknowledge(NIGHT + HOUR)
    ask(NIGHT + 2 * DAY, body="Encore")

    assert watch(NIGHT + 2 * DAY + 23 * HOUR) == []
    assert watch(NIGHT + 3 * DAY) == [followed[1]]


def test_what_was_taken_in_hand_stays_so_when_a_plain_message_follows(ask, acknowledge, signed, post, watch, followed):
    ask()
    acknowledge(NIGHT + HOUR)
    with at(NIGHT + 30 * HOUR):
        post("mentee", "Merci", client=signed("mentee"))

    assert [watch(NIGHT + wait * HOUR) for wait in (30, 31, 90)] == [[], [], []]


def test_a_second_cry_before_anybody_opened_the_first_does_not_delay_it(ask, watch, followed):
    ask()
    ask(NIGHT + 20 * HOUR, body="Toujours personne")

    assert watch(NIGHT + 24 * HOUR) == [followed[1]]


def test_a_cry_after_the_admins_were_told_is_told_again(ask, watch, followed):
    ask()
    watch(NIGHT + 24 * HOUR)
    ask(NIGHT + 30 * HOUR, body="Toujours personne")

    assert watch(NIGHT + 31 * HOUR) == []
    assert watch(NIGHT + 54 * HOUR) == [followed[1]]


def test_help_that_came_while_the_team_was_answering_stays_urgent(post, signed, ask, people, thread, watch, followed):
    with at(NIGHT - HOUR):
        post("mentee", "Bonjour", client=signed("mentee"))
        client, path = signed("admin"), pair_path(people.pair, "/messages/jeune")
        seen = client.page(path).value("seen")
    ask()
    with at(NIGHT + MINUTE):
        client.send(path, {"body": "Bonjour à vous", "once": "a", "seen": seen})

    assert (thread("mentee").is_urgent, thread("mentee").team_read_at) == (True, None)
    assert watch(NIGHT + 23 * HOUR) == []
    assert watch(NIGHT + 24 * HOUR) == [followed[1]]


def test_without_an_admin_everybody_who_works_there_is_told(ask, watch, followed, in_space, association, people):
    with in_space(association):
        db.session.get(Membership, (association.id, people.admin.user_id, "admin")).ended_at = now()
    ask()

    assert watch(NIGHT + 24 * HOUR) == [followed[0]]


@pytest.fixture
def admin_who_mentors(in_space, association, people):
    """The mentor answers for the association too. Gives their address."""
    with in_space(association):
        factories.place(association.id, people.mentor.user_id, "admin")
        return db.session.get(User, people.mentor.user_id).email


@pytest.mark.parametrize("is_only_admin", [False, True])
def test_a_call_for_help_is_never_told_to_whom_it_may_be_about(
    is_only_admin, admin_who_mentors, ask, watch, letters, in_space, association, people
):
    with in_space(association):
        told = [db.session.get(User, who.user_id).email for who in (people.admin, people.coordinator)]
        if is_only_admin:
            db.session.get(Membership, (association.id, people.admin.user_id, "admin")).ended_at = now()
    others = told[1:] if is_only_admin else told[:1]
    ask()

    assert watch(NIGHT + 24 * HOUR) == others
    assert [mail.to_address for mail in letters("help")] == others * 2


def test_where_there_is_nobody_else_it_waits_for_somebody(admin_who_mentors, ask, watch, thread, in_space, association, people):
    with in_space(association):
        places = [db.session.get(Membership, (association.id, people.admin.user_id, "admin")),
                  db.session.get(Membership, (association.id, people.coordinator.user_id, "coordinator"))]  # fmt: skip
        for place in places:
            place.ended_at = now()
    ask()
    assert (watch(NIGHT + 24 * HOUR), thread("mentee").escalated_at) == ([], None)

    with in_space(association):
        db.session.get(Membership, (association.id, people.coordinator.user_id, "coordinator")).ended_at = None

    assert len(watch(NIGHT + 25 * HOUR)) == 1


def test_nor_is_an_address_that_nobody_has_confirmed_told(admin_who_mentors, ask, letters, in_space, association, people):
    """Whoever was invited is written to while nobody has come in: here the others came, and left."""
    with in_space(association):
        for who, role in ((people.admin, "admin"), (people.coordinator, "coordinator")):
            db.session.get(Membership, (association.id, who.user_id, role)).ended_at = now()
        invited = factories.staff(association, "admin")
        db.session.get(Membership, (association.id, invited.user_id, "admin")).entered_at = None

    ask()

    assert letters("help") == []


def test_help_of_elsewhere_is_not_told_here(ask, watch, followed, app, elsewhere, in_space, letters):
    ask()
    with in_space(elsewhere):
        factories.staff(elsewhere, "admin")

    with at(NIGHT + 2 * DAY), app.app_context():
        watch_help.run(tenant_id=str(elsewhere.id))

    assert len(letters("help")) == 1
    assert watch(NIGHT + 2 * DAY) == [followed[1]]


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_whoever_asked_for_help_finds_it_on_their_first_page_until_it_is_answered(who, ask, acknowledge, signed, people):
    whose = "jeune" if who == "mentee" else who
    home = f"{SPACE}/"
    assert "Vous avez demandé de l'aide" not in signed(who).page(home).text

    ask(who=who)
    with at(NIGHT + MINUTE):
        asked = signed(who).page(home)
    acknowledge(NIGHT + HOUR, whose)
    with at(NIGHT + 2 * HOUR):
        read = signed(who).page(home)
    answer(signed, people, NIGHT + 3 * HOUR, whose=whose)
    with at(NIGHT + 4 * HOUR):
        answered = signed(who).page(home)

    assert "Votre message du samedi 27 mars, à 23 h 30, est arrivé. L'association ne l'a pas encore ouvert." in asked.text
    assert asked.soup.find("a", href=f"{SPACE}/mes-messages/{people.pair.id}", string="Voir mon message, et qui appeler")
    assert "Passerelle l'a lu, et s'en occupe." in read.text
    assert "Vous avez demandé de l'aide" not in answered.text


def test_nobody_reads_that_the_other_asked_for_help(ask, signed):
    ask(who="mentee")

    with at(NIGHT + MINUTE):
        assert "Vous avez demandé de l'aide" not in signed("mentor").page(f"{SPACE}/").text


def test_whoever_closes_a_pair_reads_first_who_asked_for_help(ask, signed, people):
    closure = pair_path(people.pair, "/cloture")
    assert "À régler avant de clôturer" not in signed("admin").page(closure).text
    ask(now(), who="mentee")

    before = signed("admin").page(closure)
    signed("admin").send(closure, {"kind": "unforeseen", "reason": "time"})
    steps = signed("admin").page(closure)
    end = signed("admin").page(f"{closure}/fin")

    for page in (before, steps, end):
        assert "À régler avant de clôturer" in page.text
        assert "Jeune : demande d'aide, le" in page.text
