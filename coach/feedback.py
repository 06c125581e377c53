"""The coach: feedback on one finished conversation, asked of a model and checked in code."""

from __future__ import annotations

from dataclasses import dataclass, field

from coach.answer_form import FeedbackForm
from coach.checks import WHAT_TO_MEND, Facts, Violation, text_violations
from coach.examples import worked_examples
from coach.follow_up import CoachReply
from coach.framework import CoachingFramework, coaching_framework
from coach.moments import advice_was_given
from coach.quotes import Quote, find_quote, quotes_in
from coach.repair import repaired
from coach.subjects import FeedbackSubject, FollowUpSubject, Meters, Suggestion, opener_of
from core.transcript import Message, Role, Transcript
from llm.faults import ModelFault
from llm.models import Models
from llm.prompts import as_blocks, as_data, load_prompt
from llm.reply import Label
from llm.request import ModelRole, Request

FEEDBACK_SENTENCES = 5
ANSWER_SENTENCES = 2
"""The defaults for feedback and answer (C-1)."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the coach tells the supporter about one conversation."""

    text: str
    quotes: tuple[Quote, ...]
    meters: Meters
    suggestions: tuple[Suggestion, ...]
    label: Label
    violations: tuple[Violation, ...] = ()
    """Rules that the text shown still breaks."""
    mended: tuple[Violation, ...] = ()
    """Rules that the model's first answer broke and the text shown keeps: by asking again, or by leaving out."""
    framework_version: str = field(default="")


@dataclass(frozen=True, slots=True)
class NoAdvice:
    """There is no feedback, and no scores, for `reason`; `text` is what the supporter is told."""

    reason: str
    text: str


class Coach:
    """Gives feedback on a conversation and answers questions about it.

    `feedback_sentences` and `answer_sentences` are the most that either has, whatever the model writes (C-1). Raises
    `ValueError` below two and one: a strength and something to try need a sentence each.
    """

    def __init__(
        self,
        models: Models,
        *,
        feedback_sentences: int = FEEDBACK_SENTENCES,
        answer_sentences: int = ANSWER_SENTENCES,
        framework: CoachingFramework | None = None,
    ) -> None:
        if feedback_sentences < 2 or answer_sentences < 1:
            raise ValueError("feedback needs at least two sentences, and an answer one")
        self._models = models
        self._feedback_sentences = feedback_sentences
        self._answer_sentences = answer_sentences
        self._framework = framework or coaching_framework()

    async def feedback(
        self, transcript: Transcript, *, purpose: str, partner_name: str | None = None
    ) -> Feedback | NoAdvice:
        """Feedback on `transcript`, or why there is none: the model failed, or the supporter wrote nothing.

        A text that breaks a rule is asked for once more, then mended; what still is broken is kept in `violations`.
        `partner_name`: the persona's first name, so that the coach is kept from addressing it.
        """
        if all(find_quote(text, transcript) is None for text in transcript.of(Role.SUPPORTER)):
            return NoAdvice(reason="nothing_said", text=self._framework.no_advice.nothing_said)
        subject = FeedbackSubject(transcript, self._framework, self._feedback_sentences)
        facts = Facts(self._feedback_sentences, advice_was_given(transcript), partner_name)
        try:
            first = await self._ask(subject, (), purpose=purpose, facts=facts)
        except ModelFault as fault:
            return NoAdvice(reason=f"{fault.kind}: {fault}", text=self._framework.no_advice.model_failed)
        if not first.violations:
            return first
        try:
            second = await self._ask(subject, first.violations, purpose=purpose, facts=facts)
        except ModelFault:
            second = first
        return self._mend(second, first.violations, transcript=transcript, facts=facts)

    def reply(
        self,
        transcript: Transcript,
        exchange: tuple[Message, ...],
        *,
        feedback: str,
        meters: Meters | None,
        purpose: str,
    ) -> CoachReply:
        """The answer to the last message of `exchange`, as a stream of sentences.

        `exchange`: what coach and supporter have said since the feedback, the question last. `feedback`: what the
        supporter was told, or why there is no feedback; `meters`: None without scores. Raises `ValueError` when the
        last message is not the supporter's; iterating raises `ModelFault` when the model brings no answer.
        """
        subject = FollowUpSubject(
            transcript=transcript,
            framework=self._framework,
            feedback=feedback,
            meters=meters,
            exchange=exchange,
            answer_sentences=self._answer_sentences,
        )
        return CoachReply(subject, self._models, purpose=purpose)

    async def _ask(
        self, subject: FeedbackSubject, broken: tuple[Violation, ...], *, purpose: str, facts: Facts
    ) -> Feedback:
        request = Request(
            role=ModelRole.COACH,
            subject=subject,
            prompt=load_prompt("coach", "feedback", 1).render(
                framework=self._framework.as_text(),
                never_say=", ".join(self._framework.never_say),
                examples=worked_examples(),
                sentences=self._feedback_sentences,
                opener=as_data("opener", opener_of(subject.transcript)),
                conversation=as_blocks(subject.transcript.messages),
                corrections=[WHAT_TO_MEND[violation] for violation in broken],
            ),
            purpose=purpose,
        )
        answer = await self._models.answer(request, FeedbackForm)
        form, transcript = answer.value, subject.transcript
        text = form.text.strip()
        return Feedback(
            text=text,
            quotes=quotes_in(text, transcript),
            meters=Meters(**form.meters.model_dump()),
            suggestions=_suggestions(form),
            label=answer.label,
            violations=_violations(form, transcript=transcript, facts=facts, framework=self._framework),
            framework_version=self._framework.version,
        )

    def _mend(
        self, asked_again: Feedback, at_first: tuple[Violation, ...], *, transcript: Transcript, facts: Facts
    ) -> Feedback:
        broken = asked_again.violations
        text = asked_again.text
        if broken:
            text = repaired(text, broken, transcript=transcript, facts=facts, framework=self._framework)
        quotes = quotes_in(text, transcript)
        left = set(text_violations(text, facts=facts, framework=self._framework))
        left |= {Violation.NO_QUOTE} if not quotes else set()
        left |= {v for v in broken if v in (Violation.QUOTE_NOT_FOUND, Violation.NO_SUGGESTION)}
        return Feedback(
            text=text,
            quotes=quotes,
            meters=asked_again.meters,
            suggestions=asked_again.suggestions,
            label=asked_again.label,
            violations=tuple(v for v in Violation if v in left),
            mended=tuple(v for v in Violation if v in {*at_first, *broken} and v not in left),
            framework_version=asked_again.framework_version,
        )


def _suggestions(form: FeedbackForm) -> tuple[Suggestion, ...]:
    pairs = ((s.better_wording.strip(), s.reason.strip()) for s in form.suggestions)
    return tuple(Suggestion(suggestion=wording, reason=reason) for wording, reason in pairs if wording and reason)


def _violations(
    form: FeedbackForm, *, transcript: Transcript, facts: Facts, framework: CoachingFramework
) -> tuple[Violation, ...]:
    found = set(text_violations(form.text, facts=facts, framework=framework))
    if not quotes_in(form.text, transcript):
        found.add(Violation.NO_QUOTE)
    if any(find_quote(quote, transcript) is None for quote in form.quotes):
        found.add(Violation.QUOTE_NOT_FOUND)
    if not _suggestions(form):
        found.add(Violation.NO_SUGGESTION)
    return tuple(violation for violation in Violation if violation in found)
