"""A sample of a transcript file that can be drawn again: whole conversations, or replies with what led to them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from core.errors import Unusable
from core.transcript import Role, Transcript
from core.written import check_ordinary, text_of, write_whole
from judges.source import read_transcripts


@dataclass(frozen=True, slots=True)
class Sampled:
    """How many were drawn, out of how many."""

    drawn: int
    of: int


def sample_file(source: Path, out: Path, *, size: int, seed: int, replies: bool = False) -> Sampled:
    """Write `size` transcripts of `source`, drawn without replacement, to `out` in the order of the file.

    Whole lines stay as they are, `ratings` and all. With `replies` each supporter's message that answers something is
    drawn from by itself: its transcript ends there, and its id is the conversation's with `@` and the message's number.
    The same file, size and seed give the same sample. Raises `Unusable` for a faulty file and for one that holds fewer.
    """
    check_ordinary(out)
    if out.resolve() == source.resolve():
        raise Unusable(f"{out}: is the file to draw from; name another one for --out")
    transcripts = list(read_transcripts(source))
    lines = _replies(transcripts) if replies else _whole(source)
    if len(lines) < size:
        what = "replies" if replies else "transcripts"
        raise Unusable(f"{source}: holds {len(lines)} {what}, {size} are asked for")
    drawn = sorted(Random(seed).sample(range(len(lines)), size))  # noqa: S311 - a drawn sample, no secret
    write_whole(out, "".join(f"{lines[place]}\n" for place in drawn))
    return Sampled(size, of=len(lines))


def _whole(source: Path) -> list[str]:
    """The lines of a file that is known to hold transcripts alone."""
    return [line for line in text_of(source).split("\n") if line.strip()]


def _replies(transcripts: Sequence[Transcript]) -> list[str]:
    return [
        _as_line(transcript, end=place)
        for transcript in transcripts
        for place, message in enumerate(transcript.messages, start=1)
        if message.role is Role.SUPPORTER and message.text.strip() and _is_told(transcript, before=place)
    ]


def _is_told(transcript: Transcript, *, before: int) -> bool:
    return any(message.role is Role.SEEKER for message in transcript.messages[: before - 1])


def _as_line(transcript: Transcript, *, end: int) -> str:
    messages = [{"role": message.role.value, "text": message.text} for message in transcript.messages[:end]]
    line: dict[str, object] = {"id": f"{transcript.id}@{end}", "messages": messages}
    if transcript.scenario is not None:
        line["scenario"] = transcript.scenario
    return json.dumps(line, ensure_ascii=False)
