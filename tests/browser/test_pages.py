"""What somebody meets on the single pages: consent, questions, a conversation and its clock."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessible import check_accessible
from tests.browser.conftest import NewPerson
from tests.browser.faults import Faults
from tests.browser.person import LINES, Person
from tests.server.served import Served

pytestmark = pytest.mark.browser

BRIEFLY_MS = 1_200
REMEMBER_WHAT_WAS_SHOWN = """
    window.shown = { typing: 0, waiting: 0 };
    new MutationObserver(() => {
        if (document.querySelector("[data-preview]:not([hidden])")) window.shown.typing += 1;
        if (document.querySelector("[data-box][aria-readonly=true]")) window.shown.waiting += 1;
    }).observe(document, { subtree: true, childList: true, attributes: true });
"""


def seconds(person: Person) -> int:
    """What the clock on the page says."""
    minutes, rest = person.page.get_by_role("timer").inner_text().split(":")
    return 60 * int(minutes) + int(rest)


def bubbles(page: Page) -> list[str]:
    return page.locator(".log .message p").all_inner_texts()


def test_nothing_begins_without_consent(new_person: NewPerson, served: Served) -> None:
    """Without the tick the page stays, leads to the box and stores nobody; with it the study begins."""
    person = new_person()
    person.page.get_by_role("button", name="I agree: begin").click()
    expect(person.page.get_by_role("checkbox", name="I have read this page")).to_be_focused()
    assert served.rows("SELECT id FROM participant WHERE external_id = :pid", pid=person.pid) == []
    person.agree()
    expect(person.title).to_have_text("How it works")


def test_the_server_asks_for_consent_where_the_browser_does_not(new_person: NewPerson, faults: Faults) -> None:
    """Where nothing checks the form beforehand, the refusal comes back on the page, and what was chosen stays."""
    faults.expect("422")
    page = new_person().page
    page.get_by_label("1.5 times the usual time").check()
    page.get_by_role("main").locator("form").evaluate("form => { form.noValidate = true; }")
    page.get_by_role("button", name="I agree: begin").click()
    expect(page.get_by_role("alert")).to_contain_text("Please tick the box")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("1.5 times the usual time")).to_be_checked()


def test_a_missing_answer_is_named_and_nothing_typed_is_lost(new_person: NewPerson) -> None:
    """The question left out says so itself and in a summary that leads to it; a reload keeps what was chosen."""
    person = new_person()
    page = person.page
    person.walk(until="survey")
    left_out = page.get_by_role("group", name="Seeing someone in tears")
    for group in page.get_by_role("group").all()[:-2]:
        group.get_by_role("radio").nth(3).check()
    page.reload()
    expect(page.locator("input:checked")).to_have_count(6)
    person.onward.click()
    expect(page.get_by_role("alert")).to_contain_text("2 answers are still missing")
    expect(left_out.get_by_text("Please answer this question.")).to_be_visible()
    page.get_by_role("alert").get_by_role("link", name="Seeing someone in tears").click()
    expect(left_out.get_by_role("radio").first).to_be_focused()
    expect(page.locator("input:checked")).to_have_count(6)
    check_accessible(page)


def test_an_answer_out_of_range_comes_back_with_the_reason(new_person: NewPerson, faults: Faults) -> None:
    """The server's own refusal stands at its question, beside everything that was typed."""
    faults.expect("422")
    person = new_person()
    page = person.page
    person.walk(until="survey")
    person.do("survey")
    person.go_on("survey")
    page.get_by_label("How old are you?").fill("12")
    page.get_by_label("Female", exact=True).check()
    page.get_by_label("Asian", exact=True).check()
    person.onward.click()
    expect(page.get_by_role("alert")).to_contain_text("from 18 to 120")
    expect(page.get_by_label("How old are you?")).to_have_value("12")
    expect(page.get_by_label("How old are you?")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Asian", exact=True)).to_be_checked()


def test_a_conversation_takes_turns_against_a_clock_that_a_reload_does_not_touch(new_person: NewPerson) -> None:
    """The clock waits for the first line; the box waits for the reply; a reload shows the same lines and time."""
    person = new_person()
    page = person.page
    page.add_init_script(REMEMBER_WHAT_WAS_SHOWN)
    page.get_by_label("2 times the usual time").check()
    person.walk(until="conversation")
    expect(page.get_by_text("starts with your first message")).to_be_visible()
    expect(page.locator(".message--seeker")).to_have_count(1)
    page.wait_for_timeout(BRIEFLY_MS)
    assert seconds(person) == 8
    person.say(LINES[0])
    expect(page.locator(".message--seeker")).to_have_count(2)
    assert page.evaluate("window.shown.typing > 0 && window.shown.waiting > 0")
    expect(page.get_by_role("timer")).to_have_text(re.compile("0:0[67]"))
    left, said = seconds(person), bubbles(page)
    place = person.place.inner_text()
    page.reload()
    expect(page.locator(".message--seeker")).to_have_count(2)
    expect(page.get_by_role("timer")).not_to_have_text("0:08")
    assert left - 2 <= seconds(person) <= left
    assert bubbles(page) == said and person.place.inner_text() == place
    person.converse()
    expect(page.get_by_text("That was the time for this conversation")).to_be_visible()
    expect(person.box).to_be_hidden()
    person.go_on("conversation")
    expect(person.title).to_have_text("How did that go?")


def test_the_page_of_a_conversation_stays_where_it_is(new_person: NewPerson) -> None:
    """However long the conversation, only its lines scroll: clock, box and the ways out stay on a small screen."""
    person = new_person(study="unhurried")
    page = person.page
    page.set_viewport_size({"width": 320, "height": 640})
    person.walk(until="conversation")
    for spoken, line in enumerate(LINES, 2):
        person.say(line)
        expect(page.locator(".message--seeker")).to_have_count(spoken)
    assert page.evaluate("document.documentElement.scrollHeight") == 640
    for part in (page.get_by_role("timer"), person.box, page.get_by_role("button", name="Help lines")):
        expect(part).to_be_in_viewport(ratio=1)
    expect(page.locator(".message--seeker").last).to_be_in_viewport(ratio=0.9)


def test_the_coach_demands_one_question(new_person: NewPerson) -> None:
    """Continue is refused in words until a question was put; what is typed outlives a reload."""
    person = new_person(study="brief")
    page = person.page
    person.walk(until="coach")
    person.read_feedback()
    person.onward.click(force=True)
    expect(person.box).to_be_focused()
    expect(page.get_by_text("Continue opens once you have put a question")).to_be_visible()
    person.box.fill("What would have been better than")
    page.reload()
    expect(person.open_box).to_have_value("What would have been better than")
    person.ask_coach("What would have been better than advice?")
    person.go_on("coach")
    expect(page.get_by_role("heading", name="Your completion code")).to_be_visible()


def test_a_lesson_that_was_not_seen_holds_one_back(new_person: NewPerson, faults: Faults) -> None:
    """Before the end of the videos, Continue says what is missing and leads there; a film that is away says so."""
    faults.expect("Failed to load resource")
    person = new_person(study="watching")
    person.walk(until="video")
    expect(person.page.get_by_text("The video cannot be loaded just now")).to_be_visible()
    person.onward.click(force=True)
    expect(person.page.get_by_text("Continue opens when the video has been watched")).to_be_visible()
    expect(person.page.locator("video")).to_be_focused()
