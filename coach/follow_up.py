"""Answers to the supporter's questions, given sentence by sentence and checked before each is shown."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from coach.checks import WHAT_TO_MEND, Violation
from coach.examples import worked_examples
from coach.repair import is_clean
from coach.sentence_count import has_open_quotation, printed_sentences
from coach.subjects import FollowUpSubject, opener_of
from core.transcript import Message, Role
from llm.faults import Empty, Malformed
from llm.models import Models, TextStream
from llm.prompts import as_blocks, as_data, load_prompt
from llm.reply import Label
from llm.request import ModelRole, Request


class CoachReply:
    """An answer on its way: iterate once over its pieces; `text` and `violations` are whole when it has ended.

    Each piece is a whole sentence, all but the first with a space before it. A sentence that may not be shown is left
    out; when it is the first, the model is asked once more. Iterating raises `ModelFault` when no answer comes.
    """

    def __init__(self, subject: FollowUpSubject, models: Models, *, purpose: str) -> None:
        self._subject = subject
        self._models = models
        self._purpose = purpose
        self._stream = self._open(())
        self.text = ""
        self.violations: tuple[Violation, ...] = ()
        """What the model's words broke, all of it mended before it was shown."""

    @property
    def label(self) -> Label:
        """Who answers."""
        return self._stream.label

    async def __aiter__(self) -> AsyncIterator[str]:
        for is_last_try in (False, True):
            async with aclosing(self._shown_sentences(give_up_on_first=not is_last_try)) as shown:
                async for sentence in shown:
                    piece = f" {sentence}" if self.text else sentence
                    self.text += piece
                    yield piece
            if self.text:
                return
            if not self.violations:
                raise Empty("the coach's answer is empty")
            if not is_last_try:
                self._stream = self._open(self.violations)
        raise Malformed("no sentence of the coach's answer may be shown")

    async def _shown_sentences(self, *, give_up_on_first: bool) -> AsyncGenerator[str, None]:
        """The sentences that may be shown, as many as an answer has; none when it is given up on at the first."""
        given = 0
        async with aclosing(_sentences_of(self._stream)) as said:
            async for sentence, more_follows in said:
                if is_clean(sentence, self._subject.framework):
                    given += 1
                    yield sentence
                else:
                    self._note(Violation.FORBIDDEN_PHRASE)
                    if give_up_on_first and not given:
                        return
                if given == self._subject.answer_sentences:
                    if more_follows:
                        self._note(Violation.TOO_MANY_SENTENCES)
                    return

    def _note(self, violation: Violation) -> None:
        self.violations = tuple(dict.fromkeys((*self.violations, violation)))

    def _open(self, broken: tuple[Violation, ...]) -> TextStream:
        subject = self._subject
        prompt = load_prompt("coach", "follow_up", 1).render(
            framework=subject.framework.as_text(),
            never_say=", ".join(subject.framework.never_say),
            examples=worked_examples(),
            sentences=subject.answer_sentences,
            opener=as_data("opener", opener_of(subject.transcript)),
            conversation=as_blocks(subject.transcript.messages),
            history=as_blocks((Message(Role.COACH, subject.feedback), *subject.exchange[:-1])),
            question=as_data("question", subject.question),
            corrections=[WHAT_TO_MEND[violation] for violation in broken],
        )
        request = Request(role=ModelRole.COACH, subject=subject, prompt=prompt, purpose=self._purpose)
        return self._models.stream(request)


async def _sentences_of(stream: TextStream) -> AsyncGenerator[tuple[str, bool], None]:
    """Each sentence of a text once it is known to be whole, with whether more text follows it."""
    waiting = ""
    try:
        async for piece in stream:
            waiting += piece
            *whole, _ = printed_sentences(waiting) or [""]
            for sentence in whole if not has_open_quotation(waiting) else []:
                yield sentence, True
                waiting = waiting[waiting.index(sentence) + len(sentence) :].lstrip()
        parts = printed_sentences(waiting)
        for number, sentence in enumerate(parts, start=1):
            yield sentence, number < len(parts)
    finally:
        await stream.aclose()
