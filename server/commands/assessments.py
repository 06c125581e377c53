"""`assessments`: examples for training an assessor, from replies that an expert has scored."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from core.errors import Unusable
from judges.agree_source import read_reference
from judges.assessments import Assessment, Assessor, Origin, weaker
from judges.cache import CACHE, AnswerCache
from judges.criteria import Judged, Rubric, Scale
from judges.in_order import AT_ONCE, in_order
from judges.rowfile import LineFile, check_new
from judges.rubric import load_rubric
from judges.source import read_transcripts
from llm.models import Models
from llm.request import ModelRole
from llm.settings import parse_choices
from server.commands.spending import progress_bar
from server.models import models_for


@dataclass(frozen=True, slots=True)
class AssessmentWishes:
    """What was asked for on the command line."""

    model: str
    weaker: str | None = None
    """The model whose replies stand beside the expert's; None leaves them out."""
    rubric: str = "helpfulness"
    rater: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What a run has come to."""

    rows: int
    missing: int


async def assessments(source: Path, out: Path, wishes: AssessmentWishes) -> Written:
    """Write an example per scored reply of `source` into `out`, and one more with a weaker reply; raises `Unusable`.

    Answers are kept beside `out`: a run that was stopped is started again and asks for what is new.
    """
    rubric = load_rubric(wishes.rubric)
    if rubric.scale is None or rubric.judged is not Judged.REPLY or len(rubric.dimensions) != 1:
        raise Unusable(f"{wishes.rubric}: examples are made by a rubric that rates replies on one dimension")
    check_new(out)
    given = _given(source, rubric, rubric.scale, rater=wishes.rater)
    async with AsyncExitStack() as stack:
        models, answers = await stack.enter_async_context(_asking(wishes.model, ModelRole.ASSESSOR, out))
        assessor = Assessor(models, rubric, rubric.scale, answers=answers)
        made = [given]
        if wishes.weaker:
            other, kept = await stack.enter_async_context(_asking(wishes.weaker, ModelRole.SUPPORTER, out))
            scale = rubric.scale
            made.append(await _each(given, lambda one: weaker(other, one, scale, answers=kept), "replying"))
        examples = await _each([one for row in zip(*made, strict=True) for one in row], assessor.explain, "explaining")
    with LineFile(out, end=0) as rows:
        for example in examples:
            rows.append(_row(example))
    return Written(len(examples), sum(example.failure is not None for example in examples))


@asynccontextmanager
async def _asking(name: str, role: ModelRole, out: Path) -> AsyncIterator[tuple[Models, AnswerCache]]:
    """The model of this name in this role, and where its answers are kept."""
    choices = parse_choices(name, name="--model" if role is ModelRole.ASSESSOR else "--weaker", role=role)
    if choices[0].provider == "rules":
        raise Unusable("the rules write no examples: name a model, such as openai:gpt-4o")
    models = models_for(role, choices)
    answers = AnswerCache(out.with_name(CACHE), choice=choices[0])
    try:
        yield models, answers
    finally:
        answers.close()
        await models.aclose()


async def _each(
    given: Sequence[Assessment], do: Callable[[Assessment], Awaitable[Assessment]], doing: str
) -> list[Assessment]:
    """What `do` makes of each of `given`, in order, a few at a time."""
    made = []
    with progress_bar() as bar:
        task = bar.add_task(doing, total=len(given))
        async with aclosing(in_order((partial(do, example) for example in given), at_once=AT_ONCE)) as examples:
            async for example in examples:
                made.append(example)
                bar.advance(task)
    return made


def _given(source: Path, rubric: Rubric, scale: Scale, *, rater: str | None) -> list[Assessment]:
    """The replies that `rater`, or the only one there is, has scored."""
    dimension = rubric.dimensions[0].id
    by_rater = {name: given[dimension] for name, given in read_reference(source).items() if given.get(dimension)}
    if rater is None and len(by_rater) > 1:
        raise Unusable(f"{source}: {', '.join(by_rater)} have rated {dimension}; say whose scores by --rater")
    scores = by_rater.get(rater or next(iter(by_rater), ""))
    if not scores:
        raise Unusable(f"{source}: {rater or 'nobody'} has rated {dimension}")
    if off := next((id_ for id_, score in scores.items() if score not in scale.values), None):
        raise Unusable(f"{source}: {off!r}: {scores[off]:g} is no whole number from {scale.low} to {scale.high}")
    rated = (transcript for transcript in read_transcripts(source) if transcript.id in scores)
    return [Assessment(transcript, Origin.EXPERT, score=round(scores[transcript.id])) for transcript in rated]


def _row(made: Assessment) -> str:
    told = asdict(made)
    transcript = told.pop("transcript")
    messages = [{"role": message["role"], "text": message["text"]} for message in transcript["messages"]]
    return json.dumps({"id": transcript["id"], "scenario": transcript["scenario"], "messages": messages} | told)
