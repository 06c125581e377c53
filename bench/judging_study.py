"""A study whose conversations are over: as many as one likes, written straight into the database, and to a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

from sqlalchemy import insert

from core.events import Closed, CloseReason, Entry, Opened, Said
from core.participant import ParticipantStatus
from core.transcript import Role
from server.storage.database import Database
from server.storage.log import row_of
from server.storage.migrate import migrate
from server.storage.tables import DialogueRow, EventRow, ParticipantRow, ScoreRow, StudyVersionRow

SLUG = "bench"
SCENARIOS = ("job_loss", "promotion", "undervalued", "cancer", "loss")
TURNS = 6
_AT_ONCE = 1_000
_LINES = (
    "They read out the list in the corridor, and my name was the third on it.",
    "I have not slept since, and I keep the letter in the drawer where I cannot see it.",
    "That must have been a long walk back to your desk.",
    "What went through your head when you heard it?",
    "My sister says that I should be glad, and I nod, and then I go and sit in the car.",
    "You sit there so that nobody needs an answer from you.",
    "I could call the office for you if that is of any help.",
    "It is the mornings, when everybody else leaves and the street gets quiet.",
)


def talk(number: int) -> list[tuple[Role, str]]:
    """The lines of one conversation; always the same for the same number."""
    draw = Random(number)
    roles = (Role.SEEKER, Role.SUPPORTER)
    return [(roles[place % 2], f"{draw.choice(_LINES)} {draw.choice(_LINES)}") for place in range(2 * TURNS)]


def scenario(number: int) -> str:
    return SCENARIOS[number % len(SCENARIOS)]


def write_transcripts(out: Path, count: int) -> None:
    """A transcript file with the same conversations."""
    with out.open("w", encoding="utf-8") as file:
        for number in range(count):
            messages = [{"role": role.value, "text": text} for role, text in talk(number)]
            file.write(json.dumps({"id": _id(number), "scenario": scenario(number), "messages": messages}) + "\n")


async def fill(database_url: str, count: int) -> None:
    """Migrate the database, and store `count` finished conversations of as many participants."""
    database = Database(database_url)
    await migrate(database)
    async with database.writing() as session:
        session.add(StudyVersionRow(hash=SLUG, slug=SLUG, bundle="{}", seed=1, loaded_at=1))
    for start in range(0, count, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, count))
        async with database.writing() as session:
            await session.exec(insert(ParticipantRow), params=[_participant(number) for number in numbers])
            await session.exec(insert(DialogueRow), params=[_dialogue(number) for number in numbers])
            await session.exec(insert(EventRow), params=[row for number in numbers for row in _events(number)])
            await session.exec(insert(ScoreRow), params=[_score(number) for number in numbers])
    await database.close()


def _id(number: int) -> str:
    return f"talk-{number:06d}"


def _participant(number: int) -> dict[str, object]:
    return {
        "id": f"person-{number:06d}",
        "slug": SLUG,
        "study_hash": SLUG,
        "status": ParticipantStatus.COMPLETE.value,
        "entered_at": 1,
        "pilot": True,
        "scenario_order": "[]",
        "position": 0,
        "time_factor": 1.0,
    }


def _dialogue(number: int) -> dict[str, object]:
    return {
        "id": _id(number),
        "participant_id": f"person-{number:06d}",
        "step_id": "talk_1",
        "round": 1,
        "counterpart": Role.SEEKER.value,
        "scenario": scenario(number),
    }


def _events(number: int) -> Iterator[dict[str, object]]:
    said = [Said(role=role, text=text) for role, text in talk(number)]
    for seq, event in enumerate([Opened(Role.SEEKER), *said, Closed(CloseReason.FINISHED)], start=1):
        row = row_of(_id(number), Entry(seq=seq, at=seq * 1000, event=event))
        yield dict(zip(("dialogue_id", "seq", "at", "kind", "payload"), row, strict=True))


def _score(number: int) -> dict[str, object]:
    """What the rules gave when the conversation closed: the server does not look after it any more."""
    return {
        "conversation_id": _id(number),
        "judge": "empathy",
        "model": "rules:2",
        "rubric_version": "1",
        "prompt_version": "",
        "dimension": "advice_giving",
        "score": 1,
        "scored_at": 1,
    }
