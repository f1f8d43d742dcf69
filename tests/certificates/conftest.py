"""The people of a pair, signed in, the letters that were written, and certificates that exist."""

import pytest
from sqlalchemy import select

from app.certificates.jobs import make_share
from app.certificates.models import BatchItem, Certificate, CertificateBatch
from app.extensions import db
from app.mail import Mail
from app.storage import load, store_as
from tests import factories
from tests.bases import begun, stored

from .situations import NEW_BATCH, every_certificate, pair_of


@pytest.fixture
def mentor(app, people):
    return app.test_client().sign_in(people.mentor.user_id)


@pytest.fixture
def jeune(app, people):
    return app.test_client().sign_in(people.mentee.user_id)


@pytest.fixture
def coordinator(app, people):
    return app.test_client().sign_in(people.coordinator.user_id)


@pytest.fixture
def admin(app, people):
    return app.test_client().sign_in(people.admin.user_id)


@pytest.fixture
def letters(in_space, association):
    """The letters of a kind, in words."""

    def written(kind):
        with in_space(association):
            return list(db.session.scalars(select(Mail).where(Mail.kind == kind).order_by(Mail.created_at)))

    return written


@stored(on="programme")
def engaged(app):
    """An association whose pair's mentor has a certificate of engagement, for two meetings, two hours and a half; and its file."""
    association, people = begun(app, "association"), begun(app, "people")
    with factories.in_space(app, association):
        factories.meeting(people.pair, -40, "held", minutes=90)
        factories.meeting(people.pair, -10, "held", minutes=60)
        factories.meeting(people.pair, -3, "missed", minutes=60)
    coordinator = app.test_client().sign_in(people.coordinator.user_id)
    coordinator.send(f"/a/passerelle/binomes/{people.pair.id}/attestation")
    with factories.in_space(app, association):
        certificate = db.session.scalars(select(Certificate)).one()
        return certificate, load(certificate.file_key)


@pytest.fixture
def engagement(app, engaged, in_space, association):
    """That certificate, and its file as it was, whatever another test did to it."""
    certificate, content = engaged
    with in_space(association):
        tenant_id, name = certificate.file_key.split("/", 1)
        store_as(tenant_id, name, content)
    return certificate


@pytest.fixture
def worked(people, in_space, association):
    """The pair of `people`, with an hour and a half held."""
    with in_space(association):
        factories.meeting(people.pair, -40, "held", minutes=90)
    return people.pair


@pytest.fixture
def issued(in_space, association):
    """Every certificate of the association, by number."""

    def read():
        with in_space(association):
            return every_certificate()

    return read


@pytest.fixture
def file_of(in_space, association):
    """The stored bytes of a certificate."""

    def read(certificate):
        with in_space(association):
            return load(certificate.file_key)

    return read


# Batches.


@stored(on="people")
def trio(app):
    """Three pairs that held something, by their mentors' first names; the pair of `people` has held nothing."""
    association = begun(app, "association")
    with factories.in_space(app, association):
        return {name: pair_of(association, name) for name in ("Anne", "Bruno", "Chloé")}


@pytest.fixture
def start(coordinator, trio):
    """Start a batch with everybody in the list, or with those that are named; returns the path of its page."""

    def send(*pairs, address=NEW_BATCH, **more):
        chosen = [str(pair.id) for pair in pairs or trio.values()]
        return coordinator.post(address, data={"chosen": chosen, **more}).location

    return send


@pytest.fixture
def items(in_space, association):
    """What became of each of the latest batch: who, state, number."""

    def read():
        with in_space(association):
            latest = db.session.scalars(select(CertificateBatch.id).order_by(CertificateBatch.created_at.desc())).first()
            rows = db.session.scalars(select(BatchItem).where(BatchItem.batch_id == latest).order_by(BatchItem.position))
            return [(row.holder.split()[0], row.state, row.number) for row in rows]

    return read


@pytest.fixture
def share(association):
    """Make one share of a batch, as the worker does."""

    def make(path):
        make_share.run(tenant_id=str(association.id), batch_id=path.rpartition("/")[2])

    return make
