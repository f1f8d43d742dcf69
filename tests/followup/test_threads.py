"""Each of the two and the team write to each other: who reads it, who is told, whose turn it is, once."""

from datetime import UTC, datetime

import pytest

from app.database import now
from app.extensions import db
from app.pairs.closing import close_pair
from app.pairs.models import PairAnswer, PairEvent
from app.web import today
from tests import factories

from .situations import DAY, HOUR, SPACE, at, flashes, pair_path, plain, situation

BOTH = pytest.mark.parametrize(("who", "whose", "side"), [("mentor", "mentor", "mentor"), ("mentee", "jeune", "mentee")])
MARK = "Entre-nous-seulement"


@BOTH
def test_one_writes_and_the_team_reads_and_answers(who, whose, side, post, reply, bodies, signed, people):
    assert flashes(post(who, "Une question\n\nsur le stage")) == ["C'est envoyé. L'association vous répond ici."]
    assert "Une question" in signed("coordinator").page(pair_path(people.pair, f"/messages/{whose}")).text

    assert flashes(reply(whose, "Appelons-nous")) == ["C'est envoyé."]

    assert bodies(side) == [("mentor" if who == "mentor" else "mentee", "Une question\n\nsur le stage"), ("team", "Appelons-nous")]
    lines = [plain(li.get_text(" ")) for li in signed(who).page(f"{SPACE}/mes-messages/{people.pair.id}").soup.select(".thread li")]
    assert [line.split(" · ")[0] for line in lines] == ["Vous", "Passerelle"]
    assert lines[1].endswith("Appelons-nous")


def test_other_words_on_the_same_form_are_another_message(post, bodies):
    """Somebody goes back to the form, or did not read that it was sent."""
    for body in ("Une question", "Une question", "Une autre", "Une autre"):
        post("mentor", body, once="une-fois")

    assert [body for _author, body in bodies("mentor")] == ["Une question", "Une autre"]


@BOTH
def test_the_other_one_never_reads_it(who, whose, side, post, signed, people):
    other = "mentee" if who == "mentor" else "mentor"
    post(who, MARK)

    assert MARK not in signed(other).page(f"{SPACE}/mes-messages/{people.pair.id}").html
    assert signed(other).page(pair_path(people.pair, f"/messages/{whose}")).status == 403


@pytest.mark.parametrize(("who", "age", "is_told"), [("mentee", 16, True), ("mentee", 19, False), ("mentor", 16, False)])
def test_a_minor_reads_that_a_parent_may_ask_for_a_copy(who, age, is_told, change, signed, people):
    change("mentee", birth_date=factories.birth_date(age), guardian_name="Nadège Parent", guardian_email="nadege@example.org")

    page = signed(who).page(f"{SPACE}/mes-messages/{people.pair.id}")

    assert f"{'Inès' if who == 'mentor' else 'Karim'} ne les voit pas." in page.text
    assert ("Un parent ne les lit que s'il demande une copie de votre dossier" in page.text) is is_told
    assert "personne d'autre" not in page.text


@BOTH
def test_who_would_pause_or_stop_finds_where_to_say_so(who, whose, side, post, signed, people):
    browser = signed(who)
    link = browser.page(f"{SPACE}/").soup.find("a", string=lambda words: words and words.startswith("Faire une pause"))
    typed = [browser.page(url).soup.textarea.get_text() for url in (link["href"], link["href"].split("?")[0] + "?pour=autre")]

    assert ["faire une pause, ou arrêter" in words for words in typed] == [True, False]
    assert "faire une pause" not in post(who, "").soup.textarea.get_text()


@pytest.mark.parametrize("page", ["mes-messages", "aide", "conversation"])
@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_somebody_of_another_pair_finds_nothing(who, page, app, in_space, association, people):
    with in_space(association):
        other = factories.mentor(association, trained=True) if who == "mentor" else factories.mentee(association)
    client = app.test_client().sign_in(other.user_id)

    assert client.page(f"{SPACE}/{page}/{people.pair.id}").status == 404
    assert client.send(f"{SPACE}/{page}/{people.pair.id}", {"body": "x"}).status == 404


@pytest.mark.parametrize("page", ["mes-messages", "aide", "conversation"])
@pytest.mark.parametrize("who", ["admin", "coordinator"])
def test_the_team_has_no_thread_of_its_own(who, page, signed, people):
    assert signed(who).page(f"{SPACE}/{page}/{people.pair.id}").status == 403


@pytest.mark.parametrize("whose", ["voisin", "mentee", "team"])
def test_a_side_that_there_is_not(whose, admin, people):
    assert admin.page(pair_path(people.pair, f"/messages/{whose}")).status == 404


@pytest.mark.parametrize("body", ["", "   ", "x" * 4001])
def test_what_cannot_be_written_is_said(body, post, bodies):
    page = post("mentor", body)

    assert (page.status, len(page.errors), bodies()) == (422, 1, [])


def test_what_is_typed_is_shown_as_typed(post, admin, people):
    post("mentor", "<script>alert(1)</script> & « bonjour »")

    page = admin.page(pair_path(people.pair, "/messages/mentor"))

    assert "<script>alert(1)</script> & « bonjour »" in page.text
    assert "<script>alert" not in page.html


# Once.


def test_the_same_form_twice_is_one_message(post, bodies, mentor, letters):
    for _time in range(2):
        assert post("mentor", once="une-fois").flashes

    assert bodies() == [("mentor", "Bonjour")]
    assert len(letters("message")) == 1


def test_the_same_answer_twice_is_one_message(post, reply, bodies):
    post("mentor")

    for _time in range(2):
        reply(once="une-fois")

    assert bodies() == [("mentor", "Bonjour"), ("team", "Bien reçu")]


def test_a_form_without_its_mark_is_a_message_each_time(post, bodies):
    for _time in range(2):
        post("mentor", once="")

    assert len(bodies()) == 2


# Whose turn it is.


def test_a_message_waits_until_it_is_answered(post, reply, thread, admin, calls):
    post("mentor")
    assert thread().waiting_since is not None
    assert "attend depuis le" in admin.page(f"{SPACE}/messages").text

    reply()

    assert (thread().waiting_since, thread().is_urgent) == (None, False)
    assert "Aucun message n'attend de réponse." in admin.page(f"{SPACE}/messages").text
    assert "dernier message le" in admin.page(f"{SPACE}/messages?tous=1").text


def test_an_answer_is_due_and_ends_the_call(post, reply, signed, refreshed, calls):
    with at(now() - 3 * DAY):
        post("mentor", client=signed("mentor"))
    refreshed()
    assert calls("question") == [("question", "mentor")]

    reply()

    assert calls("question") == []


def test_several_messages_wait_since_the_first(post, signed, thread):
    moment = now() - 3 * DAY
    for hours in range(3):
        with at(moment + hours * HOUR):
            post("mentor", client=signed("mentor"))

    assert thread().waiting_since == moment


def test_what_came_while_the_team_was_writing_still_waits(post, signed, thread, people):
    moment = now() - 3 * DAY
    with at(moment):
        post("mentor", "Un", client=signed("mentor"))
    client, path = signed("admin"), pair_path(people.pair, "/messages/mentor")
    seen = client.page(path).value("seen")
    with at(moment + HOUR):
        post("mentor", "Deux", client=signed("mentor"))

    client.send(path, {"body": "Réponse à un", "once": "a", "seen": seen})

    assert thread().waiting_since == moment + HOUR


def test_who_wrote_knows_whether_it_was_read(post, signed, people, thread):
    post("mentor")
    mine, path = f"{SPACE}/mes-messages/{people.pair.id}", pair_path(people.pair, "/messages/mentor")
    assert "Votre message est arrivé. L'association ne l'a pas encore ouvert." in signed("mentor").page(mine).text

    form = signed("coordinator").page(path).soup.find("button", string="J'ai lu, je m'en occupe").find_parent("form")
    page = signed("coordinator").send(form["action"])

    assert flashes(page) == ["C'est noté : la personne voit que son message est lu."]
    assert "Lu par l'association le" in signed("mentor").page(mine).text
    assert page.soup.find("button", string="J'ai lu, je m'en occupe") is None
    assert thread().waiting_since is not None  # an answer is still due
    assert thread().read_by == people.coordinator.user_id


def test_reading_what_changed_meanwhile_is_not_noted(post, signed, people, thread):
    post("mentor", "Un")
    path = pair_path(people.pair, "/messages/mentor")
    admin = signed("admin")
    forms = [b.find_parent("form")["action"] for b in admin.page(path).soup.select("main div.acts button")]
    assert len(forms) == 2
    post("mentor", "Deux")

    for action in forms:
        assert flashes(admin.send(action)) == ["Un autre message est arrivé entre-temps : lisez-le d'abord."]

    assert (thread().team_read_at, thread().settled_at, thread().waiting_since is None) == (None, None, False)


@pytest.mark.parametrize("vu", ["", "?vu=", "?vu=abc", "?vu=01a215b0-4339-7a29-be46-399d1ff6ff39"])
@pytest.mark.parametrize("page", ["vu", "regle"])
def test_a_thread_that_nobody_began_or_read(page, vu, admin, people, thread, post):
    path = pair_path(people.pair, f"/messages/mentor/{page}{vu}")
    assert admin.send(path).status == 404

    post("mentor")
    if len(vu) < 20:
        admin.send(path)
        assert thread().team_read_at is None


def test_a_message_that_was_dealt_with_otherwise_waits_no_more(post, signed, people, thread, calls, refreshed):
    with at(now() - 3 * DAY):
        post("mentor", client=signed("mentor"))
    refreshed()
    path = pair_path(people.pair, "/messages/mentor")
    form = signed("admin").page(path).soup.find("button", string="Réglé sans écrire").find_parent("form")

    for _time in range(2):
        page = signed("admin").send(form["action"])

    assert "Réglé sans écrire par" in page.text
    assert (thread().waiting_since, thread().settled_by, calls("question")) == (None, people.admin.user_id, [])
    post("mentor", "Encore moi")
    assert thread().waiting_since is not None
    assert "Réglé sans écrire par" not in signed("admin").page(path).text


@pytest.mark.parametrize(("departement", "hour"), [("69", "10 h 05"), ("974", "13 h 05"), ("988", "20 h 05"), ("987", "23 h 05")])
def test_each_of_the_two_reads_hours_of_their_own_clock(departement, hour, change, post, signed, people):
    change("mentor", departement_code=departement)

    with at(datetime(2027, 3, 10, 9, 5, tzinfo=UTC)):
        post("mentor", client=signed("mentor"))
        page = signed("mentor").page(f"{SPACE}/mes-messages/{people.pair.id}")

    assert hour in page.text


def test_who_was_not_asked_yet_reads_nothing_of_the_other(signed, people, in_space, association):
    with in_space(association):
        pair = db.session.merge(people.pair)
        pair.state = "proposed"
        db.session.add(PairAnswer(pair_id=pair.id, side="mentee", answer_by=today()))
    path = f"{SPACE}/mes-messages/{people.pair.id}"

    assert [signed(who).page(path).status for who in ("mentee", "mentor")] == [200, 404]
    assert people.mentee.first_name not in signed("mentor").page(f"{SPACE}/").text


def test_once_it_is_over_messages_are_read_and_one_writes_elsewhere(signed, people, in_space, association, post):
    post("mentor", "Avant")
    with in_space(association):
        close_pair(situation(association, people.pair), today(), "planned", None)

    page, home = signed("mentor").page(f"{SPACE}/mes-messages/{people.pair.id}"), signed("mentor").page(f"{SPACE}/")

    assert ("Avant" in page.text, page.soup.find("textarea")) == (True, None)
    assert [bool(one.soup.find("a", href=f"{SPACE}/ecrire")) for one in (page, home)] == [True, True]


@pytest.mark.parametrize("what", ["begun", "confirmed"])
def test_a_pair_that_was_undone_keeps_what_was_written_and_a_call_for_help_gets_through(
    what, signed, people, in_space, association, post
):
    with in_space(association):
        pair = db.session.merge(people.pair)
        db.session.add(PairEvent(pair_id=pair.id, what=what))
        pair.state, pair.closed_on, pair.closure_reason = "dropped", today(), "mistake"

    assert post("mentee", "Au secours", "aide").status == 200
    assert "Au secours" in signed("mentee").page(f"{SPACE}/mes-messages/{people.pair.id}").text


def test_the_team_reads_which_of_them_wrote_and_nobody_else_does(reply, signed, people):
    path = pair_path(people.pair, "/messages/mentor")
    assert "Envoyer" in [button.text for button in signed("coordinator").page(path).soup.select("main form.sheet button.big")]

    reply("mentor", "Bonjour", who="coordinator")

    page = signed("admin").page(path)
    assert f"{people.coordinator.full_name} ·" in plain(page.soup.select_one("ol.thread").get_text(" "))
    assert "Répondre" in [button.text for button in page.soup.select("main form.sheet button.big")]
    assert f"{people.coordinator.full_name} ·" not in signed("mentor").page(f"{SPACE}/mes-messages/{people.pair.id}").text
