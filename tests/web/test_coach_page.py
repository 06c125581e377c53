"""The coach's page brings the feedback when it comes, marks what it quotes, and opens the way on after a question."""

from __future__ import annotations

import pytest
from conftest import Open
from playwright.sync_api import Locator, Page, expect
from web_samples import coach as coach_context
from web_stage import COACH_REPLIES, Stage, coach

pytestmark = pytest.mark.browser

QUESTION = "What could I have said instead?"


def way_on(page: Page) -> Locator:
    return page.get_by_role("button", name="Continue")


def ask(page: Page, question: str = QUESTION) -> None:
    box = page.get_by_label("Your question to the coach")
    expect(box).to_have_attribute("aria-readonly", "false")
    box.fill(question)
    box.press("Enter")


def test_all_six_elements_are_there(open_page: Open) -> None:
    """Title, feedback, three scores out of ten, reminder, greeting and a box for questions (LE-62)."""
    page = open_page("coach", coach())
    expect(page.get_by_role("heading", name="What the coach noticed")).to_be_visible()
    expect(page.locator("[data-feedback]")).to_contain_text("You opened with")
    for name, score in [
        ("Validating emotions", "7"),
        ("Encouraging elaboration", "6"),
        ("Demonstrating understanding", "8"),
    ]:
        expect(page.get_by_role("meter", name=name)).to_have_attribute("aria-valuenow", score)
    expect(page.get_by_text("at least one question")).to_be_visible()
    expect(page.get_by_text("I am glad you took the time.")).to_be_visible()
    expect(page.get_by_label("Your question to the coach")).to_be_visible()


def test_the_feedback_is_waited_for(open_page: Open, stage: Stage) -> None:
    """A busy sign stands there until the feedback comes; it is shown once, in its own place (LE-14)."""
    dialogue = coach("coach-slow", opening=None)
    stage.me = coach_context(meters={"validating": 3, "elaboration": 4, "understanding": 5})["page"]["me"]
    page = open_page("coach_waiting", dialogue)
    expect(page.get_by_text("The coach is reading your conversation")).to_be_visible()
    stage.do(dialogue.reply(COACH_REPLIES[0]))
    expect(page.get_by_text("The coach is reading your conversation")).to_be_hidden()
    expect(page.get_by_text("You opened with")).to_have_count(1)
    expect(page.get_by_role("meter", name="Encouraging elaboration")).to_have_attribute("aria-valuenow", "4")


def test_scores_that_never_come_are_told_and_not_invented(open_page: Open, stage: Stage) -> None:
    """While the scores are missing there are no meters, and certainly no zeros."""
    stage.me = coach_context(meters=None)["page"]["me"]
    page = open_page("coach_waiting", coach("coach-slow"))
    expect(page.get_by_text("There are no scores this time")).to_be_visible()
    expect(page.get_by_role("meter")).to_have_count(0)


def test_scores_that_could_not_be_fetched_are_not_called_missing(open_page: Open, stage: Stage) -> None:
    """A lost call says nothing about the scores: the page says what to do."""
    dialogue = coach("coach-slow", opening=None)
    page = open_page("coach_waiting", dialogue)
    page.route("**/api/me", lambda route: route.abort())
    expect(page.get_by_text("The coach is reading your conversation")).to_be_visible()
    stage.do(dialogue.reply(COACH_REPLIES[0]))
    expect(page.get_by_text("could not be fetched. Reload the page")).to_be_visible()


def test_hidden_scores_are_neither_shown_nor_missed(open_page: Open) -> None:
    """Where the study hides the meters there is no place for them, no word about them, and nobody asks for them."""
    dialogue = coach("coach-slow")
    page = open_page("coach_without_scores", dialogue)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    ask(page)
    expect(page.locator(".message--coach")).to_have_count(2)

    expect(page.locator("[data-feedback]")).to_contain_text("You opened with")
    assert "score" not in (page.locator(".coach__panel").inner_text().lower())
    assert page.locator("[data-meters], [data-meters-late]").count() == 0
    assert not [address for address in asked if "/api/" in address]


def test_own_lines_that_are_quoted_are_marked(open_page: Open) -> None:
    """Each quote links to its place in the conversation; a suggested wording that was never said is not marked."""
    page = open_page("coach", coach())
    marked = page.locator("[data-transcript] mark")
    expect(marked).to_have_text(["How are you holding up", "Would it help to move closer to her"])
    page.get_by_role("link", name="How are you holding up?").click()
    expect(marked.first).to_be_focused()
    expect(page.locator("[data-feedback]")).to_contain_text("“That sounds lonely.")


def test_the_way_on_opens_after_a_question(open_page: Open, stage: Stage) -> None:
    """Before, pressing it leads to the box and says why; the step is posted only afterwards (LE-24)."""
    page = open_page("coach", coach())
    way_on(page).press("Enter")
    expect(page.get_by_label("Your question to the coach")).to_be_focused()
    assert stage.posted == []
    ask(page)
    expect(page.locator(".message--coach")).to_have_count(2)
    expect(way_on(page)).not_to_have_attribute("aria-disabled", "true")
    way_on(page).click()
    expect(page.get_by_role("heading", name="home")).to_be_visible()
    assert stage.posted == [("/s/demo/steps/coach_1", {"csrftoken": "token-of-the-form"})]


def test_a_question_put_before_a_reload_counts(open_page: Open) -> None:
    dialogue = coach()
    page = open_page("coach", dialogue)
    ask(page)
    expect(page.locator(".message--coach")).to_have_count(2)
    page.reload()
    expect(page.locator(".message--supporter")).to_have_text("You: " + QUESTION)
    expect(way_on(page)).not_to_have_attribute("aria-disabled", "true")


def test_a_coach_who_has_failed_strands_nobody(open_page: Open, stage: Stage) -> None:
    """The step says so and the way on is open."""
    page = open_page("coach_failed")
    expect(page.get_by_text("could not read your conversation")).to_be_visible()
    way_on(page).click()
    expect(page.get_by_role("heading", name="home")).to_be_visible()


def test_a_coach_who_fails_while_one_waits_strands_nobody(open_page: Open, stage: Stage) -> None:
    dialogue = coach("coach-slow", opening=None)
    page = open_page("coach_waiting", dialogue)
    expect(page.get_by_text("The coach is reading")).to_be_visible()
    stage.do(dialogue.send({"type": "notice", "code": "coach_unavailable", "text": "You can go on."}))
    expect(page.get_by_text("could not read your conversation")).to_be_visible()
    expect(way_on(page)).not_to_have_attribute("aria-disabled", "true")
