"""`score`: have a model judge every finished conversation of a study, by jobs that any number of workers share."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from core.dialogue import fold
from core.errors import Unusable
from core.money import dollars
from core.transcript import Transcript
from judges.criteria import Rubric
from judges.forecasts import SAMPLED, asked_chars, judging_forecast
from judges.rubric import load_rubric, shipped
from llm.forecast import Forecast
from llm.gate import ROUNDING_USD
from llm.models import ModelChoice
from llm.request import ModelRole
from llm.settings import model_settings, parse_choices
from server.background import end
from server.commands.spending import UNLIMITED, Allowance, confirm, progress_bar
from server.scoring.jobs import (
    OVER,
    QUEUED,
    RUNNING,
    enqueue,
    failures,
    forget_judgements,
    is_under_way,
    open_queue,
    rest_queue,
)
from server.scoring.opening import open_scoring
from server.scoring.runs import Runs, scoring_id
from server.scoring.todo import ToDo, count_missing, count_scored, to_do
from server.settings import Settings
from server.storage.database import Database
from server.storage.log import Log
from server.storage.tables import ScoringRow
from server.times import now_ms

LOOK_S = 0.5
COUNTING_SHARE = 10
"""So many times as long as counting took is waited before it is done again."""
IDLE_S = 15.0
"""After so long without a score, people are told that perhaps nobody works on the queue."""


@dataclass(frozen=True, slots=True)
class ScoreWishes:
    """What was asked for on the command line."""

    slug: str
    rubric: str
    model: str
    repeats: int = 1
    allowance: Allowance = UNLIMITED
    """Its rate is that of all workers together, its cap that of all runs."""
    works: bool = True
    """Whether this process judges, too, beside what workers there are."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What a run has come to."""

    done: int
    total: int
    missing: int
    """Judgements that are stored with something missing."""
    faults: Sequence[str]
    """A sentence for each reason why judgements are still to be made, and a line for each damaged dialogue."""


async def score(settings: Settings, wishes: ScoreWishes) -> Scored:
    """Score what is not scored yet; what was begun goes on. Raises `Unusable`."""
    rubric, choice = _judge(wishes)
    async with open_scoring(settings, works=wishes.works) as (database, scorer):
        row = _row(wishes, rubric, choice)
        plan = await to_do(database, row, repeats=wishes.repeats)
        expected = await _forecast(database, plan, rubric, choice)
        confirm([expected], wishes.allowance, spent_usd=await scorer.runs.spent(row.id))
        row.call_usd = expected.call_usd
        row = await scorer.runs.begin(row)
        if plan.open:
            await _run(database, scorer.runs, row, plan, wishes=wishes)
        return await _outcome(database, await scorer.runs.get(row.id) or row, plan, repeats=wishes.repeats)


async def _run(database: Database, runs: Runs, row: ScoringRow, plan: ToDo, *, wishes: ScoreWishes) -> None:
    """Queue what is to be done, and return when it is done or the run was stopped."""
    await open_queue(rate=wishes.allowance.rate)
    scored = partial(count_scored, database, row, repeats=wishes.repeats)
    with progress_bar() as bar:
        task = bar.add_task(f"scoring with {row.model}", total=plan.total, completed=plan.done)
        queueing = asyncio.create_task(enqueue(row.id, plan.open))
        try:
            await _watch(runs, row, queueing, scored=scored, show=lambda done: bar.update(task, completed=done))
        finally:
            await end(queueing)
    await rest_queue()


def _judge(wishes: ScoreWishes) -> tuple[Rubric, ModelChoice]:
    """The rubric and the model; raises `Unusable` for what workers, or the table of scores, cannot take."""
    if wishes.rubric not in shipped():
        raise Unusable(f"workers know the shipped rubrics alone, and {wishes.rubric!r} is none: use `lendanear judge`")
    rubric = load_rubric(wishes.rubric)
    if not rubric.is_framework:
        raise Unusable(f"a study's scores are on its six dimensions, not by {rubric.name}: use `lendanear judge`")
    choices = parse_choices(wishes.model, name="--model", role=ModelRole.JUDGE)
    if len(choices) > 1:
        raise Unusable("--model: one judge scores a study; for several run it several times")
    return rubric, choices[0]


def _row(wishes: ScoreWishes, rubric: Rubric, choice: ModelChoice) -> ScoringRow:
    model = str(choice)
    return ScoringRow(
        id=scoring_id(wishes.slug, rubric=rubric.name, rubric_version=rubric.version, model=model),
        slug=wishes.slug,
        rubric=rubric.name,
        rubric_version=rubric.version,
        model=model,
        repeats=wishes.repeats,
        began_at=now_ms(),
        rate=wishes.allowance.rate,
        cap_usd=wishes.allowance.cap_usd,
    )


async def _forecast(database: Database, plan: ToDo, rubric: Rubric, choice: ModelChoice) -> Forecast:
    """What the judgements that are to be made will cost, from a sample of them."""
    step = max(1, len(plan.open) // SAMPLED)
    sampled = plan.open[::step][:SAMPLED]
    log = Log(database)
    asked = []
    for judgement in sampled:
        messages = fold(await log.read(judgement.conversation_id)).transcript
        asked.append(asked_chars(Transcript(id=judgement.conversation_id, messages=messages), rubric))
    scale = len(plan.open) / max(len(sampled), 1)
    return judging_forecast(str(choice), model_settings().prices, rubric=rubric, asked=asked, scale=scale)


async def _watch(
    runs: Runs,
    row: ScoringRow,
    queueing: asyncio.Task[None],
    *,
    scored: Callable[[], Awaitable[int]],
    show: Callable[[int], None],
) -> None:
    """Show how many are `scored` until every job has ended; a run that was stopped queues no more."""
    now = asyncio.get_running_loop().time
    done, moved, has_told = -1, now(), False
    while not queueing.done() or await is_under_way(row.id):
        began = now()
        before, done = done, await scored()
        show(done)
        moved = began if done != before else moved
        stored = await runs.get(row.id)
        if stored is not None and stored.stopped is not None:
            await end(queueing)
            await forget_judgements(row.id, statuses=[QUEUED])
        if not has_told and now() - moved > IDLE_S and not await is_under_way(row.id, statuses=[RUNNING]):
            print("Nothing moves: start `lendanear worker` on this database.", file=sys.stderr)
            has_told = True
        await asyncio.sleep(max(LOOK_S, COUNTING_SHARE * (now() - began)))
    if not queueing.cancelled():
        queueing.result()
    show(await scored())


async def _outcome(database: Database, row: ScoringRow, plan: ToDo, *, repeats: int) -> Scored:
    """How it stands; the jobs that are over are deleted."""
    reasons = await failures(row.id)
    faults = [f"{count} not judged: {reason}." for reason, count in reasons.most_common() if reason != row.stopped]
    if row.stopped is not None:
        faults.append(f"Stopped: {row.stopped}. {_further(row)}")
    elif faults:
        faults.append("The same command asks again.")
    faults += [f"dialogue {id_} is left out: an entry of its log is missing in the database" for id_ in plan.damaged]
    await forget_judgements(row.id, statuses=OVER)
    return Scored(
        done=await count_scored(database, row, repeats=repeats),
        total=plan.total,
        missing=await count_missing(database, row, repeats=repeats),
        faults=faults,
    )


def _further(row: ScoringRow) -> str:
    """How a run that was stopped goes on."""
    if row.cap_usd is None or row.committed_usd + (row.call_usd or 0.0) <= row.cap_usd + ROUNDING_USD:
        return "The same command goes on where it was."
    return f"{dollars(row.committed_usd)} are spent: the same command goes on where it was with a higher --cap."
