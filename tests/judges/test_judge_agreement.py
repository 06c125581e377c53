"""Agreement figures: against values worked by hand, and the rules judge against real experts."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from core.dimensions import DIMENSIONS, Dimension
from judges.agreement import agreement, mean_over_dimensions, quadratic_kappa, rank_correlation
from judges.agreement_table import RULES, agreements, main, table

EXPERT_RATED = Path(__file__).parents[2] / ".." / "shared" / "data" / "expert_rated.jsonl"


def everywhere(scores: dict[str, float | None]) -> dict[str, dict[Dimension, float | None]]:
    """The same score on all six dimensions of each transcript."""
    return {id_: dict.fromkeys(DIMENSIONS, score) for id_, score in scores.items()}


def test_kappa_and_rho_are_one_on_the_same_scores() -> None:
    """Who agrees on everything agrees fully (LE-87)."""
    assert quadratic_kappa([1, 2, 4, 5], [1, 2, 4, 5]) == pytest.approx(1)
    assert rank_correlation([1, 2, 4, 5], [1, 2, 4, 5]) == pytest.approx(1)


def test_kappa_by_hand() -> None:
    """Squared distances 0+1+0+4 = 5 seen; expected by chance (all 16 pairs) 46, over 4 items 11.5: 1 - 5/11.5.

    (1,2,3,5) against (1,3,3,3): per score of the first 0+4+4+4, 1+1+1+1, 4+0+0+0, 16+4+4+4 = 12+4+4+28 = 48; 48/4 = 12.
    """
    assert quadratic_kappa([1, 2, 3, 5], [1, 3, 3, 3]) == pytest.approx(1 - 5 / 12)


def test_rho_by_hand() -> None:
    """Ranks 1,2,3,4 against 1,3,2,4: 1 - 6 * 2 / (4 * 15) = 0.8."""
    assert rank_correlation([1, 2, 3, 4], [1, 3, 2, 4]) == pytest.approx(0.8)


def test_undefined_figures_are_not_numbers() -> None:
    """Two items, or raters who never vary, say nothing: NaN, and neither 0 nor 1."""
    assert math.isnan(quadratic_kappa([1, 2], [1, 2]))
    assert math.isnan(quadratic_kappa([2, 2, 2], [2, 2, 2]))
    assert math.isnan(rank_correlation([2, 2, 2], [1, 2, 3]))


def test_a_reference_of_several_is_averaged_person_by_person_and_as_one_mean() -> None:
    """One expert who agrees and one who turns the scale around: 0 on average, against a mean that never varies."""
    judge = everywhere({"a": 1, "b": 3, "c": 5})
    experts = {"one": judge, "two": everywhere({"a": 5, "b": 3, "c": 1})}

    figures = agreement(judge, experts)[Dimension.SELF_ORIENTED]

    assert figures.kappa == pytest.approx(0)
    assert figures.rho == pytest.approx(0)
    assert figures.kappa_with_mean == pytest.approx(0)
    assert math.isnan(figures.rho_with_mean)
    assert figures.transcripts == 3


def test_a_missing_score_leaves_its_transcript_out() -> None:
    """None is neither a number nor a disagreement; transcripts of one side only are not compared."""
    judge = everywhere({"a": 1, "b": 2, "c": 5, "d": None, "e": 4})
    experts = {"one": everywhere({"a": 1, "b": 2, "c": 5, "d": 5, "f": 1})}

    figures = agreement(judge, experts)[Dimension.ADVICE_GIVING]

    assert (figures.transcripts, figures.kappa) == (3, pytest.approx(1))


def test_fractions_are_rounded_half_up_for_kappa_only() -> None:
    """A crowd's 2.5 is a 3 where categories are needed, and a 2.5 where ranks are."""
    assert quadratic_kappa([1.4, 2.5, 4.5], [1, 3, 5]) == pytest.approx(1)
    assert rank_correlation([2.5, 2.6, 2.7], [1, 2, 3]) == pytest.approx(1)


def test_the_table_names_every_rater_and_says_what_the_rules_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One row per rater with the mean over six, and the notice that rules are not for research."""
    lines = []
    for number, text in enumerate(["Okay.", "How do you feel? What happened?", "You should sleep. Cheer up!"]):
        ratings = {rater: dict.fromkeys(DIMENSIONS, number + 1) for rater in ("expert1", "expert2", "crowd")}
        messages = [{"role": "seeker", "text": "Hi"}, {"role": "supporter", "text": text}]
        lines.append(json.dumps({"id": str(number), "messages": messages, "ratings": ratings}))
    path = tmp_path / "rated.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")

    assert main([str(path)]) == 0
    printed = capsys.readouterr().out

    assert [line.split()[0] for line in printed.splitlines()[1:-1]] == ["rules", "crowd", "expert1", "expert2"]
    assert "not for research" in printed


def test_a_file_that_cannot_be_compared_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No ratings in the file: told on standard error, exit 1."""
    path = tmp_path / "plain.jsonl"
    path.write_text('{"id": "a", "messages": []}\n', encoding="utf-8")

    assert main([str(path)]) == 1
    assert "no `ratings`" in capsys.readouterr().err
    assert main([]) == 2
    assert main([str(tmp_path / "nowhere.jsonl")]) == 1
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.shared
def test_the_rules_agree_with_experts_better_than_the_crowd_does() -> None:
    """On 25 real conversations: above the crowd on the mean of six and on at least four dimensions, by both figures.

    The lexicon was written with these conversations in view: this is a floor for regressions and no estimate of how
    the rules do elsewhere.
    """
    if not EXPERT_RATED.exists():
        pytest.skip("the expert-rated conversations lie beside the project and are not here")
    compared = agreements(EXPERT_RATED)
    print("\n" + table(compared))

    ours, crowd = compared[RULES], compared["crowd"]
    for figure in (lambda f: f.kappa, lambda f: f.rho):
        assert mean_over_dimensions(ours, figure) > mean_over_dimensions(crowd, figure) + 0.15
        assert sum(figure(ours[dimension]) > figure(crowd[dimension]) for dimension in DIMENSIONS) >= 4
