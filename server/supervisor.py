"""Serving with several processes: they share one listening socket, and one that dies is replaced."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess

import structlog

from core.errors import Unusable

LOOK_EVERY_S = 0.5
STARTS_WITHIN_S = 10.0
"""Who ends sooner than this has not started; then something is wrong that another start will not mend."""
STOPS_WITHIN_S = 20.0

log = structlog.get_logger()


class Supervisor:
    """Keeps `workers` processes serving until it is told to stop."""

    def __init__(self, target: Callable[..., None], *arguments: object, workers: int) -> None:
        self._target = target
        self._arguments = arguments
        self._workers = workers
        self._context = multiprocessing.get_context("spawn")
        self._running: list[tuple[BaseProcess, float]] = []
        self._is_stopping = False

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM. Raises `Unusable` when a process cannot even start."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        try:
            for _ in range(self._workers):
                self._start()
            while not self._is_stopping:
                time.sleep(LOOK_EVERY_S)
                self._replace_the_dead()
        finally:
            self._end()

    def _start(self) -> None:
        process = self._context.Process(target=self._target, args=self._arguments)
        process.start()
        self._running.append((process, time.monotonic()))

    def _replace_the_dead(self) -> None:
        for process, since in list(self._running):
            if process.exitcode is None or self._is_stopping:
                continue
            self._running.remove((process, since))
            if time.monotonic() - since < STARTS_WITHIN_S and process.exitcode > 0:
                raise Unusable("a serving process could not start; its reason stands above")
            log.warning("serving process replaced", exitcode=process.exitcode)
            self._start()

    def _stop(self, _number: int, _frame: object) -> None:
        self._is_stopping = True

    def _end(self) -> None:
        for process, _ in self._running:
            process.terminate()
        deadline = time.monotonic() + STOPS_WITHIN_S
        for process, _ in self._running:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.exitcode is None:
                process.kill()
