"""How supporters have done against one another: wins, ties and losses by turn, Elo and Bradley–Terry (SE-30, SE-49)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from judges.bradley_terry import Z95, bradley_terry
from judges.compare import TIE
from judges.elo import Elo, Outcome
from judges.ratings import position
from llm.rules import RULES_NOTICE, is_rules
from server.arena.held import Held, Turn
from server.arena.results import comparisons

_SHARES = {"A": 1.0, "B": 0.0, TIE: 0.5}


def standings(held: Sequence[Held]) -> dict[str, Any]:
    """The figures of the sessions, ready for JSON; what is undefined is None.

    `supporters[name]`: `wins`, `ties`, `losses` and `missing` count turns; `elo` starts at 1,000 with K 32 and follows
    the order of turns; `strength` is in log-odds with mean 0, its interval takes turns as independent, which those of
    one session are not quite. `position` is that of `compare`, for choosers who are asked in both orders.
    """
    names = sorted({name for each in held for name in each.supporters})
    outcomes = [outcome for each in held for turn in each.turns if (outcome := _outcome(turn)) is not None]
    elo = Elo()
    elo.enter(names)
    for outcome in outcomes:
        elo.record(outcome)
    strengths = _strengths(names, outcomes)
    return {
        "sessions": len(held),
        "turns": sum(len(each.turns) for each in held),
        "supporters": {
            name: {"sessions": sum(name in each.supporters for each in held)}
            | _counts(name, held)
            | {"elo": elo.ratings[name], "strength": strengths.get(name)}
            for name in names
        },
        "position": position(comparisons(held)),
    }


def as_table(figures: Mapping[str, Any], held: Sequence[Held]) -> str:
    """In Markdown: a row per supporter, the best first, and a sentence where the rules took part."""
    if not any(each.terms.chooser for each in held):
        return "\n\n".join([_sessions_table(figures), *by_rules(held)])
    head = ["supporter", "sessions", "wins", "ties", "losses", "missing", "Elo", "strength"]
    lines = [head, ["---"] * len(head)]
    for name, of in sorted(figures["supporters"].items(), key=lambda entry: -entry[1]["elo"]):
        counts = [str(of[count]) for count in ("sessions", "wins", "ties", "losses", "missing")]
        lines.append([name, *counts, f"{of['elo']:.0f}", _interval(of["strength"])])
    return "\n\n".join([_table(lines), *by_rules(held)])


def by_rules(held: Sequence[Held]) -> list[str]:
    """A sentence, where the built-in rules played anybody; nothing otherwise."""
    roles = [("supporter", name) for each in held for name in each.supporters]
    roles += [(role, name) for each in held for role, name in _others(each)]
    played = list(dict.fromkeys(role for role, name in roles if is_rules(name)))
    return [f"{', '.join(played)} by {RULES_NOTICE}"] if played else []


def _others(held: Held) -> list[tuple[str, str]]:
    return [("seeker", held.terms.seeker), ("chooser", held.terms.chooser)]


def _sessions_table(figures: Mapping[str, Any]) -> str:
    """Who has answered alone, and how often: what they are worth, whoever rates the sessions says."""
    rows = [[name, str(of["sessions"])] for name, of in figures["supporters"].items()]
    return _table([["supporter", "sessions"], ["---", "---"], *rows])


def _table(lines: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _outcome(turn: Turn) -> Outcome | None:
    """The decision between the two replies; None where there is none."""
    if turn.choice is None or turn.choice.winner is None:
        return None
    first, second = (reply.supporter for reply in turn.replies)
    return Outcome(first, second, _SHARES[turn.choice.winner])


def _counts(name: str, held: Sequence[Held]) -> dict[str, int]:
    shares = list(_shares(name, held))
    return {
        "wins": shares.count(1.0),
        "ties": shares.count(0.5),
        "losses": shares.count(0.0),
        "missing": shares.count(None),
    }


def _shares(name: str, held: Sequence[Held]) -> Iterator[float | None]:
    """What `name` got at each turn at which it stood beside somebody: 1, 0.5, 0, or None without a choice."""
    for each in held:
        for turn in each.turns:
            if turn.choice is None or name not in each.supporters:
                continue
            outcome = _outcome(turn)
            if outcome is None:
                yield None
            else:
                yield outcome.share if outcome.a == name else 1 - outcome.share


def _strengths(names: Sequence[str], outcomes: Sequence[Outcome]) -> dict[str, dict[str, float | bool]]:
    if len(names) < 2 or not outcomes:
        return {}
    found = bradley_terry(names, outcomes)
    return {
        name: {
            "estimate": float(estimate),
            "ci_low": float(estimate - Z95 * error),
            "ci_high": float(estimate + Z95 * error),
            "separated": found.is_separated,
        }
        for name, estimate, error in zip(found.ids, found.estimates, found.errors, strict=True)
    }


def _interval(strength: Mapping[str, Any] | None) -> str:
    if strength is None:
        return "–"
    one_sided = ", one-sided" if strength["separated"] else ""
    return f"{strength['estimate']:.2f} [{strength['ci_low']:.2f}, {strength['ci_high']:.2f}]{one_sided}"
