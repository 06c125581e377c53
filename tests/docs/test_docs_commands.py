"""Every command that a page names can be typed as it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import typer.main
from docs_pages import PAGES, ROOT, blocks, commands, first_cells, inline_code, name, section

from server.cli import app

CLI = typer.main.get_command(app)
EXPERIMENTER = ROOT / "docs" / "experimenter.md"


def within(command: Any) -> Mapping[str, Any]:
    """The commands of a group; none when `command` is no group."""
    return getattr(command, "commands", {})


def find(words: list[str]) -> tuple[Any, list[str]]:
    """The command that `words` call, and what is left of them. Raises `AssertionError` when there is none."""
    command, left = CLI, list(words)
    while within(command):
        assert left and left[0] in within(command), f"there is no command {' '.join(words)!r}"
        command, left = within(command)[left[0]], left[1:]
    return command, left


def options(command: Any) -> set[str]:
    return {option for param in command.params for option in (*param.opts, *param.secondary_opts) if option[:2] == "--"}


def every_command(command: Any, *path: str) -> dict[str, Any]:
    """All commands below `command` by the words that call them."""
    if not within(command):
        return {" ".join(path): command}
    below = (every_command(sub, *path, word) for word, sub in within(command).items())
    return {words: found for commands_of in below for words, found in commands_of.items()}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_of_a_page_exists_with_its_options(page: Path) -> None:
    """Commands and options in blocks and between backticks are those that `lendanear --help` knows."""
    for words in commands(page):
        command, left = find(words)
        for word in left:
            if word.startswith("--"):
                assert word.partition("=")[0] in options(command), f"{command.name} takes no {word}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_an_option_on_its_own_belongs_to_some_command(page: Path) -> None:
    """`--option` between backticks is an option of lendanear."""
    known = {option for command in every_command(CLI).values() for option in options(command)}
    for code in inline_code(page):
        if code.startswith("--"):
            assert code.split()[0] in known, f"no command takes {code}"


def test_pages_name_every_command() -> None:
    """No command is left unexplained."""
    named = {id(find(words)[0]) for page in PAGES for words in commands(page)}
    missing = [words for words, command in every_command(CLI).items() if id(command) not in named]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_make_target_of_a_page_exists(page: Path) -> None:
    """`make WORD` is a rule of the Makefile."""
    rules = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    lines = [line.strip() for block in blocks(page) for line in block.splitlines()] + inline_code(page)
    for target in (found.group(1) for line in lines if (found := re.match(r"make ([a-z]+)\b", line))):
        assert target in rules, f"there is no make {target}"


def test_the_table_of_export_is_complete() -> None:
    """The experimenter's page lists every option of `export` but the folder to write."""
    listed = {cell.strip("`").split()[0] for cell in first_cells(section(EXPERIMENTER, "Export"))}
    assert listed == options(find(["export"])[0]) - {"--out"}


def test_the_first_lines_of_the_readme_are_the_two_commands() -> None:
    """Who opens the README sees at once how to run and how to test."""
    first, second, third = (ROOT / "README.md").read_text().splitlines()[:3]
    assert first == "```"
    assert second.startswith("make run ")
    assert third.startswith("make test ")
