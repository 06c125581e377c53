"""People in an arena: at a terminal they play the seeker, choose between replies, and rate whoever answered them."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from core.distress import speaks_of_self_harm
from core.errors import Unusable
from core.transcript import Message, Transcript
from judges.criteria import Rubric
from server.arena.held import Choice
from server.arena.seats import Session

HUMAN = "human:"
PERSON = "person:"
"""Begins the option by which a person takes part; the name follows."""
OWN = "own"
"""The scenario of a seeker who is a person: whatever they bring along."""
WELCOME = (
    "Session {id}. You are somebody who looks for support. Make somebody up, or take a trouble that you can put aside "
    "afterwards: programs answer you, and what you write is kept. Ctrl-C ends it."
)
HELP = (
    "You wrote of harming yourself. If that is about you, please stop here (Ctrl-C) and talk to a person: call your "
    "emergency number, or a line in your country, https://findahelpline.com."
)


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where a person reads and writes."""

    ask: Callable[[str], str]
    """Shows a prompt and returns one line; raises `EOFError` where there is nobody."""
    tell: Callable[[str], None]

    def line(self, prompt: str) -> str:
        """What was written, without white space around it. Raises `Unusable` where there is nobody to write."""
        try:
            return self.ask(prompt).strip()
        except EOFError:
            raise Unusable("a person needs a terminal: nobody answers; the same command goes on") from None

    def something(self, prompt: str) -> str:
        """The same, asked until there is something in it."""
        while not (text := self.line(prompt)):
            self.tell("Please write something.")
        return text

    def one_of(self, prompt: str, answers: tuple[str, ...]) -> str:
        """The same, asked until it is one of `answers`, in upper or lower case."""
        while (text := self.line(prompt).casefold()) not in answers:
            self.tell(f"Please answer {', '.join(answers[:-1])} or {answers[-1]}.")
        return text


def terminal() -> Terminal:
    """The one that the program was started in."""
    return Terminal(ask=_interruptible_input, tell=print)


def _interruptible_input(prompt: str) -> str:
    """`input`, which Ctrl-C ends at once: the event loop's own handler would only wait for the line to be finished."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return input(prompt)
    finally:
        signal.signal(signal.SIGINT, before)


class PersonSeeker:
    """A person who looks for support; they never see who answers."""

    def __init__(self, name: str, terminal: Terminal) -> None:
        self.name = HUMAN + name
        self._terminal = terminal

    async def opens(self, session: Session) -> str:
        self._terminal.tell(WELCOME.format(id=session.id))
        return self._heard(self._terminal.something("You: "))

    async def goes_on(self, session: Session, messages: tuple[Message, ...], *, may_end: bool) -> str | None:
        self._terminal.tell(f"Supporter: {messages[-1].text}")
        if may_end:
            return self._heard(self._terminal.line("You (nothing to end): ")) or None
        return self._heard(self._terminal.something("You: "))

    def _heard(self, line: str) -> str:
        if speaks_of_self_harm(line):
            self._terminal.tell(HELP)
        return line


class PersonChooser:
    """A person who says which of two replies is better, and after a tie with which of them it goes on."""

    def __init__(self, name: str, terminal: Terminal) -> None:
        self.name = HUMAN + name
        self._terminal = terminal

    async def choose(self, history: Transcript, replies: tuple[str, str], draw: Random) -> Choice:
        first, second = replies
        self._terminal.tell(f"\nSeeker: {history.messages[-1].text}\n\nA: {first}\n\nB: {second}\n")
        answer = self._terminal.one_of("Which is better, a or b, or is it a tie? ", ("a", "b", "tie"))
        goes_on = answer
        if answer == "tie":
            goes_on = self._terminal.one_of("With which is it to go on, a or b? ", ("a", "b"))
        winner = answer if answer == "tie" else answer.upper()
        return Choice.model_validate({"winner": winner, "goes_on": goes_on.upper(), "model": self.name})


def rate(rubric: Rubric, terminal: Terminal) -> dict[str, int]:
    """What a person gives the supporter of the session just ended, on each dimension of `rubric`."""
    if rubric.scale is None:
        raise ValueError(f"{rubric.name} has no scale")
    values = tuple(str(value) for value in rubric.scale.values)
    terminal.tell(f"\nHow did the supporter do? {values[0]} is the least, {values[-1]} the most.")
    given = {}
    for criterion in rubric.dimensions:
        anchors = "".join(f"\n  {anchor.span}: {anchor.text}" for anchor in criterion.anchors)
        terminal.tell(f"\n{criterion.name}. {criterion.definition}{anchors}")
        given[criterion.id] = int(terminal.one_of(f"{criterion.name}, {values[0]} to {values[-1]}: ", values))
    return given
