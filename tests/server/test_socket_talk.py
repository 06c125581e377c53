"""Talking over the socket: acknowledged is stored, once; a preview is only a preview; a refusal has a name."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from tests.server.browsing import at_the_desk
from tests.server.client import Client, clients
from tests.server.served import Served


@pytest.fixture
async def talker(server: Served) -> AsyncIterator[tuple[Client, str]]:
    """Somebody at an open conversation, and its name."""
    async with clients(server.url) as [person]:
        yield person, (await person.consent("unhurried"))["content"]["dialogue"]


async def test_a_repeated_line_stands_once(talker: tuple[Client, str]) -> None:
    """The same `client_id` is acknowledged with the first seq, at once and later; its new text is ignored."""
    person, dialogue = talker
    async with person.page(dialogue) as page:
        first = await page.say("What happened?", client_id="one")
        while_waiting = await page.say("Something else", client_id="one")
        await page.reply()
        later = await page.say("", client_id="one")
        assert first["seq"] == while_waiting["seq"] == later["seq"]
    async with person.page(dialogue) as page:
        assert [m["text"] for m in page.state["messages"] if m["role"] == "supporter"] == ["What happened?"]


async def test_a_repeated_line_is_acknowledged_after_the_close(server: Served) -> None:
    """Whose acknowledgement got lost hears it even when the conversation is over by then."""
    async with clients(server.url) as [person]:
        dialogue = (await person.consent("brief"))["content"]["dialogue"]
        async with person.page(dialogue) as page:
            first = await page.say("What happened?", client_id="one")
            await page.until("closed")
        async with person.page(dialogue) as page:
            await page.send("say", client_id="one", text="What happened?")
            await page.send("say", client_id="two", text="Too late")
            assert await page.closing_code() == 1000
        assert [f["type"] for f in page.frames][:2] == ["state", "closed"]
        assert page.state["status"] == "closed"
        assert [m["seq"] for m in page.state["messages"] if m["role"] == "supporter"] == [first["seq"]]


@pytest.mark.parametrize(
    ("text", "code"), [("", "empty"), (" \n\t ", "empty"), ("x" * 2001, "too_long"), ("😀" * 2001, "too_long")]
)
async def test_lines_that_cannot_be_taken_are_refused_by_name(talker: tuple[Client, str], text: str, code: str) -> None:
    """An `error` with the line's id, a sentence, and whether sending it again could help; nothing is stored."""
    person, dialogue = talker
    async with person.page(dialogue) as page:
        refused = await page.say(text, client_id="odd")
        assert (refused["type"], refused["code"], refused["retryable"]) == ("error", code, False)
        assert refused["message"]
        assert (await page.say("Better.", client_id="odd"))["type"] == "ack", "its id is still free"


async def test_a_second_line_waits_for_the_reply(talker: tuple[Client, str]) -> None:
    """While a reply is outstanding another line is `not_your_turn`; sent again after the reply, it is taken."""
    person, dialogue = talker
    async with person.page(dialogue) as page:
        for client_id in ("first", "next"):
            await page.send("say", client_id=client_id, text="What happened?")
        await page.until("ack", client_id="first")
        refused = await page.until("error", client_id="next")
        assert (refused["code"], refused["retryable"]) == ("not_your_turn", True)
        await page.reply()
        assert (await page.say("And then?", client_id="next"))["type"] == "ack"


TEXTS = ["😀" * 2000, "<b>&amp; '\"</b>", "=1+1", "line\nbreak", "\u202ertl", "nul \x00 in it", "e\u0301 é"]


@pytest.mark.parametrize("text", TEXTS)
async def test_text_is_kept_letter_for_letter(either_server: Served, text: str) -> None:
    """White space goes at both ends; everything between stays as it was typed, up to 2,000 code points."""
    async with clients(either_server.url) as [person]:
        dialogue = (await person.consent("unhurried"))["content"]["dialogue"]
        async with person.page(dialogue) as page:
            await page.say(f"  {text}\n ")
        async with person.page(dialogue) as page:
            assert page.state["messages"][1]["text"] == text


@pytest.mark.parametrize("slug", ["unhurried", "wordwise"])
async def test_preview_becomes_the_message(server: Served, slug: str) -> None:
    """`ack` first, then `typing` and deltas, then the message; the deltas joined are the message."""
    async with clients(server.url) as [person]:
        dialogue = (await person.consent(slug))["content"]["dialogue"]
        async with person.page(dialogue) as page:
            await page.say("That sounds hard. How are you now?")
            message = await page.until("message", role="seeker")
            kinds = [f["type"] for f in page.frames]
            assert kinds.index("ack") < kinds.index("clock")
            assert kinds.index("ack") < kinds.index("typing") < kinds.index("delta") < kinds.index("message")
            assert "".join(f["text"] for f in page.of("delta")) == message["text"]
            assert all(f["role"] == "seeker" for f in page.of("delta") + page.of("typing"))
        async with person.page(dialogue) as page:
            assert page.state["messages"][-1] == {k: v for k, v in message.items() if k != "type"}


async def test_state_tells_what_came_after(talker: tuple[Client, str]) -> None:
    """`after_seq` leaves out what is known; what `state` holds does not come again as a frame."""
    person, dialogue = talker
    async with person.page(dialogue) as page:
        opener = page.state["messages"][0]["seq"]
        ack = await page.say("What happened?")
        reply = await page.until("message", role="seeker")
    async with person.page() as page:
        state = await page.join(dialogue, after_seq=opener)
        assert [m["seq"] for m in state["messages"]] == [ack["seq"], reply["seq"]]
        assert state["seq"] >= reply["seq"]
        assert not [f for f in await page.listen(0.3) if f["type"] == "message"]
    async with person.page() as page:
        assert (await page.join(dialogue, after_seq=10**12))["messages"] == []


async def test_how_a_line_was_written_is_stored(talker: tuple[Client, str], server: Served) -> None:
    """Pasting is kept; the time of composing runs from the first `typing` after the last message to the line."""
    person, dialogue = talker
    async with person.page(dialogue) as page:
        await page.send("typing")
        await asyncio.sleep(0.4)
        await page.send("typing")
        await page.say("Typed.")
        await page.until("message", role="seeker")
        await page.say("Pasted.", pasted=True)
    query = "SELECT payload FROM event WHERE dialogue_id = :id AND kind = 'said' ORDER BY seq"
    said = [json.loads(row.payload) for row in server.rows(query, id=dialogue)]
    typed, pasted = (s for s in said if s["role"] == "supporter")
    assert 350 <= typed["compose_ms"] < 2_000
    assert (typed["pasted"], pasted["pasted"], pasted["compose_ms"]) == (False, True, None)


async def test_words_of_self_harm_bring_help(talker: tuple[Client, str], server: Served) -> None:
    """The line is taken, the clock pauses, help lines are shown, and the desk has an alert that names no words."""
    person, dialogue = talker
    async with person.page(dialogue) as page:
        assert (await page.say("I want to kill myself."))["type"] == "ack"
        notice = await page.until("notice", code="support_resources")
        assert "help" in notice["text"]
        paused = page.of("clock")[-1] if page.of("clock") else await page.until("clock")
        assert "support" in paused["paused_by"] and paused["running"] is False
        await page.until("message", role="seeker")
        await page.say("Thank you, I am safe.")
        assert (await page.until_clock())["running"] is True
    async with at_the_desk(server) as desk:
        live = await desk.call("GET", "/desk/studies/unhurried/live")
        assert live.status == 200
        assert person.id[-8:] in live.body and dialogue in live.body
        assert "self-harm" in live.body and "kill myself" not in live.body
