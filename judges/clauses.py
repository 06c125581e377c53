"""Taking messages apart: sentences and clauses, with a plain form in which spelling, case and marks do not count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.sentences import sentences
from core.words import straight
from judges.lexicon import form, words
from llm.prompts import as_shown

_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|&")
_QUESTION_MARKS = frozenset("?？؟⁇⁈⁉")
_END_OF_QUESTION = re.compile(r"(?<=[?!？！])\s+")
"""Ends a sentence also where marks are repeated or the next one has no capital, which the splitter needs."""
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")
_ENDINGS = (("n't", " not"), ("'ll", " will"), ("'ve", " have"), ("'re", " are"), ("'d", " would"), ("'m", " am"))
_PART_END = re.compile(
    r"(?<=[.!?;:,])\s+|(?:\.{2,}|\u2026)\s*|\s*[\r\n]+\s*|\s[-\u2013\u2014]+\s|\s+(?=(?:but|however|although)\b)",
    re.IGNORECASE,
)
_RUN_ON_UNMARKED = 6
_RUN_ON_MARKED = 16
"""More words than this without a mark between them are taken for several thoughts, sooner if none ends the line."""
_SHORTEST_PART = 3
_LONGEST_PART = 40
_LABEL = re.compile(
    r"^\s*[\[<‹(*#-]*\s*(?:seeker|supporter|coach|judge|system|assistant|user|human|ai)\b[^:\n]{0,12}(?:[\]>›)]|:)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """The smallest piece that is looked at: what stands between commas, full stops and words like "but"."""

    plain: str
    goes_on: bool
    """Whether it continues the clause before it, so that "not saying that" still reaches it."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a message, verbatim, with its clauses."""

    message: int
    """Place of its message among those of its writer, from 0."""
    text: str
    """As prompts show it: a part of the message, letter for letter."""
    clauses: tuple[Clause, ...]

    @property
    def plain(self) -> str:
        return " ".join(clause.plain for clause in self.clauses)

    @property
    def has_question_mark(self) -> bool:
        return not _QUESTION_MARKS.isdisjoint(self.text)


def dissect(messages: Sequence[str]) -> list[Sentence]:
    """The sentences of `messages` in order, each said once: repeating a line word for word adds nothing.

    What is not said to the other person is left out: lines under another speaker's name and words to the judge.
    """
    seen: set[str] = set()
    found: list[Sentence] = []
    for place, message in enumerate(messages):
        for text in _sentences(message):
            sentence = Sentence(message=place, text=text, clauses=tuple(_clauses(text)))
            if sentence.plain and sentence.plain not in seen:
                seen.add(sentence.plain)
                found.append(sentence)
    return found


def plain(text: str) -> str:
    """`text` in lower case, contractions written out, common misspellings put right, one space between words."""
    tokens = _TOKEN.findall(_compatible(straight(text)).lower())
    return " ".join(form for token in tokens if (form := _plain_word(token)))


def _compatible(text: str) -> str:
    """`text` with full-width and ligature letters as plain ones, without marks that cannot be seen."""
    if text.isascii():
        return text
    return "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")


def _sentences(message: str) -> Iterator[str]:
    for number, line in enumerate(as_shown(message).splitlines()):
        if number and _LABEL.match(line):
            return  # what follows is a conversation inside the message, and not said to the other person
        for sentence in _split(line):
            yield from _cut(sentence) if _is_run_on(sentence) else [sentence]


def _split(line: str) -> Iterator[str]:
    """The sentences of a line, cut at the same places whatever their case: people shout, and many write no capitals."""
    small = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in line)
    end = 0
    for sentence in sentences(small):
        start = small.index(sentence, end)
        end = start + len(sentence)
        yield from _END_OF_QUESTION.split(line[start:end])


def _is_run_on(sentence: str) -> bool:
    if re.search(r"[,;.!?].", sentence):
        return False
    return len(sentence.split()) > (_RUN_ON_MARKED if sentence[-1] in ".!?" else _RUN_ON_UNMARKED)


def _cut(run_on: str) -> Iterator[str]:
    """The parts of a line written without marks: each new thought opens one, and none grows without end."""
    starts = [0]
    words_since = 0
    for gap in re.finditer(r"\s+", run_on):
        words_since += 1
        if words_since >= _LONGEST_PART or (words_since >= _SHORTEST_PART and _is_new_thought(run_on, gap)):
            starts.append(gap.end())
            words_since = 0
    for start, end in zip(starts, [*starts[1:], len(run_on)], strict=True):
        yield run_on[start:end].strip()


def _is_new_thought(text: str, gap: re.Match[str]) -> bool:
    before = plain(text[max(0, gap.start() - 40) : gap.start()].split()[-1])
    after = plain(" ".join(text[gap.end() : gap.end() + 80].split()[:6]))
    return not form("leads_on").search(before) and form("run_on").match(after) is not None


def _clauses(sentence: str) -> Iterator[Clause]:
    for number, part in enumerate(_PART_END.split(sentence)):
        if said := _without_words_to_the_judge(plain(part)):
            yield Clause(plain=said, goes_on=number > 0 and not form("switch").search(said))


def _without_words_to_the_judge(said: str) -> str:
    to_the_judge = form("to_the_judge").search(said)
    return said[: to_the_judge.start()].rstrip() if to_the_judge else said


@lru_cache(maxsize=50_000)
def _plain_word(token: str) -> str:
    word = _DRAWN_OUT.sub(r"\1", token)
    known = words().spellings
    if (bare := word.replace("'", "")) in known:
        return known[bare]
    for ending, written_out in _ENDINGS:
        if word.endswith(ending):
            return word.removesuffix(ending) + written_out
    word = word.removesuffix("'s").replace("'", "")
    return _respelt(word)


_LONG_ENOUGH_TO_SWAP = 4
_LONG_ENOUGH = 7
"""Shorter words are too often a letter away from another real word."""


@lru_cache(maxsize=1)
def _shortened() -> dict[str, str]:
    """Every long known word with one letter left out, and what it stands for."""
    long = sorted(word for word in words().vocabulary if len(word) >= _LONG_ENOUGH)
    return {word[:i] + word[i + 1 :]: word for word in long for i in range(len(word))}


def _respelt(word: str) -> str:
    """The known word that `word` misses by two letters swapped or, if long, one too few or too many; else `word`."""
    vocabulary = words().vocabulary
    if word in vocabulary or len(word) < _LONG_ENOUGH_TO_SWAP or word in words().stop:
        return word
    for i in range(len(word) - 1):
        if (swapped := word[:i] + word[i + 1] + word[i] + word[i + 2 :]) in vocabulary:
            return swapped
    if len(word) < _LONG_ENOUGH - 1:
        return word
    if word in _shortened():
        return _shortened()[word]
    for i in range(len(word)):
        without = word[:i] + word[i + 1 :]
        if len(without) >= _LONG_ENOUGH and without in vocabulary:
            return without
    return word
