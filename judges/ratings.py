"""What a file of comparisons comes to: Elo and Bradley–Terry per scenario, and how far the place decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import binomtest

from core.transcript import Role, Transcript
from judges.bradley_terry import Z95, Effect, Strengths, bradley_terry, controlled
from judges.compare import TIE
from judges.comparison_file import ComparedRow, Tournament
from judges.elo import Elo, Outcome

COVARIATES = ("supporter_words", "messages")
"""What strengths are controlled for: length and number of messages."""


def ratings(tournament: Tournament, rows: Sequence[ComparedRow]) -> dict[str, Any]:
    """The figures of `rows`, ready for JSON; what is undefined is None."""
    scenarios = {
        scenario: _scenario(pool, [row for row in rows if row.scenario == scenario], tournament)
        for scenario, pool in tournament.pools.items()
    }
    return {
        "seed": tournament.seed,
        "elo_start": tournament.start,
        "elo_k": tournament.k,
        "comparisons": len(rows),
        "failures": sum(row.outcome is None for row in rows),
        "position": position(rows),
        "scenarios": scenarios,
    }


def position(rows: Sequence[ComparedRow]) -> dict[str, Any]:
    """How often the choice turned with the order, and towards which place.

    `flip_rate`: share of the pairs answered in both orders, with Wilson's 95 % interval. `to_first` and `to_second`
    count flips by the place that was chosen both times; `first_share` is the share of all answers for the first place.
    """
    both = [row for row in rows if row.first and row.second]
    letters = [letter for row in rows for letter in (row.first, row.second) if letter]
    flips = [row.first for row in both if row.winner == TIE]
    low, high = binomtest(len(flips), len(both)).proportion_ci(method="wilson") if both else (None, None)
    return {
        "pairs": len(both),
        "flips": len(flips),
        "flip_rate": len(flips) / len(both) if both else None,
        "flip_rate_ci": [low, high],
        "to_first": flips.count("A"),
        "to_second": flips.count("B"),
        "first_share": letters.count("A") / len(letters) if letters else None,
    }


def as_table(figures: dict[str, Any]) -> str:
    """In Markdown: a row per scenario, with the slopes of strength on length in log-odds per standard deviation."""
    head = ["scenario", "conversations", "comparisons", "ties", "missing", "Elo from", "to", "one-sided", *COVARIATES]
    lines = [head, ["---"] * len(head)]
    for scenario, found in figures["scenarios"].items():
        elo, fitted = list(found["elo"].values()), found["bradley_terry"]
        covariates = (fitted and fitted["covariates"]) or {}
        lines.append(
            [
                scenario or "–",
                *(str(found[name]) for name in ("conversations", "comparisons", "ties", "failures")),
                f"{min(elo):.0f}",
                f"{max(elo):.0f}",
                "–" if fitted is None else "yes" if fitted["separated"] else "no",
                *(_slope(covariates.get(name)) for name in COVARIATES),
            ]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n\n" + _position_sentence(figures["position"])


def _slope(effect: dict[str, float] | None) -> str:
    return "–" if effect is None else f"{effect['estimate']:.2f} [{effect['ci_low']:.2f}, {effect['ci_high']:.2f}]"


def _position_sentence(found: dict[str, Any]) -> str:
    if not found["pairs"]:
        return "No pair was answered in both orders."
    low, high = found["flip_rate_ci"]
    return (
        f"The choice turned with the order in {found['flips']} of {found['pairs']} pairs "
        f"({found['flip_rate']:.1%} [{low:.1%}, {high:.1%}]): {found['to_first']} towards the first place, "
        f"{found['to_second']} towards the second."
    )


def _scenario(pool: Sequence[Transcript], rows: Sequence[ComparedRow], tournament: Tournament) -> dict[str, Any]:
    outcomes = [row.outcome for row in rows if row.outcome]
    elo = Elo(start=tournament.start, k=tournament.k)
    elo.enter(transcript.id for transcript in pool)
    for outcome in outcomes:
        elo.record(outcome)
    return {
        "conversations": len(pool),
        "comparisons": len(rows),
        "ties": sum(outcome.share == 0.5 for outcome in outcomes),
        "failures": len(rows) - len(outcomes),
        "elo": dict(sorted(elo.ratings.items(), key=lambda entry: -entry[1])),
        "bradley_terry": _bradley_terry(pool, outcomes),
    }


def _bradley_terry(pool: Sequence[Transcript], outcomes: Sequence[Outcome]) -> dict[str, Any] | None:
    if not outcomes:
        return None
    strengths = bradley_terry([transcript.id for transcript in pool], outcomes)
    without = controlled(strengths, np.array([_lengths(transcript) for transcript in pool]))
    return {
        "separated": strengths.is_separated,
        "strengths": _as_figures(strengths),
        "controlled": None if without is None else _as_figures(without[0]),
        "covariates": None
        if without is None
        else {name: _as_interval(effect) for name, effect in zip(COVARIATES, without[1], strict=True)},
    }


def _lengths(transcript: Transcript) -> tuple[float, float]:
    words = sum(len(text.split()) for text in transcript.of(Role.SUPPORTER))
    return float(words), float(len(transcript.messages))


def _as_figures(strengths: Strengths) -> dict[str, Any]:
    figures = zip(strengths.ids, strengths.estimates, strengths.errors, strict=True)
    ordered = sorted(figures, key=lambda figure: -figure[1])
    return {id_: _as_interval(Effect(float(estimate), float(error))) for id_, estimate, error in ordered}


def _as_interval(effect: Effect) -> dict[str, float]:
    return {
        "estimate": effect.estimate,
        "se": effect.error,
        "ci_low": effect.estimate - Z95 * effect.error,
        "ci_high": effect.estimate + Z95 * effect.error,
    }
