"""Links lead somewhere, pictures are pictures, and what a page names in the code is there."""

from __future__ import annotations

import importlib
import re
import struct
from pathlib import Path

import pytest
from docs_pages import PACKAGES, PAGES, ROOT, WRITTEN, anchors, headings, inline_code, links, name, text

LARGEST_PICTURE = 250 * 1024
PNG = b"\x89PNG\r\n\x1a\n"
CODE = (*PACKAGES, "bench", "studies", "tests")
FOLDERS = (*CODE, "docs", ".ci")
HOSTS = {
    "localhost",
    "127.0.0.1",
    "ollama",
    "app.prolific.com",
    "github.com",
    "keepachangelog.com",
    "semver.org",
    "YOUR.ADDRESS",
}
"""The only machines that pages and files for containers name; none of them is a package registry."""
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:work|root|home|tmp)/|(?<![\w/])\.\./shared")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    """Files and folders that are linked exist, and so do places inside pages."""
    for link in links(page):
        target, _, anchor = link.target.partition("#")
        if "://" in target:
            continue
        goal = (page.parent / target).resolve() if target else page
        assert goal.exists() and goal.is_relative_to(ROOT), f"{link.target} leads nowhere"
        assert not anchor or anchor in anchors(goal), f"{target} has no place called {anchor}"


def test_pictures_are_small_real_and_described() -> None:
    """Each picture is a PNG below 250 KB with a text for those who cannot see it, and each is shown somewhere."""
    shown = {(link.page.parent / link.target).resolve() for page in PAGES for link in links(page) if link.is_picture}
    assert shown == set((ROOT / "docs" / "images").iterdir())
    for picture in shown:
        content = picture.read_bytes()
        width, height = struct.unpack(">II", content[16:24])
        assert content.startswith(PNG) and min(width, height) >= 300
        assert len(content) < LARGEST_PICTURE
    assert not [page for page in PAGES if re.search(r"!\[\s*\]", text(page))]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_files_that_a_page_names_exist(page: Path) -> None:
    """A path of the project between backticks is there."""
    for code in inline_code(page):
        if re.fullmatch(rf"(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./]*", code):
            assert (ROOT / code).exists(), f"there is no {code}"


MODULES = frozenset(path.relative_to(ROOT).as_posix() for folder in CODE for path in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_modules_that_a_page_names_exist(page: Path) -> None:
    """A `….py` between backticks is a file of ours, named from the top, or by its last parts where that is enough."""
    for code in inline_code(page):
        if re.fullmatch(r"[\w./-]+\.py", code):
            assert any(f"/{module}".endswith(f"/{code}") for module in MODULES), f"there is no {code}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_names_of_the_code_exist(page: Path) -> None:
    """A dotted name such as `core.dialogue.due` between backticks can be imported."""
    for code in inline_code(page):
        if found := re.match(rf"((?:{'|'.join(PACKAGES)})(?:\.[a-z_]+)+)(?:\.([A-Za-z_]+))?(?:\(.*\))?$", code):
            module, _, last = found.group(1).rpartition(".")
            if not (ROOT / module.split(".")[0]).is_dir() or last in ("py", "md", "yaml"):
                continue
            parent = importlib.import_module(module)
            assert hasattr(parent, last) or importlib.util.find_spec(found.group(1)), f"there is no {code}"


def test_decisions_are_numbered_without_a_gap() -> None:
    """0001, 0002, … and the title bears the number."""
    for number, page in enumerate(DECISIONS, start=1):
        assert page.name.startswith(f"{number:04d}-")
        assert text(page).startswith(f"# {number}. ")


@pytest.mark.parametrize("page", DECISIONS, ids=name)
def test_a_decision_is_one_page_of_three_parts(page: Path) -> None:
    """Context, decision, consequences, each with something under it, on one page."""
    assert headings(page, level=2) == ["Context", "Decision", "Consequences"]
    assert all(part.strip() for part in re.split(r"^## .+$", text(page), flags=re.MULTILINE))
    assert len(text(page).splitlines()) <= 60


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_no_page_names_a_place_of_its_makers(page: Path) -> None:
    """No path of a machine, and no host that readers do not need."""
    assert not MACHINE_PATH.findall(text(page))
    hosts = set(re.findall(r"\bhttps?://([\w.\-]+)", text(page)))
    assert hosts <= HOSTS, f"unknown hosts: {hosts - HOSTS}"


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_name_hashes_and_no_address(lock: str) -> None:
    """Every requirement is held by a hash, from wherever it is fetched."""
    content = (ROOT / lock).read_text()
    pins = re.findall(r"^[a-z0-9][^\n]*==", content, re.MULTILINE)
    assert len(pins) > 50
    assert content.count("--hash=sha256:") >= len(pins)
    assert not re.search(r"https?:|--index-url|--extra-index-url|--find-links", content)
