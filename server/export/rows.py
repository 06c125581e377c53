"""The rows of the dataset, read from one snapshot of the database; times are milliseconds until they are written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.bundle import StudyBundle
from core.dialogue import Dialogue, fold
from core.errors import DamagedLog
from core.events import Entry, Said, to_payload
from core.itinerary import itinerary
from core.participant import ParticipantStatus
from core.study import VideoStep
from core.transcript import Role
from personas.persona import Persona
from server.demographics import stated_by
from server.participants import FORGOTTEN, is_forgotten, salted
from server.steps.coach import questions_put
from server.steps.video import watched_ms
from server.storage.log import entry_of
from server.storage.signs import last_signs
from server.storage.tables import (
    ActivityRow,
    AdjudicationRow,
    DialogueRow,
    EventRow,
    FeedbackRow,
    GivenSequenceRow,
    ParticipantRow,
    ResponseRow,
    ScoreRow,
    StudyVersionRow,
    VisitRow,
)
from server.summary import served_until, summary_of

Row = dict[str, Any]
_STATED = ("ai_assistance", "age", "sex", "ethnicity")
_WITHHELD = ("text",)
"""Fields of an event that stand elsewhere in the dataset."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A dialogue with its log and what the log tells."""

    row: DialogueRow
    entries: Sequence[Entry]
    state: Dialogue


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything of one study at one instant."""

    participants: Sequence[ParticipantRow]
    bundles: Mapping[str, StudyBundle]
    talks: Sequence[Talk]
    holes: Mapping[str, int]
    """Dialogues that are left out, because an entry of their log is missing: which one."""
    responses: Sequence[ResponseRow]
    activities: Sequence[ActivityRow]
    visits: Sequence[VisitRow]
    feedback: Mapping[str, FeedbackRow]
    scores: Sequence[ScoreRow]
    given: Sequence[GivenSequenceRow]
    adjudications: Sequence[AdjudicationRow]
    alive_at: Mapping[str, int]
    """When each serving process gave its last sign of life."""


async def take_snapshot(session: AsyncSession, slug: str) -> Snapshot:
    """Read all of a study in the session's one transaction; only who has consented is part of it."""
    everyone = select(ParticipantRow).where(ParticipantRow.slug == slug, col(ParticipantRow.condition).is_not(None))
    participants = (await session.exec(everyone.order_by(col(ParticipantRow.consented_at), ParticipantRow.id))).all()
    ids = select(ParticipantRow.id).where(ParticipantRow.slug == slug, col(ParticipantRow.condition).is_not(None))
    talks = select(DialogueRow.id).where(col(DialogueRow.participant_id).in_(ids))
    dialogues = (await session.exec(select(DialogueRow).where(col(DialogueRow.participant_id).in_(ids)))).all()
    events = select(EventRow).where(col(EventRow.dialogue_id).in_(talks)).order_by(col(EventRow.seq))
    logs: dict[str, list[Entry]] = defaultdict(list)
    for event in (await session.exec(events)).all():
        logs[event.dialogue_id].append(entry_of(event.seq, event.at, event.kind, event.payload))
    whole, holes = _told(sorted(dialogues, key=lambda row: row.id), logs)
    versions = select(StudyVersionRow).where(StudyVersionRow.slug == slug)
    return Snapshot(
        participants=participants,
        bundles={v.hash: StudyBundle.model_validate_json(v.bundle) for v in (await session.exec(versions)).all()},
        talks=whole,
        holes=holes,
        responses=(
            await session.exec(
                select(ResponseRow).where(col(ResponseRow.participant_id).in_(ids)).order_by(col(ResponseRow.id))
            )
        ).all(),
        activities=(
            await session.exec(
                select(ActivityRow).where(col(ActivityRow.participant_id).in_(ids)).order_by(col(ActivityRow.id))
            )
        ).all(),
        visits=(await session.exec(select(VisitRow).where(col(VisitRow.participant_id).in_(ids)))).all(),
        feedback={
            f.dialogue_id: f
            for f in (await session.exec(select(FeedbackRow).where(col(FeedbackRow.dialogue_id).in_(talks)))).all()
        },
        scores=[
            score
            for score in (
                await session.exec(
                    select(ScoreRow).where(col(ScoreRow.conversation_id).in_(talks)).order_by(col(ScoreRow.id))
                )
            ).all()
            if score.conversation_id not in holes
        ],
        given=(await session.exec(select(GivenSequenceRow).where(col(GivenSequenceRow.participant_id).in_(ids)))).all(),
        adjudications=(
            await session.exec(
                select(AdjudicationRow)
                .join(StudyVersionRow, col(StudyVersionRow.hash) == col(AdjudicationRow.study_hash))
                .where(StudyVersionRow.slug == slug)
                .order_by(col(AdjudicationRow.id))
            )
        ).all(),
        alive_at=await last_signs(session),
    )


def _told(
    dialogues: Sequence[DialogueRow], logs: Mapping[str, Sequence[Entry]]
) -> tuple[Sequence[Talk], Mapping[str, int]]:
    """What whole logs tell, and of each other one the place of the first entry that it lacks."""
    whole: list[Talk] = []
    holes: dict[str, int] = {}
    for row in dialogues:
        entries = logs.get(row.id, ())
        try:
            whole.append(Talk(row, entries, fold(entries)))
        except DamagedLog as damage:
            holes[row.id] = damage.missing
    return whole, holes


def participants(snapshot: Snapshot, *, salt: str) -> Iterator[Row]:
    stated = stated_by(response for response in snapshot.responses if response.item in _STATED)
    for row in snapshot.participants:
        yield {
            "participant_id": row.id,
            "study": row.slug,
            "study_hash": row.study_hash,
            "condition": row.condition,
            "status": "incomplete" if row.status == ParticipantStatus.ACTIVE else row.status,
            "pilot": row.pilot,
            "started_at": row.consented_at,
            "finished_at": row.finished_at,
            **{item: stated.get(row.id, {}).get(item) for item in _STATED},
            "time_factor": row.time_factor,
            "external_id": None if row.external_id is None else _hashed(row.external_id, salt),
        }


def _hashed(external_id: str, salt: str) -> str:
    """A salted hash; of who has withdrawn, the one that stands in place of their id already."""
    return external_id.removeprefix(FORGOTTEN) if is_forgotten(external_id) else salted(external_id, salt)


def conversations(snapshot: Snapshot, personas: Mapping[str, Persona], *, now: int) -> Iterator[Row]:
    for talk in snapshot.talks:
        if talk.row.counterpart == Role.SEEKER.value and talk.entries:
            until = served_until(talk.state, snapshot.alive_at, now=now)
            yield _conversation(talk, personas.get(talk.row.scenario or ""), now=until)


def _conversation(talk: Talk, persona: Persona | None, *, now: int) -> Row:
    whole = summary_of(talk.entries, talk.state, now=now)
    return {
        "conversation_id": talk.row.id,
        "participant_id": talk.row.participant_id,
        "round": talk.row.round,
        "scenario": talk.row.scenario,
        "trouble_type": None if persona is None else persona.trouble_type.value,
        "started_at": whole.started_at,
        "ended_at": whole.ended_at,
        "end_reason": None if whole.end_reason is None else whole.end_reason.value,
        "active_s": whole.active_s,
        "wall_s": whole.wall_s,
        "supporter_messages": whole.supporter_messages,
        "seeker_messages": whole.other_messages,
        "supporter_words": whole.supporter_words,
        "seeker_model": whole.model,
        "seeker_prompt_version": whole.prompt_version,
    }


def messages(snapshot: Snapshot) -> Iterator[Row]:
    for talk in snapshot.talks:
        for entry in talk.entries:
            if isinstance(entry.event, Said):
                yield {
                    "conversation_id": talk.row.id,
                    "seq": entry.seq,
                    "role": entry.event.role.value,
                    "text": entry.event.text,
                    "sent_at": entry.at,
                    "compose_ms": entry.event.compose_ms,
                    "pasted": entry.event.pasted,
                }


def scores(snapshot: Snapshot) -> Iterator[Row]:
    fields = ("conversation_id", "judge", "model", "rubric_version", "repeat", "dimension", "score", "failure")
    for row in snapshot.scores:
        yield {name: getattr(row, name) for name in fields}


def responses(snapshot: Snapshot, trials: Collection[tuple[str, str]]) -> Iterator[Row]:
    """Every answer but those given in `trials`, by participant and step: these have tables of their own."""
    fields = ("participant_id", "round", "instrument", "item", "value", "answered_at")
    for row in snapshot.responses:
        if (row.participant_id, row.step_id) not in trials:
            yield {name: getattr(row, name) for name in fields}


def events(snapshot: Snapshot) -> Iterator[Row]:
    for talk in snapshot.talks:
        for entry in talk.entries:
            yield {
                "participant_id": talk.row.participant_id,
                "dialogue": talk.row.id,
                "seq": entry.seq,
                "at": entry.at,
                "kind": entry.event.kind,
                "payload": _payload(entry),
            }
    for row in snapshot.activities:
        particulars = {"step": row.step_id, "client_at_ms": row.client_at, **orjson.loads(row.payload)}
        yield {
            "participant_id": row.participant_id,
            "dialogue": None,
            "seq": None,
            "at": row.at,
            "kind": row.kind,
            "payload": orjson.dumps(particulars).decode(),
        }


def _payload(entry: Entry) -> str:
    particulars = {name: value for name, value in to_payload(entry.event).items() if name not in _WITHHELD}
    return orjson.dumps(particulars).decode()


def feedback(snapshot: Snapshot) -> Iterator[Row]:
    """Feedback by the coach, then by videos, in the order of dialogues and participants."""
    for talk in snapshot.talks:
        if talk.row.counterpart == Role.COACH.value and talk.row.id in snapshot.feedback:
            yield _coach_feedback(talk, snapshot.feedback[talk.row.id])
    visits = {(visit.participant_id, visit.step_id): visit for visit in snapshot.visits}
    activities: dict[tuple[str, str], list[ActivityRow]] = defaultdict(list)
    for activity in snapshot.activities:
        activities[activity.participant_id, activity.step_id].append(activity)
    for participant in snapshot.participants:
        yield from _video_feedback(participant, snapshot.bundles[participant.study_hash], visits, activities)


def _coach_feedback(talk: Talk, row: FeedbackRow) -> Row:
    return {
        "participant_id": talk.row.participant_id,
        "round": talk.row.round,
        "kind": "coach",
        "dialogue_id": talk.row.id,
        "validating": row.validating,
        "elaboration": row.elaboration,
        "understanding": row.understanding,
        "failure": row.failure,
        "started_at": row.started_at,
        "finished_at": row.finished_at,
        "watched_s": None,
        "coach_questions": questions_put(talk.state),
        "coach_model": row.model,
        "coach_prompt_version": row.prompt_version,
        "quotes": row.quotes,
        "violations": row.violations,
    }


def _video_feedback(
    participant: ParticipantRow,
    bundle: StudyBundle,
    visits: Mapping[tuple[str, str], VisitRow],
    activities: Mapping[tuple[str, str], list[ActivityRow]],
) -> Iterator[Row]:
    order = orjson.loads(participant.scenario_order)
    for step in itinerary(bundle.study, condition=participant.condition, scenario_order=order):
        key = (participant.id, step.id)
        if isinstance(step.definition, VideoStep) and key in visits:
            watched = sum(
                watched_ms(video.id, _since(activities.get(key, []), visits[key].shown_at))
                for video in step.definition.videos
            )
            yield {
                "participant_id": participant.id,
                "round": step.round,
                "kind": "video",
                "started_at": visits[key].shown_at,
                "finished_at": visits[key].taken_at,
                "watched_s": watched / 1000,
            }


def _since(activities: Sequence[ActivityRow], shown_at: int) -> list[ActivityRow]:
    """What was done once the step was shown: nothing before it counts."""
    return [activity for activity in activities if activity.at >= shown_at]
