"""What the tables of a dataset folder hold: their columns, the type of each, and what identifies a row."""

from __future__ import annotations

from analysis.columns import CONDITIONS, Column, Kind, Table
from core.dimensions import DIMENSIONS


def _id(name: str) -> Column:
    return Column(name, needed=True, filled=True)


def _count(name: str) -> Column:
    return Column(name, Kind.INTEGER, low=0)


PARTICIPANTS = Table(
    "participants",
    key=("participant_id",),
    needed=True,
    columns=(
        _id("participant_id"),
        Column("study"),
        Column("study_hash"),
        Column(
            "condition",
            needed=True,
            values=CONDITIONS,
            advice="; a plan says whose place it takes: `places: {NAME: control}`, in a file given by --plan",
        ),
        Column("status", values=("active", "complete", "incomplete", "withdrawn")),
        Column("pilot", Kind.BOOLEAN, needed=True, filled=True),
        Column("started_at", Kind.TIME, needed=True),
        Column("finished_at", Kind.TIME, needed=True),
        Column("ai_assistance", needed=True, values=("yes", "no")),
        Column("age", Kind.NUMBER, low=0, high=130),
        Column("sex", values=("female", "male", "other")),
        Column("ethnicity"),
        Column("time_factor", Kind.NUMBER, low=0),
        Column("external_id", needed=True),
    ),
)
CONVERSATIONS = Table(
    "conversations",
    key=("conversation_id",),
    needed=True,
    columns=(
        _id("conversation_id"),
        _id("participant_id"),
        Column("round", Kind.INTEGER, needed=True, low=1, high=1000),
        Column("scenario"),
        Column("trouble_type"),
        Column("started_at", Kind.TIME),
        Column("ended_at", Kind.TIME),
        Column("end_reason"),
        Column("active_s", Kind.NUMBER, low=0),
        Column("wall_s", Kind.NUMBER, low=0),
        _count("supporter_messages"),
        _count("seeker_messages"),
        _count("supporter_words"),
        Column("seeker_model"),
        Column("seeker_prompt_version"),
    ),
)
SCORES = Table(
    "scores",
    key=("conversation_id", "judge", "model", "rubric_version", "repeat", "dimension"),
    needed=True,
    columns=(
        _id("conversation_id"),
        Column("judge"),
        _id("model"),
        Column("rubric_version"),
        Column("repeat", Kind.INTEGER, needed=True),
        Column("dimension", needed=True, filled=True, values=tuple(DIMENSIONS)),
        Column("score", Kind.INTEGER, needed=True, low=1, high=5),
        Column("failure"),
    ),
)
MESSAGES = Table(
    "messages",
    key=("conversation_id", "seq"),
    columns=(
        _id("conversation_id"),
        Column("seq", Kind.INTEGER, needed=True, filled=True),
        Column("role", needed=True, filled=True, values=("seeker", "supporter", "coach")),
        Column("text", needed=True),
        Column("sent_at", Kind.TIME),
        Column("compose_ms", Kind.NUMBER),
        Column("pasted", Kind.BOOLEAN),
    ),
)
RESPONSES = Table(
    "responses",
    key=("participant_id", "round", "instrument", "item", "answered_at"),
    columns=(
        _id("participant_id"),
        Column("round", Kind.INTEGER, needed=True, low=1, high=1000),
        _id("instrument"),
        _id("item"),
        Column("value", needed=True),
        Column("answered_at", Kind.TIME),
    ),
)
SCALES = ("jordan", "sites", "self_assessment")
"""Instruments whose answers are numbers."""
FEEDBACK = Table(
    "feedback",
    key=("participant_id", "round", "kind", "dialogue_id", "started_at"),
    columns=(
        _id("participant_id"),
        Column("round", Kind.INTEGER, needed=True, low=1, high=1000),
        Column("kind", needed=True, filled=True, values=("video", "coach")),
        Column("dialogue_id"),
        *(Column(meter, Kind.NUMBER, low=1, high=10) for meter in ("validating", "elaboration", "understanding")),
        Column("failure"),
        Column("started_at", Kind.TIME),
        Column("finished_at", Kind.TIME),
        Column("watched_s", Kind.NUMBER, low=0),
        _count("coach_questions"),
        Column("coach_model"),
        Column("coach_prompt_version"),
        Column("quotes"),
        Column("violations"),
    ),
)
CHOICES = Table(
    "choices",
    key=("rater_id", "sequence_id", "trial"),
    columns=(
        _id("rater_id"),
        _id("sequence_id"),
        Column("trial", Kind.INTEGER, needed=True, filled=True, low=0),
        _id("scenario"),
        _id("left_id"),
        _id("right_id"),
        Column("choice", needed=True, values=("left", "right")),
        Column("decided_ms", Kind.NUMBER, low=0),
    ),
)
COMPARISONS = Table(
    "comparisons",
    key=("scenario", "order", "a_id", "b_id", "model", "prompt_version"),
    columns=(
        _id("scenario"),
        Column("order", Kind.INTEGER, needed=True, filled=True),
        _id("a_id"),
        _id("b_id"),
        Column("winner", needed=True, values=("A", "B", "tie")),
        Column("model"),
        Column("prompt_version"),
        Column("failure"),
    ),
)
TABLES = (PARTICIPANTS, CONVERSATIONS, SCORES, MESSAGES, RESPONSES, FEEDBACK, CHOICES, COMPARISONS)
