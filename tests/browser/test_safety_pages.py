"""What keeps people safe: what is typed is never run, help is at hand everywhere, and one can always leave."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewContext, NewPerson
from tests.browser.faults import Faults
from tests.browser.person import LINES
from tests.server.served import Served

pytestmark = pytest.mark.browser

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    '"><script>alert(2)</script><svg onload=alert(3)>',
    "</textarea><iframe src=javascript:alert(4)></iframe> {{7*7}} ${7*7}",
)
SERIOUS = "Honestly, some days I want to die myself."


def check_harmless(page: Page) -> None:
    """Nothing of what was typed has become a part of the page."""
    planted = page.locator("img[src=x], script:not([src]), iframe, svg[onload], [onerror]")
    expect(planted).to_have_count(0)


def test_what_is_typed_is_shown_and_never_run(
    new_person: NewPerson, desk: Page, served: Served, faults: Faults
) -> None:
    """Markup in lines, questions, answers and ids stands as text on one's own pages and on the desk."""
    faults.expect("422")
    person = new_person(study="brief", pid=f'"><img src=x onerror=alert(0)>{uuid.uuid4().hex}')
    page = person.page
    person.lines = iter(HOSTILE * 20)
    person.walk(until="survey")
    assert person.said[0] == HOSTILE[0]
    page.get_by_label("Anything?").fill(HOSTILE[1])
    page.get_by_label("Age").fill("3")
    page.get_by_role("radio").first.check()
    person.onward.click()
    expect(page.get_by_label("Anything?")).to_have_value(HOSTILE[1])
    check_harmless(page)
    page.get_by_label("Age").fill("33")
    person.go_on("survey")
    expect(page.locator(".line--supporter p").first).to_have_text(HOSTILE[0])
    person.ask_coach(HOSTILE[2])
    expect(page.locator(".message--supporter p")).to_have_text(HOSTILE[2])
    check_harmless(page)
    person.go_on("coach")
    page.get_by_text("Look at your own conversations").click()
    page.locator("summary").click()
    expect(page.locator(".line--supporter p").first).to_have_text(HOSTILE[0])
    check_harmless(page)
    for dialogue in dialogues(served, person.pid):
        desk.goto(f"{served.url}/desk/dialogues/{dialogue}")
        expect(desk.get_by_role("heading", name="What was said")).to_be_visible()
        assert set(desk.locator(".line--supporter p").all_inner_texts()) & set(HOSTILE)
        check_harmless(desk)
    desk.goto(f"{served.url}/desk/studies/brief")
    check_harmless(desk)


def dialogues(served: Served, pid: str) -> list[str]:
    query = """SELECT dialogue.id FROM dialogue JOIN participant ON participant.id = participant_id
        WHERE external_id = :pid"""
    return [row[0] for row in served.rows(query, pid=pid)]


def test_help_lines_are_one_key_away_on_every_page(new_person: NewPerson, served: Served) -> None:
    """They open over any page, lead back to it, and pass over nothing that was typed."""
    person = new_person(study="brief")
    page = person.page
    while (kind := person.kind()) != "end":
        check_help_lines(page)
        person.do(kind)
        person.go_on(kind)
    check_help_lines(page)
    for path in ("results", "withdraw"):
        page.goto(f"{served.url}/s/brief/{path}")
        check_help_lines(page)
    page.goto(f"{served.url}/practice")
    page.get_by_role("button", name="Begin").first.click()
    check_help_lines(page)


def check_help_lines(page: Page) -> None:
    opener = page.get_by_role("button", name="Help lines", exact=True)
    opener.click()
    sheet = page.get_by_role("dialog", name="Help lines")
    expect(sheet.get_by_text("there are people you can talk to")).to_be_visible()
    expect(sheet.get_by_role("listitem").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(opener).to_be_focused()


def test_words_about_harming_oneself_bring_help_and_stop_the_clock(
    new_person: NewPerson, desk: Page, served: Served
) -> None:
    """The help lines open by themselves, the clock waits, one may go on, and the desk is alerted."""
    person = new_person(study="unhurried")
    page = person.page
    person.walk(until="conversation")
    person.say(SERIOUS)
    sheet = page.get_by_role("dialog", name="Help lines")
    expect(sheet).to_be_visible()
    expect(sheet.get_by_text("What you wrote sounds serious")).to_be_in_viewport()
    expect(page.get_by_text("paused: take all the time you need")).to_be_visible()
    stood_at = page.get_by_role("timer").inner_text()
    sheet.get_by_role("button", name="Back to the page").click()
    expect(page.get_by_role("status").get_by_text("Take care of yourself first")).to_be_visible()
    page.wait_for_timeout(1_200)
    expect(page.get_by_role("timer")).to_have_text(stood_at)

    desk.goto(f"{served.url}/desk")
    desk.get_by_text("open alert").first.click()
    desk.get_by_role("region", name="Alerts").get_by_role("link", name=participant(served, person.pid)[-8:]).click()
    expect(desk.get_by_role("paragraph").filter(has_text=SERIOUS)).to_be_visible()

    person.say(LINES[0])
    expect(page.get_by_role("timer")).not_to_have_text(stood_at)


def participant(served: Served, pid: str) -> str:
    return str(served.rows("SELECT id FROM participant WHERE external_id = :pid", pid=pid)[0][0])


def test_one_may_withdraw_in_the_middle_of_a_conversation(
    new_person: NewPerson, new_context: NewContext, served: Served, faults: Faults
) -> None:
    """Asked once more, one is let go: what was said is erased, a second tab leaves too, and the link leads nowhere."""
    person = new_person(study="unhurried")
    page = person.page
    person.walk(until="conversation")
    person.say(LINES[0])
    expect(page.locator(".message--seeker")).to_have_count(2)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator(".message--seeker")).to_have_count(2)
    page.get_by_role("link", name="Withdraw").click()
    expect(page.get_by_text("will be deleted")).to_be_visible()
    page.get_by_text("No, go back").click()
    expect(page.get_by_role("heading", name="Conversation")).to_be_visible()
    page.get_by_role("link", name="Withdraw").click()
    owner = participant(served, person.pid)
    page.get_by_role("button", name="Yes, withdraw").click()
    expect(page.get_by_role("heading", name="You have withdrawn")).to_be_visible()
    said = """SELECT count(*) FROM event JOIN dialogue ON dialogue.id = dialogue_id
        WHERE participant_id = :owner AND kind = 'said'"""
    assert served.rows(said, owner=owner)[0][0] == 0
    other.bring_to_front()
    other.reload()
    expect(other.get_by_role("heading", name="You have withdrawn")).to_be_visible()
    again = new_person(new_context(), study="unhurried", pid=person.pid)
    expect(again.page.get_by_role("heading", name="You have withdrawn")).to_be_visible()
