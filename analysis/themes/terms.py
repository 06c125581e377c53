"""The words that set a theme apart, and the sentences that show it best."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

from analysis.themes.grid import Assignments

SHOWN_TERMS = 5
SHOWN_SENTENCES = 10
_LONGEST_TERM = 4
_WORD = re.compile(r"\w[\w'’]*")


def words(text: str) -> list[str]:
    """The words of a text in small letters; `it's` is one word, however its apostrophe is written."""
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


def top_terms(texts: Sequence[str], assigned: Assignments, *, features: int) -> list[tuple[str, ...]]:
    """For each feature up to five terms of one to four words that set its sentences apart, the clearest first.

    By how much more of the feature's sentences than of all hold the term, sentences weighted by how strongly they show
    the feature, times the root of the term's length in words: of a phrase and its parts the phrase says more. A term
    of which more than half has been said is passed over. Empty for a feature without sentences.
    """
    count = CountVectorizer(
        ngram_range=(1, _LONGEST_TERM), binary=True, min_df=min(2, len(texts)), tokenizer=words, token_pattern=None
    )
    try:
        holds = count.fit_transform(texts).astype(float)
    except ValueError:
        return [() for _ in range(features)]
    shown = sparse.csr_matrix((assigned.strengths, (assigned.features, assigned.sentences)), (features, len(texts)))
    totals = np.asarray(shown.sum(axis=1)).ravel()
    within = (sparse.diags(1 / np.where(totals > 0, totals, 1)) @ (shown @ holds)).tocsr()
    everywhere = np.asarray(holds.mean(axis=0)).ravel()
    names = count.get_feature_names_out()
    return [_best(within[feature], everywhere, names) for feature in range(features)]


def typical_sentences(texts: Sequence[str], assigned: Assignments, *, features: int) -> list[tuple[str, ...]]:
    """For each feature up to ten different sentences that show it most strongly, the strongest first (LE-125)."""
    order = np.argsort(-assigned.strengths, kind="stable")
    found: list[dict[str, None]] = [{} for _ in range(features)]
    for sentence, feature in zip(assigned.sentences[order], assigned.features[order], strict=True):
        if len(found[feature]) < SHOWN_SENTENCES:
            found[feature].setdefault(texts[sentence])
    return [tuple(sentences) for sentences in found]


def _best(
    within: sparse.csr_matrix, everywhere: npt.NDArray[np.floating], names: npt.NDArray[np.str_]
) -> tuple[str, ...]:
    terms = names[within.indices]
    lengths = np.array([term.count(" ") + 1 for term in terms])
    gains = (within.data - everywhere[within.indices]) * np.sqrt(lengths)
    kept: list[str] = []
    said: set[str] = set()
    for place in np.lexsort((terms, -gains)):
        new = [word for word in terms[place].split() if word not in said]
        if gains[place] <= 0 or len(kept) == SHOWN_TERMS:
            break
        if 2 * len(new) >= lengths[place]:
            kept.append(str(terms[place]))
            said.update(new)
    return tuple(kept)
