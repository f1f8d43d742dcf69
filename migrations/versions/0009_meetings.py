"""Meetings of pairs."""

import sqlalchemy as sa
from alembic import op

from migrations.rls import isolate

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('meetings',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('pair_id', sa.Uuid(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('where', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('subjects', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('cancel_word', sa.Text(), nullable=True),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('logged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('logged_by', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("place in ('remote', 'home', 'school', 'association', 'company')", name=op.f('ck_meetings_place')),
    sa.CheckConstraint("state in ('planned', 'held', 'missed', 'cancelled')", name=op.f('ck_meetings_state')),
    sa.CheckConstraint('minutes between 5 and 600', name=op.f('ck_meetings_minutes')),
    sa.ForeignKeyConstraint(['logged_by'], ['users.id'], name=op.f('fk_meetings_logged_by')),
    sa.ForeignKeyConstraint(['tenant_id', 'pair_id'], ['pairs.tenant_id', 'pairs.id'], name=op.f('fk_meetings_tenant_id_pair_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_meetings_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_meetings'))
    )
    op.create_index('ix_meetings_pair', 'meetings', ['tenant_id', 'pair_id', 'starts_at'], unique=False)
    op.create_index('ix_meetings_starts_at', 'meetings', ['tenant_id', 'starts_at'], unique=False)
    isolate("meetings")


def downgrade() -> None:
    op.drop_table("meetings")
