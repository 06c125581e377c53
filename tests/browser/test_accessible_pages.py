"""Pages beside the study's own path, and the desk: axe finds nothing on them and they fit a narrow screen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessible import check_accessible
from tests.browser.conftest import NewContext, NewPerson
from tests.browser.faults import Faults
from tests.browser.person import LINES
from tests.server.served import Served

pytestmark = pytest.mark.browser


def test_home_practice_and_refusals(new_context: NewContext, served: Served, faults: Faults) -> None:
    """What a passer-by can open: consent, the first page, the choice of somebody to practise with, nothing."""
    faults.expect("404", "401")
    page = new_context().new_page()
    for path in ("/s/lend_an_ear", "/"):
        page.goto(served.url + path)
        check_accessible(page)
    page.get_by_text("Start practising").click()
    expect(page.get_by_role("heading", name="Practise listening")).to_be_visible()
    check_accessible(page)
    for path, title in (("/nothing/here", "There is no such page"), ("/s/brief/withdraw", "Something is not right")):
        page.goto(served.url + path)
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        check_accessible(page)
    page.get_by_text("To the first page").click()
    expect(page.get_by_role("heading", name="Make others feel heard")).to_be_visible()


def test_practice_needs_no_study(new_person: NewPerson, served: Served) -> None:
    """One conversation and the coach, from the choice to the last page; who has had enough ends it before its time."""
    person = new_person(study="practice")
    page = person.page
    page.get_by_role("button", name="Begin").nth(2).click()
    expect(person.place).to_contain_text("Step 1 of")
    end_early(page)
    expect(page).to_have_url(f"{served.url}/practice")
    page.get_by_role("button", name="Begin").nth(2).click()
    person.say(LINES[0])
    expect(page.locator(".message--supporter")).to_be_visible()
    end_early(page)
    expect(page.get_by_role("heading", name="Your conversation")).to_be_visible()
    person.do("coach")
    check_accessible(page)
    person.go_on("coach")
    expect(page.get_by_role("heading", name="Well done")).to_be_visible()
    check_accessible(page)
    page.get_by_text("Practise with somebody else").click()
    expect(page).to_have_url(f"{served.url}/practice")


def end_early(page: Page) -> None:
    page.get_by_role("button", name="Take a break / stop").click()
    check_accessible(page)
    page.get_by_role("button", name="End this conversation now").click()


def test_leaving(new_person: NewPerson) -> None:
    """The question whether one really wants to, and the page after it; the sheets that lie over a page."""
    page = (person := new_person(study="kept")).page
    person.agree()
    for opener in ("Take a break / stop", "Help lines"):
        page.get_by_role("button", name=opener).click()
        check_accessible(page)
        page.keyboard.press("Escape")
    page.get_by_role("link", name="Withdraw").click()
    check_accessible(page)
    page.get_by_role("button", name="Yes, withdraw").click()
    expect(page.get_by_text("stays part of the study")).to_be_visible()
    check_accessible(page)


def test_the_desk(new_context: NewContext, new_person: NewPerson, desk: Page, served: Served, faults: Faults) -> None:
    """Login, studies, a study that refreshes itself, a judged transcript, models; after logging out, none of it."""
    faults.expect("401")
    person = new_person(study="brief")
    person.walk()
    check_accessible(desk)
    desk.get_by_role("link", name="A small study").first.click()
    expect(desk.get_by_role("heading", name="Where participants are")).to_be_visible()
    check_accessible(desk)
    desk.goto(f"{served.url}/desk/dialogues/{conversation(served, person.pid)}")
    expect(desk.get_by_role("heading", name="How it was judged")).to_be_visible()
    check_accessible(desk)
    desk.get_by_role("link", name="Models").click()
    expect(desk.get_by_role("rowheader", name=re.compile("seeker", re.IGNORECASE))).to_be_visible()
    check_accessible(desk)
    desk.get_by_role("button", name="Log out anna").click()
    check_login(desk)
    desk.goto(f"{served.url}/desk/studies/brief")
    expect(desk).to_have_url(re.compile("/desk/login"))


def conversation(served: Served, pid: str) -> str:
    query = """SELECT dialogue.id FROM dialogue JOIN participant ON participant.id = participant_id
        WHERE external_id = :pid AND counterpart = 'seeker'"""
    return str(served.rows(query, pid=pid)[0][0])


def check_login(desk: Page) -> None:
    expect(desk.get_by_role("heading", name="Log in to the desk")).to_be_visible()
    check_accessible(desk)
    desk.get_by_label("Name").fill("anna")
    desk.get_by_label("Password").fill("not it, surely")
    desk.get_by_role("button", name="Log in").click()
    expect(desk.get_by_role("alert")).to_contain_text("do not fit together")
    check_accessible(desk)
