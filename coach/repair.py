"""Mending a feedback that still breaks a rule after the model was asked a second time."""

from __future__ import annotations

from coach.checks import Facts, Violation, has_phrase, without_sentences
from coach.framework import CoachingFramework
from coach.quotes import quotes_in
from coach.sentence_count import printed_sentences
from core.transcript import Transcript


def repaired(
    text: str,
    broken: tuple[Violation, ...],
    *,
    transcript: Transcript,
    facts: Facts,
    framework: CoachingFramework,
) -> str:
    """`text` without forbidden or scolding sentences, with the point about advice if it is due, and not too long.

    Nothing else is put into the model's mouth: what cannot be mended by leaving out or by the framework's own sentence
    stays, and is counted as a violation. A text of which nothing would be left is returned as it was.
    """
    kept = without_sentences(text, (*framework.never_say, *framework.scolding)) or text
    if Violation.ADVICE_POINT_MISSING in broken:
        room = max(facts.most_sentences - 1, 1)
        return f"{_shortened(kept, most=room, transcript=transcript)} {framework.advice_point.wording}"
    return _shortened(kept, most=facts.most_sentences, transcript=transcript)


def _shortened(text: str, *, most: int, transcript: Transcript) -> str:
    """The first `most` sentences; when those quote nothing, the first later one that does takes the last place."""
    parts = printed_sentences(text)
    if len(parts) <= most:
        return text.strip()
    kept, rest = parts[:most], parts[most:]
    if not quotes_in(" ".join(kept), transcript):
        quoting = next((part for part in rest if quotes_in(part, transcript)), None)
        kept = [*kept[:-1], quoting] if quoting else kept
    return " ".join(kept)


def is_clean(sentence: str, framework: CoachingFramework) -> bool:
    """Whether `sentence` may be shown: neither forbidden nor scolding."""
    return not has_phrase(sentence, (*framework.never_say, *framework.scolding))
