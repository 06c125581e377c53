"""Events as they are stored: every kind comes back from its payload as it went in."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import PauseCause
from core.dialogue import fold
from core.events import (
    Alerted,
    Beat,
    Closed,
    CloseReason,
    Entry,
    Event,
    Joined,
    Opened,
    Paused,
    Resumed,
    Said,
    TakenUp,
    Unseen,
    from_payload,
    to_payload,
)
from core.transcript import Role

HARD_TEXTS = [
    "nothing\x00 to see",
    "\x1b[31m\x07\x7f",
    "\N{LOUDLY CRYING FACE}\N{ZERO WIDTH JOINER}\N{HEAVY BLACK HEART}\ufe0f",
    "'one' \"two\" \\three\\ `four` “five”",
    "\u202bשלום، سلام\u202c",
    "line\r\nline\u2028line\u2029line",
    "=cmd|' /C calc'!A0",
    '{"kind": "closed"}',
    "\ufeffe\u0301",
]
EVENTS: list[Event] = [
    Opened(counterpart=Role.SEEKER, limit_ms=240_000, idle_ms=60_000, reply_time_counts=False),
    Opened(counterpart=Role.COACH),
    Joined("page"),
    Joined("page", process="p1"),
    Said(role=Role.SUPPORTER, text="Oh no.", client_id="a", pasted=True, compose_ms=3_000),
    Said(
        role=Role.SEEKER,
        text="Yes.",
        label={"model": "m", "role": "seeker", "breaks": [1, 2], "parameters": {"t": 0.7}},
    ),
    Beat(),
    TakenUp(),
    Alerted(seq=7),
    *[Paused(cause) for cause in PauseCause],
    Unseen(4_200),
    *[Resumed(cause) for cause in PauseCause],
    *[Closed(reason) for reason in CloseReason],
]


def stored(event: Event) -> Event:
    """The event after it has been JSON."""
    return from_payload(event.kind, json.loads(json.dumps(to_payload(event))))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
def test_every_kind_comes_back_as_it_was(event: Event) -> None:
    """Values, kinds and enums alike."""
    assert stored(event) == event
    assert type(stored(event)) is type(event)


def test_enums_come_back_as_enums() -> None:
    """A cause that is only equal to its name would not be found by `is`."""
    paused, closed = stored(Paused(PauseCause.IDLE)), stored(Closed(CloseReason.TIME))
    said = stored(Said(role=Role.SUPPORTER, text="Oh no."))
    assert isinstance(paused, Paused) and paused.cause is PauseCause.IDLE
    assert isinstance(closed, Closed) and closed.reason is CloseReason.TIME
    assert isinstance(said, Said) and said.role is Role.SUPPORTER


@pytest.mark.parametrize("text", HARD_TEXTS)
def test_hard_texts_come_back_as_they_were(text: str) -> None:
    """NUL, emoji, quotes, right-to-left marks and line separators survive, in texts and in names."""
    event = Said(role=Role.SUPPORTER, text=text, client_id=text, label={text: text})

    assert stored(event) == event


@given(text=st.text(), client_id=st.none() | st.text(min_size=1, max_size=64), compose_ms=st.none() | st.integers(0))
def test_any_text_comes_back_as_it_was(text: str, client_id: str | None, compose_ms: int | None) -> None:
    """Whatever people write."""
    event = Said(role=Role.SUPPORTER, text=text, client_id=client_id, compose_ms=compose_ms)

    assert stored(event) == event


def test_a_payload_holds_the_fields_and_not_the_kind() -> None:
    """The kind has a column of its own, which is the only place that says it."""
    assert to_payload(Paused(PauseCause.HIDDEN)) == {"cause": "hidden"}
    assert to_payload(Beat()) == {}


def test_older_payloads_lack_what_was_added_later() -> None:
    """A field with a default may be absent from what was stored before it existed."""
    assert from_payload("opened", {"counterpart": "coach"}) == Opened(counterpart=Role.COACH)


def test_a_log_with_older_beats_folds_as_it_did() -> None:
    """`opened` once told how often a dialogue beats; a crash gives back the time since the last of its own beats."""
    opened = {"counterpart": "seeker", "limit_ms": 240_000, "idle_ms": 60_000, "reply_time_counts": True}
    rows: list[tuple[int, str, dict[str, object]]] = [
        (1_000, "opened", opened | {"beat_ms": 5_000}),
        (2_000, "joined", {"connection": "page", "process": "p1"}),
        (3_000, "said", {"role": "seeker", "text": "Hello."}),
        (10_000, "said", {"role": "supporter", "text": "Hi."}),
        (15_000, "beat", {}),
        (20_000, "beat", {}),
        (60_000, "taken_up", {}),
    ]

    log = [Entry(seq, at, from_payload(kind, payload)) for seq, (at, kind, payload) in enumerate(rows, start=1)]
    dialogue = fold(log)

    assert [spoken.text for spoken in dialogue.messages] == ["Hello.", "Hi."]
    assert dialogue.clock is not None
    assert dialogue.clock.limit_ms == 240_000
    assert dialogue.clock.used(61_000) == 11_000  # 10 s from the first line to the last beat, and 1 s since taken up


def test_unknown_kind_is_an_error() -> None:
    """A log of a later version is not read half."""
    with pytest.raises(KeyError):
        from_payload("sung", {})
    with pytest.raises(ValueError, match="boredom"):
        from_payload("paused", {"cause": "boredom"})
