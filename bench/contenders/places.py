"""Starts the contenders as their documentation says for production, and takes places in them."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import aiohttp

from bench.load import Seat
from bench.processes import Running, free_port, start_command

APPS = Path(__file__).parent
AT_ONCE = 16
_KEY = "bench"
_LIVE_ADDRESS = re.compile(r'data-socket-url="(/live\?[^"]+)"')


class NotInstalled(Exception):
    """The contender has no environment here."""


def environment(name: str) -> Path:
    """The contender's own environment, made by `setup.sh`. Raises `NotInstalled`."""
    folder = Path(os.environ.get("BENCH_CONTENDERS", APPS.parent / ".contenders")).resolve() / name
    if not (folder / "bin" / name).exists():
        raise NotInstalled(f"{name} is not installed: run bench/contenders/setup.sh")
    return folder


def version_of(name: str) -> str:
    """The contender's version and its server's; `absent` where it is not installed."""
    wanted = f"from importlib.metadata import version as v; print(v('{name}') + ', its uvicorn ' + v('uvicorn'))"
    try:
        python = environment(name) / "bin" / "python"
    except NotInstalled:
        return "absent"
    return subprocess.run([python, "-c", wanted], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603


def start_chainlit(folder: Path, *, model_url: str, on: frozenset[int]) -> Running:
    """Chainlit's own command: no browser, no watching, no debugging; asyncio's loop, as its command has it."""
    place, port = _copy("chainlit_app", folder), free_port()
    command = ["chainlit", "run", "app.py", "--headless", "--host", "127.0.0.1", "--port", str(port)]
    return _start("chainlit", command, place, port=port, on=on, env={"OPENAI_BASE_URL": model_url})


def start_otree(folder: Path, *, model_url: str, on: frozenset[int]) -> Running:
    """oTree's production server, one process for pages and sockets and its own for timeouts, on its default SQLite."""
    place, port = _copy("otree_project", folder), free_port()
    (place / "_static").mkdir()
    settings = {"OTREE_PRODUCTION": "1", "OTREE_AUTH_LEVEL": "STUDY", "OTREE_ADMIN_PASSWORD": _KEY}
    command = ["otree", "prodserver1of2", f"127.0.0.1:{port}"]
    env = {**settings, "OTREE_REST_KEY": _KEY, "OPENAI_BASE_URL": model_url}
    return _start("otree", command, place, port=port, on=on, env=env)


async def seats_of_chainlit(port: int, count: int) -> list[Seat]:
    """Sessions as the page opens them: settings, then the cookie that names the session."""

    async def take(http: aiohttp.ClientSession) -> Seat:
        session = str(uuid.uuid4())
        async with http.get("/project/settings") as settings:
            settings.raise_for_status()
        async with http.post("/set-session-cookie", json={"session_id": session}) as answer:
            answer.raise_for_status()
        cookie = f"X-Chainlit-Session-id={session}"
        return Seat(dialogue=session, path="/ws/socket.io/?EIO=4&transport=websocket", cookie=cookie)

    return await _take(port, count, take)


async def seats_of_otree(port: int, count: int) -> list[Seat]:
    """A session for `count` participants, each of whom opens its link and walks to the live page."""
    wanted = {"session_config_name": "talk", "num_participants": count}
    async with (
        aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers={"otree-rest-key": _KEY}) as http,
        http.post("/api/sessions", json=wanted) as made,
    ):
        made.raise_for_status()
        link = (await made.json())["session_wide_url"]

    async def take(http: aiohttp.ClientSession) -> Seat:
        async with http.get(link) as page:
            page.raise_for_status()
            found = _LIVE_ADDRESS.search(await page.text())
            cookie = page.cookies.get("session")
        if found is None:
            raise RuntimeError("oTree's page has no live socket")
        return Seat(path=found[1].replace("&amp;", "&"), cookie=f"session={cookie.value}" if cookie else "")

    return await _take(port, count, take)


async def _take(port: int, count: int, take: Callable[[aiohttp.ClientSession], Awaitable[Seat]]) -> list[Seat]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one() -> Seat:
        jar = aiohttp.CookieJar(unsafe=True)  # which keeps the cookies of a host that is a number
        async with gate, aiohttp.ClientSession(f"http://127.0.0.1:{port}", cookie_jar=jar) as http:
            return await take(http)

    return list(await asyncio.gather(*(one() for _ in range(count))))


def _copy(name: str, folder: Path) -> Path:
    """The app where it may write its own files."""
    return Path(shutil.copytree(APPS / name, folder, ignore=shutil.ignore_patterns("__pycache__")))


def _start(
    name: str, command: list[str], place: Path, *, port: int, on: frozenset[int], env: Mapping[str, str]
) -> Running:
    programs = environment(name) / "bin"
    path = f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"
    given = {**env, "PATH": path, "PYTHONPATH": "", "OPENAI_API_KEY": _KEY}
    first, *options = command
    log = place.with_suffix(".log")
    return start_command([str(programs / first), *options], port=port, on=on, log=log, env=given, folder=place)
