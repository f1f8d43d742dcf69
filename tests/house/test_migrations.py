"""Migrations are numbered, linear, go up, down and up again, and say what the models say."""

from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool

from app import create_app, embedded
from app.database import now, unit_of_work, uuid7
from app.extensions import db
from app.models import Base
from app.pairs.matching_models import MatchWish
from app.partners.keys import digest
from app.partners.models import ApiCall, Partner
from app.schema import alembic_config
from tests import databases, factories
from tests.conftest import settings_for

VERSIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"


def test_there_is_one_head_and_no_gap():
    scripts = ScriptDirectory.from_config(alembic_config("unused"))
    numbers = sorted(path.name[:4] for path in VERSIONS.glob("*.py"))

    assert len(scripts.get_heads()) == 1
    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]


def ours(_object, name, type_, _reflected, _compare_to):
    return not (type_ == "table" and name.startswith(("procrastinate_", "alembic_")))


def test_the_schema_is_the_models(server, database_name):
    engine = create_engine(server.url("binome_owner", database_name), poolclass=pool.NullPool)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": ours})
        differences = compare_metadata(context, Base.metadata)

    assert differences == []


@pytest.mark.committed
def test_up_down_and_up_again(server):
    name = "up_down_up"
    databases.drop(server, name)
    with embedded.administrator(server) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER binome_owner")
    config = alembic_config(server.url("binome_owner", name))

    command.upgrade(config, "head")
    command.downgrade(config, "base")
    engine = create_engine(server.url("binome_owner", name), poolclass=pool.NullPool)
    with engine.connect() as connection:
        left = connection.exec_driver_sql(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        ).scalars().all()  # fmt: skip
    command.upgrade(config, "head")
    databases.drop(server, name)

    assert left == ["alembic_version"]


OLD = """
    INSERT INTO leads (tenant_id, id, kind, state, source, requested_at, text_version, first_name, last_name, phone,
                       commune_code, commune_name, departement_code, places, needs, axes, slots)
    VALUES (gen_random_uuid(), gen_random_uuid(), 'mentee', 'waiting', '', now(), '', %(name)s, '', '+33612345678',
            '69123', '', '69', '{}', '{}', '{}', %(slots)s)
"""
WEEKEND = {f"{day}_{part}" for day in ("sat", "sun") for part in ("morning", "afternoon", "evening")}
EVENINGS = {f"{day}_evening" for day in ("mon", "tue", "wed", "thu", "fri")}


def slots_of(connection):
    """When each request of the table is available, by name."""
    return [set(slots) for (slots,) in connection.execute("SELECT slots FROM leads ORDER BY first_name")]


@pytest.mark.committed
def test_the_old_answers_are_spread_in_the_week_and_gathered_again(server, own_database):
    config = alembic_config(server.url("binome_owner", own_database))
    command.downgrade(config, "0012")
    with embedded.administrator(server, own_database) as connection:
        connection.execute("SET session_replication_role = replica")  # no tenant is needed
        for person, slots in (("a", ["weekend", "wednesday"]), ("b", ["weekday_evening"]), ("c", [])):
            connection.execute(OLD, {"name": person, "slots": slots})

        command.upgrade(config, "0013")
        spread = slots_of(connection)
        command.downgrade(config, "0012")
        gathered = slots_of(connection)

    assert spread == [WEEKEND | {"wed_afternoon"}, EVENINGS, set()]
    assert gathered == [{"weekend", "wednesday", "weekday_day"}, {"weekday_evening"}, set()]


CHAIN = """
    INSERT INTO leads (tenant_id, id, kind, state, source, requested_at, text_version, first_name, last_name, phone, same_as,
                       commune_code, commune_name, departement_code, places, needs, axes, slots, may_relay, erased_at)
    VALUES (%(space)s, %(id)s, 'mentee', %(state)s, '', now(), '', '', '', '+33612345678', %(same_as)s,
            '69123', '', '69', '{}', '{}', '{}', '{}', true, %(erased_at)s)
"""


@pytest.mark.committed
def test_what_was_joined_twice_leads_to_the_one_that_stays_and_is_due_where_that_is_erased(server, own_database):
    config = alembic_config(server.url("binome_owner", own_database))
    command.downgrade(config, "0046")
    space, kept, erased = uuid7(), [uuid7() for _rank in range(4)], [uuid7() for _rank in range(3)]
    with embedded.administrator(server, own_database) as connection:
        connection.execute("ALTER TABLE leads DISABLE TRIGGER ALL")  # no tenant is needed
        for ids, erased_at in ((kept, None), (erased, now())):
            for rank, one in enumerate(ids):
                state, same_as = ("joined", ids[rank - 1]) if rank else ("accepted", None)
                row = {"space": space, "id": one, "state": state, "same_as": same_as, "erased_at": None if rank else erased_at}
                connection.execute(CHAIN, row)

        command.upgrade(config, "0047")
        found = connection.execute("SELECT same_as, updated_at < now() - interval '2 years' FROM leads ORDER BY id").fetchall()

    assert found == [(None, False), *[(kept[0], False)] * 3, (None, False), *[(erased[0], True)] * 2]


REVOKED = """
    INSERT INTO certificates (tenant_id, id, kind, year, number, code, mentor_id, batch_id, facts, file_key, sha256,
                              rendered_sha256, sealed_by, issued_on, revoked_at, revoked_by, revocation_reason)
    VALUES (%(space)s, gen_random_uuid(), 'hours', 2026, %(number)s, '', gen_random_uuid(), %(batch)s, '{}', %(file)s, '', '', '',
            '2026-11-01', timestamptz '2026-11-25 12:00Z', %(space)s, %(reason)s)
"""


@pytest.mark.committed
def test_no_name_is_kept_in_a_view_nor_in_the_reason_of_a_whole_batch(server, own_database):
    config = alembic_config(server.url("binome_owner", own_database))
    command.downgrade(config, "0047")
    space, batch, other = uuid7(), uuid7(), uuid7()
    rows = [(batch, "a", "Erreur d'Anne"), (batch, "a", "Erreur d'Anne"), (batch, "", "Erreur d'Anne"), (other, "a", "Seule")]
    with embedded.administrator(server, own_database) as connection:
        for table in ("saved_views", "certificates"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")  # no tenant is needed
        view = "INSERT INTO saved_views (tenant_id, id, user_id, name, filters) VALUES (%(id)s, %(id)s, %(id)s, '', %(kept)s)"
        connection.execute(view, {"id": space, "kept": '{"q": "anne", "tard": "1"}'})
        for number, (of, file, reason) in enumerate(rows):
            connection.execute(REVOKED, {"space": space, "number": number, "batch": of, "file": file, "reason": reason})

        command.upgrade(config, "0048")
        [(kept,)] = connection.execute("SELECT filters FROM saved_views").fetchall()
        said = [reason for (reason,) in connection.execute("SELECT revocation_reason FROM certificates ORDER BY number")]

    assert kept == {"tard": "1"}
    assert said == ["Lot révoqué le 25/11/2026"] * 2 + ["", "Seule"]


@pytest.mark.committed
def test_pairs_in_every_state_go_down_with_their_schema(server, own_database, tmp_path):
    app = create_app(settings_for(server, own_database, tmp_path))
    association = factories.association(app, "passerelle", "Passerelle", ["69"])
    with unit_of_work(app, association.id):
        for state in ("proposed", "signing", "active", "paused", "closing"):
            factories.pair(factories.mentor(association, trained=True), factories.mentee(association), state=state)
    with app.app_context():
        db.engine.dispose()

    command.downgrade(alembic_config(server.url("binome_owner", own_database)), "0017")

    engine = create_engine(server.url("postgres", own_database), poolclass=pool.NullPool)
    with engine.connect() as connection:
        states = connection.exec_driver_sql("SELECT state, count(*) FROM pairs GROUP BY state ORDER BY state").all()
    assert [tuple(row) for row in states] == [("active", 3), ("closed", 2)]


@pytest.mark.committed
def test_a_pin_that_had_made_its_pair_goes_and_one_put_since_stays(server, own_database, tmp_path):
    app = create_app(settings_for(server, own_database, tmp_path))
    association = factories.association(app, "passerelle", "Passerelle", ["69"])
    with unit_of_work(app, association.id):
        for days, state in ((-1, "active"), (1, "active"), (-1, "proposed")):
            pair = factories.pair(factories.mentor(association, trained=True), factories.mentee(association), state=state)
            said = {"mentor_id": pair.mentor_id, "mentee_id": pair.mentee_id, "reason": f"{state} {days}"}
            db.session.add(MatchWish(**said, is_pin=True, created_at=pair.created_at + timedelta(days=days)))
    with app.app_context():
        db.engine.dispose()
    config = alembic_config(server.url("binome_owner", own_database))

    command.downgrade(config, "0051")
    command.upgrade(config, "0052")

    engine = create_engine(server.url("postgres", own_database), poolclass=pool.NullPool)
    with engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT reason FROM match_wishes ORDER BY reason").scalars().all()
    assert kept == ["active 1", "proposed -1"]


@pytest.mark.committed
def test_a_call_of_before_is_still_known_by_its_key(server, own_database, tmp_path):
    app = create_app(settings_for(server, own_database, tmp_path))
    association = factories.association(app, "passerelle", "Passerelle", ["69"])
    words = r"noe@lycee.fr-\x20'"
    with unit_of_work(app, association.id):
        partner = Partner(name="Lycée", scopes=[])
        db.session.add(partner)
        db.session.flush()
        db.session.add(ApiCall(partner_id=partner.id, key=words, fingerprint="", lead_id=uuid7(), answer={}, told=""))
    with app.app_context():
        db.engine.dispose()
    config = alembic_config(server.url("binome_owner", own_database))

    command.downgrade(config, "0057-1")
    command.upgrade(config, "0057")

    engine = create_engine(server.url("postgres", own_database), poolclass=pool.NullPool)
    with engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT key FROM api_calls").scalars().all()
    assert kept == [digest(f"{partner.id}/{words}")]
