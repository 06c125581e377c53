"""Work that outlives a request: the coach's feedback and the scoring of conversations, kept by dbos over crashes.

Inputs are ids only: what people wrote stays in our own tables. The workflows are functions of this module because dbos
finds them by name after a restart; what they do is in `server.work`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Protocol

from dbos import DBOS, SetWorkflowID, WorkflowStatus

from server.background import end, repeating
from server.job_engine import ALONE, engine_config, file_beside, look_seldom, runs_here
from server.presence import Presence
from server.reaper import EVERY_S as REAP_S
from server.reaper import Reaper
from server.scoring.jobs import JUDGEMENTS, forget_conversations, rest_queue, use_scorer
from server.scoring.scorer import Scorer
from server.storage.migrate import open_once

SCORES = "scores"
CONCURRENT_SCORES = 4
ATTEMPTS = 8
FIRST_WAIT_S = 1.0
"""A job that fails for want of its storage is tried again after 1, 2, 4 … seconds: two minutes in all."""
ENDED = ("ERROR", "SUCCESS", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
"""What dbos calls a workflow that has ended. What is missing after it is missing, whatever the engine thinks."""
RUNS = "PENDING"
"""What dbos calls a workflow that a process has begun."""
MOST_TRIES = 3
"""How often a process begins a job anew that has ended without effect; each time has the attempts of its step."""
LOOK_S = 5.0
SHORTEST_LOOK_S = 0.5
"""How often queues are looked at: each look costs as much as half a turn of a conversation, and nobody waits for a
score. Feedback, for which people do wait, never queues but after a restart."""
MOST_REMEMBERED = 50_000
"""Jobs that are known to have been begun: a page that is shown again need not ask the engine."""
SWEEP_S = 30.0
"""How often what is missing is looked for."""


class Worker(Protocol):
    """Who does the jobs. Each may be asked for twice: what is there already stays as it is."""

    async def give_feedback(self, dialogue_id: str) -> None:
        """Have the coach read the conversation, keep what it said, and open the coach dialogue with it."""

    async def score(self, conversation_id: str) -> None:
        """Have the judge rate a finished conversation."""

    async def unscored(self) -> list[str]:
        """Closed conversations that have no score yet."""

    async def without_feedback(self) -> list[str]:
        """Open dialogues with the coach in which nothing has been said."""

    async def give_up_feedback(self, dialogue_id: str) -> None:
        """Note that no feedback will come, and end the dialogue."""

    async def close_abandoned(self) -> None:
        """Close every conversation that nobody has taken up in time."""

    async def close_left(self) -> None:
        """Close every dialogue with the coach whose participant has gone on."""


_of_this_process: Worker | None = None


def _worker() -> Worker:
    if _of_this_process is None:
        raise RuntimeError("the jobs have not been started")
    return _of_this_process


@DBOS.workflow()
async def feedback_workflow(dialogue_id: str) -> None:
    """Feedback on the conversation that a coach dialogue is about."""
    await feedback_step(dialogue_id)


@DBOS.step(retries_allowed=True, max_attempts=ATTEMPTS, interval_seconds=FIRST_WAIT_S)
async def feedback_step(dialogue_id: str) -> None:
    await _worker().give_feedback(dialogue_id)


@DBOS.workflow()
async def score_workflow(conversation_id: str) -> None:
    """The score of a finished conversation."""
    await score_step(conversation_id)


@DBOS.step(retries_allowed=True, max_attempts=ATTEMPTS, interval_seconds=FIRST_WAIT_S)
async def score_step(conversation_id: str) -> None:
    await _worker().score(conversation_id)


class Jobs:
    """Starts work, once per subject however often it is asked for, and finishes after a crash what was begun."""

    def __init__(
        self,
        worker: Worker,
        presence: Presence,
        *,
        database_url: str,
        settle_withdrawals: Callable[[], Awaitable[None]],
        scorer: Scorer,
        takes_judgements: bool = False,
        sweep_every_s: float = SWEEP_S,
        time_scale: float = 1.0,
    ) -> None:
        """`time_scale`: a rehearsal, whose days are shorter, has its queues looked at as much more often.

        `takes_judgements`: whether this process works on the scoring of whole studies; who serves people does not.
        """
        self._scorer = scorer
        self._takes_judgements = takes_judgements
        self._settle_withdrawals = settle_withdrawals
        self._tries: Counter[str] = Counter()
        self._worker = worker
        self._presence = presence
        self._name = presence.name or ALONE
        self._url = database_url
        self._started: set[str] = set()
        self._sweep_every_s = sweep_every_s
        self._look_every_s = max(SHORTEST_LOOK_S, LOOK_S / time_scale)
        self._tasks: list[asyncio.Task[None]] = []

    async def launch(self) -> None:
        """Start the engine in this loop; unfinished jobs of an earlier process go on.

        Raises `Unusable` when its file beside the database is no database.
        """
        global _of_this_process
        if (file := file_beside(self._url)) is not None:
            open_once(file)
        _of_this_process = self._worker
        use_scorer(self._scorer)
        self._engine = DBOS(config=engine_config(self._url, self._name))
        look_seldom(self._engine, self._look_every_s)
        DBOS.listen_queues([SCORES, JUDGEMENTS] if self._takes_judgements else [SCORES])
        DBOS.launch()
        await DBOS.register_queue_async(
            SCORES, worker_concurrency=CONCURRENT_SCORES, polling_interval_sec=self._look_every_s
        )
        self._sweep()
        if self._takes_judgements:
            self._repeat(rest_queue, every_s=self._sweep_every_s, name="queue of judgements")
        if self._presence.name:
            self._repeat(Reaper(self._presence).reap, every_s=REAP_S, name="reaper")

    async def stop(self) -> None:
        """End the engine; what is unfinished goes on at the next start."""
        for task in self._tasks:
            await end(task)
        await asyncio.to_thread(DBOS.destroy)
        await self._scorer.aclose()

    async def give_feedback(self, dialogue_id: str) -> None:
        """Begin the feedback of a coach dialogue at once, unless it was begun."""
        job = f"feedback-{dialogue_id}"
        if job in self._started:
            return
        with SetWorkflowID(job):
            await DBOS.start_workflow_async(feedback_workflow, dialogue_id)
        self._remember(job)

    async def score(self, conversation_id: str) -> None:
        """Queue the scoring of a finished conversation, unless it was queued."""
        job = f"score-{conversation_id}"
        if job in self._started:
            return
        with SetWorkflowID(job):
            await DBOS.enqueue_workflow_async(SCORES, score_workflow, conversation_id)
        self._remember(job)

    async def forget(self, dialogue_ids: list[str]) -> None:
        """Delete what the engine keeps of the jobs about these dialogues."""
        for dialogue_id in dialogue_ids:
            for job in (f"feedback-{dialogue_id}", f"score-{dialogue_id}"):
                await DBOS.delete_workflow_async(job)
        runs = [(run.id, run.repeats) for run in await self._scorer.runs.all()]
        await forget_conversations(runs, dialogue_ids)

    def _remember(self, job: str) -> None:
        if len(self._started) >= MOST_REMEMBERED:
            self._started.clear()
        self._started.add(job)

    def _sweep(self) -> None:
        """Do from now on what a crash or a failure keeps from being done; none of it keeps the rest waiting."""
        every_s = self._sweep_every_s
        self._repeat(self._score_unscored, every_s=every_s, name="sweep of scores")
        self._repeat(self._give_missing_feedback, every_s=every_s, name="sweep of feedback")
        self._repeat(self._worker.close_abandoned, every_s=every_s, name="sweep of abandoned conversations")
        self._repeat(self._worker.close_left, every_s=every_s, name="sweep of coaches who were left")
        self._repeat(self._settle_withdrawals, every_s=every_s, name="sweep of withdrawals")

    async def _score_unscored(self) -> None:
        for conversation_id in await self._worker.unscored():
            if await self._may_begin(f"score-{conversation_id}"):
                await self.score(conversation_id)

    async def _give_missing_feedback(self) -> None:
        for dialogue_id in await self._worker.without_feedback():
            job = f"feedback-{dialogue_id}"
            if await self._may_begin(job):
                await self.give_feedback(dialogue_id)
            elif await self._has_been_tried_enough(job):
                await self._worker.give_up_feedback(dialogue_id)

    async def _may_begin(self, job: str) -> bool:
        """Whether a job is to be begun: it never was, or it is over without effect, though not yet too often."""
        status = await DBOS.get_workflow_status_async(job)
        if status is not None:
            if not self._is_over(status) or self._tries[job] >= MOST_TRIES:
                return False
            self._tries[job] += 1
            await DBOS.delete_workflow_async(job)
        self._started.discard(job)
        return True

    async def _has_been_tried_enough(self, job: str) -> bool:
        """Whether the last of its tries is over too; one that is still being made is not."""
        status = await DBOS.get_workflow_status_async(job)
        return self._tries[job] >= MOST_TRIES and status is not None and self._is_over(status)

    def _is_over(self, status: WorkflowStatus) -> bool:
        """Whether nobody does the job any more: so it is, too, where its row says that this process does."""
        is_ours = status.status == RUNS and status.executor_id == self._name
        return status.status in ENDED or (is_ours and not runs_here(self._engine, status.workflow_id))

    def _repeat(self, work: Callable[[], Awaitable[None]], *, every_s: float, name: str) -> None:
        self._tasks.append(repeating(work, every_s=every_s, name=name))
