"""Requests, orientations and their history."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rls import isolate

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('leads',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('age', sa.Integer(), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('text_version', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.Text(), nullable=True),
    sa.Column('waiting_reason', sa.Text(), nullable=True),
    sa.Column('orientation_id', sa.Uuid(), nullable=True),
    sa.Column('programme_lead_id', sa.Uuid(), nullable=True),
    sa.Column('answer_by', sa.Date(), nullable=True),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('first_name', sa.Text(), nullable=False),
    sa.Column('last_name', sa.Text(), nullable=False),
    sa.Column('email', sa.Text(), nullable=True),
    sa.Column('phone', sa.Text(), nullable=True),
    sa.Column('birth_date', sa.Date(), nullable=True),
    sa.Column('commune_code', sa.Text(), nullable=False),
    sa.Column('commune_name', sa.Text(), nullable=False),
    sa.Column('departement_code', sa.Text(), nullable=False),
    sa.Column('places', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('slots', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('needs', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('situation', sa.Text(), nullable=True),
    sa.Column('axes', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('status', sa.Text(), nullable=True),
    sa.Column('sector', sa.Text(), nullable=True),
    sa.Column('skills', sa.Text(), nullable=True),
    sa.Column('preferred_public', sa.Text(), nullable=True),
    sa.Column('message', sa.Text(), nullable=True),
    sa.Column('guardian_name', sa.Text(), nullable=True),
    sa.Column('guardian_email', sa.Text(), nullable=True),
    sa.Column('guardian_phone', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind in ('mentee', 'mentor')", name=op.f('ck_leads_kind')),
    sa.CheckConstraint("state in ('waiting', 'oriented', 'received', 'accepted', 'withdrawn')", name=op.f('ck_leads_state')),
    sa.CheckConstraint('email is not null or phone is not null', name=op.f('ck_leads_reachable')),
    sa.ForeignKeyConstraint(['commune_code'], ['communes.code'], name=op.f('fk_leads_commune_code')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_leads_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_leads')),
    sa.UniqueConstraint('tenant_id', 'fingerprint', name=op.f('uq_leads_tenant_id_fingerprint')),
    sa.UniqueConstraint('tenant_id', 'orientation_id', name=op.f('uq_leads_tenant_id_orientation_id'))
    )
    op.create_index('ix_leads_state', 'leads', ['tenant_id', 'state', 'requested_at'], unique=False)
    op.create_table('lead_drafts',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('answers', postgresql.JSONB(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lead_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_lead_drafts_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_lead_drafts'))
    )
    op.create_index('ix_lead_drafts_expires_at', 'lead_drafts', ['tenant_id', 'expires_at'], unique=False)
    op.create_table('orientations',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('lead_id', sa.Uuid(), nullable=False),
    sa.Column('association_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reasons', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('by_hand', sa.Boolean(), nullable=False),
    sa.Column('answer_by', sa.Date(), nullable=False),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decline_reason', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("state in ('sent', 'delivered', 'accepted', 'declined', 'withdrawn')", name=op.f('ck_orientations_state')),
    sa.ForeignKeyConstraint(['association_id'], ['tenants.id'], name=op.f('fk_orientations_association_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'lead_id'], ['leads.tenant_id', 'leads.id'], name=op.f('fk_orientations_tenant_id_lead_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_orientations_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_orientations'))
    )
    op.create_index('ix_orientations_lead', 'orientations', ['tenant_id', 'lead_id'], unique=False)
    op.create_index('ix_orientations_month', 'orientations', ['tenant_id', 'association_id', 'created_at'], unique=False)
    op.create_index('uq_orientations_one_open', 'orientations', ['tenant_id', 'lead_id'], unique=True, postgresql_where=sa.text("state in ('sent', 'delivered', 'accepted')"))
    op.create_table('lead_events',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('lead_id', sa.Uuid(), nullable=False),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('association_id', sa.Uuid(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('user_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['association_id'], ['tenants.id'], name=op.f('fk_lead_events_association_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'lead_id'], ['leads.tenant_id', 'leads.id'], name=op.f('fk_lead_events_tenant_id_lead_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_lead_events_tenant_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_lead_events_user_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_lead_events'))
    )
    op.create_index('ix_lead_events_lead', 'lead_events', ['tenant_id', 'lead_id', 'created_at'], unique=False)
    op.create_table('declines',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('orientation_id', sa.Uuid(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_declines_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_declines')),
    sa.UniqueConstraint('tenant_id', 'orientation_id', name=op.f('uq_declines_tenant_id_orientation_id'))
    )
    isolate("leads", "lead_drafts", "orientations", "lead_events", "declines")


def downgrade() -> None:
    op.drop_table("declines")
    op.drop_table("lead_events")
    op.drop_table("orientations")
    op.drop_table("lead_drafts")
    op.drop_table("leads")
