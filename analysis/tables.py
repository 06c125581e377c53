"""The tables as CSV: one number per cell, an empty cell where a number is undefined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

import pandas as pd

from analysis.analyses import Analyses
from analysis.regression import Fit
from core.cells import marked


def tables(found: Analyses) -> Iterator[tuple[str, pd.DataFrame]]:
    """(name, table) of everything that `analyze` writes into `tables/`."""
    flow = asdict(found.selection.flow)
    by_condition = flow.pop("by_condition")
    yield (
        "flow",
        pd.DataFrame([*flow.items(), *((f"analysed: {c}", n) for c, n in by_condition.items())], columns=_STEP),
    )
    yield "effects", _fits(found.effects, "dimension")
    yield "contrasts", pd.DataFrame([asdict(one) for one in found.contrasts])
    yield "reliable_change", _by_condition(found)
    yield "participants_change", found.people
    yield "gain", pd.DataFrame([{"condition": c, **asdict(gain)} for c, gain in found.gain.items()])
    yield "demographics", _fits(found.demographics, "model")
    yield "traits", pd.DataFrame([{"scale": name, **asdict(one)} for name, one in found.traits.items()])
    yield (
        "self_report",
        pd.DataFrame(
            [
                {"item": item, "level": level, **asdict(one)}
                for item, levels in found.self_report.items()
                for level, one in levels.items()
            ]
        ),
    )
    yield "engagement", _nested(found.engagement, "trouble_type", "measure")
    yield "domains", _nested(found.domains, "trouble_type", "dimension")
    yield "duplicates", pd.DataFrame([asdict(one) for one in found.duplicates.most_repeated], columns=["text", "times"])
    yield "randomisation", pd.DataFrame(found.randomisation.scenarios).T.rename_axis("scenario").reset_index()


def as_csv(table: pd.DataFrame) -> str:
    """The table as CSV text; a text cell that a spreadsheet would calculate gets one leading apostrophe."""
    return table.map(_marked).to_csv(index=False, lineterminator="\n")


def _marked(cell: object) -> object:
    return marked(cell) if isinstance(cell, str) else cell


_STEP = ["step", "participants"]


def _fits(fits: Mapping[str, Fit], name: str) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {name: key, "term": term, **asdict(one), "n": fit.n, "clusters": fit.clusters, "sd": fit.sd}
            for key, fit in fits.items()
            for term, one in fit.terms.items()
        ]
    )


def _by_condition(found: Analyses) -> pd.DataFrame:
    change = found.reliable_change
    model = {key: getattr(change, key) for key in ("var_between", "var_error", "reliability", "se_change", "threshold")}
    return pd.DataFrame([{"condition": c, **asdict(one), **model} for c, one in change.by_condition.items()])


def _nested(found: Mapping[str, Mapping[str, object]], outer: str, inner: str) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {outer: first, inner: second, **asdict(one)}  # type: ignore[call-overload]
            for first, inside in found.items()
            for second, one in inside.items()
        ]
    )
