"""The tables as CSV: one number per cell, an empty cell where a number is undefined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from analysis.analyses import Analyses
from analysis.felt import felt_and_expressed
from analysis.fits_table import fits_table
from analysis.preferences.tables import preferences_tables
from core.cells import marked


def tables(found: Analyses) -> Iterator[tuple[str, pd.DataFrame]]:
    """(name, table) of everything that `analyze` writes into `tables/`."""
    flow = asdict(found.selection.flow)
    by_condition = flow.pop("by_condition")
    yield (
        "flow",
        pd.DataFrame([*flow.items(), *((f"analysed: {c}", n) for c, n in by_condition.items())], columns=_STEP),
    )
    yield "effects", fits_table(found.effects, "dimension")
    yield "contrasts", pd.DataFrame([asdict(one) for one in found.contrasts])
    yield "reliable_change", _by_condition(found)
    yield "participants_change", found.people
    yield "gain", pd.DataFrame([{"condition": c, **asdict(gain)} for c, gain in found.gain.items()])
    yield "demographics", fits_table(found.demographics, "model")
    yield "traits", pd.DataFrame([{"scale": name, **asdict(one)} for name, one in found.traits.items()])
    yield "self_report", _nested(found.self_report, "item", "level")
    yield "engagement", _nested(found.engagement, "trouble_type", "measure")
    yield "domains", _nested(found.domains, "trouble_type", "dimension")
    yield "trajectories", _nested(found.trajectories, "trouble_type", "dimension", "round")
    yield "groups", _nested(found.groups, "by", "group", "measure")
    yield "agreement", _nested(found.agreement, "rater", "dimension")
    yield "felt_and_expressed", felt_and_expressed(found.dataset.responses, found.scored.conversations)
    yield from preferences_tables(found.preferences)
    yield "duplicates", pd.DataFrame([asdict(one) for one in found.duplicates.most_repeated], columns=["text", "times"])
    yield "randomisation", pd.DataFrame(found.randomisation.scenarios).T.rename_axis("scenario").reset_index()


def as_csv(table: pd.DataFrame) -> str:
    """The table as CSV text; a text cell that a spreadsheet would calculate gets one leading apostrophe."""
    return table.map(_marked).to_csv(index=False, lineterminator="\n")


def _marked(cell: object) -> object:
    return marked(cell) if isinstance(cell, str) else cell


_STEP = ["step", "participants"]


def _by_condition(found: Analyses) -> pd.DataFrame:
    change = found.reliable_change
    model = {key: getattr(change, key) for key in ("var_between", "var_error", "reliability", "se_change", "threshold")}
    return pd.DataFrame([{"condition": c, **asdict(one), **model} for c, one in change.by_condition.items()])


def _nested(found: Mapping[str, Any], *names: str) -> pd.DataFrame:
    """One row per record at the bottom of `found`, with one column for each level of keys above it."""
    if len(names) == 1:
        return pd.DataFrame([{names[0]: key, **asdict(one)} for key, one in found.items()])
    parts = [_nested(inside, *names[1:]) for inside in found.values()]
    keyed = [part.assign(**{names[0]: key}) for key, part in zip(found, parts, strict=True)]
    table = pd.concat(keyed, ignore_index=True) if keyed else pd.DataFrame(columns=[*names])
    return table[[names[0], *(name for name in table.columns if name != names[0])]]
