"""Our numbers are those of R: lme4, sandwich, lmtest and clubSandwich on simulated studies of 968 people.

`tests/reference/make_reference.py` makes the stored results; R is not needed here.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from reference_studies import STUDIES, study_folder

from analysis.analyses import Analyses, run_analyses
from analysis.dataset import load
from analysis.preferences.models import component_model
from analysis.regression import Fit

REFERENCE = Path(__file__).parents[1] / "reference" / "reference.csv"
LEAST_SQUARES = 1e-6
"""Relative; both solve the same equations in double precision (OLS, clustered, HC3)."""
REML = 5e-3
"""Relative; lmer stops at its own tolerance."""
LOGIT = 1e-4
"""Relative; iterated to convergence on both sides."""
NOTHING = 1e-9
"""Absolute, for a coefficient that is 0 but for rounding."""

Numbers = Mapping[tuple[str, str], tuple[float, float | None]]


def stored(study: str) -> Numbers:
    """(model, term) -> (estimate, standard error) of one study as R gave them."""
    with REFERENCE.open(encoding="utf-8") as lines:
        next(lines)
        rows = [row for row in csv.DictReader(lines) if row["study"] == study]
    return {
        (row["model"], row["term"]): (float(row["estimate"]), float(row["se"]) if row["se"] else None) for row in rows
    }


def of_fit(model: str, fit: Fit) -> Iterator[tuple[tuple[str, str], tuple[float | None, float | None]]]:
    for name, term in fit.terms.items():
        yield (model, name), (term.estimate, term.se)


def _renamed(reference: Numbers) -> dict[tuple[str, str], tuple[float, float | None]]:
    """R's names of the terms in ours: the constant, and products with the second factor first."""
    turned = {"(Intercept)": "intercept"}
    for treatment in ("video", "ai_coach", "combined"):
        turned[f"post:{treatment}"] = f"{treatment}:post"
        for other in ("age", "female"):
            turned[f"{other}:{treatment}"] = f"{treatment}:{other}"
    return {(model, turned.get(term, term)): numbers for (model, term), numbers in reference.items()}


@pytest.fixture(scope="module", params=list(STUDIES))
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Analyses, Numbers]:
    """What we find in one study, and what R found in it."""
    dataset = load(study_folder(request.param, tmp_path_factory.mktemp("study") / "dataset"))
    return run_analyses(dataset), _renamed(stored(request.param))


def assert_same(ours: Mapping[tuple[str, str], tuple[float | None, float | None]], r: Numbers, *, rel: float) -> None:
    """Every number of ours is there in R's results, and within `rel` of it."""
    assert ours
    for key, (estimate, se) in ours.items():
        assert estimate == pytest.approx(r[key][0], rel=rel, abs=NOTHING), key
        if r[key][1] is not None:
            assert se == pytest.approx(r[key][1], rel=rel), key


def test_primary_models_are_those_of_r(study: tuple[Analyses, Numbers]) -> None:
    """Seven models with eight terms: estimates and clustered errors; and the SD that divides them."""
    found, r = study
    ours = dict(pair for name, fit in found.effects.items() for pair in of_fit(f"effects:{name}", fit))
    ours |= {(f"effects:{name}", "sd"): (fit.sd, None) for name, fit in found.effects.items()}

    assert len(ours) == 63
    assert_same(ours, r, rel=LEAST_SQUARES)


def test_contrasts_are_those_of_r(study: tuple[Analyses, Numbers]) -> None:
    """18 differences with the covariance of the two coefficients."""
    found, r = study
    ours = {(f"contrasts:{c.dimension}", f"{c.first}-{c.second}"): (c.difference, c.se) for c in found.contrasts}

    assert len(ours) == 18
    assert_same(ours, r, rel=LEAST_SQUARES)


def test_variances_of_the_measurement_model_are_those_of_lmer(study: tuple[Analyses, Numbers]) -> None:
    """REML of the control condition, also where scores are missing and groups differ in size."""
    found, r = study
    change = found.reliable_change
    ours = {
        ("reliable_change", "var_between"): (change.var_between, None),
        ("reliable_change", "var_error"): (change.var_error, None),
    }
    assert_same(ours, r, rel=REML)


def test_demographic_models_are_those_of_r(study: tuple[Analyses, Numbers]) -> None:
    """Baseline and change with HC3 errors, without those who gave no age or another sex."""
    found, r = study
    ours = dict(pair for name, fit in found.demographics.items() for pair in of_fit(f"demographics:{name}", fit))

    assert len(ours) == 16
    assert_same(ours, r, rel=LEAST_SQUARES)


def test_trait_correlations_are_those_of_r(study: tuple[Analyses, Numbers]) -> None:
    """Pearson's r and its p."""
    found, r = study
    ours = {(f"traits:{name}", "r"): (one.r, None) for name, one in found.traits.items()}
    ours |= {(f"traits:{name}", "p"): (one.p, None) for name, one in found.traits.items()}

    assert_same(ours, r, rel=LEAST_SQUARES)


def test_logistic_models_are_those_of_r(study: tuple[Analyses, Numbers]) -> None:
    """The difference and both readings of the components, errors clustered by rater."""
    found, r = study
    rows = found.preferences.trials.analysed
    fits = {
        "higher": found.preferences.models["higher"],
        "signed": component_model(rows, "higher", "signed"),
        "oriented": component_model(rows, "higher", "oriented"),
    }
    ours = dict(pair for name, fit in fits.items() for pair in of_fit(f"preferences:{name}", fit))

    assert len(ours) == 6 + 11 + 11
    assert_same(ours, r, rel=LOGIT)


def test_wilson_intervals_and_strengths_are_those_of_r(study: tuple[Analyses, Numbers]) -> None:
    """prop.test without continuity correction, and Bradley-Terry as a logistic model of one scenario."""
    found, r = study
    closest = found.preferences.by_gap[0]
    contest = found.preferences.bradley_terry["loss"]
    ours = {
        ("by_gap:1-3", "ci_low"): (closest.ci_low, None),
        ("by_gap:1-3", "ci_high"): (closest.ci_high, None),
        **{("bradley_terry:loss", str(name)): (float(s), None) for name, s in contest.items["strength"].items()},
    }

    assert not contest.regularised
    assert len(ours) == 32
    assert_same(ours, r, rel=LOGIT)
