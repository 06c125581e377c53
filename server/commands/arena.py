"""`arena`: supporters in conversation with the same seekers, each alone or two beside one another turn by turn."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.count import counted
from core.errors import Unusable
from judges.in_order import in_order
from judges.means import as_table as means_table
from judges.means import means, read_sources
from judges.rowfile import LineFile
from judges.summary import write_json
from llm.faults import NotAsked
from server.arena.held import BrokenOff, Held, read_held
from server.arena.person import Terminal, terminal
from server.arena.results import SCORES, SESSIONS, SOURCES_FILE, write_results
from server.arena.seats import Session, plan, read_seats
from server.arena.session import Table
from server.arena.standings import as_table, standings
from server.commands.cast import ArenaWishes, Cast, scenarios_of, terms_of
from server.commands.spending import confirm, progress_bar


@dataclass(frozen=True, slots=True)
class ArenaResult:
    """What a run has come to."""

    table: str
    """In Markdown."""
    held: Sequence[Held]
    broken_off: Sequence[BrokenOff]


async def arena(out: Path, wishes: ArenaWishes, *, at: Terminal | None = None) -> ArenaResult:
    """Hold the sessions that are not in `out` yet, and write what follows from all of them. Raises `Unusable`."""
    seats = read_seats(wishes.supporters, in_pairs=wishes.in_pairs)
    planned = plan(
        [seat.name for seat in seats],
        scenarios_of(wishes),
        sessions=wishes.sessions,
        seed=wishes.seed,
        in_pairs=wishes.in_pairs,
    )
    async with AsyncExitStack() as stack:
        cast = Cast(stack, wishes, at=at or terminal())
        seeker, chooser = cast.seeker(), cast.chooser()
        terms = terms_of(wishes, seeker, chooser)
        held, end = read_held(_made(out) / SESSIONS, planned, terms)
        table = Table(seeker, cast.supporters(seats), chooser=chooser, terms=terms)
        left = [session for session in planned if session.id not in {each.id for each in held}]
        confirm(cast.forecasts(left), wishes.allowance)
        broken_off = await _hold(table, left, held, cast, out=out, end=end, goes_on=wishes.allowance.goes_on)
    held.sort(key=lambda each: each.id)
    write_results(out, held)
    figures = standings(held)
    write_json(out / "standings.json", figures)
    shown = [as_table(figures, held)]
    if any(each.scores for each in held):
        shown.append(means_table(means([out / SCORES], read_sources(out / SOURCES_FILE))))
    return ArenaResult("\n\n".join(shown), held, broken_off)


async def _hold(
    table: Table, left: Sequence[Session], held: list[Held], cast: Cast, *, out: Path, end: int, goes_on: str
) -> list[BrokenOff]:
    """Hold the sessions, several at a time where no person takes part; each goes into `held` and the file.

    Those that broke off go into neither, and are given back.
    """
    broken_off = []
    questions = (partial(table.hold, session) for session in left)
    sessions = _one_by_one(questions) if cast.person else in_order(questions, at_once=cast.at_once)
    bar = progress_bar()
    bar.disable |= cast.person  # it would draw over what the person reads
    with bar, LineFile(out / SESSIONS, end=end) as file:
        task = bar.add_task("sessions", total=len(left))
        try:
            async with aclosing(sessions) as brought:
                async for session in brought:
                    bar.advance(task)
                    if isinstance(session, BrokenOff):
                        broken_off.append(session)
                        continue
                    held.append(cast.rated(session))
                    file.append(held[-1].model_dump_json())
        except NotAsked as fault:
            raise Unusable(f"{fault}: {out} holds {counted(len(held), 'session')}. {goes_on}") from None
    return broken_off


async def _one_by_one(
    questions: Iterator[Callable[[], Awaitable[Held | BrokenOff]]],
) -> AsyncGenerator[Held | BrokenOff]:
    """Each session once the one before is done with: a person sits in one at a time."""
    for question in questions:
        yield await question()


def _made(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unusable(f"{out}: cannot be made ({error.strerror})") from None
    return out
