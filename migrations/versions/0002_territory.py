"""The official communes and départements."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('departements',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('region_code', sa.Text(), nullable=False),
    sa.Column('region_name', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_departements'))
    )
    op.create_table('communes',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('search', sa.Text(), nullable=False),
    sa.Column('departement_code', sa.Text(), nullable=False),
    sa.Column('arrondissement', sa.Text(), nullable=False),
    sa.Column('epci', sa.Text(), nullable=False),
    sa.Column('population', sa.Integer(), nullable=False),
    sa.Column('postal_codes', sa.ARRAY(sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['departement_code'], ['departements.code'], name=op.f('fk_communes_departement_code')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_communes'))
    )
    op.create_index('ix_communes_postal_codes', 'communes', ['postal_codes'], unique=False, postgresql_using='gin')
    op.create_index('ix_communes_search', 'communes', ['search'], unique=False, postgresql_ops={'search': 'text_pattern_ops'})
    op.execute("REVOKE INSERT, UPDATE, DELETE ON communes, departements FROM binome_app")


def downgrade() -> None:
    op.drop_table("communes")
    op.drop_table("departements")
