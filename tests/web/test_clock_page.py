"""The clock on the page shows the server's time, stands still when it is paused, and is heard at thresholds."""

from __future__ import annotations

import pytest
from conftest import Open
from playwright.sync_api import Locator, Page, expect
from web_dialogue import PretendedDialogue
from web_stage import Stage, seeker

pytestmark = pytest.mark.browser


@pytest.fixture
def dialogue() -> PretendedDialogue:
    return seeker()


@pytest.fixture
def page(open_page: Open, dialogue: PretendedDialogue) -> Page:
    page = open_page("conversation", dialogue)
    expect(page.locator(".message--seeker")).to_have_count(1)
    return page


def time(page: Page) -> Locator:
    return page.get_by_role("timer", name="Time left")


def reason(page: Page) -> Locator:
    return page.locator("[data-clock-reason]")


def test_it_waits_for_the_first_line(page: Page) -> None:
    """Four minutes stand there and do not run (LE-8, LE-13)."""
    expect(time(page)).to_have_text("4:00")
    expect(reason(page)).to_have_text("starts with your first message")
    page.wait_for_timeout(1200)
    expect(time(page)).to_have_text("4:00")


def test_it_counts_by_seconds_while_it_runs(page: Page, stage: Stage, dialogue: PretendedDialogue) -> None:
    stage.do(dialogue.send_clock(202_000))
    expect(time(page)).to_have_text("3:22")
    expect(time(page)).to_have_text("3:21")
    expect(time(page)).to_have_text("3:20")
    expect(reason(page)).to_have_text("")


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ("hidden", "out of sight"),
        ("idle", "with your next message"),
        ("seeker_unavailable", "delayed"),
        ("replying", "while your partner writes"),
        ("support", "all the time you need"),
        ("a_cause_of_tomorrow", "paused"),
    ],
)
def test_it_stands_still_and_says_why(
    page: Page, stage: Stage, dialogue: PretendedDialogue, cause: str, words: str
) -> None:
    stage.do(dialogue.send_clock(100_000))
    stage.do(dialogue.send_clock(90_000, paused_by=(cause,)))
    expect(time(page)).to_have_text("1:30")
    expect(reason(page)).to_contain_text(words)
    page.wait_for_timeout(1300)
    expect(time(page)).to_have_text("1:30")


def test_it_stands_still_while_the_connection_is_away(page: Page, stage: Stage, dialogue: PretendedDialogue) -> None:
    stage.do(dialogue.send_clock(90_500))
    expect(time(page)).to_have_text("1:30")
    dialogue.refusing_connections = True
    stage.call(dialogue.cut)
    expect(reason(page)).to_contain_text("the connection is away")
    shown = time(page).text_content()
    page.wait_for_timeout(1300)
    expect(time(page)).to_have_text(shown or "")


def test_thresholds_are_spoken_as_they_pass(page: Page, stage: Stage, dialogue: PretendedDialogue) -> None:
    """Two minutes, one minute, thirty and ten seconds: each once, when it passes, and politely."""
    spoken = page.locator("[data-spoken]")
    for before, words in [(120_400, "2 minutes left"), (60_400, "1 minute left"), (10_400, "10 seconds left")]:
        stage.do(dialogue.send_clock(before))
        expect(spoken).to_have_text(words)
    assert spoken.get_attribute("role") == "status"


def test_a_threshold_that_had_passed_before_the_page_came_is_not_spoken(open_page: Open) -> None:
    """Who comes back at 50 seconds hears nothing of the minute that has long passed."""
    dialogue = seeker(limit_ms=50_000)
    page = open_page("conversation", dialogue)
    expect(time(page)).to_have_text("0:50")
    expect(page.locator("[data-spoken]")).to_have_text("")


def test_the_notice_of_idleness_goes_with_the_next_line(page: Page, stage: Stage, dialogue: PretendedDialogue) -> None:
    """The server's words stand above the box until a message is sent (LE-10, LE-11)."""
    stage.do(dialogue.send({"type": "notice", "code": "idle", "text": "It has been a while."}))
    expect(page.get_by_role("status").get_by_text("It has been a while.")).to_be_visible()
    page.get_by_label("Your message").fill("I am here.")
    page.get_by_label("Your message").press("Enter")
    expect(page.get_by_text("It has been a while.")).to_be_hidden()
