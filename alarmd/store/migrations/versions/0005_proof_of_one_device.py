"""A proof belongs to the device that gave it, not to the one that took its place.

Revision ID: 0005
"""

from alarmd.store.migrations import run_file

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table and triggers; an older version that still runs obeys them without knowing."""
    run_file("0005_proof_of_one_device.sql")
