"""What annotators coded: reading their files, how far they agree, and what the majority says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

from analysis.reading import read_cells
from analysis.themes.taxonomy import LEVELS, Place, places
from core.errors import Unusable

COLUMNS = ("run", "trouble_type", "theme", *LEVELS, "annotator", "comment")
ThemeId = tuple[str, str]
"""Kind of trouble and theme."""


@dataclass(frozen=True, slots=True)
class Codes:
    """One annotator's places by theme; a theme that was left uncoded is not in it."""

    annotator: str
    places: Mapping[ThemeId, Place]


@dataclass(frozen=True, slots=True)
class CodeAgreement:
    """How far annotators agree at one level of the taxonomy; None where it is undefined."""

    annotators: int
    themes: int
    """Coded by two annotators or more."""
    percent: float | None
    """The share of pairs of codes of one theme that are equal, 0 to 1."""
    alpha_nominal: float | None
    """Krippendorff's alpha for nominal data, over all themes with two codes or more."""
    fleiss_kappa: float | None
    """Over the themes that everybody coded (Fleiss 1971, Psychol. Bull. 76)."""


def read_codes(path: Path, themes: Mapping[str, frozenset[ThemeId]]) -> Codes:
    """The codes in a file of the coding page; `themes` holds the themes of each run that is known (one).

    Raises `Unusable`, with file and row, for a file of another run, an unknown theme or place, a theme coded twice,
    two annotators in one file, or none.
    """
    cells = read_cells(path)
    if absent := [name for name in COLUMNS[:-1] if name not in cells.columns]:
        raise Unusable(f"{path.name}: the column `{absent[0]}` is missing")
    found: dict[ThemeId, Place] = {}
    annotators = set()
    for row, line in zip(cells.index, cells.to_dict("records"), strict=True):
        where = f"{path.name}, row {row}"
        run, theme = str(line["run"]), (str(line["trouble_type"]), str(line["theme"]))
        if run not in themes:
            raise Unusable(f"{where}: coded on run {run!r}, these themes are of run {', '.join(themes)}")
        if theme not in themes[run]:
            raise Unusable(f"{where}: there is no theme {theme[1]!r} of {theme[0]!r}")
        annotators.add(str(line["annotator"]).strip())
        place = Place(*(str(line[level]) for level in LEVELS))
        if not place.family:
            continue
        if place not in places(theme[0]):
            raise Unusable(f"{where}: the taxonomy has no place {place.up_to(LEVELS[-1])!r} for {theme[0]} troubles")
        if theme in found:
            raise Unusable(f"{where}: {theme[1]!r} is coded twice")
        found[theme] = place
    if len(annotators) != 1 or "" in annotators:
        raise Unusable(f"{path.name}: one annotator per file, by name; it has {len(annotators - {''})}")
    return Codes(annotators.pop(), found)


def agreed(coded: Sequence[Codes], decided: Codes | None = None) -> dict[ThemeId, Place]:
    """The place of each theme: as `decided` jointly, else that of more than half of those who coded it.

    A theme without either is not in it.
    """
    found = {}
    for theme in {theme for codes in coded for theme in codes.places}:
        votes = Counter(codes.places[theme] for codes in coded if theme in codes.places)
        place, count = votes.most_common(1)[0]
        if count * 2 > votes.total():
            found[theme] = place
    return found | dict(decided.places if decided else {})


def agreements(coded: Sequence[Codes]) -> dict[str, CodeAgreement]:
    """level -> agreement of the annotators, at all three levels; empty below two annotators."""
    if len(coded) < 2:
        return {}
    return {level: agreement(_table(coded, level)) for level in LEVELS}


def agreement(table: pd.DataFrame) -> CodeAgreement:
    """Agreement on `table`: one row per theme, one column per annotator, a code or None."""
    shared = table[table.notna().sum(axis=1) >= 2]
    counts = shared.apply(pd.Series.value_counts, axis=1).fillna(0).to_numpy(dtype=float)
    whole = shared.dropna()
    return CodeAgreement(
        annotators=table.shape[1],
        themes=len(shared),
        percent=_equal_pairs(counts),
        alpha_nominal=_alpha(counts),
        fleiss_kappa=_fleiss(whole),
    )


def _table(coded: Sequence[Codes], level: str) -> pd.DataFrame:
    by_annotator = {
        codes.annotator: {theme: place.up_to(level) for theme, place in codes.places.items()} for codes in coded
    }
    return pd.DataFrame(by_annotator, dtype=object)


def _equal_pairs(counts: np.ndarray) -> float | None:
    pairs = counts.sum(axis=1) * (counts.sum(axis=1) - 1)
    return float((counts * (counts - 1)).sum() / pairs.sum()) if len(counts) else None


def _alpha(counts: np.ndarray) -> float | None:
    """1 minus the disagreement within themes over that of all codes shuffled (Krippendorff 2011, nominal metric)."""
    if not len(counts):
        return None
    per_theme = counts.sum(axis=1)
    totals, n = counts.sum(axis=0), counts.sum()
    expected = n * n - np.square(totals).sum()
    observed = ((np.square(per_theme) - np.square(counts).sum(axis=1)) / (per_theme - 1)).sum()
    return None if expected == 0 else float(1 - (n - 1) * observed / expected)


def _fleiss(whole: pd.DataFrame) -> float | None:
    if len(whole) < 2 or len(np.unique(whole.to_numpy(dtype=str))) < 2:
        return None
    table, _ = aggregate_raters(whole.to_numpy(dtype=str))
    return float(fleiss_kappa(table))
