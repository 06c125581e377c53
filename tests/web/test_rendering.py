"""Pages show what they are given as text, whole, and in a form that the content security policy allows."""

from __future__ import annotations

import re
from copy import deepcopy
from html.parser import HTMLParser
from typing import Any

import jinja2
import pytest
from web_samples import all_pages, conversation

from web.filters import clock, date_time, markdown, money
from web.pages import STATIC, TEMPLATES, cache_control, render, static

POISON = """<script>alert(1)</script>"'><img src=x onerror=alert(1)>"""
CONTROLS = {"kind", "role", "state", "status", "at", "since", "started_at", "ended_at", "on_withdrawal", "place"}
"""Values that choose what is shown and are never shown themselves."""

PAGES = all_pages()
KNOWN_ATTRIBUTES = """
    action alt autocapitalize autocomplete autofocus charset checked class colspan content controls cx cy d datetime
    default defer fill focusable for height href hidden id inputmode kind label lang max maxlength method min name
    novalidate placeholder playsinline popover popovertarget popovertargetaction preload r readonly rel required role
    rows scope selected spellcheck src srclang stroke stroke-linecap stroke-width tabindex target text-anchor type value
    viewbox width x x1 x2 y y1 y2
"""
FRAMES = {"base.html", "participant/base.html", "desk/base.html"}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_renders_with_what_the_server_gives(name: str) -> None:
    """Each template is a whole page with one first heading, or a fragment of one."""
    template, context = PAGES[name]
    html = render(template, **context)
    assert html.count("<h1") == (0 if "/_" in template else 1)


def test_every_template_has_a_sample() -> None:
    """No template can be added without being rendered, looked at and checked here."""
    all_templates = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")}
    shown = {template for template, _ in PAGES.values()}
    parts = {name for name in all_templates if name.rsplit("/", 1)[-1].startswith("_")}
    assert all_templates - parts - FRAMES == shown - parts


@pytest.mark.parametrize("name", PAGES)
def test_every_shown_value_is_escaped(name: str) -> None:
    """Whatever text stands in any value, it comes out as text."""
    template, context = PAGES[name]
    plain, shown = Elements(), Elements()
    plain.feed(render(template, **context))
    shown.feed(render(template, **poisoned(deepcopy(context))))
    assert shown.tags.count("script") == plain.tags.count("script")
    assert "img" not in shown.tags
    assert "onerror" not in shown.attributes


class Elements(HTMLParser):
    """The tags and attributes of a page, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def poisoned(value: Any, key: str = "") -> Any:
    """The same context with poison in every text that is shown."""
    if isinstance(value, dict):
        return {name: poisoned(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [poisoned(inner, key) for inner in value]
    return POISON if isinstance(value, str) and key not in CONTROLS else value


@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_to_the_content_security_policy(name: str) -> None:
    """No inline script, style or handler, and nothing fetched from elsewhere."""
    template, context = PAGES[name]
    html = render(template, **context)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert not re.search(r"<[^>]*\s(style|on[a-z]+)=", html)
    assert "<style" not in html
    assert not re.search(r"<(script|link|img|video|track)[^>]*(src|href)=\"(https?:)?//", html)


@pytest.mark.parametrize("name", PAGES)
def test_attributes_do_not_run_into_one_another(name: str) -> None:
    """Every attribute that a page uses is one that HTML, ARIA, SVG or a module knows."""
    template, context = PAGES[name]
    elements = Elements()
    elements.feed(render(template, **context))
    assert {a for a in elements.attributes if not a.startswith(("data-", "aria-", "hx-"))} <= set(
        KNOWN_ATTRIBUTES.split()
    )


def test_a_missing_value_is_an_error() -> None:
    """A context that lacks something fails at once, and shows nobody a page with holes."""
    with pytest.raises(jinja2.UndefinedError):
        render("participant/practice.html", page=PAGES["practice"][1]["page"])


def test_what_was_typed_is_there_again_after_a_refusal() -> None:
    """A refused survey keeps its answers and names the question at fault."""
    template, context = PAGES["survey_refused"]
    html = render(template, **context)
    assert re.search(r'name="understanding" value="4"\s+checked', html)
    assert 'value="abc"' in html
    assert 'href="#item-empathized"' in html


def test_markdown_html_is_inert() -> None:
    """HTML in a text of the study is shown as text, and an address that runs code is no link."""
    html = str(markdown("<b onclick='x()'>bold</b> [go](javascript:alert(1)) <script>alert(1)</script>"))
    assert "<b" not in html
    assert "<script" not in html
    assert "<a" not in html


def test_markdown_headings_stand_below_the_title_of_the_page() -> None:
    """Whichever level a text begins with, its headings begin right below the title."""
    for text in ("# First\n\n## Second", "## First\n\n### Second"):
        assert str(markdown(text)).replace("\n", "") == "<h2>First</h2><h3>Second</h3>"


def test_markdown_tables_need_no_style() -> None:
    """The policy forbids `style`, with which the parser aligns columns."""
    html = str(markdown("| a | b |\n|---|--:|\n| 1 | 2 |"))
    assert "<table" in html
    assert "style" not in html


def test_addresses_of_files_change_with_their_content() -> None:
    """A file may be kept for long under the address that names its content, and under no other."""
    address = static("css/site.css")
    version = address.partition("?v=")[2]
    assert "immutable" in cache_control("css/site.css", version=version)
    assert cache_control("css/site.css", version="other") == "no-cache"
    assert cache_control("css/site.css", version=None) == "no-cache"
    assert cache_control("css/none.css", version=version) == "no-cache"


def test_a_file_that_is_not_there_has_no_address() -> None:
    with pytest.raises(FileNotFoundError):
        static("js/none.js")


def test_modules_import_only_what_is_there() -> None:
    """A module that is missing would show only when its page is opened."""
    for module in (STATIC / "js").glob("*.js"):
        for imported in re.findall(r'from "\./([^"]+)"', module.read_text(encoding="utf-8")):
            assert (STATIC / "js" / imported).is_file(), f"{module.name} imports {imported}"


def test_times_and_amounts_are_written_for_people() -> None:
    """Worked by hand: 202.4 s round to 3:22; a missing value is a dash."""
    assert clock(202.4) == "3:22"
    assert clock(None) == "–"
    assert date_time("2026-11-20T15:04:05.250Z") == "20 Nov 2026, 15:04:05 UTC"
    assert money(0.00123) == "$0.00123"
    assert money(None) == "–"


def test_practice_is_called_practice() -> None:
    """A conversation that belongs to no study has no number; in a study it has its round."""
    context = conversation()
    assert ">Conversation 1" in render("participant/conversation.html", **context)
    context["page"]["study"]["slug"] = "practice"

    html = render("participant/conversation.html", **context)

    assert ">Practice" in html
    assert "Conversation 1<" not in html
