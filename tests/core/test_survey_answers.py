"""Answers to a survey: what is kept for each kind of question, and what is refused with the question at fault."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.errors import InvalidAnswer
from core.survey import MAX_TEXT, Option, Survey, check_answers

TEARS = "\N{LOUDLY CRYING FACE}"
HARD = f"{TEARS} 'so' \"so\" \u202bשלום\u202c"
OPTIONS = [{"value": 1, "label": "No"}, {"value": 2, "label": "Yes"}]


def item(name: str, kind: str, **more: object) -> dict[str, object]:
    return {"id": name, "instrument": "x", "text": "?", "kind": kind, **more}


def survey(*items: dict[str, object]) -> Survey:
    return Survey.model_validate({"title": "Survey", "sections": [{"items": [one]} for one in items]})


LIKERT = item("q", "likert", options=OPTIONS)
CHOICE = item("q", "choice", options=[{"value": "a", "label": "A"}, {"value": "b_2", "label": "B"}])
NUMBER = item("q", "number", minimum=18, maximum=120)
TEXT = item("q", "text")
CHECKBOX = item("q", "checkbox")


def kept(question: dict[str, object], answer: object) -> str | None:
    return check_answers(survey(question), {"q": answer}).get("q")


def refusal(question: dict[str, object], answer: object) -> str:
    """What is said to an answer that is not taken."""
    with pytest.raises(InvalidAnswer) as refused:
        kept(question, answer)
    assert refused.value.facts == {"item": "q"}
    assert (refused.value.code, refused.value.status) == ("invalid_answer", 422)
    return refused.value.message


@pytest.mark.parametrize(
    ("question", "answer", "stored"),
    [
        (LIKERT, 1, "1"),
        (LIKERT, "2", "2"),
        (CHOICE, "a", "a"),
        (CHOICE, "b_2", "b_2"),
        (NUMBER, 18, "18"),
        (NUMBER, 120.0, "120"),
        (NUMBER, "42", "42"),
        (NUMBER, " 42 ", "42"),
        (NUMBER, 30.5, "30.5"),
        (item("q", "number"), -3, "-3"),
        (TEXT, "It went well.", "It went well."),
        (TEXT, "  It went\n well. \n", "It went\n well."),
        (TEXT, HARD, HARD),
        (TEXT, "=1+1", "=1+1"),
        (TEXT, TEARS * MAX_TEXT, TEARS * MAX_TEXT),
        (CHECKBOX, True, "true"),
        (CHECKBOX, "true", "true"),
        ({**CHECKBOX, "required": False}, False, "false"),
        ({**CHECKBOX, "required": False}, "false", "false"),
        ({**CHECKBOX, "required": False}, None, "false"),
    ],
)  # fmt: skip
def test_what_fits_is_kept_as_text(question: dict[str, object], answer: object, stored: str) -> None:
    """The option's own value, the plain number, the trimmed text, true or false."""
    assert kept(question, answer) == stored


@pytest.mark.parametrize("question", [LIKERT, CHOICE, NUMBER, TEXT], ids=lambda q: q["kind"])
@pytest.mark.parametrize("answer", [None, "", "  \n"])
def test_a_question_left_blank(question: dict[str, object], answer: object) -> None:
    """Asked for when it is required; otherwise absent, and never an empty answer."""
    assert refusal(question, answer) == "Please answer this question."

    assert check_answers(survey({**question, "required": False}), {"q": answer}) == {}
    assert check_answers(survey({**question, "required": False}), {}) == {}


def test_a_question_left_out() -> None:
    """Not sent is not answered."""
    with pytest.raises(InvalidAnswer) as refused:
        check_answers(survey(TEXT), {})

    assert refused.value.facts == {"item": "q"}


@pytest.mark.parametrize("answer", [0, 3, "No", "1.0", 1.0, True, [1], {"value": 1}, "1 ", "１", "1\x00"])
def test_only_the_options_shown_can_be_chosen(answer: object) -> None:
    """Neither labels, nor numbers near them, nor true for one, nor lists."""
    assert refusal(LIKERT, answer) == "Please choose one of the answers shown."


@pytest.mark.parametrize(
    "answer", ["many", "nan", "inf", "-inf", "1e999", 10**400, "4 2", "0x1F", True, [30], {}, "30\x00"]
)
def test_only_numbers_are_numbers(answer: object) -> None:
    """Nor are infinities, numbers beyond all bounds, true, or lists."""
    assert refusal(NUMBER, answer) == "Please enter a number."


@pytest.mark.parametrize(
    ("bounds", "answer", "said"),
    [
        ({"minimum": 18, "maximum": 120}, 17, "from 18 to 120"),
        ({"minimum": 18, "maximum": 120}, "17.999", "from 18 to 120"),
        ({"minimum": 18, "maximum": 120}, 121, "from 18 to 120"),
        ({"minimum": 0.5}, 0, "from 0.5"),
        ({"maximum": 7}, 8, "up to 7"),
    ],
)
def test_number_out_of_range_names_the_range(bounds: dict[str, object], answer: object, said: str) -> None:
    """In the words a person needs to mend it."""
    assert refusal(item("q", "number", **bounds), answer) == f"Please enter a number {said}."


@pytest.mark.parametrize("answer", [1, True, ["words"], {"text": "words"}])
def test_only_words_are_words(answer: object) -> None:
    """A text answer is text."""
    assert refusal(TEXT, answer) == "Please answer in words."


def test_too_long_a_text_says_how_long_it_is() -> None:
    """5,001 characters, counted as code points after trimming."""
    assert "5,001 characters; 5,000 is the most" in refusal(TEXT, TEARS * (MAX_TEXT + 1))
    assert kept(TEXT, " " * 100 + "x" * MAX_TEXT) == "x" * MAX_TEXT


@pytest.mark.parametrize("text", ["nothing\x00 to see", "\x00", "half \ud83d of a face", "\udc00", "x\udfff"])
def test_text_that_no_database_stores_is_refused(text: str) -> None:
    """NUL and lone surrogates: told to the person now, instead of failing on the way to the disk."""
    assert "cannot be kept" in refusal(TEXT, text)


@pytest.mark.parametrize("answer", ["yes", "", 1, 0, [True], "True"])
def test_a_box_is_ticked_or_open(answer: object) -> None:
    """Nothing in between."""
    assert refusal(CHECKBOX, answer) == "This can only be ticked or left open."


@pytest.mark.parametrize("answer", [False, "false", None])
def test_a_required_box_must_be_ticked(answer: object) -> None:
    """As for a confirmation."""
    assert refusal(CHECKBOX, answer) == "Please tick this box to go on."


def test_unknown_question_is_refused() -> None:
    """An answer to nothing is a mistake of the client; its name is cut short before it is told."""
    with pytest.raises(InvalidAnswer) as refused:
        check_answers(survey(TEXT), {"q": "x", "z" * 500: "y"})

    assert refused.value.facts == {"item": "z" * 64}
    assert "z" * 64 in refused.value.message and "z" * 65 not in refused.value.message


def test_the_first_question_at_fault_is_named() -> None:
    """In the order of the survey, not of the answers."""
    questions = [item(name, "number") for name in ("first", "second", "third")]
    with pytest.raises(InvalidAnswer) as refused:
        check_answers(survey(*questions), {"third": "x", "second": "x", "first": 1})

    assert refused.value.facts == {"item": "second"}


def test_answers_are_kept_in_the_order_of_the_survey() -> None:
    """Whatever the order in which they came; those left blank are absent."""
    questions = [item(name, "text", required=False) for name in ("first", "second", "third")]

    assert list(check_answers(survey(*questions), {"third": "c", "first": "a"})) == ["first", "third"]


def test_a_truth_value_is_no_option() -> None:
    """An unquoted `yes` would be stored as 1, and the analysis looks for "yes"."""
    with pytest.raises(ValidationError, match="quote it"):
        Option(value=True, label="Yes")
    assert [Option(value=value, label="Yes").value for value in (1, "yes")] == [1, "yes"]
