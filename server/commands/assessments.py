"""`assessments`: examples for training an assessor, from replies that an expert has scored."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from core.errors import Unusable
from judges.agree_source import read_reference
from judges.assessments import Assessment, Assessor, Explained, Origin, lowered, reply_request, weaker
from judges.cache import CACHE, AnswerCache
from judges.criteria import Judged, Rubric, Scale
from judges.forecasts import ANSWERED_CHARS, question_chars, questions_forecast
from judges.in_order import in_order
from judges.material import Unjudgeable
from judges.rowfile import LineFile, check_new
from judges.rubric import load_rubric
from judges.source import read_transcripts
from llm.faults import NotAsked
from llm.forecast import Forecast
from llm.gate import Budget, Spending
from llm.models import Models
from llm.request import ModelRole
from llm.settings import model_settings, parse_choices
from server.commands.panel import paid_models
from server.commands.spending import UNLIMITED, Allowance, confirm, progress_bar


@dataclass(frozen=True, slots=True)
class AssessmentWishes:
    """What was asked for on the command line."""

    model: str
    weaker: str | None = None
    """The model whose replies stand beside the expert's; None leaves them out."""
    rubric: str = "helpfulness"
    rater: str | None = None
    allowance: Allowance = UNLIMITED


@dataclass(frozen=True, slots=True)
class Written:
    """What a run has come to."""

    rows: int
    missing: int


@dataclass(frozen=True, slots=True)
class _Asked:
    """A model of this command, with what it has answered before and what it costs."""

    name: str
    models: Models
    kept: AnswerCache
    spending: Spending


async def assessments(source: Path, out: Path, wishes: AssessmentWishes) -> Written:
    """Write an example per scored reply of `source` into `out`, and one more with a weaker reply; raises `Unusable`.

    Answers are kept beside `out`: a run that was stopped, by its cap as well, is started again and asks what is new.
    """
    rubric = load_rubric(wishes.rubric)
    if rubric.scale is None or rubric.judged is not Judged.REPLY or len(rubric.dimensions) != 1:
        raise Unusable(f"{wishes.rubric}: examples are made by a rubric that rates replies on one dimension")
    check_new(out)
    given = _given(source, rubric, rubric.scale, rater=wishes.rater)
    budget = wishes.allowance.budget()
    async with AsyncExitStack() as stack:
        first = _open(wishes.model, ModelRole.ASSESSOR, out, budget=budget, stack=stack)
        other = None
        if wishes.weaker:
            other = _open(wishes.weaker, ModelRole.SUPPORTER, out, budget=budget, stack=stack)
        assessor = Assessor(first.models, rubric, rubric.scale, answers=first.kept)
        await _agree_on_cost(given, assessor, first, other, scale=rubric.scale, allowance=wishes.allowance)
        try:
            examples = await _made(given, assessor, other, scale=rubric.scale, at_once=wishes.allowance.at_once)
        except NotAsked as fault:
            raise Unusable(f"{fault}: what was answered is kept. {wishes.allowance.goes_on}") from None
    with LineFile(out, end=0) as rows:
        for example in examples:
            rows.append(_row(example))
    return Written(len(examples), sum(example.failure is not None for example in examples))


def _open(name: str, role: ModelRole, out: Path, *, budget: Budget, stack: AsyncExitStack) -> _Asked:
    """The model of this name in this role, until `stack` ends."""
    choices = parse_choices(name, name="--model" if role is ModelRole.ASSESSOR else "--weaker", role=role)
    if choices[0].provider == "rules":
        raise Unusable("the rules write no examples: name a model, such as openai:gpt-4o")
    models, spending = paid_models(role, choices, budget=budget, stack=stack)
    kept = AnswerCache(out.with_name(CACHE), choice=choices[0])
    stack.callback(kept.close)
    return _Asked(str(choices[0]), models, kept, spending)


async def _agree_on_cost(
    given: Sequence[Assessment],
    assessor: Assessor,
    first: _Asked,
    other: _Asked | None,
    *,
    scale: Scale,
    allowance: Allowance,
) -> None:
    """Tell what the examples will probably cost; raises `Unusable` when it is not to be spent."""
    foreseen = [one for each in given for one in await _foreseen(each, other, scale=scale)]
    expected = [_forecast(first, [_chars(one, assessor, kept=first.kept) for one in foreseen], texts=2)]
    if other is not None:
        replies = [question_chars(reply_request(one.transcript), None, kept=other.kept) for one in given]
        expected.append(_forecast(other, replies, texts=1))
    confirm(expected, allowance)


async def _foreseen(one: Assessment, other: _Asked | None, *, scale: Scale) -> list[Assessment]:
    """`one` and its weaker example, whose reply is taken to be as long as the expert's unless it is kept."""
    if other is None or one.score is None:
        return [one]
    if other.kept.has(reply_request(one.transcript), None, repeat=1):
        return [one, await _weaker(one, other=other, scale=scale)]
    return [one, replace(one, score=lowered(one.score, scale))]


def _chars(one: Assessment, assessor: Assessor, *, kept: AnswerCache) -> int:
    """Characters of what is asked about an example; 0 where nothing is."""
    with suppress(Unjudgeable):
        if one.score is not None:
            return question_chars(assessor.request(one.transcript, one.score), Explained, kept=kept)
    return 0


def _forecast(asked: _Asked, chars: Sequence[int], *, texts: int) -> Forecast:
    """For questions of so many characters, each answered by `texts` short ones."""
    prices = model_settings().prices
    expected = questions_forecast(asked.name, prices, asked=chars, answered_chars=texts * ANSWERED_CHARS)
    asked.spending.call_usd = expected.call_usd
    return expected


async def _made(
    given: Sequence[Assessment], assessor: Assessor, other: _Asked | None, *, scale: Scale, at_once: int
) -> list[Assessment]:
    """The examples, each with its weaker one behind it. Raises `NotAsked` at the cap."""
    made = [list(given)]
    if other is not None:
        reply = partial(_weaker, other=other, scale=scale)
        made.append(await _each(given, reply, "replying", at_once=at_once))
    in_turn = [one for row in zip(*made, strict=True) for one in row]
    return await _each(in_turn, assessor.explain, "explaining", at_once=at_once)


async def _weaker(one: Assessment, *, other: _Asked, scale: Scale) -> Assessment:
    return await weaker(other.models, one, scale, answers=other.kept)


async def _each(
    given: Sequence[Assessment], do: Callable[[Assessment], Awaitable[Assessment]], doing: str, *, at_once: int
) -> list[Assessment]:
    """What `do` makes of each of `given`, in order, a few at a time."""
    made = []
    with progress_bar() as bar:
        task = bar.add_task(doing, total=len(given))
        async with aclosing(in_order((partial(do, example) for example in given), at_once=at_once)) as examples:
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
