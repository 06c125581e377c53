"""`quotas`: achieved shares beside targets, worked by hand, and target files that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.quotas import as_table, quotas, read_targets
from core.errors import Unusable

HEAD = "variable,value,percent\n"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_achieved_shares_are_of_those_whose_value_is_known(tmp_path: Path) -> None:
    """Three of four known are women: 75 % against 51, and of 200 wanted 102 less the three who are there.

    Wilson by hand for 3 of 4, z = 1.96: centre (3 + 1.9208) / 7.8416 = .6275, half width .3267.
    """
    targets = read_targets(write(tmp_path / "t.csv", HEAD + "sex,Female,51\nsex,male,49\n\nage,18-29,40\nage,30+,60\n"))
    stated = [("female", "18"), ("female", "29"), ("female", "30"), ("male", ""), ("", "90"), ("prefer_not_to_say", "")]
    people = [{"sex": sex, "age": age} for sex, age in stated] + [{}]

    women, men, young, old = quotas(people, targets, participants=200)

    assert (women.n, women.known, women.percent, women.missing) == (3, 4, 75, 99)
    assert (women.ci_low, women.ci_high) == (pytest.approx(30.1, abs=0.05), pytest.approx(95.4, abs=0.05))
    assert (men.n, men.missing) == (1, 97)
    assert [(row.n, row.known) for row in (young, old)] == [(2, 4), (2, 4)]
    table = as_table([women, men, young, old], people=len(people))
    assert "| sex | female | 51.0 | 75.0 [30.1, 95.4] | 3 | +24.0 | 99 |" in table
    assert table.endswith("7 people. Not known: sex 3, age 3.")


def test_answers_outside_the_targets_have_a_row_of_their_own(tmp_path: Path) -> None:
    """One of four is of another sex than the targets name, and two are younger or older: nobody is lost from sight."""
    targets = read_targets(write(tmp_path / "t.csv", HEAD + "sex,female,50\nsex,male,50\nage,18-29,100\n"))
    people = [
        {"sex": "female", "age": "17"},
        {"sex": "male", "age": "64"},
        {"sex": "other", "age": "20"},
        {"sex": "male"},
    ]

    rows = quotas(people, targets, participants=100)

    assert [(row.target.variable, row.target.value, row.n, row.missing) for row in rows] == [
        ("sex", "female", 1, 49),
        ("sex", "male", 2, 48),
        ("sex", "no target (other)", 1, None),
        ("age", "18-29", 1, 99),
        ("age", "no target (17 to 64)", 2, None),
    ]
    assert "| sex | no target (other) | – | 25.0 [4.6, 69.9] | 1 | – | – |" in as_table(rows, people=4)


def test_a_variable_that_nobody_has_stated_has_no_share(tmp_path: Path) -> None:
    targets = read_targets(write(tmp_path / "t.csv", HEAD + "ethnicity,white,60\nethnicity,black,40\n"))

    rows = quotas([{}, {}], targets)

    assert [row.percent for row in rows] == [None, None]
    assert "| ethnicity | white | 60.0 | – | 0 | – | – |" in as_table(rows, people=2)


BROKEN = {
    "another head": ("sex,n\n", r":1: the columns must be variable, value, percent"),
    "too few cells": (HEAD + "sex,female\n", r":2: 2 cells under 3 headings"),
    "another variable": (HEAD + "height,tall,100\n", r":2: 'height' is none of age, sex, ethnicity"),
    "ages turned round": (HEAD + "age,40-30,100\n", r":2: '40-30' is no group"),
    "no percentage": (HEAD + "sex,male,half\n", r":2: 'half' is no percentage"),
    "not a number": (HEAD + "sex,male,nan\n", r":2: 'nan' is no percentage"),
    "not all": (HEAD + "sex,male,49\nsex,female,40\n", r"sex add up to 89, not to 100"),
    "a group twice": (HEAD + "sex,male,50\nsex,male,50\n", r"a group of sex stands twice"),
    "nothing": (HEAD, "holds no target"),
}


@pytest.mark.parametrize(("text", "complaint"), BROKEN.values(), ids=BROKEN)
def test_targets_that_cannot_be_are_refused_in_a_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(Unusable, match=complaint):
        read_targets(write(tmp_path / "t.csv", text))
