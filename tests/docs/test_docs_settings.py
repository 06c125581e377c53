"""The table of settings names exactly what the program reads, with the defaults that it has."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from docs_pages import PACKAGES, PAGES, ROOT, codes, first_cells, name, section, text

from llm.limits import Limits
from llm.request import ModelRole
from server.settings import Settings

MODELS = ROOT / "docs" / "models.md"
SETTING = re.compile(r"(?:LENDANEAR|OPENAI)_[A-Z_]+")
NAMED = re.compile(r"\b(?:LENDANEAR|OPENAI)_[A-Z_]+(?:<ROLE>)?")
BY_ROLE = "<ROLE>"


def read_by_the_program() -> set[str]:
    """Every variable whose name stands in the code as a text of its own, and every field of `Settings`."""
    found = {f"LENDANEAR_{field.upper()}" for field in Settings.model_fields}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            texts = (n.value for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Constant))
            found |= {value for value in texts if isinstance(value, str) and SETTING.fullmatch(value)}
    return {f"{variable}{BY_ROLE}" if variable.endswith("_") else variable for variable in found} - {"LENDANEAR_"}


def documented() -> dict[str, list[str]]:
    """The rows of the table by the variable, as cells."""
    rows = [line for line in section(MODELS, "Settings").splitlines() if line.startswith("| `")]
    return {codes(row.split("|")[1])[0]: [cell.strip() for cell in row.split("|")[1:-1]] for row in rows}


def test_the_table_holds_every_variable_and_no_other() -> None:
    """What the code reads is in docs/models.md, and what is there is read."""
    assert set(documented()) == read_by_the_program()


def test_defaults_are_as_the_table_says() -> None:
    """The defaults of the table are those of the code."""
    settings, limits = Settings.model_fields, Limits()
    expected = {
        "LENDANEAR_DATABASE_URL": settings["database_url"].default,
        "LENDANEAR_TIME_SCALE": f"{settings['time_scale'].default:g}",
        "LENDANEAR_HTTPS": str(settings["https"].default).lower(),
        "LENDANEAR_FIRST_TOKEN_S": f"{limits.first_token_s:g}",
        "LENDANEAR_STALL_S": f"{limits.stall_s:g}",
        "LENDANEAR_TOTAL_S": f"{limits.total_s:g}",
    }
    said = documented()
    assert {variable: codes(said[variable][1])[0] for variable in expected} == expected


def test_the_roles_are_listed() -> None:
    """Every role that a setting can name is explained."""
    listed = [role for cell in first_cells(section(MODELS, "Roles")) for role in codes(cell)]
    assert sorted(listed) == sorted(ModelRole.__members__)


@pytest.mark.parametrize("page", [*PAGES, ROOT / "docker-compose.yml", ROOT / "Dockerfile"], ids=name)
def test_a_page_names_no_variable_that_is_not_read(page: Path) -> None:
    """A setting in any page, or in the files for containers, is one of the table."""
    known = set(documented())
    by_role = tuple(variable.removesuffix(BY_ROLE) for variable in known if variable.endswith(BY_ROLE))
    for variable in NAMED.findall(text(page)):
        role = next((variable.removeprefix(prefix) for prefix in by_role if variable.startswith(prefix)), None)
        assert variable in known or role in ModelRole.__members__, f"nothing reads {variable}"
