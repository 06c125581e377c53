"""The sweeper gives feedback up only once its last try has failed, and not while that try is being made."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from server import jobs
from server.jobs import MOST_TRIES, Jobs


class FeedbackIsMissing:
    """Work of which one coach dialogue has no feedback, and that notes what is given up."""

    def __init__(self) -> None:
        self.given_up: list[str] = []

    async def unscored(self) -> list[str]:
        return []

    async def without_feedback(self) -> list[str]:
        return ["d"]

    async def give_up_feedback(self, dialogue_id: str) -> None:
        self.given_up.append(dialogue_id)

    async def close_abandoned(self) -> None:
        return None

    async def close_left(self) -> None:
        return None


@pytest.mark.parametrize(("status", "given_up"), [("PENDING", []), ("ERROR", ["d"])])
async def test_feedback_is_given_up_only_after_its_last_try(
    status: str, given_up: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that is being tried for the last time may still succeed."""

    async def status_of(_job: str) -> Any:
        return SimpleNamespace(status=status, executor_id="another")

    async def nothing() -> None:
        return None

    monkeypatch.setattr(jobs.DBOS, "get_workflow_status_async", status_of)
    work: Any = FeedbackIsMissing()
    presence: Any = SimpleNamespace(name="")
    scorer: Any = SimpleNamespace()
    sweeper = Jobs(work, presence, database_url="sqlite:///x.db", settle_withdrawals=nothing, scorer=scorer)
    sweeper._tries["feedback-d"] = MOST_TRIES

    await sweeper._give_missing_feedback()

    assert work.given_up == given_up
