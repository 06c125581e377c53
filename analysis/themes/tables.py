"""Frames of what was found: change by group, shares by level, the grid; each is a CSV and feeds results and page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from analysis.regression import Floats
from analysis.themes.change import Estimates, benjamini_hochberg, change
from analysis.themes.codes import ThemeId
from analysis.themes.domain import Domain
from analysis.themes.taxonomy import LEVELS, Place, names

WITHIN, AGAINST_CONTROL = "within", "against_control"


def change_table(assigned: pd.DataFrame, groups: pd.Series, order: Sequence[str]) -> pd.DataFrame:
    """One row per group of `order`, with the change in each reading and its p after Benjamini-Hochberg.

    `groups` (one per row of `assigned`) names the group of each assignment. Shares and differences are fractions;
    columns `within_…` and `against_control_…` hold the clustered readings.
    """
    numbers = pd.Categorical(groups, categories=list(order)).codes.astype(np.intp)
    found = change(assigned, numbers, count=len(order))
    plain = found.proportions
    columns: dict[str, object] = {
        "group": list(order),
        "n": np.bincount(numbers, minlength=len(order)),
        "pre": plain.before,
        "post": plain.after,
        "difference": plain.difference,
        "ci_low": plain.ci_low,
        "ci_high": plain.ci_high,
        "z": plain.z,
        "p": plain.p,
        "p_bh": benjamini_hochberg(plain.p),
    }
    for name, estimates in ((WITHIN, found.within), (AGAINST_CONTROL, found.against_control)):
        columns |= {f"{name}_{key}": values for key, values in _columns(estimates).items()}
    return pd.DataFrame(columns)


def theme_changes(domain: Domain) -> pd.DataFrame:
    """`change_table` of the themes, the most frequent first."""
    return change_table(domain.assigned, domain.assigned["theme"], [theme.key for theme in domain.themes])


def coded_changes(domain: Domain, places: Mapping[ThemeId, Place]) -> dict[str, pd.DataFrame]:
    """level -> `change_table` of its nodes, on the assignments to coded themes; empty where nothing is coded."""
    found = {}
    for level in LEVELS:
        nodes = nodes_of(domain, places, level)
        coded = nodes.notna()
        if coded.any():
            order = [path for path in names() if path in set(nodes[coded])]
            found[level] = change_table(domain.assigned[coded], nodes[coded], order)
    return found


def nodes_of(domain: Domain, places: Mapping[ThemeId, Place], level: str) -> pd.Series:
    """For each assignment the path of its theme's node at `level`; missing for a theme without a place."""
    by_theme = {key: place.up_to(level) for (trouble, key), place in places.items() if trouble == domain.trouble_type}
    return domain.assigned["theme"].map(by_theme)


def share_table(domain: Domain, places: Mapping[ThemeId, Place]) -> pd.DataFrame:
    """Shares of assignments by node: of all coded ones, and of those of the node's family (LE-128 to LE-137)."""
    rows = []
    for level in LEVELS:
        counts = nodes_of(domain, places, level).value_counts()
        families = counts.groupby(lambda path: path.split("/")[0]).sum()
        for path in (path for path in names() if path in counts):
            n, family = int(counts[path]), path.split("/")[0]
            rows.append((level, path, names()[path], n, n / int(counts.sum()), n / int(families[family])))
    return pd.DataFrame(rows, columns=["level", "path", "name", "n", "share", "share_of_family"])


def family_table(domain: Domain, places: Mapping[ThemeId, Place], family: str) -> pd.DataFrame:
    """The themes of one family with their share of its assignments, the largest first (LE-135)."""
    mine = [(theme, places.get((domain.trouble_type, theme.key))) for theme in domain.themes]
    rows = [
        (place.up_to(LEVELS[-1]).partition("/")[2], theme.key, theme.name, theme.n)
        for theme, place in mine
        if place is not None and place.family == family
    ]
    table = pd.DataFrame(rows, columns=["subcategory", "theme", "description", "n"])
    return table.assign(percent=100 * table["n"] / max(int(table["n"].sum()), 1))


def theme_table(domain: Domain, places: Mapping[ThemeId, Place]) -> pd.DataFrame:
    """One row per theme: what it is, how frequent and how sure, and how it changed."""
    rows = [
        {
            "trouble_type": domain.trouble_type,
            "theme": theme.key,
            "label": theme.label.text or "",
            "terms": ", ".join(theme.terms),
            "place": place.up_to(LEVELS[-1]) if (place := places.get((domain.trouble_type, theme.key))) else "",
            "share": theme.share,
            "silhouette": theme.silhouette,
            "stability": theme.stability,
        }
        for theme in domain.themes
    ]
    return pd.DataFrame(rows).merge(theme_changes(domain).rename(columns={"group": "theme"}), on="theme")


def grid_table(domains: Sequence[Domain]) -> pd.DataFrame:
    """One row per trained number of features; `chosen` marks the model that the themes are of."""
    return pd.DataFrame(
        [
            {
                "trouble_type": domain.trouble_type,
                **asdict(quality),
                "dead": quality.features - quality.live,
                "chosen": quality.features == domain.found.fitted.model.features,
            }
            for domain in domains
            for quality in domain.found.qualities
        ]
    )


def records(table: pd.DataFrame) -> Iterator[tuple[str, dict[str, object]]]:
    """(group, record) of a `change_table`: the contract's numbers, and each clustered reading as an object in it."""
    for row in table.to_dict("records"):
        group, flat = str(row["group"]), {str(key): value for key, value in row.items() if key != "group"}
        nested = {name: _part(flat, f"{name}_") for name in (WITHIN, AGAINST_CONTROL)}
        yield group, {key: value for key, value in flat.items() if not key.startswith(tuple(nested))} | nested


def _part(flat: Mapping[str, object], prefix: str) -> dict[str, object]:
    return {key.removeprefix(prefix): value for key, value in flat.items() if key.startswith(prefix)}


def _columns(found: Estimates) -> dict[str, Floats | int]:
    low, high = found.interval
    p = found.p
    return {
        "difference": found.estimate,
        "se": found.se,
        "ci_low": low,
        "ci_high": high,
        "z": found.z,
        "p": p,
        "p_bh": benjamini_hochberg(p),
        "n": found.n,
        "people": found.clusters,
    }
