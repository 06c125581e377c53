"""The models of `analyze` as an analyst writes them with statsmodels' formulas, and how long the bare fits take."""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from analysis.dataset import load
from analysis.effects import TERMS
from analysis.observations import observations
from analysis.preferences.trials import trials
from analysis.reliable_change import changes
from analysis.scored import MEASURES, side_by_side
from core.dimensions import DIMENSIONS

EFFECTS = "{} ~ video + ai_coach + combined + post + video:post + ai_coach:post + combined:post"
CHANGE = (
    "gain ~ age + female + start + video + ai_coach + combined + video:female + ai_coach:female + combined:female"
    " + video:age + ai_coach:age + combined:age"
)
PAIRS = ("ai_coach:post = video:post", "combined:post = video:post", "combined:post = ai_coach:post")


def bare_fits(folder: Path) -> float:
    """Processor seconds of the fits alone; reading and reshaping are not counted."""
    frames = _frames(folder)
    started = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _fit(*frames)
    return time.process_time() - started


def _fit(rows: pd.DataFrame, people: pd.DataFrame, choices: pd.DataFrame) -> None:
    clustered = {"cov_type": "cluster", "cov_kwds": {"groups": rows["who"]}}
    for measure in MEASURES:
        fit = smf.ols(EFFECTS.format(measure), rows).fit(**clustered)
        if measure != "overall":
            for pair in PAIRS:
                fit.t_test(pair)
    control = rows[rows["condition"] == "control"]
    smf.mixedlm("overall ~ 1", control, groups=control["who"]).fit(reml=True)
    smf.ols("start ~ age + female", people).fit(cov_type="HC3")
    smf.ols(CHANGE, people).fit(cov_type="HC3")
    for kind in ("personal", "workplace"):
        some = rows[rows["trouble_type"] == kind]
        for measure in ("turns", "supporter_words"):
            smf.ols(f"{measure} ~ post", some).fit(cov_type="cluster", cov_kwds={"groups": some["who"]})
    for outcome in ("higher", "match"):
        for groups in ("rater", "sequence"):
            _logit(f"{outcome} ~ gap + C(scenario)", choices, groups)
        for reading in ("signed", "oriented"):
            _logit(f"{outcome} ~ {' + '.join(f'{reading}_{d}' for d in DIMENSIONS)} + C(scenario)", choices, "rater")


def _logit(formula: str, choices: pd.DataFrame, groups: str) -> None:
    known = choices[choices[[formula.split(" ~ ")[0], "gap", "oriented_advice_giving"]].notna().all(axis=1)]
    smf.logit(formula, known).fit(disp=0, cov_type="cluster", cov_kwds={"groups": known[groups]})


def _frames(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    dataset = load(folder)
    rows = observations(dataset)
    for name in TERMS[1:4]:
        rows[name] = (rows["condition"] == name).astype(float)
    rows["who"] = pd.factorize(rows["participant_id"])[0]
    rows["turns"] = rows["supporter_messages"] + rows["seeker_messages"]
    people = changes(rows, se_change=1.0).merge(dataset.participants[["participant_id", "age", "sex"]])
    people = people.assign(
        female=(people["sex"] == "female").astype(float),
        start=(people["before"] - people["before"].mean()) / people["before"].std(),
        gain=(people["change"] - people["change"].mean()) / people["change"].std(),
        **{name: (people["condition"] == name).astype(float) for name in TERMS[1:4]},
    )
    choices = trials(
        dataset.choices,
        scores=side_by_side(dataset.scores),
        comparisons=dataset.comparisons,
        ratings=pd.Series(dtype=np.float64),
    ).analysed.rename(columns=lambda name: name.replace(":", "_"))
    choices["rater"] = pd.factorize(choices["rater_id"])[0]
    choices["sequence"] = pd.factorize(choices["sequence_id"])[0]
    return rows, people, choices
