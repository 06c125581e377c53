"""One participant's whole walk with the keyboard alone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPerson
from tests.browser.person import LINES, MOMENT_MS, QUESTION, SETTLED_MS, Person
from tests.browser.test_journey import enter_as
from tests.server.served import Served

pytestmark = pytest.mark.browser

MOST_TABS = 60
AFTER_TYPING_MS = 1_300
"""Continue does not take an Enter that was meant for the line in which the time ran out."""
FOCUSED = """() => {
    const here = document.activeElement;
    const shown = getComputedStyle(here.closest(".choice") ?? here);
    return { tag: here.localName, type: here.type ?? "", name: here.name ?? "", words: here.textContent.trim(),
             outlined: shown.outlineStyle !== "none" || ["video", "body"].includes(here.localName) };
}"""


def test_the_whole_study_without_a_mouse(new_person: NewPerson, served: Served) -> None:
    """Tab, Space, Enter and arrows are enough from consent to the code, and one always sees where one is."""
    person = enter_as("combined", new_person, served, agree=agree)
    walked: list[str] = []
    while (kind := person.kind()) != "end":
        acts = {"survey": answer, "conversation": converse, "video": watch, "coach": ask_coach}
        if kind in acts:
            acts[kind](person)
        before = person.place.inner_text()
        tab_to(person.page, "Continue")
        person.page.keyboard.press("Enter")
        expect(person.place).not_to_have_text(before, timeout=SETTLED_MS)
        walked.append(kind)
    assert walked.count("conversation") == 3 and walked.count("coach") == walked.count("video") == 2
    tab_to(person.page, "Look at your own conversations")
    person.page.keyboard.press("Enter")
    expect(person.page.get_by_role("heading", name="Your conversations", level=1)).to_be_visible()
    tab_to(person.page, "Round 1:")
    person.page.keyboard.press("Enter")
    expect(person.page.locator(".line--supporter").first).to_be_visible()


def focused(page: Page) -> dict[str, Any]:
    """What has the focus, which must be to be seen."""
    here: dict[str, Any] = page.evaluate(FOCUSED)
    assert here["outlined"], here
    return here


def tab(page: Page) -> dict[str, Any]:
    page.keyboard.press("Tab")
    return focused(page)


def tab_to(page: Page, words: str = "", *, tag: str = "") -> None:
    """Press Tab until what begins with these words, or is such an element, has the focus."""
    for _ in range(MOST_TABS):
        here = page.evaluate(FOCUSED)
        if (words and here["words"].startswith(words)) or (tag and here["tag"] == tag):
            return
        tab(page)
    raise AssertionError(f"{words or tag} is not within {MOST_TABS} tabs")


def tab_into(wanted: Locator) -> None:
    """Press Tab until just this element has the focus; a video's own controls count as the video."""
    for _ in range(MOST_TABS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        tab(wanted.page)
    raise AssertionError(f"{wanted} is not within {MOST_TABS} tabs")


def agree(person: Person) -> None:
    """The first Tab skips to the content; Space ticks, Enter agrees."""
    page = person.page
    page.keyboard.press("Tab")
    assert focused(page)["words"] == "Skip to the content"
    page.keyboard.press("Enter")
    while (here := tab(page))["name"] != "time_factor":
        assert here["tag"] != "body"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert tab(page)["name"] == "consent"
    page.keyboard.press("Space")
    assert tab(page)["words"] == "I agree: begin"
    page.keyboard.press("Enter")
    expect(person.place).to_contain_text("Step 2 of")


def answer(person: Person) -> None:
    """Every field in turn: Space and an arrow for a scale, letters for a box, until Continue has the focus."""
    page = person.page
    tab_to(page, tag="input")
    while (here := focused(page))["words"] != "Continue":
        if here["type"] == "radio":
            page.keyboard.press("Space")
            if here["name"] != "ai_assistance":
                page.keyboard.press("ArrowRight")
        elif here["tag"] in ("input", "textarea"):
            page.keyboard.type("34")
        tab(page)


def converse(person: Person) -> None:
    """The way to the box, lines by Enter; when the time is up, the focus is on Continue."""
    page = person.page
    expect(person.open_box).to_be_visible()
    tab_to(page, tag="textarea")
    for line in LINES * 10:
        if not person.is_my_turn():
            break
        page.keyboard.type(line)
        page.keyboard.press("Enter")
    expect(person.onward).to_be_focused()
    page.wait_for_timeout(AFTER_TYPING_MS)


def watch(person: Person) -> None:
    """Space plays, End skips to the end."""
    page = person.page
    for lesson in page.locator("section.lesson").all():
        tab_into(lesson.locator("video"))
        page.keyboard.press("Space")
        expect(lesson.get_by_text("Playing")).to_be_visible()
        page.wait_for_timeout(MOMENT_MS)
        page.keyboard.press("End")
        expect(lesson.get_by_text("Watched", exact=True)).to_be_visible()


def ask_coach(person: Person) -> None:
    """The quotes of the feedback are links to one's own lines; then a question."""
    page = person.page
    person.read_feedback()
    quote = page.locator(".feedback a").first
    tab_to(page, quote.inner_text())
    page.keyboard.press("Enter")
    expect(page.locator(quote.get_attribute("href") or "")).to_be_in_viewport()
    page.keyboard.press("Shift+Tab")
    tab_to(page, tag="textarea")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.get_by_role("log").get_by_text("The coach:")).to_have_count(1, timeout=SETTLED_MS)
