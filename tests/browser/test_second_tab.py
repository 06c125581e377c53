"""Two tabs, another browser, a tab out of sight and a long silence: one conversation, one place, one clock."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewContext, NewPerson
from tests.browser.person import LINES, Person
from tests.server.served import Served

pytestmark = pytest.mark.browser

ELSEWHERE = "has been opened in another tab or window"
OUT_OF_SIGHT = "paused: this page was out of sight"
BRIEFLY_MS = 1_300
PRETEND_HIDDEN = """hidden => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_second_tab_takes_over_and_the_first_can_take_back(new_person: NewPerson) -> None:
    """The older tab says where the conversation went and takes no lines; its button brings everything back."""
    first = new_person(study="unhurried")
    first.walk(until="conversation")
    first.say(LINES[0])
    expect(first.page.locator(".message--seeker")).to_have_count(2)
    first.box.fill("Half a thought")
    second = Person(first.page.context.new_page())
    second.page.goto(first.page.url)
    expect(second.open_box).to_be_visible()
    expect(first.page.get_by_text(ELSEWHERE)).to_be_visible()
    expect(first.box).to_have_attribute("aria-readonly", "true")
    second.say(LINES[1])
    expect(second.page.locator(".message--seeker")).to_have_count(3)
    expect(first.page.locator(".message--seeker")).to_have_count(2)

    first.page.get_by_role("button", name="Continue here").click()
    expect(first.page.get_by_text(ELSEWHERE)).to_be_hidden()
    expect(second.page.get_by_text(ELSEWHERE)).to_be_visible()
    expect(first.page.locator(".message--seeker")).to_have_count(3)
    expect(first.page.locator(".message--supporter")).to_have_count(2)
    expect(first.open_box).to_have_value("Half a thought")


def test_coming_back_by_the_link_in_another_browser_leads_to_the_same_place(
    new_person: NewPerson, new_context: NewContext
) -> None:
    """Who closes the tab and opens the link anew, without cookies, finds the same step, lines and clock.

    A second of silence stops this clock of four, so more than that cannot be gone.
    """
    before = new_person()
    before.walk(until="conversation")
    before.say(LINES[0])
    expect(before.page.locator(".message--seeker")).to_have_count(2)
    place, said = before.place.inner_text(), before.page.locator(".log p").all_inner_texts()
    before.page.context.close()

    after = new_person(new_context(), pid=before.pid)
    expect(after.place).to_have_text(place)
    expect(after.page.locator(".message--seeker")).to_have_count(2)
    assert after.page.locator(".log p").all_inner_texts() == said
    expect(after.page.get_by_role("timer")).to_have_text(re.compile("0:0[34]"))
    after.converse()
    after.go_on("conversation")
    expect(after.title).to_have_text("How did that go?")


def test_the_clock_stands_while_the_page_is_out_of_sight(new_person: NewPerson) -> None:
    """Hidden, it stands and says why; in sight again, it goes on from there."""
    person = new_person(study="unhurried")
    person.walk(until="conversation")
    person.say(LINES[0])
    person.page.evaluate(PRETEND_HIDDEN, True)
    expect(person.page.get_by_text(OUT_OF_SIGHT)).to_be_visible()
    stood_at = person.page.get_by_role("timer").inner_text()
    person.page.wait_for_timeout(BRIEFLY_MS)
    expect(person.page.get_by_role("timer")).to_have_text(stood_at)
    person.page.evaluate(PRETEND_HIDDEN, False)
    expect(person.page.get_by_text(OUT_OF_SIGHT)).to_be_hidden()
    expect(person.page.get_by_role("timer")).not_to_have_text(stood_at)


def test_after_a_minute_of_silence_the_clock_waits_for_the_next_line(new_person: NewPerson) -> None:
    """The page says once that it waits and what makes it go on; the next line does."""
    person = new_person()
    page = person.page
    person.walk(until="conversation")
    person.say(LINES[0])
    expect(page.get_by_text("It has been a while")).to_be_visible()
    expect(page.get_by_text("paused: goes on with your next message")).to_be_visible()
    stood_at = page.get_by_role("timer").inner_text()
    page.wait_for_timeout(BRIEFLY_MS)
    expect(page.get_by_role("timer")).to_have_text(stood_at)
    person.say(LINES[1])
    expect(page.get_by_text("It has been a while")).to_be_hidden()
    expect(page.get_by_role("timer")).not_to_have_text(stood_at)


def test_who_has_finished_is_not_asked_again(new_person: NewPerson, new_context: NewContext, served: Served) -> None:
    """The link leads back to the code, in the same browser and in another."""
    before = new_person(study="brief")
    before.walk()
    code = page_code(before.page)
    before.page.goto(f"{served.url}/s/brief")
    assert page_code(before.page) == code == "DONE"
    after = new_person(new_context(), study="brief", pid=before.pid)
    assert page_code(after.page) == code


def page_code(page: Page) -> str:
    return page.locator("#completion-code").inner_text()
