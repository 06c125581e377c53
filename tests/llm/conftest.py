"""The fake server, and the real provider that asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from asking import openai_at
from fake_openai import FakeOpenAI

from llm.openai import OpenAIProvider


@pytest_asyncio.fixture
async def server() -> AsyncIterator[FakeOpenAI]:
    fake = FakeOpenAI()
    await fake.start()
    yield fake
    await fake.stop()


@pytest_asyncio.fixture
async def openai(server: FakeOpenAI) -> AsyncIterator[OpenAIProvider]:
    provider = openai_at(server.base_url)
    yield provider
    await provider.aclose()
