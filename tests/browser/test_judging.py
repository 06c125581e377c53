"""People who judge, in a browser: ten pairs to a completion code, and ratings to a decision and to agreement."""

from __future__ import annotations

import subprocess
import sys
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessible import check_accessible
from tests.browser.conftest import PASSWORD, NewContext, NewPerson
from tests.server.served import Served

pytestmark = pytest.mark.browser

PAIRS = 10
RATINGS = 4
MOST_TABS = 30


def test_ten_pairs_lead_to_the_completion_code(new_person: NewPerson, served: Served) -> None:
    """By mouse and by keyboard alone; a reload loses no choice, a double click makes no second one."""
    person = new_person(study="preferences")
    page = person.page
    check_accessible(page)
    person.agree()
    expect(page.get_by_role("heading", name="Pair 1 of 10", level=1)).to_be_visible()
    check_accessible(page)
    check_layout(page)
    refuse_without_a_choice(page)
    choose_and_reload(page)
    choose_with_two_clicks(page)
    choose_by_keyboard(page)
    for number in range(4, PAIRS + 1):
        expect(page.get_by_role("heading", name=f"Pair {number} of 10", level=1)).to_be_visible()
        page.get_by_role("radio", name="Conversation B").check()
        page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("PREFERENCES", exact=True)).to_be_visible()
    query = """SELECT value FROM response JOIN participant ON participant.id = participant_id
        WHERE external_id = :pid AND item = 'choice' ORDER BY response.id"""
    assert [value for (value,) in served.rows(query, pid=person.pid)] == ["left", "left", "right", *["right"] * 7]


def check_layout(page: Page) -> None:
    """Side by side where there is room, one below the other where there is not; both have the same heading level."""
    reads = page.get_by_role("region", name="Conversation")
    expect(reads).to_have_count(2)
    wide = [reads.nth(n).bounding_box() for n in range(2)]
    page.set_viewport_size({"width": 320, "height": 640})
    narrow = [reads.nth(n).bounding_box() for n in range(2)]
    page.set_viewport_size({"width": 1280, "height": 800})
    assert wide[0] and wide[1] and narrow[0] and narrow[1]
    assert wide[0]["y"] == wide[1]["y"] and wide[0]["x"] < wide[1]["x"]
    assert narrow[0]["x"] == narrow[1]["x"] and narrow[0]["y"] < narrow[1]["y"]


def refuse_without_a_choice(page: Page) -> None:
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("One answer is still missing")


def choose_and_reload(page: Page) -> None:
    page.get_by_role("radio", name="Conversation A").check()
    page.reload()
    expect(page.get_by_role("radio", name="Conversation A")).to_be_checked()
    page.get_by_role("button", name="Continue").click()


def choose_with_two_clicks(page: Page) -> None:
    expect(page.get_by_role("heading", name="Pair 2 of 10", level=1)).to_be_visible()
    expect(page.get_by_role("radio", name="Conversation A")).not_to_be_checked()
    page.get_by_role("radio", name="Conversation A").check()
    page.get_by_role("button", name="Continue").dblclick()


def choose_by_keyboard(page: Page) -> None:
    expect(page.get_by_role("heading", name="Pair 3 of 10", level=1)).to_be_visible()
    tab_to(page, "input[type=radio]:focus")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Conversation B")).to_be_checked()
    tab_to(page, "form.verdict button:focus")
    page.keyboard.press("Enter")


def tab_to(page: Page, focused: str) -> None:
    """Press Tab until what `focused` selects has the focus."""
    for _ in range(MOST_TABS):
        if page.locator(focused).count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no {focused} in {MOST_TABS} tabs")


def test_ratings_lead_to_a_decision_and_to_agreement(new_context: NewContext, served: Served, desk: Page) -> None:
    """Two raters log in and rate four conversations each; the desk decides where they differ, and shows agreement."""
    for points in ("2", "5"):
        page = rater_at_the_desk(new_context, served)
        check_accessible(page)
        page.get_by_role("listitem").filter(has_text="Ratings for tests").get_by_role("button", name="Begin").click()
        page.get_by_role("checkbox").check()
        page.get_by_role("button", name="I agree: begin").click()
        for number in range(1, RATINGS + 1):
            expect(page.get_by_role("heading", name=f"Conversation {number} of 4", level=1)).to_be_visible()
            if points == "2" and number == 1:
                check_accessible(page)
            for group in page.get_by_role("group").all():
                group.get_by_role("radio", name=points, exact=True).check()
            page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading", name="A page")).to_be_visible()
        page.goto(f"{served.url}/desk")
        expect(page.get_by_text("You have rated everything here")).to_be_visible()
    decide(desk)


def rater_at_the_desk(new_context: NewContext, served: Served) -> Page:
    """A page on which a new rater has logged in, and sees what there is to rate."""
    name = f"rater-{uuid.uuid4().hex[:8]}"
    command = [sys.executable, "-m", "server", "user", "add", name, "--role", "rater", "--database", served.database]
    subprocess.run(command, input=PASSWORD.encode(), check=True, capture_output=True)  # noqa: S603 - our own command
    page = new_context().new_page()
    page.goto(f"{served.url}/desk")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Your ratings", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Studies")).to_have_count(0)
    return page


def decide(desk: Page) -> None:
    """All dimensions of all four are three points apart: one is read and decided, and its figures are there."""
    desk.get_by_role("link", name="Judging").click()
    check_accessible(desk)
    desk.get_by_role("link", name="Ratings for tests").click()
    expect(desk.get_by_text("24 left to decide")).to_be_visible()
    check_accessible(desk)
    desk.get_by_role("link", name="talk_3").first.click()
    check_accessible(desk)
    for group in desk.get_by_role("group").all():
        group.get_by_role("radio", name="4", exact=True).check()
    desk.get_by_label("Your reasons").fill("Both have seen something.")
    desk.get_by_role("button", name="Store the decision").click()
    expect(desk.get_by_text("18 left to decide")).to_be_visible()
    desk.get_by_role("link", name="How far judge and raters agree").click()
    expect(desk.get_by_role("columnheader", name="Mean shift")).to_be_visible()
    expect(desk.get_by_role("heading", name="scripted:1")).to_be_visible()
    check_accessible(desk)
