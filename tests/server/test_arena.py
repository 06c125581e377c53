"""`arena`: supporters with the same seekers, alone or two beside one another, before models and before people."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from core.errors import Unusable
from core.transcript import Message, Transcript
from judges.agree_choices import agree_on_choices
from judges.comparison_file import read_compared
from judges.means import read_sources
from judges.rubric import load_rubric
from judges.source import read_transcripts
from llm.faults import Empty
from llm.models import ModelChoice, Models
from llm.request import ModelRole
from llm.retries import RetryPolicy
from llm.scripted import Line, ScriptedModel
from personas.supporters import Supporter
from server.arena.held import BrokenOff, Choice, Held, Terms
from server.arena.person import Terminal
from server.arena.seats import Session, plan
from server.arena.session import Table
from server.arena.standings import standings
from server.commands.arena import arena
from server.commands.cast import ArenaWishes

TERMS = Terms(seeker="human:anna", chooser="human:anna", fewest_turns=3, seed=1)
SESSION = Session("s0001", scenario="own", supporters=("m:one", "m:two"))
BESIDE = ArenaWishes(["rules@0.9", "rules@0.1"], choose="rules", sessions=2, turns=3)
ALONE = ArenaWishes(["rules@0.9", "rules@0.1"], sessions=2, turns=3)


def scripted(*lines: Line) -> tuple[Supporter, ScriptedModel]:
    """A supporter who says these lines."""
    model = ScriptedModel(*lines)
    choice = ModelChoice(provider="scripted", model="1", parameters={})
    once = RetryPolicy(attempts_per_model=1, attempts_in_all=1)
    models = Models(providers={"scripted": model}, choices={ModelRole.SUPPORTER: (choice,)}, policy=once)
    return Supporter(models), model


class Counting:
    """A seeker who counts, and ends as soon as they may."""

    name = "human:anna"

    async def opens(self, session: Session) -> str:
        return "line 1"

    async def goes_on(self, session: Session, messages: tuple[Message, ...], *, may_end: bool) -> str | None:
        return None if may_end else f"line {len(messages) // 2 + 1}"


class Prefers:
    """Chooses `winners` turn by turn: a text of the reply that wins, or `tie`, after which it goes on with B."""

    name = "human:anna"

    def __init__(self, *winners: str) -> None:
        self._winners = list(winners)
        self.seen: list[Transcript] = []

    async def choose(self, history: Transcript, replies: tuple[str, str], draw: Random) -> Choice:
        self.seen.append(history)
        wanted = self._winners.pop(0)
        if wanted == "tie":
            return Choice(winner="tie", goes_on="B")
        letter = "AB"[replies.index(wanted)]
        return Choice.model_validate({"winner": letter, "goes_on": letter})


def said(held: Held) -> list[str]:
    return [spoken.text for spoken in held.messages]


async def test_the_winning_reply_alone_becomes_history() -> None:
    """What has lost is kept with the turn, and neither seeker nor supporters hear of it again (SE-30)."""
    (one, asked_one), (two, _) = scripted("one 1", "one 2", "one 3"), scripted("two 1", "two 2", "two 3")
    chooser = Prefers("two 1", "one 2", "two 3")
    table = Table(Counting(), {"m:one": (one, 1.0), "m:two": (two, 1.0)}, chooser=chooser, terms=TERMS)

    held = await table.hold(SESSION)

    assert isinstance(held, Held)
    assert said(held) == ["line 1", "two 1", "line 2", "one 2", "line 3", "two 3"]
    assert [message.text for message in chooser.seen[2].messages] == ["line 1", "two 1", "line 2", "one 2", "line 3"]
    assert "two 1" in str(asked_one.asked[1].prompt) and "one 1" not in str(asked_one.asked[1].prompt)
    assert [{reply.text for reply in turn.replies} for turn in held.turns] == [
        {"one 1", "two 1"},
        {"one 2", "two 2"},
        {"one 3", "two 3"},
    ]


async def test_after_a_tie_it_goes_on_as_was_chosen() -> None:
    (one, _), (two, _) = scripted("one 1", "one 2", "one 3"), scripted("two 1", "two 2", "two 3")
    table = Table(
        Counting(), {"m:one": (one, 1.0), "m:two": (two, 1.0)}, chooser=Prefers("tie", "tie", "tie"), terms=TERMS
    )

    held = await table.hold(SESSION)

    assert isinstance(held, Held)
    assert said(held)[1::2] == [turn.replies[1].text for turn in held.turns]
    assert {"wins": 0, "ties": 3, "losses": 0, "missing": 0}.items() <= standings([held])["supporters"]["m:one"].items()


@pytest.mark.parametrize("seed", range(4))
async def test_a_missing_reply_is_no_defeat_and_two_of_them_end_the_session(seed: int) -> None:
    """One failure: it goes on with the other, whichever stood first, and nobody has won. Two: the session broke off."""
    terms = TERMS.model_copy(update={"seed": seed})
    (one, _), (two, _) = scripted("one 1", Empty("nothing"), "one 3"), scripted("two 1", "two 2", "two 3")
    table = Table(
        Counting(), {"m:one": (one, 1.0), "m:two": (two, 1.0)}, chooser=Prefers("one 1", "one 3"), terms=terms
    )
    held = await table.hold(SESSION)
    (one, _), (two, _) = scripted(Empty("nothing")), scripted(Empty("nor here"))
    table = Table(Counting(), {"m:one": (one, 1.0), "m:two": (two, 1.0)}, chooser=Prefers(), terms=terms)
    broken = await table.hold(SESSION)

    assert isinstance(held, Held)
    assert said(held)[1::2] == ["one 1", "two 2", "one 3"]
    found = standings([held])["supporters"]
    assert {"wins": 2, "losses": 0, "missing": 1}.items() <= found["m:one"].items()
    assert {"wins": 0, "losses": 2, "missing": 1}.items() <= found["m:two"].items()
    assert isinstance(broken, BrokenOff)
    assert "m:one: empty: nothing" in broken.reason and "m:two: empty: nor here" in broken.reason


async def test_standings_by_hand() -> None:
    """Three wins and a tie of four: 3.5 of 4, log-odds ln 7 = 1.9459, half of it each way from the mean of 0.

    Elo with K 32 after a single win from equal ratings is 1,016 to 984.
    """
    (one, _), (two, _) = scripted("one 1", "one 2", "one 3", "one 4"), scripted("two 1", "two 2", "two 3", "two 4")
    chooser = Prefers("one 1", "one 2", "tie", "one 4")
    supporters = {"m:one": (one, 1.0), "m:two": (two, 1.0)}
    four = await Table(
        Counting(), supporters, chooser=chooser, terms=TERMS.model_copy(update={"fewest_turns": 4})
    ).hold(SESSION)
    (one, _), (two, _) = scripted("one 1"), scripted("two 1")
    single = await Table(
        Counting(),
        {"m:one": (one, 1.0), "m:two": (two, 1.0)},
        chooser=Prefers("one 1"),
        terms=TERMS.model_copy(update={"fewest_turns": 1}),
    ).hold(SESSION)

    assert isinstance(four, Held) and isinstance(single, Held)
    strength = standings([four])["supporters"]["m:one"]["strength"]
    assert strength["estimate"] == pytest.approx(1.9459 / 2, abs=1e-4)
    assert {name: of["elo"] for name, of in standings([single])["supporters"].items()} == {"m:one": 1016, "m:two": 984}


def test_everybody_comes_equally_often_and_more_sessions_begin_with_the_same() -> None:
    names, places = ["a", "b", "c"], ["x", "y"]
    many = plan(names, places, sessions=60, seed=3, in_pairs=True)

    assert set(Counter(session.supporters for session in many).values()) == {20}
    assert set(Counter(session.scenario for session in many).values()) == {30}
    assert plan(names, places, sessions=7, seed=3, in_pairs=True) == many[:7]
    assert plan(names, places, sessions=60, seed=4, in_pairs=True) != many
    assert Counter(s.supporters for s in plan(names, places, sessions=9, seed=3, in_pairs=False)) == {
        (name,): 3 for name in names
    }


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def test_what_is_written_is_what_the_judges_read(tmp_path: Path) -> None:
    """Conversations, alternatives, sources and comparisons fit one another, and `agree` reads people's choices on them.

    Two alternatives of one turn alone have a scenario in common, so that they are paired with nothing else.
    """
    done = await arena(tmp_path, BESIDE)

    conversations = list(read_transcripts(tmp_path / "transcripts.jsonl"))
    alternatives = {t.id: t for t in read_transcripts(tmp_path / "alternatives.jsonl")}
    compared, sources = read_compared(tmp_path / "comparisons.csv"), read_sources(tmp_path / "sources.csv")
    assert [t.id for t in conversations] == ["s0001", "s0002"]
    assert len(compared) == 6
    assert set(alternatives) == set(sources) == {id_ for row in compared for id_ in (row.a_id, row.b_id)}
    assert set(sources.values()) == {"rules:1@0.9", "rules:1@0.1"}
    for row in compared:
        first, second = alternatives[row.a_id], alternatives[row.b_id]
        assert first.messages[:-1] == second.messages[:-1]
        assert [t.id for t in alternatives.values() if t.scenario == first.scenario] == [row.a_id, row.b_id]
        session = next(t for t in conversations if row.a_id.startswith(t.id))
        assert session.messages[: len(first.messages)] in (first.messages, second.messages)
    decided = [row for row in compared if row.winner in ("A", "B")]
    with (tmp_path / "choices.csv").open("w", encoding="utf-8", newline="") as file:
        taken = [("r", row.a_id, row.b_id, "left" if row.winner == "A" else "right") for row in decided]
        csv.writer(file).writerows([("rater_id", "left_id", "right_id", "choice"), *taken])
    report, _ = agree_on_choices(tmp_path / "comparisons.csv", tmp_path / "choices.csv", draws=10)
    assert report["everybody"]["choice"]["match"] == 1
    assert "supporter, seeker, chooser by rules: for trying out, not for research" in done.table


async def test_a_run_goes_on_where_it_was_and_only_on_its_own_terms(tmp_path: Path) -> None:
    """A line that broke off is held again; more sessions go on; another seed, length or chooser is another folder."""
    await arena(tmp_path, BESIDE)
    file = tmp_path / "sessions.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole[:-30])

    await arena(tmp_path, BESIDE)
    assert file.read_bytes() == whole
    await arena(tmp_path, ArenaWishes(["rules@0.9", "rules@0.1"], choose="rules", sessions=3, turns=3))
    assert file.read_bytes().startswith(whole) and len(rows(file)) == 3
    for other in (
        ArenaWishes(["rules@0.9", "rules@0.1"], choose="rules", sessions=3, turns=3, seed=2),
        ArenaWishes(["rules@0.9", "rules@0.1"], choose="rules", sessions=3, turns=4),
        ArenaWishes(["rules@0.9", "rules@0.1"], sessions=3, turns=3),
        ArenaWishes(["rules@0.9", "rules@0.2"], choose="rules", sessions=3, turns=3),
    ):
        with pytest.raises(Unusable, match="is none of this run; name another folder"):
            await arena(tmp_path, other)


async def test_supporters_alone_leave_sessions_to_be_rated_blindly(tmp_path: Path) -> None:
    """Neither the transcripts nor their ids tell who answered; `sources.csv` does (SE-29)."""
    await arena(tmp_path, ALONE)

    assert not (tmp_path / "comparisons.csv").exists()
    assert "rules" not in (tmp_path / "transcripts.jsonl").read_text(encoding="utf-8")
    assert [len(row["messages"]) for row in rows(tmp_path / "transcripts.jsonl")] == [6, 6]
    assert sorted(read_sources(tmp_path / "sources.csv").values()) == ["rules:1@0.1", "rules:1@0.9"]


class Screen:
    """A terminal at which somebody types `lines`, and then leaves."""

    def __init__(self, *lines: str) -> None:
        self._lines = list(lines)
        self.shown: list[str] = []

    def ask(self, prompt: str) -> str:
        self.shown.append(prompt)
        if not self._lines:
            raise EOFError
        return self._lines.pop(0)

    @property
    def terminal(self) -> Terminal:
        return Terminal(ask=self.ask, tell=self.shown.append)


def people(*supporters: str, **wishes: Any) -> ArenaWishes:
    return ArenaWishes(supporters, seeker="person:anna", sessions=1, turns=2, **wishes)


async def test_a_person_can_rate_only_after_enough_turns(tmp_path: Path) -> None:
    """An empty line does not end the session early; then seven aspects from 1 to 5, and nobody learns who answered."""
    aspects = [criterion.id for criterion in load_rubric("session_aspects").dimensions]
    screen = Screen("My week was awful.", "", "It is my boss.", "", "0", "five", "4", *"543215")

    done = await arena(tmp_path, people("rules@0.9"), at=screen.terminal)

    [held] = done.held
    assert [said.role for said in held.messages] == ["seeker", "supporter"] * 2
    assert held.scores == dict(zip(aspects, (4, 5, 4, 3, 2, 1, 5), strict=True))
    first_rating = next(n for n, text in enumerate(screen.shown) if text.startswith("Coherence"))
    assert sum("Supporter: " in text for text in screen.shown[:first_rating]) == 2
    assert "rules" not in "".join(screen.shown)
    [row] = rows(tmp_path / "scores.jsonl")
    assert (row["id"], row["model"], row["rubric"]) == ("s0001", "human:anna", "session_aspects")
    assert "| rules:1@0.9 | 1 | 4.00 | 5.00 |" in done.table


async def test_a_person_who_sees_a_tie_says_how_it_goes_on(tmp_path: Path) -> None:
    """Any other answer is asked for again, and the choice stands with its turn."""
    screen = Screen("My week was awful.", "both", "tie", "tie", "B", "It is my boss.", "a", "")

    done = await arena(tmp_path, people("rules@0.9", "rules@0.1", choose="person:anna"), at=screen.terminal)

    [held] = done.held
    choices = [turn.choice for turn in held.turns]
    assert [(choice.winner, choice.goes_on) for choice in choices if choice] == [("tie", "B"), ("A", "A")]
    assert said(held)[1::2] == [held.turns[0].replies[1].text, held.turns[1].replies[0].text]
    assert "rules" not in "".join(screen.shown)
    assert [row.model for row in read_compared(tmp_path / "comparisons.csv")] == ["human:anna"] * 2


async def test_words_about_harming_oneself_bring_up_help(tmp_path: Path) -> None:
    screen = Screen("I want to kill myself.")

    with pytest.raises(Unusable, match="a person needs a terminal"):
        await arena(tmp_path, people("rules@0.9"), at=screen.terminal)

    assert any("https://findahelpline.com" in text for text in screen.shown)
    assert (tmp_path / "sessions.jsonl").read_text(encoding="utf-8") == ""


REFUSED: dict[str, tuple[Sequence[str], dict[str, Any], str]] = {
    "one to choose from": (["rules"], {"choose": "rules"}, "name two supporters or more"),
    "the same twice": (["rules", "rules:1"], {}, "names rules:1 twice"),
    "no skill": (["rules@best"], {}, "a skill is between 0 and 1"),
    "too much skill": (["rules@1.5"], {}, "a skill is between 0 and 1"),
    "no such scenario": (["rules"], {"scenarios": ["divorce"]}, "there is no scenario 'divorce', only "),
    "a rubric that rates": (["rules@0", "rules@1"], {"choose": "rules", "rubric": "empathy"}, "does not compare"),
    "nobody": (["rules"], {"seeker": "person:"}, "say who, as in person:ANNA"),
    "a person on a scenario": (["rules"], {"seeker": "person:a", "scenarios": ["loss"]}, "brings their own trouble"),
    "no such provider": (["parrot"], {}, "'parrot' is no provider"),
}


@pytest.mark.parametrize(("supporters", "wishes", "complaint"), REFUSED.values(), ids=REFUSED)
async def test_what_cannot_be_held_is_refused_in_a_line(
    supporters: Sequence[str], wishes: dict[str, Any], complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(Unusable, match=complaint) as refusal:
        await arena(tmp_path / "out", ArenaWishes(supporters, **wishes))

    assert "\n" not in refusal.value.message
    assert not (tmp_path / "out").exists()
