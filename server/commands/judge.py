"""`judge`: rate or label the transcripts of a file with a progress bar; never touches the server's database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from rich.progress import Progress

from core.errors import Unusable
from core.transcript import Transcript
from judges.audit import as_figures, as_table, audit_file, reservations
from judges.cache import AnswerCache
from judges.criteria import Rubric, Verb
from judges.file import Counts, Member, judge_file, open_tasks
from judges.forecasts import asked_chars, is_kept, judging_forecast
from judges.material import Unjudgeable
from judges.rate import ROLES, first_request
from judges.rubric import load_rubric
from judges.rules import check_rules_can
from judges.spread import as_table as spread_table
from judges.spread import spread
from judges.summary import write_json
from judges.verdict import Verdict
from llm.forecast import Forecast
from llm.gate import Spending
from llm.request import Request
from llm.rules import is_rules
from llm.settings import model_settings, parse_choices
from server.commands.batch import answered_by_batch
from server.commands.spending import UNLIMITED, Allowance, confirm, progress_bar
from server.models import models_for

CACHE = ".judged.sqlite"
"""The file of kept answers, in the folder of the rows they belong to."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelMember(Member):
    """A judge of this command, with what it has cost so far."""

    spending: Spending


@dataclass(frozen=True, slots=True)
class Judged:
    """What a run has come to."""

    counts: Counts
    spread: str | None = None
    """How far repeats and models are apart, as a table; None with one row per transcript."""


async def judge(source: Path, out: Path, wishes: JudgeWishes) -> Judged:
    """Judge `source` into `out`; rows that are there already are kept. Raises `Unusable`."""
    rubric = rating_rubric(wishes.rubric)
    async with panel(rubric, wishes, beside=out) as members:
        confirm(_forecasts(source, out, rubric, members, repeats=wishes.repeats), wishes.allowance)
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


def _forecasts(
    source: Path, out: Path, rubric: Rubric, members: Sequence[PanelMember], *, repeats: int
) -> list[Forecast]:
    """What each model will probably cost; its gate and its ledger are told what one call does."""
    asked: dict[str, list[int]] = {member.names[0]: [] for member in members}
    if all(is_rules(name) for name in asked):
        return []
    for member, transcript, repeat in open_tasks(source, out, rubric=rubric, panel=members, repeats=repeats):
        if not is_kept(member.answers, transcript, rubric, repeat=repeat):
            asked[member.names[0]].append(asked_chars(transcript, rubric))
    expected = []
    for member in members:
        name = member.names[0]
        expected.append(judging_forecast(name, model_settings().prices, rubric=rubric, asked=asked[name]))
        member.spending.call_usd = expected[-1].call_usd
    return expected


async def audit(source: Path, out: Path, wishes: JudgeWishes) -> str:
    """Judge `source` under changes that should not matter; the table of what moved, its figures beside `out`."""
    rubric = rating_rubric(wishes.rubric)
    async with panel(rubric, wishes, beside=out) as members:
        if len(members) > 1:
            raise Unusable("an audit takes one model at a time")
        with progress_bar() as bar:
            task = bar.add_task(f"auditing {members[0].names[0]}", total=None)
            movements = await audit_file(
                source,
                out,
                rubric=rubric,
                member=members[0],
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
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
        if isinstance(member.answers, AnswerCache):
            open_ = open_tasks(source, out, rubric=rubric, panel=members, repeats=wishes.repeats)
            questions = _questions(((t, repeat) for judge, t, repeat in open_ if judge is member), rubric)
            answers = await answered_by_batch(
                questions, member.answers, spending=member.spending, allowance=wishes.allowance, bar=bar
            )
        asked.append(replace(member, answers=answers or member.answers))
    return asked


def _questions(tasks: Iterable[tuple[Transcript, int]], rubric: Rubric) -> Iterator[tuple[Request, type[Verdict], int]]:
    """What is asked first about each transcript that can be judged."""
    for transcript, repeat in tasks:
        with suppress(Unjudgeable):
            yield *first_request(transcript, rubric, purpose=transcript.id), repeat


@asynccontextmanager
async def panel(rubric: Rubric, wishes: JudgeWishes, *, beside: Path) -> AsyncIterator[list[PanelMember]]:
    """The judges that were asked for, open until the end; raises `Unusable` for one that cannot judge by `rubric`."""
    role = ROLES[rubric.verb]
    budget = wishes.allowance.budget()
    async with AsyncExitStack() as stack:
        members = []
        for text in dict.fromkeys(wishes.models):
            choices = parse_choices(text, name="--model", role=role)
            if choices[0].provider == "rules":
                check_rules_can(rubric)
            spending, gate = budget.of_model()
            models = models_for(role, choices, ledger=spending, gate=gate)
            stack.push_async_callback(models.aclose)
            answers = None
            if wishes.keeps_answers and choices[0].provider != "rules" and beside.parent.is_dir():
                answers = AnswerCache(beside.with_name(CACHE), choice=choices[0])
                stack.callback(answers.close)
            names = tuple(str(choice) for choice in choices)
            members.append(PanelMember(models, names=names, answers=answers, spending=spending))
        yield members
