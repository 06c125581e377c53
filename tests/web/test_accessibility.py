"""Every page passes axe, wide and narrow, light and dark, and fits into 320 px."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from preview import preview_stage
from web_samples import all_pages

pytestmark = pytest.mark.browser

PAGES = [name for name, (template, _) in all_pages().items() if "/_" not in template]
SIZES = {"narrow": {"width": 320, "height": 640}, "wide": {"width": 1280, "height": 800}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_no_page_has_violations(browser: Browser, size: str, scheme: str) -> None:
    """No violation of any rule on any page, and none scrolls sideways."""
    with preview_stage() as stage:
        context = browser.new_context(viewport=SIZES[size], color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page = context.new_page()
        found = {}
        for name in PAGES:
            page.goto(f"{stage.address}/page/{name}")
            _settle(page, name)
            violations = Axe().run(page).response["violations"]
            wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            if violations or wide:
                found[name] = [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] or "scrolls sideways"
        context.close()
    assert found == {}


def _settle(page: Page, name: str) -> None:
    if name == "conversation":
        expect(page.locator(".message--seeker")).to_have_count(1)
    if name == "coach":
        expect(page.locator("mark").first).to_be_visible()


@pytest.mark.parametrize("button", ["Help lines", "Take a break / stop"])
def test_a_sheet_has_no_violations_and_gives_the_focus_back(browser: Browser, button: str) -> None:
    """The panel opens by keyboard, passes axe, and Escape leads back to where one was."""
    with preview_stage() as stage:
        page = browser.new_page()
        page.goto(f"{stage.address}/page/page")
        page.get_by_role("button", name=button).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        expect(page.get_by_role("button", name="Back to the page")).to_be_focused()
        assert Axe().run(page).response["violations"] == []
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name=button)).to_be_focused()
        page.close()


def test_the_desk_refreshes_itself(browser: Browser) -> None:
    """The live part of a study's page is fetched again, in place, under the security policy."""
    with preview_stage() as stage:
        page = browser.new_page()
        page.clock.install()
        page.goto(f"{stage.address}/page/desk_study")
        before = page.get_by_text("3:22 running")
        expect(before).to_be_visible()
        _, context = stage.pages["desk_study_live"]
        context["live"]["conversations"][0]["remaining_s"] = 190
        page.clock.run_for(6_000)
        expect(page.get_by_text("3:10 running")).to_be_visible()
        page.close()
