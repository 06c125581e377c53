"""Participants with an open conversation each, entered through the public API."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from bench.load import Seat

SHIPPED = Path(__file__).parents[1] / "studies" / "lend_an_ear"
SLUG = "bench"
AT_ONCE = 16
TRIES, PAUSE_S = 6, 1.0
"""A busy database answers 503 and may be asked again: how fast seats are taken is not what is measured."""
AS_LONG_AS_IT_TAKES_S = 6 * 60 * 60


def write_study(folder: Path) -> Path:
    """A copy of the shipped study with one condition, one round and nothing but the conversation in it.

    Replies appear word by word, and the time is so long that nobody runs out of it.
    """
    study = yaml.safe_load((SHIPPED / "study.yaml").read_text())
    study |= {"conditions": ["control"], "allocation": {"block_sizes": [1]}}
    study["conversation"] |= {
        "limit_s": AS_LONG_AS_IT_TAKES_S,
        "idle_s": AS_LONG_AS_IT_TAKES_S,
        "reveal": "words",
    }
    conversation = {"rounds": 1, "steps": [{"id": "conversation", "kind": "conversation"}]}
    study["steps"] = [
        {"id": "consent", "kind": "page", "file": "pages/consent.md", "consent": True},
        conversation,
        {"id": "end", "kind": "end", "file": "pages/end.md"},
    ]
    pages = folder / SLUG / "pages"
    pages.mkdir(parents=True)
    for name in ("consent.md", "end.md"):
        (pages / name).write_text((SHIPPED / "pages" / name).read_text())
    (folder / SLUG / "study.yaml").write_text(yaml.safe_dump(study, sort_keys=False))
    return folder


async def take_seats(port: int, count: int) -> list[Seat]:
    """`count` new participants who have agreed and stand before their conversation. Raises on any refusal."""
    gate = asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", cookie_jar=aiohttp.DummyCookieJar()) as http:

        async def take() -> Seat:
            async with gate:
                return await _take_seat(http)

        return list(await asyncio.gather(*(take() for _ in range(count))))


async def _take_seat(http: aiohttp.ClientSession) -> Seat:
    entered = await _post(http, f"/api/studies/{SLUG}/participants", {}, {})
    headers = {"authorization": f"Bearer {entered['token']}"}
    agreed = await _post(http, "/api/me/steps/consent", {"answers": {"consent": True}}, headers)
    return Seat(token=entered["token"], dialogue=agreed["step"]["content"]["dialogue"])


async def _post(http: aiohttp.ClientSession, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Any:
    """The answer. Raises `aiohttp.ClientResponseError` when refused, `RuntimeError` when busy to the last try."""
    for _ in range(TRIES):
        async with http.post(path, json=body, headers=headers) as answer:
            if answer.status != HTTPStatus.SERVICE_UNAVAILABLE:
                answer.raise_for_status()
                return await answer.json()
        await asyncio.sleep(PAUSE_S)
    raise RuntimeError(f"{path} was still busy after {TRIES} tries")
