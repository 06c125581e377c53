"""The coach's step tells what the study lets it tell, and makes up no number."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from coach.subjects import Meters
from server.counterparts import meters_of
from server.storage.tables import FeedbackRow
from tests.server.client import Client, clients, eventually
from tests.server.conftest import shared_env
from tests.server.served import serving
from tests.server.small_studies import COACH, TALK, write_study
from tests.server.walking import walk

POINTS = {"validating": 3, "elaboration": 4, "understanding": 5}


def row(**points: int | None) -> FeedbackRow:
    return FeedbackRow(dialogue_id="d", started_at=0, finished_at=1, **points)


def test_three_points_are_meters() -> None:
    """What is stored is what is told."""
    assert meters_of(row(**POINTS)) == Meters(**POINTS)


@pytest.mark.parametrize("missing", POINTS)
def test_meters_with_a_missing_point_are_none(missing: str) -> None:
    """A point that is not there is neither 0 nor 1."""
    assert meters_of(row(**{**POINTS, missing: None})) is None


def test_before_the_feedback_there_are_no_meters() -> None:
    """No row, no meters."""
    assert meters_of(None) is None


async def test_meters_are_told_where_the_study_shows_them(tmp_path: Path) -> None:
    """With `show_meters: false` nobody is told a point, though they are stored; the step says which it is."""
    for slug, shows in (("shown", True), ("hidden", False)):
        write_study(tmp_path / slug, TALK, COACH, conversation={"limit_s": 60}, coach={"show_meters": shows})
    database = f"sqlite:///{tmp_path / 'study.db'}"
    with serving(database, log=tmp_path / "log", env=shared_env(tmp_path)) as served:
        async with clients(served.url, 2) as [one, other]:
            shown, hidden = await asyncio.gather(coached(one, "shown"), coached(other, "hidden"))
        stored = served.rows("SELECT validating, elaboration, understanding FROM feedback")

    assert shown["show_meters"] is True
    assert set(shown["meters"]) == set(POINTS)
    assert (hidden["show_meters"], hidden["meters"]) == (False, None)
    assert len(stored) == 2
    assert all(point in range(1, 11) for points in stored for point in points)


async def coached(person: Client, slug: str) -> dict[str, Any]:
    """The content of the coach's step once its feedback has come."""
    await person.enter(slug)
    step = (await walk(person, until="coach_1"))[-1]["step"]

    async def has_feedback() -> bool:
        async with person.page(step["content"]["dialogue"]) as page:
            return bool(page.state["messages"])

    await eventually(has_feedback)
    content: dict[str, Any] = (await person.me()).step["content"]
    return content
