"""The second lesson: an evening under six lanterns, each lit by something that is good to say."""

from __future__ import annotations

import math

import skia
from drawing import (
    CREAM,
    HEIGHT,
    MUSTARD,
    WIDTH,
    bubble,
    curve,
    fill,
    font,
    glow,
    hill,
    lettering,
    mix,
    sky,
    stroke,
    tree,
)
from figures import FRIEND, HURT, Pose, draw_figure, draw_reaching_arm
from motion import ease, pop, presence, sway
from storyboard import Lesson, Line

GROUND = 668.0
SCALE = 1.06
HURT_X, FRIEND_X = 944.0, 780.0
LIT = 0xFFFFC65C
UNLIT = 0xFF6B5468
SPOKEN_AFTER_S = 0.75
"""From the name of a thing to say until it is said: its lantern lights up then."""


class SixThingsToSay:
    """Draws any moment of the lesson."""

    def __init__(self, lesson: Lesson) -> None:
        self.lines = lesson.lines
        self.lanterns = [line for line in lesson.lines if line.scene == "lantern"]

    def draw(self, canvas: skia.Canvas, now_s: float) -> None:
        """The picture at `now_s`, lettering included."""
        warmth = sum(self._lit(number, now_s) for number in range(len(self.lanterns))) / len(self.lanterns)
        _draw_evening(canvas, warmth, now_s)
        self._draw_lanterns(canvas, now_s)
        friend, hurt = self._friend(warmth, now_s), _hurt(warmth)
        draw_figure(canvas, FRIEND, friend, now_s)
        draw_figure(canvas, HURT, hurt, now_s)
        draw_reaching_arm(canvas, FRIEND, friend)
        _draw_fireflies(canvas, warmth, now_s)
        for line in self.lines:
            if line.start_s <= now_s < line.end_s:
                self._draw_line(canvas, line, friend, now_s)

    def _lit(self, number: int, now_s: float) -> float:
        return ease((now_s - self.lanterns[number].start_s - SPOKEN_AFTER_S) / 0.9)

    def _friend(self, warmth: float, now_s: float) -> Pose:
        speaking = any(0.1 < now_s - line.start_s - SPOKEN_AFTER_S < 1.5 for line in self.lanterns)
        return Pose(
            x=FRIEND_X,
            y=GROUND,
            scale=SCALE,
            facing=1,
            lean=4,
            mood=0.25 + 0.4 * warmth,
            speaking=speaking,
            hands=((-26, -52), (96, -128)),
            droop=0.08,
            reaching=1,
            light=0.25 + 0.75 * warmth,
        )

    def _draw_lanterns(self, canvas: skia.Canvas, now_s: float) -> None:
        """The string across the picture, and the lanterns on it."""
        string = [(x, _string_y(x, now_s)) for x in range(-20, WIDTH + 21, 10)]
        canvas.drawPath(curve(string), stroke(0xFF241B33, 3))
        for number in range(len(self.lanterns)):
            x = WIDTH * (number + 0.5) / len(self.lanterns)
            _draw_lantern(canvas, x, _string_y(x, now_s), lit=self._lit(number, now_s), now_s=now_s + number)

    def _draw_line(self, canvas: skia.Canvas, line: Line, friend: Pose, now_s: float) -> None:
        if line.scene != "lantern":
            lettering(canvas, line, now_s, y=236, color=CREAM)
            return
        _draw_heading(canvas, line, self.lanterns.index(line) + 1, now_s)
        head_x, head_y = friend.head()
        age_s = now_s - line.start_s - SPOKEN_AFTER_S
        if now_s > line.end_s - 0.4:
            age_s = 0.25 * presence(line, now_s)
        bubble(canvas, line.quote, tail=(head_x - 58, head_y - 4), age_s=age_s, size=46)


def _hurt(warmth: float) -> Pose:
    return Pose(
        x=HURT_X,
        y=GROUND,
        scale=SCALE,
        facing=-1,
        lean=-2,
        droop=0.6 * (1 - warmth),
        mood=-0.75 + 1.3 * warmth,
        hands=((-28, -32), (28, -32)),
        light=0.25 + 0.75 * warmth,
    )


def _draw_heading(canvas: skia.Canvas, line: Line, number: int, now_s: float) -> None:
    """The number in a disc and the name of the thing to say, both centred as one."""
    face, digit = font(54), font(38)
    shown = presence(line, now_s)
    x, y = (WIDTH - face.measureText(line.text) - 84) / 2, 252
    radius = 31 * min(1.1, pop(now_s - line.start_s))
    canvas.drawCircle(x + 31, y - 19, radius, fill(MUSTARD, alpha=shown))
    canvas.drawString(
        str(number), x + 31 - digit.measureText(str(number)) / 2, y - 6, digit, fill(0xFF3A2433, alpha=shown)
    )
    canvas.drawString(line.text, x + 84 + 10 * (1 - shown), y, face, fill(CREAM, alpha=shown))


def _string_y(x: float, now_s: float) -> float:
    share = x / WIDTH
    return 2 + 190 * share * (1 - share) + 2.5 * sway(now_s, period_s=5.5, phase=share)


def _draw_lantern(canvas: skia.Canvas, x: float, y: float, *, lit: float, now_s: float) -> None:
    with skia.AutoCanvasRestore(canvas):
        canvas.translate(x, y)
        canvas.rotate(3.5 * sway(now_s, period_s=4.7))
        flicker = 1 + 0.04 * sway(now_s, period_s=2.3)
        if lit:
            glow(canvas, 0, 52, radius=132 * lit * flicker, color=LIT, alpha=0.62 * lit)
        canvas.drawLine(0, 0, 0, 20, stroke(0xFF241B33, 3))
        canvas.drawOval(skia.Rect.MakeLTRB(-28, 20, 28, 86), fill(mix(UNLIT, LIT, lit)))
        canvas.drawOval(skia.Rect.MakeLTRB(-12, 22, 12, 84), fill(0xFFFFF0BE, alpha=0.12 + 0.6 * lit))
        for top in (16, 82):
            canvas.drawRoundRect(skia.Rect.MakeLTRB(-13, top, 13, top + 9), 4, 4, fill(0xFF33253D))


def _draw_evening(canvas: skia.Canvas, warmth: float, now_s: float) -> None:
    sky(
        canvas,
        [mix(0xFF2B2646, 0xFF3A2A4E, warmth), mix(0xFF55416A, 0xFF774C6C, warmth), mix(0xFFA0657A, 0xFFDB8A6C, warmth)],
    )
    for number in range(34):
        x, y = (number * 397) % WIDTH, (number * 211) % 330
        twinkle = 0.35 + 0.25 * math.sin(now_s * 1.3 + number * 1.7)
        canvas.drawCircle(x, y, 1.3 + number % 3 * 0.5, fill(0xFFFFF3D6, alpha=twinkle))
    glow(canvas, 862, 560, radius=520, color=0xFFFFB45C, alpha=0.1 + 0.36 * warmth)
    hill(canvas, top=530, swing=26, phase=0.9, color=mix(0xFF4B3A5B, 0xFF6A4660, warmth))
    for x, y, size in ((170, 590, 1.0), (318, 596, 0.66)):
        swing = 3 * sway(now_s, period_s=7, phase=size)
        tree(canvas, x, y, size=size, swing=swing, leaves=mix(0xFF3C3A52, 0xFF5A4A58, warmth), trunk=0xFF2A2136)
    hill(canvas, top=588, swing=16, phase=2.9, color=mix(0xFF3D304D, 0xFF553852, warmth))
    hill(canvas, top=640, swing=6, phase=4.4, color=mix(0xFF30263F, 0xFF432D43, warmth))


def _draw_fireflies(canvas: skia.Canvas, warmth: float, now_s: float) -> None:
    for number in range(9):
        x = (number * 151 + 60) % WIDTH + 40 * sway(now_s, period_s=9 + number, phase=number / 9)
        y = HEIGHT - 70 - (number * 47) % 170 + 18 * sway(now_s, period_s=6.2, phase=number / 5)
        shining = warmth * (0.5 + 0.5 * sway(now_s, period_s=3.4, phase=number / 7))
        canvas.drawCircle(x, y, 2.6, fill(0xFFFFE59A, alpha=0.9 * shining))
        glow(canvas, x, y, radius=15, color=LIT, alpha=0.4 * shining)
