"""The clock against a second one that reckons from the whole history: whatever happens, both agree."""

from __future__ import annotations

import json
from itertools import count, pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from naive_clock import NaiveClock
from talking import MIDNIGHT, Talk

from core.clock import PauseCause
from core.dialogue import (
    Close,
    Command,
    Dialogue,
    Hide,
    Join,
    KeepAlive,
    Leave,
    MissSeeker,
    Refused,
    Reply,
    Say,
    Show,
    TakeUp,
    Tick,
    active_since,
    due,
    evolve,
    fold,
    next_due,
)
from core.events import Closed, CloseReason, Entry, Opened, Paused, Said, from_payload, to_payload
from core.transcript import Role

LIMIT_MS, IDLE_MS = 240_000, 60_000
WAITS = st.one_of(
    st.sampled_from([1, 999, 5_000, 30_000, 59_999, 60_000, 60_001, 120_000, 179_999, 239_999, 240_000, 240_001]),
    st.integers(0, 90_000),
)
"""Milliseconds: those at which something is about to be due, and any others."""
OFTEN, SELDOM = st.sampled_from([True, True, True, False]), st.sampled_from([False, False, False, True])
REASONS = st.sampled_from([reason for reason in CloseReason if reason is not CloseReason.TIME])


def settled(state: Dialogue, now: int) -> Dialogue:
    """What the dialogue looks like at `now` if nobody does anything."""
    while entries := due(state, now):
        for entry in entries:
            state = evolve(state, entry)
    return state


class Conversation(RuleBasedStateMachine):
    """A conversation with everything that can befall it; `naive` is told the same."""

    @initialize(reply_time_counts=st.booleans(), is_under_way=OFTEN)
    def open(self, reply_time_counts: bool, is_under_way: bool) -> None:
        rules = Opened(
            counterpart=Role.SEEKER,
            limit_ms=LIMIT_MS,
            idle_ms=IDLE_MS,
            reply_time_counts=reply_time_counts,
        )
        self.talk = Talk(rules, opener=None)
        self.naive = NaiveClock(limit=LIMIT_MS, idle=IDLE_MS, reply_time_counts=reply_time_counts, last=MIDNIGHT)
        self.names = count()
        self.connections = ["nobody"]
        self.shown = LIMIT_MS
        self.may_grow_by = 0
        if is_under_way:
            self.reply()
            self.say(in_distress=False)

    def do(self, command: Command) -> bool:
        """Do it, and tell whether the conversation was still open then."""
        self.naive.pass_until(self.talk.now)
        entries = self.talk.do(command)
        if not self.naive.is_open:
            assert entries == ()
        return self.naive.is_open

    @rule(ms=WAITS)
    def wait(self, ms: int) -> None:
        """Time passes and nobody looks; what was due is written down with the next thing that happens."""
        self.talk.now += ms

    @rule()
    def tick(self) -> None:
        self.do(Tick())

    @rule()
    def beat(self) -> None:
        if self.do(KeepAlive()):
            self.naive.beat(self.talk.now)

    @rule(in_distress=SELDOM)
    def say(self, in_distress: bool) -> None:
        now, name = self.talk.now, f"line-{next(self.names)}"
        self.naive.pass_until(now)
        try:
            self.talk.do(Say(client_id=name, text=f" {name}\n", in_distress=in_distress))
        except Refused as refused:
            assert refused.code == ("not_your_turn" if self.naive.is_open else "closed")
            assert not (self.naive.is_open and self.naive.is_supporters_turn)
            assert name not in self.talk.state.seq_of
        else:
            assert self.naive.is_open and self.naive.is_supporters_turn
            self.naive.say(now, in_distress=in_distress)

    @rule(reply_ms=WAITS, thinking_ms=WAITS)
    def exchange(self, reply_ms: int, thinking_ms: int) -> None:
        """Both say something, with time in between: what conversations are mostly made of."""
        self.reply()
        self.talk.now += thinking_ms
        self.say(in_distress=False)
        self.talk.now += reply_ms
        self.reply()

    @rule(ms=WAITS)
    def look_elsewhere(self, ms: int) -> None:
        """Out of sight and back again."""
        self.hide()
        self.talk.now += ms
        self.show()

    @rule(which=st.integers(0, 50))
    def say_again(self, which: int) -> None:
        """A line that is sent once more keeps its place and changes nothing, whenever it comes."""
        known = dict(self.talk.state.seq_of)
        if known:
            name = sorted(known)[which % len(known)]
            self.naive.pass_until(self.talk.now)
            assert self.talk.do(Say(client_id=name, text="something else")) == ()
            assert self.talk.state.seq_of == known

    @rule()
    def reply(self) -> None:
        if self.do(Reply("I see.")):
            self.naive.reply(self.talk.now)

    @rule()
    def miss_seeker(self) -> None:
        if self.do(MissSeeker()):
            self.naive.miss_seeker(self.talk.now)

    @rule()
    def hide(self) -> None:
        if self.do(Hide()):
            self.naive.begin("hidden", self.talk.now)

    @rule()
    def show(self) -> None:
        if self.do(Show()):
            self.naive.finish(self.talk.now, "hidden")

    @rule()
    def join(self) -> None:
        self.connections.append(f"connection-{next(self.names)}")
        if self.do(Join(self.connections[-1])):
            self.naive.join(self.connections[-1], self.talk.now)

    @rule(is_older=st.booleans())
    def leave(self, is_older: bool) -> None:
        """The socket goes, or one that another has taken over from already."""
        connection = self.connections[0 if is_older else -1]
        if self.do(Leave(connection)):
            self.naive.leave(connection, self.talk.now)

    @rule(silent_ms=WAITS)
    def fall_silent(self, silent_ms: int) -> None:
        """The network has swallowed everything for a while when it is noticed."""
        now = self.talk.now
        self.naive.pass_until(now)
        self.talk.settle()
        unseen_ms = active_since(self.talk.log, now - silent_ms, now=now)
        self.may_grow_by = unseen_ms
        if self.do(Leave(self.connections[-1], unseen_ms)):
            self.naive.fall_silent(self.connections[-1], now, since=now - silent_ms)

    @rule(down_ms=WAITS)
    def crash(self, down_ms: int) -> None:
        """The process dies; somebody joins after a while, served by another that has only the log."""
        self.may_grow_by = self.talk.now - self.talk.state.at
        self.talk.now += down_ms
        self.talk.state = fold(self.talk.log)
        connection = f"connection-{next(self.names)}"
        self.talk.rejoin(connection)
        if self.naive.is_open:
            self.connections.append(connection)
            self.naive.crash(connection, self.talk.now)

    @rule(down_ms=WAITS)
    def storage_is_away(self, down_ms: int) -> None:
        """Nothing can be written for a while, so nothing that would have been due has happened."""
        self.may_grow_by = self.talk.now - self.talk.state.at
        self.talk.now += down_ms
        self.talk.do(TakeUp(), settle=False)
        if self.naive.is_open:
            self.naive.take_up(self.talk.now)

    @precondition(lambda self: len(self.talk.log) > 25)
    @rule(reason=REASONS)
    def close(self, reason: CloseReason) -> None:
        if self.do(Close(reason)):
            self.naive.close(reason.value, self.talk.now)

    @invariant()
    def both_clocks_agree(self) -> None:
        now = self.talk.now
        state, naive = settled(self.talk.state, now), self.naive.as_of(now)
        assert state.clock is not None
        assert state.clock.remaining(now) == naive.remaining(now)
        assert state.clock.running is naive.is_running(now)
        assert {cause.value for cause in state.clock.paused_by} == naive.causes(now)
        assert state.is_open is naive.is_open
        assert state.closed == naive.reason
        assert state.is_supporters_turn is naive.is_supporters_turn

    @invariant()
    def remaining_never_grows_but_by_a_crash(self) -> None:
        now = self.talk.now
        clock = settled(self.talk.state, now).clock
        assert clock is not None
        remaining = clock.remaining(now)
        assert 0 <= remaining <= self.shown + self.may_grow_by
        self.shown, self.may_grow_by = remaining, 0

    @invariant()
    def runs_when_started_open_and_unpaused(self) -> None:
        state = self.talk.state
        assert state.clock is not None
        has_begun = any(message.role is Role.SUPPORTER for message in state.messages)
        assert state.clock.running is (has_begun and state.is_open and not state.clock.paused_by)

    @invariant()
    def idle_pauses_come_on_the_moment(self) -> None:
        moments = [entry.at for entry in self.talk.log if entry.event == Paused(PauseCause.IDLE)]
        assert moments == self.naive.idle_moments

    @invariant()
    def the_end_is_the_end(self) -> None:
        ends = [entry for entry in self.talk.log if isinstance(entry.event, Closed)]
        assert len(ends) <= 1
        if ends:
            assert ends == self.talk.log[-1:]
            assert (ends[0].at, ends[0].event.reason) == (self.naive.closed, self.naive.reason)
        if ends and ends[0].event.reason is CloseReason.TIME:
            assert self.talk.state.clock is not None
            assert self.talk.state.clock.remaining(ends[0].at) == 0

    @invariant()
    def entries_are_numbered_and_in_order_of_time(self) -> None:
        assert [entry.seq for entry in self.talk.log] == list(range(1, len(self.talk.log) + 1))
        assert all(earlier.at <= later.at for earlier, later in pairwise(self.talk.log))

    @invariant()
    def the_two_take_turns(self) -> None:
        roles = [entry.event.role for entry in self.talk.log if isinstance(entry.event, Said)]
        assert roles == [message.role for message in self.talk.state.messages]
        assert roles[:1] in ([], [Role.SEEKER])
        assert all(one is not next_one for one, next_one in pairwise(roles))

    @invariant()
    def the_alarm_is_set_for_what_comes_next(self) -> None:
        """Nothing is due before `next_due`, and something is due at it."""
        state = self.talk.state
        moment = next_due(state)
        if moment is None:
            assert due(state, self.talk.now + 10**12) == ()
        else:
            assert due(state, moment - 1) == ()
            assert [entry.at for entry in due(state, moment)] == [moment]

    def teardown(self) -> None:
        """The log as it is stored tells the whole state, and the clock became idle on the supporter's turn only."""
        state = Dialogue()
        for entry in self.talk.log:
            if entry.event == Paused(PauseCause.IDLE):
                assert state.is_supporters_turn
            payload = json.loads(json.dumps(to_payload(entry.event)))
            state = evolve(state, Entry(entry.seq, entry.at, from_payload(entry.event.kind, payload)))
        assert state == self.talk.state


TestConversation = Conversation.TestCase
TestConversation.settings = settings(max_examples=60, stateful_step_count=50, deadline=None, print_blob=True)
