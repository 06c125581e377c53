"""The storyboard of the lessons as values, and the captions and transcripts that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Line:
    """What stands on the screen for a while."""

    start_s: float
    end_s: float
    scene: str
    picture: str
    text: str
    quote: str
    """What the friend says in a speech bubble; empty: nothing."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One video."""

    name: str
    title: str
    seconds: float
    lines: tuple[Line, ...]


def read_storyboard(path: Path) -> tuple[Lesson, ...]:
    """The lessons of `path`, each line ending where the next begins."""
    written: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(_lesson(name, lesson) for name, lesson in written.items())


def _lesson(name: str, written: dict[str, Any]) -> Lesson:
    ends = [line["at"] for line in written["lines"][1:]] + [written["seconds"]]
    lines = tuple(
        Line(
            start_s=float(line["at"]),
            end_s=float(end),
            scene=line["scene"],
            picture=line["picture"],
            text=line["text"],
            quote=line.get("quote", ""),
        )
        for line, end in zip(written["lines"], ends, strict=True)
    )
    return Lesson(name=name, title=written["title"], seconds=float(written["seconds"]), lines=lines)


def captions(lesson: Lesson) -> str:
    """WebVTT: everything that can be read on the screen, at the time when it can be read."""
    cues = [
        f"{number}\n{_stamp(line.start_s)} --> {_stamp(line.end_s)}\n{line.text}\n{_said(line)}"
        for number, line in enumerate(lesson.lines, start=1)
    ]
    return "WEBVTT\n\n" + "\n".join(cues)


def transcript(lesson: Lesson) -> str:
    """Markdown for who reads rather than watches: what is seen in italics, what is written, what is said."""
    paragraphs = [
        f"*{line.picture}*\n\n{line.text}\n" + (f"\n> “{line.quote}”\n" if line.quote else "") for line in lesson.lines
    ]
    return f"{lesson.seconds:g} seconds, without sound.\n\n" + "\n".join(paragraphs)


def _said(line: Line) -> str:
    return f"<v Friend>“{line.quote}”\n" if line.quote else ""


def _stamp(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"00:{int(minutes):02d}:{rest:06.3f}"
