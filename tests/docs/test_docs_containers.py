"""The files for containers: sound by the schema, without default secrets, and calling what there is."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from docs_pages import ROOT, text
from test_docs_commands import find, options

COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "Dockerfile"
SCHEMA = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(text(COMPOSE))["services"]
    return found


def instructions(word: str) -> list[str]:
    """The arguments of every instruction `word` of the Dockerfile."""
    return re.findall(rf"^{word} (.+)$", text(DOCKERFILE).replace("\\\n", ""), re.MULTILINE)


def test_the_compose_file_fits_the_schema() -> None:
    """The Compose specification accepts it."""
    checked = subprocess.run([*SCHEMA, str(COMPOSE)], capture_output=True, text=True, check=False)  # noqa: S603
    assert checked.returncode == 0, checked.stdout


def test_the_schema_would_notice_a_slip(tmp_path: Path) -> None:
    """A misspelt key is a fault: the check above can fail."""
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(text(COMPOSE).replace("healthcheck:", "healthchek:"))
    checked = subprocess.run([*SCHEMA, str(wrong)], capture_output=True, text=True, check=False)  # noqa: S603
    assert checked.returncode != 0


def test_no_secret_has_a_default() -> None:
    """The password must be given: every mention of it is refused when it is empty; the key has no default but none."""
    content = text(COMPOSE)
    assert len(re.findall(r"\$\{POSTGRES_PASSWORD:\?[^}]+\}", content)) == content.count("${POSTGRES_PASSWORD") >= 2
    assert re.findall(r"\$\{OPENAI_API_KEY[^}]*\}", content) == ["${OPENAI_API_KEY:-}"]


def test_the_services_are_web_worker_database_and_on_request_ollama() -> None:
    """Ollama starts only with its profile; whatever keeps something has a volume; every service tells its health."""
    found = services()
    assert set(found) == {"web", "worker", "database", "ollama"}
    assert [name for name, service in found.items() if "profiles" in service] == ["ollama"]
    assert all(service["volumes"] for service in found.values())
    assert [name for name, service in found.items() if "healthcheck" not in service] == ["web"]
    assert "/readyz" in " ".join(instructions("HEALTHCHECK"))


@pytest.mark.parametrize("service", ["web", "worker"])
def test_our_services_call_commands_that_exist(service: str) -> None:
    """What the containers run is a command of lendanear, with options that it takes; nothing of theirs is writable."""
    described = services()[service]
    program, *words = described["command"]
    command, left = find(words)
    assert program == "lendanear"
    assert {word for word in left if word.startswith("--")} <= options(command)
    assert described["read_only"] is True
    assert described["cap_drop"] == ["ALL"]


@pytest.mark.parametrize(("database", "is_well"), [("there.db", True), ("absent/none.db", False)])
def test_the_worker_is_well_only_with_its_database(tmp_path: Path, database: str, is_well: bool) -> None:
    """The health check of the worker, run as it stands, says yes to a migrated database and no to another."""
    url = f"sqlite:///{tmp_path / database}"
    if is_well:
        add = [sys.executable, "-m", "server", "user", "add", "ada", "--role", "analyst", "--database", url]
        subprocess.run(add, input="a long password\n", text=True, check=True, cwd=ROOT, capture_output=True)  # noqa: S603
    _, python, *rest = services()["worker"]["healthcheck"]["test"]
    assert python == "python"
    checked = subprocess.run(  # noqa: S603 - our own health check
        [sys.executable, *rest], cwd=ROOT, env={"LENDANEAR_DATABASE_URL": url}, capture_output=True, check=False
    )
    assert (checked.returncode == 0) is is_well, checked.stderr.decode()


def test_the_image_holds_every_package_and_nothing_that_is_not_there() -> None:
    """What is copied exists, and all packages of the program are among it."""
    copied = {source for line in instructions("COPY") for source in line.split()[:-1]}
    assert all((ROOT / source).exists() for source in copied)
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(wheel["packages"]) <= copied
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert let_in == copied


def test_the_image_is_installed_by_hashes_and_runs_without_rights() -> None:
    """Locked requirements by their hashes, no index named, and a user of its own before the command."""
    content = text(DOCKERFILE)
    assert "pip install --require-hashes -r requirements.lock" in content
    assert "index-url" not in content
    assert instructions("USER") == ["lendanear"]
    assert content.index("USER lendanear") < content.index("\nCMD ")
