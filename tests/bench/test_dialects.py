"""Participants of the contenders understand what these send. The frames are as the real programs sent them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from bench.contenders.places import NotInstalled, environment
from bench.dialects import DIALECTS
from bench.load import Load, Measured, Seat, as_json, load_of
from bench.participant import Clock, Participant

TOKENS = ["I", " went.", " It", " was."]
LOAD = Load(port=1, model_port=2, seats=[], tokens=TOKENS, tokens_per_s=30, period_s=20, seconds=1)
STEP = '{"id":"362042e7","parentId":"f38e","output":"%s","name":"Assistant","type":"assistant_message"}'
RUN = '{"id":"f38e","name":"on_message","type":"run","input":"","isError":false,"output":""}'
CHAINLIT = [
    '42["task_start",{}]',
    f'42["new_message",{RUN}]',
    f'42["stream_start",{STEP % "I"}]',
    *(
        f'42["stream_token",{{"id":"362042e7","token":"{one}","isSequence":false}}]'
        for one in (" went.", " It", " was.")
    ),
    f'42["update_message",{STEP % "I went. It was."}]',
    f'42["update_message",{RUN}]',
    '42["task_end",{}]',
]
OTREE = [
    *(f'{{"otree_success": true, "live_method_payload": {{"delta": "{one}"}}}}' for one in TOKENS),
    '{"otree_success": true, "live_method_payload": {"message": "I went. It was."}}',
]
OWN = [
    '{"type":"ack","client_id":"1","seq":2}',
    '{"type":"typing"}',
    *(f'{{"type":"delta","role":"seeker","text":"{one}"}}' for one in TOKENS),
    '{"type":"message","role":"seeker","text":"I went. It was."}',
]


def participant(dialect: str, *, sent: list[bytes], seat: Seat) -> tuple[Participant, Measured]:
    """Somebody who is counted, and whose frames go into `sent` instead of anywhere."""
    clock, measured = Clock(asyncio.get_running_loop()), Measured()
    clock.counts = True
    one = DIALECTS[dialect](LOAD, seat, clock=clock, measured=measured, draw=random.Random(1))
    one.send_text = sent.append  # type: ignore[method-assign]
    return one, measured


def tell(one: Participant, frames: Iterable[str]) -> None:
    for frame in frames:
        one.on_text(frame.encode())


@pytest.mark.parametrize(("dialect", "frames"), [("own", OWN), ("chainlit", CHAINLIT), ("otree", OTREE)])
async def test_a_whole_reply_is_one_turn_with_all_its_tokens(dialect: str, frames: list[str]) -> None:
    """Said once, first token and every other counted, nothing to complain of."""
    one, measured = participant(dialect, sent=[], seat=Seat())

    one.say()
    tell(one, frames)
    one.leave()

    assert (measured.said, measured.turns, measured.tokens) == (1, 1, 4)
    assert (len(measured.first_ms), len(measured.late_ms)) == (1, 3)
    assert measured.errors == {}


@pytest.mark.parametrize(("dialect", "frames"), [("own", OWN), ("chainlit", CHAINLIT), ("otree", OTREE)])
async def test_a_reply_with_a_lost_token_is_an_error(dialect: str, frames: list[str]) -> None:
    """What arrives piece by piece must be what the model said."""
    one, measured = participant(dialect, sent=[], seat=Seat())

    one.say()
    tell(one, [frame for frame in frames if " It" not in frame or "went" in frame])
    one.leave()

    assert measured.errors == {"another text than the model's": 1}


async def test_chainlit_is_joined_by_its_own_handshake() -> None:
    """Engine.io opens, socket.io connects with the session, the page says so; pings are answered."""
    sent: list[bytes] = []
    one, measured = participant("chainlit", sent=sent, seat=Seat(dialogue="a980"))

    tell(one, ['0{"sid":"pU","upgrades":[],"pingTimeout":20000,"pingInterval":25000}'])
    assert sent[-1].startswith(b"40") and orjson.loads(sent[-1][2:])["sessionId"] == "a980"
    assert not one.joined.done()
    tell(one, ['40{"sid":"Hj"}', "2"])

    assert one.joined.done() and sent[1:] == [b'42["connection_successful"]', b'42["fetch_favorites"]', b"3"]
    assert measured.errors == {}


@pytest.mark.parametrize(
    ("dialect", "frame"),
    [
        ("own", '{"type":"error","code":"closed"}'),
        ("chainlit", '44{"message":"authentication failed"}'),
        ("chainlit", '42["new_message",{"isError":true,"output":"no"}]'),
        ("otree", '{"otree_success": false, "live_method_payload": null}'),
    ],
)
async def test_what_a_server_refuses_is_an_error(dialect: str, frame: str) -> None:
    """Nobody's refusals are overlooked."""
    one, measured = participant(dialect, sent=[], seat=Seat())

    tell(one, [frame])

    assert sum(measured.errors.values()) == 1


async def test_everybody_begins_as_if_the_load_had_always_been_there() -> None:
    """Of 20,000 first waits a tenth falls into each tenth of the least period, as in a steady state."""
    one, _ = participant("own", sent=[], seat=Seat())
    waits: list[float] = []
    one._clock.later = lambda wait, _do: waits.append(wait)  # type: ignore[assignment,return-value]

    for _ in range(20_000):
        one.begin()

    # a renewal process is stationary when first waits below the least period (15 s of 20 ± 5) have density 1/20
    for start in (0, 5, 10):
        assert sum(start <= wait < start + 5 for wait in waits) / len(waits) == pytest.approx(0.25, abs=0.02)
    assert max(waits) <= 25


def test_a_load_survives_the_way_to_the_driver() -> None:
    """Seats and all."""
    load = replace(LOAD, seats=[Seat("token", "dialogue", "/path", "cookie=1")], measured_cores=[1])

    assert load_of(as_json(load)) == load


def test_a_contender_that_is_not_here_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the script's name, not by a traceback of something missing."""
    monkeypatch.setenv("BENCH_CONTENDERS", str(tmp_path))

    with pytest.raises(NotInstalled, match=r"setup\.sh"):
        environment("chainlit")
