"""Reading chat completions, whole or in chunks, and decoding no more of them than is needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from llm.faults import CutOff, Empty, Malformed, ModelFault, Refused, Unreachable
from llm.reply import Usage
from llm.sorting import fault_of_error

DONE = b"[DONE]"
_CUT = {"length", "max_tokens"}
_FILTERED = {"content_filter", "safety"}


class CompletionReader:
    """Takes one completion in chunks (or the whole of it as one) and says in the end whether it was one."""

    def __init__(self, *, secret: str = "") -> None:
        self.is_done = False
        self.usage: Usage | None = None
        self._finish: str | None = None
        self._refusal = ""
        self._has_text = False
        self._blank = ""
        self._secret = secret

    def take(self, event: bytes) -> str:
        """The text that one event adds, "" for none. White space before the first word waits for that word.

        Raises the fault that an error event reports, and `Malformed` for what is no chunk of a completion.
        """
        if event == DONE:
            self.is_done = True
            return ""
        try:
            text = self._read(orjson.loads(event))
        except ModelFault:
            raise
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            raise Malformed(f"the server sent something that is no chat completion ({error})") from None
        return text if self._has_text or not text else self._first(text)

    def check(self) -> None:
        """Raise what is wrong with the completion now that nothing more will come."""
        if self._refusal or self._finish in _FILTERED:
            raise Refused(_refusal_sentence(self._refusal), raw=self._refusal, usage=self.usage)
        if self._finish in _CUT:
            raise CutOff("the answer ran into its token limit", usage=self.usage)
        if self._finish == "error":
            raise Unreachable("the server gave up in mid-answer", usage=self.usage)
        if not self._has_text:
            raise Empty("the model answered nothing", usage=self.usage)
        if self._finish is None and not self.is_done:
            raise CutOff("the stream ended before the answer did", usage=self.usage)

    def _read(self, chunk: Mapping[str, Any]) -> str:
        text = ""
        if chunk.get("error"):
            raise fault_of_error(chunk["error"], secret=self._secret)
        choices = chunk.get("choices")
        if choices:
            choice = choices[0]
            delta = choice.get("delta")
            if delta is None:
                delta, self.is_done = choice["message"], True  # the whole completion at once
            if delta:
                text = delta.get("content") or ""
                if "refusal" in delta:
                    self._refusal += delta["refusal"] or ""
            if choice.get("finish_reason"):
                self._finish = choice["finish_reason"]
        if chunk.get("usage"):
            self.usage = _usage(chunk["usage"], served_model=chunk.get("model"))
        if not isinstance(text, str):
            raise TypeError("its content is not text")
        return text

    def _first(self, text: str) -> str:
        if text.isspace():
            self._blank += text
            return ""
        self._has_text = True
        return self._blank + text


def _usage(raw: Mapping[str, Any], *, served_model: str | None) -> Usage:
    details = raw.get("prompt_tokens_details") or {}
    cost = raw.get("cost")
    return Usage(
        prompt_tokens=raw.get("prompt_tokens"),
        completion_tokens=raw.get("completion_tokens"),
        cached_tokens=details.get("cached_tokens"),
        cost_usd=float(cost) if isinstance(cost, int | float) else None,
        served_model=served_model,
    )


def _refusal_sentence(refusal: str) -> str:
    return "the model refused to answer" if refusal else "a content filter held the answer back"
