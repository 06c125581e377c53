"""Where a participant stands with a study as a whole."""

from __future__ import annotations

from enum import StrEnum


class ParticipantStatus(StrEnum):
    """As it is stored and told; the dataset calls `active` `incomplete`."""

    ACTIVE = "active"
    COMPLETE = "complete"
    """Has reached the end."""
    WITHDRAWN = "withdrawn"
