"""Reading a dataset folder: what it accepts, and the one sentence with which it refuses."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from simulate import World, simulate, write

from analysis import load
from analysis.scored import choose_model, scored_conversations
from core.errors import Unusable

SMALL = World(participants=8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small dataset folder, every table as CSV."""
    return write(simulate(SMALL), tmp_path / "dataset")


def edit(folder: Path, table: str, change: Callable[[str], str]) -> None:
    path = folder / f"{table}.csv"
    before = path.read_bytes().decode("utf-8") if path.exists() else ""
    path.write_text(change(before), encoding="utf-8", newline="")


def line(text: str, number: int) -> str:
    """The line of a file, counted from 1 as a spreadsheet does."""
    return text.split("\r\n")[number - 1]


def refusal(folder: Path) -> str:
    with pytest.raises(Unusable) as refused:
        load(folder)
    assert "\n" not in refused.value.message
    return refused.value.message


def test_the_formula_mark_is_removed_exactly_once(folder: Path) -> None:
    """Every stored text comes back letter for letter, also those that begin with an apostrophe themselves."""
    texts = ["=1+1", "'quoted'", "''twice", "-", "+1", "@home", "plain", "\ttab", "two\r\nlines", 'a "quote", a comma']
    tables = simulate(SMALL)
    tables["messages"] = tables["messages"].head(len(texts)).assign(text=texts)
    write(tables, folder)

    assert load(folder).messages["text"].tolist() == texts


def test_parquet_says_the_same_as_csv(folder: Path, tmp_path: Path) -> None:
    """The same study from either form gives equal frames; in Parquet text stands without mark, numbers typed."""
    typed = tmp_path / "typed"
    typed.mkdir()
    for name, frame in simulate(SMALL).items():
        numbers = {"round", "repeat", "score", "age", "seq", "supporter_messages", "supporter_words"}
        frame = frame.assign(**{c: pd.to_numeric(frame[c]) for c in frame.columns if c in numbers})
        if "pilot" in frame:
            frame = frame.assign(pilot=frame["pilot"] == "true")
        with duckdb.connect() as database:
            database.register("rows", frame)
            database.sql(f"COPY rows TO '{typed / name}.parquet' (FORMAT parquet)")

    ours, theirs = load(folder), load(typed)

    for name in ("participants", "conversations", "scores", "messages", "responses"):
        pd.testing.assert_frame_equal(
            getattr(ours, name).reset_index(drop=True), getattr(theirs, name).reset_index(drop=True)
        )


def test_a_row_sent_twice_counts_once(folder: Path) -> None:
    """Repeated verbatim, a row is counted as resent and changes nothing else."""
    edit(folder, "participants", lambda text: text + line(text, 3) + "\r\n")
    edit(folder, "scores", lambda text: text + line(text, 2) + "\r\n")

    found = load(folder)

    assert (len(found.participants), found.participant_rows, found.resent) == (8, 9, 1)
    assert found.repeated["scores"] == 1


CHOICES = "rater_id,sequence_id,trial,scenario,left_id,right_id,choice\r\nr1,s1,1,loss,{},{},{}\r\n"
COMPARISONS = "scenario,order,a_id,b_id,winner,model,prompt_version,failure\r\nloss,1,a,b,{},m,1,\r\n"


@pytest.mark.parametrize(
    ("table", "change", "message"),
    [
        ("participants", lambda t: t + line(t, 2).replace("complete", "incomplete"), "row 10 has the same id"),
        ("participants", lambda t: t.replace("p00003,", "p00003,,", 1), "row 5 has 15 cells where the header has 14"),
        ("participants", lambda t: t.replace("video", "vidoe", 1), "row 3: `condition` must be one of control, video"),
        ("participants", lambda t: t.replace(",false,", ",maybe,", 1), "row 2: `pilot` must be true or false, not"),
        (
            "participants",
            lambda t: t.replace("2026-01-02T10:00", "2nd of Jan", 1),
            "row 3: `started_at` must be",
        ),
        ("participants", lambda t: t.replace("finished_at", "end", 1), "the column `finished_at` is missing"),
        ("participants", lambda t: t.replace("pilot", "condition", 1), "the column 'condition' is there twice"),
        ("participants", lambda t: "", "participants.csv: the file is empty"),
        ("conversations", lambda t: t.replace("p00002", "p99999", 1), "row 4: the participant_id 'p99999' is not in"),
        ("conversations", lambda t: t.replace("p00001,2", "p00001,1", 1), "has a second conversation in round 1"),
        (
            "conversations",
            lambda t: t.replace("p00001,2", "p00001,two", 1),
            "`round` must be a whole number, not",
        ),
        ("conversations", lambda t: t.replace("p00001,2", "p00001,0", 1), "`round` must be from 1 to 1000, not '0'"),
        ("scores", lambda t: t.replace("advice_giving", "advice", 1), "`dimension` must be one of encouraging"),
        ("scores", lambda t: t.replace("elaboration,", "elaboration,9", 1), "row 2: `score` must be from 1 to 5"),
        ("scores", lambda t: t.replace("elaboration,", "elaboration,1.", 1), "row 2: `score` must be a whole number"),
        ("scores", lambda t: t.replace("c00004-1,", "nobody,", 1), "the conversation_id 'nobody' is not in"),
        (
            "messages",
            lambda t: t.replace(",seeker,", ",bot,", 1),
            "row 2: `role` must be one of seeker, supporter",
        ),
        (
            "responses",
            lambda t: re.sub(r"jordan_1,\d", "jordan_1,often", t, count=1),
            "row 2: the answer to `jordan_1` must be a number, not 'often'",
        ),
        ("choices", lambda t: CHOICES.format("c00001-1", "c00001-1", "left"), "row 2: c00001-1 is set beside itself"),
        ("choices", lambda t: CHOICES.format("c00001-1", "c00002-1", "both"), "row 2: `choice` must be one of left, r"),
        ("choices", lambda t: CHOICES.replace("choice", "chosen"), "the column `choice` is missing"),
        ("comparisons", lambda t: COMPARISONS.format("C"), "row 2: `winner` must be one of A, B, tie, not 'C'"),
        ("comparisons", lambda t: COMPARISONS.replace("1,a", "first,a"), "row 2: `order` must be a whole number, not"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_row(
    folder: Path, table: str, change: Callable[[str], str], message: str
) -> None:
    """One sentence that names the file, the row and what was expected; never a traceback, never a guess."""
    edit(folder, table, change)

    told = refusal(folder)

    assert told.startswith(f"{table}.csv: ")
    assert message in told


@pytest.mark.parametrize("table", ["participants", "conversations", "scores"])
def test_needed_tables_are_named_when_absent(folder: Path, table: str) -> None:
    """Without one of the three nothing can be analysed."""
    (folder / f"{table}.csv").unlink()

    assert f"{table}.csv (or .parquet) is missing" in refusal(folder)


def test_other_tables_may_be_absent_or_empty(folder: Path) -> None:
    """An absent file, an empty file and a header alone are the same: no rows."""
    (folder / "messages.csv").unlink()
    (folder / "responses.csv").write_text("", encoding="utf-8")

    found = load(folder)

    assert {"messages", "responses", "feedback"} <= found.absent
    assert found.messages.empty


def test_both_forms_of_one_table_are_refused(folder: Path) -> None:
    """Nothing says which of the two counts."""
    (folder / "scores.parquet").write_bytes(b"PAR1")

    assert "both scores.csv and scores.parquet" in refusal(folder)


def test_what_is_no_parquet_and_no_text_is_told(folder: Path) -> None:
    """A file that only bears the ending, and bytes that are not UTF-8."""
    (folder / "scores.csv").rename(folder / "scores.parquet")
    assert refusal(folder).startswith("scores.parquet: not readable as Parquet")

    (folder / "scores.parquet").unlink()
    (folder / "scores.csv").write_bytes(b"conversation_id\r\n\xff\xfe\r\n")
    assert refusal(folder).startswith("scores.csv: not UTF-8 text")


def test_there_must_be_a_folder(tmp_path: Path) -> None:
    """A wrong path is named."""
    assert "there is no such folder" in refusal(tmp_path / "nowhere")


@pytest.mark.parametrize("form", ["by name", "by table", "sums", "list"])
def test_a_changed_file_is_found_by_its_checksum(folder: Path, form: str) -> None:
    """`manifest.json` binds the files; however it lists them, a changed one is refused and others are not."""
    digest = hashlib.sha256((folder / "scores.csv").read_bytes()).hexdigest()
    files: object = {
        "by name": {"scores.csv": {"rows": 144, "sha256": digest}},
        "by table": {"scores": {"rows": 144, "sha256": digest}},
        "sums": {"scores.csv": digest},
        "list": [{"file": "scores.csv", "rows": 144, "sha256": digest}],
    }[form]
    (folder / "manifest.json").write_text(json.dumps({"study_hash": "f" * 64, "files": files}), encoding="utf-8")
    load(folder)

    edit(folder, "scores", lambda text: text + "\r\n")

    assert refusal(folder).startswith("scores.csv: changed after the export")


def test_a_broken_manifest_is_told(folder: Path) -> None:
    """Not JSON, and not an object."""
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    assert refusal(folder).startswith("manifest.json: not readable as JSON")

    (folder / "manifest.json").write_text("[]", encoding="utf-8")
    assert refusal(folder) == "manifest.json: must be a JSON object"


def test_conversations_outside_rounds_are_no_observations(folder: Path) -> None:
    """A study may have others; they belong to no round and to no model."""
    tables = simulate(SMALL)
    first = tables["conversations"]["round"] == "1"
    tables["conversations"].loc[first, "round"] = ""

    found = load(write(tables, folder))

    assert len(scored_conversations(found.scores, found.conversations, found.participants).conversations) == 16


def test_relative_times_of_an_anonymous_export_are_read(folder: Path) -> None:
    """Seconds since a person's start are times too."""
    tables = simulate(SMALL)
    tables["participants"] = tables["participants"].assign(started_at="0.000", finished_at="1200.5")

    found = load(write(tables, folder))

    assert (found.participants["finished_at"] - found.participants["started_at"]).tolist() == [1200.5] * 8


def test_scores_of_what_was_only_compared_need_no_conversation(folder: Path) -> None:
    """The second experiment brings scores of conversations that an earlier study held."""
    (folder / "choices.csv").write_text(CHOICES.format("old-1", "old-2", "left"), encoding="utf-8")
    edit(folder, "scores", lambda t: t.replace("c00004-1,", "old-1,", 1))

    assert "old-1" in set(load(folder).scores["conversation_id"])


def test_unknown_columns_are_left_alone(folder: Path) -> None:
    """A dataset may carry more than the contract asks for."""
    tables = simulate(SMALL)
    tables["participants"] = tables["participants"].assign(shoe_size="44")

    read = load(write(tables, folder))

    assert "shoe_size" not in read.participants
    assert read.unknown == {"participants.csv": ("shoe_size",)}


def test_repeats_are_averaged_before_anything_else(folder: Path) -> None:
    """Scores 2 and 3 of one dimension are 2.5; a missing repeat leaves the other; both missing stay missing."""
    tables = simulate(World(participants=4, repeats=2))
    scores = tables["scores"]
    mine = (scores["conversation_id"] == "c00000-1") & (scores["dimension"] == "advice_giving")
    scores.loc[mine, "score"] = ["2", "3"]
    other = (scores["conversation_id"] == "c00001-1") & (scores["dimension"] == "advice_giving")
    scores.loc[other, "score"] = ["", "4"]
    third = (scores["conversation_id"] == "c00002-1") & (scores["dimension"] == "advice_giving")
    scores.loc[third, "score"] = ["", ""]
    found = load(write(tables, folder))

    rows = scored_conversations(found.scores, found.conversations, found.participants).conversations
    by_id = rows.set_index("conversation_id")

    assert by_id.at["c00000-1", "advice_giving"] == 2.5
    assert by_id.at["c00001-1", "advice_giving"] == 4
    assert pd.isna(by_id.at["c00002-1", "advice_giving"])
    assert pd.isna(by_id.at["c00002-1", "overall"])
    assert not pd.isna(by_id.at["c00002-1", "validating_emotions"])


def test_several_judges_need_one_named(folder: Path) -> None:
    """Scores of two models are never mixed silently."""
    tables = simulate(SMALL)
    again = tables["scores"].assign(model="rules:rules/1")
    tables["scores"] = pd.concat([tables["scores"], again], ignore_index=True)
    scores = load(write(tables, folder)).scores

    assert choose_model(scores, "rules:rules/1") == "rules:rules/1"
    with pytest.raises(Unusable, match="2 models; name one with --judge-model: openai:gpt-4o, rules:rules/1"):
        choose_model(scores, None)
    with pytest.raises(Unusable, match="--judge-model gpt-5: scores has openai"):
        choose_model(scores, "gpt-5")
