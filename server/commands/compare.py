"""`compare`: pairwise choices among the transcripts of each scenario, with the ratings that follow from them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import Unusable
from core.transcript import Transcript
from core.written import check_ordinary
from judges.compare import Comparer
from judges.comparison_file import Tournament, compare_file, read_compared
from judges.criteria import Rubric, Verb
from judges.elo import START, K
from judges.forecasts import comparing_forecast
from judges.material import Unjudgeable, material
from judges.ratings import as_table, ratings
from judges.rubric import load_rubric
from judges.source import read_transcripts
from judges.summary import write_json
from llm.faults import NotAsked
from llm.settings import model_settings
from server.commands.panel import panel
from server.commands.spending import UNLIMITED, Allowance, confirm, progress_bar


@dataclass(frozen=True, slots=True)
class CompareWishes:
    """What was asked for on the command line."""

    pairs: int
    seed: int = 1
    model: str = "rules"
    rubric: str = "felt_heard_pair"
    start: float = START
    k: float = K
    keeps_answers: bool = True
    allowance: Allowance = UNLIMITED


@dataclass(frozen=True, slots=True)
class Compared:
    """What a run has come to."""

    figures: dict[str, Any]
    table: str
    """In Markdown."""
    ratings: Path
    unjudgeable: tuple[str, ...]


async def compare(source: Path, out: Path, wishes: CompareWishes) -> Compared:
    """Compare the transcripts of `source` into `out` and the ratings beside it. Raises `Unusable`."""
    rubric = load_rubric(wishes.rubric)
    if rubric.verb is not Verb.COMPARE:
        raise Unusable(f"{wishes.rubric} does not compare: use `lendanear judge`")
    check_ordinary(out)
    pools, unjudgeable = _pools(source, rubric)
    tournament = Tournament(pools, pairs=wishes.pairs, seed=wishes.seed, start=wishes.start, k=wishes.k)
    if not tournament.total:
        raise Unusable(f"{source}: no scenario has two conversations that can be compared")
    beside = out.with_suffix(".ratings.json")
    kept = out if wishes.keeps_answers else None
    async with panel(rubric, [wishes.model], budget=wishes.allowance.budget(), kept_beside=kept) as (member,):
        name, left = member.names[0], tournament.total - len(read_compared(out))
        expected = comparing_forecast(name, model_settings().prices, rubric=rubric, pools=pools, pairs=left)
        member.spending.call_usd = expected.call_usd
        confirm([expected], wishes.allowance)
        comparer = Comparer(member.models, rubric, answers=member.answers)
        with progress_bar() as bar:
            task = bar.add_task(f"comparing with {name}", total=tournament.total)
            try:
                rows = await compare_file(
                    tournament,
                    out,
                    comparer=comparer,
                    model=name,
                    at_once=wishes.allowance.at_once,
                    progress=lambda done, total: bar.update(task, completed=done, total=total),
                )
            except NotAsked as fault:
                raise Unusable(
                    f"{fault}: {len(read_compared(out))} of {tournament.total} comparisons are in {out}. "
                    f"{wishes.allowance.goes_on}"
                ) from None
    named = {"rubric": rubric.name, "rubric_version": rubric.version, "model": name}
    figures = named | ratings(tournament, rows)
    write_json(beside, figures)
    return Compared(figures, as_table(figures), ratings=beside, unjudgeable=unjudgeable)


def _pools(source: Path, rubric: Rubric) -> tuple[dict[str, list[Transcript]], tuple[str, ...]]:
    """The transcripts by scenario, and a sentence for each that cannot be compared."""
    pools: dict[str, list[Transcript]] = defaultdict(list)
    unjudgeable = []
    for transcript in read_transcripts(source):
        try:
            material(transcript, rubric)
        except Unjudgeable as reason:
            unjudgeable.append(f"{source}: {transcript.id!r}: {reason}")
        else:
            pools[transcript.scenario or ""].append(transcript)
    return dict(pools), tuple(unjudgeable)
