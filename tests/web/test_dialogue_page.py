"""The page of a conversation loses nothing, doubles nothing, and knows whose turn it is."""

from __future__ import annotations

import pytest
from conftest import Open
from playwright.sync_api import BrowserContext, Locator, Page, expect
from web_dialogue import PretendedDialogue
from web_stage import Stage, seeker

pytestmark = pytest.mark.browser

LINE = "I am so sorry. How are you holding up?"


def box(page: Page) -> Locator:
    return page.get_by_label("Your message")


def say(page: Page, line: str = LINE) -> None:
    """Type a line when it is one's turn, and send it with Enter."""
    expect(box(page)).to_have_attribute("aria-readonly", "false")
    box(page).fill(line)
    box(page).press("Enter")


def sent(dialogue: PretendedDialogue) -> list[str]:
    return [frame["client_id"] for frame in dialogue.received if frame["type"] == "say"]


def stored(dialogue: PretendedDialogue) -> list[str]:
    return [m["text"] for m in dialogue.log if m["role"] == "supporter"]


def mine(page: Page) -> Locator:
    return page.locator(".message--supporter")


def test_the_seeker_has_spoken_when_the_page_appears(open_page: Open) -> None:
    """The opening stands in the log, and it is the supporter's turn (LE-7)."""
    page = open_page("conversation", seeker())
    expect(page.get_by_role("log").get_by_text("My mother has been told")).to_be_visible()
    expect(box(page)).to_have_attribute("aria-readonly", "false")


def test_a_line_is_answered_and_the_box_waits_meanwhile(open_page: Open, stage: Stage) -> None:
    """While the reply is outstanding the box waits and keeps the focus; the message replaces the preview."""
    dialogue = seeker(reply_after_s=0.3, delta_every_s=0.05)
    page = open_page("conversation", dialogue)
    say(page)
    expect(box(page)).to_have_attribute("aria-readonly", "true")
    expect(box(page)).to_be_focused()
    expect(page.locator("[data-preview-text]")).to_contain_text("Thank you")
    expect(page.locator(".message--seeker")).to_have_count(2)
    expect(page.locator("[data-preview]")).to_be_hidden()
    expect(box(page)).to_have_attribute("aria-readonly", "false")
    assert stored(dialogue) == [LINE]


def test_a_line_whose_acknowledgement_is_lost_is_sent_again_with_the_same_id(open_page: Open) -> None:
    """The line was stored, the connection cut before the answer: it is sent once more, stored once and shown once."""
    dialogue = seeker(dropping_before_ack=1)
    page = open_page("conversation", dialogue)
    say(page)
    expect(page.locator(".message--seeker")).to_have_count(2)
    assert sent(dialogue) == [sent(dialogue)[0]] * 2
    assert stored(dialogue) == [LINE]
    expect(mine(page)).to_have_count(1)
    expect(page.locator(".is-pending")).to_have_count(0)


def test_after_a_loss_only_what_is_new_is_asked_for(open_page: Open, stage: Stage) -> None:
    """A second join names the last message that was shown."""
    dialogue = seeker()
    page = open_page("conversation", dialogue)
    say(page)
    expect(page.locator(".message--seeker")).to_have_count(2)
    stage.call(dialogue.cut)
    say(page, "That sounds so hard.")
    expect(page.locator(".message--seeker")).to_have_count(3)
    assert dialogue.joins == [0, 6]
    assert stored(dialogue) == [LINE, "That sounds so hard."]


def test_a_line_written_while_the_connection_is_away_is_sent_when_it_is_back(open_page: Open, stage: Stage) -> None:
    """The page says so meanwhile, and does not say that the partner is writing."""
    dialogue = seeker()
    page = open_page("conversation", dialogue)
    expect(box(page)).to_have_attribute("aria-readonly", "false")
    dialogue.refusing_connections = True
    stage.call(dialogue.cut)
    expect(page.get_by_role("status").get_by_text("what you have written stays here")).to_be_visible()
    say(page)
    expect(mine(page)).to_contain_text("will be sent when the connection is back")
    expect(box(page)).to_have_attribute("placeholder", "Waiting for the connection")
    dialogue.refusing_connections = False
    expect(page.locator(".message--seeker")).to_have_count(2)
    expect(page.get_by_text("The connection is lost")).to_be_hidden()
    assert stored(dialogue) == [LINE]


def test_a_line_under_way_outlives_a_reload(open_page: Open, stage: Stage) -> None:
    """It is kept with its id, so that it is never stored twice."""
    dialogue = seeker()
    page = open_page("conversation", dialogue)
    expect(box(page)).to_have_attribute("aria-readonly", "false")
    dialogue.refusing_connections = True
    stage.call(dialogue.cut)
    say(page)
    expect(mine(page)).to_be_visible()
    page.reload()
    dialogue.refusing_connections = False
    expect(page.locator(".message--seeker")).to_have_count(2)
    expect(mine(page)).to_have_count(1)
    assert stored(dialogue) == [LINE]


def test_a_draft_outlives_a_reload(open_page: Open) -> None:
    page = open_page("conversation", seeker())
    expect(box(page)).to_have_attribute("aria-readonly", "false")
    box(page).fill("Half a sen")
    page.reload()
    expect(box(page)).to_have_value("Half a sen")


def test_another_tab_takes_over_and_gives_back(open_page: Open) -> None:
    """The older tab can only be read, says why, and can be made the one that goes on (close code 4409)."""
    dialogue = seeker()
    first = open_page("conversation", dialogue)
    expect(box(first)).to_have_attribute("aria-readonly", "false")
    second = open_page("conversation")
    expect(first.get_by_text("has been opened in another tab")).to_be_visible()
    expect(box(first)).to_have_attribute("aria-readonly", "true")
    first.get_by_role("button", name="Continue here").click()
    expect(box(first)).to_have_attribute("aria-readonly", "false")
    expect(second.get_by_text("has been opened in another tab")).to_be_visible()


def test_a_dialogue_that_is_not_there_is_told(open_page: Open) -> None:
    """Close code 4404: no trying again without end, but a way to the right place."""
    page = open_page("conversation")
    page.get_by_role("button", name="Go to where you are").click()
    expect(page.get_by_role("heading", name="home")).to_be_visible()


def test_a_damaged_dialogue_is_told_and_not_asked_for_again(open_page: Open) -> None:
    """Close code 4410: trying again would not help, and nobody is kept from going on."""
    page = open_page("conversation", seeker(turning_away_with=4410))
    expect(page.get_by_text("is damaged on our side, so it cannot go on")).to_be_visible()
    expect(page.get_by_role("button", name="Continue")).to_be_visible()


def test_after_the_close_there_is_one_way_on(open_page: Open, stage: Stage) -> None:
    """The box is replaced by a sentence and a focused button, which posts the step."""
    dialogue = seeker()
    page = open_page("conversation", dialogue)
    expect(box(page)).to_have_attribute("aria-readonly", "false")
    stage.do(dialogue.close("time"))
    expect(page.get_by_role("button", name="Continue")).to_be_focused()
    expect(box(page)).to_be_hidden()
    expect(page.get_by_text("Thank you for being there")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="home")).to_be_visible()
    assert stage.posted == [("/s/demo/steps/conversation_1", {"csrftoken": "token-of-the-form"})]


def test_a_closed_dialogue_opened_again_shows_everything_and_the_way_on(open_page: Open) -> None:
    dialogue = seeker(status="closed")
    page = open_page("conversation", dialogue)
    expect(page.locator(".message--seeker")).to_have_count(1)
    expect(page.get_by_role("button", name="Continue")).to_be_visible()


@pytest.mark.parametrize("by_keys", [True, False])
def test_an_unfinished_line_is_shown_as_not_sent(open_page: Open, stage: Stage, by_keys: bool) -> None:
    """Who was still writing when the time was up is told the truth, and an Enter meant for the line does not go on."""
    dialogue = seeker()
    page = open_page("conversation", dialogue)
    expect(box(page)).to_have_attribute("aria-readonly", "false")
    if by_keys:
        box(page).press_sequentially("I wanted to s")
    else:
        box(page).fill("I wanted to s")
    stage.do(dialogue.close("time"))
    expect(page.get_by_role("button", name="Continue")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".is-unsent")).to_contain_text("not sent")
    assert stage.posted == []


def test_a_refused_line_comes_back_into_the_box(open_page: Open, stage: Stage) -> None:
    """A line that cannot be taken is not lost: it stands in the box again, with the reason."""
    dialogue = seeker()
    page = open_page("conversation", dialogue)
    dialogue.fault_of = lambda text: "too_long"  # type: ignore[method-assign]
    say(page)
    expect(box(page)).to_have_value(LINE)
    expect(page.get_by_text("Refused: too_long")).to_be_visible()
    expect(mine(page)).to_have_count(0)


def test_a_line_said_out_of_turn_is_sent_again_when_it_is_ones_turn(open_page: Open, stage: Stage) -> None:
    """A retryable refusal keeps the line; it goes out with the next message of the seeker."""
    dialogue = seeker()
    page = open_page("conversation", dialogue)
    expect(box(page)).to_have_attribute("aria-readonly", "false")
    honest, dialogue.fault_of = dialogue.fault_of, lambda text: "not_your_turn"  # type: ignore[method-assign]
    say(page)
    expect(mine(page)).to_be_visible()
    dialogue.fault_of = honest  # type: ignore[method-assign]
    stage.do(dialogue.send({"type": "message", **dialogue.store("seeker", "And another thing.")}))
    expect(page.locator(".message--seeker")).to_have_count(3)
    assert stored(dialogue) == [LINE]
    assert len(set(sent(dialogue))) == 1


def test_a_message_that_comes_twice_is_shown_once(open_page: Open, stage: Stage) -> None:
    dialogue = seeker()
    page = open_page("conversation", dialogue)
    expect(page.locator(".message--seeker")).to_have_count(1)
    for _ in range(2):
        stage.do(dialogue.send({"type": "message", **dialogue.log[0]}))
    stage.do(dialogue.send({"type": "message", **dialogue.store("seeker", "And another thing.")}))
    expect(page.get_by_text("And another thing.")).to_be_visible()
    expect(page.locator(".message--seeker")).to_have_count(2)


@pytest.mark.parametrize("writes", [True, False])
def test_a_connection_that_has_died_without_a_word_is_given_up(
    context: BrowserContext, stage: Stage, open_page: Open, writes: bool
) -> None:
    """No acknowledgement within 10 s, or no answer to a ping sent every 20 s: join again, and nothing is lost."""
    context.clock.install()
    dialogue = seeker()
    page = open_page("conversation", dialogue)
    expect(box(page)).to_have_attribute("aria-readonly", "false")
    dialogue.deaf = True
    if writes:
        say(page)
        expect(mine(page)).to_be_visible()
    context.clock.run_for(10_500 if writes else 30_500)
    dialogue.deaf = False
    context.clock.run_for(1_000)
    if not writes:
        say(page)
    expect(page.locator(".message--seeker")).to_have_count(2)
    assert len(dialogue.joins) == 2
    assert stored(dialogue) == [LINE]


@pytest.mark.parametrize("code", [4400, 4413, 1009])
def test_a_line_that_breaks_the_connection_is_not_sent_again_and_again(
    open_page: Open, stage: Stage, code: int
) -> None:
    """What the server could not read comes back into the box, and the connection is made anew without it."""
    dialogue = seeker()
    page = open_page("conversation", dialogue)
    expect(box(page)).to_have_attribute("aria-readonly", "false")
    dialogue.breaking_with = code
    say(page)
    expect(box(page)).to_have_value(LINE)
    dialogue.breaking_with = None
    expect(box(page)).to_have_attribute("aria-readonly", "false")
    box(page).press("Enter")
    expect(page.locator(".message--seeker")).to_have_count(2)
    assert stored(dialogue) == [LINE]


def test_who_is_not_known_is_led_to_the_start(open_page: Open) -> None:
    """Close code 4401; a second time soon after, the page says what to do in place of going round in circles."""
    dialogue = seeker(turning_away_with=4401)
    page = open_page("conversation", dialogue)
    expect(page.get_by_role("heading", name="home")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Please open the link of the study again")).to_be_visible()


def test_lines_that_are_too_long_or_empty_are_not_sent(open_page: Open) -> None:
    """2,000 characters are the most, counted as code points; the counter says how many are too many."""
    dialogue = seeker()
    page = open_page("conversation", dialogue)
    say(page, "   ")
    say(page, "😀" * 2001)
    expect(page.get_by_text("1 character too many")).to_be_visible()
    say(page, "😀" * 2000)
    expect(mine(page)).to_be_visible()
    expect(page.locator(".message--seeker")).to_have_count(2)
    assert stored(dialogue) == ["😀" * 2000]


def test_a_new_line_is_made_with_shift_and_enter(open_page: Open) -> None:
    dialogue = seeker()
    page = open_page("conversation", dialogue)
    expect(box(page)).to_have_attribute("aria-readonly", "false")
    box(page).press_sequentially("one")
    box(page).press("Shift+Enter")
    box(page).press_sequentially("two")
    box(page).press("Enter")
    expect(page.locator(".message--seeker")).to_have_count(2)
    assert stored(dialogue) == ["one\ntwo"]


def test_pasting_is_told(open_page: Open, context: BrowserContext, stage: Stage) -> None:
    """A pasted line carries the mark, the next one does not."""
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=stage.address)
    dialogue = seeker()
    page = open_page("conversation", dialogue)
    expect(box(page)).to_have_attribute("aria-readonly", "false")
    page.evaluate("navigator.clipboard.writeText('a line from elsewhere')")
    box(page).focus()
    page.keyboard.press("Control+V")
    box(page).press("Enter")
    expect(page.locator(".message--seeker")).to_have_count(2)
    say(page)
    expect(page.locator(".message--seeker")).to_have_count(3)
    assert [f["pasted"] for f in dialogue.received if f["type"] == "say"] == [True, False]
    assert [e["payload"] for e in stage.events if e["kind"] == "paste"] == [{"characters": 21}]


def test_writing_is_told_at_once_and_then_seldom(open_page: Open) -> None:
    dialogue = seeker()
    page = open_page("conversation", dialogue)
    expect(box(page)).to_have_attribute("aria-readonly", "false")
    box(page).press_sequentially("I am so sorry to hear that", delay=10)
    page.wait_for_timeout(200)
    assert [f["type"] for f in dialogue.received].count("typing") == 1


def test_being_out_of_sight_is_told(open_page: Open, context: BrowserContext) -> None:
    """The server learns when the page is hidden and when it is seen again (LE-9)."""
    dialogue = seeker()
    page = open_page("conversation", dialogue)
    expect(box(page)).to_have_attribute("aria-readonly", "false")
    for hidden in ("true", "false"):
        page.evaluate(
            f"Object.defineProperty(document, 'hidden', {{get: () => {hidden}, configurable: true}});"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
    page.wait_for_timeout(200)
    assert [f["visible"] for f in dialogue.received if f["type"] == "visibility"][-2:] == [False, True]


def test_what_is_said_is_shown_as_text(open_page: Open, stage: Stage) -> None:
    """Markup in a message is words like any other, in the preview as in the message."""
    words = "<img src=x onerror=alert(1)> <b>hm</b>"
    dialogue = seeker(opening=words)
    page = open_page("conversation", dialogue)
    expect(page.get_by_role("log").get_by_text(words)).to_be_visible()
    stage.do(dialogue.send({"type": "typing", "role": "seeker"}))
    stage.do(dialogue.send({"type": "delta", "role": "seeker", "text": words}))
    expect(page.locator("[data-preview-text]")).to_have_text(words)
    assert page.locator("img").count() == 0


def test_help_lines_open_with_the_notice(open_page: Open, stage: Stage) -> None:
    """The notice opens the panel of help lines; Escape leads back to the box, and the way to it stays."""
    dialogue = seeker()
    page = open_page("conversation", dialogue)
    expect(box(page)).to_have_attribute("aria-readonly", "false")
    box(page).focus()
    stage.do(dialogue.send({"type": "notice", "code": "support_resources", "text": "Please talk to somebody."}))
    sheet = page.get_by_role("dialog", name="Help lines")
    expect(sheet.get_by_text("Please talk to somebody.")).to_be_visible()
    expect(sheet.get_by_text("116 123")).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(box(page)).to_be_focused()
    page.get_by_role("button", name="Show help lines").click()
    expect(sheet).to_be_visible()


def test_the_keyboard_alone_suffices(open_page: Open, stage: Stage) -> None:
    """From the skip link to the box, a line, and the way on, without a pointer."""
    dialogue = seeker()
    page = open_page("conversation", dialogue)
    expect(box(page)).to_have_attribute("aria-readonly", "false")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(box(page)).to_be_focused()
    page.keyboard.type("How are you?")
    page.keyboard.press("Enter")
    expect(page.locator(".message--seeker")).to_have_count(2)
    page.wait_for_timeout(1300)
    stage.do(dialogue.close("time"))
    expect(page.get_by_role("button", name="Continue")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="home")).to_be_visible()
