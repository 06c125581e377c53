"""`pilot`: simulated participants at a server of their own, then export, scores and analysis of what they did."""

from __future__ import annotations

import asyncio
import csv
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from analysis.run import analyze
from core.count import counted
from core.errors import Unusable
from llm.settings import model_settings
from personas.supporters import Supporter
from server.commands.export import export
from server.commands.spending import progress_bar
from server.commands.study import check
from server.export.judging import HUMAN
from server.export.write import Wishes
from server.models import rules_provider
from server.pilot.participant import Walk
from server.settings import Settings
from server.storage.database import Database
from server.study_folder import study_folders
from server.work import count_unscored

SCALE = 60
START_S = 60.0
SCORES_S = 600.0
AT_ONCE = 20
"""Participants who walk at the same time."""


@dataclass(frozen=True, slots=True)
class Piloted:
    """What a pilot has left behind."""

    participants: int
    report: Path | None
    """None when the study ran on somebody else's server: its data is there."""


async def pilot(slug: str, *, participants: int, seed: int, url: str | None, out: Path, settings: Settings) -> Piloted:
    """Let simulated participants walk the study.

    Without `url` a server of our own is started on a fresh database in `out`, sixty times as fast as life; afterwards
    its data is exported, scored and analysed there. Raises `Unusable` when the server cannot be reached or refuses.
    """
    if url is not None:
        await _check_reachable(url)
        await _walk_all(slug, participants=participants, seed=seed, url=url)
        return Piloted(participants, None)
    study = _checked(slug, settings.studies)
    database = _fresh(out)
    own = settings.model_copy(
        update={"database_url": f"sqlite:///{database}", "time_scale": float(SCALE), "studies": study}
    )
    _tell(f"starting a server of the pilot's own, {SCALE} times as fast as life")
    async with _serving(own) as address:
        await _walk_all(slug, participants=participants, seed=seed, url=address)
        _tell("scoring the conversations")
        await _scores(own)
    dataset = out / "dataset"
    _tell(f"exporting to {dataset}")
    await export(own, slug, dataset, wishes=Wishes())
    _tell("analysing")
    report = await asyncio.to_thread(analyze, dataset, out / "analysis", pilots=True, judge_model=_judge_in(dataset))
    return Piloted(participants, report)


def _tell(what: str) -> None:
    """Say what is done next: each of it may take minutes, and bars are drawn on a terminal alone."""
    print(f"{what} …", file=sys.stderr, flush=True)


def _checked(slug: str, studies: Path) -> Path:
    """The folder of the study `slug` in `studies`, which has no fault; remarks are told. Raises `Unusable`."""
    folders = {folder.resolve().name: folder for folder in study_folders(studies)}
    if slug not in folders:
        there = ", ".join(folders)
        raise Unusable(f"there is no study {slug!r} in {studies}, only {there}; --studies names another folder")
    for remark in check(folders[slug]).remarks:
        print(remark, file=sys.stderr)
    return folders[slug]


def _judge_in(dataset: Path) -> str | None:
    """The judge beside whom people have rated; None where there is nothing to choose from."""
    with (dataset / "scores.csv").open(encoding="utf-8", newline="") as file:
        models = {row["model"] for row in csv.DictReader(file)}
    judges = {model for model in models if not model.startswith(HUMAN)}
    return next(iter(judges)) if len(judges) == 1 and judges != models else None


async def _check_reachable(url: str) -> None:
    """Raises `Unusable` when no server answers at `url`: participants would wait for it to come back."""
    try:
        async with aiohttp.ClientSession() as http, http.get(f"{url.rstrip('/')}/healthz") as answer:
            answer.raise_for_status()
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise Unusable(f"cannot reach the server at {url}: {error}") from None


async def _walk_all(slug: str, *, participants: int, seed: int, url: str) -> None:
    _tell(f"{counted(participants, 'simulated participant')} in {slug}, {AT_ONCE} at a time")
    settings = model_settings()
    models = settings.open(rules=rules_provider())
    turn = asyncio.Semaphore(AT_ONCE)
    connector = aiohttp.TCPConnector(limit=0)
    try:
        async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as http:
            with progress_bar() as bar:
                task = bar.add_task("participants walk the study", total=participants)

                async def walk(number: int) -> None:
                    async with turn:
                        await Walk(http, url, slug, supporter=Supporter(models), seed=f"{seed}-{number}").run()
                        bar.advance(task)

                async with asyncio.TaskGroup() as group:
                    for number in range(1, participants + 1):
                        group.create_task(walk(number))
    except* (aiohttp.ClientError, OSError) as errors:
        raise Unusable(f"cannot reach the server at {url}: {errors.exceptions[0]}") from None
    except* Unusable as errors:
        raise errors.exceptions[0] from None
    finally:
        await models.aclose()


def _fresh(out: Path) -> Path:
    """The path of a new database in `out`. Raises `Unusable` when an earlier pilot is there."""
    database = out / "pilot.db"
    if database.exists():
        raise Unusable(f"{out} holds an earlier pilot; choose another --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unusable(f"{out} cannot be written: {error.strerror}") from None
    return database


@asynccontextmanager
async def _serving(settings: Settings) -> AsyncIterator[str]:
    """A server of our own for as long as the block runs; its address. Its log goes with it unless it fails."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "server", "serve", "--port", str(port), "--no-browser"]
    environment = os.environ | {
        "LENDANEAR_DATABASE_URL": settings.database_url,
        "LENDANEAR_TIME_SCALE": str(settings.time_scale),
        "LENDANEAR_STUDIES": str(settings.studies),
    }
    is_ready = False
    with tempfile.TemporaryFile() as output:
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdout=output, stderr=output, stdin=asyncio.subprocess.DEVNULL
        )
        try:
            address = f"http://127.0.0.1:{port}"
            await _until_ready(address, process)
            is_ready = True
            yield address
        except Unusable as fault:
            if is_ready and process.returncode is None:
                raise
            output.seek(0)
            told = output.read().decode(errors="replace").strip().splitlines()
            raise Unusable(f"{fault.message} {told[-1] if told else ''}".strip()) from None
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()


async def _until_ready(address: str, process: asyncio.subprocess.Process) -> None:
    async with aiohttp.ClientSession() as http:
        for _ in range(int(START_S / 0.2)):
            if process.returncode is not None:
                raise Unusable("the pilot's server did not start:")
            try:
                async with http.get(f"{address}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)
    raise Unusable("the pilot's server was not ready in time:")


async def _scores(settings: Settings) -> None:
    """Wait until the server's jobs have scored every conversation."""
    database = Database(settings.database_url)
    try:
        with progress_bar() as bar:
            task = bar.add_task("conversations are scored", total=None)
            total = left = await count_unscored(database)
            for _ in range(int(SCORES_S / 0.5)):
                bar.update(task, total=total, completed=total - left)
                if left == 0:
                    return
                await asyncio.sleep(0.5)
                left = await count_unscored(database)
        raise Unusable(f"not scored in time: {counted(left, 'conversation')}; export and judge them later")
    finally:
        await database.close()
