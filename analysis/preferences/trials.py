"""The trials that count: one rater per sequence, each choice beside the scores and the model's own choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.scored import MEASURES, OVERALL
from core.dimensions import DIMENSIONS

KEPT_SEED = 42
"""The seed with which the paper kept one of the people who were given the same sequence (LE-153)."""


@dataclass(frozen=True, slots=True)
class TrialFlow:
    """How many raters and trials there are, in the order in which they are left out."""

    raters: int
    """Raters with a trial."""
    excluded: int
    """Raters whom the exclusions of `participants` leave out; who is not in that table is kept."""
    duplicates: int
    """Raters beyond the one who is kept of those with the same sequence."""
    analysed: int
    trials: int
    """Trials of the analysed with a choice."""
    unanswered: int
    ties: int
    """Trials whose two conversations have the same overall score: neither is the higher one."""
    unscored: int
    """Trials of which a conversation has no overall score."""
    uncompared: int
    """Trials without a choice of the model: the pair was judged a tie, or never, and has no ratings that differ."""


@dataclass(frozen=True, slots=True)
class Trials:
    """The trials of everyone and of the analysed, and the flow from one to the other."""

    flow: TrialFlow
    everyone: pd.DataFrame
    """One row per answered trial of all raters who are not excluded, with the columns that `trials` describes."""
    analysed: pd.DataFrame
    """The same for one rater per sequence."""


def trials(
    choices: pd.DataFrame,
    *,
    scores: pd.DataFrame,
    comparisons: pd.DataFrame,
    ratings: pd.Series,
    left_out: frozenset[str] = frozenset(),
    seed: int = KEPT_SEED,
) -> Trials:
    """Set every choice beside the judge and the comparing model.

    `choices`, `comparisons`: as in the dataset; `scores`: the seven measures by conversation id; `ratings`: Elo by
    conversation id; `left_out`: rater ids that are excluded. Columns beside those of `choices`:

    - `gap`: absolute difference of the overall scores, 0-24 (NaN without both); `higher`: 1 when the higher one was
      chosen, else 0 (NaN for a tie or without scores);
    - `signed:<dimension>`: left minus right; `oriented:<dimension>`: higher overall minus lower (NaN for a tie);
    - `llm`: `left` or `right`, what the model preferred, and `llm_source`: `direct` (its own forced choices of this
      pair, by majority) or `elo` (the higher rating, where the pair was never judged; C-15), both empty where it has
      no preference; `match`: 1 when the rater agrees with it (NaN without one).
    """
    rows = choices.sort_values(["sequence_id", "rater_id", "trial"], kind="stable").reset_index(drop=True)
    raters = rows["rater_id"].nunique()
    kept = rows[~rows["rater_id"].isin(left_out)]
    answered = kept[kept["choice"] != ""]
    everyone = _with_model(_with_scores(answered, scores), comparisons, ratings)
    one = one_per_sequence(everyone, seed=seed)
    analysed = everyone[everyone["rater_id"].isin(one)].reset_index(drop=True)
    flow = TrialFlow(
        raters=raters,
        excluded=raters - kept["rater_id"].nunique(),
        duplicates=everyone["rater_id"].nunique() - len(one),
        analysed=len(one),
        trials=len(analysed),
        unanswered=len(kept) - len(answered),
        ties=int((analysed["gap"] == 0).sum()),
        unscored=int(analysed["gap"].isna().sum()),
        uncompared=int(analysed["match"].isna().sum()),
    )
    return Trials(flow=flow, everyone=everyone, analysed=analysed)


def one_per_sequence(rows: pd.DataFrame, *, seed: int = KEPT_SEED) -> list[str]:
    """One rater of each sequence, drawn from its raters in the order of their ids; the same for the same rows."""
    rng = np.random.default_rng(seed)
    by_sequence = rows.groupby("sequence_id")["rater_id"].unique()
    return [str(rng.choice(sorted(raters))) if len(raters) > 1 else str(raters[0]) for raters in by_sequence]


def _with_scores(rows: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    left, right = (scores.reindex(rows[side])[list(MEASURES)].to_numpy(dtype=float) for side in ("left_id", "right_id"))
    signed = pd.DataFrame(left - right, columns=list(MEASURES), index=rows.index)
    overall = signed[OVERALL]
    direction = np.sign(overall).where(overall != 0)
    chose_left = rows["choice"] == "left"
    return rows.assign(
        gap=overall.abs(),
        higher=((overall > 0) == chose_left).astype(float).where(direction.notna()),
        **{f"signed:{d}": signed[str(d)] for d in DIMENSIONS},
        **{f"oriented:{d}": signed[str(d)] * direction for d in DIMENSIONS},
    )


def _with_model(rows: pd.DataFrame, comparisons: pd.DataFrame, ratings: pd.Series) -> pd.DataFrame:
    direct = _direct(comparisons)
    pairs = list(zip(rows["left_id"], rows["right_id"], strict=True))
    judged = [(left, right) in direct for left, right in pairs]
    balance = np.array([direct.get(pair, 0) for pair in pairs], dtype=float)
    rated = ratings.reindex(rows["left_id"]).to_numpy() - ratings.reindex(rows["right_id"]).to_numpy()
    lean = np.where(judged, balance, np.nan_to_num(rated))
    llm = np.select([lean > 0, lean < 0], ["left", "right"], "")
    source = np.where(llm == "", "", np.where(judged, "direct", "elo"))
    agrees = (rows["choice"].to_numpy() == llm).astype(float)
    return rows.assign(llm=llm, llm_source=source, match=np.where(llm == "", np.nan, agrees))


def _direct(comparisons: pd.DataFrame) -> Mapping[tuple[str, str], int]:
    """(one, other) -> judgements for the one minus those for the other; a pair that was judged stands both ways."""
    balance: dict[tuple[str, str], int] = {}
    judged = comparisons[comparisons["winner"] != ""]
    for a, b, winner in zip(judged["a_id"], judged["b_id"], judged["winner"], strict=True):
        points = {"A": 1, "B": -1}.get(winner, 0)
        balance[a, b] = balance.get((a, b), 0) + points
        balance[b, a] = balance.get((b, a), 0) - points
    return balance
