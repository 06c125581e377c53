"""The pages that people read about lendanear, and what stands in them: code, commands, tables and links."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "llm", "personas", "coach", "judges", "analysis", "server", "web")
TOP = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")
PAGES = tuple(sorted([*(ROOT / name for name in TOP), *(ROOT / "docs").rglob("*.md")]))
WRITTEN = (
    *PAGES,
    *(ROOT / n for n in ("Dockerfile", ".dockerignore", "docker-compose.yml", "CITATION.cff", "LICENSE")),
)

_FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Link:
    """A link or a picture in a page."""

    page: Path
    target: str
    is_picture: bool


def name(page: Path) -> str:
    """The page's path inside the project, for the ids of tests and for messages."""
    return page.relative_to(ROOT).as_posix()


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> list[str]:
    """The fenced blocks of a page."""
    return _FENCE.findall(text(page))


def inline_code(page: Path) -> list[str]:
    """What stands between single backticks, outside blocks."""
    return _INLINE.findall(_FENCE.sub("", text(page)))


def links(page: Path) -> list[Link]:
    """Every link and picture of a page, outside blocks."""
    found = _LINK.findall(_FENCE.sub("", text(page)))
    return [Link(page, target, bool(mark)) for mark, target in found]


def anchors(page: Path) -> set[str]:
    """The places inside a page that a link can lead to: its headings in lower case with hyphens."""
    titles = (title for _, title in _HEADING.findall(_FENCE.sub("", text(page))))
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def headings(page: Path, *, level: int) -> list[str]:
    return [title for marks, title in _HEADING.findall(text(page)) if len(marks) == level]


def section(page: Path, title: str) -> str:
    """What stands under the heading `title`, up to the next heading of the same level. Raises `KeyError`."""
    marks = {found: hashes for hashes, found in _HEADING.findall(text(page))}[title]
    return re.split(rf"^{marks} ", text(page).split(f"{marks} {title}\n", 1)[1], flags=re.MULTILINE)[0]


def first_cells(table: str) -> list[str]:
    """The first cell of every row of the tables in a text, without heads and rulers."""
    rows = [line for line in table.splitlines() if line.startswith("|")]
    rulers = {number for number, row in enumerate(rows) if set(row) <= set("|-: ")}
    return [row.split("|")[1].strip() for n, row in enumerate(rows) if n not in rulers and n + 1 not in rulers]


def codes(cell: str) -> list[str]:
    """The pieces of code in a table's cell."""
    return _INLINE.findall(cell)


def commands(page: Path) -> Iterator[list[str]]:
    """Every call of `lendanear` in a page, as its words from there on; shell comments are left out."""
    lines = [line for block in blocks(page) for line in block.splitlines()] + inline_code(page)
    for line in lines:
        words = shlex.split(line, comments=True) if "lendanear" in line else []
        for place, word in enumerate(words):
            if word in ("lendanear", ".venv/bin/lendanear") and words[place + 1 :]:
                yield words[place + 1 :]
                break
