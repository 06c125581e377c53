"""From a dataset to the themes of each kind of trouble: sentences, embeddings, models, labels."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.themes.domain import Domain, domain, labelled
from analysis.themes.embeddings import Embeddings
from analysis.themes.find import Found, Search, find
from analysis.themes.labels import Ask, label_request, labels
from analysis.themes.store import fingerprint, save, saved
from analysis.themes.units import TROUBLES
from core.errors import Unusable

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was found, and for each kind of trouble without themes the reason."""

    domains: tuple[Domain, ...]
    without: Mapping[str, str]
    run: str
    """12 hex digits that stand for sentences, embeddings and search: codes belong to a run."""


async def extract(
    units: pd.DataFrame,
    folder: Path,
    *,
    embeddings: Embeddings,
    search: Search,
    ask: Ask | None = None,
    progress: Progress = lambda what, done, total: None,
) -> Extracted:
    """Find the themes of `units` for each kind of trouble by itself; nothing of one enters the other (LE-119).

    Models are kept in `folder` as `model_TROUBLE.npz` and taken from there when nothing that they depend on has
    changed. Without `ask` themes have no labels. Raises `Unusable` when no kind of trouble has sentences enough.
    """
    domains, without, prints = [], {}, []
    for trouble in TROUBLES:
        mine = units[units["trouble_type"] == trouble].reset_index(drop=True)
        if not search.sizes(len(mine)):
            without[trouble] = f"{len(mine)} sentences of {trouble} conversations are too few for themes."
            continue
        texts = mine["text"].tolist()
        prints.append(fingerprint(texts, embeddings=embeddings.name, search=search))
        path = folder / f"model_{trouble}.npz"
        found = saved(path, print_of=prints[-1])
        if found is None:
            found = await _found(texts, trouble, embeddings=embeddings, search=search, progress=progress)
            save(path, found, print_of=prints[-1])
        domains.append(await _labelled(domain(trouble, mine, found), ask, progress))
    if not domains:
        raise Unusable(" ".join(without.values()))
    return Extracted(tuple(domains), without, run=hashlib.sha256("".join(prints).encode()).hexdigest()[:12])


async def _found(
    texts: list[str], trouble: str, *, embeddings: Embeddings, search: Search, progress: Progress
) -> Found:
    vectors = await embeddings.embed(
        texts, progress=lambda done, total: progress(f"embedding {trouble} sentences", done, total)
    )
    total, taken = search.steps_in_all(len(texts)), 0

    def on_step() -> None:
        nonlocal taken
        taken += 1
        progress(f"training on {trouble} sentences", taken, total)

    return find(vectors, search, on_step=on_step)


async def _labelled(domain: Domain, ask: Ask | None, progress: Progress) -> Domain:
    if ask is None:
        return domain
    requests = [
        label_request(theme.sentences, theme.terms, trouble_type=domain.trouble_type) for theme in domain.themes
    ]
    done = 0

    def on_label() -> None:
        nonlocal done
        done += 1
        progress(f"labelling {domain.trouble_type} themes", done, len(requests))

    return labelled(domain, await labels(requests, ask, on_label=on_label))
