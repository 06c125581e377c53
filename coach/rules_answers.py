"""The rules coach's answers: what was asked, answered from the conversation, and never twice the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from coach.feelings import plain
from coach.framework import CoachingFramework
from coach.intents import Intent, intent_of
from coach.moments import Moment, content_words
from coach.move_patterns import HELPFUL, Move
from coach.partner import hear, to_second_person
from coach.phrases import Phrases, capitalised, phrases, pick, slots_of
from coach.quotes import find_quote
from coach.reading import ROOM_LEFT, Missed, Reading, quotable, read
from coach.rules_feedback import better_wording, quoted, reason_for
from coach.sentence_count import first_sentences
from coach.subjects import FollowUpSubject, Meters
from core.transcript import Role

_DOES = {
    Move.NAMED_FEELING: "it put a feeling into words",
    Move.VALIDATED: "it let your conversational partner's reaction stand as it is",
    Move.PARAPHRASED: "it gave back what you had been told",
    Move.OPEN_QUESTION: "it left your conversational partner free to tell more",
    Move.ASKED_PERMISSION: "it let your conversational partner say what they needed",
    Move.ACKNOWLEDGED: "it showed that you see how hard this is",
    Move.CONDOLED: "it met bad news with sympathy",
    Move.PRESENCE: "it told your conversational partner that somebody is at their side",
    Move.CHECK_IN: "it turned to how your conversational partner is",
    Move.AFFIRMED: "it told your conversational partner that you think well of them",
}
_MIRRORED_WORDS = 5
_NOT_MIRRORED_FIRST = re.compile(
    r"(?:an?|and|at|be|being|by|for|in|is|it|it's|just|not|of|on|or|really|so|such|that|the|to|was|with)$",
    re.IGNORECASE,
)
_ABOUT_THE_FEEDBACK = ("why_missed", "wrong", "disagree")
_FEELING_MOVES = (Move.NAMED_FEELING, Move.VALIDATED, Move.ACKNOWLEDGED, Move.CONDOLED)
_CLAIMS: tuple[tuple[str, tuple[Move, ...]], ...] = (
    (r"\bask|\bquestion|\bcurious|\binterest|\binvit", (Move.OPEN_QUESTION, Move.CHECK_IN)),
    (r"\bparaphras|\bgave back|\brepeat|\blisten|\bsummar", (Move.PARAPHRASED,)),
    (
        r"\bhere for\b|\bsupport|\bcare[sd]?\b|\bcaring|\bkind|\bfriend",
        (Move.PRESENCE, Move.CHECK_IN, Move.CONDOLED, Move.AFFIRMED),
    ),
    (r"\bsorry\b|\bsympath|\bcondol", (Move.CONDOLED,)),
    (r"\bpermission\b", (Move.ASKED_PERMISSION,)),
    (
        r"\backnowledg|\bvalidat|\bfeel|\bfelt\b|\bemotion|\bempath|\brecogni|\bnamed?\b|\bsad\b|\bhard\b|\btough\b",
        _FEELING_MOVES,
    ),
    (r"\bunderst", (Move.PARAPHRASED, Move.NAMED_FEELING, Move.VALIDATED)),
)
_METERS = (
    (
        "validating",
        "validating emotions",
        "each line that names a feeling or lets it be raises it",
        "name a feeling or let it be",
    ),
    (
        "elaboration",
        "encouraging elaboration",
        "each question that begins with how or what raises it",
        "ask one question more that begins with how or what",
    ),
    (
        "understanding",
        "demonstrating understanding",
        "each line that gives back what you were told raises it",
        "give back what you were told in your own words",
    ),
)
"""Each meter with its name, what raises it, and what to do to raise it."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """Everything an answer may draw on."""

    subject: FollowUpSubject
    reading: Reading
    words: Phrases

    @property
    def framework(self) -> CoachingFramework:
        return self.subject.framework


def answer_text(subject: FollowUpSubject) -> str:
    """The answer to the question of `subject`, at most as long as it says, and none that was given before."""
    scene = _Scene(subject, read(subject.transcript), phrases())
    said = {_key(text) for text in subject.already_said}
    first_try = None
    for text in _answers(scene):
        short = first_sentences(text, most=subject.answer_sentences)
        if _key(short) not in said:
            return short
        first_try = first_try or short
    return first_try or scene.words.answers["thanks"][1]


def _answers(scene: _Scene) -> Iterator[str]:
    """Every answer that fits, best first: to the question's own kind, then what else is worth saying."""
    question = scene.subject.question
    shared = content_words(question) & content_words(" ".join(m.text for m in scene.subject.transcript.messages))
    group = _group(intent_of(question, about_the_conversation=len(shared) > 1), scene)
    moments = _moments_to_look_at(scene, group)
    fillings = [
        _slots(scene, missed, variant=f"{len(scene.subject.already_said)}-{turn}")
        for turn, missed in enumerate(moments)
    ]
    spoken = " ".join(scene.subject.already_said)
    for name in (group,) if group == Intent.OFF_TOPIC else (group, "fallback"):
        templates = sorted(scene.words.answers[name], key=lambda template: _longest_fixed_part(template) in spoken)
        for slots in fillings:
            for template in templates:
                if slots_of(template) <= slots.keys():
                    yield _tidied(template.format(**slots))


def _longest_fixed_part(template: str) -> str:
    """What is longest between the slots of a template, by which an answer made of it is known again."""
    return max(re.split(r"\{\w+\}", template), key=len)


def _group(intent: Intent, scene: _Scene) -> str:
    """The group of answers for `intent`, by what the conversation holds."""
    question = plain(scene.subject.question)
    if intent is Intent.SELF_JUSTIFICATION:
        if _claimed(question) is None:
            return "self_justification_meant"
        return "self_justification_found" if _own_line(scene) else "self_justification_not_found"
    if intent is Intent.SCORES:
        return _score_group(question, scene.subject.meters)
    if intent is Intent.STRENGTH and not scene.reading.strengths:
        return "strength_none"
    if intent is Intent.GOOD_ADVICE and not scene.reading.advice_was_given and "advice" not in question:
        return "cheering" if scene.reading.count(Move.MINIMISE) else "good_advice"
    if intent in (Intent.OWN_STORY, Intent.OPEN_QUESTION, Intent.VALIDATE) and _own_line(scene):
        return f"{intent.value}_found"
    return "why_missed" if intent is Intent.WHY else intent.value


def _score_group(question: str, meters: Meters | None) -> str:
    if meters is None:
        return "scores_absent"
    named = [name for name in ("validating", "elaboration", "understanding") if name[:7] in question]
    return f"score_{named[0]}" if len(named) == 1 else "scores"


def _own_line(scene: _Scene) -> Moment | None:
    """A line in which the supporter did what the question speaks of; None when there is none."""
    question = plain(scene.subject.question)
    intent = intent_of(question, about_the_conversation=True)
    if intent is Intent.OWN_STORY:
        return next((m for m in scene.reading.moments if Move.SELF in m.moves), None)
    if intent is Intent.OPEN_QUESTION:
        wanted: tuple[Move, ...] = (Move.OPEN_QUESTION,)
    elif intent is Intent.VALIDATE:
        wanted = _FEELING_MOVES
    else:
        wanted = _claimed(question) or _FEELING_MOVES
    if located := find_quote(_quoted_in(scene.subject.question), scene.subject.transcript):
        return next((m for m in scene.reading.moments if m.message == located.message and m.helpful), None)
    fitting = [m for m in scene.reading.strengths if m.moves & set(wanted)]
    return min(fitting, key=lambda m: min(wanted.index(x) for x in m.moves if x in wanted), default=None)


def _claimed(question: str) -> tuple[Move, ...] | None:
    """The moves that a question in lower case says were made; None when it claims something else."""
    return next((moves for pattern, moves in _CLAIMS if re.search(pattern, question)), None)


def _quoted_in(question: str) -> str:
    match = re.search(r"[\"“](.+?)[\"”]", question)
    return match.group(1) if match else ""


_NAMED_LINE = re.compile(
    r"\b(?:instead of|rather than|when i (?:said|wrote|say|asked)|my line|why (?:is|was)|how (?:is|was))"
    r"(?: (?:saying|writing|just|my|the|that))* (?P<line>.+?)"
    r"(?:\s+(?:a|an|the|such|so|bad|wrong|not|considered|seen|was|is)\b.*)?[?.!]*$",
    re.IGNORECASE,
)


def _named_in(question: str) -> str:
    """A line that a question names without quotation marks, as in "what to say instead of Hm?"."""
    match = _NAMED_LINE.search(question)
    return match["line"] if match else ""


def _moments_to_look_at(scene: _Scene, group: str) -> list[Missed]:
    """The moments to speak of: the one the question points at, then those not spoken of yet, as they matter.

    A question about the feedback itself ("why", "that is wrong") starts from the moment that the feedback spoke of.
    """
    reading = scene.reading
    known = {missed.moment for missed in reading.missed}
    pointed = _pointed_at(scene.subject.question, scene)
    others = [
        Missed(m, ROOM_LEFT, 0.0)
        for m in reading.moments
        if m not in known and (hear(m.partner).reflection or m.message == pointed)
    ]
    spoken = " ".join((scene.subject.feedback, *scene.subject.already_said))

    def order(missed: Missed) -> tuple[bool, bool, bool]:
        heard = hear(missed.moment.partner)
        is_spoken_of = heard.fragment is None or heard.fragment in spoken
        elsewhere = pointed is not None and missed.moment.message != pointed
        if group in _ABOUT_THE_FEEDBACK:
            return elsewhere, missed.quote not in scene.subject.feedback, heard.fragment is None
        return elsewhere, is_spoken_of, heard.reflection is None

    return sorted([*reading.missed, *others], key=order)


def _pointed_at(question: str, scene: _Scene) -> int | None:
    """The index of the supporter's message that `question` points at: by its words, or as the first or the last."""
    transcript = scene.subject.transcript
    for quotation in (_quoted_in(question), _named_in(question)):
        if (located := find_quote(quotation, transcript)) is not None:
            return located.message
    own = [i for i, m in enumerate(transcript.messages) if m.role is Role.SUPPORTER and m.text.strip()]
    lower = plain(question)
    if own and re.search(r"\b(?:first|start|beginning|opening)\b", lower):
        return own[0]
    if own and re.search(r"\b(?:last|end|final)\b(?! time)", lower):
        return own[-1]
    asked = content_words(question, shortest=3) - content_words("instead respond answer better question partner said")
    overlap = {
        i: 2 * len(asked & content_words(transcript.messages[i].text, shortest=3))
        + len(asked & content_words(_around(scene, i), shortest=3))
        for i in own
    }
    best = max(own, key=lambda i: overlap[i], default=None)
    return best if best is not None and overlap[best] >= 1 else None


def _around(scene: _Scene, message: int) -> str:
    """A message of the supporter's with what the seeker had last said before it."""
    partner = next((m.partner for m in scene.reading.moments if m.message == message), "")
    return f"{scene.subject.transcript.messages[message].text} {partner}"


def _slots(scene: _Scene, missed: Missed, *, variant: str) -> dict[str, str]:
    """What templates can be filled with at this moment; what there is nothing for is absent."""
    heard = hear(missed.moment.partner)
    wording = better_wording(missed.moment.partner, scene.words, variant=variant)
    question = capitalised(pick(scene.words.questions, "ask" + variant))
    slots = {
        "line": quoted(missed.quote),
        "messages": str(scene.reading.supporter_messages) if scene.reading.supporter_messages > 2 else None,
        "wording": quoted(wording),
        "question": quoted(question),
        "reason": reason_for(missed, scene.reading, scene.framework),
        "feeling": heard.feeling,
        "feeling_hard": f"hard, and no wonder you feel {heard.feeling}" if heard.feeling else "hard",
        "fragment": quoted(heard.fragment) if heard.fragment else None,
        "mirror": quoted(_mirrored(heard.fragment)) if heard.fragment else None,
        "advice": _first_quote(scene.reading, Move.ADVICE),
        "closed": _first_quote(scene.reading, Move.CLOSED_QUESTION) or _first_quote(scene.reading, Move.SOLVING),
    }
    if scene.reading.strengths:
        best = scene.reading.strengths[0]
        slots |= {"best": quoted(quotable(best, move=best.helpful[0])), "best_does": _DOES[best.helpful[0]]}
    if own := _own_line(scene):
        slots["own"] = quoted(quotable(own, move=next((m for m in HELPFUL if m in own.moves), Move.SELF)))
    if scene.subject.meters is not None:
        slots |= _meter_slots(scene.subject.meters)
    return {name: value for name, value in slots.items() if value is not None}


def _meter_slots(meters: Meters) -> dict[str, str]:
    lowest = min(_METERS, key=lambda entry: int(getattr(meters, entry[0])))
    return {
        "lowest": lowest[1],
        "lowest_points": str(getattr(meters, lowest[0])),
        "raises": lowest[2],
        "raises_short": lowest[3],
        **{name: str(getattr(meters, name)) for name, *_ in _METERS},
    }


def _first_quote(reading: Reading, move: Move) -> str | None:
    moment = next((m for m in reading.moments if move in m.moves), None)
    return quoted(quotable(moment, move=move)) if moment else None


def _mirrored(fragment: str) -> str:
    """The last few words of a fragment, as one would repeat them."""
    words = to_second_person(fragment).split()[-_MIRRORED_WORDS:]
    while len(words) > 1 and _NOT_MIRRORED_FIRST.match(words[0]):
        words = words[1:]
    return capitalised(" ".join(words)) + "?"


def _tidied(text: str) -> str:
    """`text` with an end to its last sentence where a quotation closes it without one."""
    return text if re.search(r"[.!?…][”\"]?$", text) else text + "."


def _key(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
