"""Writes the conversations that this study ships with, and the rules judge's scores of them.

Run from the project's root: `.venv/bin/python studies/preferences/stimuli/make_stimuli.py`. Nobody real speaks in them:
the rules seeker of each scenario talks with simulated supporters whose skill goes from none to full.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

from core.dimensions import DIMENSIONS
from core.transcript import Message, Role, Transcript
from judges.rubric import load_rubric
from judges.rules import judged_by_rules
from llm.rules import RULES_MODEL
from personas.bank import load_bank
from personas.persona import Persona
from personas.seeker_prompt import SeekerSubject
from personas.seeker_rules import seeker_says
from personas.supporter_rules import supporter_says
from personas.supporters import SupporterSubject

HERE = Path(__file__).parent
PER_SCENARIO = 32
TURNS = (3, 4, 5)
SEED = 20


def main() -> None:
    """Write `conversations.jsonl` and `scores.jsonl` beside this file."""
    made = [
        _transcript(persona, scenario=scenario, number=number)
        for scenario, persona in load_bank().items()
        for number in range(PER_SCENARIO)
    ]
    _write("conversations.jsonl", [_line(transcript) for transcript in made])
    _write("scores.jsonl", [_scored(transcript) for transcript in made])


def _transcript(persona: Persona, *, scenario: str, number: int) -> Transcript:
    chance = random.Random(f"{SEED}/{scenario}/{number}")  # noqa: S311 - simulated people
    skill = number / (PER_SCENARIO - 1)
    messages: tuple[Message, ...] = (Message(Role.SEEKER, persona.opener),)
    for _ in range(chance.choice(TURNS)):
        said = supporter_says(SupporterSubject(messages, skill, chance.getrandbits(31)))
        messages = (*messages, Message(Role.SUPPORTER, said))
        messages = (*messages, Message(Role.SEEKER, seeker_says(SeekerSubject(persona, messages))))
    shuffled = random.Random(f"{SEED}/{scenario}").sample(range(PER_SCENARIO), PER_SCENARIO)  # noqa: S311 - as above
    return Transcript(id=f"{scenario}_{shuffled[number] + 1:02d}", messages=messages, scenario=scenario)


def _line(transcript: Transcript) -> dict[str, object]:
    messages = [{"role": message.role.value, "text": message.text} for message in transcript.messages]
    return {"id": transcript.id, "scenario": transcript.scenario, "messages": messages}


def _scored(transcript: Transcript) -> dict[str, object]:
    """A row as `lendanear judge` writes it, without reasons and quotes."""
    rubric, found = load_rubric("empathy"), judged_by_rules(transcript)
    return {
        "id": transcript.id,
        "rubric": rubric.name,
        "rubric_version": rubric.version,
        "model": f"rules:{RULES_MODEL}",
        "repeat": 1,
        "scores": {dimension.value: found[dimension].score for dimension in DIMENSIONS},
        "failure": None,
    }


def _write(name: str, rows: list[dict[str, object]]) -> None:
    ordered = sorted(rows, key=lambda row: str(row["id"]))
    lines = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in ordered)
    (HERE / name).write_text(lines, encoding="utf-8")


if __name__ == "__main__":
    main()
