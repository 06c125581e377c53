"""The dataset of people who choose: one row per choice, with what was shown, and nothing of who has left."""

from __future__ import annotations

import asyncio
import csv
import json
from pathlib import Path

from server.commands.export import export
from server.export.write import Wishes
from server.settings import Settings
from tests.server.client import clients
from tests.server.served import Served
from tests.server.small_studies import STUDIES
from tests.server.walking import walk


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


async def test_choices_are_exported_with_what_was_shown(server: Served, tmp_path: Path) -> None:
    """Ten rows for who finished, one for who is in the middle, none for who withdrew; scores of all that was shown."""
    settings = Settings(database_url=server.database, studies=STUDIES)
    async with clients(server.url, 3) as [done, midway, gone]:
        for person in (done, midway, gone):
            await person.consent("preferences")
        await walk(done)
        await midway.take("pair_1", {"choice": "right"})
        await gone.take("pair_1", {"choice": "right"})
        await gone.withdraw()
        await asyncio.gather(
            export(settings, "preferences", tmp_path / "plain", wishes=Wishes()),
            export(settings, "preferences", tmp_path / "anonymous", wishes=Wishes(anonymous=True)),
        )

    choices = [row for row in rows(tmp_path / "plain", "choices") if row["rater_id"] in (done.id, midway.id, gone.id)]
    assert [(row["rater_id"], row["trial"], row["choice"]) for row in choices] == [
        *((done.id, str(trial), "left") for trial in range(1, 11)),
        (midway.id, "1", "right"),
    ]
    given = dict(server.rows("SELECT participant_id, trials FROM given_sequence"))
    assert [[row["left_id"], row["right_id"]] for row in choices[:10]] == json.loads(given[done.id])
    assert all(row["scenario"] == row["left_id"].rpartition("_")[0] for row in choices)
    assert all(int(row["decided_ms"]) >= 0 for row in choices)
    assert len({row["sequence_id"] for row in choices}) == 2

    scores = rows(tmp_path / "plain", "scores")
    assert len(scores) == 150 * 6 and {row["model"] for row in scores} == {"rules:1"}
    assert {row["conversation_id"] for row in scores} >= {row["left_id"] for row in choices}
    assert {row["instrument"] for row in rows(tmp_path / "plain", "responses")} == {"consent"}

    anonymous = rows(tmp_path / "anonymous", "choices")
    plain = rows(tmp_path / "plain", "choices")
    assert {row["rater_id"] for row in anonymous} <= {
        row["participant_id"] for row in rows(tmp_path / "anonymous", "participants")
    }
    assert sorted(row["left_id"] for row in anonymous) == sorted(row["left_id"] for row in plain)
    assert done.id not in (tmp_path / "anonymous" / "choices.csv").read_text()


async def test_choices_of_a_sequence_that_was_passed_on_stand_apart(server: Served, tmp_path: Path) -> None:
    """One sequence has one rater in `choices`; what its former holder chose is found among the responses."""
    settings = Settings(database_url=server.database, studies=STUDIES)
    async with clients(server.url, 2) as [first, second]:
        await first.consent("passing")
        await first.take("pair_1", {"choice": "left"})
        await asyncio.sleep(1.3)
        await second.consent("passing")
        await walk(second)
    await export(settings, "passing", tmp_path / "out", wishes=Wishes())

    assert {row["rater_id"] for row in rows(tmp_path / "out", "choices")} == {second.id}
    apart = [row for row in rows(tmp_path / "out", "responses") if row["instrument"] == "choice_passed_on"]
    assert [(row["participant_id"], row["item"], row["value"]) for row in apart] == [(first.id, "pair_001_1", "left")]
