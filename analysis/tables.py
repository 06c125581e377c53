"""The tables as CSV: one number per cell, an empty cell where a number is undefined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import pandas as pd

from analysis.analyses import Analyses
from analysis.felt import felt_and_expressed
from analysis.frames import frame
from analysis.further import further_tables
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
    yield "effects", frame(found.effects, "dimension")
    yield "contrasts", frame(found.contrasts)
    yield "reliable_change", _by_condition(found)
    yield "participants_change", found.people
    yield "gain", frame(found.gain, "condition")
    yield "demographics", frame(found.demographics, "model")
    yield "traits", frame(found.traits, "scale")
    yield "self_report", frame(found.self_report, "item", "level")
    yield "engagement", frame(found.engagement, "trouble_type", "measure")
    yield "domains", frame(found.domains, "trouble_type", "dimension")
    yield "trajectories", frame(found.trajectories, "trouble_type", "dimension", "round")
    yield "groups", frame(found.groups, "by", "group", "measure")
    yield "agreement", frame(found.agreement, "rater", "dimension")
    yield "felt_and_expressed", felt_and_expressed(found.dataset.responses, found.scored.conversations)
    yield from preferences_tables(found.preferences)
    yield from further_tables(found.further)
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
