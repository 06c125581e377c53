"""Taking over the jobs of processes that have died: the part that dbos leaves to a service of its own."""

from __future__ import annotations

from collections import Counter

import structlog
from dbos import DBOS

from server.presence import Presence

EVERY_S = 5.0
MOST_ADOPTIONS = 5
"""A job that was adopted this often has probably ended the processes that ran it; it is left where it is."""

log = structlog.get_logger()


class Reaper:
    """Finds processes that have died with unfinished jobs, and has the jobs queued again."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        self._adoptions: Counter[str] = Counter()

    async def reap(self) -> None:
        """Resume the unfinished jobs of every executor whose lease is free."""
        pending = await DBOS.list_workflows_async(status="PENDING", load_input=False)
        for executor in {job.executor_id for job in pending if job.executor_id} - {self._presence.name}:
            if await self._presence.is_dead(executor):
                await self._adopt(executor)

    async def _adopt(self, executor: str) -> None:
        jobs = await DBOS.list_workflows_async(status="PENDING", executor_id=executor, load_input=False)
        jobs = [job for job in jobs if self._adoptions[job.workflow_id] < MOST_ADOPTIONS]
        for queue in {job.queue_name for job in jobs}:
            ids = [job.workflow_id for job in jobs if job.queue_name == queue]
            self._adoptions.update(ids)
            await DBOS.resume_workflows_async(ids, queue_name=queue)
            log.info("jobs adopted", executor=executor, jobs=len(ids))
