"""The lengths that a study sets: none that nobody can mean, and its texts tell them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.located import Faults
from server.study_folder import read_study
from tests.server.small_studies import FELT, TALK, write_study

SCENARIOS = frozenset({"job_loss", "cancer", "loss"})


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"limit_s": 3}, "a conversation has 30 to 21600 seconds, not 3; rehearsals are made quicker by"),
        ({"limit_s": 240_000}, "a conversation has 30 to 21600 seconds, not 240000; "),
        ({"limit_s": float("inf")}, "`limit_s`: input should be a finite number"),
        ({"idle_s": float("inf")}, "`idle_s`: input should be a finite number"),
        ({"idle_s": 5}, "the clock cannot stop before 10 seconds without a message"),
    ],
)
def test_length_that_nobody_means_is_told_at_its_line(tmp_path: Path, rules: dict[str, float], told: str) -> None:
    """Nobody can listen for three seconds, nor did anybody mean three days."""
    folder = write_study(tmp_path / "mine", TALK, conversation=rules)
    with pytest.raises(Faults) as refused:
        read_study(folder, scenarios=SCENARIOS)

    (fault,) = refused.value.faults
    assert next(iter(rules)) in (folder / "study.yaml").read_text().splitlines()[fault.line - 1]
    assert fault.message.startswith(told)


def test_pages_and_surveys_tell_the_numbers_of_the_study(tmp_path: Path) -> None:
    """Another length or number of rounds is told to people without a change of any text; other braces stay."""
    folder = write_study(tmp_path / "mine", TALK, FELT, rounds=2, conversation={"limit_s": 90, "idle_s": 45})
    (folder / "page.md").write_text("# {rounds} conversations\n\n{limit_min} minutes, {idle_s} s, {unknown}\n")
    survey = (folder / "felt.yaml").read_text()
    (folder / "felt.yaml").write_text(survey.replace("text: How much?", 'text: "In {limit_s} s, how much?"'))

    bundle = read_study(folder, scenarios=SCENARIOS)

    assert bundle.pages["page.md"] == "# 2 conversations\n\n1.5 minutes, 45 s, {unknown}\n"
    assert bundle.surveys["felt.yaml"].items[0].text == "In 90 s, how much?"
