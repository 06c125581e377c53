"""What tests of pages need: a browser where there is one, and a stage to drive pages on."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from web_dialogue import PretendedDialogue
from web_samples import all_pages
from web_stage import Stage

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium of one module: closed with it, since its loop must not meet those of other tests."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A served stage with every sample page and no dialogue yet."""
    with Stage(pages=all_pages()) as stage:
        yield stage


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(8_000)
    yield context
    context.close()


Open = Callable[..., Page]


@pytest.fixture
def open_page(context: BrowserContext, stage: Stage) -> Iterator[Open]:
    """Opens a sample page with its dialogues; at the end, nothing may have failed or met the security policy."""
    faults: list[str] = []

    def opening(name: str, *dialogues: PretendedDialogue) -> Page:
        stage.dialogues.update({dialogue.id: dialogue for dialogue in dialogues})
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        page.goto(f"{stage.address}/page/{name}")
        return page

    yield opening
    assert not faults
