"""Dealing conversations out to people who judge them: pairs of one scenario, or queues of single conversations."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from itertools import cycle, islice

from core.stimuli import Trial, TrialSequence, by_scenario
from core.transcript import Transcript


def pair_sequences(
    transcripts: Sequence[Transcript], *, sequences: int, trials: int, seed: int
) -> tuple[TrialSequence, ...]:
    """`sequences` sequences of `trials` pairs each (LE-147); the same arguments give the same sequences for ever.

    Both of a pair are of one scenario, and left and right are drawn (LE-148). Within a sequence the scenarios come
    equally often, or differ by one, and no conversation comes twice. Over all sequences every conversation of a
    scenario is shown about equally often, and no pair comes a second time while another has not come. Raises
    `ValueError` for a scenario with fewer conversations than one sequence needs of it.
    """
    pools = {name: [t.id for t in found] for name, found in by_scenario(transcripts).items()}
    in_one = -(-trials // len(pools))
    for scenario, pool in pools.items():
        if len(pool) < 2 * in_one:
            name = scenario or "the conversations without a scenario"
            raise ValueError(f"{trials} pairs need {2 * in_one} conversations of each scenario; {name} has {len(pool)}")
    generator = random.Random(f"{seed}/pairs")  # noqa: S311 - a draw that can be repeated
    dealers = {name: _PairDealer(pool, generator) for name, pool in pools.items()}
    turn = cycle(generator.sample(sorted(pools), len(pools)))
    dealt = []
    for _ in range(sequences):
        scenarios = list(islice(turn, trials))
        generator.shuffle(scenarios)
        dealt.append(_pairs(scenarios, dealers))
    return tuple(dealt)


def rating_sequences(
    transcripts: Sequence[Transcript], *, raters_per_transcript: int, trials: int, seed: int
) -> tuple[TrialSequence, ...]:
    """Queues of `trials` conversations, so that each conversation stands in `raters_per_transcript` of them.

    Within a queue no conversation comes twice; its order is drawn. Raises `ValueError` where it does not come out even.
    """
    number, wanted = len(transcripts), len(transcripts) * raters_per_transcript
    if trials > number:
        raise ValueError(f"a rater cannot read {trials} conversations: there are {number}")
    if wanted % trials:
        raise ValueError(
            f"{number} conversations with {raters_per_transcript} raters each cannot be dealt out in queues of {trials}"
        )
    generator = random.Random(f"{seed}/ratings")  # noqa: S311 - a draw that can be repeated
    queues: list[list[str]] = [[] for _ in range(wanted // trials)]
    for transcript in generator.sample(list(transcripts), number):
        shortest = sorted(queues, key=lambda queue: (len(queue), generator.random()))
        for queue in shortest[:raters_per_transcript]:
            queue.append(transcript.id)
    for queue in queues:
        generator.shuffle(queue)
    return tuple(tuple((transcript_id,) for transcript_id in queue) for queue in queues)


class _PairDealer:
    """Deals pairs of one scenario: those least shown so far, and partners that have not met."""

    def __init__(self, pool: Sequence[str], generator: random.Random) -> None:
        self._pool = pool
        self._random = generator
        self._shown: Counter[str] = Counter()
        self._met: Counter[frozenset[str]] = Counter()

    def deal(self, taken: set[str]) -> Trial:
        """The next pair without any of `taken`."""
        free = [one for one in self._pool if one not in taken]
        first = min(free, key=lambda one: (self._shown[one], self._random.random()))
        others = [one for one in free if one != first]
        second = min(
            others, key=lambda one: (self._met[frozenset((first, one))], self._shown[one], self._random.random())
        )
        pair = [first, second]
        self._shown.update(pair)
        self._met[frozenset(pair)] += 1
        self._random.shuffle(pair)
        return tuple(pair)


def _pairs(scenarios: Sequence[str], dealers: dict[str, _PairDealer]) -> TrialSequence:
    taken: set[str] = set()
    pairs: list[Trial] = []
    for scenario in scenarios:
        pair = dealers[scenario].deal(taken)
        taken |= set(pair)
        pairs.append(pair)
    return tuple(pairs)
