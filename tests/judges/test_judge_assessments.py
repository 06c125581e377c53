"""Examples for an assessor: words to an expert's scores that do not name them, and weaker replies a point lower."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.transcript import Message, Role, Transcript
from judges.assessments import Assessment, Assessor, Origin, gives_away, lowered, weaker
from judges.criteria import Scale
from judges.rubric import load_rubric
from llm.faults import TimedOut
from llm.models import ModelChoice, Models
from llm.request import ModelRole
from llm.retries import RetryPolicy
from llm.scripted import Line, ScriptedModel
from server.cli import main
from server.commands import panel

HELPFULNESS = load_rubric("helpfulness")
SCALE = Scale(1, 5)
CASE = (Message(Role.SEEKER, "I failed again."), Message(Role.SUPPORTER, "You kept going for a year."))
GIVEN = Assessment(Transcript("a", CASE), Origin.EXPERT, score=4)


def asked(model: ScriptedModel) -> Models:
    choice = ModelChoice(provider="scripted", model="1", parameters={})
    return Models(
        providers={"scripted": model},
        choices=dict.fromkeys((ModelRole.ASSESSOR, ModelRole.SUPPORTER), (choice,)),
        policy=RetryPolicy(attempts_per_model=1, attempts_in_all=1),
    )


def said(comment: str = "Sees the effort.", suggestion: str = "Name the feeling too.") -> str:
    return json.dumps({"comment": comment, "suggestion": suggestion})


async def explained(*lines: Line, score: int = 4) -> tuple[Assessment, ScriptedModel]:
    model = ScriptedModel(*lines)
    return await Assessor(asked(model), HELPFULNESS, SCALE).explain(replace(GIVEN, score=score)), model


@pytest.mark.parametrize(("score", "left"), [(1, 1), (2, 1), (3, 2), (4, 3), (5, 4)])
def test_a_weaker_reply_lies_a_point_lower(score: int, left: int) -> None:
    """max(s - 1, 1), as the paper has it (EC-35)."""
    assert lowered(score, SCALE) == left


@pytest.mark.parametrize(
    "text", ["A 4.", "Four stars.", "I rated it so", "Three points", "out of five", "Its score", "a good grade", "4/5"]
)
def test_words_that_give_a_score_away_are_known(text: str) -> None:
    assert gives_away(text)


@pytest.mark.parametrize(
    "text", ["No one asked.", "It points out one thing.", "One point to build on.", "Moderate, and of great use."]
)
def test_ordinary_words_give_nothing_away(text: str) -> None:
    assert not gives_away(text)


async def test_the_score_is_shown_and_never_told() -> None:
    """The model sees score, rubric and strategies; an answer with the score in it is asked for once more (EC-28)."""
    made, model = await explained(said("A solid 4."), said())

    assert (made.comment, made.suggestion, made.failure) == ("Sees the effort.", "Name the feeling too.", None)
    assert made.model == "scripted:1"
    prompt = "\n".join(message.content for message in model.asked[0].prompt.messages)
    assert "supporter-2: 4 on a scale from 1 to 5" in prompt
    assert "Reflecting feelings" in prompt
    assert "but the words give the score away" in model.asked[1].prompt.messages[1].content


async def test_a_model_that_left_a_text_out_is_told_so() -> None:
    made, model = await explained(said(suggestion=""), said())

    assert made.failure is None
    assert "but the comment or the suggestion is empty" in model.asked[1].prompt.messages[1].content


@pytest.mark.parametrize(
    ("lines", "score", "why"),
    [
        ([said("A 4."), said("Still a 4.")], 4, "give the score away"),
        ([said(suggestion=""), said(suggestion="")], 4, "is empty"),
        ([TimedOut("slow")], 4, "slow"),
    ],
)
async def test_what_cannot_be_used_is_missing_with_its_reason(lines: list[Line], score: int, why: str) -> None:
    made, _ = await explained(*lines, score=score)

    assert (made.comment, made.suggestion, made.score) == (None, None, score)
    assert why in str(made.failure)


async def test_nothing_has_to_be_suggested_at_the_top() -> None:
    made, _ = await explained(said(suggestion=""), score=5)

    assert (made.suggestion, made.failure) == ("", None)


async def test_the_weaker_model_answers_the_case_alone() -> None:
    """It sees what the seeker wrote and not the reply that it stands beside; where it fails there is no score."""
    model = ScriptedModel("Cheer up.", TimedOut("slow"))
    made = await weaker(asked(model), GIVEN, SCALE)
    lost = await weaker(asked(model), GIVEN, SCALE)

    assert (made.transcript.id, made.score, made.reply_model) == ("a/weaker", 3, "scripted:1")
    assert made.transcript.messages == (CASE[0], Message(Role.SUPPORTER, "Cheer up."))
    assert "kept going" not in model.asked[0].prompt.messages[1].content
    assert (lost.score, lost.failure) == (None, f"{TimedOut.kind}: slow")


def test_as_many_examples_come_from_the_weaker_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three scored cases make six examples in pairs, and a file that is there already is left alone."""
    model = ScriptedModel(*["Cheer up."] * 3, *[said()] * 6)
    monkeypatch.setattr(panel, "models_for", lambda role, choices, **_: asked(model))
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.chdir(tmp_path)
    cases = [{"id": id_, "messages": [{"role": m.role, "text": f"{m.text} {id_}"} for m in CASE]} for id_ in "abc"]
    lines = [case | {"ratings": {"e": {"helpfulness": n}}} for n, case in enumerate(cases, start=1)]
    Path("in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    line = "assessments in.jsonl --out out.jsonl --model openai:a --weaker openai:b"

    assert ended(line, monkeypatch) in (0, None)
    rows: list[dict[str, Any]] = [json.loads(row) for row in Path("out.jsonl").read_text().splitlines()]

    assert [(row["id"], row["origin"], row["score"]) for row in rows] == [
        ("a", "expert", 1), ("a/weaker", "weaker", 1), ("b", "expert", 2), ("b/weaker", "weaker", 1),
        ("c", "expert", 3), ("c/weaker", "weaker", 2),
    ]  # fmt: skip
    assert {row["comment"] for row in rows} == {"Sees the effort."}
    assert "is there already" in str(ended(line, monkeypatch))
    assert "name a model" in str(ended(line.replace("openai:a", "rules").replace("out.", "o."), monkeypatch))


def ended(line: str, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(sys, "argv", ["lendanear", *line.split()])
    try:
        main()
    except SystemExit as left:
        return left.code
    return None
