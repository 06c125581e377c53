"""YAML with line numbers: every fault of a hand-written file is told at the line where it stands, all at once."""

from __future__ import annotations

from textwrap import dedent

import pytest

from core.errors import Unusable
from core.located import Fault, Faults, LocatedYaml
from core.survey import Survey


def faults_in(text: str) -> list[tuple[int, str]]:
    """Line and message of what is wrong with `text` as YAML."""
    with pytest.raises(Faults) as refused:
        LocatedYaml(dedent(text), file="f.yaml")
    assert all(fault.file == "f.yaml" for fault in refused.value.faults)
    return [(fault.line, fault.message) for fault in refused.value.faults]


def survey_faults(text: str) -> list[tuple[int, str]]:
    """Line and message of what is wrong with `text` as a survey."""
    with pytest.raises(Faults) as refused:
        LocatedYaml(dedent(text), file="s.yaml").read_as(Survey)
    return [(fault.line, fault.message) for fault in refused.value.faults]


# What is no YAML


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", 3),
        ("a: 1\n\tb: 2\n", 2),
        ("a: 'open\nb: 1\n", 3),
        ("a: 1\n b: 2\n", 2),
        ("a: 1\nb: *nobody\n", 2),
        ("a: 1\nb: !!python/object:os.system x\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: 1\n? [1]\n: 2\n", 2),
    ],
    ids=["open list", "tab", "open quote", "indent", "alias", "python object", "two documents", "list as key"],
)
def test_broken_yaml_is_told_at_its_line(text: str, line: int) -> None:
    """One fault, at the line where reading failed, in one line of text."""
    ((where, message),) = faults_in(text)

    assert where == line
    assert message.startswith("not readable as YAML: ")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2024-13-45\n", 2),
        ("a: 1\nb: 0x_\n", 2),
        ("a: 1\n\nb:\n  - 1\n  - !!int many\n", 5),
        ("a: !!bool maybe\n", 1),
        ("a: 1\nb: !!timestamp soon\n", 2),
        ("a: 1\nb: " + "9" * 5_000 + "\n", 2),
    ],
    ids=["date", "hexadecimal", "no number", "no truth", "no time", "endless number"],
)
def test_value_that_is_no_value_is_told_at_its_line(text: str, line: int) -> None:
    """Well-formed YAML can hold a date of month 13; that is a fault of the file and not of the program."""
    ((where, message),) = faults_in(text)

    assert where == line
    assert message.startswith("not readable as YAML: ")


@pytest.mark.parametrize("character", ["\x00", "\x07", "\ud800"])
def test_unreadable_character_is_told_at_its_line(character: str) -> None:
    """One line of text, though the YAML library says it in two."""
    ((where, message),) = faults_in(f"a: 1\nb: 2\nc: x{character}y\n")

    assert where == 3
    assert message.startswith("not readable as YAML: ")
    assert "\n" not in message


@pytest.mark.parametrize("text", ["a: &x [*x]\n", "a: &x\n  b: *x\n", "[" * 2_000])
def test_endless_nesting_is_a_fault(text: str) -> None:
    """A value that holds itself, or brackets without end, are told and do not bring the program down."""
    ((_, message),) = faults_in(text)

    assert message.startswith("not readable as YAML: ")


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_empty_file_is_told(text: str) -> None:
    """Nothing in it, or nothing but comments."""
    assert faults_in(text) == [(1, "the file is empty")]


def test_repeated_keys_are_all_told() -> None:
    """YAML would silently keep the last; here each repetition is a fault, however deep."""
    text = """\
    a: 1
    b:
      - c: 1
        d: 2
        c: 3
    a: 2
    b: 3
    """
    assert faults_in(text) == [
        (5, "`c` stands here a second time"),
        (6, "`a` stands here a second time"),
        (7, "`b` stands here a second time"),
    ]


def test_an_anchor_may_be_used_twice() -> None:
    """Options that several questions share are written once; using them repeats no key."""
    located = LocatedYaml("a: &shared {x: 1}\nb: *shared\nc: {<<: *shared, y: 2}\n", file="f.yaml")

    assert located.value == {"a": {"x": 1}, "b": {"x": 1}, "c": {"x": 1, "y": 2}}


@pytest.mark.parametrize("inner", ["[{}]", "{{<<: [{}]}}"], ids=["lists", "merged mappings"])
def test_aliases_that_repeat_one_another_without_measure_are_a_fault(inner: str) -> None:
    """Nine short lines can stand for a billion values; nobody waits until they are built."""
    lines = ["x0: &x0 {a: 1}"]
    lines += [f"x{n}: &x{n} " + inner.format(", ".join([f"*x{n - 1}"] * 10)) for n in range(1, 9)]

    ((line, message),) = faults_in("\n".join(lines))

    assert line == 1
    assert message.startswith("written out, the aliases (`*name`) make this more than 1,024 KiB")


# Lines


def test_line_of_a_value_is_the_line_of_its_key() -> None:
    """Comments, blank lines and long texts above it are counted."""
    located = LocatedYaml("# comment\n\na: >\n  long\n  text\nb:\n  - 1\n  - c: 2\n    d:\n      e: 3\n", file="f")

    assert located.line(()) == 3
    assert located.line(("a",)) == 3
    assert located.line(("b",)) == 6
    assert located.line(("b", 0)) == 7
    assert located.line(("b", 1)) == 8
    assert located.line(("b", 1, "d")) == 9
    assert located.line(("b", 1, "d", "e")) == 10


def test_line_of_what_is_missing_is_that_of_its_nearest_ancestor() -> None:
    """A key that is not there is looked for where it should have been."""
    located = LocatedYaml("a: 1\nb:\n  - c: 2\n", file="f")

    assert located.line(("b", 0, "nothing")) == 3
    assert located.line(("b", 7)) == 2
    assert located.line(("nothing",)) == 1


def test_a_fault_reads_as_one_line_of_a_compiler() -> None:
    """File, line, sentence: what editors can jump to."""
    located = LocatedYaml("a: 1\nb: 2\n", file="study.yaml")

    assert str(located.fault(("b",), "`b` is odd")) == "study.yaml:2: `b` is odd"


def test_faults_come_in_the_order_of_lines() -> None:
    """Whatever the order in which they were found."""
    faults = Faults([Fault("b.yaml", 1, "x"), Fault("a.yaml", 9, "y"), Fault("a.yaml", 2, "z")])

    assert [(fault.file, fault.line) for fault in faults.faults] == [("a.yaml", 2), ("a.yaml", 9), ("b.yaml", 1)]
    assert str(faults).splitlines()[0] == "a.yaml:2: z"


def test_faults_are_a_refusal_that_tells_a_line_each() -> None:
    """Whoever tells people what is unusable tells every fault, and need not know of faults."""
    with pytest.raises(Unusable) as refused:
        LocatedYaml("title: 1\nsections: 2\n", file="s.yaml").read_as(Survey)

    assert refused.value.message == "s.yaml:1: `title` must be text\ns.yaml:2: `sections` must be a list"


def test_a_section_is_read_with_the_lines_of_its_file() -> None:
    """What stands under one key is read by itself; its faults stand where they stand in the file."""
    located = LocatedYaml("kept: 1\nsurvey:\n  title: t\n  sections: 2\nodd: 3\n", file="s.yaml")
    with pytest.raises(Faults) as refused:
        located.section_as("survey", Survey)
    with pytest.raises(Faults) as no_mapping:
        located.section_as("odd", Survey)

    assert str(refused.value) == "s.yaml:4: `sections` must be a list"
    assert str(no_mapping.value) == "s.yaml:5: `odd` must be a mapping"


# What does not fit


def test_each_kind_of_fault_has_its_line_and_sentence() -> None:
    """Wrong kinds, unknown keys, missing keys, bad names: all told at once, each where it stands."""
    text = """\
    title: [a, list]
    intro: 3
    colour: red
    sections:
      - title: One
        items:
          - id: Not a name
            instrument: x
            text: Question
            kind: text
            required: perhaps
          - instrument: x
            text: Question
            kind: essay
          - id: age
            instrument: x
            text: Question
            kind: number
            minimum: few
      - items: none
      - plain words
    """
    told = survey_faults(text)

    assert [line for line, _ in told] == [1, 2, 3, 7, 11, 12, 14, 19, 20, 21]
    by_line = dict(told)
    assert by_line[1] == "`title` must be text"
    assert by_line[2] == "`intro` must be text"
    assert by_line[3] == "`colour` is not known here"
    assert by_line[7].startswith("`id`: ")
    assert by_line[11] == "`required` must be true or false"
    assert by_line[12] == "`id` is missing"
    assert by_line[14].startswith("`kind`: ") and "'essay'" not in by_line[14].split(":")[0]
    assert by_line[19] == "`minimum` must be a number"
    assert by_line[20] == "`items` must be a list"
    assert "mapping" in by_line[21]


@pytest.mark.parametrize("text", ["just words\n", "[1, 2]\n", "3\n", "~\n"])
def test_document_of_another_shape_is_told(text: str) -> None:
    """A file that is no mapping has one fault, and it is said in words."""
    ((line, message),) = survey_faults(text)

    assert (line, message) == (1, "`the file` must be a mapping")


def test_rules_of_an_item_are_told_at_the_item() -> None:
    """Too few options, options where none belong, one value twice."""
    text = """\
    title: Survey
    sections:
      - items:
          - id: one
            instrument: x
            text: Choose
            kind: choice
            options: [{value: a, label: A}]
          - id: two
            instrument: x
            text: Write
            kind: text
            options: [{value: a, label: A}]
          - id: three
            instrument: x
            text: Choose
            kind: likert
            options:
              - {value: 1, label: A}
              - {value: "1", label: B}
    """
    told = survey_faults(text)

    assert [line for line, _ in told] == [4, 9, 14]
    assert "needs two options or more" in told[0][1]
    assert "cannot have options" in told[1][1]
    assert "two options of three have the same value" in told[2][1]


def test_ids_that_occur_twice_are_told_where_they_come_again() -> None:
    """Each repetition at its own line, across sections."""
    text = """\
    title: Survey
    sections:
      - items:
          - {id: one, instrument: x, text: Write, kind: text}
          - {id: two, instrument: x, text: Write, kind: text}
          - {id: one, instrument: x, text: Write, kind: text}
      - items:
          - instrument: x
            id: two
            text: Write
            kind: text
    """
    assert survey_faults(text) == [
        (6, "`id`: two items have the id one"),
        (9, "`id`: two items have the id two"),
    ]
