"""What a rubric says: what is judged, by which criteria, and in which order the answer comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from core.transcript import Role


class Verb(StrEnum):
    """What a judge does with what it is shown."""

    RATE = "rate"
    """A number per dimension."""
    COMPARE = "compare"
    """One of two."""
    LABEL = "label"
    """Names from a list."""


class Judged(StrEnum):
    """What a judge is shown."""

    TRANSCRIPT = "transcript"
    """A whole conversation."""
    REPLY = "reply"
    """The last message of the one judged, after what led up to it."""
    CASE = "case"
    """What the seeker has told, without any reply."""


class About(StrEnum):
    """Whose words are judged and may be quoted."""

    SUPPORTER = "supporter"
    SEEKER = "seeker"
    COACH = "coach"
    BOTH = "both"

    @property
    def roles(self) -> tuple[Role, ...]:
        return (Role.SEEKER, Role.SUPPORTER) if self is About.BOTH else (Role(self.value),)


@dataclass(frozen=True, slots=True)
class Scale:
    """Whole numbers from `low` to `high`. A value off the scale is a failure; nothing converts between scales (C-3)."""

    low: int
    high: int

    def __contains__(self, value: object) -> bool:
        return type(value) is int and self.low <= value <= self.high

    @property
    def values(self) -> range:
        """Every value of the scale, lowest first."""
        return range(self.low, self.high + 1)


@dataclass(frozen=True, slots=True)
class Anchor:
    """What the values from `low` to `high` look like."""

    low: int
    high: int
    text: str

    @property
    def span(self) -> str:
        return str(self.low) if self.low == self.high else f"{self.low}-{self.high}"


@dataclass(frozen=True, slots=True)
class Cap:
    """A fault that lowers the score, found by the judge or, with `found_by`, in code.

    The shipped rubrics read every number of the paper as a ceiling; `minus` is for who reads "-n" as points (C-32).
    """

    id: str
    when: str
    ceiling: int | None = None
    """The highest score that it leaves."""
    minus: int = 0
    """Points that it takes off, without a ceiling; never below the scale."""
    found_by: str | None = None
    """A count of `judges.caps`; None leaves it to the judge."""
    above: int = 0
    """The count up to which the cap does not apply."""


@dataclass(frozen=True, slots=True)
class NamedLabel:
    """One name that a labelling judge may give."""

    id: str
    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class Example:
    """A case with the answer that it should get."""

    seeker: str | None
    supporter: str | None
    answer: str
    """The score, or the labels separated by commas."""
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that is judged: rated on the rubric's scale, or labelled."""

    id: str
    name: str
    definition: str
    anchors: tuple[Anchor, ...] = ()
    """Lowest first; none where labels are given."""
    caps: tuple[Cap, ...] = ()
    labels: tuple[NamedLabel, ...] = ()
    many: bool = False
    """Whether several labels may be given at once."""
    examples: tuple[Example, ...] = ()

    @property
    def low(self) -> str:
        """What the lowest value looks like."""
        return self.anchors[0].text

    @property
    def high(self) -> str:
        """What the highest value looks like."""
        return self.anchors[-1].text


@dataclass(frozen=True, slots=True)
class Rubric:
    """One judge, as its file describes it."""

    name: str
    version: str
    """The file's own version, and the framework's where it takes that (`1+framework.1.0`): stored with every score."""
    verb: Verb
    judged: Judged
    about: About
    task: str
    """What the judge is told to do, in a sentence or two; the question, for a rubric that compares."""
    dimensions: tuple[Criterion, ...]
    scale: Scale | None
    """None where nothing is rated."""
    order: tuple[str, ...]
    """The parts of an answer: texts and quotes first, what they support last."""
    prompt_name: str
    prompt_version: int
    is_framework: bool = False
    """Whether it rates the study's six dimensions, which have an overall score."""
    paraphrases: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Definitions of dimensions and labels in other words, by id, for checks of what should not matter."""
    may_be_empty: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Texts that may be left empty from this score on."""
    decoding: tuple[tuple[str, float | int], ...] = ()
    """Decoding that goes with every call; the settings of the judge's role override it."""

    @property
    def texts(self) -> tuple[str, ...]:
        """The free texts of an answer, the reason first."""
        return tuple(part for part in self.order if part in TEXTS)

    @property
    def can_be_turned_round(self) -> bool:
        """Whether there is anything whose order could matter."""
        return len(self.dimensions) > 1 or any(len(d.labels) > 1 or len(d.caps) > 1 for d in self.dimensions)

    def turned_round(self) -> Rubric:
        """This rubric with dimensions, labels and caps in the opposite order, for checks of what should not matter."""
        turned = (replace(d, labels=d.labels[::-1], caps=d.caps[::-1]) for d in self.dimensions[::-1])
        return replace(self, dimensions=tuple(turned))

    def paraphrased(self) -> Rubric:
        """This rubric with its definitions in other words, where it has some."""
        return replace(self, dimensions=tuple(map(self._in_other_words, self.dimensions)))

    @property
    def not_paraphrased(self) -> tuple[str, ...]:
        """The dimensions and labels that have no other words."""
        every = (id_ for d in self.dimensions for id_ in (d.id, *(label.id for label in d.labels)))
        return tuple(id_ for id_ in every if id_ not in self.paraphrases)

    def _in_other_words(self, criterion: Criterion) -> Criterion:
        said = self.paraphrases
        labels = (replace(label, definition=said.get(label.id, label.definition)) for label in criterion.labels)
        return replace(criterion, definition=said.get(criterion.id, criterion.definition), labels=tuple(labels))


TEXTS = frozenset({"reason", "comment", "explanation", "suggestion"})
"""Parts that are free text; the first of them in a rubric's order is its reason."""
