"""The call list after an outage does not read the whole log.

Revision ID: 0006
"""

from alarmd.store.migrations import run_file

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two indexes; an older version that still runs keeps them up without knowing."""
    run_file("0006_exposures.sql")
