"""The list of requests: filters, pages read by key, views that somebody keeps, and acting on many at once."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

import pytest

from app.database import now
from app.extensions import db
from app.leads.models import Decline, Lead, LeadEvent, SavedView
from app.mail import Mail
from app.people.models import Mentee
from tests import factories

INBOX = "/a/passerelle/demandes"
VIEWS, BULK = f"{INBOX}/vues", f"{INBOX}/lot"
LEAST = "Cochez des demandes, puis choisissez ce qu'il faut en faire."
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
NB = "\u00a0"


def names(page):
    """The last names of who is in the list."""
    return [link.get_text().partition(" ")[2] for link in page.soup.select("tbody th a")]


def follow(client, page, words):
    """The page before or after."""
    return client.page(page.soup.find("a", string=words)["href"])


def links(page):
    """Which pages the list leads to."""
    return [link.get_text() for link in page.soup.select(".pager a")]


@pytest.fixture
def mixed(make, staff, colleague):
    """Four requests: mine and late, a colleague's to call back today, nobody's, nobody's and late."""
    day = factories.today()
    make(last_name="Mienne", assigned_to=staff.user_id, answer_by=day - timedelta(days=3))
    make(last_name="Autre", phone="+33698000002", assigned_to=colleague.user_id, next_try_on=day, answer_by=day + timedelta(days=1))
    make(last_name="Libre", guardian_phone="+33698000001", next_try_on=day + timedelta(days=1), answer_by=day + timedelta(days=2))
    make(last_name="Vieille", kind="mentor", next_try_on=day - timedelta(days=1), answer_by=day - timedelta(days=1))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("chez=moi", ["Mienne"]),
        ("chez=personne", ["Vieille", "Libre"]),
        ("tard=1", ["Mienne", "Vieille"]),
        ("essai=1", ["Vieille", "Autre"]),
        ("tard=1&essai=1", ["Vieille"]),
        ("tard=1&chez=moi", ["Mienne"]),
        ("chez=personne&qui=mentee", ["Libre"]),
        ("tard=1&q=VIEI", ["Vieille"]),
        ("tard=1&essai=1&chez=personne&qui=mentor&q=martine", ["Vieille"]),
        ("tard=1&q=libre", []),
        ("chez=moi&essai=1", []),
        ("q=06.98.00.00.01", ["Libre"]),
        ("q=%2B33698000002", ["Autre"]),
        ("q=0698000003", []),
    ],
)
def test_a_filter_keeps_what_it_says(client, mixed, query, found):
    assert names(client.page(f"{INBOX}?{query}")) == found


def test_the_list_of_one_colleague_can_be_read(client, mixed, colleague):
    page = client.page(f"{INBOX}?chez={colleague.user_id}")

    assert names(page) == ["Autre"]
    assert page.soup.select_one("#chez option[selected]").get_text() == "Sacha Le Bihan"


@pytest.mark.parametrize("chez", ["roi", "00000000-0000-0000-0000-000000000000", "%27%20or%201=1", "a" * 9000])
def test_a_holder_who_is_nobody_here_filters_nothing(client, mixed, chez):
    assert len(client.page(f"{INBOX}?chez={chez}").rows) == 4


def test_an_account_of_another_space_filters_nothing(client, mixed, elsewhere, in_space):
    with in_space(elsewhere):
        stranger = factories.staff(elsewhere)

    assert len(client.page(f"{INBOX}?chez={stranger.user_id}").rows) == 4


def test_what_is_filtered_is_shown_in_the_fields(client, mixed):
    page = client.page(f"{INBOX}?chez=moi&tard=1&essai=1&qui=mentee&q=mi")

    assert [box["name"] for box in page.soup.select(".filters input[checked]")] == ["tard", "essai"]
    assert [option["value"] for option in page.soup.select(".filters option[selected]")] == ["mentee", "moi"]
    assert page.value("q") == "mi"


@pytest.fixture
def many(association, in_space):
    """120 requests of the same day and the same instant: only their number tells them apart."""
    with in_space(association):
        made = [factories.lead(last_name=f"Rang {rank}", answer_by=date(2026, 11, 9), requested_at=NOON) for rank in range(120)]
        return [lead.last_name for lead in sorted(made, key=lambda lead: lead.id)]


def test_pages_lead_to_every_row_once_and_back(client, staff, many):
    first = client.page(INBOX)
    second = follow(client, first, "Page suivante")
    third = follow(client, second, "Page suivante")

    assert names(first) + names(second) + names(third) == many
    assert [links(page) for page in (first, second, third)] == [
        ["Page suivante"],
        ["Page précédente", "Page suivante"],
        ["Page précédente"],
    ]
    back = follow(client, third, "Page précédente")
    assert (names(back), links(back)) == (names(second), ["Page précédente", "Page suivante"])
    start = follow(client, back, "Page précédente")
    assert (names(start), links(start)) == (names(first), ["Page suivante"])


def test_a_page_keeps_the_filters(client, staff, many, make):
    make(last_name="Tardive", answer_by=factories.today() + timedelta(days=90))

    page = follow(client, client.page(f"{INBOX}?tard=1&q=rang&chez=personne"), "Page suivante")

    assert names(page) == many[50:100]
    assert (page.value("q"), bool(page.soup.select("#tard[checked]"))) == ("rang", True)


def test_a_row_that_arrives_meanwhile_moves_no_page(client, staff, many, make):
    first = client.page(INBOX)
    make(last_name="Urgente", answer_by=date(2026, 11, 1))

    second = follow(client, first, "Page suivante")

    assert names(second) == many[50:100]
    assert names(follow(client, second, "Page précédente")) == many[:50]


def test_what_was_accepted_is_read_by_key_too(client, staff, association, in_space):
    with in_space(association):
        for rank in range(51):
            factories.lead(state="accepted", accepted_at=now(), last_name=f"Rang {rank}", requested_at=NOON)

    page = follow(client, client.page(f"{INBOX}?etat=accepted"), "Page suivante")

    assert len(page.rows) == 1
    assert len(follow(client, page, "Page précédente").rows) == 50


WRONG = [
    "abc",
    "~~",
    "2026-11-09",
    "2026-11-09~2026-11-02T12:00:00+00:00",
    "2026-11-02T12:00:00+00:00~01910000-0000-7000-8000-000000000000",
    "2026-11-09~2026-11-02T12:00:00~01910000-0000-7000-8000-000000000000",
    "2026-13-09~2026-11-02T12:00:00+00:00~01910000-0000-7000-8000-000000000000",
    "2026-11-09~2026-11-02T12:00:00+00:00~'; drop table leads",
    "2026-11-09~2026-11-02T12:00:00+00:00~01910000-0000-7000-8000-000000000000~x",
    "2026-11-09~0001-01-01T00:00:00+14:00~01910000-0000-7000-8000-000000000000~",
    "é" * 5000,
]


@pytest.mark.parametrize("name", ["apres", "avant"])
@pytest.mark.parametrize("mark", WRONG)
def test_a_mark_that_is_none_begins_the_list(client, staff, make, name, mark):
    make()

    page = client.page(f"{INBOX}?{name}={quote(mark)}")

    assert (page.status, len(page.rows), links(page)) == (200, 1, [])


def test_a_mark_of_another_tab_begins_the_list(client, staff, many, association, in_space):
    with in_space(association):
        factories.lead(state="accepted", accepted_at=now())
    mark = client.page(INBOX).soup.find("a", string="Page suivante")["href"].partition("apres=")[2]

    assert len(client.page(f"{INBOX}?etat=accepted&apres={mark}").rows) == 1


def test_after_the_very_last_row_there_is_nothing_and_no_way_to_be_lost(client, staff, make):
    make()

    page = client.page(f"{INBOX}?apres=9999-12-31~9999-12-31T23:59:59%2B00:00~ffffffff-ffff-ffff-ffff-ffffffffffff")

    assert (page.status, page.rows) == (200, [])


def shown_views(page):
    """The views above the list, with where they lead."""
    return {link.get_text(): link["href"] for link in page.soup.select(".views a")}


def test_filters_are_kept_under_a_name(client, mixed):
    page = client.send(f"{VIEWS}?tard=1&chez=moi&apres=x&slug=ailleurs", {"name": "  Mes retards "})

    assert page.flashes == [f"La vue «{NB}Mes retards{NB}» est gardée."]
    assert shown_views(page) == {"Mes retards": f"{INBOX}?chez=moi&tard=1"}
    assert page.soup.select_one(".views a[aria-current]").get_text() == "Mes retards"
    assert names(client.page(shown_views(page)["Mes retards"])) == ["Mienne"]


def test_what_is_searched_is_not_kept_for_it_is_somebodys_name(client, staff, stored, association):
    assert "une vue ne garde le nom de personne" in client.page(f"{INBOX}?q=oubli").text
    assert "une vue ne garde le nom de personne" not in client.page(INBOX).text

    client.send(f"{VIEWS}?tard=1&q=oubli", {"name": "Ma vue"})

    assert [view.filters for view in stored(association, SavedView)] == [{"tard": "1"}]


def test_the_same_name_again_replaces_the_filters(client, staff, stored, association):
    client.send(f"{VIEWS}?tard=1", {"name": "Ma vue"})

    client.send(f"{VIEWS}?essai=1", {"name": "Ma vue"})

    assert [(view.name, view.filters) for view in stored(association, SavedView)] == [("Ma vue", {"essai": "1"})]


def test_the_name_of_a_view_is_short(client, staff, stored, association):
    page = client.send(f"{VIEWS}?tard=1", {"name": "a" * 41})

    assert page.flashes == [f"C'est trop long{NB}: 40 caractères au plus."]
    assert page.response.request.args["tard"] == "1"
    assert stored(association, SavedView) == []


def test_a_view_belongs_to_who_keeps_it(app, client, staff, colleague, stored, association):
    client.send(f"{VIEWS}?tard=1", {"name": "À moi"})
    [view] = stored(association, SavedView)
    other = app.test_client().sign_in(colleague.user_id)

    assert shown_views(other.page(INBOX)) == {}
    assert other.send(f"{VIEWS}/{view.id}/oubli").status == 404
    other.send(f"{VIEWS}?essai=1", {"name": "À moi"})
    assert shown_views(client.page(INBOX)) == {"À moi": f"{INBOX}?tard=1"}


def test_a_view_can_be_forgotten_once(client, staff, stored, association):
    client.send(f"{VIEWS}?tard=1", {"name": "Brève"})
    [view] = stored(association, SavedView)

    assert client.send(f"{VIEWS}/{view.id}/oubli").flashes == [f"La vue «{NB}Brève{NB}» est oubliée."]
    assert stored(association, SavedView) == []
    assert client.send(f"{VIEWS}/{view.id}/oubli").status == 404


def test_a_view_of_another_association_does_not_exist(client, staff, elsewhere, in_space, stored):
    with in_space(elsewhere):
        view = SavedView(user_id=factories.user().id, name="Ailleurs", filters={})
        db.session.add(view)
        db.session.flush()

    assert client.send(f"{VIEWS}/{view.id}/oubli").status == 404
    assert len(stored(elsewhere, SavedView)) == 1


def test_many_requests_are_given_to_a_colleague_at_once(client, staff, colleague, make, stored, association):
    ticked, left = [make(), make()], make()

    page = client.send(f"{BULK}?tard=1", {"demande": [lead.id for lead in ticked], "action": f"assign:{colleague.user_id}"})

    assert page.flashes == [f"Demandes traitées{NB}: 2."]
    assert page.response.request.args["tard"] == "1"
    assert {lead.id: lead.assigned_to for lead in stored(association, Lead)} == {
        **{lead.id: colleague.user_id for lead in ticked},
        left.id: None,
    }


def test_many_requests_are_taken_from_everybody_at_once(client, staff, make, stored, association):
    ticked = [make(assigned_to=staff.user_id, state=state).id for state in ("received", "waitlisted")]

    client.send(BULK, {"demande": ticked, "action": "assign:"})

    assert [lead.assigned_to for lead in stored(association, Lead)] == [None, None]
    assert [(event.what, event.reason) for event in stored(association, LeadEvent)] == [("assigned", "nobody")] * 2


def test_many_requests_are_given_back_with_one_reason_and_each_person_is_told(client, staff, make, stored, association):
    ticked = [make().id, make(state="waitlisted").id, make(email=None).id]

    page = client.send(BULK, {"demande": ticked, "action": "decline:capacity", "sure": "1"})

    assert page.flashes == [f"Demandes traitées{NB}: 3."]
    assert stored(association, Lead) == []
    assert [row.reason for row in stored(association, Decline)] == ["capacity"] * 3
    assert [mail.kind for mail in stored(association, Mail)] == ["lead_declined"] * 2


@pytest.mark.parametrize(("action", "verb"), [("decline:capacity", "Rendre"), ("accept:", "Accepter")])
@pytest.mark.parametrize(("count", "what"), [(1, "cette demande"), (2, "ces demandes")])
def test_of_one_request_it_asks_in_the_singular(count, what, action, verb, client, staff, make):
    page = client.send(BULK, {"demande": [make().id for _one in range(count)], "action": action})

    assert page.soup.select_one("main form button").get_text() == f"{verb} {what}"
    assert page.soup.find("a", string=f"Non, garder {what}")


def test_giving_back_asks_first_and_says_who_and_why(client, staff, make, stored, association):
    ticked = [make(first_name="Inès", last_name="Benali"), make(state="waitlisted", last_name="<b>Zoé</b>")]
    left = make(last_name="Ailleurs")

    page = client.send(f"{BULK}?tard=1", {"demande": [lead.id for lead in ticked], "action": "decline:capacity"})

    assert page.status == 200
    assert page.soup.h1.get_text() == f"Rendre 2 demandes{NB}?"
    assert "Inès Benali" in page.text
    assert "<b>Zoé</b>" in page.text
    assert left.last_name not in page.text
    assert len(stored(association, Lead)) == 3

    sent = page.soup.find("form", action=f"{BULK}?tard=1")
    client.send(sent["action"], {"demande": [one["value"] for one in sent.find_all("input", {"name": "demande"})],
                                 **{name: sent.find("input", {"name": name})["value"] for name in ("action", "sure")}})  # fmt: skip
    assert [lead.id for lead in stored(association, Lead)] == [left.id]


def test_accepting_several_asks_first_then_opens_a_file_for_each(client, staff, make, stored, association, run_jobs):
    ticked = [make(first_name="Inès", last_name="Benali").id, make(state="waitlisted").id]
    answered = make(state="accepted", accepted_at=now()).id

    page = client.send(BULK, {"demande": [*ticked, answered], "action": "accept:"})
    assert page.soup.h1.get_text() == f"Accepter 2 demandes{NB}?"
    assert stored(association, Mentee) == []
    for _time in range(2):  # twice is once
        page = client.send(BULK, {"demande": ticked, "action": "accept:", "sure": "1"})

    assert page.flashes == [LEAST]
    assert sorted(row.lead_id for row in stored(association, Mentee)) == sorted(ticked)
    assert {lead.state for lead in stored(association, Lead)} == {"accepted"}


@pytest.mark.parametrize("action", ["", "assign:roi", "decline:", "decline:late", "decline:roi", "accept", "accept:x", "\x00"])
def test_an_action_that_is_none_does_nothing(client, staff, make, stored, association, action):
    lead = make(assigned_to=staff.user_id)

    page = client.send(BULK, {"demande": [lead.id], "action": action})

    assert page.flashes == [LEAST]
    assert [row.assigned_to for row in stored(association, Lead)] == [staff.user_id]


@pytest.mark.parametrize("ticked", [[], ["roi"], ["\x00", "'; drop table leads"], ["00000000-0000-0000-0000-000000000000"]])
def test_nothing_that_is_ticked_is_said(client, staff, make, stored, association, ticked):
    make()

    assert client.send(BULK, {"demande": ticked, "action": "decline:age", "sure": "1"}).flashes == [LEAST]
    assert len(stored(association, Lead)) == 1


def test_requests_of_another_association_are_left(client, staff, make, stored, association, elsewhere, in_space):
    with in_space(elsewhere):
        theirs = factories.lead()
    mine = make()

    page = client.send(BULK, {"demande": [theirs.id, mine.id], "action": "decline:age", "sure": "1"})

    assert page.flashes == [f"Demandes traitées{NB}: 1."]
    assert (len(stored(association, Lead)), len(stored(elsewhere, Lead))) == (0, 1)


@pytest.mark.parametrize("state", ["accepted", "withdrawn", "moved", "lapsed"])
def test_a_request_that_was_answered_meanwhile_is_left(client, staff, make, stored, association, state):
    answered, waits = make(state=state, accepted_at=now(), withdrawn_at=now()), make()

    page = client.send(BULK, {"demande": [answered.id, waits.id], "action": "decline:age", "sure": "1"})

    assert page.flashes == [f"Demandes traitées{NB}: 1."]
    assert [lead.id for lead in stored(association, Lead)] == [answered.id]


def test_no_more_than_two_hundred_are_treated_at_once(client, staff, association, in_space, stored):
    with in_space(association):
        ids = [factories.lead().id for _ in range(203)]

    page = client.send(BULK, {"demande": ids, "action": f"assign:{staff.user_id}"})

    assert page.flashes == [f"Demandes traitées{NB}: 200."]
    assert {lead.id for lead in stored(association, Lead) if lead.assigned_to is None} == set(ids[200:])


def test_many_requests_are_not_given_to_somebody_who_does_not_answer_here(client, people, make, stored, association):
    client.sign_in(people.coordinator.user_id)
    lead = make()

    client.send(BULK, {"demande": [lead.id], "action": f"assign:{people.mentor.user_id}"})

    assert [row.assigned_to for row in stored(association, Lead)] == [None]


@pytest.mark.parametrize("path", [BULK, VIEWS])
def test_mentors_act_on_no_request(client, people, path):
    client.sign_in(people.mentor.user_id)

    assert client.send(path, {"name": "x", "action": "decline:age"}).status == 403
