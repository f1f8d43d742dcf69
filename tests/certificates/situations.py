"""What certificates are about, named; each is written in the space that is open."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.certificates import awards
from app.certificates.actions import issue
from app.certificates.awards import Period
from app.certificates.models import Certificate, CertificateKind
from app.extensions import db
from app.tenants.resolve import current_tenant
from app.training.models import Completion
from app.web import today
from tests import factories

SOURCES = {
    CertificateKind.TRAINING: lambda pair: completion_of(pair.mentor).id,
    CertificateKind.ENGAGEMENT: lambda pair: pair.id,
    CertificateKind.PARTICIPATION: lambda pair: pair.id,
    CertificateKind.HOURS: lambda pair: pair.mentor_id,
    CertificateKind.YEARLY: lambda pair: pair.mentor_id,
}
BATCHES = "/a/passerelle/attestations/lots"
NEW_BATCH = f"{BATCHES}/nouveau?kind=engagement&months=0"
OF_MENTOR = [kind for kind in CertificateKind if kind != CertificateKind.PARTICIPATION]


def completion_of(mentor):
    """The course that a mentor completed."""
    return db.session.scalars(select(Completion).where(Completion.mentor_id == mentor.id)).one()


def today_in_paris():
    """The date of the tests' spaces, outside any of them."""
    return datetime.now(ZoneInfo("Europe/Paris")).date()


def last_year():
    """The year that ends today."""
    return Period(today() - timedelta(days=365), today())


def deserved(kind, pair, period=None):
    """What a pair's mentor, or its jeune, deserves."""
    return awards.award(CertificateKind(kind), SOURCES[CertificateKind(kind)](pair), period or last_year())


def certified(kind, pair, **origin):
    """A certificate of a kind, for a pair."""
    return issue(deserved(kind, pair), **origin)


def every_certificate():
    """All of them, by number."""
    return list(db.session.scalars(select(Certificate).order_by(Certificate.year, Certificate.number)))


def held(pair, *moments, minutes=60):
    """Meetings held at these moments of the space's clock."""
    for moment in moments:
        starts_at = datetime.fromisoformat(moment).replace(tzinfo=current_tenant.zone)
        factories.meeting(pair, state="held", starts_at=starts_at, minutes=minutes)


def pair_of(association, first_name, last_name="Martin", days=-10, **changes):
    """A pair of months enough, with an hour held, whose mentor has that name."""
    mentor = factories.mentor(association, trained=True, first_name=first_name, last_name=last_name)
    pair = factories.pair(mentor, factories.mentee(association), **{"starts_on": today() - timedelta(days=300), **changes})
    factories.meeting(pair, days, "held")
    return pair


def link_to(page, word):
    """Where the link with that word leads."""
    return next(link["href"] for link in page.soup.find_all("a") if word in link.get_text())


def numbers(certificates):
    """Whose each is, and its number."""
    return [(row.facts["holder"].split()[0], row.number) for row in certificates]
