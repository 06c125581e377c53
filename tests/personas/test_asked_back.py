"""What the seeker brought up itself can be asked about: names, its own words, who holds it, and whom a line means."""

from __future__ import annotations

import re

import pytest

from personas.bank import load_bank
from personas.draft import seeker_lines
from personas.persona import Persona
from tests.personas.talking import conversation, replies

BANK = load_bank()
EVERYBODY = pytest.mark.parametrize("persona", BANK.values(), ids=BANK)
PRONOUN = re.compile(r"\b(?:he|she|him|her|his|hers)\b", re.IGNORECASE)
OWNER = re.compile(
    r"\b(?:dad|father|mom|mother|son|boy|wife|sister|uncle|boss|manager|colleague|friend|neighbor|roommate|man|nurse"
    r"|somebody|someone|person|guy|poet|woman|voice|god)\b",
    re.IGNORECASE,
)


@EVERYBODY
def test_every_line_says_whom_its_pronouns_mean(persona: Persona) -> None:
    """A line may follow any other, so that "he" alone could be the son as well as the father."""
    names = re.compile("|".join(re.escape(person.name) for person in persona.people))
    lines = [line for topic in persona.topics for line in (*topic.lines, *topic.when_advised)]
    lines += [*persona.resists, *persona.deflects, *persona.safe_lines]

    for line in lines:
        if found := PRONOUN.search(line):
            before = line[: found.start()]
            assert OWNER.search(before) or names.search(before), line


@EVERYBODY
def test_a_seeker_knows_what_its_people_are_called(persona: Persona) -> None:
    """Asked for a name, once or again, it says that name, and the same one each time."""
    for person in persona.people:
        said = replies(conversation(persona, [f"What is your {person.called[0]}'s name?"] * 2))

        assert all(person.name in reply for reply in said), said


@pytest.mark.parametrize(
    ("scenario", "lines", "name"),
    [
        ("loss", ["What was his name?"], "Walter"),
        ("loss", ["How is your son?", "What's his name?"], "Theo"),
        ("loss", ["And your wife's name?"], "Claire"),
        ("cancer", ["What's her name?"], "Diane"),
        ("job_loss", ["What did your boss say?", "what is he called"], "Richard"),
        ("promotion", ["Who got it, what's her name?"], "Megan"),
    ],
)
def test_a_pronoun_means_whoever_was_spoken_of_last(scenario: str, lines: list[str], name: str) -> None:
    assert name in replies(conversation(BANK[scenario], lines))[-1]


def test_the_seekers_own_name_is_no_other_persons() -> None:
    assert "Dan" in replies(conversation(BANK["loss"], ["What's your name?"]))[-1]


@EVERYBODY
@pytest.mark.parametrize("question", ["What is the dog's name?", "Who is your dentist?", "Which year was that?"])
def test_facts_of_its_own_life_are_passed_by_and_not_forgotten(persona: Persona, question: str) -> None:
    """What no file tells is kept to oneself for now; nobody has "no idea" of their own life."""
    reply = replies(conversation(persona, [question]))[-1]

    assert not any(line in reply for line in (*seeker_lines()["unsure"], *seeker_lines()["closed_unsure"]))


@EVERYBODY
@pytest.mark.parametrize(
    "question",
    [
        "Who's holding you?",
        "Have you been able to talk with anybody about it?",
        "Is anyone looking after you?",
        "Have you told anybody?",
    ],
)
def test_who_is_there_for_the_seeker_is_answered_from_its_support(persona: Persona, question: str) -> None:
    reply = replies(conversation(persona, [question]))[-1]

    assert any(line in reply for line in persona.topic("support").lines), reply


@pytest.mark.parametrize(
    ("scenario", "lines", "words"),
    [
        ("loss", ["Tell me about those Saturdays fishing"], ["fishing"]),
        ("loss", ["What did you do together?", "Tell me more about the fishing."], ["fishing", "Fishing"]),
        ("undervalued", ["Tell me about the donuts"], ["donuts"]),
        ("cancer", ["What about the yellow scarf?"], ["scarf"]),
    ],
)
def test_asking_back_about_its_own_words_finds_them(scenario: str, lines: list[str], words: list[str]) -> None:
    """The last reply stays with what was asked back about, and goes on there when the first line is spent."""
    reply = replies(conversation(BANK[scenario], lines))[-1]

    assert any(word in reply for word in words), reply


def test_where_somebody_grew_up_is_no_insult() -> None:
    reply = replies(conversation(BANK["undervalued"], ["Which city did you grow up in?"]))[-1]

    assert not any(line in reply for line in seeker_lines()["insult"])
