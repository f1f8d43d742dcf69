"""Where the two meet: at home only where it is allowed; at a distance in a room that nobody can guess."""

import re

import pytest

from app.extensions import db
from app.meetings.settings import choose
from app.pairs.models import Pair
from app.tenants.models import Tenant
from tests import factories

from .situations import DAY, SPACE, VIDEO, path, plan_path, soon, stored, typed

LACKING = "À domicile, il faut d'abord l'autorisation d'un parent, notée par l'association."
NOT_BOTH = "À domicile, il faut d'abord l'accord des deux, noté par l'association."
NEVER = "L'association ne propose pas de rencontres à domicile."
ROOM = re.compile(r"https://visio\.example\.org/binome-[0-9a-f]{20}")


@pytest.fixture
def minor(app, in_space, association):
    """A pair whose jeune is 16 and may take part, but not be met at home; its two, signed in."""
    with in_space(association):
        mentor, mentee = factories.mentor(association, trained=True), factories.mentee(association, age=16)
        factories.authorisation(mentee)
        factories.authorisation(mentor, "home")
        pair = factories.pair(mentor, mentee)
        factories.meeting(pair, 7)
    pair.clients = [app.test_client().sign_in(person.user_id) for person in (mentor, mentee)]
    return pair


def ways_home(pair, meeting):
    """Every form that can bring a meeting home: whose it is, where it is sent, what it says."""
    mentor, jeune = pair.clients
    spot = {"length": "60", "place": "home", "day0": soon().isoformat(), "time0": "10:00"}
    return [
        (mentor, plan_path(pair), typed(soon(), place="home")),
        (mentor, plan_path(pair), typed(soon(), place="home", every="1", until=(soon() + 14 * DAY).isoformat())),
        (mentor, path(meeting, "/deplacement"), typed(soon(), place="home")),
        (mentor, f"{SPACE}/binomes/{pair.id}/propositions/nouvelle", spot),
        (jeune, f"{SPACE}/binomes/{pair.id}/propositions/nouvelle", spot),
        (
            mentor,
            f"{SPACE}/binomes/{pair.id}/seances/nouvelle",
            {"outcome": "held", "length": "60", "place": "home", "day": soon(-2).isoformat(), "time": "10:00"},
        ),
    ]


@pytest.mark.parametrize("way", range(6), ids=["plan", "series", "move", "mentor's offer", "jeune's offer", "unplanned"])
def test_no_form_brings_a_minor_home_without_a_guardians_word(way, minor, in_space, association):
    with in_space(association):
        (meeting,) = stored(minor)
    client, where, data = ways_home(minor, meeting)[way]

    page = client.send(where, data)

    assert (page.status, page.errors) == (422, [LACKING])
    with in_space(association):
        assert [m.place for m in stored(minor)] == ["remote"]


@pytest.mark.parametrize("way", range(6), ids=["plan", "series", "move", "mentor's offer", "jeune's offer", "unplanned"])
def test_with_it_every_form_does(way, minor, in_space, association):
    with in_space(association):
        (meeting,) = stored(minor)
        factories.authorisation(db.session.get(Pair, (association.id, minor.id)).mentee, "home", given_on=soon(-30))
    client, where, data = ways_home(minor, meeting)[way]

    assert client.send(where, data).status == 200


def test_an_association_that_never_goes_home_says_so_to_adults_too(mentor, people, in_space, association):
    with in_space(association):
        db.session.get(Tenant, association.id).places = ["remote", "association"]

    page = mentor.send(plan_path(people.pair), typed(soon(), place="home"))

    assert (page.status, page.errors) == (422, [NEVER])
    assert page.soup.find(id="place-erreur")


@pytest.mark.parametrize("way", range(6), ids=["plan", "series", "move", "mentor's offer", "jeune's offer", "unplanned"])
def test_two_adults_are_asked_before_and_what_took_place_is_logged(way, mentor, jeune, people, in_space, association):
    with in_space(association):
        meeting = factories.meeting(people.pair, 7)
    people.pair.clients = [mentor, jeune]
    client, where, data = ways_home(people.pair, meeting)[way]

    page = client.send(where, data)

    took_place = way == 5
    assert (page.status, page.errors) == ((200, []) if took_place else (422, [NOT_BOTH]))


def test_a_visit_at_home_asks_for_each_of_the_brothers(app, in_space, association):
    with in_space(association):
        mentor = factories.mentor(association, trained=True, capacity=5, places=["home"])
        adult = factories.pair(mentor, factories.mentee(association, places=["home"]))
        brother = factories.mentee(association, age=16)
        factories.authorisation(brother)
        other = factories.pair(mentor, brother)

    page = app.test_client().sign_in(mentor.user_id).send(plan_path(adult), typed(soon(), place="home", also=[str(other.id)]))

    assert page.errors == [LACKING]
    with in_space(association):
        assert stored(adult, other) == []


@pytest.fixture
def video(in_space, association, people):
    """The association has a video server."""
    with in_space(association):
        choose(people.admin.user_id, video_server="https://visio.example.org/")


def test_each_meeting_at_a_distance_has_a_room_of_its_own(video, mentor, people, in_space, association):
    for days in (3, 4):
        mentor.send(plan_path(people.pair), typed(soon(days), where=""))

    with in_space(association):
        rooms = [m.where for m in stored(people.pair)]
    assert all(ROOM.fullmatch(room) for room in rooms)
    assert len(set(rooms)) == 2
    assert mentor.page(f"{SPACE}/rendez-vous").soup.find("a", href=re.compile("/rendez-vous/"))


def test_both_find_the_same_room(video, mentor, jeune, people, in_space, association, letters):
    mentor.send(plan_path(people.pair), typed(soon(), where=""))
    with in_space(association):
        (meeting,) = stored(people.pair)

    rooms = [client.page(path(meeting)).soup.find("a", string="Rejoindre la visio")["href"] for client in (mentor, jeune)]

    assert rooms == [meeting.where] * 2
    for kind in ("meeting_planned", "meeting_mine"):
        (letter,) = letters(kind)
        assert meeting.where in letter.text


WHERES = [
    ("the mentor's own link", {}, VIDEO),
    ("an address", {"place": "company", "where": "12 rue de la Paix"}, "12 rue de la Paix"),
]


@pytest.mark.parametrize(("change", "where"), [case[1:] for case in WHERES], ids=[case[0] for case in WHERES])
def test_what_was_typed_is_kept(change, where, video, mentor, people, in_space, association):
    mentor.send(plan_path(people.pair), typed(soon(), **change))

    with in_space(association):
        assert [m.where for m in stored(people.pair)] == [where]


def test_without_a_server_nothing_is_made_up(mentor, people, in_space, association):
    mentor.send(plan_path(people.pair), typed(soon(), where=""))

    with in_space(association):
        assert [m.where for m in stored(people.pair)] == [""]


def test_moving_to_a_distance_makes_a_room(video, mentor, people, in_space, association):
    with in_space(association):
        meeting = factories.meeting(people.pair, 7, place="association", where="Salle 3")

    mentor.send(path(meeting, "/deplacement"), typed(soon(7), where=""))

    with in_space(association):
        assert ROOM.fullmatch(stored(people.pair)[0].where)


def test_an_offer_that_is_chosen_gets_its_room(video, mentor, jeune, people, in_space, association):
    offered = {"length": "60", "place": "remote", "day0": soon().isoformat(), "time0": "10:00"}
    mentor.send(f"{SPACE}/binomes/{people.pair.id}/propositions/nouvelle", offered)
    page = jeune.page(jeune.page(f"{SPACE}/").soup.find("a", string="Choisir un moment")["href"])

    jeune.send(page.response.request.path, {"start": page.soup.find("input", {"name": "start"})["value"]})

    with in_space(association):
        assert ROOM.fullmatch(stored(people.pair)[0].where)


SERVERS = [
    ("https://visio.example.org", 200), ("", 200), ("http://visio.example.org", 422), ("javascript:alert(1)", 422),
    ("https://", 422), ("https://visio example.org", 422),
]  # fmt: skip


@pytest.mark.parametrize(("address", "status"), SERVERS)
def test_the_servers_address_begins_with_https(address, status, app, people):
    client = app.test_client().sign_in(people.admin.user_id)

    page = client.send(f"{SPACE}/reglages/rendez-vous", {"video_server": address, "month_day": "25", "silent_days": "35"})

    assert page.status == status
    assert page.errors == ([] if status == 200 else ["Une adresse qui commence par https://"])


LINKS = [
    ("remote", "visio.example.org/salle-1", "https://visio.example.org/salle-1"),
    ("remote", "http://visio.example.org/salle", "https://visio.example.org/salle"),
    ("remote", "https://visio.example.org/x", "https://visio.example.org/x"),
    *(
        ("remote", link, link)
        for link in (
            "https://teams.microsoft.com/l/meetup-join/19%3ameeting_NDk%40thread.v2/0?context=%7b%22Tid%22%3a%22x%22%7d",
            "https://us02web.zoom.us/j/81234567890?pwd=Qk5lZz09",
            "https://meet.jit.si/Réunion-Inès#config.prejoin=false",
            "https://visio.example.org:8443/salle",
        )
    ),
    ("association", "St.Jean/Croix", "St.Jean/Croix"),
]


@pytest.mark.parametrize(("place", "where", "kept"), LINKS)
def test_a_link_typed_without_its_beginning_is_a_link_all_the_same(place, where, kept, app, people, in_space, association):
    client = app.test_client().sign_in(people.mentor.user_id)

    client.send(plan_path(people.pair), typed(soon(), place=place, where=where))

    with in_space(association):
        (meeting,) = stored(people.pair)
        assert (meeting.where, bool(meeting.link)) == (kept, kept.startswith("https://"))


NO_LINK = "À distance, donnez le lien de la visio, qui commence par https://, ou laissez vide."
NO_CALL = "Ce lien ouvre une messagerie privée. Donnez celui d'une visio."
REFUSED = [
    ("par téléphone", NO_LINK), ("demain/mardi", NO_LINK), ("Chez moi, 3 rue des Lilas", NO_LINK),
    ("javascript:alert(1)/x.y/z", NO_LINK), ("https://wa.me/33612345678", NO_CALL),
    ("https://api.whatsapp.com./send", NO_CALL), ("www.snapchat.com/add/x", NO_CALL),
    ("https://ig.me/m/helene", NO_CALL), ("https://signal.group/x", NO_CALL), ("https://x.com/messages/1", NO_CALL),
    ("https://join.skype.com/x", NO_CALL), ("https://www.threads.net/@helene", NO_CALL),
    *((link, NO_LINK) for link in (  # which browsers open as https://t.me/…, or which carries words
        "https:///t.me/karim", "https://t.me\\@visio.example.org/", "https://t%2eme/karim", "https://t。me/karim",
        "https://ｔ.ｍｅ/karim", "https://visio.example.org appelle moi au 06 12 34 56 78", "https://[", "https://[::1]/",
        "https://karim@visio.example.org/", "https:\\\\t.me/karim", "https://visio.example.org/\\t.me",
    )),
]  # fmt: skip


@pytest.mark.parametrize(("where", "sentence"), REFUSED)
@pytest.mark.parametrize("form", ["rendez-vous/nouveau", "propositions/nouvelle"])
def test_at_a_distance_where_is_a_call(form, where, sentence, app, people, in_space, association):
    client = app.test_client().sign_in(people.mentor.user_id)
    spot = {"length": "60", "place": "remote", "where_remote": where, "day0": soon().isoformat(), "time0": "10:00"}

    page = client.send(f"{SPACE}/binomes/{people.pair.id}/{form}", {**typed(soon()), **spot})

    assert (page.status, page.errors) == (422, [sentence])
    with in_space(association):
        assert stored(people.pair) == []


@pytest.mark.parametrize(
    "where",
    ["Appelle-moi au 06 12 34 56 78", "Mon snap : helene69", "06 12 34 56 7 8", "helene(at)example.org", "https://t.me/helene"],
)
@pytest.mark.parametrize("form", ["rendez-vous/nouveau", "propositions/nouvelle"])
def test_the_place_of_a_meeting_carries_no_way_to_reach_somebody(form, where, app, people, in_space, association):
    client = app.test_client().sign_in(people.mentor.user_id)
    spot = {"length": "60", "place": "association", "where_association": where, "day0": soon().isoformat(), "time0": "10:00"}

    page = client.send(f"{SPACE}/binomes/{people.pair.id}/{form}", {**typed(soon()), **spot})

    assert page.status == 422
    assert "l'association transmet" in page.errors[0]
    with in_space(association):
        assert stored(people.pair) == []


def test_the_team_gives_its_number_with_the_place(app, people, in_space, association):
    team = app.test_client().sign_in(people.coordinator.user_id)
    team.send(
        f"{SPACE}/binomes/{people.pair.id}/rendez-vous/prevu-par-l-equipe",
        typed(soon(), place="association", where="Sonner : 04 78 00 00 00"),
    )

    with in_space(association):
        assert [meeting.where for meeting in stored(people.pair)] == ["Sonner : 04 78 00 00 00"]


def test_the_team_reads_where_the_two_meet(app, people, in_space, association):
    mentor, team = (app.test_client().sign_in(person.user_id) for person in (people.mentor, people.coordinator))
    spot = {"length": "60", "place": "remote", "day0": soon().isoformat(), "time0": "10:00"}
    mentor.send(plan_path(people.pair), typed(soon(), place="remote", where="https://visio.example.org/a"))
    mentor.send(f"{SPACE}/binomes/{people.pair.id}/propositions/nouvelle", {**spot, "where_remote": "https://visio.example.org/b"})

    assert team.page(f"{SPACE}/binomes/{people.pair.id}").soup.select_one('a[href="https://visio.example.org/a"]')
    assert "https://visio.example.org/b" in team.page(f"{SPACE}/binomes/{people.pair.id}/messages/binome").text


@pytest.mark.parametrize(
    "where", ["chez moi, 12 rue des Lilas", "Chez lui", "à son domicile", "ma maison", "au café, ou à domicile"]
)
@pytest.mark.parametrize("place", ["association", "company", "school"])
def test_a_home_under_another_name_is_refused_at_its_field(mentor, people, place, where):
    page = mentor.send(plan_path(people.pair), typed(soon(), place=place, where=where))

    assert page.status == 422
    assert page.errors == ["Cela ressemble à un domicile : choisissez « À domicile », qui demande l'accord de chacun."]


@pytest.mark.parametrize("where", ["Maison des associations, 3 rue Chezine", "Chez Paul, café", "12 rue du Domicile"])
def test_a_place_that_only_sounds_like_one_is_taken(mentor, people, where):
    assert mentor.send(plan_path(people.pair), typed(soon(), place="company", where=where)).status == 200


@pytest.mark.parametrize("link", ["https://visio.example.org/x", "https://meet.jit.si/abc", "us02web.zoom.us/j/1"])
def test_the_link_of_a_call_is_no_address(mentor, people, link):
    page = mentor.send(plan_path(people.pair), typed(soon(), place="association", where=link))

    assert page.errors == ["C'est le lien d'une visio : choisissez « À distance », ou écrivez une adresse."]


NO_ADDRESS = "Écrivez l'adresse : les deux doivent savoir où venir."


@pytest.mark.parametrize("place", ["association", "school", "company"])
@pytest.mark.parametrize("form", ["rendez-vous/nouveau", "propositions/nouvelle"])
def test_an_address_is_asked_for_where_one_has_to_be_found(mentor, people, place, form):
    slot = {"day0": soon().isoformat(), "time0": "10:00"}

    page = mentor.send(f"{SPACE}/binomes/{people.pair.id}/{form}", typed(soon(), place=place, where="") | slot)

    assert (page.status, page.errors) == (422, [NO_ADDRESS])


@pytest.fixture
def premises(in_space, association):
    """Where the association's premises are, with the number of its door."""
    with in_space(association):
        tenant = db.session.get(Tenant, association.id)
        tenant.address = "14 rue des Passerelles, Lyon. Sonner : 04 78 00 00 00"
        return tenant.address


def test_each_kind_of_place_has_its_own_field(mentor, people, in_space, association, premises):
    with in_space(association):
        factories.meeting(people.pair, 7, place="school", where="Lycée Mermoz, rue Laurent-Carle")

    page = mentor.page(plan_path(people.pair))

    shown = {field["data-for"]: field.input["value"] for field in page.soup.select("[data-for]")}
    assert shown == {"remote": "", "home": "", "school": "Lycée Mermoz, rue Laurent-Carle", "association": premises, "company": ""}


def test_the_premises_of_the_association_are_read_on_the_page_in_the_letter_and_in_the_calendar(
    mentor, jeune, people, in_space, association, letters, premises
):
    shown = mentor.page(plan_path(people.pair)).value("where_association")

    mentor.send(plan_path(people.pair), typed(soon(), place="association", where=shown))

    with in_space(association):
        (meeting,) = stored(people.pair)
    (letter,) = letters("meeting_planned")
    assert premises in jeune.page(path(meeting)).text
    assert premises in letter.text
    assert "14 rue des Passerelles" in jeune.get(path(meeting, "/agenda")).text


@pytest.mark.parametrize("where", ["", "Médiathèque, salle 3"])
def test_the_premises_are_meant_where_nothing_else_is_typed(mentor, people, in_space, association, premises, where):
    mentor.send(plan_path(people.pair), typed(soon(), place="association", where=where))

    with in_space(association):
        assert [row.where for row in stored(people.pair)] == [where or premises]


def test_a_time_that_a_jeune_proposes_at_the_association_is_at_its_premises(mentor, jeune, people, in_space, association, premises):
    offered = {"length": "60", "place": "association", "day0": soon().isoformat(), "time0": "10:00"}
    jeune.send(f"{SPACE}/binomes/{people.pair.id}/propositions/nouvelle", offered)
    page = mentor.page(mentor.page(f"{SPACE}/").soup.find("a", string="Choisir un moment")["href"])

    mentor.send(page.response.request.path, {"start": page.soup.find("input", {"name": "start"})["value"]})

    with in_space(association):
        assert [row.where for row in stored(people.pair)] == [premises]


WAYS_OUT = ["Appelle-moi au 06 12 34 56 78", "06.12.34.56.78", "insta : karim", "karim@example.org", "sur Snap !", "@karim.t"]


@pytest.mark.parametrize("word", WAYS_OUT)
def test_a_word_to_the_other_one_gives_no_private_contact(mentor, people, in_space, association, word):
    with in_space(association):
        meeting = factories.meeting(people.pair, 7)
    said = "Pas de numéro, d'adresse e-mail, de lien ni de compte personnel ici : l'association transmet."

    for way, data in (("/deplacement", typed(soon(9))), ("/annulation", {})):
        page = mentor.send(path(meeting, way), {**data, "word": word})
        assert (page.status, page.errors) == (422, [said])
    offer = {"length": "60", "place": "remote", "day0": soon().isoformat(), "time0": "10:00", "word": word}
    assert mentor.send(f"{SPACE}/binomes/{people.pair.id}/propositions/nouvelle", offer).errors == [said]


@pytest.mark.parametrize(
    "word",
    [
        "Le bus de 17 h 45 est supprimé",
        "Rendez-vous à 14:30, salle 3",
        "J'ai eu 15/20 !",
        "au 12 rue 69003",
        "le 05/12/2026 14h30 plutôt",
    ],
)
def test_any_other_word_is_taken(mentor, people, in_space, association, word):
    with in_space(association):
        meeting = factories.meeting(people.pair, 7)

    assert mentor.send(path(meeting, "/annulation"), {"word": word}).status == 200


def test_the_next_meeting_is_at_the_premises_of_today_and_not_at_those_of_the_last(mentor, people, in_space, association, premises):
    with in_space(association):
        factories.meeting(people.pair, -7, state="held", place="association", where="3 rue d'avant")

    page = mentor.page(plan_path(people.pair))

    assert page.value("where_association") == premises
