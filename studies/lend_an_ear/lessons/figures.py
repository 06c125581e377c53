"""The two figures of the lessons, the knot of thread, and the line of handwriting it becomes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import skia
from drawing import PLUM, curve, fill, mix, stroke
from motion import sway

Point = tuple[float, float]
SHOULDER_Y = -142
NECK_Y = -176
WARM_LIGHT = 0xFFFFC070


@dataclass(frozen=True, slots=True)
class Look:
    """What tells one figure from another."""

    cloth: int
    skin: int
    hair: int
    bun: bool
    """Hair tied up in a bun, or falling to the chin."""
    phase: float
    """So that the two do not breathe and blink together."""


HURT = Look(cloth=0xFF5D8C93, skin=0xFFEDBE9B, hair=0xFF5A3A32, bun=False, phase=0.0)
FRIEND = Look(cloth=0xFFD8704F, skin=0xFFA9714F, hair=0xFF33242A, bun=True, phase=0.37)


@dataclass(frozen=True, slots=True)
class Pose:
    """How a figure sits at a moment. Hands are places relative to its foot, before scaling."""

    x: float
    y: float
    scale: float
    facing: float
    """-1 to the left, 1 to the right."""
    droop: float = 0.0
    """0 head up, 1 head hanging."""
    lean: float = 0.0
    """Degrees, clockwise."""
    mood: float = 0.0
    """-1 sad to 1 smiling."""
    speaking: bool = False
    hands: tuple[Point, Point] = ((-26, -52), (26, -52))
    reaching: int = 0
    """The arm, -1 left or 1 right, that lies around somebody else; 0 none."""
    light: float = 0.0
    """Share of warm light that falls on it."""

    def head(self) -> Point:
        """The middle of the head on the canvas, for speech bubbles."""
        angle = math.radians(self.lean)
        reach = (214 - 20 * self.droop) * self.scale
        return self.x + math.sin(angle) * reach, self.y - math.cos(angle) * reach


def draw_figure(canvas: skia.Canvas, look: Look, pose: Pose, now_s: float) -> None:
    """One figure, breathing and blinking."""
    canvas.drawOval(
        skia.Rect.MakeXYWH(pose.x - 98 * pose.scale, pose.y - 12 * pose.scale, 196 * pose.scale, 34 * pose.scale),
        fill(0xFF5A2E33, alpha=0.2, blur=7),
    )
    breath = 1 + 0.012 * sway(now_s, period_s=4.2, phase=look.phase)
    with skia.AutoCanvasRestore(canvas):
        canvas.translate(pose.x, pose.y)
        canvas.rotate(pose.lean)
        canvas.scale(pose.scale * (2 - breath), pose.scale * breath)
        _draw_head(canvas, look, pose, now_s, behind=True)
        canvas.drawPath(_body(), fill(_lit(look.cloth, pose)))
        _draw_head(canvas, look, pose, now_s, behind=False)
        for side in (-1, 1):
            if side != pose.reaching:
                _draw_arm(canvas, look, pose, side)


def draw_reaching_arm(canvas: skia.Canvas, look: Look, pose: Pose) -> None:
    """The arm that a figure lays around another: drawn after the other."""
    with skia.AutoCanvasRestore(canvas):
        canvas.translate(pose.x, pose.y)
        canvas.rotate(pose.lean)
        canvas.scale(pose.scale, pose.scale)
        _draw_arm(canvas, look, pose, pose.reaching)


def _body() -> skia.Path:
    path = skia.Path()
    path.moveTo(-80, 0)
    path.cubicTo(-92, -62, -72, -150, -36, -172)
    path.cubicTo(-18, -183, 18, -183, 36, -172)
    path.cubicTo(72, -150, 92, -62, 80, 0)
    path.cubicTo(60, 12, -60, 12, -80, 0)
    path.close()
    return path


def _draw_arm(canvas: skia.Canvas, look: Look, pose: Pose, side: int) -> None:
    """The arm on the left (-1) or right (1)."""
    x, y = pose.hands[0 if side < 0 else 1]
    arm = skia.Path()
    arm.moveTo(side * 46, SHOULDER_Y)
    away = side * 74 if abs(x) < 60 else (x + side * 46) / 2
    arm.quadTo(away, (SHOULDER_Y + y) / 2 + 16, x, y)
    sleeve = mix(_lit(look.cloth, pose), 0xFF3B1F2B, 0.13)
    canvas.drawPath(arm, stroke(sleeve, 29))
    canvas.drawCircle(x, y, 14, fill(_lit(look.skin, pose)))


def _lit(color: int, pose: Pose) -> int:
    return mix(color, WARM_LIGHT, 0.15 * pose.light)


def _draw_head(canvas: skia.Canvas, look: Look, pose: Pose, now_s: float, *, behind: bool) -> None:
    """The hair behind the body, or the head before it."""
    with skia.AutoCanvasRestore(canvas):
        canvas.translate(pose.facing * 9 * pose.droop, NECK_Y + 16 * pose.droop)
        canvas.rotate(pose.facing * 24 * pose.droop)
        canvas.translate(0, -40)
        hair = mix(look.hair, WARM_LIGHT, 0.14 * pose.light)
        if behind:
            _draw_hair_behind(canvas, look, pose.facing, hair=hair)
            return
        canvas.drawCircle(0, 0, 46, fill(_lit(look.skin, pose)))
        with skia.AutoCanvasRestore(canvas):
            outline = skia.Path()
            outline.addCircle(0, 0, 47)
            canvas.clipPath(outline, True)
            canvas.drawCircle(-pose.facing * 22, -38, 40.5, fill(hair))
        _draw_face(canvas, look, pose, now_s)


def _draw_hair_behind(canvas: skia.Canvas, look: Look, facing: float, *, hair: int) -> None:
    if look.bun:
        canvas.drawCircle(-facing * 24, -50, 22, fill(hair))
        canvas.drawCircle(-facing * 5, -6, 48, fill(hair))
    else:
        canvas.drawCircle(-facing * 6, -5, 52, fill(hair))
        locks = skia.Rect.MakeLTRB(-facing * 12 - 46, -10, -facing * 12 + 46, 50)
        canvas.drawRoundRect(locks, 28, 28, fill(hair))


def _draw_face(canvas: skia.Canvas, look: Look, pose: Pose, now_s: float) -> None:
    middle, ink = pose.facing * 12, 0xFF3A2328
    blinking = (now_s + look.phase * 5) % 3.9 < 0.13
    looking_down = pose.droop > 0.45
    for side in (-1, 1):
        x = middle + side * 15
        canvas.drawCircle(x + side * 7, 17, 8.5, fill(0xFFE0675A, alpha=0.26))
        if blinking or looking_down:
            eye = skia.Path()
            eye.moveTo(x - 6, 3)
            eye.quadTo(x, 8, x + 6, 3)
            canvas.drawPath(eye, stroke(ink, 3.2))
        else:
            canvas.drawOval(skia.Rect.MakeXYWH(x - 4, -2, 8, 10.5), fill(ink))
        worry = 5 * max(0.0, -pose.mood)
        canvas.drawLine(
            x - 6,
            -11 + (worry if side < 0 else -worry),
            x + 6,
            -11 + (-worry if side < 0 else worry),
            stroke(mix(look.hair, ink, 0.5), 3),
        )
    if pose.speaking:
        opening = 5 + 3.5 * sway(now_s, period_s=0.42)
        canvas.drawOval(skia.Rect.MakeXYWH(middle - 7, 21, 14, opening + 3), fill(0xFF7A2F35))
        return
    mouth = skia.Path()
    mouth.moveTo(middle - 10, 25 - 3 * pose.mood)
    mouth.quadTo(middle, 25 + 8 * pose.mood, middle + 10, 25 - 3 * pose.mood)
    canvas.drawPath(mouth, stroke(ink, 3.2))


def draw_knot(canvas: skia.Canvas, *, x: float, y: float, radius: float, turn: float, left: float) -> None:
    """A tangle around (x, y); `left` is the share of the thread that is still in it, `turn` how far it is turned."""
    if left <= 0.02 or radius <= 1:
        return
    size = radius * (0.4 + 0.6 * left)
    loops = [_in_knot(at / 36, turn) for at in range(int(2 + 900 * left))]
    thread = curve([(x + size * across, y + size * down) for across, down in loops])
    width = max(2.4, radius / 15)
    canvas.drawPath(thread, stroke(0xFF2E1726, width + 2.4, alpha=0.13))
    canvas.drawPath(thread, stroke(PLUM, width))


def _in_knot(at: float, turn: float) -> Point:
    """A point of a ball of thread: loops of changing width whose direction goes round."""
    direction = at * 0.618 + turn
    along, across = math.cos(at * 2.05), math.sin(at * 2.05) * (0.42 + 0.3 * math.sin(at * 0.77))
    off = 0.16 * math.sin(at * 1.31)
    return (
        0.86 * (along * math.cos(direction) - across * math.sin(direction)) + off,
        0.86 * (along * math.sin(direction) + across * math.cos(direction)) - off,
    )


def draw_handwriting(
    canvas: skia.Canvas, *, start: Point, y: float, left: float, right: float, written: float, calm: float
) -> None:
    """The thread out of the knot: from `start` down to the line at `y`, and on as script from `right` to `left`.

    `written`: the share that has come out; `calm`: 0 narrow loops like letters, 1 long waves.
    """
    if written <= 0:
        return
    drop = [_drop(start, (right, y), share / 40) for share in range(41)]
    script = [_script(share / 900, y=y, left=left, right=right, calm=calm) for share in range(901)]
    thread = [*drop, *script]
    shown = thread[: max(2, int(len(thread) * written))]
    canvas.drawPath(curve(shown), stroke(mix(PLUM, 0xFFC65F45, calm), 5))


def _drop(start: Point, end: Point, share: float) -> Point:
    bend = (end[0] + 30, start[1] + 40)
    rest = 1 - share
    return (
        rest * rest * start[0] + 2 * rest * share * bend[0] + share * share * end[0],
        rest * rest * start[1] + 2 * rest * share * bend[1] + share * share * end[1],
    )


def _script(share: float, *, y: float, left: float, right: float, calm: float) -> Point:
    angle = share * 2 * math.pi * 15
    loops = (1 - calm) * 25
    height = (1 - calm) * (19 + 9 * math.sin(share * 23))
    wave = calm * 15 * math.sin(share * 2 * math.pi * 3.5)
    return right + (left - right) * share + loops * math.sin(angle), y - height * (1 - math.cos(angle)) / 1.2 + wave
