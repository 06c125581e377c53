"""What is given away with `export --anonymous` leads to the report that the original leads to (LE-33)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from simulate import World, simulate, write

from analysis.analyses import run_analyses
from analysis.contents import contents
from analysis.dataset import load

ORDER = 1e-6
"""Sums in another order, and optimisers that start from them, differ in later places."""


def anonymous(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """As the export makes them: new ids in random order, rows ordered by them, no external ids, relative times."""
    people, talks = tables["participants"]["participant_id"], tables["conversations"]["conversation_id"]
    draw = np.random.default_rng(5)
    names = {old: f"P{new:04d}" for old, new in zip(people, draw.permutation(len(people)), strict=True)}
    names |= {old: f"D{new:04d}" for old, new in zip(talks, draw.permutation(len(talks)), strict=True)}
    times = {"started_at": "0.000", "finished_at": "1200.000", "ended_at": "250.000", "sent_at": "9.000"}
    renamed = {}
    for name, table in tables.items():
        ids = [column for column in ("participant_id", "conversation_id") if column in table]
        changed = table.assign(**{column: table[column].map(names) for column in ids})
        changed = changed.assign(**{column: value for column, value in times.items() if column in table})
        renamed[name] = changed.sort_values(ids, kind="stable", ignore_index=True)
    return renamed | {"participants": renamed["participants"].assign(external_id="")}


def numbers(found: Any, *path: str) -> Iterator[tuple[tuple[str, ...], float | str | None]]:
    """Every number and word of `results.json` with the keys that lead to it."""
    if isinstance(found, Mapping):
        for key, value in found.items():
            yield from numbers(value, *path, str(key))
    elif isinstance(found, list | tuple):
        for place, value in enumerate(found):
            yield from numbers(value, *path, str(place))
    else:
        yield path, found


def results(tables: Mapping[str, pd.DataFrame], folder: Path) -> dict[tuple[str, ...], Any]:
    return dict(numbers(contents(run_analyses(load(write(tables, folder))))))


def test_the_anonymous_dataset_gives_the_same_results(tmp_path: Path) -> None:
    """Every number of every section, whoever is called what and in whichever order they stand."""
    study = simulate(World(participants=60))

    plain = results(study, tmp_path / "plain")
    given = results(anonymous(study), tmp_path / "given")

    assert given.keys() == plain.keys()
    differing = {key: (value, given[key]) for key, value in plain.items() if not alike(value, given[key])}
    assert not differing


def alike(first: Any, second: Any) -> bool:
    if isinstance(first, float) and isinstance(second, float):
        return math.isclose(first, second, rel_tol=ORDER, abs_tol=ORDER)
    return bool(first == second)
