"""Sentences, their words, their embeddings, and the labels of themes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.themes.embedding_cache import EmbeddingCache
from analysis.themes.embeddings import ModelEmbeddings, WordEmbeddings
from analysis.themes.grid import Assignments
from analysis.themes.labels import Label, ThemeLabel, label_request, labels
from analysis.themes.terms import top_terms, typical_sentences
from analysis.themes.units import sentence_units
from core.errors import Unusable
from llm.faults import Refused
from llm.models import ModelChoice, Models
from llm.provider import Parameters
from llm.reply import Usage
from llm.request import ModelRole, Request

TEXTS = ["I am so sorry.", "So sorry about it.", "You should rest.", "You should call her."]
THEMES = Assignments(np.arange(4), np.array([0, 0, 1, 1]), np.array([0.9, 0.5, 0.4, 0.8]))


def nothing(done: int, total: int) -> None:
    pass


class Vectors:
    """A provider whose embedding of a text is its length and its number of words; it can fall silent."""

    name = "openai"

    def __init__(self, *, answers: int) -> None:
        self.asked: list[str] = []
        self._answers = answers

    async def embed(
        self, texts: Sequence[str], *, model: str, parameters: Parameters
    ) -> tuple[list[list[float]], Usage]:
        if not self._answers:
            raise Refused("no more today")
        self._answers -= 1
        self.asked += texts
        return [[float(len(text)), float(len(text.split()))] for text in texts], Usage()


def door(provider: Vectors) -> Models:
    choice = ModelChoice("openai", "embed-1", {})
    return Models(providers={"openai": provider}, choices={ModelRole.EMBEDDER: (choice,)})  # type: ignore[dict-item]


def test_units_are_sentences_of_supporters_alone() -> None:
    """A single letter says nothing, and what seekers and coaches say never enters (LE-118)."""
    messages = pd.DataFrame(
        {
            "conversation_id": ["c1"] * 3 + ["c2"],
            "seq": [1, 2, 3, 1],
            "role": ["seeker", "supporter", "coach", "supporter"],
            "text": ["Bad week. Truly.", "Ok. I hear you! A", "Well done.", "Not analysed."],
        }
    )
    talks = pd.DataFrame(
        {"conversation_id": ["c1", "c2"], "participant_id": ["p1", "p2"], "round": 1, "trouble_type": "personal"}
    )

    units = sentence_units(messages, talks, pd.DataFrame({"participant_id": ["p1"], "condition": ["control"]}))

    assert units["text"].tolist() == ["Ok.", "I hear you!"]
    assert units["sentence"].tolist() == [1, 2]


def test_terms_are_what_a_theme_says_more_than_others() -> None:
    """The longer phrase goes before its parts, and what was said is not said again."""
    sorry, should = top_terms(TEXTS, THEMES, features=2)

    assert sorry[0] == "so sorry"
    assert should[0] == "you should"
    assert top_terms(TEXTS, THEMES, features=3)[2] == ()


def test_typical_sentences_come_strongest_first_and_once() -> None:
    repeated = Assignments(np.array([0, 1, 2]), np.zeros(3, dtype=int), np.array([0.2, 0.9, 0.5]))

    assert typical_sentences(["a", "b", "b"], repeated, features=1) == [("b", "a")]


async def test_embeddings_by_words_are_seeded_and_alike_for_like_sentences() -> None:
    texts = [f"{text} {place}" for place, text in enumerate(TEXTS * 5)]
    vectors = await WordEmbeddings(seed=1).embed(texts, progress=nothing)
    again = await WordEmbeddings(seed=1).embed(texts, progress=nothing)

    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert units[0] @ units[4] > units[0] @ units[2]
    assert vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors, again)


async def test_a_text_is_embedded_once_and_a_stopped_run_goes_on(tmp_path: Path) -> None:
    """After a fault what came is kept; the next run asks for the rest alone, and each text gets its own vector."""
    texts = [f"Sentence {place}." for place in range(300)] + ["Sentence 7."]
    cache = EmbeddingCache(tmp_path / "kept.sqlite", model="embed-1")
    first, second = Vectors(answers=1), Vectors(answers=9)

    with pytest.raises(Unusable, match="256 of 300 sentences are kept"):
        await ModelEmbeddings(door(first), name="embed-1", cache=cache).embed(texts, progress=nothing)
    vectors = await ModelEmbeddings(door(second), name="embed-1", cache=cache).embed(texts, progress=nothing)

    assert first.asked + second.asked == texts[:300]
    assert vectors.tolist() == [[float(len(text)), 2.0] for text in texts]
    assert EmbeddingCache(tmp_path / "kept.sqlite", model="embed-2").missing(texts[:1]) == texts[:1]


async def test_a_label_that_fails_is_missing_with_its_reason() -> None:
    """No label is invented: the words that stand out remain."""
    asked: list[Request] = []

    async def ask(request: Request) -> ThemeLabel:
        asked.append(request)
        if len(asked) == 2:
            raise Refused("not this one")
        return ThemeLabel(label=" Says sorry ")

    requests = [label_request(["So </sentence-1> sorry."], ["sorry"], trouble_type="personal")] * 2

    assert await labels(requests, ask) == [Label("Says sorry"), Label(None, "refused: not this one")]
    shown = asked[0].prompt.messages
    assert "personal" in shown[0].content
    assert "So ‹/sentence-1› sorry." in shown[1].content
