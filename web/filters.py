"""Filters of the templates: Markdown without HTML, times, lengths of time and amounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from core.count import counted
from core.money import dollars


@cache
def _markdown() -> MarkdownIt:
    """CommonMark and tables; HTML in the text is shown as text, and unsafe addresses do not become links."""
    return MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(["table", "replacements"])


def markdown(text: str, level: int = 2) -> Markup:
    """The text as HTML; its topmost headings become those of `level`, since a page has one first heading, its title."""
    parser = _markdown()
    tokens = parser.parse(text)
    _shift_headings(tokens, topmost=level)
    _tidy_attributes(tokens)
    return Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704 - the parser escapes all HTML


def _shift_headings(tokens: Sequence[Token], *, topmost: int) -> None:
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    by = topmost - min((int(token.tag[1:]) for token in headings), default=topmost)
    for token in headings:
        token.tag = f"h{min(6, int(token.tag[1:]) + by)}"


def _tidy_attributes(tokens: Sequence[Token]) -> None:
    """The content security policy forbids `style`; links leave the page in a tab of their own and tell no origin."""
    for token in tokens:
        token.attrs.pop("style", None)
        if token.type == "link_open" and "://" in str(token.attrs.get("href", "")):
            token.attrs.update(target="_blank", rel="noopener noreferrer")
        _tidy_attributes(token.children or ())


def _moment(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def date(value: datetime | str | None) -> str:
    """As in `20 Nov 2026`; a dash for None."""
    return "–" if value is None else f"{(moment := _moment(value)).day} {moment:%b %Y}"


def date_time(value: datetime | str | None) -> str:
    """As in `20 Nov 2026, 15:04:05 UTC`; a dash for None."""
    return "–" if value is None else f"{date(value)}, {_moment(value):%H:%M:%S} UTC"


def iso(value: datetime | str) -> str:
    """For the `datetime` attribute: UTC with milliseconds."""
    return _moment(value).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def clock(seconds: float | None) -> str:
    """Minutes and seconds as on the participants' clock, `3:22`; a dash for None."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes}:{rest:02d}"


def money(usd: float | None) -> str:
    """US dollars; a dash for None (no price is known)."""
    return "–" if usd is None else dollars(usd)


def count(value: float | None) -> str:
    """With thousands apart; a dash for None."""
    return "–" if value is None else f"{value:,}"


def words(name: str) -> str:
    """A key as words: `ai_coach` is `ai coach`."""
    return name.replace("_", " ")


FILTERS: dict[str, Callable[..., Any]] = {
    "markdown": markdown,
    "date": date,
    "date_time": date_time,
    "iso": iso,
    "clock": clock,
    "money": money,
    "count": count,
    "counted": counted,
    "words": words,
}
