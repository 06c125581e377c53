"""`judge --audit`, repeats and panels: what moves is measured, and kept answers are found by what was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.errors import Unusable
from core.transcript import Role
from judges.audit import as_figures, as_table, audit_file
from judges.cache import AnswerCache
from judges.criteria import Rubric
from judges.file import Counts, Member, judge_file
from judges.rubric import load_rubric
from judges.spread import spread
from judges.variants import variants
from llm.models import ModelChoice, Models
from llm.provider import Call, Parameters
from llm.reply import T, Usage
from llm.request import Request
from llm.scripted import ScriptedModel
from tests.judges.conversations import (
    HEARD,
    answer,
    conversation,
    finding,
    judged_by,
    read_rows,
    rules,
    write_transcripts,
)
from tests.judges.members import member_of

EMPATHY = load_rubric("empathy")


class FondOfPraise(ScriptedModel):
    """Gives 5s to whoever praises it, and 3s to everybody else."""

    async def answer(
        self, request: Request, schema: type[T], *, model: str, parameters: Parameters, call: Call
    ) -> tuple[T, str, Usage]:
        praised = "you are wise and fair" in request.prompt.messages[1].content
        self.enqueue(answer(**({"validating_emotions": finding(5)} if praised else {})))
        return await super().answer(request, schema, model=model, parameters=parameters, call=call)


async def audited(models: Models, tmp_path: Path, rubric: Rubric = EMPATHY) -> dict[str, Any]:
    source = write_transcripts(tmp_path / "in.jsonl", *(conversation(HEARD, id=f"c{n}") for n in range(3)))
    member = member_of(models, rubric)
    moved = await audit_file(source, tmp_path / "out.jsonl", rubric=rubric, member=member, progress=lambda a, b: None)
    assert as_table(moved).count("\n") == len(variants(rubric))
    return as_figures(moved)


async def test_a_judge_that_likes_praise_is_found_out(tmp_path: Path) -> None:
    """Two points more on one dimension in all three transcripts, and nothing anywhere else."""
    found = await audited(judged_by(FondOfPraise()), tmp_path)

    praised = found["judge_praised"]["validating_emotions"]
    assert (praised["mean_shift"], praised["moved"], praised["largest"], praised["n"]) == (2, 1, 2, 3)
    rest = [f for variant, by_d in found.items() for d, f in by_d.items() if f is not praised]
    assert {figure["mean_move"] for figure in rest} == {0}


async def test_every_row_names_its_variant_and_the_rules_stay_put(tmp_path: Path) -> None:
    """Names, praise, order and wording move nothing in the rules judge."""
    found = await audited(rules(), tmp_path)
    names = [variant.name for variant in variants(EMPATHY)]

    assert [row["variant"] for row in read_rows(tmp_path / "out.jsonl")] == names * 3
    for name in ("asked_again", "named_emily", "named_jamal", "judge_praised", "rubric_reordered", "padded"):
        assert {figure["mean_move"] for figure in found[name].values()} == {0}
    assert found["named_jamal"]["self_oriented"]["compared_with"] == "named_emily"


async def test_an_audit_does_not_write_over_scores(tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text("{}\n", encoding="utf-8")

    with pytest.raises(Unusable, match="is there already"):
        await audited(rules(), tmp_path)


def test_a_variant_changes_what_it_says_and_nothing_else() -> None:
    """Typos and padding touch the one judged; reordering and paraphrase the rubric, with every dimension kept."""
    before = conversation(*[HEARD] * 8)
    changed = {v.name: v.of_transcript(before, EMPATHY) for v in variants(EMPATHY)}
    rubrics = {v.name: v.of_rubric(EMPATHY) for v in variants(EMPATHY)}

    assert changed["typos"] != before
    assert [sorted(text) for text in changed["typos"].of(Role.SUPPORTER)] == [sorted(HEARD)] * 8
    for name in ("typos", "padded", "judge_praised"):
        assert changed[name].of(Role.SEEKER) == before.of(Role.SEEKER)
    assert [d.id for d in rubrics["rubric_reordered"].dimensions] == [d.id for d in EMPATHY.dimensions][::-1]
    for mine, theirs in zip(rubrics["rubric_paraphrased"].dimensions, EMPATHY.dimensions, strict=True):
        assert mine.id == theirs.id
        assert mine.definition != theirs.definition
    assert "rubric_reordered" not in {v.name for v in variants(load_rubric("helpfulness"))}


CHOICE = ModelChoice(provider="scripted", model="1", parameters={})


@contextmanager
def kept_in(path: Path, choice: ModelChoice = CHOICE) -> Iterator[AnswerCache]:
    cache = AnswerCache(path, choice=choice)
    try:
        yield cache
    finally:
        cache.close()


async def run(tmp_path: Path, model: ScriptedModel, *, rubric: Rubric = EMPATHY, out: str, repeats: int = 1) -> Counts:
    """Judge two transcripts with kept answers."""
    source = write_transcripts(tmp_path / "in.jsonl", *(conversation(HEARD, id=id_) for id_ in ("a", "b")))
    with kept_in(tmp_path / "kept.sqlite") as cache:
        member = Member(judged_by(model), names=("scripted:1",), answers=cache)
        return await judge_file(source, tmp_path / out, rubric=rubric, panel=[member], repeats=repeats)


async def test_the_same_question_is_paid_for_once(tmp_path: Path) -> None:
    """Another file, the same rows, and nobody asked; one more repeat asks for that repeat only.

    The two transcripts say the same words, so that they are one question, too.
    """
    await run(tmp_path, ScriptedModel(answer(), answer()), out="one.jsonl")
    again = ScriptedModel(answer())

    assert (await run(tmp_path, again, out="two.jsonl")).rated == 2
    assert again.asked == []
    assert (tmp_path / "two.jsonl").read_bytes() == (tmp_path / "one.jsonl").read_bytes()
    more = ScriptedModel(answer(), answer())
    await run(tmp_path, more, out="three.jsonl", repeats=2)
    assert 1 <= len(more.asked) <= 2


async def test_a_changed_rubric_asks_anew_and_leaves_the_other_alone(tmp_path: Path) -> None:
    """Only what is different is asked about; the first rubric's answers are still there."""
    await run(tmp_path, ScriptedModel(answer(), answer()), out="one.jsonl")
    model = ScriptedModel(answer(), answer())
    await run(tmp_path, model, rubric=EMPATHY.paraphrased(), out="two.jsonl")
    back = ScriptedModel()

    assert model.asked
    assert (await run(tmp_path, back, out="three.jsonl")).rated == 2
    assert back.asked == []


async def test_a_fault_is_not_kept(tmp_path: Path) -> None:
    """What failed is asked again in the next run."""
    await run(tmp_path, ScriptedModel(), out="one.jsonl")
    model = ScriptedModel(answer(), answer())

    assert (await run(tmp_path, model, out="two.jsonl")).rated == 2


def test_a_file_that_keeps_no_answers_is_told(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite"
    path.write_text("Dear diary" * 100, encoding="utf-8")

    with pytest.raises(Unusable, match="no file of kept answers"), kept_in(path):
        pass


async def test_models_and_repeats_stand_in_one_file_with_their_spread(tmp_path: Path) -> None:
    """Rows by transcript, model and repeat; SD over repeats and the gap between models by hand.

    The first model gives 1 and 3 (SD √2), the second 4 and 4; per transcript 2 and 4, so they are 2 apart.
    """
    source = write_transcripts(tmp_path / "in.jsonl", conversation(HEARD, id="a"))
    out = tmp_path / "out.jsonl"
    first, second = (
        ScriptedModel(*(answer(advice_giving=finding(score)) for score in scores)) for scores in ((1, 3), (4, 4))
    )
    panel = [
        Member(judged_by(first), names=("scripted:1",)),
        Member(judged_by(second, model="2"), names=("scripted:2",)),
    ]

    counts = await judge_file(source, out, rubric=EMPATHY, panel=panel, repeats=2)
    found = spread(out)["advice_giving"]

    assert counts.rated == 4
    assert [(row["model"], row["repeat"]) for row in read_rows(out)] == [
        ("scripted:1", 1), ("scripted:1", 2), ("scripted:2", 1), ("scripted:2", 2),
    ]  # fmt: skip
    assert found["models"]["scripted:1"]["repeat_sd"] == pytest.approx(2**0.5)
    assert found["models"]["scripted:2"]["repeats_equal"] == 1
    assert found["pairs"]["scripted:1 − scripted:2"]["difference"] == -2
    kept = await judge_file(source, out, rubric=EMPATHY, panel=panel, repeats=2)
    assert (kept.kept, kept.rated) == (4, 0)


def test_a_missing_score_is_counted_and_no_number(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    rows = [{"id": "a", "model": "m", "scores": {"d": score}} for score in (None, 4)]
    out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    assert spread(out)["d"]["models"]["m"] == {
        "mean": 4, "n": 1, "repeat_sd": None, "repeats_equal": None, "missing": 1,
    }  # fmt: skip
