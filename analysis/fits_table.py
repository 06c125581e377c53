"""Fitted models as a table: one row per model and term."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import pandas as pd

from analysis.regression import Fit


def fits_table(fits: Mapping[str, Fit], name: str) -> pd.DataFrame:
    """Columns: `name` (the key in `fits`), `term`, what `Term` holds, `n`, `clusters`, `sd`."""
    return pd.DataFrame(
        [
            {name: key, "term": term, **asdict(one), "n": fit.n, "clusters": fit.clusters, "sd": fit.sd}
            for key, fit in fits.items()
            for term, one in fit.terms.items()
        ]
    )
