"""Faults of `pilot` and what stands around it: one clear line, and nothing left behind that would be in the way."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.cli import main
from server.commands.analyze import on_who_counts
from server.pilot import participant
from server.pilot.participant import _told
from tests.server.small_studies import STUDIES


def refusal(command: str, monkeypatch: pytest.MonkeyPatch) -> object:
    """What `lendanear` exits with."""
    monkeypatch.setattr(sys, "argv", ["lendanear", *command.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_an_unknown_study_is_told_with_those_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a folder is made or a server started."""
    monkeypatch.chdir(tmp_path)

    told = str(refusal(f"pilot no_such --participants 1 --studies {STUDIES}", monkeypatch))

    assert told.startswith(f"there is no study 'no_such' in {STUDIES}, only expert_rating, lend_an_ear, preferences")
    assert list(tmp_path.iterdir()) == []


def test_a_study_with_faults_is_told_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its faults come with their lines, and the folder is free once they are mended."""
    (tmp_path / "studies" / "mine").mkdir(parents=True)
    (tmp_path / "studies" / "mine" / "study.yaml").write_text("title: Mine\n", encoding="utf-8")

    told = str(refusal(f"pilot mine --participants 1 --studies {tmp_path}/studies --out {tmp_path}/out", monkeypatch))

    assert "study.yaml:1: `contact` is missing" in told
    assert not (tmp_path / "out").exists()


def test_studies_of_a_server_elsewhere_cannot_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal("pilot a --participants 1 --url http://127.0.0.1:1 --studies .", monkeypatch) == 2


@pytest.mark.parametrize("command", ["power", "check"])
def test_a_path_without_a_study_is_one_clear_sentence(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A study is named by its path, and the sentence shows one."""
    told = refusal(f"study {command} lend_me_an_ear", monkeypatch)

    assert told == "there is no study folder lend_me_an_ear; give the path of one, such as studies/lend_an_ear"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"error": {"code": "not_found", "message": "There is no such study."}}', "There is no such study."),
        ("<h1>Bad gateway</h1>", "<h1>Bad gateway</h1>"),
        ('{"detail": 3}', '{"detail": 3}'),
        ("[]", "[]"),
    ],
)
def test_a_server_s_refusal_is_told_in_its_own_sentence(body: str, said: str) -> None:
    assert _told(body) == said


NOBODY = {"pilots": 0, "re_entries": 0, "recruited": 0, "incomplete": 0, "ai_assistance": 0, "analysed": 0}


@pytest.mark.parametrize(
    ("flow", "said"),
    [
        ({"recruited": 5, "analysed": 5}, None),
        ({"pilots": 2, "recruited": 5, "analysed": 5}, "Left out as pilots: 2; --pilots counts them."),
        (
            {"pilots": 2},
            "Everyone in this dataset is a pilot, so nobody is analysed and the report is empty; --pilots counts them.",
        ),
        (
            {"pilots": 6, "recruited": 2, "incomplete": 2},
            "Nobody is analysed and the report is empty: left out are pilots 6, incomplete 2; "
            "--pilots counts the pilots.",
        ),
        (
            {"recruited": 1, "ai_assistance": 1},
            "Nobody is analysed and the report is empty: left out are helped by a model 1.",
        ),
        ({}, "Nobody is analysed and the report is empty: the dataset has no participants."),
    ],
)
def test_who_analyses_is_told_when_nobody_counts_and_of_pilots_left_out(
    flow: dict[str, int], said: str | None, tmp_path: Path
) -> None:
    """One line that says why, and how pilots are counted."""
    (tmp_path / "results.json").write_text(json.dumps({"flow": NOBODY | flow}), encoding="utf-8")

    assert on_who_counts(tmp_path / "report.html") == said


async def test_a_server_that_puts_a_call_off_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its storage was away for a moment; what it says with 503 is that one may try again."""
    monkeypatch.setattr(participant, "RECONNECT_S", 0)
    answers = [503, 200, 503, 503, 200]

    async def answer(_request: web.Request) -> web.Response:
        body = {"token": "t", "step": {"id": "end", "kind": "end", "content": {}}}
        return web.json_response(body, status=answers.pop(0))

    async with walking(answer) as walk:
        await walk.run()

    assert answers == []


async def test_a_step_whose_taking_was_not_answered_is_taken() -> None:
    """The server has moved on, and refuses the same step from then on."""
    here = "video_2"

    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"step": {"id": here}}, status=409 if request.method == "POST" else 200)

    async with walking(answer) as walk:
        assert await walk._is_taken("video_1")
        assert not await walk._is_taken("video_2")


@asynccontextmanager
async def walking(answer: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[participant.Walk]:
    """A simulated participant of a server that answers every call so."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        nobody: Any = None
        yield participant.Walk(http, str(server.make_url("")), "study", supporter=nobody, seed="1")
