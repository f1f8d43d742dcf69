"""Files that no row names, for the machine stopped between the two, go in the night; nothing else does."""

import os
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine

from app.database import now
from app.extensions import db
from app.followup.thread_models import Message, Thread
from app.models import Base
from app.privacy import jobs
from app.storage import load, root, store, store_alone, store_as

OTHERS = {  # what is the tenant's own, or is no file
    "certificates.share_key", "signatories.signature_key", "tenants.logo_key",
    "courses.model_key", "signing_keys.private_key",
}  # fmt: skip


@pytest.fixture
def sweep(app, association):
    """Do what is done in a night, so many days after the files were written."""

    def pass_by(days, hour=3):
        moment = datetime.now(association.zone).replace(hour=hour, minute=17) + timedelta(days=days)
        with time_machine.travel(moment, tick=False), app.app_context():
            jobs.forget_orphans.run(tenant_id=str(association.id))

    return pass_by


def is_kept(app, key):
    with app.app_context():
        filesystem, path = root()
        return filesystem.exists(f"{path}/{key}")


@pytest.mark.parametrize(("days", "hour", "is_gone"), [(9, 3, True), (5, 3, False), (9, 4, False)])
def test_what_no_row_names_goes_in_the_night_a_week_later(app, association, elsewhere, in_space, sweep, days, hour, is_gone):
    with in_space(association):
        left = [store_alone(association.id, b"x", "pdf"), store_as(association.id, f"imports/{uuid4()}", b"x"),
                store_as(association.id, f"lots/{uuid4()}.zip", b"x"),
                store_as(association.id, "attestations/2026/A-1-X.pdf", b"x")]  # fmt: skip
        others = [store(association.id, os.urandom(8), "png"), store_alone(elsewhere.id, b"x", "pdf")]

    sweep(days, hour)

    assert [is_kept(app, key) for key in left] == [not is_gone] * 4
    assert [is_kept(app, key) for key in others] == [True] * 2


def test_what_a_row_names_stays(app, association, in_space, people, sweep):
    with in_space(association):
        key = store_alone(association.id, b"mine", "pdf")
        thread = Thread(pair_id=people.pair.id, side="mentor", last_at=now())
        db.session.add(thread)
        db.session.flush()
        db.session.add(Message(thread_id=thread.id, author="mentor", body="Voici", file_key=key, file_name="a.pdf",
                               media_type="application/pdf", once="a" * 32))  # fmt: skip

    sweep(400)

    with app.app_context():
        assert load(key) == b"mine"


def test_every_column_that_names_a_file_is_looked_at():
    named = {f"{table.name}.{column.name}" for table in Base.metadata.tables.values() for column in table.columns
             if column.name.endswith("_key")}  # fmt: skip

    assert named - OTHERS == {f"{column.class_.__tablename__}.{column.key}" for column in jobs.FILES}
