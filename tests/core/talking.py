"""A dialogue on a clock that the test moves: what is due happens first, then what is done, as on the server."""

from __future__ import annotations

from core.dialogue import Command, Dialogue, Join, Open, Refused, Reply, Say, TakeUp, decide, due, evolve
from core.events import Entry, Opened
from core.transcript import Role

MIDNIGHT = 1_767_225_600_000
"""When the dialogues of these tests are opened."""
CONVERSATION = Opened(counterpart=Role.SEEKER, limit_ms=240_000, idle_ms=60_000)
COACHING = Opened(counterpart=Role.COACH)


class Talk:
    """A dialogue with its log; `now` is the time in milliseconds."""

    def __init__(self, rules: Opened = CONVERSATION, *, opener: str | None = "I lost my job.") -> None:
        self.now = MIDNIGHT
        self.state = Dialogue()
        self.log: list[Entry] = []
        self.do(Open(rules))
        if opener is not None:
            self.do(Reply(opener))

    def settle(self) -> None:
        """What time alone has made happen."""
        while entries := due(self.state, self.now):
            self.append(entries)

    def do(self, command: Command, *, settle: bool = True) -> tuple[Entry, ...]:
        """The entries that `command` appended, those aside that were due; raises `Refused`."""
        if settle:
            self.settle()
        entries = decide(self.state, command, self.now)
        self.append(entries)
        return entries

    def rejoin(self, connection: str) -> tuple[Entry, ...]:
        """A page joins when the process that served the dialogue has died: its clock is taken up first."""
        return (*self.do(TakeUp(), settle=False), *self.do(Join(connection), settle=False))

    def append(self, entries: tuple[Entry, ...]) -> None:
        for entry in entries:
            self.state = evolve(self.state, entry)
            self.log.append(entry)

    def wait(self, seconds: float) -> None:
        """Let time pass and happen what is due in it."""
        self.now += round(seconds * 1000)
        self.settle()

    def say(self, text: str = "How are you?", *, client_id: str | None = None, in_distress: bool = False) -> None:
        name = client_id or f"line-{len(self.log)}"
        self.do(Say(client_id=name, text=text, in_distress=in_distress))

    def refusal(self, text: str = "How are you?", *, client_id: str = "refused") -> Refused | None:
        """Why the line is refused, nothing having been stored; None when it was taken."""
        before = list(self.log)
        try:
            self.say(text, client_id=client_id)
        except Refused as refused:
            assert self.log == before
            return refused
        return None

    @property
    def remaining_s(self) -> float:
        assert self.state.clock is not None
        return self.state.clock.remaining(self.now) / 1000

    @property
    def is_running(self) -> bool:
        assert self.state.clock is not None
        return self.state.clock.running

    @property
    def paused_by(self) -> set[str]:
        assert self.state.clock is not None
        return {cause.value for cause in self.state.clock.paused_by}

    @property
    def kinds(self) -> list[str]:
        return [entry.event.kind for entry in self.log]


def under_way(*, used_s: float = 0, rules: Opened = CONVERSATION) -> Talk:
    """A conversation in which it is the supporter's turn, nobody having been quiet for long."""
    talk = Talk(rules)
    talk.do(Join("page"))
    talk.say("First line.")
    talk.do(Reply("Go on."))
    while used_s > 0:
        talk.wait(min(used_s, 50))
        used_s -= 50
        talk.say("Another line.")
        talk.do(Reply("Mm."))
    return talk
