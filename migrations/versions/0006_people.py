"""Files of mentors and mentees, and authorisations."""

import sqlalchemy as sa
from alembic import op

from migrations.rls import isolate

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('mentors',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=True),
    sa.Column('lead_id', sa.Uuid(), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('paused_until', sa.Date(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('invited_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sort_name', sa.Text(), sa.Computed("regexp_replace(replace(replace(lower(normalize(last_name || ' ' || first_name, NFKD)), 'œ', 'oe'), 'æ', 'ae'), '[\\u0300-\\u036f]', '', 'g')", persisted=True), nullable=False),
    sa.Column('search_name', sa.Text(), sa.Computed("regexp_replace(replace(replace(lower(normalize(first_name || ' ' || last_name, NFKD)), 'œ', 'oe'), 'æ', 'ae'), '[\\u0300-\\u036f]', '', 'g')", persisted=True), nullable=False),
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
    sa.CheckConstraint("state in ('active', 'paused', 'withdrawn')", name=op.f('ck_mentors_state')),
    sa.CheckConstraint('capacity between 0 and 10', name=op.f('ck_mentors_capacity')),
    sa.ForeignKeyConstraint(['commune_code'], ['communes.code'], name=op.f('fk_mentors_commune_code')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_mentors_tenant_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_mentors_user_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_mentors')),
    sa.UniqueConstraint('tenant_id', 'lead_id', name=op.f('uq_mentors_tenant_id_lead_id')),
    sa.UniqueConstraint('tenant_id', 'user_id', name=op.f('uq_mentors_tenant_id_user_id'))
    )
    op.create_index('ix_mentors_sort', 'mentors', ['tenant_id', 'sort_name'], unique=False)
    op.create_table('mentees',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=True),
    sa.Column('lead_id', sa.Uuid(), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('paused_until', sa.Date(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('invited_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sort_name', sa.Text(), sa.Computed("regexp_replace(replace(replace(lower(normalize(last_name || ' ' || first_name, NFKD)), 'œ', 'oe'), 'æ', 'ae'), '[\\u0300-\\u036f]', '', 'g')", persisted=True), nullable=False),
    sa.Column('search_name', sa.Text(), sa.Computed("regexp_replace(replace(replace(lower(normalize(first_name || ' ' || last_name, NFKD)), 'œ', 'oe'), 'æ', 'ae'), '[\\u0300-\\u036f]', '', 'g')", persisted=True), nullable=False),
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
    sa.CheckConstraint("state in ('active', 'paused', 'withdrawn')", name=op.f('ck_mentees_state')),
    sa.ForeignKeyConstraint(['commune_code'], ['communes.code'], name=op.f('fk_mentees_commune_code')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_mentees_tenant_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_mentees_user_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_mentees')),
    sa.UniqueConstraint('tenant_id', 'lead_id', name=op.f('uq_mentees_tenant_id_lead_id')),
    sa.UniqueConstraint('tenant_id', 'user_id', name=op.f('uq_mentees_tenant_id_user_id'))
    )
    op.create_index('ix_mentees_sort', 'mentees', ['tenant_id', 'sort_name'], unique=False)
    op.create_table('authorisations',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('mentee_id', sa.Uuid(), nullable=True),
    sa.Column('mentor_id', sa.Uuid(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('given_by', sa.Text(), nullable=False),
    sa.Column('given_on', sa.Date(), nullable=False),
    sa.Column('how', sa.Text(), nullable=False),
    sa.Column('text_version', sa.Text(), nullable=False),
    sa.Column('recorded_by', sa.Uuid(), nullable=False),
    sa.Column('withdrawn_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("how in ('paper', 'in_person', 'mail')", name=op.f('ck_authorisations_how')),
    sa.CheckConstraint("kind in ('participation', 'own_agreement', 'home')", name=op.f('ck_authorisations_kind')),
    sa.CheckConstraint('(mentee_id is null) <> (mentor_id is null)', name=op.f('ck_authorisations_one_person')),
    sa.ForeignKeyConstraint(['recorded_by'], ['users.id'], name=op.f('fk_authorisations_recorded_by')),
    sa.ForeignKeyConstraint(['tenant_id', 'mentee_id'], ['mentees.tenant_id', 'mentees.id'], name=op.f('fk_authorisations_tenant_id_mentee_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['tenant_id', 'mentor_id'], ['mentors.tenant_id', 'mentors.id'], name=op.f('fk_authorisations_tenant_id_mentor_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_authorisations_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_authorisations'))
    )
    op.create_index('ix_authorisations_mentee', 'authorisations', ['tenant_id', 'mentee_id'], unique=False)
    op.create_index('ix_authorisations_mentor', 'authorisations', ['tenant_id', 'mentor_id'], unique=False)
    isolate("mentors", "mentees", "authorisations")


def downgrade() -> None:
    op.drop_table("authorisations")
    op.drop_table("mentees")
    op.drop_table("mentors")
