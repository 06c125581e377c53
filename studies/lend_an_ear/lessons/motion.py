"""Motion: values that change smoothly over the seconds of a lesson."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from storyboard import Lesson, Line

FADE_S = 0.45
"""How long words, bubbles and the like take to come and go."""


def ease(share: float) -> float:
    """0 to 1 for shares from 0 to 1, slow at both ends."""
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


def pop(age_s: float) -> float:
    """The size of something that springs up: a little beyond 1, then 1."""
    if age_s <= 0:
        return 0.0
    return 1 - math.exp(-7 * age_s) * math.cos(9 * age_s)


def sway(now_s: float, *, period_s: float, phase: float = 0.0) -> float:
    """-1 to 1 and back, for breath and leaves."""
    return math.sin(2 * math.pi * (now_s / period_s + phase))


def presence(line: Line, now_s: float, *, delay_s: float = 0.0) -> float:
    """0 to 1 as something that belongs to `line` comes, and back to 0 as the line ends."""
    return ease((now_s - line.start_s - delay_s) / FADE_S) * ease((line.end_s - now_s) / FADE_S)


@dataclass(frozen=True, slots=True)
class Track:
    """A value with its key frames: (second, value), in order of time."""

    keys: tuple[tuple[float, float], ...]

    def at(self, now_s: float) -> float:
        """The value at `now_s`; before the first and after the last key frame it stands still."""
        after = bisect_right([second for second, _ in self.keys], now_s)
        if after == 0:
            return self.keys[0][1]
        if after == len(self.keys):
            return self.keys[-1][1]
        (start, before), (end, value) = self.keys[after - 1], self.keys[after]
        return before + (value - before) * ease((now_s - start) / (end - start))


Cue = tuple[str, float, float]
"""A key frame told by a scene: its name, seconds after it began, the value."""


def tracks(lesson: Lesson, cues: Mapping[str, Sequence[Cue]]) -> dict[str, Track]:
    """The tracks of a lesson in which every scene has a name of its own."""
    starts = {line.scene: line.start_s for line in lesson.lines}
    return {
        name: Track(tuple((starts[scene] + after_s, value) for scene, after_s, value in keys))
        for name, keys in cues.items()
    }
