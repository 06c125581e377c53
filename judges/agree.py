"""How far a judge agrees with people, dimension by dimension, with intervals and with people's agreement beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judges.reliability import GROUP_FIGURES, PAIR_FIGURES, Figure, Ratings, items_rated

Given = Mapping[str, Mapping[str, float]]
"""One rater's scores: by dimension, then by transcript; what is missing is not there."""

DRAWS = 1000
CORRELATIONS = ("pearson", "spearman")
"""Figures that are told for each run of a judge that was asked repeatedly."""
_EDGES = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Compared:
    """A judge and the people whom it is compared with."""

    judge: str
    """`provider:model` of the judge."""
    scores: Given
    reference: Mapping[str, Given]
    """Everybody else who has rated, by name: people, and perhaps other models."""
    runs: Sequence[Given] = ()
    """The judge's repeats, each by itself; `scores` are their average."""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Those that the judge and at least one other have scored, in the judge's order."""
        return tuple(d for d in self.scores if any(d in given for given in self.reference.values()))

    @property
    def experts(self) -> tuple[str, ...]:
        """The raters that count as the yardstick: those named expert… or human:…, or all when nobody is."""
        named = tuple(name for name in self.reference if name.startswith(("expert", "human:")))
        return named or tuple(self.reference)

    @property
    def has_items_in_common(self) -> bool:
        """Whether anybody has rated a transcript that the judge has scored on the same dimension."""
        given = ((by_id, d) for by_d in self.reference.values() for d, by_id in by_d.items() if d in self.scores)
        return any(by_id.keys() & self.scores[d].keys() for by_id, d in given)

    def items(self) -> list[str]:
        """The transcripts that the judge has scored on anything, in its order."""
        return list(dict.fromkeys(id_ for by_id in self.scores.values() for id_ in by_id))


class Agreement:
    """Figures of one comparison; intervals are percentiles over resamples of the transcripts."""

    def __init__(self, compared: Compared, *, draws: int = DRAWS, seed: int = 1) -> None:
        """Every figure rests on the same `draws` resamples, so that differences between raters are paired."""
        self._compared = compared
        self._ids = compared.items()
        drawn = np.random.default_rng(seed).integers(0, len(self._ids), size=(draws, len(self._ids)))
        self._resamples = np.vstack([np.arange(len(self._ids)), drawn])
        self._with_experts: dict[tuple[str, str], dict[str, NDArray[np.float64]]] = {}

    @property
    def compared(self) -> Compared:
        return self._compared

    def report(self) -> dict[str, Any]:
        """`{rater: {dimension: {…}}}`: the judge with each rater, and under its own name with the experts on average.

        Each holds the figures of the contract with `ci`, `mean_shift` (judge minus rater) and `confusion`. Beside them
        stands `with_experts`: how the rater, in the judge's place, agrees with the experts, itself left out. Of a
        judge with repeats, its own figures have `runs`.
        """
        compared = self._compared
        raters = {name: {d: self._with(name, d) for d in self._shared(name)} for name in compared.reference}
        own = {
            d: self._described(self.with_experts(compared.judge, d)) | self._among(d) | self._repeated(d)
            for d in compared.dimensions
        }
        return {compared.judge: own, **raters}

    def with_experts(self, rater: str, dimension: str) -> dict[str, NDArray[np.float64]]:
        """Each figure of `rater` with single experts, itself left out, averaged: first as seen, then per resample."""
        if (rater, dimension) not in self._with_experts:
            self._with_experts[rater, dimension] = self._averaged(rater, dimension)
        return self._with_experts[rater, dimension]

    def _averaged(self, rater: str, dimension: str) -> dict[str, NDArray[np.float64]]:
        others = [name for name in self._compared.experts if name != rater]
        mine = self._scores(rater, dimension)
        pairs = [np.stack([mine, self._scores(other, dimension)], axis=-2) for other in others]
        figures = {name: _mean([figure(pair) for pair in pairs]) for name, figure in PAIR_FIGURES.items()}
        return figures | {"n": _mean([items_rated(pair).astype(float) for pair in pairs])}

    def _with(self, rater: str, dimension: str) -> dict[str, Any]:
        pair = np.stack([self._scores(self._compared.judge, dimension), self._scores(rater, dimension)], axis=-2)
        figures = {name: figure(pair) for name, figure in PAIR_FIGURES.items()}
        figures["n"] = items_rated(pair).astype(float)
        described = {**self._described(figures), "confusion": _confusion(pair[0])}
        if any(name != rater for name in self._compared.experts):
            described["with_experts"] = self._described(self.with_experts(rater, dimension))
        return described

    def _among(self, dimension: str) -> dict[str, Any]:
        """How far the experts agree among themselves, all at once."""
        experts = self._compared.experts
        if len(experts) < 2:
            return {}
        together = np.stack([self._scores(name, dimension) for name in experts], axis=-2)
        return {"among_experts": self._described(_all(GROUP_FIGURES, together))}

    def run_correlations(self, dimension: str) -> dict[str, NDArray[np.float64]]:
        """How each of the judge's runs correlates with single experts, on average over them: one value per run."""
        compared = self._compared
        experts = np.stack([self._seen(compared.reference[name], dimension) for name in compared.experts])
        return {
            name: np.array(
                [_over_experts(PAIR_FIGURES[name], self._seen(run, dimension), experts) for run in compared.runs]
            )
            for name in CORRELATIONS
        }

    def _repeated(self, dimension: str) -> dict[str, Any]:
        """The correlations of each run, with their mean and SD (ddof 1); nothing where nothing was repeated."""
        if not self._compared.runs:
            return {}
        each = self.run_correlations(dimension)
        figures = {
            name: {"each": [float(v) for v in values], "mean": float(values.mean()), "sd": float(values.std(ddof=1))}
            for name, values in each.items()
        }
        return {"runs": {"n": len(self._compared.runs), **figures}}

    def _described(self, figures: Mapping[str, NDArray[np.float64]]) -> dict[str, Any]:
        seen = {name: float(values[0]) for name, values in figures.items() if name != "n"}
        ci = {name: interval(values) for name, values in figures.items() if name != "n"}
        return {**seen, **({"n": int(figures["n"][0])} if "n" in figures else {}), "ci": ci}

    def _scores(self, rater: str, dimension: str) -> Ratings:
        """Shape (resamples, transcripts), the first row as seen."""
        compared = self._compared
        return self._seen(compared.scores if rater == compared.judge else compared.reference[rater], dimension)[
            self._resamples
        ]

    def _seen(self, given: Given, dimension: str) -> Ratings:
        """Shape (transcripts,): what was given on `dimension`, NaN where it is missing."""
        return np.array([given.get(dimension, {}).get(id_, np.nan) for id_ in self._ids])

    def _shared(self, rater: str) -> Sequence[str]:
        return [d for d in self._compared.dimensions if d in self._compared.reference[rater]]


def interval(values: NDArray[np.float64]) -> list[float]:
    """The 95 % interval of a figure over its resamples, those left out in which it is undefined."""
    drawn = values[1:][~np.isnan(values[1:])]
    return [float(edge) for edge in np.percentile(drawn, _EDGES)] if len(drawn) else [np.nan, np.nan]


def _all(figures: Mapping[str, Figure], ratings: Ratings) -> dict[str, NDArray[np.float64]]:
    return {name: figure(ratings) for name, figure in figures.items()}


def _mean(arrays: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """The mean of `arrays`, of which there is one at least; NaN where one of them is."""
    return np.asarray(np.mean(arrays, axis=0))


def _over_experts(figure: Figure, mine: Ratings, experts: Ratings) -> float:
    return float(np.mean([figure(np.stack([mine, theirs])) for theirs in experts]))


def _confusion(pair: Ratings) -> dict[str, dict[str, int]]:
    """How often the judge gave each value (outer key) where the rater gave each (inner key, rounded half up)."""
    table: dict[str, dict[str, int]] = {}
    for mine, theirs in pair.T:
        if not np.isnan(mine + theirs):
            row = table.setdefault(f"{mine:g}", {})
            key = f"{np.floor(theirs + 0.5):g}"
            row[key] = row.get(key, 0) + 1
    return {mine: dict(sorted(row.items())) for mine, row in sorted(table.items())}
