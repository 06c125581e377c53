"""The shipped study, walked in a browser by people of all four conditions, who know only what is on their pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain

import pytest
from playwright.sync_api import Page, expect

from core.sentences import sentences
from tests.browser.accessible import check_accessible
from tests.browser.conftest import NewPerson
from tests.browser.person import Person
from tests.server.served import Served

pytestmark = pytest.mark.browser

BEGINNING = ["Would you like to take part?", "How it works", "How you are with other people", "About you"]
LESSONS, COACH = "Short lessons", "Your communication coach"
BETWEEN = {"control": [], "video": [LESSONS], "ai_coach": [COACH], "combined": [LESSONS, COACH]}
AFTERWARDS = {LESSONS: "The two lessons", COACH: "The coach"}
WHOLE = "What you took from it"
NEVER_TOLD = re.compile(r"\b(control|ai_coach|combined)\b")
"""Names of conditions; `video` is a word of the page as well."""
MOST_ENTERED = 14
"""A block of eight holds two of each: no condition stays away for longer than six of one block and six of the next."""


def steps_of(condition: str) -> list[str]:
    """The titles of all pages that somebody in this condition walks through before the last."""
    between = BETWEEN[condition]
    rounds = [[f"Conversation {number}", "How did that go?", *(between if number < 3 else [])] for number in (1, 2, 3)]
    after = [*(AFTERWARDS[part] for part in between), *([WHOLE] if between else [])]
    return [*BEGINNING, *chain(*rounds), "Looking back", *after, "What this was about"]


@pytest.mark.parametrize("condition", BETWEEN)
def test_everyone_reaches_the_completion_code(condition: str, new_person: NewPerson, served: Served) -> None:
    """Each step comes once, in order, and no page tells the condition; at the end stand the code and one's results."""
    person = enter_as(condition, new_person, served)
    while (kind := person.kind()) != "end":
        assert not NEVER_TOLD.search(person.page.content())
        looks_closely = condition == "combined" and is_new(person)
        if looks_closely:
            check_accessible(person.page)
        person.do(kind)
        if looks_closely and kind in ("conversation", "coach"):
            check_accessible(person.page)
        if kind == "coach":
            check_feedback(person)
        person.go_on(kind)
    assert person.titles == steps_of(condition)
    expect(person.page.get_by_text("LENDANEAR", exact=True)).to_be_visible()
    check_results(person)


def is_new(person: Person) -> bool:
    """Whether this page was not there before; the second round's are like the first's."""
    return _unnumbered(person.title.inner_text()) not in map(_unnumbered, person.titles)


def _unnumbered(title: str) -> str:
    return title.rstrip(" 0123456789")


def enter_as(
    condition: str, new_person: NewPerson, served: Served, *, agree: Callable[[Person], None] = Person.agree
) -> Person:
    """Let people agree one after another until chance gives one of them this condition, which no page ever tells."""
    for _ in range(MOST_ENTERED):
        person = new_person()
        person.titles.append(person.title.inner_text())
        agree(person)
        query = "SELECT condition FROM participant WHERE external_id = :pid"
        if served.rows(query, pid=person.pid)[0][0] == condition:
            return person
        person.page.context.close()
    raise AssertionError(f"nobody came into {condition}")


def check_feedback(person: Person) -> None:
    """At most five sentences that quote own lines, marked in both; three meters; answers of at most two sentences."""
    page = person.page
    words = person.read_feedback()
    assert 1 <= len(sentences(words)) <= 5, words
    quotes = page.locator(".feedback a")
    assert quotes.count() >= 1, words
    for quote in quotes.all():
        marked = page.locator(quote.get_attribute("href") or "")
        assert any(marked.inner_text() in line for line in person.said)
        assert quote.inner_text().strip(".,!?…").lower() in marked.inner_text().lower()
    expect(page.get_by_role("meter")).to_have_count(3)
    for meter in page.get_by_role("meter").all():
        assert re.fullmatch(r"(10|[1-9]) out of 10", meter.get_attribute("aria-valuetext") or "")
    answer = page.get_by_role("log").locator("p").last.inner_text()
    assert 1 <= len(sentences(answer)) <= 2, answer


def check_results(person: Person) -> None:
    """All own lines can be read again, beside six dimensions over three rounds."""
    page = person.page
    page.get_by_text("Look at your own conversations").click()
    expect(page.get_by_role("heading", name="Your conversations", level=1)).to_be_visible()
    expect(page.locator("details")).to_have_count(3)
    reload_until_judged(page)
    expect(
        page.get_by_role("img", name=re.compile(r", round 1: [1-5], round 2: [1-5], round 3: [1-5]$"))
    ).to_have_count(6)
    for summary in page.locator("summary").all():
        summary.click()
    assert page.locator(".line--supporter p").all_inner_texts() == person.said
    check_accessible(page)


def reload_until_judged(page: Page) -> None:
    """The judge's job may take a moment; the page says so meanwhile."""
    pending = page.get_by_text("Some conversations are still being read")
    for _ in range(20):
        if not pending.count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError("the conversations were not judged in time")
