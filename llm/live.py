"""Live streaming of a chat completion: one POST, its events read as they come, with time limits of our own.

This path carries every word that a participant sees, so work per chunk is kept small: one network read, one decoding,
no timer and no task per chunk.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from time import monotonic

import aiohttp
import orjson

from llm.chunks import CompletionReader
from llm.dialect import Wording
from llm.faults import BadRequest, CutOff, TimedOut, Unreachable
from llm.limits import Limits
from llm.reply import Usage
from llm.sorting import fault_of_status
from llm.sse import EventReader

ERROR_BODY_BYTES = 65_536
"""As much of an error page as can hold a sentence worth telling."""
DRAIN_S = 0.05
"""After the last event the rest of the body is awaited this long, so that the connection can be used again: a new one
costs the next reply a handshake, a longer wait would hold up this one."""
RECHECK_S = 0.5
"""How soon a limit is looked at again that passed while the caller, not the server, was slow."""


async def stream_completion(
    session: aiohttp.ClientSession,
    url: str,
    *,
    headers: Mapping[str, str],
    wording: Wording,
    limits: Limits,
    secret: str = "",
) -> AsyncIterator[str | Usage]:
    """The pieces of the answer as they come, its `Usage` last. Raises the `ModelFault` that ends it early."""
    began = monotonic()
    response = await _open(session, url, headers=headers, wording=wording, limits=limits, secret=secret)
    content = response.content
    watch = _Watch(content, limits=limits, began=began)
    events, completion = EventReader(), CompletionReader(secret=secret)
    is_whole = response.content_type == "application/json"  # the server does not stream, and sends one completion
    try:
        received = b""
        while not completion.is_done:
            watch.is_waiting = True
            received = await (content.read() if is_whole else content.readany())
            watch.is_waiting = False
            arrived = [received] if is_whole else events.feed(received) if received else events.end()
            for event in arrived:
                text = completion.take(event)
                if text:
                    yield text
                    watch.saw_text()
            if is_whole or not received:
                break
        completion.check()
        if completion.usage is not None:
            yield completion.usage
        if received and not is_whole:
            await _drain(content)
    except (aiohttp.ClientError, OSError) as error:
        fault = CutOff if watch.has_text else Unreachable
        raise fault(f"the connection broke in mid-answer ({_reason(error)})") from None
    finally:
        watch.stop()
        response.release()


async def _open(
    session: aiohttp.ClientSession,
    url: str,
    *,
    headers: Mapping[str, str],
    wording: Wording,
    limits: Limits,
    secret: str,
) -> aiohttp.ClientResponse:
    """The response once its headers are there; raises the fault of any status but 200."""
    try:
        async with asyncio.timeout(limits.first_token_s):
            while True:
                body = wording.body()
                response = await session.post(url, data=orjson.dumps(body), headers=headers, allow_redirects=False)
                if response.status == 200:
                    return response
                async with response:
                    said = await _beginning(response.content)
                fault = fault_of_status(response.status, headers=response.headers, body=said, secret=secret)
                if not isinstance(fault, BadRequest) or not wording.learn(fault, body):
                    raise fault
    except aiohttp.ServerTimeoutError:
        raise TimedOut(f"no connection to {_host(url)} within {limits.connect_s:g} s") from None
    except TimeoutError:
        raise TimedOut(f"no answer within {limits.first_token_s:g} s") from None
    except aiohttp.InvalidURL as error:
        raise BadRequest(f"not an address: {error}") from None
    except (aiohttp.ClientError, OSError) as error:
        raise Unreachable(f"no connection to {_host(url)} ({_reason(error)})") from None


async def _beginning(content: aiohttp.StreamReader) -> bytes:
    try:
        return await content.readexactly(ERROR_BODY_BYTES)
    except asyncio.IncompleteReadError as end:
        return end.partial


async def _drain(content: aiohttp.StreamReader) -> None:
    try:
        async with asyncio.timeout(DRAIN_S):
            while await content.readany():
                pass
    except (TimeoutError, aiohttp.ClientError):
        return  # the answer is whole; only the connection is lost


class _Watch:
    """One timer per call that ends a read which has waited too long.

    It measures waiting for the server alone: time that the caller takes between two pieces is not the model's.
    """

    def __init__(self, content: aiohttp.StreamReader, *, limits: Limits, began: float) -> None:
        self.is_waiting = False
        self.has_text = False
        self._content = content
        self._limits = limits
        self._since = began
        self._ends = began + limits.total_s
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(self._due() - monotonic(), self._look)

    def saw_text(self) -> None:
        self.has_text = True
        self._since = monotonic()

    def stop(self) -> None:
        self._timer.cancel()

    def _due(self) -> float:
        limit = self._limits.stall_s if self.has_text else self._limits.first_token_s
        return min(self._since + limit, self._ends)

    def _look(self) -> None:
        now = monotonic()
        left = self._due() - now
        if left <= 0 and self.is_waiting:
            self._content.set_exception(TimedOut(self._sentence(now)))
            return
        self._timer = self._loop.call_later(left if left > 0 else RECHECK_S, self._look)

    def _sentence(self, now: float) -> str:
        if now >= self._ends:
            return f"the answer took longer than {self._limits.total_s:g} s"
        if self.has_text:
            return f"nothing more came for {self._limits.stall_s:g} s in mid-answer"
        return f"no first word within {self._limits.first_token_s:g} s"


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _host(url: str) -> str:
    return url.split("/")[2]
