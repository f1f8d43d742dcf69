"""A guardian's own page: a link sent to their address, while the jeune is a minor."""

import hashlib
import io
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from app.accounts.links import mark_of, record_token
from app.database import now, uuid7
from app.extensions import db
from app.followup.guardians import LINK as GUARDIAN_LINK
from app.followup.guardians import link_of as guardian_link
from app.followup.thread_models import Message
from app.meetings.actions import Spot, move, plan
from app.meetings.calling_off import cancel
from app.pairs.closing import begin_closing, close_pair
from app.pairs.life import has_begun
from app.people.models import Guardian, Guardianship
from app.web import today
from tests import factories
from tests.training.test_uploads import picture

from .situations import DAY, MINUTE, at, flashes, messages_of, moment, pair_path, situation

ADDRESS = "nadege@example.org"
MARK = "Au-sujet-de-mon-fils"


@pytest.fixture(autouse=True)
def minor(change):
    """The jeune is 16, and has a guardian with an address."""
    change("mentee", birth_date=factories.birth_date(16), guardian_name="Nadège Parent", guardian_email=ADDRESS)


@pytest.fixture
def link(in_space, association, people):
    """The guardian's link, as it is now."""

    def make():
        with in_space(association):
            return guardian_link(situation(association, people.pair)).removeprefix("http://localhost")

    return make


def form(body="Bonjour", **values):
    return {"body": body, "once": uuid7().hex, **values}


def test_the_link_comes_with_what_the_team_writes(reply, letters, link, client):
    reply("parent", MARK)

    (mail,) = letters("message")
    assert (mail.to_address, mail.subject) == (ADDRESS, "L'association vous écrit")
    assert link() in mail.text
    assert MARK not in mail.text + mail.html
    assert MARK in client.page(link()).text


def test_a_guardian_writes_and_the_team_answers(client, link, reply, bodies, admin, people, calls):
    page = client.send(link(), form(MARK))

    assert flashes(page) == ["C'est envoyé. L'association vous répond ici."]
    assert MARK in admin.page(pair_path(people.pair, "/messages/parent")).text
    reply("parent", "Nous vous appelons")
    assert bodies("guardian") == [("guardian", MARK), ("team", "Nous vous appelons")]
    assert "Nous vous appelons" in client.page(link()).text


@pytest.fixture
def represents(in_space, association, people):
    """Somebody with this address represents the jeune."""

    def note(email):
        with in_space(association):
            db.session.add(Guardianship(guardian=Guardian(name="Nadège Parent", email=email), mentee_id=people.mentee.id))

    return note


def test_a_guardian_reads_since_when_how_often_until_when_and_whom_to_call(client, link, in_space, association, people):
    with in_space(association):
        sonia = factories.staff(association, first_name="Sonia", last_name="Petit")
        sonia.phone = "+33199002299"
        pair = situation(association, people.pair)
        pair.coordinator_id, pair.rhythm, pair.starts_on, pair.planned_months = sonia.id, "fortnightly", date(2027, 1, 4), 6
        factories.authorisation(pair.mentee, "participation")
        db.session.flush()

    page = client.page(link())

    assert "Depuis le 4 janv. 2027, toutes les deux semaines en principe, jusqu'au 4 juil. 2027." in page.text
    assert "Sonia Petit, de Passerelle, suit l'accompagnement d'Inès." in page.text
    assert [a["href"] for a in page.soup.select("a.go[href^='tel:+']")] == ["tel:+33199002299", "tel:+33199000000"]


def test_a_guardian_reads_again_what_they_allowed_and_takes_it_back(client, link, represents, in_space, association, people):
    represents(ADDRESS)
    with in_space(association):
        factories.authorisation(situation(association, people.pair).mentee)

    page = client.page(client.page(link()).soup.find("a", string="Ce que vous avez autorisé, et comment le retirer")["href"])

    assert page.heading == "Votre autorisation pour Inès"
    assert page.soup.find("summary", string="Retirer")


@pytest.mark.parametrize("email", ["samir@example.org", "ines@example.org"])
def test_nobody_is_led_to_what_another_allowed(client, link, represents, email):
    represents(email)

    page = client.page(link())

    assert not page.soup.select("a[href*=autorisation]")
    assert "Dites-le à l'association." in page.text


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_neither_of_the_two_reads_it(who, client, link, signed, people):
    client.send(link(), form(MARK))

    for page in ("", f"mes-messages/{people.pair.id}", f"conversation/{people.pair.id}", f"aide/{people.pair.id}"):
        assert MARK not in signed(who).page(f"/a/passerelle/{page}").html


def test_the_same_form_twice_is_one_message(client, link, bodies, letters):
    for _time in range(2):
        client.send(link(), form(once="une-fois"))

    assert (bodies("guardian"), len(letters("message"))) == ([("guardian", "Bonjour")], 1)


def test_an_empty_thread_invites_to_write_and_looks_like_no_field(client, link):
    page = client.page(link())

    assert page.soup.select(".thread") == []
    assert page.soup.find("p", string="Une question, une inquiétude\u00a0: écrivez ici.")


def test_a_warning_is_given_once(client, link, bodies):
    page = client.send(link(), form("Il est malade"))
    assert (page.status, bodies("guardian")) == (422, [])

    client.send(link(), form("Il est malade", anyway="y"))

    assert bodies("guardian") == [("guardian", "Il est malade")]


@pytest.mark.parametrize("zone", ["Europe/Paris", "Indian/Reunion", "Pacific/Noumea", "Pacific/Tahiti"])
def test_the_link_dies_when_the_jeune_is_18_at_the_associations_midnight(zone, client, link, change, on_clock, bodies):
    on_clock(zone)
    change("mentee", birth_date=date(2009, 3, 28))
    path, birthday = link(), moment(date(2027, 3, 28), "00:00", zone)

    with at(birthday - MINUTE):
        assert client.page(path).status == 200
    with at(birthday):
        page = client.page(path)
        assert (page.status, client.send(path, form()).status) == (404, 404)
    assert bodies("guardian") == []


@pytest.mark.parametrize("address", ["autre@example.org", None, ""])
def test_the_link_dies_when_the_address_changes(address, client, link, change, bodies):
    path = link()
    change("mentee", guardian_email=address)

    assert (client.page(path).status, client.send(path, form()).status, bodies("guardian")) == (404, 404, [])


def test_the_same_address_in_capitals_is_the_same(client, link, change):
    path = link()
    change("mentee", guardian_email=ADDRESS.upper())

    assert client.page(path).status == 200


def test_what_was_sent_and_written_before_marks_had_a_key_is_still_theirs(client, reply, in_space, association, people):
    before = hashlib.sha256(ADDRESS.encode()).hexdigest()[:12]
    reply("parent", MARK)
    with in_space(association):
        db.session.execute(update(Message).values(guardian_mark=before))
        path = f"/parent/{record_token(GUARDIAN_LINK, association.id, people.pair.id, before)}"

    assert MARK in client.page(path).text


def test_a_jeune_whose_age_is_unknown_is_treated_as_a_minor(client, link, change):
    change("mentee", birth_date=None)

    assert client.page(link()).status == 200


def forged(app, association, pair, elsewhere):
    """Links that are not the guardian's: cut, changed, of another kind, of another space, of no pair."""
    with app.app_context():
        mark = mark_of(ADDRESS)
        good = record_token(GUARDIAN_LINK, association.id, pair.id, mark)
        return {
            "cut": good[:-1],
            "changed": good[:-4] + "AAAA",
            "begun": "x" + good,
            "another kind": record_token("agreement", association.id, pair.id, mark),
            "another address": record_token(GUARDIAN_LINK, association.id, pair.id, mark_of("voisin@example.org")),
            "another space": record_token(GUARDIAN_LINK, elsewhere.id, pair.id, mark),
            "no space": record_token(GUARDIAN_LINK, uuid7(), pair.id, mark),
            "no pair": record_token(GUARDIAN_LINK, association.id, uuid7(), mark),
            "words": "parent",
        }


KINDS = ("cut", "changed", "begun", "another kind", "another address", "another space", "no space", "no pair", "words")


@pytest.mark.parametrize("kind", KINDS)
def test_a_link_that_was_not_sent_opens_nothing(kind, app, client, association, elsewhere, people, bodies):
    path = f"/parent/{forged(app, association, people.pair, elsewhere)[kind]}"

    page = client.page(path)

    assert (page.status, client.send(path, form()).status, bodies("guardian")) == (404, 404, [])
    assert "Nadège" not in page.html
    assert "Inès" not in page.html


def test_only_first_names_are_on_the_page(client, link, people):
    page = client.page(link())

    assert "L'accompagnement d'Inès" in page.text
    assert people.mentee.last_name not in page.text
    assert people.mentor.last_name not in page.text


def test_a_pair_that_is_over_can_be_read_but_not_written_to(client, link, reply, bodies, in_space, association, people):
    reply("parent", "Bonjour")
    with in_space(association):
        close_pair(situation(association, people.pair), today(), "planned", None)

    page = client.page(link())
    assert all(
        words in page.text for words in ("Bonjour", "L'accompagnement s'est terminé le", "Plus aucun rendez-vous n'est prévu.")
    )
    assert page.soup.textarea is None
    page = client.send(link(), form("Encore"))
    assert page.status == 422
    assert page.errors[0].startswith("Ce binôme est terminé.")
    assert bodies("guardian") == [("team", "Bonjour")]


def test_the_guardian_of_an_adult_is_not_told(reply, change, letters, admin, people):
    change("mentee", birth_date=factories.birth_date(20))

    assert "ne saura pas que vous avez écrit" in admin.page(pair_path(people.pair, "/messages/parent")).text
    reply("parent")

    assert letters("message") == []


def test_a_message_of_a_guardian_waits_like_any_other(client, link, refreshed, calls, reply):
    with at(now() - 3 * DAY):
        client.send(link(), form())
    refreshed()
    assert calls("question") == [("question", "guardian")]

    reply("parent")

    assert calls("question") == []


def test_the_team_sends_the_link_so_that_the_guardian_may_write_first(admin, people, letters, link, client, bodies):
    page = admin.send(pair_path(people.pair, "/messages/parent/lien"), {})

    assert flashes(page) == ["C'est envoyé : cette personne peut vous écrire par son lien."]
    admin.send(pair_path(people.pair, "/messages/parent/lien"), {})  # several clicks are one
    (mail,) = letters(to=ADDRESS)
    assert link() in mail.text
    assert f"{people.mentee.first_name} forme un binôme avec {people.mentor.first_name}, que Passerelle connaît" in mail.text
    client.send(link(), form("Une question"))
    assert bodies("guardian") == [("guardian", "Une question")]


@pytest.mark.parametrize(
    "values", [{"birth_date": factories.birth_date(20)}, {"guardian_email": None}], ids=["adult", "no address"]
)
def test_no_link_is_sent_where_it_would_open_nothing(values, change, admin, people, letters):
    change("mentee", **values)

    page = admin.send(pair_path(people.pair, "/messages/parent/lien"), {})

    assert flashes(page) == ["Il n'y a pas d'adresse où envoyer ce lien."]
    assert letters() == []


def test_a_guardian_opens_a_file_of_their_own_thread(client, link, reply):
    reply("parent", file=(io.BytesIO(picture()), "affiche.png"))
    path = client.page(link()).soup.find("a", href=re.compile("pieces-jointes"))["href"]

    assert client.get(path).headers["Content-Disposition"] == 'attachment; filename="affiche.png"'


def test_a_guardian_cannot_open_the_file_of_another_thread(client, link, reply, in_space, association, people):
    reply("mentor", file=(io.BytesIO(picture()), "autre.png"))
    with in_space(association):
        (message,) = messages_of(people.pair, "mentor")
        path = f"{link()}/pieces-jointes/{message.id}"

    assert client.get(path).status_code == 404


# Another guardian, a file that closed.


@pytest.fixture
def succeeded(change, client, link, reply):
    """The father wrote, with a file, and was answered; since then the mother represents the jeune."""

    def succeed():
        father = link()
        client.send(father, form(MARK, file=(io.BytesIO(picture()), "jugement.png")))
        reply("parent", "Entre nous")
        change("mentee", guardian_name="Rose Parent", guardian_email="rose@example.org")
        return father, link()

    return succeed


def test_a_new_guardian_reads_nothing_of_the_one_before(succeeded, client, in_space, association, people):
    father, mother = succeeded()
    with in_space(association):
        file = next(message.id for message in messages_of(people.pair, "guardian") if message.file_key)

    page = client.page(mother)

    assert (page.status, client.page(father).status) == (200, 404)
    assert MARK not in page.html
    assert "Entre nous" not in page.html
    assert [client.get(f"{one}/pieces-jointes/{file}").status_code for one in (father, mother)] == [404, 404]


def test_each_guardian_s_words_are_under_their_name_for_the_team(succeeded, client, reply, admin, people):
    _father, mother = succeeded()
    client.send(mother, form("Je suis sa mère"))
    reply("parent", "Bonjour madame")

    page = client.page(mother)
    said = [
        line.get_text().split(" · ")[0].strip()
        for line in admin.page(pair_path(people.pair, "/messages/parent")).soup.select(".thread p.quiet")
    ]

    assert "Je suis sa mère" in page.text
    assert "Bonjour madame" in page.text
    assert MARK not in page.html
    assert said == ["Nadège Parent", "Claire Morel", "Rose Parent", "Claire Morel"]


def test_the_link_closes_with_the_file(link, client, change, reply):
    reply("parent", MARK)
    path = link()
    assert client.page(path).status == 200

    change("mentee", state="withdrawn", withdrawn_at=now())

    assert client.page(path).status == 404


# When the two meet.


@pytest.fixture
def meet(in_space, association, people):
    """Plan a meeting of the pair as its mentor would, in so many days; then do something else of it."""

    def act(place="association", days=3, then=None, **spot):
        with in_space(association):
            pair = situation(association, people.pair)
            factories.authorisation(pair.mentee, "participation")
            meeting = plan(pair, factories.noon(days), 60, place, "12 rue des Écoles", by=pair.mentor.user_id)
            if then is not None:
                then(meeting, pair.mentor.user_id)
        return meeting

    return act


def later(meeting, by):
    move(meeting, meeting.starts_at + timedelta(hours=2), Spot(60, meeting.place, meeting.where), "", by)


def off(meeting, by):
    cancel(meeting, "Malade", by)


def test_the_page_says_when_they_meet_and_nothing_of_what_they_say(client, link, meet, in_space, association, people):
    meet()
    with in_space(association):
        pair = situation(association, people.pair)
        factories.meeting(pair, -7, "held", note=MARK)
        factories.meeting(pair, 9, where="https://visio.example.org/secret")

    page = client.page(link())

    assert ("12 rue des Écoles" in page.text, MARK in page.html, "visio.example.org" in page.html) == (True, False, False)
    assert len(page.soup.select(".rows li")) == 3


@pytest.mark.parametrize(
    ("then", "sentence"),
    [(None, "est prévu"), (later, "est maintenant prévu"), (off, "n'aura pas lieu")],
    ids=["planned", "moved", "cancelled"],
)
def test_a_guardian_is_told_of_a_meeting_in_person(meet, letters, link, then, sentence):
    meet(then=then)

    told = letters(to=ADDRESS)[-1]
    assert sentence in told.text
    assert "endez-vous d'Inès avec son mentor" in told.text
    assert link() in told.text
    assert "Malade" not in told.text


@pytest.mark.parametrize("then", [None, later, off], ids=["planned", "moved", "cancelled"])
def test_but_not_of_one_at_a_distance(meet, letters, then):
    meet("remote", then=then)

    assert letters(to=ADDRESS) == []


def test_nor_of_an_adult_s(meet, letters, change):
    change("mentee", birth_date=factories.birth_date(20))
    meet()

    assert letters(to=ADDRESS) == []


def test_a_jeune_without_an_address_meets_and_the_guardian_is_told(meet, letters, change):
    change("mentee", email=None)
    meet()

    assert len(letters(to=ADDRESS)) == 1


def test_a_pair_that_begins_sends_the_link(in_space, association, people, letters):
    with in_space(association):
        has_begun(situation(association, people.pair), None)

    [told] = letters(to=ADDRESS)
    assert told.subject == "Inès commence avec son mentor"


@pytest.mark.parametrize(
    ("is_ending", "said"), [(False, "Les rencontres sont arrêtées pour l'instant"), (True, "L'accompagnement se termine :")]
)
def test_the_page_says_that_the_meetings_are_stopped_or_that_it_ends(client, link, in_space, association, people, is_ending, said):
    """Where nobody allows them; or the team ends the pair."""
    with in_space(association):
        pair = situation(association, people.pair)
        if is_ending:
            factories.authorisation(pair.mentee, "participation")
            begin_closing(pair, "foreseen", "time", people.admin.user_id)

    text = client.page(link()).text

    assert said in text
    assert "jusqu'au" not in text
    assert "Plus aucun rendez-vous n'est prévu." in text


def test_what_marks_a_form_may_hold_anything(client, link, bodies):
    page = client.send(link(), form("Bonjour", once="x\x00y", seen="\x00"))

    assert (page.status, len(bodies("guardian"))) == (200, 1)
