"""A trainee's own report says what the dataset says of them, in words, and names nobody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from simulate import World, simulate, write

from analysis import load, scored_conversations, select
from analysis.personal.page import personal_page, personal_report
from analysis.personal.trainee import Change, Gap, Trainee, trainee
from analysis.personal.words import on_change, on_gap
from analysis.reliable_change import Verdict
from analysis.scored import MEASURES
from core.errors import Unusable

SCORES = dict.fromkeys(MEASURES, 2.0)
ROSE = Change(-1.0, 5.0, 6.0, ci_low=0.4, ci_high=11.6, threshold=5.6, verdict=Verdict.IMPROVED)
SHY = Gap("understanding", "demonstrating_understanding", told=2.0, judged=4.0, told_above=0.2, judged_above=0.9)
ANN = Trainee(scores={1: SCORES, 2: SCORES, 3: SCORES}, change=ROSE, gaps=[SHY], judge="openai:gpt-4o")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(simulate(World(participants=40, seed=3)), tmp_path_factory.mktemp("study") / "dataset")


def test_a_trainee_is_told_their_own_numbers(dataset: Path) -> None:
    """Change is the mean of rounds 2 and 3 minus round 1; a standing is the share of others below, ties half."""
    read = load(dataset)
    selection = select(read.participants)
    scored = scored_conversations(read.scores, read.conversations, selection.analysed)

    found = trainee(read, selection, scored, participant_id="p00005", z_reliable=1.96)

    own = [found.scores[round_]["overall"] for round_ in (1, 2, 3)]
    assert found.change is not None
    assert found.change.change == (own[1] + own[2]) / 2 - own[0]  # type: ignore[operator]
    judged = scored.conversations.groupby("participant_id")["overall"].mean()
    others, mine = judged.drop("p00005"), judged["p00005"]
    gap = next(one for one in found.gaps if one.item == "empathized")
    assert gap.judged_above == pytest.approx(((others < mine).sum() + 0.5 * (others == mine).sum()) / 39)


def test_the_words_follow_the_verdict() -> None:
    """Improved, unchanged, declined, unknown, and not enough conversations, each in its own sentence."""
    assert on_change(ANN)[0].startswith("Your score rose from −1.0 in the first conversation to 5.0")
    assert "reliable improvement" in on_change(ANN)[1]
    assert "from 5.6 points on" in on_change(ANN)[2]
    fell = replace(ROSE, change=-6.0, before=5.0, after=-1.0, verdict=Verdict.DECLINED)
    assert "fell from 5.0" in on_change(replace(ANN, change=fell))[0]
    assert "reliable decline" in on_change(replace(ANN, change=fell))[1]
    same = replace(ROSE, verdict=Verdict.UNCHANGED)
    assert "it may mean nothing" in on_change(replace(ANN, change=same))[1]
    unknown = replace(ROSE, threshold=None, ci_low=None, ci_high=None, verdict=Verdict.UNKNOWN)
    assert "cannot be told" in on_change(replace(ANN, change=unknown))[1]
    assert len(on_change(replace(ANN, change=None))) == 1


def test_the_gap_is_told_by_standing_among_others() -> None:
    """Far below, far above and close; too few others say nothing about anybody."""
    assert on_gap(SHY).endswith("More was seen than you give yourself credit for.")
    assert "perhaps more was felt than said" in on_gap(replace(SHY, told_above=0.9, judged_above=0.2))
    assert on_gap(replace(SHY, told_above=0.5, judged_above=0.6)).endswith("The two agree.")
    assert "too few others" in on_gap(replace(SHY, told_above=None, judged_above=None))


def test_the_page_names_nobody_and_fetches_nothing(dataset: Path, tmp_path: Path) -> None:
    """Neither the participant's id, their external id nor their condition stands in it."""
    page = personal_report(dataset, "p00005", tmp_path / "own" / "report.html").read_text(encoding="utf-8")

    for hidden in ("p00005", "x00005", "control", "ai_coach", "AI coach", "<script", "<link", "<img", "url(http"):
        assert hidden not in page
    assert page.count("<svg") == 1
    assert "<h2>Has it changed?</h2>" in page


def test_scores_by_the_rules_are_marked() -> None:
    """The built-in judge is named where its numbers are shown."""
    assert "not for research" in personal_page(replace(ANN, judge="rules:rules/1"))
    assert "not for research" not in personal_page(ANN)


def test_somebody_who_is_not_analysed_has_no_report(dataset: Path, tmp_path: Path) -> None:
    """An unknown id is told as such, and nothing is written."""
    with pytest.raises(Unusable, match="no participant has the id 'nobody'"):
        personal_report(dataset, "nobody", tmp_path / "report.html")

    assert not (tmp_path / "report.html").exists()
