"""A simulated second experiment: raters who choose between conversations of a simulated first one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import expit

from core.dimensions import DIMENSIONS, PRESCRIPTIVE


def with_choices(
    tables: Mapping[str, pd.DataFrame],
    *,
    raters: int = 150,
    trials: int = 10,
    slope: float = 0.144,
    per_scenario: int = 30,
    comparisons: int = 1500,
    seed: int = 5,
) -> dict[str, pd.DataFrame]:
    """The tables with `choices` and `comparisons` beside them.

    A rater chooses the higher-scored of two conversations of a scenario with probability expit(`slope` x difference);
    the comparing model does so four times as surely.
    """
    rng = np.random.default_rng(seed)
    overall = overall_scores(tables["scores"])
    by_scenario = {
        str(scenario): rows["conversation_id"].to_numpy()[:per_scenario]
        for scenario, rows in tables["conversations"].groupby("scenario")
    }
    names = sorted(by_scenario)
    shown = []
    for rater in range(raters):
        for trial in range(1, trials + 1):
            scenario = names[rng.integers(len(names))]
            left, right = rng.choice(by_scenario[scenario], 2, replace=False)
            takes_left = rng.random() < expit(slope * (overall[left] - overall[right]))
            choice = "left" if takes_left else "right"
            shown.append((f"r{rater:03d}", f"s{rater:03d}", str(trial), scenario, left, right, choice, "9000"))
    asked = []
    for scenario in names:
        for order in range(1, comparisons // len(names) + 1):
            a, b = rng.choice(by_scenario[scenario], 2, replace=False)
            winner = "A" if rng.random() < expit(4 * slope * (overall[a] - overall[b])) else "B"
            asked.append((scenario, str(order), a, b, winner, "openai:gpt-4o", "1", ""))
    return {
        **tables,
        "choices": pd.DataFrame(
            shown,
            columns=["rater_id", "sequence_id", "trial", "scenario", "left_id", "right_id", "choice", "decided_ms"],
        ),
        "comparisons": pd.DataFrame(
            asked, columns=["scenario", "order", "a_id", "b_id", "winner", "model", "prompt_version", "failure"]
        ),
    }


def overall_scores(scores: pd.DataFrame) -> pd.Series:
    """Sum of the prescriptive minus sum of the proscriptive scores by conversation id; one complete repeat."""
    wide = scores.assign(score=scores["score"].astype(float)).pivot(
        index="conversation_id", columns="dimension", values="score"
    )
    return sum(wide[str(d)] * (1 if d in PRESCRIPTIVE else -1) for d in DIMENSIONS)
