"""Embeddings through the door: order, retries, and answers that are none."""

from __future__ import annotations

import orjson
import pytest
from asking import Door, choice
from fake_openai import FakeOpenAI, sends, status

from llm.embeddings import read_embeddings
from llm.faults import BadRequest, Malformed
from llm.openai import OpenAIProvider
from llm.request import ModelRole
from llm.scripted import ScriptedModel


def answer(*vectors: list[float], order: list[int] | None = None) -> bytes:
    places = order or list(range(len(vectors)))
    data = [{"object": "embedding", "index": place, "embedding": vectors[place]} for place in places]
    return orjson.dumps({"data": data, "model": "served-1", "usage": {"prompt_tokens": 7, "total_tokens": 7}})


def test_vectors_come_back_by_their_index() -> None:
    """A server may answer in any order; each vector goes to its own text."""
    vectors, usage = read_embeddings(answer([1.0, 0.0], [0.0, 1.0], order=[1, 0]), count=2)

    assert vectors == [[1.0, 0.0], [0.0, 1.0]]
    assert (usage.prompt_tokens, usage.served_model) == (7, "served-1")


@pytest.mark.parametrize(
    "content",
    [
        b"<html>",
        b"{}",
        b'{"data": [{"index": 0, "embedding": "text"}]}',
        answer([1.0]),
        answer([1.0], [1.0, 2.0]),
        answer([], []),
        answer([1.0], [2.0], [3.0]),
    ],
)
def test_an_answer_that_does_not_fit_the_texts_is_a_fault(content: bytes) -> None:
    """Neither a missing nor a surplus vector, nor one of another length, is taken for an embedding."""
    with pytest.raises(Malformed):
        read_embeddings(content, count=2)


async def test_a_passing_fault_is_asked_for_again(server: FakeOpenAI, openai: OpenAIProvider) -> None:
    """After a 429 the same texts are sent once more, and both attempts stand in the ledger."""
    server.plays(status(429, "slow down"), sends(answer([0.5, 0.5])))
    door = Door(openai, choice("embed-1", dimensions=2), role=ModelRole.EMBEDDER)

    found = await door.models.embed(["I hear you."])

    assert found.vectors == [[0.5, 0.5]]
    assert server.bodies[1] == {
        "dimensions": 2,
        "model": "embed-1",
        "input": ["I hear you."],
        "encoding_format": "float",
    }
    assert door.outcomes == ["rate_limited", "ok"]


async def test_a_provider_without_embeddings_says_so() -> None:
    """No vector is invented for a provider that has none."""
    door = Door(ScriptedModel(), choice("1", provider="scripted"), role=ModelRole.EMBEDDER)

    with pytest.raises(BadRequest, match="has no embeddings"):
        await door.models.embed(["I hear you."])
