"""The second experiment as tables; nothing without choices."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.frames import frame
from analysis.preferences.found import Preferences

_TRIAL = ["rater_id", "sequence_id", "trial", "scenario", "left_id", "right_id", "choice"]
_JUDGED = ["gap", "higher", "llm", "llm_source", "match"]


def preferences_tables(found: Preferences) -> Iterator[tuple[str, pd.DataFrame]]:
    """(name, table): trials with what they were set beside, models, rates by difference, ranks."""
    if not found.trials.flow.trials:
        return
    models = {**found.models, **{f"{outcome}, all raters": fit for outcome, fit in found.everyone.items()}}
    for reading, fits in found.components.items():
        models |= {f"{outcome}, components {reading}": fit for outcome, fit in fits.items()}
    yield "preferences", frame(models, "model")
    yield "preferences_trials", found.trials.analysed[[*_TRIAL, *_JUDGED]]
    yield "preferences_by_gap", frame(found.by_gap)
    yield "preferences_ranking", found.ranking
    yield "preferences_spearman", frame(found.spearman, "with")
    yield "elo_by_decile", found.deciles
