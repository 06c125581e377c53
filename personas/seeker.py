"""The seeker: asks a model for a persona's next reply and lets nothing through that leaves the role (LE-39..LE-44)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace

from core.sentences import SentenceReader, sentences
from core.study import Reveal
from core.transcript import Message, Role
from llm.models import Models, TextStream
from llm.reply import Label
from llm.request import ModelRole, Request
from personas.persona import Persona
from personas.role_check import FEWEST_SENTENCES, MOST_SENTENCES, RoleBreak, check_sentence
from personas.seeker_prompt import SeekerSubject, seeker_prompt
from personas.words import bare

MOST_TOKENS = 300
"""Three long sentences take about a hundred; the rest is room for models that count their thinking."""


class Seeker:
    """Plays personas with whatever model the settings give the role `seeker`."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def reply(
        self,
        persona: Persona,
        messages: tuple[Message, ...],
        *,
        reveal: Reveal,
        purpose: str,
    ) -> SeekerReply:
        """The next reply, on its way: iterate over it for the pieces to show.

        `messages` end with the supporter's; `purpose` is the dialogue's id. Iterating raises the `ModelFault` of a
        model that brings no answer, at whatever point that happens; the caller then discards what was shown.
        """
        subject = SeekerSubject(persona, messages)
        return SeekerReply(self._models, subject, reveal=reveal, purpose=purpose)


class SeekerReply:
    """A reply in progress. What it says of itself holds once the iteration has ended.

    Reveal `sentences`: each sentence as soon as it is whole and in role; the pieces joined are `text`. `words`: each
    delta as the model brings it, until one breaks the role; `text` is what counts. `message`: no piece, only `text`.
    """

    def __init__(
        self,
        models: Models,
        subject: SeekerSubject,
        *,
        reveal: Reveal,
        purpose: str,
    ) -> None:
        self._models = models
        self._subject = subject
        self._reveal = reveal
        self._purpose = purpose
        self._sentences: list[str] = []
        self._breaks: list[RoleBreak] = []
        self._stream: TextStream | None = None
        self.regenerated = False
        """Whether the model was asked a second time."""
        self.used_safe_line = False
        """Whether a sentence comes from the persona's file because the model's own would not do twice."""

    @property
    def text(self) -> str:
        """The reply to store: two or three sentences."""
        return " ".join(self._sentences)

    @property
    def label(self) -> Label:
        """Who answered; of the second attempt where there was one. Raises `RuntimeError` before the iteration."""
        if self._stream is None:
            raise RuntimeError("a reply has no label before it is read")
        return self._stream.label

    @property
    def role_breaks(self) -> tuple[RoleBreak, ...]:
        """Every break found, in order, both attempts together; counted per condition on the desk."""
        return tuple(self._breaks)

    async def __aiter__(self) -> AsyncGenerator[str, None]:
        async with aclosing(self._attempt()) as heard:
            async for part in heard:
                if isinstance(part, _Sentence):
                    piece = self._add(part.text)
                    if self._reveal is Reveal.SENTENCES:
                        yield piece
                elif self._reveal is Reveal.WORDS:
                    yield part
        if len(self._sentences) < FEWEST_SENTENCES:
            async with aclosing(self._completed()) as added:
                async for piece in added:
                    if self._reveal is Reveal.SENTENCES:
                        yield piece

    async def _completed(self) -> AsyncGenerator[str, None]:
        """What a second attempt adds to what stands already and, when that will not do either, the persona's file."""
        is_only_short = self._breaks == [RoleBreak.TOO_SHORT] and bool(self._sentences)
        if not is_only_short:
            if self._reveal is not Reveal.SENTENCES:
                self._sentences.clear()
            self.regenerated = True
            async with aclosing(self._attempt()) as heard:
                async for part in heard:
                    if isinstance(part, _Sentence):
                        yield self._add(part.text)
        for sentence in self._safe_lines():
            if len(self._sentences) >= FEWEST_SENTENCES:
                break
            self.used_safe_line = True
            yield self._add(sentence)

    async def _attempt(self) -> AsyncGenerator[str | _Sentence, None]:
        """One answer of the model: deltas, and each sentence that is in role; ends at the first that is not."""
        self._stream = self._models.stream(self._request())
        begun = {bare(sentence) for sentence in self._sentences}
        reader = SentenceReader()
        async with aclosing(self._stream) as deltas:
            async for delta in deltas:
                for sentence in reader.feed(delta):
                    if bare(sentence) in begun:
                        continue
                    if not self._is_accepted(sentence):
                        return
                    yield _Sentence(sentence)
                yield delta
        for sentence in self._ending([s for s in reader.rest() if bare(s) not in begun]):
            yield _Sentence(sentence)

    def _ending(self, last: list[str]) -> Iterator[str]:
        """The sentences that only the end of the answer shows to be whole."""
        if len(self._sentences) + len(last) < FEWEST_SENTENCES:
            self._breaks.append(RoleBreak.TOO_SHORT)
            is_nothing_shown = not self._sentences and self._reveal is not Reveal.WORDS
            if is_nothing_shown and not self.regenerated:
                return
        for sentence in last:
            if not self._is_accepted(sentence):
                return
            yield sentence

    def _is_accepted(self, sentence: str) -> bool:
        if len(self._sentences) >= MOST_SENTENCES:
            self._breaks.append(RoleBreak.TOO_LONG)
            return False
        breaks = check_sentence(sentence, persona=self._subject.persona)
        self._breaks += breaks
        return not breaks

    def _add(self, sentence: str) -> str:
        """Append a sentence to the reply; gives back the piece to show for it."""
        plain = " ".join(sentence.split())
        piece = f" {plain}" if self._sentences else plain
        self._sentences.append(plain)
        return piece

    def _safe_lines(self) -> Iterator[str]:
        """The persona's safe lines, first those that it has not said yet."""
        earlier = {
            bare(sentence)
            for message in self._subject.messages
            if message.role is Role.SEEKER
            for sentence in sentences(message.text)
        }
        yield from sorted(self._subject.persona.safe_lines, key=lambda line: bare(line) in earlier)

    def _request(self) -> Request:
        subject = replace(self._subject, begun=self.text)
        return Request(
            role=ModelRole.SEEKER,
            subject=subject,
            prompt=seeker_prompt(subject, breaks=self.role_breaks),
            parameters={"max_tokens": MOST_TOKENS},
            purpose=self._purpose,
        )


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
