"""Holding one session: a seeker talks, one or two supporters answer, and somebody chooses with whom it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from random import Random

from core.text import storable
from core.transcript import Message, Role, Transcript
from llm.faults import ModelFault, NotAsked
from personas.supporters import Supporter
from server.arena.held import BrokenOff, Choice, Held, Reply, Spoken, Terms, Turn
from server.arena.roles import AsksForSupport, Chooses, turn_id
from server.arena.seats import Session


class Table:
    """Where sessions are held: the seeker, the supporters by name, and who chooses."""

    def __init__(
        self,
        seeker: AsksForSupport,
        supporters: Mapping[str, tuple[Supporter, float]],
        *,
        chooser: Chooses | None,
        terms: Terms,
    ) -> None:
        """`supporters` holds each with its skill."""
        self._seeker = seeker
        self._supporters = supporters
        self._chooser = chooser
        self._terms = terms

    async def hold(self, session: Session) -> Held | BrokenOff:
        """The session as it went, or why it broke off. Raises `NotAsked` alone."""
        said: list[Message] = []
        turns: list[Turn] = []
        try:
            line: str | None = await self._seeker.opens(session)
            while line is not None:
                said.append(Message(Role.SEEKER, storable(line)))
                turns.append(await self._turn(session, tuple(said), number=len(turns) + 1))
                if (reply := _going_on(turns[-1])) is None:
                    return BrokenOff(session.id, "; ".join(each.failure or "" for each in turns[-1].replies))
                said.append(Message(Role.SUPPORTER, reply))
                may_end = len(turns) >= self._terms.fewest_turns
                line = await self._seeker.goes_on(session, tuple(said), may_end=may_end)
        except NotAsked:
            raise
        except ModelFault as fault:
            return BrokenOff(session.id, f"{self._seeker.name}: {fault.kind}: {fault}")
        return Held(
            id=session.id,
            scenario=session.scenario,
            supporters=session.supporters,
            terms=self._terms,
            turns=tuple(turns),
            messages=tuple(Spoken.model_validate({"role": m.role.value, "text": m.text}) for m in said),
        )

    async def _turn(self, session: Session, said: tuple[Message, ...], *, number: int) -> Turn:
        draw = Random(f"{self._terms.seed}/{session.id}/{number}")  # noqa: S311 - a drawn order, no secret
        shown = draw.sample(session.supporters, len(session.supporters))
        id_, seed = turn_id(session.id, number), draw.getrandbits(31)
        replies = await asyncio.gather(*(self._reply(name, said, seed=seed, purpose=id_) for name in shown))
        if self._chooser is None:
            return Turn(replies=tuple(replies))
        first, second = (reply.text for reply in replies)
        if first is None or second is None:
            missing = Choice(goes_on="B" if first is None else "A", failure="a reply is missing")
            return Turn(replies=tuple(replies), choice=missing)
        history = Transcript(id_, said, scenario=session.scenario)
        return Turn(replies=tuple(replies), choice=await self._chooser.choose(history, (first, second), draw))

    async def _reply(self, name: str, said: tuple[Message, ...], *, seed: int, purpose: str) -> Reply:
        supporter, skill = self._supporters[name]
        try:
            reply = await supporter.reply(said, skill=skill, seed=seed, purpose=purpose)
        except NotAsked:
            raise
        except ModelFault as fault:
            return Reply(supporter=name, failure=f"{name}: {fault.kind}: {fault}")
        return Reply(supporter=name, text=storable(reply.text))


def _going_on(turn: Turn) -> str | None:
    """The reply that becomes part of the conversation; None where there is none."""
    goes_on_with_b = turn.choice is not None and turn.choice.goes_on == "B"
    return turn.replies[1 if goes_on_with_b else 0].text
