"""The tables. Times are milliseconds since the epoch (UTC); JSON is kept as text, letter for letter.

Log, response, score and allocation rows are append-only: corrections are new rows. Withdrawal is the one exception.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.participant import ParticipantStatus

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata = MetaData(naming_convention=NAMING)


class StudyVersionRow(SQLModel, table=True):
    """A study folder as it was at one time; frozen by its first participant who is not a pilot."""

    __tablename__ = "study_version"

    hash: str = Field(primary_key=True)
    slug: str = Field(index=True)
    bundle: str = Field(sa_type=Text)
    seed: int = Field(sa_type=BigInteger)
    next_slot: int = 0
    next_pilot_slot: int = 0
    loaded_at: int = Field(sa_type=BigInteger)
    frozen_at: int | None = Field(default=None, sa_type=BigInteger)


class ParticipantRow(SQLModel, table=True):
    """A person in a study. Who they are elsewhere (`external_id`) stays in this table."""

    __tablename__ = "participant"
    __table_args__ = (UniqueConstraint("slug", "external_id"),)

    id: str = Field(primary_key=True)
    slug: str = Field(index=True)
    study_hash: str = Field(foreign_key="study_version.hash")
    external_id: str | None = None
    session_id: str | None = None
    source: str | None = None
    form: str | None = Field(default=None, unique=True, index=True)
    """Hash of what the consent form was known by that admitted them, so that a second click admits nobody else."""
    pilot: bool = False
    status: str = ParticipantStatus.ACTIVE.value
    entered_at: int = Field(sa_type=BigInteger)
    consented_at: int | None = Field(default=None, sa_type=BigInteger)
    finished_at: int | None = Field(default=None, sa_type=BigInteger)
    settled_at: int | None = Field(default=None, sa_type=BigInteger)
    """When what consent says about withdrawing was done, after a withdrawal."""
    condition: str | None = None
    scenario_order: str = "[]"
    position: int = 0
    """Index of the current step in the itinerary."""
    time_factor: float = 1.0


class TokenRow(SQLModel, table=True):
    """A token that opens a participant's place; only its hash is kept."""

    __tablename__ = "token"

    hash: str = Field(primary_key=True)
    participant_id: str = Field(foreign_key="participant.id", index=True)
    issued_at: int = Field(sa_type=BigInteger)


class AllocationRow(SQLModel, table=True):
    """One drawn slot of a study's allocation sequence."""

    __tablename__ = "allocation"
    __table_args__ = (UniqueConstraint("study_hash", "pilot", "slot"),)

    participant_id: str = Field(primary_key=True, foreign_key="participant.id")
    study_hash: str = Field(foreign_key="study_version.hash")
    pilot: bool
    slot: int
    block: int
    condition: str
    scenario_order: str
    drawn_at: int = Field(sa_type=BigInteger)


class VisitRow(SQLModel, table=True):
    """When a participant was first shown a step, and when they took it."""

    __tablename__ = "visit"

    participant_id: str = Field(primary_key=True, foreign_key="participant.id")
    step_id: str = Field(primary_key=True)
    shown_at: int = Field(sa_type=BigInteger)
    taken_at: int | None = Field(default=None, sa_type=BigInteger)


class ResponseRow(SQLModel, table=True):
    """One answer to one item."""

    __tablename__ = "response"
    __table_args__ = (UniqueConstraint("participant_id", "step_id", "item"),)

    id: int | None = Field(default=None, primary_key=True)
    participant_id: str = Field(foreign_key="participant.id")
    step_id: str
    round: int | None = None
    instrument: str
    item: str
    value: str = Field(sa_type=Text)
    answered_at: int = Field(sa_type=BigInteger)


class GivenSequenceRow(SQLModel, table=True):
    """A sequence of trials that was given to a participant; at one time each is held by one person at most."""

    __tablename__ = "given_sequence"
    __table_args__ = (
        Index(
            "ix_given_sequence_held",
            "study_hash",
            "step_id",
            "pilot",
            "number",
            unique=True,
            sqlite_where=text("taken_back_at IS NULL"),
            postgresql_where=text("taken_back_at IS NULL"),
        ),
    )

    participant_id: str = Field(primary_key=True, foreign_key="participant.id")
    step_id: str = Field(primary_key=True)
    """Of the definition, without the number of a trial."""
    study_hash: str = Field(foreign_key="study_version.hash")
    pilot: bool
    number: int
    """From 1."""
    trials: str = Field(sa_type=Text)
    """Per trial the ids of the conversations shown, as JSON: the left and the right one, or the one to rate."""
    given_at: int = Field(sa_type=BigInteger)
    taken_back_at: int | None = Field(default=None, sa_type=BigInteger)
    """When it was passed on to somebody else, because its holder had withdrawn or stayed away."""


class ActivityRow(SQLModel, table=True):
    """What a participant did on a page: playing a video, pasting, leaving the window."""

    __tablename__ = "activity"

    id: int | None = Field(default=None, primary_key=True)
    participant_id: str = Field(foreign_key="participant.id", index=True)
    step_id: str
    kind: str
    at: int = Field(sa_type=BigInteger)
    """By the server's clock."""
    client_at: int = Field(sa_type=BigInteger)
    payload: str = Field(sa_type=Text)


class DialogueRow(SQLModel, table=True):
    """A dialogue of a participant with the seeker or the coach; its state is in the log."""

    __tablename__ = "dialogue"
    __table_args__ = (UniqueConstraint("participant_id", "step_id"),)

    id: str = Field(primary_key=True)
    participant_id: str = Field(foreign_key="participant.id")
    step_id: str
    round: int | None = None
    counterpart: str
    scenario: str | None = None
    about: str | None = Field(default=None, foreign_key="dialogue.id")
    """A coach dialogue: the conversation it is about."""


class EventRow(SQLModel, table=True):
    """One entry of a dialogue's log. `(dialogue_id, seq)` is unique: that is the whole fence."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_kind_at", "kind", "at"),)

    dialogue_id: str = Field(sa_column=Column(Text, ForeignKey("dialogue.id"), primary_key=True))
    seq: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    at: int = Field(sa_type=BigInteger)
    kind: str
    payload: str = Field(sa_type=Text)


class ProcessRow(SQLModel, table=True):
    """Until when a serving process is known to have lived."""

    __tablename__ = "process"

    name: str = Field(primary_key=True)
    alive_at: int = Field(sa_type=BigInteger)


class SeenAlertRow(SQLModel, table=True):
    """Somebody at the desk has seen an alert."""

    __tablename__ = "seen_alert"

    dialogue_id: str = Field(primary_key=True, foreign_key="dialogue.id")
    seq: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    account: str = Field(foreign_key="account.name")
    seen_at: int = Field(sa_type=BigInteger)


class FeedbackRow(SQLModel, table=True):
    """What the coach made of a conversation: the label of its text, the meters, or why there is none."""

    __tablename__ = "feedback"

    dialogue_id: str = Field(primary_key=True, foreign_key="dialogue.id")
    validating: int | None = None
    elaboration: int | None = None
    understanding: int | None = None
    failure: str | None = None
    text: str | None = Field(default=None, sa_type=Text)
    quotes: str = Field(default="[]", sa_type=Text)
    violations: str = Field(default="[]", sa_type=Text)
    model: str | None = None
    prompt_version: str | None = None
    prompt_hash: str | None = None
    started_at: int = Field(sa_type=BigInteger)
    finished_at: int = Field(sa_type=BigInteger)


class ScoreRow(SQLModel, table=True):
    """One judge's score of one conversation on one dimension; empty with its reason where there is none."""

    __tablename__ = "score"
    __table_args__ = (UniqueConstraint("conversation_id", "judge", "model", "rubric_version", "repeat", "dimension"),)

    id: int | None = Field(default=None, primary_key=True)
    conversation_id: str = Field(foreign_key="dialogue.id")
    judge: str
    model: str
    rubric_version: str
    prompt_version: str
    repeat: int = 1
    dimension: str
    score: int | None = None
    evidence: str = Field(default="[]", sa_type=Text)
    reason: str = Field(default="", sa_type=Text)
    failure: str | None = None
    scored_at: int = Field(sa_type=BigInteger)


class ScoringRow(SQLModel, table=True):
    """A study being scored by one rubric and one model: what that may cost, and what is set aside for it."""

    __tablename__ = "scoring"

    id: str = Field(primary_key=True)
    slug: str
    rubric: str
    rubric_version: str
    model: str
    repeats: int
    began_at: int = Field(sa_type=BigInteger)
    rate: float | None = None
    """Calls per second over all processes; None without a limit."""
    cap_usd: float | None = None
    call_usd: float | None = None
    """What one call is expected to cost; None where the price is unknown."""
    committed_usd: float = 0.0
    """Spent, and set aside for calls under way."""
    stopped: str | None = Field(default=None, sa_type=Text)
    """Why it does not go on: the cap, or a fault that would meet every call."""


class AdjudicationRow(SQLModel, table=True):
    """What somebody at the desk decided where raters had disagreed; the latest row of a dimension counts."""

    __tablename__ = "adjudication"
    __table_args__ = (Index("ix_adjudication_study_hash_step_id", "study_hash", "step_id"),)

    id: int | None = Field(default=None, primary_key=True)
    study_hash: str = Field(foreign_key="study_version.hash")
    step_id: str
    transcript_id: str
    dimension: str
    score: int
    reason: str = Field(default="", sa_type=Text)
    account: str = Field(foreign_key="account.name")
    decided_at: int = Field(sa_type=BigInteger)


class CallRow(SQLModel, table=True):
    """One attempt to get an answer from a model."""

    __tablename__ = "call"
    __table_args__ = (Index("ix_call_purpose", "purpose"), Index("ix_call_role_at", "role", "started_at"))

    id: int | None = Field(default=None, primary_key=True)
    role: str
    model: str
    purpose: str
    number: int = 1
    prompt_version: str
    prompt_hash: str
    parameters: str = Field(sa_type=Text)
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    served_model: str | None = None
    cost_usd: float | None = None
    price: str | None = None
    cost_certainty: str
    started_at: int = Field(sa_type=BigInteger)
    first_token_ms: int | None = None
    total_ms: int
    outcome: str
    status: int | None = None
    error: str | None = Field(default=None, sa_type=Text)
    prompt: str | None = Field(default=None, sa_type=Text)
    answer: str | None = Field(default=None, sa_type=Text)


class AccountRow(SQLModel, table=True):
    """Someone who may use the desk."""

    __tablename__ = "account"

    name: str = Field(primary_key=True)
    role: str
    password_hash: str
    created_at: int = Field(sa_type=BigInteger)


class LoginRow(SQLModel, table=True):
    """A login at the desk; only the hash of its secret is kept, and it can be ended."""

    __tablename__ = "login"

    hash: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.name")
    expires_at: int = Field(sa_type=BigInteger)


class SecretRow(SQLModel, table=True):
    """A secret this installation drew for itself at its first start."""

    __tablename__ = "secret"

    name: str = Field(primary_key=True)
    value: str
