"""The transcript file: what is read from it, and that each fault is told with its line."""

from __future__ import annotations

import json

import pytest

from core.errors import Unusable
from core.transcript import Message, Role, Transcript, parse_transcripts

SAID = [{"role": "seeker", "text": "Hi"}, {"role": "supporter", "text": "Yo"}]
TALK = {"id": "t1", "scenario": "cancer", "messages": SAID}
WRONG_ROLE = r":2: message 1: `role` must be seeker or supporter"


def line(**changes: object) -> str:
    return json.dumps({**TALK, **changes})


def read(*lines: str) -> list[Transcript]:
    return list(parse_transcripts(lines, source="talks.jsonl"))


def test_a_line_is_a_transcript() -> None:
    """Id, scenario and messages in order; other keys are for other readers."""
    (transcript,) = read(line(ratings={"expert_1": {"advice_giving": 3}}))

    assert transcript == Transcript(
        id="t1",
        scenario="cancer",
        messages=(Message(Role.SEEKER, "Hi"), Message(Role.SUPPORTER, "Yo")),
    )
    assert transcript.of(Role.SUPPORTER) == ("Yo",)
    assert transcript.of(Role.COACH) == ()


def test_scenario_may_be_missing_and_messages_may_be_none() -> None:
    """Any conversation can be judged, one without a scenario or a word as well."""
    (bare,) = read('{"id": "t1", "messages": []}')

    assert bare == Transcript(id="t1", messages=())


def test_blank_lines_are_skipped_and_counted() -> None:
    """A fault names the line of the file, not the number of the transcript."""
    with pytest.raises(Unusable, match=r"^talks\.jsonl:4: "):
        read(line(), "", "  \n", "{")


def test_texts_are_kept_as_they_are() -> None:
    """White space, quotes, emoji and line separators are the transcript's own."""
    text = ' \N{LOUDLY CRYING FACE}\u2028"so" \u202bשלום\u202c\n'
    (transcript,) = read(line(messages=[{"role": "seeker", "text": text}]))

    assert transcript.messages[0].text == text


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("not JSON", r":2: not a line of JSON"),
        ('{"id": "t2", ', r":2: not a line of JSON"),
        ("[" * 100_000, r":2: not a line of JSON"),
        ("[]", r":2: a transcript needs a text `id`"),
        ("null", r":2: a transcript needs a text `id`"),
        (line(id=7), r":2: a transcript needs a text `id`"),
        (line(id=""), r":2: a transcript needs a text `id`"),
        ('{"messages": []}', r":2: a transcript needs a text `id`"),
        ('{"id": "t2"}', r":2: a transcript needs a list of `messages`"),
        (line(id="t2", messages={}), r":2: a transcript needs a list of `messages`"),
        (line(id="t2", scenario=3), r":2: `scenario` must be text"),
        (line(id="t2", messages=["Hi"]), r":2: message 1 needs a `role` and a `text`"),
        (line(id="t2", messages=[{"role": "seeker"}]), r":2: message 1 needs a `role` and a `text`"),
        (line(id="t2", messages=[*SAID, {"role": "seeker", "text": 3}]), r":2: message 3 needs"),
        (line(id="t2", messages=[{"role": "coach", "text": "Hi"}]), WRONG_ROLE),
        (line(id="t2", messages=[{"role": [], "text": "Hi"}]), WRONG_ROLE),
        (line(id="t2", messages=[{"text": "Hi"}]), WRONG_ROLE),
        (line(), r":2: the id 't1' occurs twice"),
    ],
)  # fmt: skip
def test_each_fault_is_told_with_its_line(bad: str, said: str) -> None:
    """The first line is fine, the second is not, and that is what the message says."""
    with pytest.raises(Unusable, match=r"^talks\.jsonl" + said):
        read(line(), bad)


def test_what_stands_before_a_fault_is_read() -> None:
    """Lines are read one by one: a long file is not refused unread."""
    transcripts = parse_transcripts([line(), "{"], source="talks.jsonl")

    assert next(transcripts).id == "t1"
    with pytest.raises(Unusable):
        next(transcripts)


def test_every_broken_line_is_told_up_to_ten_and_the_rest_counted() -> None:
    """Whoever mends the file sees all of it at once, and a file of another kind does not fill the screen."""
    with pytest.raises(Unusable) as refusal:
        read(line(), "{", line(id="t2"), "[]", line(), "bytes \udcff")

    assert [told.split(" (")[0] for told in refusal.value.message.splitlines()] == [
        "talks.jsonl:2: not a line of JSON",
        "talks.jsonl:4: a transcript needs a text `id`",
        "talks.jsonl:5: the id 't1' occurs twice",
        "talks.jsonl:6: not UTF-8 text",
    ]
    with pytest.raises(Unusable) as refusal:
        read(*["name,age"] * 13)
    assert len(refusal.value.message.splitlines()) == 11
    assert refusal.value.message.endswith("talks.jsonl: 3 more faults")
