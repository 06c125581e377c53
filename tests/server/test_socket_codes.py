"""The socket's close codes: every frame and every caller that does not belong is told so by its number."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.server.browsing import browser, give_consent
from tests.server.client import Client, Page, clients
from tests.server.served import Served

FRAME = 16 * 1024


@pytest.fixture
async def talker(server: Served) -> AsyncIterator[Client]:
    """Somebody at an open conversation; `talker.dialogue` is its name."""
    async with clients(server.url) as [person]:
        person.dialogue = (await person.consent("unhurried"))["content"]["dialogue"]  # type: ignore[attr-defined]
        yield person


def dialogue_of(talker: Client) -> str:
    return str(talker.dialogue)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "frame",
    [
        "{",
        "",
        "null",
        "[]",
        '"join"',
        "{}",
        '{"type": 5}',
        '{"type": "sing"}',
        '{"type": "say", "client_id": "a", "text": "before joining"}',
        '{"type": "typing"}',
        '{"type": "visibility", "visible": true}',
        '{"type": "join"}',
        '{"type": "join", "dialogue": 5, "after_seq": 0}',
        '{"type": "join", "dialogue": "x", "after_seq": "0"}',
        '{"type": "join", "dialogue": "x", "after_seq": true}',
        '{"type": "join", "dialogue": "x", "after_seq": -1}',
        '{"type": "join", "dialogue": "\\ud800", "after_seq": 0}',
        "[" * 5000,
    ],
)
async def test_malformed_first_frames_are_4400(talker: Client, frame: str) -> None:
    """Anything but a well-formed join (or a ping) as the first frame closes with 4400."""
    async with talker.page() as page:
        await page.socket.send_str(frame)
        assert await page.closing_code() == 4400


@pytest.mark.parametrize(
    "frame",
    [
        "not JSON",
        "[1]",
        '{"type": "say", "client_id": "a"}',
        '{"type": "say", "client_id": "", "text": "x"}',
        '{"type": "say", "client_id": "%s", "text": "x"}' % ("a" * 65),
        '{"type": "say", "client_id": 1, "text": "x"}',
        '{"type": "say", "client_id": "a", "text": 1}',
        '{"type": "say", "client_id": "a", "text": "x", "pasted": "yes"}',
        '{"type": "say", "client_id": "a", "text": "x", "pasted": null}',
        '{"type": "say", "text": "x"}',
        '{"type": "visibility"}',
        '{"type": "visibility", "visible": 1}',
        '{"type": "join", "dialogue": "%s", "after_seq": 0}',
        '{"type": "ack"}',
        '{"type": "typing"',
    ],
)
async def test_malformed_later_frames_are_4400(talker: Client, frame: str) -> None:
    """After the join the same holds, a second join included; nothing of such a frame is stored."""
    async with talker.page(dialogue_of(talker)) as page:
        seq = page.state["seq"]
        await page.socket.send_str(frame.replace("%s", dialogue_of(talker)))
        assert await page.closing_code() == 4400
    async with talker.page(dialogue_of(talker)) as page:
        assert [m["role"] for m in page.state["messages"]] == ["seeker"]
        assert page.state["seq"] > seq, "only joining and leaving were noted"


async def test_binary_frames_are_4400(talker: Client) -> None:
    """The socket speaks text."""
    async with talker.page() as page:
        join = {"type": "join", "dialogue": dialogue_of(talker), "after_seq": 0}
        await page.socket.send_bytes(json.dumps(join).encode())
        assert await page.closing_code() == 4400


async def test_ping_may_come_first(talker: Client) -> None:
    """A ping is answered before the join as well as after it."""
    async with talker.page() as page:
        await page.send("ping")
        assert (await page.next()) == {"type": "pong"}
        await page.join(dialogue_of(talker))
        await page.send("ping")
        await page.until("pong")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}], ids=str)
async def test_without_a_token_it_is_4401(talker: Client, headers: dict[str, str]) -> None:
    """The handshake is accepted, and then closed with 4401; there is no HTTP 403."""
    async with talker.page(headers=headers) as page:
        await page.send("join", dialogue=dialogue_of(talker), after_seq=0)
        assert await page.closing_code() == 4401


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", "OWN:1", "OWN"])
async def test_cookie_needs_our_own_origin(server: Served, origin: str | None) -> None:
    """A browser's cookie opens the socket from our own pages only: no other layer guards sockets."""
    async with browser() as http:
        person = Client(http, server.url)
        await give_consent(person, "unhurried")
        dialogue = (await person.me()).step["content"]["dialogue"]
        headers = {} if origin is None else {"Origin": origin.replace("OWN", server.url)}
        async with person.page(headers=headers) as page:
            await page.send("join", dialogue=dialogue, after_seq=0)
            if origin == "OWN":
                assert (await page.until("state"))["dialogue"] == dialogue
            else:
                assert await page.closing_code() == 4401


async def test_unknown_and_foreign_dialogues_are_4404(server: Served, talker: Client) -> None:
    """What is not there and what is somebody else's look the same, and the owner is not disturbed."""
    async with clients(server.url) as [stranger], talker.page(dialogue_of(talker)) as mine:
        await stranger.consent("unhurried")
        for dialogue in (dialogue_of(talker), "no-such-dialogue", "", "nul \x00", "x" * 5000):
            async with stranger.page() as page:
                await page.send("join", dialogue=dialogue, after_seq=0)
                assert await page.closing_code() == 4404
        assert (await mine.say("Still here."))["type"] == "ack"


async def test_nul_in_a_dialogue_is_4404_on_postgresql(postgres_server: Served) -> None:
    """A name that PostgreSQL could not even look for is a dialogue that is not there."""
    async with clients(postgres_server.url) as [person]:
        await person.consent("unhurried")
        async with person.page() as page:
            await page.send("join", dialogue="nul \x00", after_seq=0)
            assert await page.closing_code() == 4404


async def test_the_older_connection_gives_way_with_4409(talker: Client) -> None:
    """A second page takes the dialogue over; what the first still sends does nothing any more."""
    async with talker.page(dialogue_of(talker)) as older:
        await older.say("The first line starts the clock.")
        await older.until("message", role="seeker")
        async with talker.page(dialogue_of(talker)) as newer:
            assert newer.state["clock"]["running"] is True, "a takeover is no pause"
            assert await older.closing_code() == 4409
            heard = await newer.listen(0.5)
            assert not [f for f in heard if f["type"] == "clock" and not f["running"]]
            assert (await newer.say("And the second."))["type"] == "ack"


@pytest.mark.parametrize(
    ("length", "code"), [(FRAME, None), (FRAME + 1, 4413), (64 * 1024, 4413), (64 * 1024 + 1, 1009)]
)
@pytest.mark.parametrize("character", ["x", "ä"])
async def test_frames_have_a_greatest_size(talker: Client, length: int, code: int | None, character: str) -> None:
    """16 KiB of UTF-8 are read; one byte more is 4413, and above 64 KiB the transport says 1009."""
    async with talker.page(dialogue_of(talker)) as page:
        await page.socket.send_str(frame_of(length, character))
        if code is None:
            refused = await page.until("error")
            assert (refused["code"], refused["client_id"]) == ("too_long", "big")
        else:
            assert await page.closing_code() == code


def frame_of(length: int, character: str) -> str:
    """A `say` of exactly `length` bytes."""
    head, tail = '{"type": "say", "client_id": "big", "text": "', '"}'
    room = length - len(head) - len(tail)
    width = len(character.encode())
    text = character * (room // width) + "x" * (room % width)
    assert len((head + text + tail).encode()) == length
    return head + text + tail


async def test_more_than_twenty_frames_a_second_are_4429(talker: Client) -> None:
    """The flood is cut off; what was acknowledged before stands, and joining again is possible at once."""
    async with talker.page(dialogue_of(talker)) as page:
        ack = await page.say("Acknowledged before the flood.")
        await flood(page, 40)
        assert await page.closing_code() == 4429
    async with talker.page(dialogue_of(talker)) as page:
        said = [m for m in page.state["messages"] if m["role"] == "supporter"]
        assert [(m["seq"], m["text"]) for m in said] == [(ack["seq"], "Acknowledged before the flood.")]


async def test_twenty_frames_a_second_are_welcome(talker: Client) -> None:
    """A quick page is not a flood: the join and nineteen more within a second pass."""
    async with talker.page(dialogue_of(talker)) as page:
        await flood(page, 19)
        for _ in range(19):
            await page.until("pong")


async def flood(page: Page, frames: int) -> None:
    for _ in range(frames):
        try:
            await page.send("ping")
        except (aiohttp.ClientError, ConnectionError):
            return
