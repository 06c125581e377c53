"""Know a form by its participant, and keep nothing among the tokens that is none"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("participant", sa.Column("form", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.create_index(op.f("ix_participant_form"), "participant", ["form"], unique=True)
    op.execute("DELETE FROM token WHERE hash LIKE 'form:%'")


def downgrade() -> None:
    op.drop_index(op.f("ix_participant_form"), table_name="participant")
    op.drop_column("participant", "form")
