"""Certificates, their numbers and codes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rls import isolate

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('certificates',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('mentor_id', sa.Uuid(), nullable=False),
    sa.Column('pair_id', sa.Uuid(), nullable=True),
    sa.Column('completion_id', sa.Uuid(), nullable=True),
    sa.Column('facts', postgresql.JSONB(), nullable=False),
    sa.Column('file_key', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('issued_by', sa.Uuid(), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revocation_reason', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind in ('training', 'engagement')", name=op.f('ck_certificates_kind')),
    sa.ForeignKeyConstraint(['issued_by'], ['users.id'], name=op.f('fk_certificates_issued_by')),
    sa.ForeignKeyConstraint(['tenant_id', 'completion_id'], ['completions.tenant_id', 'completions.id'], name=op.f('fk_certificates_tenant_id_completion_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'mentor_id'], ['mentors.tenant_id', 'mentors.id'], name=op.f('fk_certificates_tenant_id_mentor_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'pair_id'], ['pairs.tenant_id', 'pairs.id'], name=op.f('fk_certificates_tenant_id_pair_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_certificates_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_certificates')),
    sa.UniqueConstraint('tenant_id', 'year', 'number', name=op.f('uq_certificates_tenant_id_year_number'))
    )
    op.create_index('ix_certificates_mentor', 'certificates', ['tenant_id', 'mentor_id'], unique=False)
    op.create_index('uq_certificates_completion', 'certificates', ['tenant_id', 'completion_id'], unique=True)
    op.create_table('certificate_counters',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_certificate_counters_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_certificate_counters')),
    sa.UniqueConstraint('tenant_id', 'year', name=op.f('uq_certificate_counters_tenant_id_year'))
    )
    op.create_table('certificate_codes',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('certificate_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_certificate_codes_tenant_id')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_certificate_codes'))
    )
    isolate("certificates", "certificate_counters")


def downgrade() -> None:
    op.drop_table("certificate_codes")
    op.drop_table("certificate_counters")
    op.drop_table("certificates")
