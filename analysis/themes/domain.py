"""The themes of one kind of trouble, ready to be told: each with its words, its sentences and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.themes.find import Found
from analysis.themes.grid import assignments
from analysis.themes.labels import Label
from analysis.themes.terms import top_terms, typical_sentences


@dataclass(frozen=True, slots=True)
class Theme:
    """A live feature."""

    key: str
    feature: int
    terms: tuple[str, ...]
    sentences: tuple[str, ...]
    """Those that show it most strongly, the strongest first; words of participants."""
    n: int
    """Assignments."""
    share: float
    """Of all assignments of its kind of trouble."""
    silhouette: float
    """Mean over its assignments."""
    stability: float | None
    """Mean cosine with its match in models of other seeds; None where there is none."""
    label: Label

    @property
    def name(self) -> str:
        """The label, else the words that stand out."""
        return self.label.text or ", ".join(self.terms) or self.key


@dataclass(frozen=True, slots=True)
class Domain:
    """One kind of trouble: its themes, the most frequent first, and the assignments that they rest on."""

    trouble_type: str
    sentences: int
    found: Found
    themes: tuple[Theme, ...]
    assigned: pd.DataFrame
    """One row per assignment: the unit's columns, `theme` (key) and `strength`."""


def domain(trouble_type: str, units: pd.DataFrame, found: Found) -> Domain:
    """Put together the themes of `units`, the rows that `found` was trained on; they have no labels yet."""
    pairs = assignments(found.fitted.codes)
    texts, size = units["text"].tolist(), found.fitted.model.features
    counts = np.bincount(pairs.features, minlength=size)
    terms = top_terms(texts, pairs, features=size)
    typical = typical_sentences(texts, pairs, features=size)
    again = None if found.stability is None else found.stability.per_feature
    live = [int(feature) for feature in np.argsort(-counts, kind="stable") if counts[feature]]
    themes = tuple(
        Theme(
            key=key_of(feature),
            feature=feature,
            terms=terms[feature],
            sentences=typical[feature],
            n=int(counts[feature]),
            share=float(counts[feature] / counts.sum()),
            silhouette=float(found.silhouettes[feature]),
            stability=None if again is None else float(again[feature]),
            label=Label(None),
        )
        for feature in live
    )
    assigned = units.iloc[pairs.sentences].reset_index(drop=True)
    assigned["theme"] = [key_of(int(feature)) for feature in pairs.features]
    assigned["strength"] = pairs.strengths
    return Domain(trouble_type, len(units), found, themes, assigned)


def labelled(domain: Domain, labels: Sequence[Label]) -> Domain:
    """`domain` with a label for each of its themes, in their order."""
    themes = tuple(replace(theme, label=label) for theme, label in zip(domain.themes, labels, strict=True))
    return replace(domain, themes=themes)


def key_of(feature: int) -> str:
    """A theme's name in results: its feature, counted from 1."""
    return f"theme_{feature + 1:03d}"
