"""The command line: a fault is one line on standard error that says what to do, with the right exit code."""

from __future__ import annotations

import io
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from server import cli
from tests.server.served import Served, environment, free_port, start
from tests.server.small_studies import FELT, write_study


@dataclass(frozen=True, slots=True)
class Told:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


Run = Callable[..., Told]


def lendanear(*arguments: object, stdin: str = "", **env: str) -> Told:
    """Run a command in a process of its own, to its end."""
    command = [sys.executable, "-m", "server", *map(str, arguments)]
    done = subprocess.run(  # noqa: S603 - our own command
        command, env=environment(1, env), input=stdin, capture_output=True, text=True, timeout=60
    )
    return Told(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Run]:
    """Run a command in this process, in an empty folder: what comes before anything is served needs no other."""

    def run(*arguments: object, stdin: str = "", **env: str) -> Told:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["lendanear", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        code = left.value.code
        if isinstance(code, str):  # the interpreter would print it and exit with 1
            return Told(1, said.out, f"{said.err}{code}\n")
        return Told(int(code or 0), said.out, said.err)

    yield run
    structlog.reset_defaults()


def refused(told: Told, *, code: int, saying: str) -> None:
    """The command was refused in one line, with this exit code."""
    assert told.code == code, told
    assert told.out == ""
    assert "Traceback" not in told.err
    assert len(told.err.strip().splitlines()) == 1, told.err
    assert saying in told.err


@pytest.mark.parametrize(
    ("database", "saying"),
    [
        ("mysql://localhost/study", "'mysql' are not supported"),
        ("sqlite://", "needs a file"),
        ("://", "no database address"),
        ("postgresql://localhost:port/x", "no database address"),
    ],
)
def test_what_is_no_database_address_is_refused(main: Run, database: str, saying: str) -> None:
    """An address that cannot be one is told with what one looks like."""
    refused(main("serve", "--no-browser", "--port", free_port(), "--database", database), code=1, saying=saying)


@pytest.mark.parametrize("database", ["postgresql://nobody@127.0.0.1:1/none", "no/such/folder/study.db", "BROKEN", "."])
def test_databases_that_cannot_be_used_are_refused(tmp_path: Path, database: str) -> None:
    """A server that is not there, a folder that is not, a file that is no database: one line, to the very end."""
    broken = tmp_path / "broken.db"
    broken.write_text("This is no database. " * 500)
    address = str(broken) if database == "BROKEN" else database

    told = lendanear("serve", "--no-browser", "--port", free_port(), "--database", address)

    refused(told, code=1, saying="the database cannot be used")


def test_jobs_that_are_no_database_are_named(main: Run, tmp_path: Path) -> None:
    """The file of the jobs stands beside the database; when something else stands there, the line says which."""
    jobs = tmp_path / "study-jobs.db"
    jobs.write_text("This is no database. " * 500)

    told = main("serve", "--no-browser", "--port", free_port(), "--database", tmp_path / "study.db")

    refused(told, code=1, saying=str(jobs))


def test_port_in_use_is_named(tmp_path: Path) -> None:
    """A port that is taken is told with what to do, before anything else happens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = lendanear("serve", "--no-browser", "--port", port, "--database", tmp_path / "study.db")

    refused(told, code=1, saying=f"cannot serve at 127.0.0.1:{port}: Address already in use; choose another --port")
    assert not list(tmp_path.iterdir()), "no database was made"


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("no.such.host.invalid", "no.such.host.invalid"),
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::7", "[2001:db8::7]"),
        ("not an address", "not an address"),
    ],
)
def test_host_that_is_not_here_is_named(main: Run, tmp_path: Path, host: str, named: str) -> None:
    """An address that this machine does not have is one line, too, with brackets around one of IPv6."""
    port = free_port()
    told = main("serve", "--no-browser", "--host", host, "--port", port, "--database", tmp_path / "a.db")
    refused(told, code=1, saying=f"cannot serve at {named}:{port}: ")


def test_folder_without_a_study_is_named(main: Run, tmp_path: Path) -> None:
    """A folder that is not there, or holds no study, is named with what a study is."""
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "none"):
        told = main("serve", "--no-browser", "--studies", folder, "--database", tmp_path / "study.db")
        refused(told, code=1, saying=f"{folder}: no study here")


def test_every_fault_of_a_study_is_told(main: Run, tmp_path: Path) -> None:
    """A study with two faults: both, by file and line, from `study check` and from `serve`; nothing is served."""
    folder = write_study(tmp_path / "faulty", after=[FELT], contact=5, on_withdrawal="shred")
    expected = {"contact", "on_withdrawal"}

    checked = main("study", "check", folder)
    served = main("serve", "--no-browser", "--studies", folder, "--database", tmp_path / "study.db")

    for told in (checked, served):
        assert told.code == 1
        lines = told.err.strip().splitlines()
        assert len(lines) == len(expected)
        assert all(line.startswith(f"{folder / 'study.yaml'}:") for line in lines)
        assert {name for name in expected if any(f"`{name}`" in line for line in lines)} == expected


def test_good_study_is_checked_and_frozen(main: Run, tmp_path: Path) -> None:
    """`check` says what it found; `freeze` writes the lock; a change after it is a fault until it is frozen again."""
    folder = write_study(tmp_path / "good", after=[FELT])
    assert main("study", "check", folder).code == 0
    assert main("study", "freeze", folder).code == 0
    (folder / "page.md").write_text("# Another page\n")
    for command in ("check", "freeze"):
        refused(
            main("study", command, folder), code=1, saying=f"{folder / 'study.lock'}:1: changed since it was frozen"
        )
    assert main("study", "freeze", folder, "--again").code == 0
    assert main("study", "check", folder).code == 0


def test_judge_names_the_broken_line(main: Run, tmp_path: Path) -> None:
    """A transcript file with a broken line is refused by file and line before anything is rated."""
    file = tmp_path / "talks.jsonl"
    good = '{"id": "a", "messages": [{"role": "seeker", "text": "Hi"}]}'
    for broken, saying in (("{oops", "not a line of JSON"), ('{"id": 1}', "text `id`"), (good, "occurs twice")):
        file.write_text(f"{good}\n{broken}\n")
        told = main("judge", file, "--rubric", "empathy", "--out", tmp_path / "out.jsonl")
        refused(told, code=1, saying=saying)
        assert f"{file}:2" in told.err
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "saying"),
    [
        (("judge", "none.jsonl", "--rubric", "empathy", "--out", "out.jsonl"), "none.jsonl"),
        (("judge", "none.jsonl", "--rubric", "no_such", "--out", "out.jsonl"), "no_such"),
        (("judge", "none.jsonl", "--rubric", "empathy", "--model", "magic:1", "--out", "o"), "magic"),
        (("judge", "none.jsonl", "--rubric", "empathy", "--model", "openai:gpt-4o", "--out", "o"), "OPENAI_API_KEY"),
        (("export", "lend_an_ear", "--out", "out", "--database", "none.db"), "there is no database"),
        (("export", "lend_an_ear", "--out", "out", "--database", "."), "the database cannot be used"),
        (("study", "check", "nowhere"), "nowhere"),
        (("analyze", "nowhere", "--out", "out"), "there is no such folder"),
        (("pilot", "lend_an_ear", "--participants", "1", "--url", "http://127.0.0.1:1"), "cannot reach the server"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_not_there_is_named(main: Run, tmp_path: Path, arguments: tuple[str, ...], saying: str) -> None:
    """Files, rubrics, models, databases, folders and servers that are not there: one line each, nothing is made."""
    refused(main(*arguments), code=1, saying=saying)
    assert not [path for path in tmp_path.iterdir() if path.suffix in (".db", ".jsonl")]


def test_empty_dataset_folder_is_refused(main: Run, tmp_path: Path) -> None:
    """`analyze` on a folder without a dataset names the first file that it needs."""
    (tmp_path / "empty").mkdir()
    told = main("analyze", tmp_path / "empty", "--out", tmp_path / "out")
    refused(told, code=1, saying="participants")


def test_unknown_study_is_not_exported(main: Run, server: Served, tmp_path: Path) -> None:
    """An export of a slug that is not in the database names it."""
    told = main("export", "no_such_study", "--out", tmp_path / "out", "--database", server.database)
    refused(told, code=1, saying="'no_such_study'")


@pytest.mark.parametrize(
    ("arguments", "saying"),
    [
        (("serve", "--workers", "2", "--database", "a.db"), "SQLite serves one process"),
        (("worker", "--database", "a.db"), "needs PostgreSQL"),
        (("export", "x", "--out", "o", "--format", "xlsx"), "csv or parquet"),
        (("user", "add", "Anna", "--role", "king"), "experimenter, analyst or rater"),
    ],
    ids=["workers", "worker", "format", "role"],
)
def test_wrong_usage_is_exit_2(main: Run, tmp_path: Path, arguments: tuple[str, ...], saying: str) -> None:
    """What cannot work as it is asked for is wrong usage: exit 2 and one line, and no file is made."""
    refused(main(*arguments), code=2, saying=saying)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "value", "saying"),
    [
        ("LENDANEAR_TIME_SCALE", "fast", "LENDANEAR_TIME_SCALE"),
        ("LENDANEAR_TIME_SCALE", "0.5", "LENDANEAR_TIME_SCALE"),
        ("LENDANEAR_TIME_SCALE", "nan", "LENDANEAR_TIME_SCALE"),
        ("LENDANEAR_MODEL_SEEKER", "openai:gpt-4o", "OPENAI_API_KEY"),
        ("LENDANEAR_MODEL_CHEF", "rules", "no role CHEF"),
        ("LENDANEAR_HTTPS", "perhaps", "LENDANEAR_HTTPS"),
    ],
)
def test_settings_that_cannot_work_are_named(main: Run, tmp_path: Path, name: str, value: str, saying: str) -> None:
    """A setting that cannot work is an error at the start, by its name, and never a silent default."""
    told = main("serve", "--no-browser", "--database", tmp_path / "a.db", "--port", free_port(), **{name: value})
    refused(told, code=1, saying=saying)


def test_accounts_are_added_once_and_with_a_password(main: Run, tmp_path: Path) -> None:
    """The password comes from standard input; a short one and a taken name are refused; it is kept as argon2id."""
    database = tmp_path / "study.db"
    add = ("user", "add", "Anna", "--role", "analyst", "--database", database)
    refused(main(*add, stdin="short\n"), code=1, saying="at least 10 characters")
    done = main(*add, stdin="correct horse battery\n")
    assert (done.code, "Anna may log in" in done.out, "horse" in done.out) == (0, True, False)
    refused(main(*add, stdin="correct horse battery\n"), code=1, saying="'Anna'")
    with sqlite3.connect(database) as connection:
        [(kept,)] = connection.execute("SELECT password_hash FROM account")
    assert kept.startswith("$argon2id$")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serving_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C and a request to end: the server says goodbye and leaves, without a traceback; one file holds all."""
    served = start(f"sqlite:///{tmp_path / 'study.db'}", log=tmp_path / "log")
    began = time.monotonic()
    os.kill(served.process.pid, number)
    served.process.wait(20)
    assert time.monotonic() - began < 15
    assert "Traceback" not in served.log.read_text()
    assert "lendanear serves at" in served.log.read_text()
    assert not (tmp_path / "study.db-wal").exists()
