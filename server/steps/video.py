"""Lesson videos; left once the server has seen each of them run its length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlmodel import select

from core.bundle import Lesson
from core.errors import NotReady
from core.study import VideoStep
from server.place import Answer, Place
from server.storage.tables import ActivityRow, VisitRow
from server.world import World

GRACE_S = 1.0
"""A video counts as seen when its length minus this has passed (LE-70)."""


class VideoKind:
    async def content(self, world: World, place: Place) -> dict[str, Any]:
        return {"videos": [_shown(lesson) for lesson in _lessons(place)]}

    async def check(self, world: World, place: Place, answers: Mapping[str, Any]) -> Sequence[Answer]:
        async with world.database.reading() as session:
            query = select(ActivityRow).where(
                ActivityRow.participant_id == place.participant.id, ActivityRow.step_id == place.step.id
            )
            visit = await session.get(VisitRow, (place.participant.id, place.step.id))
            done = (await session.exec(query)).all()
        activities = [activity for activity in done if visit is not None and activity.at >= visit.shown_at]
        for lesson in _lessons(place):
            if watched_ms(lesson.id, activities) < (lesson.seconds - GRACE_S) * 1000 / world.time_scale:
                raise NotReady("Please watch the videos to their end first.", missing="video")
        return ()

    async def leave(self, world: World, place: Place) -> None:
        pass


def watched_ms(video: str, activities: Iterable[ActivityRow]) -> int:
    """The longest time between the first play of `video` and an end of it, by the server's clock; 0 without an end."""
    of_video = [a for a in activities if orjson.loads(a.payload).get("video") == video]
    plays = [a.at for a in of_video if a.kind == "video_play"]
    ends = [a.at for a in of_video if a.kind == "video_ended"]
    return max(ends) - min(plays) if plays and ends and max(ends) > min(plays) else 0


def _lessons(place: Place) -> list[Lesson]:
    assert isinstance(place.step.definition, VideoStep)  # noqa: S101 - the kind chose this module
    return [place.bundle.lessons[video.id] for video in place.step.definition.videos]


def _shown(lesson: Lesson) -> dict[str, Any]:
    return {
        "id": lesson.id,
        "url": lesson.url,
        "seconds": lesson.seconds,
        "title": lesson.title,
        "captions": lesson.captions_url,
        "transcript": lesson.transcript,
    }
