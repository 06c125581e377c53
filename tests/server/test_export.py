"""The dataset folder: what was sent, letter for letter, while the study runs; and anonymous when that is wanted."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from analysis.dataset import load
from core.errors import NotFound, Unusable
from server.commands.export import export
from server.export.write import Exported, Format, Wishes
from server.settings import Settings
from tests.server.client import Client, clients, eventually
from tests.server.served import Served
from tests.server.test_command_line import Run, main
from tests.server.walking import walk

__all__ = ["main"]

COLUMNS = {
    "participants": "participant_id study study_hash condition status pilot started_at finished_at ai_assistance age"
    " sex ethnicity time_factor external_id",
    "conversations": "conversation_id participant_id round scenario trouble_type started_at ended_at end_reason"
    " active_s wall_s supporter_messages seeker_messages supporter_words seeker_model seeker_prompt_version",
    "messages": "conversation_id seq role text sent_at compose_ms pasted",
    "scores": "conversation_id judge model rubric_version repeat dimension score failure",
    "responses": "participant_id round instrument item value answered_at",
    "events": "participant_id dialogue seq at kind payload",
    "feedback": "participant_id round kind dialogue_id validating elaboration understanding failure started_at"
    " finished_at watched_s coach_questions coach_model coach_prompt_version quotes violations",
    "choices": "rater_id sequence_id trial scenario left_id right_id choice decided_ms",
    "comparisons": "scenario order a_id b_id winner model prompt_version failure",
}
"""As the contract lists them, and two additions: what the coach quotes, and which of its rules it broke."""
LINES = ("=cmd|' /C calc'!A0", "+1", "-1 – that hurts", "@you", "'quoted'", "plain", 'a "b", c\nd', "\N{CRYING FACE}")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture(scope="module")
def finished(server: Served) -> list[Client]:
    """Four who have finished, one of each condition, and one who is in the middle: the study still runs."""
    return asyncio.run(_finish(server))


async def _finish(server: Served) -> list[Client]:
    async with clients(server.url, 5) as people:
        for number, person in enumerate(people):
            await person.consent("exported", external_id=f"person-{number}-elsewhere", time_factor=1.5 if number else 1)
        lines = [LINES[number : number + 2] for number in (0, 2, 4, 6)]
        await asyncio.gather(*(walk(p, lines=said) for p, said in zip(people[:4], lines, strict=True)))
        await walk(people[4], until="felt_1")
        await people[4].take("felt_1", {"empathized": 5, "age": 44, "comment": "=HYPERLINK()"})
        await people[4].note("blur", step="talk_2", payload={"away": True})
        query = """SELECT s.id FROM score s JOIN dialogue d ON d.id = s.conversation_id
                   JOIN participant p ON p.id = d.participant_id WHERE p.slug = 'exported'"""
        await eventually(lambda: len(server.rows(query)) == 9 * 6)
        return people


async def write(server: Served, out: Path, slug: str = "exported", **wishes: Any) -> Exported:
    return await export(Settings(database_url=server.database), slug, out, wishes=Wishes(**wishes))


@pytest.fixture(scope="module")
def folder(server: Served, finished: list[Client], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset as CSV."""
    out = tmp_path_factory.mktemp("export") / "dataset"
    asyncio.run(write(server, out))
    return out


def rows(folder: Path, table: str) -> Iterator[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def test_columns_are_the_contract(folder: Path) -> None:
    """Every file is there with exactly its columns in their order, and the codebook describes each of them."""
    codebook = json.loads((folder / "codebook.json").read_text())
    for table, columns in COLUMNS.items():
        header = (folder / f"{table}.csv").read_text(encoding="utf-8").splitlines()[0]
        assert header.split(",") == columns.split()
        assert [column["name"] for column in codebook[table]] == columns.split()
        assert all(column["meaning"] for column in codebook[table])


def test_manifest_is_true(folder: Path, server: Served, studies: Path) -> None:
    """Checksums, row counts and the study as run are what the files say; the seed allows to derive the allocation."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert set(manifest["sha256"]) == {path.name for path in folder.iterdir()} - {"manifest.json"}
    assert manifest["rows"] == {table: len(list(rows(folder, table))) for table in COLUMNS}
    assert TIME.fullmatch(manifest["exported_at"])
    assert (folder / "study.yaml").read_text() == (studies / "exported" / "study.yaml").read_text()
    [seed] = server.rows("SELECT seed FROM study_version WHERE slug = 'exported'")
    assert [version["seed"] for version in manifest["versions"]] == [seed.seed]


def test_messages_are_letter_for_letter(folder: Path) -> None:
    """What was sent is what stands there once the formula mark is removed; what begins like a formula bears one."""
    said = [row["text"] for row in rows(folder, "messages") if row["role"] == "supporter"]
    plain = [
        text.removeprefix("'") if text.startswith(tuple(f"'{mark}" for mark in FORMULA)) else text for text in said
    ]

    assert set(LINES) <= set(plain)
    assert not [text for text in said if text.startswith(FORMULA) and not text.startswith("'")]
    comments = [row["value"] for row in rows(folder, "responses") if row["item"] == "comment"]
    assert comments == ["'=HYPERLINK()"]


def test_values_have_their_form(folder: Path, finished: list[Client]) -> None:
    """Booleans are true or false, times ISO 8601 with milliseconds, numbers unmarked, absent values empty."""
    people = {row["participant_id"]: row for row in rows(folder, "participants")}
    assert {person.id for person in finished} == set(people)
    assert [people[p.id]["status"] for p in finished] == ["complete"] * 4 + ["incomplete"]
    assert [people[p.id]["time_factor"] for p in finished] == ["1.0"] + ["1.5"] * 4
    assert {row["pilot"] for row in people.values()} == {"true"}
    assert people[finished[4].id]["finished_at"] == ""
    assert people[finished[4].id]["age"] == "44"
    assert all(TIME.fullmatch(row["started_at"]) for row in people.values())
    assert not any("elsewhere" in row["external_id"] for row in people.values())
    assert len({row["external_id"] for row in people.values()} - {""}) == 5
    assert {row["pasted"] for row in rows(folder, "messages")} == {"false"}
    assert {row["score"] for row in rows(folder, "scores")} <= set("12345")


def test_time_factor_is_in_effect(folder: Path, finished: list[Client]) -> None:
    """Whose factor is 1.5 had conversations half as long again."""
    factor = {row["participant_id"]: float(row["time_factor"]) for row in rows(folder, "participants")}
    finished_talks = [row for row in rows(folder, "conversations") if row["end_reason"] == "time"]
    assert len(finished_talks) == 9
    assert all(float(row["active_s"]) == factor[row["participant_id"]] for row in finished_talks)


def test_feedback_tells_lessons_and_coach(folder: Path, finished: list[Client]) -> None:
    """Of the four, two had lessons, two the coach: seconds watched by the server's clock, questions that were put."""
    four = {person.id for person in finished[:4]}
    feedback = [row for row in rows(folder, "feedback") if row["participant_id"] in four]
    assert sorted(row["kind"] for row in feedback) == ["coach", "coach", "video", "video"]
    assert all(float(row["watched_s"]) > 0.5 for row in feedback if row["kind"] == "video")
    coached = [row for row in feedback if row["kind"] == "coach"]
    assert {(row["coach_questions"], row["failure"]) for row in coached} == {("1", "")}
    assert all(1 <= int(row[meter]) <= 10 for row in coached for meter in ("validating", "elaboration"))


async def test_parquet_holds_the_same(server: Served, folder: Path, tmp_path: Path) -> None:
    """Parquet has the same names and values, untouched by the formula mark."""
    await write(server, tmp_path / "parquet", format=Format.PARQUET)
    for table in COLUMNS:
        stored = duckdb.sql(f"SELECT * FROM '{tmp_path}/parquet/{table}.parquet'").df()  # noqa: S608 - our own path
        assert list(stored.columns) == COLUMNS[table].split()
        assert len(stored) == len(list(rows(folder, table)))
    texts = duckdb.sql(f"SELECT text FROM '{tmp_path}/parquet/messages.parquet'").df()["text"]  # noqa: S608
    assert set(LINES) <= set(texts)
    as_csv, as_parquet = load(folder), load(tmp_path / "parquet")
    for table in ("participants", "conversations", "messages", "responses", "feedback"):
        one, other = getattr(as_csv, table), getattr(as_parquet, table)
        pd.testing.assert_frame_equal(*(frame.reset_index(drop=True) for frame in (one, other)), check_dtype=False)


def test_analysis_reads_it(folder: Path) -> None:
    """What we write, we read: the analysis loads the folder and finds everyone, with the marks removed."""
    dataset = load(folder)
    assert (dataset.participant_rows, dataset.resent) == (5, 0)
    assert set(LINES) <= set(dataset.messages["text"])


async def test_anonymous_leads_back_to_nobody(server: Served, finished: list[Client], tmp_path: Path) -> None:
    """No id or external id of the original stands in any file, no time of day, and the order is not that of consent."""
    told = await write(server, tmp_path / "anonymous", anonymous=True)

    everything = "\n".join(p.read_text() for p in (tmp_path / "anonymous").iterdir() if p.name != "manifest.json")
    dialogues = server.rows("SELECT id FROM dialogue")
    assert not [person.id for person in finished if person.id in everything]
    assert not [row.id for row in dialogues if row.id in everything]
    assert "elsewhere" not in everything
    assert not TIME.search(everything)
    assert not re.search(r"\b1[5-9]\d{11}\b", everything), "Unix milliseconds"
    people = list(rows(tmp_path / "anonymous", "participants"))
    assert {row["external_id"] for row in people} == {""}
    assert {float(row["started_at"]) for row in people} == {0.0}
    names = [row["participant_id"] for row in people]
    assert names == sorted(names), "new ids are drawn at random, and the rows stand in their order"
    assert "messages.csv" in told.warning
    assert load(tmp_path / "anonymous").participant_rows == 5


async def test_anonymous_ids_are_drawn_afresh(server: Served, finished: list[Client], tmp_path: Path) -> None:
    """Two anonymous exports cannot be joined by their ids: each draws its own."""
    texts = []
    for name in ("a", "b", "c", "d"):
        await write(server, tmp_path / name, anonymous=True)
        texts.append(
            tuple(row["conversation_id"] for row in rows(tmp_path / name, "messages") if row["text"] == "plain")
        )
    assert len(set(texts)) > 1


async def test_identities_come_only_on_request(server: Served, folder: Path, tmp_path: Path) -> None:
    """`identities.csv` stands apart and is not in the manifest; with `--anonymous` it is refused."""
    assert not (folder / "identities.csv").exists()
    await write(server, tmp_path / "known", with_identities=True)
    known = {row["external_id"] for row in rows(tmp_path / "known", "identities")}
    assert known == {f"person-{number}-elsewhere" for number in range(5)}
    assert "identities.csv" not in json.loads((tmp_path / "known" / "manifest.json").read_text())["sha256"]
    with pytest.raises(Unusable, match="exclude each other"):
        await write(server, tmp_path / "both", with_identities=True, anonymous=True)
    assert not (tmp_path / "both").exists()


async def test_what_is_in_the_way_is_left_alone(server: Served, finished: list[Client], tmp_path: Path) -> None:
    """A folder with other things, and a file, are refused untouched; our own folder is written anew."""
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("dear")
    (tmp_path / "file").write_text("dear")
    for name, message in (("thesis", "chapter.txt"), ("file", "is a file")):
        with pytest.raises(Unusable, match=message):
            await write(server, tmp_path / name)
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == (tmp_path / "file").read_text() == "dear"
    for _ in range(2):
        await write(server, tmp_path / "ours")


def test_a_dialogue_with_a_hole_in_its_log_is_left_out(server: Served, folder: Path, tmp_path: Path, main: Run) -> None:
    """It is named; everything else comes out, nothing stands for what is missing, and the analysis reads it."""
    whole, *_ = rows(folder, "conversations")
    broken = tmp_path / "broken.db"
    with closing(sqlite3.connect(server.database.removeprefix("sqlite:///"))) as source:
        source.execute("VACUUM INTO ?", [str(broken)])
    with closing(sqlite3.connect(broken)) as copy, copy:
        copy.execute("DELETE FROM event WHERE dialogue_id = ? AND seq = 3", [whole["conversation_id"]])
    out = tmp_path / "out"

    told = main("export", "exported", "--out", out, "--database", broken)

    named = f"dialogue {whole['conversation_id']} is left out: entry 3 of its log is missing in the database\n"
    assert (told.code, told.err) == (1, named)
    for table in ("conversations", "messages", "scores"):
        others = [row for row in rows(folder, table) if row["conversation_id"] != whole["conversation_id"]]
        assert list(rows(out, table)) == others
    assert list(rows(out, "participants")) == list(rows(folder, "participants"))
    assert json.loads((out / "manifest.json").read_text())["left_out_dialogues"] == 1
    load(out)


@pytest.mark.parametrize("slug", ["practice", "no_such_study"])
async def test_practice_and_unknown_studies_are_not_exported(server: Served, slug: str, tmp_path: Path) -> None:
    """Practice is never exported; a slug that is not there is named."""
    with pytest.raises(NotFound, match=slug):
        await write(server, tmp_path / "out", slug)
    assert not (tmp_path / "out").exists()
