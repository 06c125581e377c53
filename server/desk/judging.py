"""What the desk shows of people who judge: how far they are, where raters disagree, and one conversation to decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from core.bundle import StudyBundle
from core.errors import InvalidAnswer, NotFound
from core.participant import ParticipantStatus
from core.study import ComparisonStep, JudgingStep
from core.survey import MAX_TEXT
from core.text import is_storable
from server.desk.command import export_command
from server.desk.rated import Disputed, Rated, rated, rating_step
from server.export.rows import Snapshot, take_snapshot
from server.steps.shown import messages_shown
from server.storage.tables import AdjudicationRow
from server.times import iso
from server.world import World

ADDRESS = "/desk/judging"
REASON = "reason"
_AS_CHOICE = {"complete": ParticipantStatus.COMPLETE, "under_way": ParticipantStatus.ACTIVE}


async def judging_shown(world: World) -> list[dict[str, Any]]:
    """Every study in which people judge, with how far it is."""
    return [
        await _card(world, bundle, step)
        for _, bundle in sorted(world.studies.offered.items())
        for step in judging_steps(bundle)
    ]


def judging_steps(bundle: StudyBundle) -> list[JudgingStep]:
    return [step for step in bundle.study.definitions if isinstance(step, JudgingStep)]


async def snapshot_of(world: World, slug: str) -> Snapshot:
    """All of a study at this instant."""
    async with world.database.snapshot() as session:
        return await take_snapshot(session, slug)


async def rated_in(world: World, slug: str) -> Rated:
    """The ratings of a study. Raises `NotFound` where nothing is rated."""
    bundle = world.studies.current(slug)
    step = rating_step(bundle)
    if step is None:
        raise NotFound("Nothing is rated in this study.")
    return rated(await snapshot_of(world, slug), bundle, step)


async def _card(world: World, bundle: StudyBundle, step: JudgingStep) -> dict[str, Any]:
    snapshot = await snapshot_of(world, bundle.slug)
    states = {person.id: person.status for person in snapshot.participants}
    held = [row for row in snapshot.given if row.step_id == step.id and row.taken_back_at is None]
    count = Counter(states[row.participant_id] for row in held if row.study_hash == bundle.hash)
    made = len(bundle.stimuli[step.id].sequences)
    is_choice = isinstance(step, ComparisonStep)
    return {
        "title": bundle.study.title,
        "kind": "pairs" if is_choice else "ratings",
        "url": None if is_choice else f"{ADDRESS}/{bundle.slug}",
        "conversations": len(bundle.stimuli[step.id].transcripts),
        "sequences": made,
        **{name: count[status.value] for name, status in _AS_CHOICE.items()},
        "withdrawn": count[ParticipantStatus.WITHDRAWN.value],
        "free": made - sum(count.values()),
        "export_command": export_command(bundle.slug, database=world.settings.database_url),
    }


def conversation_url(found: Rated, transcript_id: str) -> str:
    """Where one conversation is read with its ratings; its id may hold any character."""
    return f"{ADDRESS}/{found.bundle.slug}/conversations/{quote(transcript_id, safe='')}"


def progress_shown(found: Rated) -> dict[str, Any]:
    """How many conversations each rater has rated, and where raters disagree."""
    return {
        "title": found.bundle.study.title,
        "url": f"{ADDRESS}/{found.bundle.slug}",
        "conversations": len(found.stimuli.transcripts),
        "raters_per_transcript": found.step.raters_per_transcript,
        "apart": found.step.adjudicate_from,
        "raters": [{"name": name, "rated": len(given)} for name, given in sorted(found.ratings.items())],
        "rated_by_all": sum(_is_rated_by_all(found, t.id) for t in found.stimuli.transcripts),
        "disputed": [_disputed_shown(found, one) for one in found.disputed],
        "left": sum(one.decided is None for one in found.disputed),
    }


def _is_rated_by_all(found: Rated, transcript_id: str) -> bool:
    raters = sum(transcript_id in given for given in found.ratings.values())
    return raters >= found.step.raters_per_transcript


def _disputed_shown(found: Rated, one: Disputed) -> dict[str, Any]:
    names = {criterion.id: criterion.name for criterion in found.form.criteria}
    return {
        "transcript": one.transcript_id,
        "dimension": names[one.dimension],
        "scores": list(one.scores.values()),
        "spread": one.spread,
        "decided": None if one.decided is None else one.decided.score,
        "url": conversation_url(found, one.transcript_id),
    }


def conversation_shown(found: Rated, transcript_id: str) -> dict[str, Any]:
    """One conversation, what raters gave (they stay unnamed), and a form for what is in dispute. Raises `NotFound`."""
    try:
        transcript = found.stimuli.transcript(transcript_id)
    except KeyError:
        raise NotFound("There is no such conversation in this study.") from None
    disputed = {one.dimension: one for one in found.disputed if one.transcript_id == transcript_id}
    remarks = found.remarks.get(transcript.id, {})
    numbered = {name: f"Rater {number}" for number, name in enumerate(sorted(found.ratings), start=1)}
    return {
        "id": transcript.id,
        "study": found.bundle.study.title,
        "study_url": f"{ADDRESS}/{found.bundle.slug}",
        "action": conversation_url(found, transcript.id),
        "messages": messages_shown(transcript),
        "values": list(range(found.form.lowest, found.form.highest + 1)),
        "remarks": [{"rater": numbered[name], "text": text} for name, text in sorted(remarks.items())],
        "dimensions": [
            {
                **criterion.model_dump(),
                "scores": [
                    {"rater": numbered[name], "score": score}
                    for name, score in found.scores(transcript.id, criterion.id).items()
                ],
                "is_disputed": criterion.id in disputed,
                "decided": _decided_shown(found.decisions.get((transcript.id, criterion.id))),
            }
            for criterion in found.form.criteria
        ],
        "disputed": len(disputed),
    }


def _decided_shown(row: AdjudicationRow | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {"score": row.score, "by": row.account, "at": iso(row.decided_at), "reason": row.reason}


async def decide(
    world: World, found: Rated, transcript_id: str, *, answers: Mapping[str, str], account: str
) -> Sequence[AdjudicationRow]:
    """Store what somebody decided on every disputed dimension of a conversation. Raises `InvalidAnswer`."""
    disputed = [one.dimension for one in found.disputed if one.transcript_id == transcript_id]
    scale = {str(n): n for n in range(found.form.lowest, found.form.highest + 1)}
    reason = answers.get(REASON, "").strip()
    if len(reason) > MAX_TEXT or not is_storable(reason):
        raise InvalidAnswer(f"Please give your reasons in at most {MAX_TEXT:,} plain characters.", item=REASON)
    for dimension in disputed:
        if answers.get(dimension) not in scale:
            raise InvalidAnswer("Please decide on every dimension that is in dispute.", item=dimension)
    rows = [
        AdjudicationRow(
            study_hash=found.bundle.hash,
            step_id=found.step.id,
            transcript_id=transcript_id,
            dimension=dimension,
            score=scale[answers[dimension]],
            reason=reason,
            account=account,
            decided_at=world.now(),
        )
        for dimension in disputed
    ]
    async with world.database.writing() as session:
        session.add_all(rows)
    return rows
