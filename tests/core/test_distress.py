"""Words about harming oneself are recognised, also misspelt; ways of speaking and other people's deaths are not."""

from __future__ import annotations

import time

import pytest

from core.distress import speaks_of_self_harm

MUST = [
    "I want to kill myself",
    "i am going to kill my self",
    "Sometimes I think about suicide.",
    "I have been feeling SUICIDAL all week",
    "I want to end my life",
    "I could take my own life",
    "I keep thinking of ending it all",
    "I just want to die",
    "I wish I was dead",
    "I wish I were dead",
    "i would rather be dead",
    "Everyone would be better off without me",
    "They'd be better off if I was gone",
    "I'd be better off dead",
    "I'm going to die tonight, I have the pills",
    "I do not want to live any more",
    "I don't want to be here anymore",
    "I don't want to wake up tomorrow",
    "I have no reason to live",
    "there is no point in living",
    "There's nothing left to live for",
    "I am tired of living",
    "I hurt myself again last night",
    "I've been cutting myself",
    "I used to self-harm",
    "Honestly I feel like hanging myself",
    "I want to slit my wrists",
    "I want to jump off a bridge",
    "I overdosed last year",
    "gonna unalive myself",
    "honestly kms",
]
MISSPELT = [
    "i wanna kil myself",
    "i want to killmyself",
    "I will kill myslef",
    "i feel sucidal",
    "thinking about suiside",
    "suicde is on my mind",
    "comit suicied",
    "i wana die",
    "i want too die",
    "i wnat to die",
    "i want 2 die",
    "im gonna die tonight",
    "i dont want to live",
    "i dont wanna be alive",
    "I want\nto   die",
    "selfharm",
]
CURLY = [
    "I don’t want to live any more",
    "I don‘t want to be alive",
    "I don`t want to wake up",
    "I don´t want to live",
    "I donʼt want to live",
    "I’m going to die, I took them all",
    "There’s no point in living",
]
MUST_NOT = [
    "I could kill for a coffee",
    "this is killing me",
    "I'm dead tired",
    "my dad died",
    "He died of cancer last spring, and I was not there.",
    "Is your mother going to die?",
    "We are all going to die some day",
    "It's a show to die for",
    "I'm dying to know what happened",
    "You nearly killed me with that joke",
    "That would kill two birds with one stone",
    "I had an hour to kill by myself",
    "Over my dead body",
    "The battery is dead again",
    "In the end it all worked out",
    "At the end it all comes down to money",
    "I want to diet",
    "I am going to diet after the holidays",
    "I wish I was deadlifting",
    "I should cut myself some slack",
    "I cut myself off from my friends for a while",
    "I shot myself in the foot with that",
    "You would be better off without him",
    "I don't want to be here all day",
    "I don't want to hurt you",
    "I blame myself",
    "I live by myself",
    "They spoke of end-of-life care",
    "She was suited to it",
    "I ran 12 kms today",
    "What do you live for?",
    "How are you holding up?",
    "",
]


@pytest.mark.parametrize("text", MUST + MISSPELT + CURLY)
def test_words_of_self_harm_are_recognised(text: str) -> None:
    """Help lines come up for each of these."""
    assert speaks_of_self_harm(text)


@pytest.mark.parametrize("text", MUST_NOT)
def test_ways_of_speaking_are_not_taken_for_distress(text: str) -> None:
    """Talk about troubles, deaths and diets stops no clock and alarms nobody."""
    assert not speaks_of_self_harm(text)


@pytest.mark.parametrize("text", MUST)
def test_words_are_found_anywhere_and_in_any_case(text: str) -> None:
    """In the middle of a long message, in capitals, across lines."""
    assert speaks_of_self_harm(f"It has been a long week. {text}! Sorry for saying so.")
    assert speaks_of_self_harm(text.upper())
    assert speaks_of_self_harm(text.replace(" ", "\n"))


def test_long_text_is_read_quickly() -> None:
    """The longest message that somebody could make up is read at once: no pattern here goes back and forth."""
    began = time.perf_counter()
    for piece in ("want to ", "don't want ", "my ", "i am going ", "no point ", "su", " "):
        assert not speaks_of_self_harm((piece * 2_000)[:2_000])

    assert time.perf_counter() - began < 1
