"""Tags for the viewer of transcripts."""

from __future__ import annotations

from core.transcript import Transcript
from judges.tags import Tag, Tagged, tagged
from tests.judges.conversations import conversation


def test_sentences_bear_the_tags_of_their_moves_at_their_place() -> None:
    """The place counts both roles, as the viewer shows them; what makes no tagged move bears none."""
    found = tagged(conversation("Oh wow. I am so sorry.", "Okay. You should sleep. What happened?"))

    assert found == (
        Tagged(1, "Oh wow.", Tag.SYMPATHY),
        Tagged(1, "I am so sorry.", Tag.SYMPATHY),
        Tagged(3, "You should sleep.", Tag.ADVICE),
        Tagged(3, "What happened?", Tag.ELABORATION),
    )


def test_there_are_eight_kinds_and_each_can_be_found() -> None:
    """One line per kind (LE-88)."""
    lines = (
        "My condolences.",
        "It makes sense that you are angry.",
        "It sounds like you lost your job and feel scared.",
        "What happened?",
        "I am here for you.",
        "Cheer up!",
        "The same thing happened to me.",
        "You should sleep.",
    )

    assert {entry.tag for entry in tagged(conversation(*lines))} == set(Tag)


def test_an_empty_transcript_has_no_tags() -> None:
    """Nothing said, nothing tagged."""
    assert tagged(Transcript(id="x", messages=())) == ()
