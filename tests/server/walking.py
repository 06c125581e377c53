"""Walking: a client that does on each step what a participant would, to the end of any study."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.server.client import Answer, Client, Closed

REHEARSAL = 60
"""The time scale of the servers that are walked through."""
QUESTION = "How could I have asked more about how she felt?"


async def walk(person: Client, *, until: str = "end", lines: tuple[str, ...] = ("What happened then?",)) -> list[Any]:
    """Take step after step until the one whose id or kind is `until`; every answer of `GET /api/me` on the way."""
    path = [(await person.me()).body]
    while until not in (path[-1]["step"]["id"], path[-1]["step"]["kind"]):
        path.append((await do(person, path[-1]["step"], lines)).body)
    return path


async def do(person: Client, step: dict[str, Any], lines: tuple[str, ...]) -> Answer:
    """Do what the step wants, and take it."""
    answers: dict[str, Any] = {}
    if step["kind"] == "conversation":
        await talk(person, step["content"]["dialogue"], lines)
    elif step["kind"] == "coach":
        await ask(person, step["content"]["dialogue"])
    elif step["kind"] == "video":
        await watch(person, step)
    elif step["kind"] == "survey":
        answers = {item["id"]: fitting(item) for item in step["content"]["items"] if item["required"]}
    elif step["kind"] == "comparison":
        answers = {"choice": "left"}
    elif step["kind"] == "rating":
        answers = {dimension["id"]: 3 for dimension in step["content"]["dimensions"]}
    elif step["content"].get("consent"):
        answers = {"consent": True}
    taken = await person.take(step["id"], answers)
    assert taken.status == 200, f"{step['id']}: {taken.body}"
    return taken


def fitting(item: dict[str, Any]) -> Any:
    """An answer that fits the item."""
    if item.get("options"):
        return item["options"][-1]["value"]
    return {"number": 30, "checkbox": True}.get(item["kind"], "It went well.")


async def talk(person: Client, dialogue: str, lines: tuple[str, ...]) -> None:
    """Say the lines, each after the reply to the one before, and stay until the close."""
    async with person.page(dialogue) as page:
        try:
            for line in lines:
                await page.say(line)
                await page.until("message", role="seeker")
            await page.until("closed", wait_s=60)
        except Closed:
            pass


async def ask(person: Client, dialogue: str, question: str = QUESTION) -> None:
    """Wait for the feedback, put a question, and hear the answer."""
    async with person.page(dialogue) as page:
        if not page.state["messages"]:
            await page.until("message", role="coach")
        await page.say(question)
        await page.until("message", role="coach")


async def watch(person: Client, step: dict[str, Any]) -> None:
    """Play every video until the server has seen its time pass."""
    for video in step["content"]["videos"]:
        await person.note("video_play", step=step["id"], payload={"video": video["id"], "position_s": 0})

    await asyncio.sleep(max(video["seconds"] for video in step["content"]["videos"]) / REHEARSAL)
    for video in step["content"]["videos"]:
        ended = {"video": video["id"], "position_s": video["seconds"]}
        await person.note("video_ended", step=step["id"], payload=ended)
