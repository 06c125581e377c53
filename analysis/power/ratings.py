"""Whole scores from 1 to 5 with a wanted mean, SD and reliability, as normal values that are rounded and cut."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import brentq, root
from scipy.stats import norm

from analysis.regression import Floats
from core.errors import Unusable
from core.score import SCALE

_CUTS = np.array([low + 0.5 for low in SCALE[:-1]])
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(61)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True, slots=True)
class Latent:
    """The normal values behind the scores of one dimension."""

    sd: float
    reliability: float
    """Share of the latent variance between people."""


@cache
def latent(mean: float, sd: float, reliability: float) -> Latent:
    """The latent SD and reliability whose rounded scores have this mean, SD and correlation within a person.

    Raises `Unusable` where no scores from 1 to 5 can have them.
    """
    found = root(lambda at: np.subtract(_moments(at[0], np.exp(at[1])), (mean, sd)), (mean, np.log(sd)))
    if not found.success:
        raise Unusable(f"no scores from {SCALE[0]} to {SCALE[-1]} have the mean {mean:g} and the SD {sd:g}")
    centre, spread = float(found.x[0]), float(np.exp(found.x[1]))
    highest = 1 - 1e-6
    if reliability <= 0:
        return Latent(spread, 0.0)
    if _correlation(centre, spread, highest) <= reliability:
        return Latent(spread, highest)
    share = brentq(lambda share: _correlation(centre, spread, share) - reliability, 0.0, highest)
    return Latent(spread, float(share))


@cache
def latent_mean(mean: float, sd: float) -> float:
    """The latent mean whose values with SD `sd`, rounded and cut to the scale, have the expectation `mean`."""
    return float(brentq(lambda at: float(_expected(at, sd)) - mean, -40, 46))


def rounded(values: Floats) -> Floats:
    """The scores that stand for latent values: the nearest whole number of the scale; changes `values` in place."""
    np.rint(values, out=values)
    return np.clip(values, SCALE[0], SCALE[-1], out=values)


def _expected(mean: Floats | float, sd: float) -> Floats:
    """E of the score, for any number of latent means."""
    return np.asarray(SCALE[0] + norm.sf((_CUTS - np.asarray(mean)[..., None]) / sd).sum(axis=-1))


def _moments(mean: float, sd: float) -> tuple[float, float]:
    shares = -np.diff(np.concatenate([[1.0], norm.sf((_CUTS - mean) / sd), [0.0]]))
    scores = np.array(SCALE, dtype=float)
    first = float(shares @ scores)
    return first, max(float(shares @ (scores - first) ** 2), 0.0) ** 0.5


def _correlation(mean: float, sd: float, share: float) -> float:
    """Of two scores of one person, by quadrature over the person's latent part."""
    of_person = _expected(mean + sd * np.sqrt(share) * _NODES, sd * np.sqrt(1 - share))
    centre = float(_WEIGHTS @ of_person)
    return float(_WEIGHTS @ (of_person - centre) ** 2) / _moments(mean, sd)[1] ** 2
