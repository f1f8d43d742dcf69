"""Who was put to rest by an end, and whom the team has let back since, rests no more: until now the end went on saying so."""

from alembic import op

from migrations.rls import seen_by_owner

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

LET_BACK = """UPDATE closures c SET rested = array_remove(c.rested, '{side}') FROM pairs p, {side}s who
  WHERE p.tenant_id = c.tenant_id AND p.id = c.pair_id AND who.tenant_id = p.tenant_id AND who.id = p.{side}_id
    AND '{side}' = ANY (c.rested) AND NOT (who.state = 'paused' AND who.paused_until IS NULL){and_has_room}"""
HAS_ROOM = """
    AND who.capacity > (SELECT count(*) FROM pairs live WHERE live.tenant_id = who.tenant_id AND live.mentor_id = who.id
      AND live.state NOT IN ('closed', 'dropped'))"""


def upgrade() -> None:
    with seen_by_owner("closures", "pairs", "mentors", "mentees"):
        for side, and_has_room in (("mentee", ""), ("mentor", HAS_ROOM)):
            op.execute(LET_BACK.format(side=side, and_has_room=and_has_room))


def downgrade() -> None:
    """What was said before said nothing that was true."""
