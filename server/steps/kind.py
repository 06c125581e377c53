"""What every kind of step can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from server.place import Answer, Place
from server.world import World


class StepKind(Protocol):
    """One kind of step."""

    async def content(self, world: World, place: Place) -> dict[str, Any]:
        """What the participant is shown; creates what the step needs, such as its dialogue."""
        ...

    async def check(self, world: World, place: Place, answers: Mapping[str, Any]) -> Sequence[Answer]:
        """The answers to store. Raises `InvalidAnswer`, or `NotReady` with what is missing."""
        ...

    async def leave(self, world: World, place: Place) -> None:
        """Called once the step has been taken."""
        ...
