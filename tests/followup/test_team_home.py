"""The team's first page: what waits, counted; whom to call and why; and nothing to say when there is nothing."""

from datetime import timedelta

import pytest

from app.accounts.models import User
from app.database import now
from app.extensions import db
from app.followup import rules
from app.pairs.closing import close_pair
from app.tenants.models import Tenant
from app.web import today
from tests import factories

from .situations import HOME, SPACE, contact, headings, message, moment, plain, situation

EVERYBODY = f"{HOME}?tous=1"
MOST = 10  # statements that the page may send


def figures(page):
    return {a.span.get_text(): plain(a.strong.get_text()) for a in page.soup.select(".figure")}


def test_the_team_of_a_new_association_reads_what_to_expect(home, people, change, in_space, association):
    with in_space(association):
        close_pair(situation(association, people.pair), today(), "planned", None)
    change("mentee", state="withdrawn")

    page = home(people.coordinator.user_id)

    assert page.heading == "À appeler aujourd'hui"
    assert figures(page) == {
        "Demandes à traiter": "0",
        "Messages sans réponse": "0",
        "Candidatures en cours": "1",
        "Jeunes sans mentor": "0",
        "Binômes en cours": "0",
        "Heures ce mois-ci": "0 min",
    }
    assert {figure.name for figure in page.soup.select(".figure")} == {"a"}, "each leads to its list"
    assert "Personne à appeler aujourd'hui parmi les binômes que vous suivez." in page.text
    assert "Personne n'attend." in page.text
    assert "Séances passées" not in page.text


@pytest.mark.parametrize("who", ["coordinator", "admin"])
def test_the_team_reads_what_waits_counted(who, home, people, in_space, association):
    with in_space(association):
        factories.lead()
        factories.lead(state="accepted")
        factories.mentee(association, first_name="Aïcha")
        start = moment(factories.today().replace(day=1))
        factories.meeting(people.pair, state="held", starts_at=start, minutes=90)
        factories.meeting(people.pair, state="missed", starts_at=start)
        factories.meeting(people.pair, state="held", starts_at=start - timedelta(days=3))
        factories.meeting(people.pair, -1)
        message(association, people.pair)

    page = home(getattr(people, who).user_id)

    assert figures(page) == {
        "Demandes à traiter": "1",
        "Messages sans réponse": "1",
        "Candidatures en cours": "1",
        "Jeunes sans mentor": "1",
        "Binômes en cours": "1",
        "Heures ce mois-ci": "1 h 30",
    }
    assert "Séances passées que personne n'a encore notées : 1." in page.text
    assert "Aïcha" in page.text
    assert page.soup.find("a", string="Former un binôme")


def test_the_hours_of_the_month_begin_at_the_associations_midnight(home, people, in_space, association):
    """On the 1st at 2 h in La Réunion it is still the month before in UTC."""
    with in_space(association):
        tenant = db.session.get(Tenant, association.id)
        tenant.timezone = "Indian/Reunion"
        first = now().astimezone(tenant.zone).replace(day=1, hour=2, minute=0)
        factories.meeting(people.pair, state="held", starts_at=first)
        factories.meeting(people.pair, state="held", starts_at=first - timedelta(hours=3))

    assert figures(home(people.coordinator.user_id))["Heures ce mois-ci"] == "1 h"


def test_a_pair_that_is_silent_is_to_be_called(home, people, in_space, association):
    with in_space(association):
        factories.meeting(people.pair, -31, "held")
        rules.refresh()

    page = home(people.admin.user_id)

    assert headings(page)[0] == f"{people.mentee.short_name} et {people.mentor.short_name}"
    assert "Dernière séance le" in page.text
    assert "(31 jours)" in page.text
    assert page.soup.find("a", href=f"tel:{people.mentor.phone}")
    assert page.soup.find("a", href=f"tel:{people.mentee.phone}")
    assert "Personne à appeler" not in page.text


def test_a_pair_that_never_met_is_to_be_called_too(home, people, refreshed):
    refreshed()

    assert "Aucune séance depuis le début, le" in home(people.admin.user_id).text


def test_the_last_contact_stands_next_to_the_reasons(home, people, in_space, association):
    with in_space(association):
        contact(people.pair, people.admin.user_id, reached=False, note="Il rappelle ce soir")
        rules.refresh()

    said = home(people.admin.user_id).text

    assert "téléphone, mentor (sans réponse) : « Il rappelle ce soir »" in said


def test_a_jeune_without_a_telephone_is_not_to_be_dialled(home, people, change, refreshed):
    change("mentee", phone=None)
    refreshed()

    dialled = [a["href"] for a in home(people.admin.user_id).soup.select(".call a[href^='tel:']")]

    assert dialled == [f"tel:{people.mentor.phone}"]


@pytest.mark.parametrize(("age", "shown"), [(16, True), (20, False)])
def test_a_guardian_is_dialled_only_for_a_minor(age, shown, home, people, change, refreshed):
    change("mentee", birth_date=factories.birth_date(age), guardian_name="Nadège Parent", guardian_phone="+33612009999")
    refreshed()

    page = home(people.admin.user_id)

    assert (page.soup.find("a", href="tel:+33612009999") is not None) is shown


@pytest.fixture
def followed(in_space, association, people):
    """So many more pairs that the coordinator follows, each to be called for, with a contact."""

    def make(count):
        with in_space(association):
            staff = situation(association, people.coordinator)
            for _rank in range(count):
                one = factories.pair(factories.mentor(association, trained=True), factories.mentee(association), coordinator=staff)
                contact(one, people.admin.user_id, reached=False)
            rules.refresh()

    return make


@pytest.mark.parametrize(("who", "path"), [("coordinator", HOME), ("admin", EVERYBODY)])
def test_the_page_asks_the_same_for_many_pairs_and_little(who, path, signed, followed, statements):
    client = signed(who)
    followed(1)
    client.page(path)
    with statements() as few:
        client.page(path)
    followed(5)

    with statements() as many:
        page = client.page(path)

    assert len(page.soup.select(".call")) >= 6
    assert len(many) == len(few)
    assert len(many) <= MOST


WORDS, FIRST = "Mon père me frappe", "À lire d'abord : des mots qui inquiètent"


@pytest.mark.parametrize(("who", "path"), [("coordinator", HOME), ("admin", HOME), ("admin", EVERYBODY)])
def test_the_day_begins_with_the_requests_whose_words_alarm(who, path, signed, followed, statements, in_space, association):
    client = signed(who)
    followed(1)
    with in_space(association):
        first = factories.lead(age=16, message=WORDS, last_name="Gros")
        factories.lead(hopes=WORDS, last_name="Marchand", same_as=first.id)
        factories.lead(last_name="Calme")
    client.page(path)

    with statements() as seen:
        page = client.page(path)

    [card] = [card for card in page.soup.select(".help") if card.h2.get_text(" ").replace("\xa0", " ") == FIRST]
    assert [a.get_text() for a in card.find_all("a")] == ["Noé Gros", "Noé Marchand"]
    assert card.a["href"] == f"{SPACE}/demandes/{first.id}"
    assert figures(page)["Demandes à traiter"] == "3"
    assert len(seen) <= MOST


@pytest.mark.parametrize("about", [{"contacted_at": now()}, {"state": "withdrawn"}, {"message": None}])
def test_nothing_alarms_once_somebody_tried_to_call(about, admin, in_space, association):
    with in_space(association):
        factories.lead(**{"message": WORDS, **about})

    assert FIRST not in admin.page(HOME).text


@pytest.mark.parametrize("own", ["email", "phone"])
def test_a_request_about_who_reads_is_not_in_their_day(own, signed, people, in_space, association):
    with in_space(association):
        card = situation(association, people.coordinator)
        card.phone = "+33639984455"
        mine = {"email": db.session.get(User, card.user_id).email, "phone": card.phone}[own]
        factories.lead(age=16, message=WORDS, guardian_name="Claire Morel", **{f"guardian_{own}": mine})

    assert FIRST not in signed("coordinator").page(HOME).text
    assert FIRST in signed("admin").page(HOME).text


@pytest.mark.parametrize("path", ["sante-des-binomes", "messages", "messages?tous=1", "portefeuilles", "reglages/suivi"])
def test_every_page_of_the_team_asks_little(path, admin, people, refreshed, statements, in_space, association):
    with in_space(association):
        for side in ("mentor", "mentee"):
            message(association, people.pair, side)
    refreshed()
    admin.page(f"{SPACE}/{path}")

    with statements() as seen:
        assert admin.page(f"{SPACE}/{path}").status == 200

    assert len(seen) <= MOST


@pytest.mark.parametrize(("who", "may_set"), [("admin", True), ("coordinator", False)])
@pytest.mark.parametrize("path", [HOME, f"{SPACE}/demandes"])
def test_a_team_to_whom_nothing_can_be_sent_reads_why(who, may_set, path, app, people, in_space, association):
    client = app.test_client().sign_in(getattr(people, who).user_id)
    before = client.page(path)
    with in_space(association):
        tenant = db.session.get(Tenant, association.id)
        tenant.departements, tenant.regions, tenant.communes, tenant.all_france = [], [], [], False
        tenant.mentee_capacity = tenant.mentor_capacity = 0

    page = client.page(path)

    assert "Le programme ne peut rien vous confier" not in before.text
    assert "Aucun territoire n'est choisi" in page.text
    assert "Aucune place par mois" in page.text
    assert "Rien n'est coché" not in page.text
    assert bool(page.soup.select_one(".warm a[href$='/reglages/offre']")) is may_set


def test_who_said_yes_on_both_sides_is_not_forgotten(home, people, in_space, association):
    with in_space(association):
        mentor, mentee = factories.mentor(association, trained=True), factories.mentee(association)
        factories.pair(mentor, mentee, state="confirmed")

    page = home(people.coordinator.user_id)

    assert figures(page)["Oui des deux côtés, à faire commencer"] == "1"
    assert page.soup.select_one("a[href$='?etat=confirmed']")


def test_a_pair_that_closes_is_not_forgotten(home, people, in_space, association):
    with in_space(association):
        situation(association, people.pair).state = "closing"

    page = home(people.coordinator.user_id)

    assert figures(page)["Clôtures à terminer"] == "1"
    assert page.soup.select_one("a[href$='?etat=closing']")
