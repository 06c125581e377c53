"""The taxonomy, what annotators coded in it, and how far they agree."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis.themes.codes import COLUMNS, Codes, agreed, agreement, agreements, read_codes
from analysis.themes.taxonomy import Place, names, places, taxonomy
from core.errors import Unusable

NAMING = Place("affective", "validating_emotions", "naming_emotions")
ADVICE = Place("misattuned", "advice_giving", "problem_solving_guidance")
HELP = Place("affective", "demonstrating_availability", "offering_help")
FIRST, SECOND = ("personal", "theme_001"), ("personal", "theme_002")
KNOWN = {"run1": frozenset({FIRST, SECOND})}


def test_the_taxonomy_has_the_levels_of_the_paper() -> None:
    """Four families, ten strategies, 6 + 7 + 7 + 9 sub-strategies; two for work alone, one for personal troubles."""
    families = taxonomy().families
    codes = {f.key: {sub.code for s in f.strategies for sub in s.sub_strategies} for f in families}
    only = [sub.only for f in families for s in f.strategies for sub in s.sub_strategies if sub.only]

    assert [len(f.strategies) for f in families] == [3, 2, 2, 3]
    assert {key: len(found) for key, found in codes.items()} == {
        "affective": 6,
        "cognitive": 7,
        "motivational": 7,
        "misattuned": 9,
    }
    assert sorted(only) == ["personal", "workplace", "workplace"]


def test_every_place_has_one_chain_of_parents() -> None:
    """Equal names under different parents stay apart, since a node is its whole path."""
    everywhere = places("personal") | places("workplace")

    assert len({place.up_to("sub_strategy") for place in everywhere}) == len(everywhere)
    assert all(place.up_to(level) in names() for place in everywhere for level in ("family", "strategy"))


def test_agreement_is_that_of_the_published_example() -> None:
    """Krippendorff (2011), example C: four annotators, twelve units, gaps; nominal alpha .743."""
    ratings = {
        "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        "C": [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    }

    found = agreement(pd.DataFrame(ratings, dtype=object))

    # the package krippendorff 0.9 gives 0.743421052631579 on the same table
    assert found.alpha_nominal == pytest.approx(0.743421052631579, abs=1e-12)
    assert (found.annotators, found.themes) == (4, 11)


def test_annotators_of_one_mind_agree_wholly_and_one_code_is_no_agreement() -> None:
    """Without variation chance-corrected figures are undefined, not one."""
    same = Codes("Ada", {FIRST: NAMING, SECOND: ADVICE})
    flat = Codes("Ada", {FIRST: NAMING, SECOND: NAMING})

    whole = agreements([same, Codes("Ben", same.places)])["sub_strategy"]
    none = agreements([flat, Codes("Ben", flat.places)])["sub_strategy"]

    assert (whole.percent, whole.alpha_nominal, whole.fleiss_kappa) == (1.0, 1.0, pytest.approx(1.0))
    assert (none.percent, none.alpha_nominal, none.fleiss_kappa) == (1.0, None, None)
    assert agreements([same]) == {}


def test_more_than_half_decide_and_what_was_settled_together_goes_before() -> None:
    """A theme coded in three ways stays open until the annotators settle it."""
    coded = [
        Codes("Ada", {FIRST: NAMING, SECOND: NAMING}),
        Codes("Ben", {FIRST: NAMING, SECOND: ADVICE}),
        Codes("Cem", {FIRST: ADVICE, SECOND: HELP}),
    ]

    assert agreed(coded) == {FIRST: NAMING}
    assert agreed(coded, Codes("all", {SECOND: HELP})) == {FIRST: NAMING, SECOND: HELP}


def test_levels_agree_more_the_higher_they_are() -> None:
    """Two places in one family are equal at its level only."""
    found = agreements([Codes("Ada", {FIRST: NAMING, SECOND: ADVICE}), Codes("Ben", {FIRST: HELP, SECOND: ADVICE})])

    assert [found[level].percent for level in ("family", "strategy", "sub_strategy")] == [1.0, 0.5, 0.5]


def written(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", encoding="utf-8")
    return path


def test_a_file_of_the_coding_page_is_read(tmp_path: Path) -> None:
    """An uncoded theme is no code; a comment may hold anything."""
    path = written(
        tmp_path / "ada.csv",
        'run1,personal,theme_001,affective,validating_emotions,naming_emotions,Ada,"\'=odd, ""quoted"""',
        "run1,personal,theme_002,,,,Ada,",
    )

    assert read_codes(path, KNOWN) == Codes("Ada", {FIRST: NAMING})


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("run0,personal,theme_001,,,,Ada,", "row 2: coded on run 'run0'"),
        ("run1,personal,theme_009,,,,Ada,", "row 2: there is no theme 'theme_009'"),
        ("run1,personal,theme_001,affective,advice_giving,naming_emotions,Ada,", "row 2: the taxonomy has no place"),
        ("run1,personal,theme_001,misattuned,advice_giving,promoting_self_worth,Ada,", "for personal troubles"),
        ("run1,personal,theme_001,,,,,", "one annotator per file"),
    ],
)
def test_codes_that_do_not_fit_are_refused_with_their_row(tmp_path: Path, row: str, said: str) -> None:
    """Codes of another run, of no theme, out of the taxonomy, or of nobody never enter a result."""
    with pytest.raises(Unusable, match=said):
        read_codes(written(tmp_path / "codes.csv", row), KNOWN)
