"""What an audit changes in a rubric: order and wording of every shipped one, and nothing that is scored by."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.words import stem
from judges.audit import as_figures, audit_file, reservations
from judges.criteria import Criterion, Rubric, Verb
from judges.rubric import load_rubric, shipped
from judges.variants import variants
from llm.scripted import ScriptedModel
from tests.judges.conversations import judged_by, rules
from tests.judges.members import member_of

RATING = [name for name in shipped() if load_rubric(name).verb is not Verb.COMPARE]
TALK = {
    "id": "t",
    "messages": [
        {"role": "seeker", "text": "My flat burnt down and I keep shaking."},
        {"role": "supporter", "text": "You lost your home. What do you need tonight?"},
        {"role": "coach", "text": "You asked about tonight, which is where she is."},
    ],
}


def in_plain_words(criterion: Criterion) -> Criterion:
    """`criterion` without its definitions: all that a paraphrase has to leave as it is."""
    labels = tuple(replace(label, definition="") for label in criterion.labels)
    return replace(criterion, definition="", labels=labels)


@pytest.mark.parametrize("name", RATING)
def test_each_shipped_rubric_says_everything_in_other_words(name: str) -> None:
    """Every definition, of a label too, has a paraphrase that keeps two of its longer words or half of them at most."""
    rubric = load_rubric(name)
    there = [named for d in rubric.dimensions for named in (d, *d.labels)]
    said = [named for d in rubric.paraphrased().dimensions for named in (d, *d.labels)]

    assert reservations(replace(rubric, dimensions=rubric.dimensions * 2)) == ()
    for before, after in zip(there, said, strict=True):
        kept = long_words(before.definition) & long_words(after.definition)
        assert len(kept) <= max(2, len(long_words(before.definition)) / 2), (before.id, kept)


def long_words(text: str) -> set[str]:
    return {stem(word.strip(".,;:")) for word in text.lower().split() if len(word) > 4} - {"person", "supporter"}


@pytest.mark.parametrize("name", RATING)
def test_other_words_and_another_order_change_no_scale_and_no_cap(name: str) -> None:
    """Dimensions, anchors, caps, labels and examples are all there; the order is the only thing that is turned."""
    rubric = load_rubric(name)
    other, turned = rubric.paraphrased(), rubric.turned_round()

    assert list(map(in_plain_words, other.dimensions)) == list(map(in_plain_words, rubric.dimensions))
    assert turned.turned_round() == rubric
    assert [d.id for d in turned.dimensions] == [d.id for d in rubric.dimensions][::-1]
    for variant in (other, turned):
        assert (variant.scale, variant.order, variant.version) == (rubric.scale, rubric.order, rubric.version)
        assert {d.id: set(d.caps) for d in variant.dimensions} == {d.id: set(d.caps) for d in rubric.dimensions}


def answer_to(rubric: Rubric) -> str:
    """The same answer for every dimension, low enough for every cap that code finds."""
    last = {"score": rubric.scale.low} if rubric.scale else {}
    labels = {d.id: {"labels": [d.labels[0].id]} if d.labels else {} for d in rubric.dimensions}
    texts = dict.fromkeys(rubric.texts, "Seen.") | {"quotes": ["You"], "caps": []}
    if rubric.about in ("seeker", "both"):
        texts["quotes"] = ["My flat"]
    members = {d.id: {part: (texts | last | labels[d.id])[part] for part in rubric.order} for d in rubric.dimensions}
    return json.dumps(members)


@pytest.mark.parametrize("name", RATING)
async def test_each_shipped_rubric_is_audited_in_another_order_and_in_other_words(name: str, tmp_path: Path) -> None:
    """A judge that never moves is asked under every variant, of coaches as well, and nothing is left unsaid."""
    rubric = load_rubric(name)
    source = tmp_path / "in.jsonl"
    spoken = [message for message in TALK["messages"] if rubric.about == "coach" or message["role"] != "coach"]
    source.write_text(json.dumps(TALK | {"messages": spoken}), encoding="utf-8")
    asked = [variant.name for variant in variants(rubric)]
    model = ScriptedModel(*[answer_to(rubric)] * len(asked))

    moved = await audit_file(
        source,
        tmp_path / "out.jsonl",
        rubric=rubric,
        member=member_of(judged_by(model), rubric),
        progress=lambda done, total: None,
    )

    assert "rubric_paraphrased" in asked
    assert ("rubric_reordered" in asked) == (name != "helpfulness")
    assert {figure["moved"] for by_d in as_figures(moved).values() for figure in by_d.values()} == {0}


async def test_labels_in_another_order_are_the_same_answer(tmp_path: Path) -> None:
    """The rules name several ways of supporting: turned round, the set is what counts."""
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps(TALK | {"messages": TALK["messages"][:2]}), encoding="utf-8")
    rubric = load_rubric("strategies_esr")

    moved = await audit_file(
        source, tmp_path / "o.jsonl", rubric=rubric, member=member_of(rules(), rubric), progress=lambda a, b: None
    )

    assert as_figures(moved)["rubric_reordered"]["strategies"]["moved"] == 0


def test_what_an_audit_could_not_check_is_said() -> None:
    """A rubric of one's own without other words, with some of them, or with one dimension only."""
    rubric = load_rubric("empathy")
    some = {d.id: "Otherwise." for d in rubric.dimensions[1:]}

    assert reservations(rubric) == ()
    assert reservations(replace(rubric, paraphrases=some)) == (
        "rubric paraphrased left as they were: encouraging_elaboration.",
    )
    without = reservations(replace(load_rubric("helpfulness"), paraphrases={}))
    assert [sentence.split(":")[0] for sentence in without] == [
        "rubric reordered was left out",
        "rubric paraphrased was left out",
    ]
