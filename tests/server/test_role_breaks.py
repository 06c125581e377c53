"""A model that leaves its role through the whole server: nobody sees it, the log names it, and the desk counts it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web

from personas.role_check import RoleBreak
from server.desk.role_breaks import role_breaks_shown
from server.settings import Settings
from tests.llm.fake_openai import says
from tests.server.client import clients
from tests.server.here import serving_here
from tests.server.served import rows
from tests.server.slow_models import FIRST, SECOND, Mood, env_of, fake_model, replies
from tests.server.small_studies import TALK, write_study

ONCE = {
    "helper": ("How can I help you today? ", RoleBreak.TURNS_HELPER),
    "advice": ("You should talk to a therapist. ", RoleBreak.GIVES_ADVICE),
    "instructions": ("As an AI language model I only play a part. ", RoleBreak.REVEALS_INSTRUCTIONS),
    "facts": ("I am a nurse and my name is Bartholomew. ", RoleBreak.CONTRADICTS_FACTS),
}
"""By what the supporter says: a sentence that leaves the role once, and how that is called."""
FOURTH = "And there is a fourth thing that I must tell. "


class OutOfRole:
    """Leaves the role in the way that the supporter's last line asks for: the first time only, or always."""

    def __init__(self) -> None:
        self._asked: list[str] = []

    async def play(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        said = str(body["messages"])
        for word, (broken, _) in ONCE.items():
            if f"Please: {word}." in said and word not in self._asked:
                self._asked.append(word)
                return await says(broken, SECOND)(request, body)
        if "Please: always." in said:
            return await says(ONCE["advice"][0], SECOND)(request, body)
        if "Please: four." in said and "four" not in self._asked:
            return await says(FIRST, SECOND, "I am so tired. ", FOURTH)(request, body)
        if "Please: one." in said:
            return await says(FIRST)(request, body)
        return await replies()(request, body)


async def test_what_leaves_the_role_is_caught_replaced_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each kind is asked for again once; what will not do twice is a line of the persona's; the desk has the rates."""
    write_study(tmp_path / "studies" / "talking", TALK, conditions=("control", "ai_coach"))
    async with fake_model(Mood(OutOfRole().play)) as fake:
        for name, value in env_of(fake, "seeker").items():
            monkeypatch.setenv(name, value)
        settings = Settings(database_url=f"sqlite:///{tmp_path / 'study.db'}", studies=tmp_path / "studies")
        async with serving_here(settings) as here, clients(here.url, len(ONCE) + 3) as people:
            told = {}
            for person, word in zip(people, [*ONCE, "always", "four", "one"], strict=True):
                dialogue = (await person.consent("talking"))["content"]["dialogue"]
                async with person.page(dialogue) as page:
                    await page.say(f"Please: {word}.")
                    text = (await page.reply())["text"]
                    shown = "".join(frame["text"] for frame in page.of("delta"))
                assert text == shown, "what was shown while it came is what is stored"
                told[word] = (text, label_of(settings, dialogue))
            counted = await role_breaks_shown(here.world, here.world.studies.current("talking"))

    for word, (broken, kind) in ONCE.items():
        text, label = told[word]
        assert broken.strip() not in text
        assert (label["role_breaks"], label["regenerated"], label["used_safe_line"]) == ([kind], True, False)
    text, label = told["always"]
    assert ONCE["advice"][0].strip() not in text
    assert label["used_safe_line"] is True
    assert FOURTH.strip() not in told["four"][0]
    assert told["four"][1]["role_breaks"] == [RoleBreak.TOO_LONG]
    assert told["one"][1]["role_breaks"][0] == RoleBreak.TOO_SHORT
    assert sum(row["replies"] for row in counted) == sum(row["broken"] for row in counted) == len(told)
    assert sum(row["safe_line"] for row in counted) == sum(label["used_safe_line"] for _, label in told.values())
    assert {kind for row in counted for kind in row["kinds"]} >= {kind for _, kind in ONCE.values()}


def label_of(settings: Settings, dialogue: str) -> dict[str, Any]:
    """The label of the last message of a dialogue."""
    query = "SELECT payload FROM event WHERE dialogue_id = :id AND kind = 'said' ORDER BY seq"
    label: dict[str, Any] = orjson.loads(rows(settings.database_url, query, id=dialogue)[-1].payload)["label"]
    return label
