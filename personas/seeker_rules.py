"""The rules seeker: reacts to what the supporter does, answers what was asked, and goes deeper when it is heard.

A deterministic function of its subject: what it has told and how open it is are read off the conversation each time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.transcript import Role
from personas.asked_back import asks_for_a_name, named_person, own_words_asked
from personas.draft import Draft
from personas.feelings import PLEASANT, same_feeling
from personas.mood import Mood, mood_after
from personas.moves import Move
from personas.persona import Persona, Topic
from personas.seeker_prompt import SeekerSubject
from personas.topics import asked_topics, touched_topics
from personas.words import bare

ASIDES = frozenset({"identity", "age", "hobbies", "role", "partner", "kids", "how_long_known", "how_long_ago"})
"""Topics that nobody brings up unasked."""

_OUT_OF_THE_WAY = {
    Move.SELF_HARM: ("concern", "concern"),
    Move.INJECTION: ("puzzled", "back_to_it"),
    Move.ASKS_IF_REAL: ("asks_if_real", "back_to_it"),
    Move.INSULT: ("insult", "insult"),
    Move.OTHER_LANGUAGE: ("other_language", "back_to_it"),
    Move.GIBBERISH: ("gibberish", "back_to_it"),
}
"""What is answered before, and in place of, anything else in the same message."""
_ASKS_FACT = re.compile(
    r"\b(?:who|whose|whom|when|where|which|names?|named|how (?:old|long|many|often|far|big)"
    r"|what(?:'s| is| was| were| are)? (?:his|her|their|your|the)"
    r"|(?:do|did|does|have|has|is|are|was|were) (?:he|she|they|your))\b",
    re.IGNORECASE,
)
"""Questions about what the seeker must know."""
_NO_ANSWER_DUE = frozenset({Move.ADVICE, Move.PERMISSION, Move.OFF_TOPIC})
_CLOSED_UP = 1
_TRUSTING = 6


def seeker_says(subject: SeekerSubject) -> str:
    """The next reply of the seeker: two or three sentences, none of them said before."""
    return _Reply(subject).text()


class _Reply:
    def __init__(self, subject: SeekerSubject) -> None:
        self._persona: Persona = subject.persona
        self._mood: Mood = mood_after(subject.messages)
        self._moves = self._mood.last.moves
        self._draft = Draft(subject.persona, subject.messages, begun=subject.begun)
        self._heard = " ".join((*self._mood.last.statements, *self._mood.last.questions))
        seeker = [message.text for message in subject.messages if message.role is Role.SEEKER]
        self._asked = self._asked_for([message.text for message in subject.messages[:-1]])
        self._spoken_of = self._topic_of(seeker[-1]) if seeker else None

    def _asked_for(self, said: list[str]) -> tuple[Topic, ...]:
        """Topics that answer the questions: names first, then what asks back about the seeker's own words."""
        questions = self._mood.last.questions
        after_names = tuple(question for question in questions if not asks_for_a_name(question))
        names = [named_person(self._persona, q, (*said, q)) for q in questions if q not in after_names]
        found = (*names, own_words_asked(self._persona, after_names), *asked_topics(self._persona, after_names))
        topics = [topic for topic in found if topic is not None]
        return tuple({topic.id: topic for topic in reversed(topics)}.values())[::-1]

    def text(self) -> str:
        for move, (first, second) in _OUT_OF_THE_WAY.items():
            if move in self._moves:
                self._draft.react(first)
                self._draft.react(second)
                return self._draft.text()
        if Move.GOODBYE in self._moves and not self._asked:
            return self._goodbye()
        if Move.OFF_TOPIC in self._moves and not self._asked:
            self._draft.react("off_topic")
        else:
            self._react()
        self._answer_or_tell()
        self._close()
        return self._draft.text()

    def _goodbye(self) -> str:
        occasion = "goodbye_warm" if self._mood.openness > Mood().openness else "goodbye_plain"
        self._draft.react(occasion)
        self._draft.react(occasion)
        return self._draft.text()

    # -- the first sentence or two: what the supporter's moves bring about -------------------------------------------

    def _react(self) -> None:
        if Move.PERMISSION in self._moves:
            self._draft.react("permission_yes" if self._mood.is_ready else "permission_no")
        elif Move.ADVICE in self._moves:
            self._meet_advice()
        elif Move.MINIMISING in self._moves:
            self._deflect()
        elif Move.SELF_STORY in self._moves:
            self._draft.react("self_story")
            if not self._asked:
                self._draft.react("after_self_story")
        elif self._mood.last.feelings and Move.VALIDATION not in self._moves:
            self._name_feeling()
        else:
            self._warm_to_it()

    def _meet_advice(self) -> None:
        if self._mood.is_advice_welcome:
            self._draft.react("advice_taken")
            return
        count = self._mood.pieces_of_advice
        if count == 1 or Move.VALIDATION in self._moves:
            self._draft.react("resist_soft")
        elif count > 2 and self._draft.seed % 2:
            self._draft.react("resist_firm")
        specific = [line for topic in touched_topics(self._persona, self._heard) for line in topic.when_advised]
        firmer = self._persona.resists[min(count, len(self._persona.resists)) - 1 :]
        if not self._draft.add((*specific, *firmer)):
            self._draft.react("resist_firm")

    def _deflect(self) -> None:
        if Move.VALIDATION in self._moves:
            self._draft.react("resist_soft")
        from_here = self._persona.deflects[min(self._mood.silver_linings, len(self._persona.deflects)) - 1 :]
        if self._mood.silver_linings == 1 or not self._draft.add(from_here):
            self._draft.react("deflect")

    def _warm_to_it(self) -> None:
        if Move.VALIDATION in self._moves and self._mood.last.feelings and self._name_feeling():
            return
        for move, occasion in (
            (Move.PARAPHRASE, "heard"),
            (Move.VALIDATION, "hard"),
            (Move.PRESENCE, "presence"),
            (Move.PRAISE, "praise"),
            (Move.SYMPATHY, "sympathy"),
            (Move.GREETING, "greeting"),
        ):
            if move in self._moves and self._draft.react(occasion):
                return
        if not self._mood.last.questions:
            self._draft.react("ack")

    def _name_feeling(self) -> bool:
        feeling = self._mood.last.feelings[0]
        if feeling in PLEASANT:
            return self._draft.react("feeling_no", feeling=feeling)
        if same_feeling(feeling, self._persona.feelings):
            return self._draft.react("feeling_yes", feeling=feeling)
        return self._draft.react("feeling_half", feeling=feeling)

    # -- then what was asked, or what wants to be told ----------------------------------------------------------------

    def _answer_or_tell(self) -> None:
        is_answered = self._answer()
        if not self._asked and self._is_at_a_loss():
            self._draft.react(self._loss_of_words())
        if (
            self._draft.needs_more
            and self._mood.openness <= _CLOSED_UP
            and not self._draft.is_empty
            and not self._asked
        ):
            self._draft.react("cold")
            return
        if self._draft.needs_more or (not is_answered and self._draft.room > 0 and self._is_talkative()):
            self._tell()

    def _answer(self) -> bool:
        """Say what was asked for; False when nothing was, or all of it has been told."""
        is_answered = False
        for topic in self._asked[:2]:
            lines = self._draft.fresh(topic.lines)
            if lines and topic.depth > self._mood.depth + 1 and self._draft.room > 1:
                self._draft.react("guarded")
            how_many = 1 if len(self._asked) > 1 or topic.depth > self._mood.depth or not self._is_talkative() else 2
            for line in lines[:how_many]:
                is_answered = self._draft.add([line]) or is_answered
        return is_answered

    def _tell(self) -> None:
        for topic in self._wants_to_tell():
            lines = self._draft.fresh(topic.lines)
            if not lines:
                continue
            if topic.depth == 3 and len(lines) == len(topic.lines) and self._draft.room > 1 and self._draft.is_empty:
                self._draft.react("opening")
            self._draft.add(lines)
            if self._draft.needs_more or (self._draft.room and self._is_talkative() and not self._asked):
                self._draft.add(lines)
            return

    def _wants_to_tell(self) -> Iterator[Topic]:
        """Topics in the order in which the seeker would turn to them now."""
        yield from self._asked
        within = [topic for topic in self._persona.topics if topic.depth <= self._mood.depth]
        touched = touched_topics(self._persona, self._heard)
        yield from (topic for topic in touched if topic in within and topic.id not in ASIDES)
        if self._spoken_of in within and self._spoken_of.id not in ASIDES:
            yield self._spoken_of
        own = [topic for topic in within if topic.id not in ASIDES]
        is_heard = self._mood.openness >= _TRUSTING
        yield from sorted(own, key=lambda topic: -topic.depth if is_heard else topic.depth)
        yield from within

    def _close(self) -> None:
        is_heard = bool(self._moves & {Move.VALIDATION, Move.PARAPHRASE, Move.PRESENCE})
        is_pressed = bool(self._moves & {Move.ADVICE, Move.MINIMISING})
        if (
            is_heard
            and not is_pressed
            and self._mood.openness >= _TRUSTING
            and self._draft.room == 1
            and self._draft.seed % 3 == 0
        ):
            self._draft.react("warm")

    def _is_at_a_loss(self) -> bool:
        """Whether there is a question that no topic answers, and room to say so and go on."""
        is_asked = bool(self._mood.last.questions) and not self._moves & _NO_ANSWER_DUE
        return is_asked and self._draft.room > 1 and not self._is_invited()

    def _loss_of_words(self) -> str:
        """The occasion for a question without an answer: those about its own life are passed by."""
        if any(_ASKS_FACT.search(question) for question in self._mood.last.questions):
            return "passed_by"
        return "unsure" if Move.OPEN_QUESTION in self._moves else "closed_unsure"

    def _is_talkative(self) -> bool:
        """Whether a third sentence comes: more likely the more open the seeker is."""
        return self._draft.seed % 10 < self._mood.openness

    def _is_invited(self) -> bool:
        """Whether the question only asks for more, whatever it is."""
        return Move.OPEN_QUESTION in self._moves and any(
            word in self._heard.casefold()
            for word in (
                "tell me",
                "talk",
                "more",
                "go on",
                "elaborate",
                "why",
                "share",
                "vent",
                "say",
                "contribut",
                "mak",
            )
        )

    def _topic_of(self, text: str) -> Topic | None:
        """The topic that the seeker spoke of last in a message of its own."""
        said = bare(text)
        spoken = [(said.rfind(bare(line)), topic) for topic in self._persona.topics for line in topic.lines]
        place, topic = max(spoken, key=lambda found: found[0])
        return topic if place >= 0 else None
