"""The seeker: asks a model for a persona's next reply and lets nothing through that leaves the role (LE-39..LE-44)."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

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
        self._reader = SentenceReader()
        self._begun: set[str] = set()
        """What stands already of the sentences that a second attempt may repeat."""
        self._is_out_of_role = False
        """Whether the attempt has said something that will not do."""
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
        """The pieces to show. One generator reads the model and shows: each more would add cost to every word."""
        while True:
            shows_words = self._reveal is Reveal.WORDS and not self.regenerated
            async with aclosing(self._begin_attempt()) as deltas:
                async for delta in deltas:
                    for piece in self._hear(delta):
                        yield piece
                    if self._is_out_of_role:
                        break
                    if shows_words:
                        yield delta
            for piece in self._hear_end():
                yield piece
            if self.regenerated or not self._is_to_be_regenerated():
                break
            self.regenerated = True
            if self._reveal is not Reveal.SENTENCES:
                self._sentences.clear()
        for piece in self._completed():
            yield piece

    def _begin_attempt(self) -> TextStream:
        """Ask the model: for a whole reply, or a second time for what is missing."""
        self._stream = self._models.stream(self._request())
        self._reader = SentenceReader()
        self._begun = {bare(sentence) for sentence in self._sentences}
        self._is_out_of_role = False
        return self._stream

    def _hear(self, delta: str) -> list[str]:
        """Take in what the model says; gives back the pieces to show for sentences that are now whole and in role."""
        whole = self._reader.feed(delta)
        return self._take(self._not_begun(whole)) if whole else whole

    def _hear_end(self) -> list[str]:
        """Take in the sentences that only the end of the answer shows to be whole."""
        if self._is_out_of_role:
            return []
        last = self._not_begun(self._reader.rest())
        if len(self._sentences) + len(last) < FEWEST_SENTENCES:
            self._breaks.append(RoleBreak.TOO_SHORT)
            is_nothing_shown = not self._sentences and self._reveal is not Reveal.WORDS
            if is_nothing_shown and not self.regenerated:
                return []
        return self._take(last)

    def _not_begun(self, whole: list[str]) -> list[str]:
        """Those that do not stand already: a second attempt may begin by repeating what is there."""
        return [sentence for sentence in whole if bare(sentence) not in self._begun] if self._begun else whole

    def _take(self, whole: list[str]) -> list[str]:
        """Append those that are in role, up to the first that is not; gives back the pieces to show for them."""
        pieces = []
        for sentence in whole:
            if not self._is_accepted(sentence):
                self._is_out_of_role = True
                break
            pieces.append(self._add(sentence))
        return pieces if self._reveal is Reveal.SENTENCES else []

    def _is_to_be_regenerated(self) -> bool:
        """Whether too little stands, and for another reason than that the model said little."""
        is_only_short = self._breaks == [RoleBreak.TOO_SHORT] and bool(self._sentences)
        return len(self._sentences) < FEWEST_SENTENCES and not is_only_short

    def _completed(self) -> list[str]:
        """Fill up with the persona's safe lines what no attempt has brought; gives back the pieces to show."""
        missing = max(0, FEWEST_SENTENCES - len(self._sentences))
        self.used_safe_line = missing > 0
        pieces = [self._add(sentence) for sentence in self._safe_lines()[:missing]] if missing else []
        return pieces if self._reveal is Reveal.SENTENCES else []

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

    def _safe_lines(self) -> list[str]:
        """The persona's safe lines, first those that it has not said yet."""
        earlier = {
            bare(sentence)
            for message in self._subject.messages
            if message.role is Role.SEEKER
            for sentence in sentences(message.text)
        }
        return sorted(self._subject.persona.safe_lines, key=lambda line: bare(line) in earlier)

    def _request(self) -> Request:
        subject = replace(self._subject, begun=self.text)
        return Request(
            role=ModelRole.SEEKER,
            subject=subject,
            prompt=seeker_prompt(subject, breaks=self.role_breaks),
            parameters={"max_tokens": MOST_TOKENS},
            purpose=self._purpose,
        )
