"""Tests cannot reach a real model."""

from __future__ import annotations

import pytest
from asking import Verdict, openai_at, question
from fake_openai import FakeOpenAI, says

from llm.models import ModelChoice, Models
from llm.openai import NO_REAL_MODELS, PUBLIC_URL, RealModelForbidden, is_own_machine
from llm.request import ModelRole


async def test_no_other_machine_is_asked_where_that_is_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of asking stop before any connection, with an error that no fallback swallows."""
    monkeypatch.setenv(NO_REAL_MODELS, "1")
    first = ModelChoice(provider="openai", model="gpt-4o", parameters={})
    models = Models(providers={"openai": openai_at(PUBLIC_URL)}, choices={ModelRole.SEEKER: (first, first)})

    with pytest.raises(RealModelForbidden):
        await models.text(question())
    with pytest.raises(RealModelForbidden):
        await models.answer(question(), Verdict)


async def test_this_machine_may_be_asked_there(server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fake server on loopback is what tests are for."""
    monkeypatch.setenv(NO_REAL_MODELS, "1")
    openai = openai_at(server.base_url)
    server.plays(says("Hello."))

    pieces = [piece async for piece in openai.stream(question(), model="first", parameters={})]

    assert pieces[0] == "Hello."
    await openai.aclose()


@pytest.mark.parametrize(
    ("url", "is_own"),
    [
        ("http://localhost:1/v1", True),
        ("http://127.0.0.9/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://192.168.0.2/v1", False),
        ("http://localhost.example.org/v1", False),
        ("https://api.openai.com/v1", False),
        ("http://127.0.0.1.example.org/", False),
    ],
)
def test_own_machine_is_known_by_its_address(url: str, is_own: bool) -> None:
    """Only loopback counts: a name that merely looks like it does not."""
    assert is_own_machine(url) is is_own
