"""The main job on real input: people's own lines through HTTP and socket, in all conditions, and out unchanged."""

from __future__ import annotations

import asyncio
import csv
import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from tests.conftest import SHARED
from tests.server.served import environment, serving

PER_CONDITION = 4
"""Walkers per condition: two blocks of eight; their forty-eight conversations hold the twenty-five transcripts."""

FILLER = "I hear you."

OWN = [
    [
        "I'm so sorry. =SUM(A1:A9) is what my head feels like too.",
        "- How are you holding up?",
        "'Quoted' and \"quoted\"",
    ],
    [
        "  That sounds awful.\nTwo lines, and a tab:\there.  ",
        "+1 to that feeling",
        "@you: what happened then?",
        "Ünïcödé 💛 שלום",
    ],
    [
        "Tell me more; a,comma and \u2028 a strange separator",
        "\tTabbed start",
        "What was the hardest part?",
        "<b>bold</b> & co",
    ],
]


@dataclass
class Walker:
    """Somebody who types given lines, one list of lines per conversation, and notes what was acknowledged."""

    http: aiohttp.ClientSession
    url: str
    scripts: list[list[str]]
    sent: dict[str, list[str]] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)
    finished: bool = False

    async def walk(self) -> None:
        entered = await self._post("/api/studies/lend_an_ear/participants", {})
        self.http.headers["Authorization"] = f"Bearer {entered['token']}"
        while True:
            step = (await self._get("/api/me"))["step"]
            self.kinds.append(step["kind"])
            if step["kind"] == "end":
                assert step["content"]["completion_code"]
                self.finished = True
                return
            await self._do(step)

    async def _do(self, step: dict) -> None:
        content, answers = step["content"], {}
        if step["kind"] == "survey":
            answers = {item["id"]: _answer(item) for item in content["items"]}
        elif step["kind"] == "conversation":
            await self._talk(content["dialogue"], self.scripts.pop(0) if self.scripts else ["I hear you."])
        elif step["kind"] == "coach":
            await self._talk(content["dialogue"], ["=How could I have listened better?"], stay=False)
        elif step["kind"] == "video":
            for event in ("video_play", "video_ended"):
                payload = [{"video": v["id"], "position_s": v["seconds"]} for v in content["videos"]]
                events = [{"kind": event, "at_ms": 1, "step": step["id"], "payload": p} for p in payload]
                await self._post("/api/me/events", {"events": events})
                await asyncio.sleep(max(v["seconds"] for v in content["videos"]) / 60 if event == "video_play" else 0)
        elif content.get("consent"):
            answers = {"consent": True}
        await self._post(f"/api/me/steps/{step['id']}", {"answers": answers})

    async def _talk(self, dialogue: str, lines: list[str], *, stay: bool = True) -> None:
        """Type the lines in turn, then short ones until the time is over; or leave a dialogue that has no clock."""
        waiting, sent = list(lines), self.sent.setdefault(dialogue, [])
        async with self.http.ws_connect(self.url.replace("http", "ws") + "/ws") as socket:
            await socket.send_json({"type": "join", "dialogue": dialogue, "after_seq": 0})
            async for received in socket:
                frame = json.loads(received.data)
                is_mine = frame["type"] == "message" or (frame["type"] == "state" and frame["messages"])
                if frame["type"] == "ack":
                    sent.append(waiting.pop(0).strip())
                elif frame["type"] == "closed" or (is_mine and not waiting and not stay):
                    return
                elif is_mine:
                    if not waiting:
                        waiting.append(FILLER)
                        await asyncio.sleep(0.4)
                    line = {"type": "say", "client_id": str(len(sent)), "text": waiting[0]}
                    await socket.send_json(line)

    async def _get(self, path: str) -> dict:
        async with self.http.get(self.url + path) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def _post(self, path: str, body: object) -> dict | None:
        async with self.http.post(self.url + path, json=body) as answer:
            assert answer.status in (200, 201, 204), (path, await answer.text())
            return await answer.json() if answer.status != 204 else None


def _answer(item: dict) -> object:
    if item["id"] == "ai_assistance":
        return "no"
    if item.get("options"):
        return item["options"][0]["value"]
    return {"number": 40, "checkbox": True}.get(item["kind"], "=1+1 is what I'd say")


async def _walk_all(url: str, scripts: list[list[list[str]]]) -> list[Walker]:
    sessions = [aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) for _ in scripts]
    walkers = [Walker(http, url, theirs) for http, theirs in zip(sessions, scripts, strict=True)]
    try:
        await asyncio.gather(*(walker.walk() for walker in walkers))
    finally:
        for http in sessions:
            await http.close()
    return walkers


def _command(*words: str, database: str = "") -> subprocess.CompletedProcess[str]:
    settings = environment(1, {"LENDANEAR_DATABASE_URL": database})
    command = [sys.executable, "-m", "server", *words]
    return subprocess.run(command, env=settings, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _unmarked(cell: str) -> str:
    """A cell as it was before it was marked against spreadsheets: exactly one leading apostrophe goes."""
    return cell[1:] if cell.startswith("'") else cell


def _check_export(dataset: Path, walkers: list[Walker]) -> None:
    sent = {dialogue: lines for walker in walkers for dialogue, lines in walker.sent.items()}
    exported: dict[str, list[str]] = {}
    for row in _rows(dataset / "messages.csv"):
        if row["role"] == "supporter":
            exported.setdefault(row["conversation_id"], []).append(_unmarked(row["text"]))
    assert exported == sent
    people = _rows(dataset / "participants.csv")
    assert {row["status"] for row in people} == {"complete"}
    assert len(set(Counter(row["condition"] for row in people).values())) == 1
    assert len(_rows(dataset / "conversations.csv")) == 3 * len(people)


def _judge_and_analyze(dataset: Path, out: Path) -> None:
    """`judge` on the exported conversations, and `analyze` on the dataset with the scores of the server's own jobs."""
    scenario = {row["conversation_id"]: row["scenario"] for row in _rows(dataset / "conversations.csv")}
    transcripts: dict[str, list[dict[str, str]]] = {}
    for row in _rows(dataset / "messages.csv"):
        if row["conversation_id"] in scenario:
            transcripts.setdefault(row["conversation_id"], []).append(
                {"role": row["role"], "text": _unmarked(row["text"])}
            )
    source = out / "transcripts.jsonl"
    lines = [{"id": i, "scenario": scenario[i], "messages": messages} for i, messages in transcripts.items()]
    source.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    judged = _command("judge", str(source), "--rubric", "empathy", "--out", str(out / "scores.jsonl"))
    assert judged.returncode == 0, judged.stderr
    ratings = [json.loads(line) for line in (out / "scores.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [rating["id"] for rating in ratings] == list(transcripts)
    assert all(rating["failure"] is None for rating in ratings)
    stored = {(r["conversation_id"], r["dimension"]): r["score"] for r in _rows(dataset / "scores.csv")}
    assert stored == {(r["id"], d): str(s) for r in ratings for d, s in r["scores"].items()}

    analysed = _command("analyze", str(dataset), "--out", str(out / "analysis"), "--pilots")
    assert analysed.returncode == 0, analysed.stderr
    results = json.loads((out / "analysis" / "results.json").read_text(encoding="utf-8"))
    assert results["flow"]["analysed"] == len(_rows(dataset / "participants.csv"))
    assert (out / "analysis" / "report.html").stat().st_size > 10_000


def _replay(scripts: list[list[list[str]]], tmp_path: Path) -> list[Walker]:
    database = f"sqlite:///{tmp_path / 'study.db'}"
    with serving(database, log=tmp_path / "server.log") as server:
        walkers = asyncio.run(_walk_all(server.url, scripts))
        dataset = tmp_path / "dataset"
        for _ in range(60):
            exported = _command("export", "lend_an_ear", "--out", str(dataset), database=database)
            assert exported.returncode == 0, exported.stderr
            if len(_rows(dataset / "scores.csv")) == 6 * 3 * len(scripts):
                break
            asyncio.run(asyncio.sleep(0.5))
    _check_export(dataset, walkers)
    _judge_and_analyze(dataset, tmp_path)
    return walkers


def test_own_lines_come_out_of_every_condition_as_they_went_in(tmp_path: Path) -> None:
    """Formulas, quotes, line breaks, emoji and markup are exported letter for letter, in all four conditions."""
    walkers = _replay([[list(lines) for lines in OWN] for _ in range(8)], tmp_path)

    kinds = Counter((("video" in w.kinds), ("coach" in w.kinds)) for w in walkers)
    assert kinds == {(False, False): 2, (True, False): 2, (False, True): 2, (True, True): 2}
    assert all(walker.finished for walker in walkers)


@pytest.mark.shared
def test_real_transcripts_walk_all_conditions_and_come_out_unchanged(tmp_path: Path) -> None:
    """The supporter lines of twenty-five real conversations, typed in every condition, come out letter for letter."""
    text = (SHARED / "data" / "expert_rated.jsonl").read_text(encoding="utf-8")
    real = [
        [m["text"] for m in json.loads(line)["messages"] if m["role"] == "supporter"]
        for line in text.splitlines()
        if line.strip()
    ]
    places = 4 * PER_CONDITION
    scripts = [[real[(3 * n + round_) % len(real)] for round_ in range(3)] for n in range(places)]

    walkers = _replay(scripts, tmp_path)

    assert all(walker.finished for walker in walkers)
    typed = [lines for walker in walkers for lines in walker.sent.values()]
    whole = [lines for lines in real if any(said[: len(lines)] == [x.strip() for x in lines] for said in typed)]
    assert len(whole) == len(real)
