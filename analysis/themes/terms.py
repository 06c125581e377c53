"""The words that set a theme apart, and the sentences that show it best."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from analysis.themes.grid import Assignments

SHOWN_TERMS = 5
SHOWN_SENTENCES = 10
_LONGEST_TERM = 4
_WORD = re.compile(r"\w[\w'’]*")


def words(text: str) -> list[str]:
    """The words of a text in small letters; `it's` is one word, however its apostrophe is written."""
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


def top_terms(texts: Sequence[str], assigned: Assignments, *, features: int) -> list[tuple[str, ...]]:
    """For each feature up to five terms of one to four words that its sentences use more than all sentences do.

    By the mean TF-IDF in the feature's sentences, weighted by how strongly they show it, less the mean in all; a term
    that lies within a better one, or holds it, is passed over. Empty for a feature without sentences.
    """
    fewest = 2 if len(texts) > 1 else 1
    weigh = TfidfVectorizer(
        ngram_range=(1, _LONGEST_TERM), min_df=fewest, tokenizer=words, token_pattern=None, dtype=np.float32
    )
    try:
        weights = weigh.fit_transform(texts)
    except ValueError:
        return [() for _ in range(features)]
    shown = sparse.csr_matrix(
        (assigned.strengths, (assigned.features, assigned.sentences)), shape=(features, len(texts))
    )
    totals = np.asarray(shown.sum(axis=1)).ravel()
    means = (sparse.diags(1 / np.where(totals > 0, totals, 1)) @ (shown @ weights)).tocsr()
    everywhere = np.asarray(weights.mean(axis=0)).ravel()
    names = weigh.get_feature_names_out()
    return [_best(means[feature], everywhere, names) for feature in range(features)]


def typical_sentences(texts: Sequence[str], assigned: Assignments, *, features: int) -> list[tuple[str, ...]]:
    """For each feature up to ten different sentences that show it most strongly, the strongest first (LE-125)."""
    order = np.argsort(-assigned.strengths, kind="stable")
    found: list[dict[str, None]] = [{} for _ in range(features)]
    for sentence, feature in zip(assigned.sentences[order], assigned.features[order], strict=True):
        if len(found[feature]) < SHOWN_SENTENCES:
            found[feature].setdefault(texts[sentence])
    return [tuple(sentences) for sentences in found]


def _best(
    means: sparse.csr_matrix, everywhere: npt.NDArray[np.floating], names: npt.NDArray[np.str_]
) -> tuple[str, ...]:
    gains = means.data - everywhere[means.indices]
    kept: list[str] = []
    for place in np.lexsort((names[means.indices], -gains)):
        term = str(names[means.indices[place]])
        if gains[place] <= 0 or len(kept) == SHOWN_TERMS:
            break
        if not any(_holds(term, other) or _holds(other, term) for other in kept):
            kept.append(term)
    return tuple(kept)


def _holds(longer: str, shorter: str) -> bool:
    return f" {shorter} " in f" {longer} "
