"""Rubric files: the shipped one loads, and every fault in another is told by file and line."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from core.dimensions import DIMENSIONS, framework
from core.errors import Unusable
from judges.rubric import load_rubric, shipped

EMPATHY = files("judges").joinpath("rubrics", "empathy.yaml").read_text(encoding="utf-8")


def test_the_shipped_rubric_rates_the_six_dimensions_by_the_one_framework() -> None:
    """Coach and judge read the same definitions; the rubric repeats none of them."""
    rubric = load_rubric("empathy")

    assert [(d.id, d.name, d.definition, d.low, d.high) for d in rubric.dimensions] == [
        (d.dimension, d.name, d.definition, d.low, d.high) for d in framework().definitions
    ]
    assert [d.id for d in rubric.dimensions] == list(DIMENSIONS)
    assert rubric.version == f"1+framework.{framework().version}"
    assert rubric.order == ("reason", "quotes", "score")
    assert framework().definitions[0].definition not in EMPATHY


@pytest.mark.parametrize("value", [0, 6, 3.0, "3", True, None])
def test_what_is_off_the_scale_is_not_on_it(value: object) -> None:
    """The scale is a type: whole numbers from 1 to 5, and nothing that could be turned into one (LE-81)."""
    scale = load_rubric("empathy").scale

    assert scale is not None
    assert value not in scale
    assert list(scale.values) == [1, 2, 3, 4, 5]


def test_a_rubric_loads_from_a_path(tmp_path: Path) -> None:
    """An experimenter's copy is a rubric like the shipped one, with its own version."""
    path = tmp_path / "mine.yaml"
    path.write_text(EMPATHY.replace('version: "1"', 'version: "7"'), encoding="utf-8")

    assert load_rubric(str(path)).version.startswith("7+")


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("verb: rate", "verb: sing", "verb"),
        ("  high: 5", "  high: 10", "rated 1 to 5 and on no other scale"),
        ("  low: 1", "  low: '1'", "`low` must be a whole number"),
        ("order: [reason, quotes, score]", "order: [score, reason, quotes]", "reasons come before scores"),
        ("prompt: empathy/1", "prompt: empathy/99", "there is no prompt empathy/99"),
        ("about: supporter", "about: supporter\ncolour: red", "`colour` is not known here"),
        ("judged: transcript", "judged: transcript\njudged: transcript", "second time"),
        ("verb: rate", "verb: [", "not readable as YAML"),
    ],
)
def test_a_fault_is_told_with_file_and_line(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    """Whoever writes a rubric is led to the line that is wrong."""
    path = tmp_path / "broken.yaml"
    path.write_text(EMPATHY.replace(before, after), encoding="utf-8")

    with pytest.raises(Unusable, match=r"broken\.yaml:\d+: ") as refusal:
        load_rubric(str(path))

    assert complaint in refusal.value.message


def test_the_line_named_is_the_line_at_fault(tmp_path: Path) -> None:
    """The number in the message is where an editor has to go."""
    path = tmp_path / "broken.yaml"
    path.write_text(EMPATHY.replace("prompt: empathy/1", "prompt: nowhere/1"), encoding="utf-8")
    line = EMPATHY.splitlines().index("prompt: empathy/1") + 1

    with pytest.raises(Unusable, match=rf"broken\.yaml:{line}: "):
        load_rubric(str(path))


def test_an_unknown_rubric_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    """One line that says what would work."""
    with pytest.raises(Unusable, match=r"no rubric 'sympathy'.*empathy"):
        load_rubric("sympathy")
    with pytest.raises(Unusable, match="no rubric"):
        load_rubric(str(tmp_path))
    assert "empathy" in shipped()


def test_a_rubric_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """A file of bytes ends in a message, not in a traceback."""
    path = tmp_path / "bytes.yaml"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(Unusable, match="cannot be read"):
        load_rubric(str(path))
