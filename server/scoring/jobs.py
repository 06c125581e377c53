"""The queue of judgements: ids in, one question to a model per workflow, one rate over all workers.

The workflow is a function of this module because dbos finds it by name after a restart.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dbos import DBOS, SetWorkflowID

from core.errors import DamagedLog
from llm.faults import ModelFault
from server.scoring.scorer import CannotGoOn, Scorer

JUDGEMENTS = "judgements"
"""The queue's name. Its limit is kept by dbos in the database, and counts what all processes begin together."""
AT_ONCE = 128
"""Judgements under way in one process: at 50 calls a second two workers may wait 5 s for each answer."""
WINDOW_S = 1.0
"""How long a stretch the rate is counted over. All of it begins as soon as somebody looks; calls are then spaced."""
BUSY_LOOK_S = 0.05
"""How often a process looks at the queue while a study is being scored."""
IDLE_LOOK_S = 5.0
"""How often it looks otherwise."""
ENQUEUED_AT_ONCE = 4
DELETED_AT_ONCE = 500
TRIES = 4
FIRST_WAIT_S = 2.0
"""A judgement that fails for want of its storage is tried again after 2, 4 and 8 s."""
QUEUED, RUNNING, DONE, FAILED, CANCELLED = "ENQUEUED", "PENDING", "SUCCESS", "ERROR", "CANCELLED"
GIVEN_UP = "MAX_RECOVERY_ATTEMPTS_EXCEEDED"
"""Its process died each time it was taken up."""
OVER = (DONE, FAILED, GIVEN_UP, CANCELLED)

_DIED = "the process that did it has died each time"

_of_this_process: Scorer | None = None


def use_scorer(scorer: Scorer) -> None:
    """Have `scorer` do the judgements of this process; before dbos is launched."""
    global _of_this_process
    _of_this_process = scorer


@DBOS.workflow()
async def judgement_workflow(run_id: str, conversation_id: str, repeat: int) -> str | None:
    """One judgement of one conversation: None when it is stored, else why it is still to be made."""
    return await judgement_step(run_id, conversation_id, repeat)


@DBOS.step(retries_allowed=True, max_attempts=TRIES, interval_seconds=FIRST_WAIT_S)
async def judgement_step(run_id: str, conversation_id: str, repeat: int) -> str | None:
    if _of_this_process is None:
        raise RuntimeError("the jobs have not been started")
    try:
        await _of_this_process.score(run_id, conversation_id, repeat)
    except ModelFault as fault:
        return f"{fault.kind}: {fault}"
    except DamagedLog as damage:
        return damage.message.rstrip(".")
    except CannotGoOn as reason:
        if await _of_this_process.runs.stop(run_id, str(reason)):
            await forget_judgements(run_id, statuses=[QUEUED])
        return str(reason)
    return None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be done, or was."""

    run_id: str
    conversation_id: str
    repeat: int

    @property
    def job(self) -> str:
        """The id of its workflow: asked for twice, it is queued once."""
        return f"{_prefix(self.run_id)}{self.repeat}-{self.conversation_id}"


async def open_queue(*, rate: float | None) -> None:
    """Let judgements begin at `rate` calls per second over all processes (None: as many as there is room for).

    One call makes a judgement; what the answer makes it ask once more is paced by each process alone.
    """
    limit = max(1, int(rate * WINDOW_S)) if rate else 0
    await DBOS.register_queue_async(
        JUDGEMENTS,
        worker_concurrency=AT_ONCE,
        limiter={"limit": limit, "period": limit / rate} if rate else None,
        polling_interval_sec=BUSY_LOOK_S,
        on_conflict="always_update",
    )


async def rest_queue() -> None:
    """Look at the queue seldom again once nothing is in it."""
    queue = await DBOS.retrieve_queue_async(JUDGEMENTS)
    if queue is None or await queue.get_polling_interval_sec_async() == IDLE_LOOK_S:
        return
    if not await DBOS.list_workflows_async(queue_name=JUDGEMENTS, status=[QUEUED, RUNNING], limit=1, load_input=False):
        await queue.set_polling_interval_sec_async(IDLE_LOOK_S)


async def enqueue(run_id: str, judgements: Sequence[Judgement]) -> None:
    """Queue what is not queued yet; what has ended without a score is begun anew."""
    jobs = {judgement.job for judgement in judgements}
    await _delete(sorted(jobs & await _jobs(run_id, OVER)))
    turns = asyncio.Semaphore(ENQUEUED_AT_ONCE)

    async def one(judgement: Judgement) -> None:
        async with turns:
            with SetWorkflowID(judgement.job):
                await DBOS.enqueue_workflow_async(
                    JUDGEMENTS, judgement_workflow, judgement.run_id, judgement.conversation_id, judgement.repeat
                )

    await asyncio.gather(*(one(judgement) for judgement in judgements))


async def is_under_way(run_id: str, *, statuses: Sequence[str] = (QUEUED, RUNNING)) -> bool:
    """Whether any judgement of the run is in one of `statuses`."""
    return bool(
        await DBOS.list_workflows_async(
            workflow_id_prefix=_prefix(run_id), status=list(statuses), limit=1, load_input=False, load_output=False
        )
    )


async def failures(run_id: str) -> Counter[str]:
    """Why judgements of the run have ended without a score, and how many by each reason."""
    jobs = await DBOS.list_workflows_async(workflow_id_prefix=_prefix(run_id), status=list(OVER), load_input=False)
    reasons = (_DIED if job.status == GIVEN_UP else job.error or job.output for job in jobs)
    return Counter(str(reason) for reason in reasons if reason is not None)


async def forget_judgements(run_id: str, *, statuses: Sequence[str]) -> None:
    """Delete the jobs of the run that are in one of `statuses`."""
    await _delete(sorted(await _jobs(run_id, statuses)))


async def forget_conversations(runs: Iterable[tuple[str, int]], conversation_ids: Sequence[str]) -> None:
    """Delete the jobs about these conversations; `runs` are ids and repeats."""
    judgements = [
        Judgement(run_id, conversation_id, repeat)
        for run_id, repeats in runs
        for conversation_id in conversation_ids
        for repeat in range(1, repeats + 1)
    ]
    await _delete([judgement.job for judgement in judgements])


async def _jobs(run_id: str, statuses: Sequence[str]) -> set[str]:
    """The ids of the run's jobs in one of `statuses`."""
    jobs = await DBOS.list_workflows_async(
        workflow_id_prefix=_prefix(run_id), status=list(statuses), load_input=False, load_output=False
    )
    return {job.workflow_id for job in jobs}


async def _delete(jobs: Sequence[str]) -> None:
    for start in range(0, len(jobs), DELETED_AT_ONCE):
        await DBOS.delete_workflows_async(list(jobs[start : start + DELETED_AT_ONCE]))


def _prefix(run_id: str) -> str:
    return f"judgement-{run_id}-"
