"""What keeps a page from everybody: axe's findings and sideways scrolling, narrow and wide, dark and light."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

LOOKS: tuple[tuple[Any, Any], ...] = (
    ({"width": 320, "height": 640}, "dark"),
    ({"width": 1280, "height": 800}, "light"),
)
"""Sizes and colour schemes; `tests/web` tries every pair on sample pages. The last is left as it is."""
ONLY_VIOLATIONS: Any = {"resultTypes": ["violations"]}


def check_accessible(page: Page) -> None:
    """Fail with what axe finds on the page as it is now, or with how much wider it is than a narrow screen."""
    found = []
    for size, scheme in LOOKS:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        violations = Axe().run(page, options=ONLY_VIOLATIONS).response["violations"]
        found += [(size["width"], v["id"], [node["html"] for node in v["nodes"]]) for v in violations]
        if (excess := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
            found.append((size["width"], "scrolls sideways", excess))
    assert found == [], f"{page.title()} at {page.url}"
