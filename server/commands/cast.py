"""Who takes part in an arena as it was asked for on the command line, and what their models will probably cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from core.errors import Unusable
from judges.compare import Comparer
from judges.criteria import Rubric, Verb
from judges.rubric import load_rubric
from llm.forecast import Forecast
from llm.gate import Budget
from llm.models import ModelChoice, Models
from llm.request import ModelRole
from llm.settings import model_settings, parse_choices
from personas.bank import load_bank
from personas.seeker import Seeker
from personas.supporters import Supporter
from server.arena.costs import chooser_forecast, seeker_forecast, supporter_forecast
from server.arena.held import Held, Terms
from server.arena.person import OWN, PERSON, PersonChooser, PersonSeeker, Terminal, rate
from server.arena.results import RATED_BY
from server.arena.roles import AsksForSupport, Chooses, JudgeChooser, PersonaSeeker
from server.arena.seats import Seat, Session
from server.commands.panel import paid_models
from server.commands.spending import UNLIMITED, Allowance

ALONE_TURNS = 8
BESIDE_TURNS = 10
"""Fewest turns of a session in which one supporter answers, and in which two do (SE-29, SE-30)."""


@dataclass(frozen=True, slots=True)
class ArenaWishes:
    """What was asked for on the command line."""

    supporters: Sequence[str]
    """`provider:model` or `provider:model@skill` of each."""
    seeker: str = "rules"
    """`provider:model`, or `person:NAME`."""
    choose: str | None = None
    """Who chooses between the replies of two supporters, named likewise; None lets each supporter answer alone."""
    rubric: str = "felt_heard_pair"
    scenarios: Sequence[str] = ()
    """All of the bank where none is named."""
    sessions: int = 10
    turns: int | None = None
    seed: int = 1
    allowance: Allowance = UNLIMITED

    @property
    def in_pairs(self) -> bool:
        return self.choose is not None

    @property
    def fewest_turns(self) -> int:
        return self.turns or (BESIDE_TURNS if self.in_pairs else ALONE_TURNS)


class Cast:
    """Everybody who takes part, with what each model may cost; models are open as long as `stack` is."""

    def __init__(self, stack: AsyncExitStack, wishes: ArenaWishes, *, at: Terminal) -> None:
        self._stack = stack
        self._wishes = wishes
        self._terminal = at
        self._budget: Budget = wishes.allowance.budget()
        self._forecasts: list[Callable[[Sequence[Session]], Forecast]] = []
        self.person = any((name or "").startswith(PERSON) for name in (wishes.seeker, wishes.choose))

    @property
    def at_once(self) -> int:
        """Sessions at a time, where no person takes part."""
        return self._wishes.allowance.at_once

    def seeker(self) -> AsksForSupport:
        wishes = self._wishes
        if wishes.seeker.startswith(PERSON):
            return PersonSeeker(_named(wishes.seeker, "--seeker"), self._terminal)
        choices = parse_choices(wishes.seeker, name="--seeker", role=ModelRole.SEEKER)
        name = str(choices[0])
        expected = partial(seeker_forecast, name, model_settings().prices, turns=wishes.fewest_turns)
        return PersonaSeeker(Seeker(self._models(ModelRole.SEEKER, choices, expected)), load_bank(), name=name)

    def chooser(self) -> Chooses | None:
        wishes = self._wishes
        if wishes.choose is None:
            return None
        if wishes.choose.startswith(PERSON):
            return PersonChooser(_named(wishes.choose, "--choose"), self._terminal)
        choices = parse_choices(wishes.choose, name="--choose", role=ModelRole.COMPARER)
        name = str(choices[0])
        expected = partial(chooser_forecast, name, model_settings().prices, turns=wishes.fewest_turns)
        models = self._models(ModelRole.COMPARER, choices, expected)
        return JudgeChooser(Comparer(models, _comparing(wishes.rubric)), name=name)

    def supporters(self, seats: Sequence[Seat]) -> Mapping[str, tuple[Supporter, float]]:
        found = {}
        for seat in seats:
            expected = partial(
                supporter_forecast,
                str(seat.choices[0]),
                model_settings().prices,
                supporter=seat.name,
                turns=self._wishes.fewest_turns,
            )
            found[seat.name] = Supporter(self._models(ModelRole.SUPPORTER, seat.choices, expected)), seat.skill
        return found

    def forecasts(self, sessions: Sequence[Session]) -> list[Forecast]:
        """What each model will probably cost for `sessions`."""
        return [expected(sessions) for expected in self._forecasts]

    def rated(self, held: Held) -> Held:
        """The session with the scores of the person who was the seeker and whom one supporter has answered."""
        if self._wishes.in_pairs or not self._wishes.seeker.startswith(PERSON):
            return held
        return held.model_copy(update={"scores": rate(load_rubric(RATED_BY), self._terminal)})

    def _models(
        self,
        role: ModelRole,
        choices: tuple[ModelChoice, ...],
        expected: Callable[[Sequence[Session]], Forecast],
    ) -> Models:
        models, spending = paid_models(role, choices, budget=self._budget, stack=self._stack)

        def told(sessions: Sequence[Session]) -> Forecast:
            found = expected(sessions)
            spending.call_usd = found.call_usd
            return found

        self._forecasts.append(told)
        return models


def terms_of(wishes: ArenaWishes, seeker: AsksForSupport, chooser: Chooses | None) -> Terms:
    is_judged = chooser is not None and not (wishes.choose or "").startswith(PERSON)
    return Terms(
        seeker=seeker.name,
        chooser="" if chooser is None else chooser.name,
        rubric=wishes.rubric if is_judged else "",
        fewest_turns=wishes.fewest_turns,
        seed=wishes.seed,
    )


def scenarios_of(wishes: ArenaWishes) -> Sequence[str]:
    bank = load_bank()
    if wishes.seeker.startswith(PERSON):
        if wishes.scenarios:
            raise Unusable("--scenario is for seekers of the bank; a person brings their own trouble")
        return [OWN]
    if unknown := [scenario for scenario in wishes.scenarios if scenario not in bank]:
        raise Unusable(f"there is no scenario {unknown[0]!r}, only {', '.join(bank)}")
    return list(wishes.scenarios or bank)


def _comparing(name: str) -> Rubric:
    rubric = load_rubric(name)
    if rubric.verb is not Verb.COMPARE:
        raise Unusable(f"{name} does not compare: choices need a rubric such as felt_heard_pair")
    return rubric


def _named(text: str, option: str) -> str:
    name = text.removeprefix(PERSON).strip()
    if not name:
        raise Unusable(f"{option}: say who, as in person:ANNA; the name stands beside what they choose and rate")
    return name
