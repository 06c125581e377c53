"""The states of a participant are words that stand in databases and in answers of the API."""

from __future__ import annotations

from core.participant import ParticipantStatus
from server.storage.tables import ParticipantRow


def test_states_are_the_words_of_the_contract() -> None:
    """Another word would be another contract, and a migration."""
    assert [status.value for status in ParticipantStatus] == ["active", "complete", "withdrawn"]


def test_newcomers_are_active_and_stored_as_a_plain_word() -> None:
    """A database driver may store a member of an enum by its name: rows hold text."""
    assert type(ParticipantRow(id="p", slug="s", study_hash="h", entered_at=0).status) is str
