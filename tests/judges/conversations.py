"""Conversations and answers that the tests of the judges are made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.dimensions import DIMENSIONS, Dimension
from core.transcript import Message, Role, Transcript
from judges.rules import register_rules
from llm.models import ModelChoice, Models
from llm.provider import Provider
from llm.request import ModelRole
from llm.retries import RetryPolicy
from llm.rules import RulesProvider

HEARD = "That sounds exhausting. What has this week been like for you?"
OPENER = "I lost my job today and I am so scared."


def conversation(*said: str, opener: str = OPENER, answer: str = "I do not know.", id: str = "c1") -> Transcript:
    """A conversation opened by the seeker, who answers every line of the supporter with `answer`."""
    messages = [Message(Role.SEEKER, opener)]
    for text in said:
        messages += [Message(Role.SUPPORTER, text), Message(Role.SEEKER, answer)]
    return Transcript(id=id, messages=tuple(messages))


def finding(score: object = 3, *, quotes: object = ("That sounds exhausting.",), reason: object = "Seen.") -> Any:
    """What a model says about one dimension."""
    return {"reason": reason, "quotes": list(quotes) if isinstance(quotes, tuple) else quotes, "score": score}


def answer(**other: object) -> str:
    """A model's whole answer: a plain finding per dimension, save those given by name."""
    members: dict[str, object] = {dimension.value: finding() for dimension in DIMENSIONS}
    return json.dumps(members | other)


def judged_by(provider: Provider, *, model: str = "1") -> Models:
    """Models in which `provider` plays every judge and nobody asks it again after a fault."""
    choice = ModelChoice(provider=provider.name, model=model, parameters={})
    once = RetryPolicy(attempts_per_model=1, attempts_in_all=1)
    choices = dict.fromkeys((ModelRole.JUDGE, ModelRole.LABELLER, ModelRole.COMPARER), (choice,))
    return Models(providers={provider.name: provider}, choices=choices, policy=once)


def rules() -> Models:
    """Models in which the rules play the judge."""
    provider = RulesProvider()
    register_rules(provider)
    return judged_by(provider)


def write_transcripts(path: Path, *transcripts: Transcript) -> Path:
    """`path`, holding `transcripts` as JSON Lines."""
    path.write_text("".join(json.dumps(_as_fields(t)) + "\n" for t in transcripts), encoding="utf-8")
    return path


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a judge's file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def scores_of(row: Mapping[str, Any]) -> dict[Dimension, int | None]:
    return {Dimension(name): score for name, score in row["scores"].items()}


def _as_fields(transcript: Transcript) -> dict[str, Any]:
    messages = [{"role": message.role.value, "text": message.text} for message in transcript.messages]
    return {"id": transcript.id, "messages": messages}
