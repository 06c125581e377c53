"""Did people talk more or less after training: turns and words before and after, by kind of trouble (LE-115)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import ttest_ind_from_stats

from analysis.regression import Floats, fit_clustered, spread


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """Means in round 1 and in later rounds, and the difference with errors clustered by participant."""

    n_before: int
    n_after: int
    before: float | None
    after: float | None
    difference: float | None
    ci_low: float | None
    ci_high: float | None
    p: float | None
    p_welch: float | None
    """Welch's test of the same rows taken as independent: the paper does not say which test it used."""


def engagement(conversations: pd.DataFrame) -> dict[str, Mapping[str, BeforeAfter]]:
    """trouble type -> `turns` (messages of both sides) and `words` (the supporter's) of analysed conversations."""
    counted = conversations.assign(
        turns=conversations["supporter_messages"] + conversations["seeker_messages"],
        words=conversations["supporter_words"],
    )
    types = sorted(kind for kind in counted["trouble_type"].unique() if kind)
    return {
        str(kind): {
            measure: before_after(counted[counted["trouble_type"] == kind], measure) for measure in ("turns", "words")
        }
        for kind in types
    }


def before_after(rows: pd.DataFrame, measure: str) -> BeforeAfter:
    """`measure` in rows with `post` 0 against rows with `post` 1; rows without a value are left out."""
    known = rows[rows[measure].notna()]
    values, post = known[measure].to_numpy(dtype=float), known["post"].to_numpy(dtype=float)
    before, after = values[post == 0], values[post == 1]
    clusters = pd.factorize(known["participant_id"])[0].astype(np.int64)
    fit = fit_clustered(
        values, np.column_stack([np.ones(len(known)), post]), names=("before", "post"), clusters=clusters
    )
    change = fit["post"]
    return BeforeAfter(
        n_before=len(before),
        n_after=len(after),
        before=float(before.mean()) if len(before) else None,
        after=float(after.mean()) if len(after) else None,
        difference=change.estimate,
        ci_low=change.ci_low,
        ci_high=change.ci_high,
        p=change.p,
        p_welch=_welch(before, after),
    )


def _welch(before: Floats, after: Floats) -> float | None:
    sds = spread(before), spread(after)
    if sds[0] is None or sds[1] is None or not any(sds):
        return None
    found = ttest_ind_from_stats(after.mean(), sds[1], len(after), before.mean(), sds[0], len(before), equal_var=False)
    return float(found.pvalue)
