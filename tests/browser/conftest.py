"""What the browser tests share: one time-scaled server with a desk account, a Chromium, and people in front of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.faults import Faults
from tests.browser.person import Person
from tests.server.served import Served, serving
from tests.server.small_studies import write_studies

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDE: Any = {"width": 1280, "height": 800}
PATIENCE_MS = 10_000
SHIPPED = "lend_an_ear"
PASSWORD = "a quiet room with a view"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium of one module: closed with it, since its loop must not meet those of other tests."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The shipped study and small ones on SQLite, sixty times as fast as life, with an experimenter called anna."""
    folder = tmp_path_factory.mktemp("browser")
    database = f"sqlite:///{folder / 'study.db'}"
    add_experimenter("anna", database)
    studies = write_studies(tmp_path_factory.mktemp("studies"))
    with serving(database, log=folder / "log", env={"LENDANEAR_STUDIES": str(studies)}) as served:
        yield served


def add_experimenter(name: str, database: str) -> None:
    command = [sys.executable, "-m", "server", "user", "add", name, "--role", "experimenter", "--database", database]
    subprocess.run(command, input=PASSWORD.encode(), check=True, capture_output=True)  # noqa: S603 - our own command


@pytest.fixture
def faults() -> Iterator[Faults]:
    """What went wrong on any page of a test; at its end nothing may have."""
    faults = Faults()
    yield faults
    assert faults.found == []


NewContext = Callable[..., BrowserContext]
NewPerson = Callable[..., Person]


@pytest.fixture
def new_context(browser: Browser, faults: Faults) -> Iterator[NewContext]:
    """Makes fresh browser profiles, each watched for faults."""
    contexts: list[BrowserContext] = []

    def making(**how: Any) -> BrowserContext:
        context = browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce", **how})
        context.set_default_timeout(PATIENCE_MS)
        context.on("page", faults.watch)
        contexts.append(context)
        return context

    yield making
    for context in contexts:
        context.close()


@pytest.fixture
def new_person(new_context: NewContext, served: Served) -> NewPerson:
    """Brings people to the study's link, each by an id of their own as a recruiting platform gives it."""

    def coming(context: BrowserContext | None = None, *, study: str = SHIPPED, pid: str = "", at: str = "") -> Person:
        page = (context or new_context()).new_page()
        pid = pid or uuid.uuid4().hex
        page.goto(f"{at or served.url}/s/{study}?PROLIFIC_PID={quote(pid)}&STUDY_ID=s&SESSION_ID=1")
        return Person(page, pid=pid)

    return coming


@pytest.fixture
def desk(new_context: NewContext, served: Served) -> Page:
    """A page on which anna is logged in at the desk."""
    page = new_context().new_page()
    page.goto(f"{served.url}/desk")
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Studies", level=1)).to_be_visible()
    return page
