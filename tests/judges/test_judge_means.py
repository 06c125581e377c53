"""`means`: scores by source, against numbers worked by hand and the table that a paper prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.errors import Unusable
from judges.means import as_table, means, read_sources
from judges.rubric import load_rubric

PUBLISHED = yaml.safe_load((Path(__file__).parent / "published_quality.yaml").read_text(encoding="utf-8"))
PAGE = (Path(__file__).parents[2] / "docs" / "judges.md").read_text(encoding="utf-8")


def row(id: str, scores: dict[str, int | None], *, model: str = "m:1", repeat: int = 1) -> dict[str, Any]:
    return {"id": id, "rubric": "r", "rubric_version": "1", "model": model, "repeat": repeat, "scores": scores}


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")
    return path


def test_a_transcript_counts_once_however_many_have_rated_it(tmp_path: Path) -> None:
    """Of `a` 1 and 2 make 1.5, of `b` 4, of `c` nothing: mean 2.75, SD 1.25 x sqrt 2, and t(1) = 12.706.

    Half the interval is 12.706 x 1.7678 / sqrt 2 = 15.883.
    """
    rows = [row("a", {"calm": 1}), row("a", {"calm": 2}, model="m:2"), row("b", {"calm": 4}), row("c", {"calm": None})]
    found = means([write(tmp_path / "talks.jsonl", *rows)]).figures["talks"]["calm"]

    assert (found["mean"], found["n"], found["missing"]) == (2.75, 2, 1)
    assert found["sd"] == pytest.approx(1.25 * 2**0.5)
    assert found["ci"] == pytest.approx([2.75 - 15.883, 2.75 + 15.883], abs=1e-3)


def test_an_interval_ends_where_the_scale_does(tmp_path: Path) -> None:
    """1 and 4 alone would reach from -16.6 to 21.6; no mean of helpfulness lies below 1 or above 5."""
    version = {"rubric": "helpfulness", "rubric_version": load_rubric("helpfulness").version}
    rows = [row(id_, {"helpfulness": score}) | version for id_, score in (("a", 1), ("b", 4))]
    found = means([write(tmp_path / "talks.jsonl", *rows)])

    assert found.figures["talks"]["helpfulness"]["ci"] == [1, 5]
    assert "| 2.50 [1.00, 5.00] |" in as_table(found)


def test_a_file_of_sources_says_what_belongs_together(tmp_path: Path) -> None:
    """Seven judges write seven files about the same transcripts; a source of one transcript has no interval."""
    one = write(tmp_path / "one.jsonl", row("a", {"calm": 1}), row("b", {"calm": 3}), row("c", {"calm": 5}))
    two = write(tmp_path / "two.jsonl", row("a", {"warm": 2}), row("b", {"warm": 2}))
    (tmp_path / "s.csv").write_text("id,source\na,first\nb,first\nc,'=second\n", encoding="utf-8")

    found = means([one, two], read_sources(tmp_path / "s.csv"))

    assert {source: {d: of["mean"] for d, of in by_d.items()} for source, by_d in found.figures.items()} == {
        "first": {"calm": 2.0, "warm": 2.0},
        "=second": {"calm": 5.0},
    }
    assert "| =second | 1 | 5.00 | – |" in as_table(found)


def test_the_published_means_come_from_rows_that_have_them(tmp_path: Path) -> None:
    """A hundred transcripts per source with whole scores that have the printed means: the paper's table again."""
    dimensions = PUBLISHED["dimensions"]
    files = []
    for source, printed in PUBLISHED["sources"].items():
        sums = [round(mean * 100) for mean in printed]
        rows = [
            row(f"t{n}", {d: total // 100 + (n < total % 100) for d, total in zip(dimensions, sums, strict=True)})
            for n in range(100)
        ]
        files.append(write(tmp_path / f"{source}.jsonl", *rows))

    found = means(files).figures

    assert [d.id for d in load_rubric("conversation_quality").dimensions] == dimensions
    for source, printed in PUBLISHED["sources"].items():
        assert [round(found[source][d]["mean"], 2) for d in dimensions] == printed
        assert f"| {source} | {' | '.join(f'{mean:.2f}' for mean in printed)} |" in PAGE


def test_scores_on_two_scales_are_not_shown_together(tmp_path: Path) -> None:
    """`helpfulness` goes from 0 to 3 in one rubric and from 1 to 5 in another, and versions may differ, too."""
    quality = row("a", {"helpful": 3}) | {"rubric": "quality"}
    newer = row("b", {"helpful": 3}) | {"rubric_version": "2"}
    exported = tmp_path / "scores.csv"
    line = "a,{},m:1,1,1,helpful,{},\n"
    head = "conversation_id,judge,model,rubric_version,repeat,dimension,score,failure\n"
    exported.write_text(head + line.format("quality", 3) + line.format("r", 5), encoding="utf-8")

    for rows in ([quality, row("a", {"helpful": 5})], [row("a", {"helpful": 5}), newer]):
        with pytest.raises(Unusable, match=r"helpful is rated by .* and by r"):
            means([write(tmp_path / "s.jsonl", *rows)])
    with pytest.raises(Unusable, match="helpful is rated by quality 1 and by r 1: show the scores of one rubric"):
        means([exported])
    by_both = means([write(tmp_path / "s.jsonl", quality, row("a", {"calm": 5}))]).figures["s"]
    assert (by_both["helpful"]["mean"], by_both["calm"]["mean"]) == (3, 5)


def test_scores_by_the_rules_say_that_they_are(tmp_path: Path) -> None:
    by_rules = write(tmp_path / "rules.jsonl", row("a", {"calm": 1}, model="rules:2"))
    by_model = write(tmp_path / "model.jsonl", row("a", {"calm": 1}))

    assert "for trying out, not for research" in as_table(means([by_rules, by_model]))
    assert "for trying out" not in as_table(means([by_model]))


def test_what_has_no_source_is_refused(tmp_path: Path) -> None:
    scores = write(tmp_path / "s.jsonl", row("a", {"calm": 1}))
    (tmp_path / "other").mkdir()
    again = write(tmp_path / "other" / "s.jsonl", row("a", {"calm": 1}))
    (tmp_path / "bad.csv").write_text("id,model\na,b\n", encoding="utf-8")
    (tmp_path / "two.csv").write_text("id,source\na,b\na,c\n", encoding="utf-8")

    with pytest.raises(Unusable, match="the source of 'a' is not told"):
        means([scores], {"b": "x"})
    with pytest.raises(Unusable, match="two files are called s"):
        means([scores, again])
    with pytest.raises(Unusable, match=r"bad\.csv:1: the columns must be id and source"):
        read_sources(tmp_path / "bad.csv")
    with pytest.raises(Unusable, match=r"two\.csv:3: needs an id and one source for it"):
        read_sources(tmp_path / "two.csv")
