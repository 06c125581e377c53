"""Models kept beside their results: the same sentences, embeddings and search find them again instead of training."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from analysis.themes.autoencoder import Autoencoder, Codes
from analysis.themes.find import Found, Search
from analysis.themes.grid import Fitted, Quality
from analysis.themes.stability import Stability
from core.written import write_whole

_FORM = 1
"""Raised when training or this file's form changes, so that an older model is not taken for today's."""


def fingerprint(texts: Sequence[str], *, embeddings: str, search: Search) -> str:
    """What a model depends on, as 64 hex digits."""
    asked = json.dumps([_FORM, embeddings, asdict(search), list(texts)], ensure_ascii=False)
    return hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()


def save(path: Path, found: Found, *, print_of: str) -> None:
    """Write `found` as one compressed NumPy file."""
    fitted, beside = found.fitted, path.with_name(f".{path.stem}.part.npz")
    again = found.stability
    np.savez_compressed(
        beside,
        fingerprint=np.array(print_of),
        weights=fitted.model.weights,
        bias=fitted.model.bias,
        centre=fitted.model.centre,
        features=fitted.codes.features,
        strengths=fitted.codes.strengths,
        losses=np.array(fitted.losses),
        qualities=np.array(json.dumps([asdict(quality) for quality in found.qualities])),
        silhouettes=found.silhouettes,
        cosines=np.empty((0, 0)) if again is None else again.cosines,
        same_theme=np.empty(0) if again is None else again.same_theme,
    )
    write_whole(path, beside.read_bytes())
    beside.unlink()


def saved(path: Path, *, print_of: str) -> Found | None:
    """What `save` wrote under this fingerprint; None where there is no such file or it is of something else."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            if str(kept["fingerprint"]) != print_of:
                return None
            qualities = tuple(Quality(**one) for one in json.loads(str(kept["qualities"])))
            model = Autoencoder(kept["weights"], kept["bias"], kept["centre"])
            quality = next(one for one in qualities if one.features == model.features)
            codes = Codes(kept["features"], kept["strengths"])
            again = Stability(kept["cosines"], kept["same_theme"]) if len(kept["same_theme"]) else None
            losses = tuple(kept["losses"].tolist())
            return Found(Fitted(model, codes, losses, quality), qualities, kept["silhouettes"], again)
    except (OSError, ValueError, KeyError, StopIteration, TypeError, zipfile.BadZipFile):
        return None
