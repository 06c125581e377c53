"""Lessons: what is played is told to the server in order, and the way on opens when all were watched."""

from __future__ import annotations

import pytest
from conftest import Open
from playwright.sync_api import Locator, Page, expect
from web_stage import Stage

pytestmark = pytest.mark.browser


def happen(video: Locator, *events: str) -> None:
    """Let a video say what it says while it is played; the file itself is not needed."""
    for event in events:
        video.evaluate("(video, event) => video.dispatchEvent(new Event(event))", event)


def watch(page: Page, number: int) -> None:
    happen(page.locator("video").nth(number), "play", "ended")
    expect(page.locator("[data-state]").nth(number)).to_have_text("Watched")


def way_on(page: Page) -> Locator:
    return page.get_by_role("button", name="Continue")


def test_the_way_on_opens_when_all_have_ended(open_page: Open, stage: Stage) -> None:
    """Pressed before, it says why and posts nothing (LE-20)."""
    page = open_page("video")
    watch(page, 0)
    way_on(page).press("Enter")
    expect(page.get_by_text("when both videos have been watched")).to_be_visible()
    assert stage.posted == []
    watch(page, 1)
    way_on(page).click()
    expect(page.get_by_role("heading", name="home")).to_be_visible()
    assert stage.posted == [("/s/demo/steps/video_1", {"csrftoken": "token-of-the-form"})]


def test_one_viewing_has_one_beginning(open_page: Open, stage: Stage) -> None:
    """Going on after a pause is progress: a second `video_play` could make the server count anew."""
    page = open_page("video")
    happen(page.locator("video").first, "play", "pause", "play", "ended")
    expect(page.locator("[data-state]").first).to_have_text("Watched")
    assert [event["kind"] for event in stage.events] == ["video_play", "video_progress", "video_ended"]
    assert {event["step"] for event in stage.events} == {"video_1"}
    assert stage.events[0]["payload"] == {"video": "lesson_one", "position_s": 0}


def test_what_was_watched_is_remembered_after_a_reload(open_page: Open) -> None:
    page = open_page("video")
    watch(page, 0)
    watch(page, 1)
    page.reload()
    expect(way_on(page)).to_have_attribute("aria-disabled", "false")


def test_after_a_refusal_the_videos_must_be_watched_again(open_page: Open) -> None:
    """The server's word counts, not what the page believed; the page says so."""
    page = open_page("video")
    watch(page, 0)
    watch(page, 1)
    page.goto(page.url.replace("/video", "/video_refused"))
    expect(page.get_by_role("alert")).to_contain_text("has not been watched to the end yet")
    expect(way_on(page)).to_have_attribute("aria-disabled", "true")


def test_captions_and_a_transcript_are_offered(open_page: Open) -> None:
    page = open_page("video")
    expect(page.locator("video").first.locator("track[kind=captions]")).to_have_count(1)
    page.get_by_text("Read the transcript").click()
    expect(page.get_by_text("Feelings come first.")).to_be_visible()
