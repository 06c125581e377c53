"""`judge`: rate or label the transcripts of a file with a progress bar; never touches the server's database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from rich.progress import Progress

from core.errors import Unusable
from judges.audit import as_figures, as_table, audit_file, audit_tasks, reservations
from judges.criteria import Rubric, Verb
from judges.file import Counts, Task, judge_file, open_tasks
from judges.forecasts import asked_chars, judging_forecast
from judges.material import Unjudgeable
from judges.rate import first_request
from judges.rubric import load_rubric
from judges.spread import as_table as spread_table
from judges.spread import spread
from judges.summary import write_json
from judges.verdict import Verdict
from llm.faults import NotAsked
from llm.forecast import Forecast
from llm.request import Request
from llm.rules import is_rules
from llm.settings import model_settings
from server.commands.batch import answered_by_batch
from server.commands.panel import PanelMember, panel
from server.commands.spending import UNLIMITED, Allowance, confirm, progress_bar


@dataclass(frozen=True, slots=True)
class JudgeWishes:
    """What was asked for on the command line."""

    rubric: str
    models: Sequence[str]
    """`provider:model` of each judge; several names with commas are one judge and its stand-ins."""
    repeats: int = 1
    keeps_answers: bool = True
    allowance: Allowance = UNLIMITED
    asks_by_batch: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What a run has come to."""

    counts: Counts
    spread: str | None = None
    """How far repeats and models are apart, as a table; None with one row per transcript."""


async def judge(source: Path, out: Path, wishes: JudgeWishes) -> Judged:
    """Judge `source` into `out`; rows that are there already are kept. Raises `Unusable`."""
    rubric = rating_rubric(wishes.rubric)
    async with _panel(rubric, wishes, beside=out) as members:
        tasks = open_tasks(source, out, rubric=rubric, panel=members, repeats=wishes.repeats)
        _agree_on_cost(tasks, rubric, members, wishes.allowance)
        with progress_bar() as bar:
            if wishes.asks_by_batch:
                members = await _batched(source, out, rubric, members, wishes, bar)
            task = bar.add_task(f"judging with {', '.join(member.names[0] for member in members)}", total=None)
            counts = await judge_file(
                source,
                out,
                rubric=rubric,
                panel=members,
                repeats=wishes.repeats,
                at_once=wishes.allowance.at_once,
                progress=lambda counts: bar.update(task, total=counts.total, completed=counts.done),
            )
    if rubric.verb is not Verb.RATE or len(members) * wishes.repeats == 1:
        return Judged(counts)
    figures = spread(out)
    write_json(out.with_suffix(".spread.json"), figures)
    return Judged(counts, spread_table(figures))


def _agree_on_cost(tasks: Iterable[Task], rubric: Rubric, members: Sequence[PanelMember], allowance: Allowance) -> None:
    """Tell what `tasks` will probably cost and what a call does; raises `Unusable` when it is not to be spent."""
    if all(is_rules(member.names[0]) for member in members):
        return
    expected = _forecasts(tasks, rubric, members)
    for member, each in zip(members, expected, strict=True):
        member.spending.call_usd = each.call_usd
    confirm(expected, allowance)


def _forecasts(tasks: Iterable[Task], rubric: Rubric, members: Sequence[PanelMember]) -> list[Forecast]:
    """What each of `members` will probably cost for those of `tasks` that it has not answered before."""
    asked: dict[str, list[int]] = {member.names[0]: [] for member in members}
    kept = {member.names[0]: member.kept for member in members}
    for task in tasks:
        model = task.key.model
        asked[model].append(asked_chars(task.transcript, task.rubric, kept=kept[model], repeat=task.key.repeat))
    prices = model_settings().prices
    models = [member.names[0] for member in members]
    return [judging_forecast(model, prices, rubric=rubric, asked=asked[model]) for model in models]


async def audit(source: Path, out: Path, wishes: JudgeWishes) -> str:
    """Judge `source` under changes that should not matter; the table of what moved, its figures beside `out`.

    Raises `Unusable`, at the cap as well: a table of what is left would tell of the cap and not of the judge.
    """
    rubric = rating_rubric(wishes.rubric)
    async with _panel(rubric, wishes, beside=out) as members:
        if len(members) > 1:
            raise Unusable("an audit takes one model at a time")
        (member,) = members
        _agree_on_cost(audit_tasks(source, rubric=rubric, member=member), rubric, members, wishes.allowance)
        with progress_bar() as bar:
            task = bar.add_task(f"auditing {member.names[0]}", total=None)
            try:
                movements = await audit_file(
                    source,
                    out,
                    rubric=rubric,
                    member=member,
                    at_once=wishes.allowance.at_once,
                    progress=lambda done, total: bar.update(task, completed=done, total=total),
                )
            except NotAsked as fault:
                anew = "The same command begins anew; without --no-cache it would go on."
                further = wishes.allowance.goes_on if member.kept else anew
                raise Unusable(f"{fault}: an audit needs every answer. {further}") from None
    write_json(out.with_suffix(".audit.json"), as_figures(movements))
    return "\n\n".join([as_table(movements), *reservations(rubric)])


def rating_rubric(name: str) -> Rubric:
    """The rubric of this name or path; raises `Unusable` for one that compares."""
    rubric = load_rubric(name)
    if rubric.verb is Verb.COMPARE:
        raise Unusable(f"{name} compares two transcripts: use `lendanear compare`")
    return rubric


async def _batched(
    source: Path, out: Path, rubric: Rubric, members: Sequence[PanelMember], wishes: JudgeWishes, bar: Progress
) -> list[PanelMember]:
    """The judges with what their batch endpoints have answered, where they have one."""
    asked = []
    for member in members:
        answers = None
        if member.kept is not None:
            tasks = open_tasks(source, out, rubric=rubric, panel=members, repeats=wishes.repeats)
            questions = _questions(task for task in tasks if task.member is member)
            answers = await answered_by_batch(
                questions, member.kept, spending=member.spending, budget=member.budget, bar=bar
            )
        asked.append(replace(member, answers=answers or member.answers))
    return asked


def _questions(tasks: Iterable[Task]) -> Iterator[tuple[Request, type[Verdict], int]]:
    """What is asked first about each transcript that can be judged."""
    for task in tasks:
        with suppress(Unjudgeable):
            yield *first_request(task.transcript, task.rubric, purpose=task.key.id), task.key.repeat


def _panel(rubric: Rubric, wishes: JudgeWishes, *, beside: Path) -> AbstractAsyncContextManager[list[PanelMember]]:
    kept = beside if wishes.keeps_answers else None
    return panel(rubric, wishes.models, budget=wishes.allowance.budget(), kept_beside=kept)
