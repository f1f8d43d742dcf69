"""The demonstration: as much as a real site holds, the same every time, and doors that exist nowhere else."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.models import User
from app.certificates.models import Certificate
from app.database import unit_of_work
from app.demo.load import load_demonstration
from app.demo.people import ACCOUNTS, PASSWORD, PLACES, address
from app.extensions import db
from app.leads.models import ContactAttempt, Lead
from app.meetings.models import Meeting
from app.pairs.models import Pair
from app.people.models import Authorisation, Mentee, Mentor
from app.tenants.models import Tenant, TenantKind
from app.training.models import Completion
from app.training.session_models import CourseSession
from tests import factories
from tests.databases import OLDEST

pytestmark = pytest.mark.committed


def spaces(site, kind=TenantKind.ASSOCIATION):
    with unit_of_work(site, None):
        return list(db.session.scalars(select(Tenant).where(Tenant.kind == kind).order_by(Tenant.slug)))


def read(site, tenant, statement):
    """The rows of a select in a space."""
    with unit_of_work(site, tenant.id), site.test_request_context("/"):
        return db.session.execute(statement).all()


def counted(site, model, *conditions):
    """How many rows each association has."""
    return [read(site, tenant, select(func.count()).select_from(model).where(*conditions))[0][0] for tenant in spaces(site)]


def test_four_associations_and_a_programme(demo_site):
    assert [t.slug for t in spaces(demo_site)] == ["cap-atlantique", "kap-reunion", "passerelle-rhone", "tremplin-nord"]
    assert len(spaces(demo_site, TenantKind.PROGRAMME)) == 1


def test_nobody_is_expected_at_two_sessions_at_once(demo_site):
    for tenant in spaces(demo_site):
        starts = [row.starts_at for row in read(demo_site, tenant, select(CourseSession.starts_at))]
        assert len(starts) == len(set(starts)) == 6


VOLUMES = [(Mentor, 40), (Mentee, 60), (Pair, 30), (Certificate, 30)]


@pytest.mark.parametrize(("model", "at_least"), VOLUMES)
def test_as_many_people_as_a_real_site(model, at_least, demo_site):
    counts = counted(demo_site, model)

    assert sum(counts) >= at_least
    assert all(counts)


@pytest.mark.parametrize("state", ["planned", "held", "missed", "cancelled"])
def test_meetings_of_every_kind(state, demo_site):
    assert sum(counted(demo_site, Meeting, Meeting.state == state)) > 1


def test_requests_at_every_stage(demo_site):
    (programme,) = spaces(demo_site, TenantKind.PROGRAMME)

    states = dict(read(demo_site, programme, select(Lead.state, func.count()).group_by(Lead.state)))

    assert set(states) == {"waiting", "oriented", "waitlisted", "accepted", "withdrawn"}
    assert all(counted(demo_site, Lead, Lead.state == "received"))
    assert all(counted(demo_site, Lead, Lead.state == "waitlisted"))
    assert all(counted(demo_site, ContactAttempt))


def everybody(site):
    return [read(site, t, select(Mentee.first_name, Mentee.last_name, Mentee.email).order_by(Mentee.email)) for t in spaces(site)]


def test_a_second_call_adds_nothing(demo_site):
    before = counted(demo_site, Meeting), everybody(demo_site)

    load_demonstration(demo_site)

    assert (counted(demo_site, Meeting), everybody(demo_site)) == before


def test_another_site_on_the_oldest_postgresql_has_the_same_people_and_meetings(demo_site, oldest_site):
    meetings = select(Meeting.starts_at, Meeting.minutes).order_by(Meeting.starts_at, Meeting.minutes)

    assert everybody(oldest_site) == everybody(demo_site)
    assert [read(oldest_site, t, meetings) for t in spaces(oldest_site)] == [
        read(demo_site, t, meetings) for t in spaces(demo_site)
    ]


def test_the_oldest_postgresql_isolates_and_holds_the_gate_too(oldest_site):
    ours, theirs = spaces(oldest_site)[:2]
    [(untrained,)] = read(oldest_site, ours, select(Mentor).where(Mentor.id.not_in(select(Completion.mentor_id))).limit(1))
    [(mentee,)] = read(oldest_site, ours, select(Mentee).where(Mentee.id.not_in(select(Pair.mentee_id))).limit(1))
    with oldest_site.app_context():
        version = db.session.scalar(text("SHOW server_version_num"))

    assert int(version) // 10_000 == OLDEST
    assert read(oldest_site, theirs, select(Mentor).where(Mentor.id == untrained.id)) == []
    with pytest.raises(DBAPIError, match="pair_gate: training"), unit_of_work(oldest_site, ours.id):
        db.session.add(
            Pair(mentor_id=untrained.id, mentee_id=mentee.id, starts_on=factories.today(), planned_months=6, rhythm="weekly")
        )


def test_every_address_is_an_invented_one(demo_site):
    with unit_of_work(demo_site, None):
        addresses, marks = zip(*db.session.execute(select(User.email, User.fs_uniquifier)), strict=True)

    assert "@" not in "".join(marks), "it stays when an address is forgotten"
    assert len(addresses) == len(set(addresses))
    assert all(email.endswith("@example.org") for email in addresses)


def test_the_page_of_accounts_lists_them_all(visitor):
    page = visitor.page("/demonstration")

    assert page.heading == "Entrer dans la démonstration"
    assert [p.get_text() for p in page.soup.select(".rows .small")] == [account.email for account in ACCOUNTS]
    assert PASSWORD in page.text


LANDINGS = {
    "operatrice@example.org": "Demandes du public",
    "claire.morel@example.org": "À appeler aujourd'hui",
    "samuel.girard@example.org": "À appeler aujourd'hui",
    "karim.trabelsi@example.org": "Bonjour Karim",
    "ines.benali@example.org": "Bonjour Inès",
    "aurelie.dubois@example.org": "À appeler aujourd'hui",
}


@pytest.mark.parametrize("email", list(LANDINGS))
def test_one_click_opens_an_account(email, visitor):
    page = visitor.page("/demonstration")
    row = next(li for li in page.soup.select(".rows li") if email in li.get_text())

    landed = visitor.send(row.form["action"])

    assert landed.heading == LANDINGS[email]


def test_another_account_is_not_opened_in_one_click(demo_site, visitor):
    with unit_of_work(demo_site, None):
        listed = {account.email for account in ACCOUNTS}
        other = db.session.scalars(select(User.id).where(User.email.not_in(listed)).limit(1)).one()

    assert visitor.send(f"/demonstration/entrer/{other}").status == 404
    assert visitor.send("/demonstration/entrer/00000000-0000-0000-0000-000000000000").status == 404
    assert visitor.page("/compte").heading == "Se connecter"


def test_the_password_opens_the_accounts_too(visitor):
    page = visitor.send("/connexion", {"email": "claire.morel@example.org", "password": PASSWORD})

    assert page.heading == "À appeler aujourd'hui"


@pytest.fixture(scope="session")
def cancelled(demo_site):
    """The letters of a meeting that Karim calls off."""
    client = demo_site.test_client()
    page = client.page("/demonstration")
    row = next(li for li in page.soup.select(".rows li") if "karim" in li.get_text())
    client.send(row.form["action"])
    meeting = client.page("/a/passerelle-rhone/").soup.find("a", string="Voir le rendez-vous")["href"]
    client.send(f"{meeting}/annulation", {"word": "Je suis malade"})
    return client


def test_the_letter_box_shows_what_was_written(cancelled):
    page = cancelled.page("/demonstration/boite-aux-lettres")

    letter = page.soup.select_one("details.sheet")
    assert letter.summary.strong.get_text().endswith(" est annulé")
    assert "à ines.benali@example.org, de Passerelle Rhône" in " ".join(letter.get_text(" ").split())
    assert "Je suis malade" in letter.get_text()


@pytest.mark.parametrize(("wanted", "found"), [("ines.benali@example.org", True), ("Benali", True), ("nobody@example.org", False)])
def test_the_letter_box_finds_an_address(wanted, found, cancelled):
    page = cancelled.page(f"/demonstration/boite-aux-lettres?a={wanted}")

    assert bool(page.soup.select_one("details.sheet")) is found
    assert found or "Rien n'a été envoyé pour l'instant." in page.text


@pytest.mark.parametrize("path", ["/demonstration", "/demonstration/boite-aux-lettres"])
def test_no_other_site_has_these_doors(path, real_app):
    assert real_app.test_client().get(path).status_code == 404
    assert not [rule for rule in real_app.url_map.iter_rules() if "demonstration" in rule.rule]


def test_every_association_lives_on_its_own_clock(demo_site):
    assert {t.slug: t.timezone for t in spaces(demo_site)} == {place.slug: place.timezone for place in PLACES}


PATHS = ["", "demandes", "binomes", "jeunes", "mentors", "formation", "rendez-vous/a-venir", "attestations"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("site", ["demo_site", "oldest_site"])
def test_a_coordinator_reads_every_page(path, site, request):
    visitor = request.getfixturevalue(site).test_client()
    page = visitor.page("/demonstration")
    row = next(li for li in page.soup.select(".rows li") if "claire.morel" in li.get_text())
    visitor.send(row.form["action"])

    assert visitor.page(f"/a/passerelle-rhone/{path}").status == 200


@pytest.mark.parametrize(
    ("first", "last", "email"),
    [("Jean-Yves", "Le Goff", "jean-yves.le-goff@example.org"), ("Élise", "D'Or", "elise.dor@example.org")],
)
def test_an_address_has_no_accent_and_no_space(first, last, email):
    assert address(first, last) == email


def test_nobody_begins_before_they_are_trained_and_allowed(demo_site):
    trained = select(func.min(Completion.completed_on)).where(Completion.mentor_id == Pair.mentor_id).scalar_subquery()
    allowed = (
        select(func.min(Authorisation.given_on))
        .where(Authorisation.mentee_id == Pair.mentee_id, Authorisation.kind == "participation")
        .scalar_subquery()
    )
    begun = Pair.state.in_(("active", "paused", "closing", "closed"))

    for tenant in spaces(demo_site):
        for starts_on, done_on, given_on in read(demo_site, tenant, select(Pair.starts_on, trained, allowed).where(begun)):
            assert done_on <= starts_on
            assert given_on is None or given_on <= starts_on
