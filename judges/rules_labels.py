"""Labels by rules: strategies from the moves of a reply, and the kind of trouble from whom a case is about."""

from __future__ import annotations

import re
from collections.abc import Mapping

from core.transcript import Role, Transcript
from judges.clauses import dissect
from judges.criteria import Criterion, Rubric, Verb
from judges.material import material
from judges.moves import Move, find_moves, supporter_lines
from judges.verdict import Finding

OTHERS = "others"
_STRATEGIES: Mapping[Move, tuple[str, ...]] = {
    **dict.fromkeys(
        (Move.INVITATION, Move.ASKED_FEELING, Move.ASKED_STORY, Move.ASKED_CHECK, Move.ASKED_CLOSED_FEELING),
        ("question",),
    ),
    **dict.fromkeys((Move.ASKED_FACT, Move.ASKED_CLOSED), ("question",)),
    Move.PARAPHRASE: ("restatement_or_paraphrasing",),
    Move.NAMING: ("reflecting_feelings", "reflection_of_feelings"),
    Move.SELF_STORY: ("self_disclosure",),
    Move.AFFIRMATION: ("affirmation_and_reassurance",),
    Move.REASSURANCE: ("affirmation_and_reassurance",),
    Move.ADVICE: ("providing_suggestions",),
    Move.BRIGHT_SIDE: ("perspective_shifting",),
    Move.LEGITIMISE: ("giving_information", "information"),
}
"""What each move is called; a rubric takes the names it knows. Telling that a feeling is common informs."""
_NAMES = {name for names in _STRATEGIES.values() for name in names} | {OTHERS}
_STRATEGIES_ID, _ISSUE_ID = "strategies", "issue_type"
_ISSUES = {"personal", "interpersonal"}

_SOMEBODY = (
    r"(?:boss|manager|supervisor|coworkers?|colleagues?|friends?|girlfriend|boyfriend|partner|wife|husband|ex|mother|"
    r"mom|mum|father|dad|parents|brother|sister|son|daughter|family|roommates?|neighbou?rs?|teacher|team|they|he|she)"
)
_DEALINGS = (
    r"(?:argu\w+|fights?|fought|fighting|yell\w*|shout\w*|ignor\w+|left me|leaving me|cheat\w*|lied|lying|betray\w*|"
    r"blam\w+|broke up|break ?up|divorc\w*|excluded?|excluding|bull\w+|jealous|insult\w*|hates? me|against me|"
    r"(?:not|never) (?:\w+ )?(?:listen|trust|respect|speak|talk|invite|call|care)\w*|behind my back|let me down|"
    r"passed me over|takes? credit|took credit|criticiz\w+|judg\w+ me|control\w*|treat\w* me|dismiss\w+|laughed at)"
)
_BETWEEN_PEOPLE = re.compile(rf"\b{_SOMEBODY}\b.*\b{_DEALINGS}\b|\b{_DEALINGS}\b.*\b{_SOMEBODY}\b")


def can_label(rubric: Rubric) -> bool:
    """Whether the rules know every label that `rubric` asks for."""
    return rubric.verb is Verb.LABEL and all(
        {label.id for label in criterion.labels} <= _known(criterion) for criterion in rubric.dimensions
    )


def labelled_by_rules(transcript: Transcript, rubric: Rubric) -> dict[str, Finding]:
    """The labels that the rules give; raises `Unjudgeable` as `material` does."""
    return {
        criterion.id: _issue(transcript, rubric)
        if criterion.id == _ISSUE_ID
        else _strategies(transcript, rubric, criterion)
        for criterion in rubric.dimensions
    }


def _known(criterion: Criterion) -> set[str]:
    return {_STRATEGIES_ID: _NAMES, _ISSUE_ID: _ISSUES}.get(criterion.id, set())


def _strategies(transcript: Transcript, rubric: Rubric, criterion: Criterion) -> Finding:
    shown = material(transcript, rubric)
    reply = Transcript(transcript.id, shown.messages)
    lines = supporter_lines(reply)
    last = len(lines) - 1
    found = [move for move in find_moves(dissect([line.text for line in lines]), lines) if move.message == last]
    known = [label.id for label in criterion.labels]
    quotes: dict[str, str] = {}
    for move in found:
        for name in _STRATEGIES.get(move.move, ()):
            if name in known:
                quotes.setdefault(name, move.quote)
    if not quotes:
        return Finding(reason="No move that has a name was found.", quotes=(shown.said[0].strip(),), labels=(OTHERS,))
    labels = tuple(name for name in known if name in quotes)
    return Finding(
        reason=f"The reply holds {', '.join(label.replace('_', ' ') for label in labels)}.",
        quotes=tuple(dict.fromkeys(quotes[name] for name in labels)),
        labels=labels,
    )


def _issue(transcript: Transcript, rubric: Rubric) -> Finding:
    sentences = dissect(transcript.of(Role.SEEKER))
    dealings = [sentence for sentence in sentences if _BETWEEN_PEOPLE.search(sentence.plain)]
    if dealings:
        return Finding("Tells how somebody else deals with them.", (dealings[0].text,), labels=("interpersonal",))
    first = sentences[0].text if sentences else material(transcript, rubric).said[0].strip()
    return Finding("Tells of no dealings with others.", (first,), labels=("personal",))
