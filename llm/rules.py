"""The rules provider: hand-written knowledge that answers without key or network, and says that it is no model."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable

from pydantic import BaseModel

from llm.faults import BadRequest, Malformed
from llm.provider import Call, Parameters
from llm.reply import T, Usage
from llm.request import ModelRole, Request

RULES_MODEL = "1"
"""The version of the rules that play a role, where `RULES_MODELS` names no other."""
RULES_MODELS = {ModelRole.JUDGE: "2", ModelRole.LABELLER: "2", ModelRole.COMPARER: "2"}
"""Raised for a role whenever its rules answer differently, for the version is stored with every answer."""
RULES_NOTICE = "rules: for trying out, not for research"
"""Stands wherever output of this provider is shown, exported or reported; the versions stand with the answers."""

_NAME = "rules"

Rule = Callable[[object], str | BaseModel]
"""Answers the subject of one role's requests: text for `stream`, a model of the schema for `answer`."""

_WORD = re.compile(r"\S+\s*")


def is_rules(model: str) -> bool:
    """Whether output labelled `model` (`rules:1`, `rules/1`) comes from this provider, and so from no model."""
    return re.split("[:/]", model, maxsplit=1)[0] == _NAME


class RulesProvider:
    """Answers each role with the rule registered for it.

    `typing_s`: how long the first word takes and, spread over the words, the rest; so that a chat feels like one.
    """

    name = _NAME

    def __init__(self, *, typing_s: float = 0.0) -> None:
        self._rules: dict[ModelRole, Rule] = {}
        self._typing_s = typing_s

    def register(self, role: ModelRole, rule: Rule) -> None:
        """Let `rule` answer every request of `role`, in place of any earlier one."""
        self._rules[role] = rule

    async def stream(self, request: Request, *, model: str, parameters: Parameters) -> AsyncIterator[str | Usage]:
        said = self._apply(request)
        if not isinstance(said, str):
            raise Malformed(f"the rule for {request.role} gives no text")
        words = _WORD.findall(said)
        for word in words:
            await asyncio.sleep(self._typing_s / len(words))
            yield word

    async def answer(
        self, request: Request, schema: type[T], *, model: str, parameters: Parameters, call: Call
    ) -> tuple[T, str, Usage]:
        async with call() as running:
            said = self._apply(request)
            if not isinstance(said, schema):
                raise Malformed(f"the rule for {request.role} gives no {schema.__name__}")
            running.said.append(said.model_dump_json())
        return said, running.said[0], running.usage

    def _apply(self, request: Request) -> str | BaseModel:
        rule = self._rules.get(request.role)
        if rule is None:
            raise BadRequest(f"the rules provider knows no {request.role}")
        return rule(request.subject)
