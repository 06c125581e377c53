"""A study as an experimenter defines it in `study.yaml`: conditions, rounds, rules and the steps people take."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from core.located import misplaced
from core.strict import Identifier, Strict

_DAY_S = 24 * 60 * 60
_TEN_YEARS_DAYS = 3_650
_TEN_YEARS_MIN = _TEN_YEARS_DAYS * 24 * 60
_Seed = Annotated[int, Field(ge=-(2**63), lt=2**63)]


class Reveal(StrEnum):
    """How a reply appears while it is being written."""

    SENTENCES = "sentences"
    WORDS = "words"
    MESSAGE = "message"


class ReplyTime(StrEnum):
    """Whether the time the seeker takes to reply is the supporter's time (C-20)."""

    COUNTS = "counts"
    PAUSED = "paused"


class Entry(StrEnum):
    """Who may take part in a study."""

    ANYONE = "anyone"
    RATERS = "raters"
    """Accounts of raters, from the desk; on a server for rehearsals anyone."""


class Withdrawal(StrEnum):
    """What becomes of the data of who withdraws."""

    ERASE = "erase"
    KEEP = "keep"


class ConversationRules(Strict):
    """The rules of the chat with the seeker (LE-8 to LE-16, C-20)."""

    limit_s: float = Field(default=240, gt=0)
    """Active time of one conversation."""
    idle_s: float = Field(default=60, gt=0, le=_DAY_S)
    seeker_reply_time: ReplyTime = ReplyTime.COUNTS
    reveal: Reveal = Reveal.SENTENCES
    abandoned_after_days: float = Field(default=7, gt=0, le=_TEN_YEARS_DAYS)
    """A conversation that is not taken up again within this time closes as `abandoned`."""


class CoachRules(Strict):
    """The rules of the chat with the coach (LE-55, LE-56, C-1)."""

    feedback_sentences: int = Field(default=5, ge=2, le=12)
    answer_sentences: int = Field(default=2, ge=1, le=12)
    min_questions: int = Field(default=1, ge=0, le=100)
    show_meters: bool = True


class AllocationRules(Strict):
    """Permuted blocks (LE-5): sizes are drawn at random from the list, each a multiple of the number of conditions."""

    block_sizes: tuple[Annotated[int, Field(le=1_000)], ...] = Field(default=(8,), min_length=1)
    seed: _Seed | None = None
    """None: drawn when the study is first loaded, kept in the database and exported; so nobody can foretell a slot."""


class HelpLine(Strict):
    """Where someone in distress can turn."""

    name: str
    how: str
    url: str | None = Field(default=None, pattern=r"^(https?://|mailto:|tel:)")
    where: str = ""


class Completion(Strict):
    """What a participant takes home at the end."""

    code: str
    redirect: str | None = Field(default=None, pattern=r"^https?://")
    """Address to return to; `{code}` in it is replaced by the code."""


class _Step(Strict):
    id: Identifier
    conditions: tuple[str, ...] | None = None
    """Who gets this step; None: everyone."""
    in_rounds: tuple[int, ...] | None = None
    """Inside rounds: the rounds it belongs to; None: all of them."""


class PageStep(_Step):
    """A text to read, or the consent that precedes everything."""

    kind: Literal["page"]
    file: str
    consent: bool = False


class SurveyStep(_Step):
    kind: Literal["survey"]
    file: str


class ConversationStep(_Step):
    """The timed chat with the seeker."""

    kind: Literal["conversation"]


class CoachStep(_Step):
    """Feedback on the round's conversation, and questions to the coach."""

    kind: Literal["coach"]


class Video(Strict):
    """A lesson: a file of the study folder or an address, with captions."""

    id: Identifier
    title: str
    file: str | None = None
    url: str | None = None
    captions: str | None = None
    transcript: str | None = None
    seconds: float | None = Field(default=None, gt=0, le=_DAY_S)
    """Needed for an address; the length of a file is read from the file."""

    @model_validator(mode="after")
    def _one_source(self) -> Video:
        if (self.file is None) == (self.url is None):
            raise ValueError(f"the video {self.id} needs either a `file` or a `url`")
        if self.url is not None and self.seconds is None:
            raise ValueError(f"the video {self.id} at an address needs its length in `seconds`")
        return self


class VideoStep(_Step):
    kind: Literal["video"]
    videos: tuple[Video, ...] = Field(min_length=1)


class EndStep(_Step):
    """The last page, with the completion code."""

    kind: Literal["end"]
    file: str


class StimulusSource(Strict):
    """The conversations that people judge, and which of them are taken (LE-146)."""

    source: str
    """A transcript file, or the folder of a dataset; in the study's folder."""
    scores: str | None = None
    """What `lendanear judge` wrote about them: exported with the study, and the overall score ranks them."""
    elo: str | None = None
    """The ratings that `lendanear compare` wrote about them: where named, these rank them instead."""
    compared: str | None = None
    """The choices that `lendanear compare` wrote: exported with the study, beside those of people (LE-151)."""
    per_decile: int | None = Field(default=None, ge=1, le=10_000)
    """How many are drawn from each tenth of a scenario's ranking; None: all conversations are taken."""
    seed: _Seed = 1
    """Of the draw and of the sequences; who has it and the folder can draw them again."""


class _JudgingStep(_Step):
    """Several trials in a row on finished conversations; each person is given a sequence that nobody else has."""

    stimuli: StimulusSource
    trials: int = Field(default=10, ge=1, le=500)
    """How many pairs, or single conversations, one person judges."""
    abandoned_after_min: float = Field(gt=0, le=_TEN_YEARS_MIN)
    """Minutes without a step after which a sequence may be given to somebody else."""


class ComparisonStep(_JudgingStep):
    """Pairs of conversations side by side, and a choice between them (LE-147, LE-148)."""

    kind: Literal["comparison"]
    question: str = Field(min_length=1)
    sequences: int = Field(default=150, ge=1, le=10_000)
    """How many are made; each is given to one person."""
    abandoned_after_min: float = Field(default=60, gt=0, le=_TEN_YEARS_MIN)


class RatingStep(_JudgingStep):
    """One conversation after another, rated by the rubric that the judge uses."""

    kind: Literal["rating"]
    rubric: str = "empathy"
    raters_per_transcript: int = Field(default=3, ge=1, le=100)
    adjudicate_from: int = Field(default=2, ge=1, le=100)
    """Points between two raters on one dimension from which a third person decides."""
    abandoned_after_min: float = Field(default=7 * 24 * 60, gt=0, le=_TEN_YEARS_MIN)


JudgingStep = ComparisonStep | RatingStep
StepDefinition = Annotated[
    PageStep | SurveyStep | ConversationStep | CoachStep | VideoStep | ComparisonStep | RatingStep | EndStep,
    Field(discriminator="kind"),
]
ROUNDS = "rounds"
STEP = "step"


def _block_tag(block: object) -> str:
    """Rounds or a single step: so that a fault is told once, for what the block is meant to be."""
    is_rounds = ROUNDS in block if isinstance(block, dict) else isinstance(block, Rounds)
    return ROUNDS if is_rounds else STEP


class Rounds(Strict):
    """Steps that are walked through once per round."""

    rounds: int = Field(ge=1, le=20)
    steps: tuple[StepDefinition, ...] = Field(min_length=1)


Block = Annotated[
    Annotated[StepDefinition, Tag(STEP)] | Annotated[Rounds, Tag(ROUNDS)],
    Discriminator(_block_tag),
]


class Study(Strict):
    """A whole study definition; what its files say is in `core.bundle.StudyBundle`."""

    title: str
    summary: str = ""
    contact: str
    """How participants reach the experimenter."""
    conditions: tuple[Identifier, ...] = Field(min_length=1)
    scenarios: tuple[Identifier, ...] = ()
    """Of the conversations that people have here; none are needed where they only judge those of others."""
    entry: Entry = Entry.ANYONE
    allocation: AllocationRules = AllocationRules()
    conversation: ConversationRules = ConversationRules()
    coach: CoachRules = CoachRules()
    on_withdrawal: Withdrawal = Withdrawal.ERASE
    time_factors: tuple[Annotated[float, Field(ge=1, le=4)], ...] = (1.0,)
    """Accommodations a participant may choose: all limits of conversations are multiplied by the factor."""
    show_results: bool = False
    """After the end, participants may read their conversations and see how they were judged."""
    help_lines: tuple[HelpLine, ...] = Field(min_length=1)
    completion: Completion
    steps: tuple[Block, ...] = Field(min_length=1)
    analysis: dict[str, Any] | None = None
    """What is fixed about the analysis before any data, read by `analysis.plan`; None: the shipped plan."""

    @field_validator("conditions", "scenarios")
    @classmethod
    def _named_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name} is named twice")
        return names

    @field_validator("time_factors")
    @classmethod
    def _plain_time_is_offered(cls, factors: tuple[float, ...]) -> tuple[float, ...]:
        if 1.0 not in factors:
            raise ValueError("the factor 1 must be among the time factors")
        return factors

    @model_validator(mode="after")
    def _allocation_works_out(self) -> Study:
        faults: list[tuple[tuple[str | int, ...], str]] = []
        if self.rounds > len(self.scenarios):
            message = f"{self.rounds} rounds need as many scenarios; {len(self.scenarios)} are named"
            faults.append((("scenarios",), message))
        for index, size in enumerate(self.allocation.block_sizes):
            if size < 1 or size % len(self.conditions):
                message = f"a block of {size} cannot hold {len(self.conditions)} conditions equally often"
                faults.append((("allocation", "block_sizes", index), message))
        if faults:
            raise misplaced(faults)
        return self

    @property
    def rounds(self) -> int:
        """How many rounds have a conversation."""
        return sum(block.rounds for block in self.steps if isinstance(block, Rounds))

    @property
    def definitions(self) -> tuple[StepDefinition, ...]:
        """Every step definition in order, those of rounds once."""
        return tuple(step for block in self.steps for step in (block.steps if isinstance(block, Rounds) else (block,)))

    @property
    def has_conversations(self) -> bool:
        return any(isinstance(step, ConversationStep) for step in self.definitions)
