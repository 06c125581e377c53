"""The rules coach's feedback: five sentences from the trainee's own lines and the partner's own words."""

from __future__ import annotations

import itertools
import re

from coach.answer_form import FeedbackForm, MetersForm, SuggestionForm
from coach.feelings import plain
from coach.framework import CoachingFramework
from coach.move_patterns import HELPFUL, QUESTION_START, Move
from coach.partner import hear
from coach.phrases import Phrases, capitalised, phrases, pick
from coach.reading import ROOM_LEFT, Missed, Reading, meters_of, quotable, read
from coach.subjects import FeedbackSubject, Meters

_WISH = {
    Move.ADVICE: "wish_to_help",
    Move.MINIMISE: "wish_to_comfort",
    Move.SELF: "wish_to_share",
    Move.SOLVING: "interest",
    Move.CLOSED_QUESTION: "interest",
    Move.BARE_UNDERSTANDING: "understanding_said",
}
"""What a line that gets in the way was still meant to do; criticism is praised for nothing."""
_METER_OF = {
    Move.NAMED_FEELING: "validating",
    Move.VALIDATED: "validating",
    Move.PARAPHRASED: "understanding",
    Move.OPEN_QUESTION: "elaboration",
}
_A_HABIT = 5
"""The points from which on a move is praised as something that the supporter already does."""
_PARTNER = re.compile(
    r"\byour conversational partner(?P<own>['’]s)?(?: (?P<does>has|is|was|needs|wants|feels|said|told|wrote|felt|had"
    r"|did|could|would|can|will|knew|say|\w+ed)\b)?"
)
_MOST_NAMINGS = 2
_PLURAL = {"has": "have", "is": "are", "was": "were", "needs": "need", "wants": "want", "feels": "feel"}
_ROOM_LEFT_FOR = (
    (Move.PARAPHRASED, "paraphrase"),
    (Move.NAMED_FEELING, "name_feeling"),
    (Move.OPEN_QUESTION, "open_question"),
)


def feedback_form(subject: FeedbackSubject) -> FeedbackForm:
    """The feedback on the conversation of `subject`: strength, missed moment, better wording, reason, encouragement."""
    words, reading = phrases(), read(subject.transcript)
    strength, strength_quotes = strength_sentence(reading, words)
    missed = next((m for m in reading.missed if m.quote not in strength_quotes), reading.missed[0])
    wording = better_wording(missed.moment.partner, words)
    reason = reason_for(missed, reading, subject.framework)
    encouragement = _encouragement(reading, words)
    parts = [
        strength,
        _missed_sentence(missed, subject.framework, words),
        _better_sentence(missed, wording, words),
        _reason_sentence(missed, reason, reading, words),
        encouragement,
    ]
    suggestions = [SuggestionForm(better_wording=wording, reason=capitalised(reason) + ".")]
    if reading.advice_was_given:
        suggestions.append(
            SuggestionForm(
                better_wording=subject.framework.advice_point.wording,
                reason=capitalised(subject.framework.avoidance("advice").reason) + ".",
            )
        )
    return FeedbackForm(
        strength=strength,
        quotes=(*strength_quotes, missed.quote),
        suggestions=tuple(suggestions),
        encouragement=encouragement,
        text=_naming_sparingly(" ".join(_within(parts, subject.feedback_sentences))),
        meters=MetersForm(
            **{name: getattr(meters_of(reading), name) for name in ("validating", "elaboration", "understanding")}
        ),
    )


def strength_sentence(reading: Reading, words: Phrases) -> tuple[str, tuple[str, ...]]:
    """What went well, and the lines it quotes; only what a line really did, or was plainly meant to do."""
    if reading.strengths:
        best = reading.strengths[0]
        move = best.helpful[0]
        quote = quotable(best, move=move)
        is_invitation = move is Move.OPEN_QUESTION and not QUESTION_START.search(plain(quote)) and "?" not in quote
        name = "open_invitation" if is_invitation else move.value
        return pick(words.strengths[name], quote).format(quote=quoted(quote)), (quote,)
    for moment in reading.moments:
        if moment.hindering and moment.hindering[0] in _WISH and Move.CRITICISM not in moment.moves:
            quote = quotable(moment)
            return pick(words.strengths[_WISH[moment.hindering[0]]], quote).format(quote=quoted(quote)), (quote,)
    n = reading.supporter_messages
    return (words.staying.one if n == 1 else words.staying.many.format(times="twice" if n == 2 else f"{n} times")), ()


def better_wording(partner: str, words: Phrases, *, variant: str = "") -> str:
    """A line that gives back what `partner` says and asks on; `variant` picks another wording of it."""
    heard = hear(partner)
    feeling_is_said = bool(heard.reflection and heard.feeling and _same_feeling(heard.feeling, heard.reflection))
    if heard.reflection and heard.feeling and not feeling_is_said:
        options = words.wordings.reflection_and_feeling
    elif heard.reflection:
        options = words.wordings.reflection
    else:
        options = words.wordings.feeling if heard.feeling else words.wordings.nothing
    seed = partner + variant
    line = pick(options, seed).format(
        reflection=heard.reflection, feeling=heard.feeling, question=pick(words.questions, "question" + seed)
    )
    return capitalised(line)


def _same_feeling(feeling: str, text: str) -> bool:
    """Whether `text` already speaks of `feeling`, in whatever form of the word."""
    return feeling.replace(" ", "")[:5] in plain(text).replace(" ", "")


def reason_for(missed: Missed, reading: Reading, framework: CoachingFramework) -> str:
    """Why a better line would have helped, as it stands after "because"."""
    if missed.kind != ROOM_LEFT:
        return framework.avoidance(missed.kind).reason
    lacking = min(_ROOM_LEFT_FOR, key=lambda pair: reading.count(pair[0]))
    return framework.move(lacking[1]).reason


def _naming_sparingly(text: str) -> str:
    """`text` with "they" for the conversational partner once the study's term has stood in it twice."""
    namings = itertools.count(1)

    def named(match: re.Match[str]) -> str:
        if next(namings) <= _MOST_NAMINGS:
            return match.group()
        does = match["does"]
        if match["own"]:
            of_theirs = text[: match.start()].endswith(" of ") and not text.startswith(" ", match.end())
            return "theirs" if of_theirs else f"their {does}" if does else "their"
        if does and not (does == "say" and text[: match.start()].endswith(("let ", "to "))):
            return f"they {_PLURAL.get(does, does)}"
        return f"them {does}" if does else "them"

    return _PARTNER.sub(named, text)


def quoted(text: str) -> str:
    """`text` between quotation marks."""
    return f"“{text}”"


def _missed_sentence(missed: Missed, framework: CoachingFramework, words: Phrases) -> str:
    quote = missed.quote
    fragment = hear(missed.moment.partner).fragment
    if missed.kind == ROOM_LEFT:
        options = words.room_left if fragment else words.room_left_without_fragment
    else:
        options = words.missed if fragment else words.missed_without_fragment
    effect = "" if missed.kind == ROOM_LEFT else framework.avoidance(missed.kind).effect
    return pick(options, quote).format(fragment=quoted(fragment or ""), quote=quoted(quote), effect=effect)


def _better_sentence(missed: Missed, wording: str, words: Phrases) -> str:
    options = words.further if missed.kind == ROOM_LEFT else words.better
    return pick(options, wording).format(wording=quoted(wording))


def _reason_sentence(missed: Missed, reason: str, reading: Reading, words: Phrases) -> str:
    if not reading.advice_was_given:
        options = words.reasons
    else:
        options = words.reasons_after_advice if missed.kind == Move.ADVICE else words.reasons_and_advice
    return pick(options, reason + missed.moment.span).format(reason=reason)


def _encouragement(reading: Reading, words: Phrases) -> str:
    meters = meters_of(reading)
    done = {move for moment in reading.strengths for move in moment.helpful}
    best = min((move for move in done if _may_be_praised(move, meters)), key=HELPFUL.index, default=None)
    options = words.encouragements.get(best.value if best else "other", words.encouragements["other"])
    return pick(options, reading.moments[0].span if reading.moments else "")


def _may_be_praised(move: Move, meters: Meters) -> bool:
    """Whether praise for a habit fits the panel beside it: one good line is no habit yet."""
    meter = _METER_OF.get(move)
    return meter is None or int(getattr(meters, meter)) >= _A_HABIT


def _within(parts: list[str], most: int) -> list[str]:
    """The parts that fit into `most` sentences: encouragement goes first, then the better wording, then the reason."""
    kept = sorted([0, 1, 3, 2, 4][:most])
    return [parts[i] for i in kept]
