"""The network goes, the server dies: the page says so, keeps what is typed, and in the end every line is there once."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPerson
from tests.browser.faults import Faults
from tests.browser.person import LINES, Person
from tests.browser.wire import Wire
from tests.server.served import Served, start
from tests.server.small_studies import write_studies

pytestmark = pytest.mark.browser

LOST = "The connection is lost"
COMES_BACK_MS = 30_000
"""A page tries again ever more seldom, and a killed server takes its time to start on a busy machine."""
BROUGHT_ABOUT = ("net::ERR_", "WebSocket connection", "Failed to load resource", "Failed to fetch")


@pytest.fixture
def wire(served: Served) -> Iterator[Wire]:
    """A wire to the shared server."""
    wire = Wire(served.url)
    yield wire
    wire.close()


def stored(served: Served, pid: str) -> list[str]:
    """What somebody said, in order, as the database has it."""
    query = """
        SELECT json_extract(payload, '$.text') FROM event JOIN dialogue ON dialogue.id = dialogue_id
        JOIN participant ON participant.id = participant_id
        WHERE external_id = :pid AND kind = 'said' AND json_extract(payload, '$.role') = 'supporter' ORDER BY seq
    """
    return [row[0] for row in served.rows(query, pid=pid)]


def own_lines(page: Page) -> list[str]:
    return page.locator(".message--supporter p").all_inner_texts()


def test_a_line_written_without_network_is_sent_once_when_it_is_back(
    new_person: NewPerson, served: Served, wire: Wire, faults: Faults
) -> None:
    """One goes on typing and sends into the dark; the line says that it waits, and arrives once."""
    faults.expect(*BROUGHT_ABOUT)
    person = new_person(study="unhurried", at=wire.url)
    page = person.page
    person.walk(until="conversation")
    person.say(LINES[0])
    expect(page.locator(".message--seeker")).to_have_count(2)
    person.box.press_sequentially("I can hear how ")
    wire.cut()
    person.box.press_sequentially("much this weighs on you.")
    expect(page.get_by_text(LOST)).to_be_visible()
    expect(page.get_by_text("paused: the connection is away")).to_be_visible()
    expect(person.box).to_have_value("I can hear how much this weighs on you.")
    person.box.press("Enter")
    expect(page.get_by_text("will be sent when the connection is back")).to_be_visible()
    wire.mend()
    expect(page.locator(".message--seeker")).to_have_count(3, timeout=COMES_BACK_MS)
    expect(page.get_by_text(LOST)).to_be_hidden()
    expect(page.get_by_text("will be sent")).to_be_hidden()
    assert own_lines(page) == stored(served, person.pid) == [LINES[0], "I can hear how much this weighs on you."]


def test_a_line_that_was_under_way_when_the_network_went_survives_a_reload(
    new_person: NewPerson, served: Served, wire: Wire, faults: Faults
) -> None:
    """Even when the page is loaded anew before it could be sent, the line is sent, and once."""
    faults.expect(*BROUGHT_ABOUT)
    person = new_person(study="unhurried", at=wire.url)
    page = person.page
    person.walk(until="conversation")
    expect(person.open_box).to_be_visible()
    wire.cut()
    person.box.fill(LINES[0])
    person.box.press("Enter")
    expect(page.get_by_text("will be sent when the connection is back")).to_be_visible()
    wire.mend()
    page.reload()
    expect(page.locator(".message--seeker")).to_have_count(2)
    assert own_lines(page) == stored(served, person.pid) == [LINES[0]]


def test_answers_survive_a_browser_that_is_offline(new_person: NewPerson, faults: Faults) -> None:
    """Continue fails without network; going back, everything chosen is there, and is taken at the next try."""
    faults.expect(*BROUGHT_ABOUT)
    person = new_person(study="asking")
    page = person.page
    person.walk(until="survey")
    person.do("survey")
    page.get_by_label("Anything?").fill("Offline, and still here.")
    page.context.set_offline(True)
    person.onward.click()
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)
    page.go_back()
    expect(page.get_by_label("Anything?")).to_have_value("Offline, and still here.")
    expect(page.locator("input[type=radio]:checked")).to_have_count(1)
    person.go_on("survey")
    expect(page.get_by_role("heading", name="Your completion code")).to_be_visible()


def test_a_killed_server_loses_and_doubles_nothing(new_person: NewPerson, faults: Faults, tmp_path: Path) -> None:
    """Killed in the middle of typing and started again: the same lines, the same clock within 5 s, each line once."""
    faults.expect(*BROUGHT_ABOUT)
    (tmp_path / "studies").mkdir()
    env = {"LENDANEAR_STUDIES": str(write_studies(tmp_path / "studies"))}
    database, log = f"sqlite:///{tmp_path / 'study.db'}", tmp_path / "log"
    served = start(database, log=log, env=env)
    try:
        person = new_person(study="unhurried", at=served.url)
        talk_and_type(person)
        left = seconds(person)
        served.kill()
        expect(person.page.get_by_text(LOST)).to_be_visible()
        person.box.press_sequentially(" What has been the worst part?")
        person.box.press("Enter")
        served = start(database, log=log, env=env, port=urlsplit(served.url).port or 0)
        expect(person.page.locator(".message--seeker")).to_have_count(3, timeout=COMES_BACK_MS)
        assert left - 5 <= seconds(person) <= left + 5
        said = [LINES[0], "That is a lot. What has been the worst part?"]
        assert own_lines(person.page) == stored(served, person.pid) == exported(database, tmp_path / "out") == said
    finally:
        served.kill()


def talk_and_type(person: Person) -> None:
    person.walk(until="conversation")
    person.say(LINES[0])
    expect(person.page.locator(".message--seeker")).to_have_count(2)
    person.box.press_sequentially("That is a lot.")


def seconds(person: Person) -> int:
    minutes, rest = person.page.get_by_role("timer").inner_text().split(":")
    return 60 * int(minutes) + int(rest)


def exported(database: str, out: Path) -> list[str]:
    """What the supporter said, as the export of the study tells it while the server runs."""
    command = [sys.executable, "-m", "server", "export", "unhurried", "--out", str(out), "--database", database]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command
    with (out / "messages.csv").open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file) if row["role"] == "supporter"]
