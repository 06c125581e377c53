"""A survey loses nothing that was typed, names what is missing, and can be answered by keyboard alone."""

from __future__ import annotations

import pytest
from conftest import Open
from playwright.sync_api import Page, expect
from web_stage import Stage

pytestmark = pytest.mark.browser

FELT = "How much did you feel with your partner?"
SHOWN = "How well did you show"


def choose(page: Page, question: str, answer: str) -> None:
    page.get_by_role("group", name=question).get_by_label(answer, exact=True).check()


def test_missing_answers_are_named_before_anything_is_sent(open_page: Open, stage: Stage) -> None:
    """A summary with links to each question; an answer given since is no longer complained of."""
    page = open_page("survey")
    choose(page, SHOWN, "Much")
    page.get_by_role("button", name="Continue").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("3 answers are still missing")
    summary.get_by_role("link", name=FELT).click()
    expect(page.get_by_role("group", name=FELT).get_by_label("Not at all")).to_be_focused()
    assert stage.posted == []
    expect(page.locator("#empathized-error")).to_be_visible()
    choose(page, FELT, "Somewhat")
    expect(page.locator("#empathized-error")).to_have_count(0)


def test_answers_are_posted_under_their_items(open_page: Open, stage: Stage) -> None:
    page = open_page("survey")
    choose(page, FELT, "Somewhat")
    choose(page, SHOWN, "Very much")
    choose(page, "What is your sex?", "Other")
    page.get_by_label("How old are you?").fill("44")
    page.get_by_label("I answered without help").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="home")).to_be_visible()
    ((path, form),) = stage.posted
    assert path == "/s/demo/steps/survey_1"
    assert form == {
        "csrftoken": "token-of-the-form",
        "empathized": "3",
        "understanding": "5",
        "sex": "other",
        "age": "44",
        "ethnicity": "",
        "comment": "",
        "honest": "true",
    }


def test_what_was_typed_outlives_a_reload_until_it_is_taken(open_page: Open) -> None:
    """The draft is there after a reload, and gone once another page of the study has come."""
    page = open_page("survey")
    choose(page, FELT, "A little")
    page.get_by_label("Is there anything else").fill("The clock made me hurry.")
    page.reload()
    expect(page.get_by_role("group", name=FELT).get_by_label("A little")).to_be_checked()
    expect(page.get_by_label("Is there anything else")).to_have_value("The clock made me hurry.")
    page.goto(page.url.replace("/survey", "/page"))
    page.goto(page.url.replace("/page/page", "/page/survey"))
    expect(page.get_by_label("Is there anything else")).to_have_value("")


def test_a_refusal_by_the_server_is_seen_first(open_page: Open) -> None:
    """The reader comes to what is wrong, and from there to the question; nothing typed is lost."""
    page = open_page("survey_refused")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("group", name=SHOWN).get_by_label("Much", exact=True)).to_be_checked()
    expect(page.get_by_label("How old are you?")).to_have_value("abc")


def test_the_keyboard_alone_suffices(open_page: Open, stage: Stage) -> None:
    page = open_page("survey")
    page.get_by_role("link", name="Skip to the content").focus()
    page.keyboard.press("Enter")
    for keys in (["Space"], ["ArrowRight", "ArrowRight"], list("44"), ["Space"], [], [], ["Space"]):
        page.keyboard.press("Tab")
        for key in keys:
            page.keyboard.press(key)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="home")).to_be_visible()
    ((_, form),) = stage.posted
    assert (form["empathized"], form["understanding"], form["age"], form["sex"]) == ("1", "3", "44", "female")


def test_answers_stand_beside_one_another_and_stack_where_it_is_narrow(open_page: Open) -> None:
    """Five answers in a row on a wide page, one below the other at 320 px; each a target of 44 px or more."""
    page = open_page("survey")
    answers = page.get_by_role("group", name=FELT).locator("label")
    for width, rows in [(1280, 1), (320, 5)]:
        page.set_viewport_size({"width": width, "height": 700})
        boxes = [answers.nth(i).bounding_box() for i in range(5)]
        assert len({round(box["y"]) for box in boxes if box}) == rows
        assert all(box and box["height"] >= 44 for box in boxes)


def test_a_form_goes_out_once(open_page: Open, stage: Stage) -> None:
    """A double click does not send twice."""
    page = open_page("page")
    page.get_by_role("button", name="Continue").dblclick(no_wait_after=True)
    expect(page.get_by_role("heading", name="home")).to_be_visible()
    assert len(stage.posted) == 1
