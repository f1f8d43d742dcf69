"""The operator's desk: what waits and why, orientation by hand, associations in figures."""

from datetime import timedelta

import pytest

from app.database import now
from app.extensions import db
from app.leads.actions import receive
from app.leads.models import Lead, Orientation
from app.tenants.models import Tenant
from tests import factories

QUEUE = "/a/programme/orientation"
STATES = ("waiting", "oriented", "waitlisted", "accepted", "lapsed", "withdrawn", "joined")
ANSWERED = ("accepted", "withdrawn", "joined")
WHY = "La famille habite à deux rues."


@pytest.fixture
def waiting(in_space, programme, association):
    """A request that waits in the programme's space."""

    def make(**changes):
        with in_space(programme):
            return factories.lead(state="waiting", **changes)

    return make


@pytest.fixture
def oriented(in_space, programme, association):
    """A request that was proposed to Passerelle."""
    with in_space(programme):
        lead = factories.lead(first_name="Aïcha")
        receive(lead, db.session.get(Tenant, programme.id))
        return lead


def change(in_space, association, **values):
    with in_space(association):
        tenant = db.session.get(Tenant, association.id)
        for name, value in values.items():
            setattr(tenant, name, value)


def tabs(page):
    return [" ".join(a.get_text(" ").split()) for a in page.soup.select(".tabs a")]


def test_an_empty_queue_says_so(operator):
    page = operator.page(QUEUE)

    assert page.heading == "Demandes du public"
    assert "Rien n'attend ici." in page.text
    assert page.soup.find("button", string="Essayer d'orienter ce qui attend") is None


def test_the_tabs_count_each_state(operator, in_space, programme, waiting):
    for state, count in zip(STATES, (2, 1, 2, 3, 1, 1, 2), strict=True):
        for _rank in range(count):
            with in_space(programme):
                factories.lead(state=state, withdrawn_at=now())

    assert tabs(operator.page(QUEUE)) == [
        "En attente 2", "Orientées 1", "En liste d'attente 2", "Acceptées 3", "Arrêtées 1", "Retirées 1", "Réunies 2",
    ]  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_a_tab_lists_its_state_only(state, operator, in_space, programme):
    with in_space(programme):
        for other in STATES:
            factories.lead(state=other, last_name=other, withdrawn_at=now())

    page = operator.page(f"{QUEUE}?etat={state}")

    assert len(page.rows) == 1
    assert page.rows[0][0].startswith("Demande du " if state in ANSWERED else f"Noé {state} , 20 ans")
    assert [state for state in STATES if f"Noé {state}" in page.text] == ([] if state in ANSWERED else [state])


@pytest.mark.parametrize("state", ANSWERED)
def test_once_it_has_its_answer_nothing_says_who_asked(state, operator, in_space, programme):
    """The programme sees figures: neither the list, nor a search, nor the page, shows somebody."""
    who = {"first_name": "Zoéline", "last_name": "Marqueterie", "email": "zoeline@example.org", "phone": "+33698989898",
           "guardian_name": "Rosalba Marqueterie", "message": "Mon secret", "birth_date": factories.birth_date(16)}  # fmt: skip
    with in_space(programme):
        lead = factories.lead(state=state, withdrawn_at=now(), same_as=factories.lead().id if state == "joined" else None, **who)

    pages = [operator.page(f"{QUEUE}{rest}") for rest in (f"?etat={state}", f"?etat={state}&q=zoeline", f"/{lead.id}")]

    for page in pages:
        assert page.status == 200
        assert not [
            word for word in ("Zoéline", "Marqueterie", "zoeline@", "98 98", "698989898", "secret", "Lyon") if word in page.html
        ]
    assert len(pages[1].rows) == 1, "the search is not asked"


@pytest.mark.parametrize("state", ["received", "nonsense", ""])
def test_a_state_that_is_no_tab_is_what_waits(state, operator, waiting):
    waiting()

    page = operator.page(f"{QUEUE}?etat={state}")

    assert page.soup.select_one(".tabs a[aria-current]").get_text().startswith("En attente")
    assert len(page.rows) == 1


@pytest.mark.parametrize(
    ("typed", "found"), [("elodie", 1), ("ELODIE celik", 1), ("çelik", 1), ("p7@", 1), ("100%", 0), ("nobody", 0)]
)
def test_a_search_finds_a_name_or_an_address(typed, found, operator, waiting):
    waiting(first_name="Élodie", last_name="Çelik", email="p7@example.org")
    waiting(first_name="Noé", last_name="Martin", email="noe@example.org")

    assert len(operator.page(f"{QUEUE}?q={typed.replace('%', '%25')}").rows) == found


def test_a_request_of_another_tab_is_said_and_one_that_was_answered_names_nobody(operator, in_space, programme):
    with in_space(programme):
        for name, state in (("Élodie", "waitlisted"), ("Nora", "accepted")):
            factories.lead("mentee", state, first_name=name)

    [link] = operator.page(f"{QUEUE}?q=elodie").soup.select(".empty a.go")
    assert link.get_text() == "En liste d'attente (1)"
    page = operator.page(f"{QUEUE}?q=nora")
    assert (page.soup.select(".empty a.go"), "Aucune demande ne correspond." in page.text) == ([], True)


@pytest.mark.parametrize(("kind", "rows"), [("mentee", 1), ("mentor", 1), ("nonsense", 2)])
def test_the_queue_can_show_one_kind(kind, rows, operator, waiting):
    waiting()
    waiting(kind="mentor")

    assert len(operator.page(f"{QUEUE}?qui={kind}").rows) == rows


REASONS = [
    ("new", "Arrivée à l'instant, pas encore étudiée."),
    ("territory", "Aucune association n'intervient dans ce département."),
    ("capacity", "Les associations du territoire ont atteint leur capacité du mois."),
    ("declined", "Toutes les associations possibles ont décliné."),
    ("no_relay", "La personne ne souhaite pas être proposée à une autre association."),
    ("relays", "Assez d'associations ont été sollicitées : à traiter à la main."),
    ("unreachable", "Une association n'a pas réussi à joindre la personne."),
    ("birth_date", "L'âge manque : il faut le demander à la personne."),
]


@pytest.mark.parametrize(("reason", "sentence"), REASONS)
def test_what_waits_says_why(reason, sentence, operator, waiting):
    lead = waiting(waiting_reason=reason)

    assert operator.page(QUEUE).rows[0][4] == sentence
    assert sentence in operator.page(f"{QUEUE}/{lead.id}").text


@pytest.mark.parametrize("may_relay", [True, False])
def test_whoever_refused_another_association_is_not_sent_on_unknowingly(may_relay, operator, waiting):
    lead = waiting(waiting_reason="guardian_silent", may_relay=may_relay)

    assert ("la personne ne souhaite pas qu'une autre soit sollicitée" in operator.page(f"{QUEUE}/{lead.id}").text) is not may_relay


def test_an_oriented_request_names_the_association_and_when_it_answers(operator, in_space, programme, oriented):
    assert operator.page(f"{QUEUE}?etat=oriented").rows[0][4] == "Passerelle en route"

    with in_space(programme):
        db.session.query(Orientation).one().state = "delivered"

    assert operator.page(f"{QUEUE}?etat=oriented").rows[0][4].startswith("Passerelle premier contact au plus tard le ")


def test_a_queue_asks_the_database_the_same_for_many(operator, waiting, statements):
    waiting()
    operator.page(QUEUE)
    with statements() as few:
        operator.page(QUEUE)
    for _rank in range(8):
        waiting()

    with statements() as many:
        operator.page(QUEUE)

    assert len(many) == len(few)


def test_a_long_queue_has_pages(operator, waiting):
    for _rank in range(51):
        waiting()

    page = operator.page(f"{QUEUE}?q=no")

    assert len(page.rows) == 50
    following = operator.page(page.soup.find("a", string="Page suivante")["href"])
    assert len(following.rows) == 1
    assert following.value("q") == "no"
    back = operator.page(following.soup.find("a", string="Page précédente")["href"])
    assert back.rows == page.rows
    assert back.soup.find("a", string="Page précédente") is None


@pytest.mark.parametrize("query", ["endpoint=x", "_scheme=ftp", "slug=ailleurs", "_external=1", "_anchor=x", "self=1", "q=a%26b"])
def test_a_query_string_never_breaks_the_pages_of_a_list(query, operator, waiting):
    for _rank in range(51):
        waiting(last_name="A&B")

    page = operator.page(f"{QUEUE}?{query}")

    assert operator.page(page.soup.find("a", string="Page suivante")["href"]).rows


def test_retrying_orients_what_can_go_now(operator, in_space, association, waiting, run_jobs):
    change(in_space, association, mentee_capacity=1)
    for _rank in range(2):
        waiting()

    page = operator.send(f"{QUEUE}/reprise")

    assert "Demandes orientées : 1." in page.text
    assert tabs(page)[:2] == ["En attente 1", "Orientées 1"]
    assert page.rows[0][4] == "Les associations du territoire ont atteint leur capacité du mois."
    assert "leads.hand_over" in run_jobs()


def test_a_request_shows_who_could_take_it_and_why_not(operator, in_space, association, elsewhere, waiting):
    lead = waiting()

    page = operator.page(f"{QUEUE}/{lead.id}")

    rows = [row for row in page.soup.select(".rows li") if row.select_one(".tag")]
    said = {next(row.select_one(".what").stripped_strings): row.select_one(".tag").get_text() for row in rows}
    assert said == {"Passerelle": "possible", "Ailleurs": "hors de son territoire"}
    choices = [option.get_text() for option in page.soup.select("select option")]
    assert choices == ["Choisir…", "Passerelle", "Ailleurs (hors de son territoire)"]
    assert "son département, l'éducation, place restante ce mois-ci : 100 % · 70 points" in page.text


OBSTACLES = [
    ({"departements": ["59"]}, "hors de son territoire", True),
    ({"paused_until": factories.today() + timedelta(days=90)}, "en pause", False),
    ({"axes": ["employment"]}, "n'accompagne pas ce besoin", True),
    ({"min_age": 25}, "hors de ses âges", False),
    ({"mentee_capacity": 0}, "n'en accueille pas", False),
    ({"publics": ["college"]}, "n'accompagne pas dans cette situation", True),
    ({"places": ["company"]}, "ne propose pas ces lieux", True),
]


@pytest.mark.parametrize(("values", "words", "offered"), OBSTACLES)
def test_an_obstacle_is_said_and_passed_over_where_one_may(values, words, offered, operator, in_space, association, waiting):
    lead = waiting()
    change(in_space, association, **values)

    page = operator.page(f"{QUEUE}/{lead.id}")

    assert words in page.text
    assert bool(page.soup.find("select")) is offered


def test_who_could_at_a_distance_is_told_apart(operator, in_space, association, elsewhere, waiting):
    lead = waiting(departement_code="75", commune_code="75056", places=["home"])
    change(in_space, association, all_france=True)

    page = operator.page(f"{QUEUE}/{lead.id}")

    choices = [option.get_text() for option in page.soup.select("select option")]
    assert "Passerelle (pourrait à distance, ce que la personne n'a pas choisi)" in choices
    assert "Ailleurs (hors de son territoire)" in choices


def test_orienting_by_hand_is_in_the_history(operator, association, waiting, run_jobs):
    lead = waiting()

    page = operator.send(f"{QUEUE}/{lead.id}", {"association": str(association.id), "reason": WHY})

    assert page.flashes == ["La demande part vers l'association."]
    assert page.heading == "Noé " + lead.last_name
    assert "Passerelle" in page.text
    assert page.soup.find("select") is None
    assert "leads.hand_over" in run_jobs()


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("", "Dites en une phrase pourquoi celle-ci."),
        (" \u202e ", "Dites en une phrase pourquoi celle-ci."),
        ("a" * 301, "C'est trop long : 300 caractères au plus."),
    ],
)
def test_a_choice_by_hand_needs_its_reason(reason, sentence, operator, association, waiting, in_space, programme):
    lead = waiting()

    page = operator.send(f"{QUEUE}/{lead.id}", {"association": str(association.id), "reason": reason})

    assert (page.status, page.errors) == (422, [sentence])
    assert page.soup.select_one("option[selected]").get_text() == "Passerelle"
    with in_space(programme):
        assert db.session.query(Orientation).count() == 0


def test_the_reason_of_a_choice_by_hand_is_kept_here_and_stays_here(
    operator, association, waiting, in_space, programme, run_jobs, people, app
):
    lead = waiting()

    operator.send(f"{QUEUE}/{lead.id}", {"association": str(association.id), "reason": f"  {WHY} "})
    run_jobs()

    with in_space(programme):
        orientation = db.session.query(Orientation).one()
    assert (orientation.by_hand, orientation.by_hand_reason) == (True, WHY)
    with in_space(association):
        copy = db.session.query(Lead).one()
    assert "deux rues" not in app.test_client().sign_in(people.coordinator.user_id).page(f"/a/passerelle/demandes/{copy.id}").html


@pytest.mark.parametrize(("state", "is_read"), [("oriented", True), ("accepted", False), ("withdrawn", False)])
def test_nor_is_it_read_once_the_programme_does_not_name_the_person(
    operator, association, waiting, in_space, programme, run_jobs, state, is_read
):
    lead = waiting()
    operator.send(f"{QUEUE}/{lead.id}", {"association": str(association.id), "reason": WHY})
    with in_space(programme):
        db.session.get(Lead, (programme.id, lead.id)).state = state

    assert ("deux rues" in operator.page(f"{QUEUE}/{lead.id}").text) is is_read


def test_an_orientation_by_the_rules_has_no_reason_of_a_person(in_space, programme, oriented):
    with in_space(programme):
        orientation = db.session.query(Orientation).one()

    assert (orientation.by_hand, orientation.by_hand_reason) == (False, None)


def test_a_capacity_may_be_overruled_by_hand(operator, in_space, association, oriented, waiting):
    change(in_space, association, mentee_capacity=1)
    lead = waiting()

    page = operator.page(f"{QUEUE}/{lead.id}")
    assert "capacité du mois atteinte" in page.text
    page = operator.send(f"{QUEUE}/{lead.id}", {"association": str(association.id), "reason": WHY})

    assert page.flashes == ["La demande part vers l'association."]


def test_a_request_that_fits_nobody_goes_to_who_said_yes_on_the_telephone(operator, in_space, association, waiting, run_jobs):
    change(in_space, association, departements=["59"], phone="+33199002200")
    lead = waiting()

    page = operator.page(f"{QUEUE}/{lead.id}")
    assert "Aucune association ne convient tout à fait. Appelez-en une" in page.text
    assert "Passerelle (hors de son territoire)" in page.text
    assert page.soup.find("a", href="tel:+33199002200").get_text() == "01 99 00 22 00"
    page = operator.send(f"{QUEUE}/{lead.id}", {"association": str(association.id), "reason": "Elle accepte, à distance"})
    run_jobs()

    assert page.flashes == ["La demande part vers l'association."]
    with in_space(association):
        assert db.session.query(Lead).one().orientation_id is not None


@pytest.mark.parametrize("choice", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
def test_an_association_that_is_not_proposed_is_refused(choice, operator, waiting):
    lead = waiting()

    page = operator.send(f"{QUEUE}/{lead.id}", {"association": choice, "reason": WHY})

    assert page.status == 422
    assert len(page.errors) == 1


def test_of_the_associations_the_programme_sees_no_person(operator, people):
    """Files, staff and pairs stay in their space: no page of the programme names them."""
    for path in (QUEUE, "/a/programme/associations", f"{QUEUE}?etat=accepted"):
        html = operator.page(path).html

        for person in (people.mentor, people.mentee, people.coordinator):
            assert person.last_name not in html
            assert person.first_name not in html


@pytest.mark.parametrize("path", ["orientation", "associations", "regles"])
def test_staff_of_an_association_have_no_desk(path, app, people, in_space, association):
    client = app.test_client().sign_in(people.coordinator.user_id)

    assert client.page(f"/a/programme/{path}").status == 404
    assert client.page(f"/a/passerelle/{path}").status == 403


def test_an_associations_request_is_not_the_programmes(operator, in_space, association):
    with in_space(association):
        lead = factories.lead()

    assert operator.page(f"{QUEUE}/{lead.id}").status == 404


def test_a_request_without_a_date_of_birth_shows_no_age(operator, waiting, in_space, programme):
    lead = waiting(last_name="Sansage")
    with in_space(programme):
        row = db.session.get(Lead, (programme.id, lead.id))
        row.birth_date = row.age = None

    assert operator.page(QUEUE).rows[0][0] == "Noé Sansage"


def test_the_oldest_request_comes_first(operator, waiting):
    waiting(requested_at=now() - timedelta(days=1), answer_by=None, last_name="Neuve")
    waiting(requested_at=now() - timedelta(days=5), answer_by=None, last_name="Vieille")

    assert [row[0] for row in operator.page(QUEUE).rows] == ["Noé Vieille , 20 ans", "Noé Neuve , 20 ans"]


def test_the_race_of_two_operators_is_won_once(operator, association, waiting, in_space, programme):
    lead = waiting()

    for _time in range(2):
        operator.send(f"{QUEUE}/{lead.id}", {"association": str(association.id), "reason": WHY})

    with in_space(programme):
        assert db.session.query(Orientation).count() == 1
        assert db.session.get(Lead, (programme.id, lead.id)).state == "oriented"


def test_a_page_that_was_open_before_somebody_oriented_it_says_where_it_is(
    operator, association, elsewhere, waiting, run_jobs, in_space, programme
):
    lead = waiting()
    typed = {"association": str(association.id), "reason": "Au plus près."}
    operator.send(f"{QUEUE}/{lead.id}", typed)
    run_jobs()

    page = operator.send(f"{QUEUE}/{lead.id}", {**typed, "association": str(elsewhere.id)})

    assert [flash.replace("\u00a0", " ") for flash in page.flashes] == ["Cette demande n'attend plus : voici où elle en est."]
    assert "Chez Passerelle" in page.text


def test_the_queue_begins_with_the_words_that_alarm(operator, waiting, in_space, programme):
    said = {"hopes": "Mon père me frappe", "requested_at": now() - timedelta(days=1)}
    lead = waiting(first_name="Théa", **said)
    waiting(first_name="Léo")
    with in_space(programme):
        factories.lead(state="oriented", first_name="Awa", **said)

    first = operator.page(QUEUE)

    assert first.soup.select_one(".sheet.help p").get_text(strip=True) == f"Théa {lead.last_name}"
    assert first.soup.select_one(".sheet.help a")["href"] == f"{QUEUE}/{lead.id}"
    assert "À lire d'abord" not in operator.page(f"{QUEUE}?etat=oriented").text
