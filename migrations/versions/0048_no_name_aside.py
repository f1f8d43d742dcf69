"""Names that were kept aside: in saved views, in the items of a batch, in the reason of a whole batch on each of its certificates."""

from alembic import op

from migrations.rls import seen_by_owner

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

STATEMENTS = (
    "UPDATE saved_views SET filters = filters - 'q' WHERE filters ? 'q'",
    """
    UPDATE certificate_batch_items i SET holder = 'Dossier effacé', reason = NULL FROM certificates c
    WHERE c.tenant_id = i.tenant_id AND c.id = i.certificate_id AND c.file_key = ''
    """,
    """
    UPDATE certificate_batch_items i SET holder = 'Un parcours qui n''est plus terminé' FROM certificate_batches b
    WHERE b.tenant_id = i.tenant_id AND b.id = i.batch_id AND b.kind = 'training' AND i.certificate_id IS NULL
    AND i.holder <> 'Dossier effacé'
    AND NOT EXISTS (SELECT FROM completions c WHERE c.tenant_id = i.tenant_id AND c.id = i.source_id)
    """,
    """
    UPDATE certificates c SET revocation_reason =
        'Lot révoqué le ' || to_char(c.revoked_at AT TIME ZONE 'Europe/Paris', 'DD/MM/YYYY')
    WHERE c.batch_id IS NOT NULL AND c.file_key <> '' AND EXISTS (
        SELECT FROM certificates o WHERE o.tenant_id = c.tenant_id AND o.batch_id = c.batch_id AND o.id <> c.id
        AND o.revocation_reason = c.revocation_reason AND o.revoked_by = c.revoked_by
        AND o.revoked_at BETWEEN c.revoked_at - interval '1 minute' AND c.revoked_at + interval '1 minute'
    )
    """,
    "UPDATE certificates SET revocation_reason = '' WHERE file_key = '' AND revocation_reason <> ''",
)


def upgrade() -> None:
    with seen_by_owner("saved_views", "certificate_batch_items", "certificate_batches", "certificates", "completions"):
        for statement in STATEMENTS:
            op.execute(statement)


def downgrade() -> None:
    """What was forgotten stays so."""
