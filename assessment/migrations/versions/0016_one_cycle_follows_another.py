"""No two released cycles follow the same one"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_NAME = "uq_network_releases_previous_cycle_id"


def upgrade() -> None:
    # Of several that follow one cycle, the first that was released keeps it.
    op.execute(
        sa.text(
            "UPDATE network_releases SET previous_cycle_id = NULL WHERE EXISTS (SELECT 1 FROM network_releases"
            " AS earlier WHERE earlier.previous_cycle_id = network_releases.previous_cycle_id AND"
            " (earlier.released_at < network_releases.released_at OR (earlier.released_at ="
            " network_releases.released_at AND earlier.cycle_id < network_releases.cycle_id)))"
        )
    )
    with op.batch_alter_table("network_releases") as table:
        table.create_unique_constraint(_NAME, ["previous_cycle_id"])


def downgrade() -> None:
    with op.batch_alter_table("network_releases") as table:
        table.drop_constraint(_NAME, type_="unique")
