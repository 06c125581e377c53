"""Drawing: palette, lettering, speech bubbles and landscape, on a canvas of 1280 by 720."""

from __future__ import annotations

import math
from collections.abc import Sequence

import skia
from motion import FADE_S, ease, pop
from storyboard import Line

WIDTH, HEIGHT = 1280, 720
INK = 0xFF43303A
CREAM = 0xFFFFF8EC
PLUM = 0xFF6B3A58
TERRACOTTA = 0xFFCF6347
MUSTARD = 0xFFEFB04F
SAGE = 0xFF86A586
TEXT_SIZE = 58
TEXT_WIDTH = 1060


def font(size: float, *, bold: bool = True) -> skia.Font:
    """A calm face without serifs: Inter where it is installed, else what the system has."""
    weight = skia.FontStyle.kSemiBold_Weight if bold else skia.FontStyle.kMedium_Weight
    style = skia.FontStyle(weight, skia.FontStyle.kNormal_Width, skia.FontStyle.kUpright_Slant)
    typeface = skia.FontMgr().matchFamilyStyle("Inter Display", style) or skia.Typeface.MakeDefault()
    drawn = skia.Font(typeface, size)
    drawn.setSubpixel(True)
    drawn.setEdging(skia.Font.Edging.kAntiAlias)
    return drawn


def fill(color: int, *, alpha: float = 1.0, blur: float = 0.0) -> skia.Paint:
    paint = skia.Paint(AntiAlias=True, Color=color)
    paint.setAlphaf(alpha * ((color >> 24) & 0xFF) / 255)
    if blur:
        paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    return paint


def stroke(color: int, width: float, *, alpha: float = 1.0) -> skia.Paint:
    paint = fill(color, alpha=alpha)
    paint.setStyle(skia.Paint.kStroke_Style)
    paint.setStrokeWidth(width)
    paint.setStrokeCap(skia.Paint.kRound_Cap)
    paint.setStrokeJoin(skia.Paint.kRound_Join)
    return paint


def curve(points: Sequence[tuple[float, float]]) -> skia.Path:
    """A line through the points; many of them look smooth."""
    path = skia.Path()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    return path


def mix(first: int, second: int, share: float) -> int:
    """A colour between two."""
    parts = [((first >> at) & 0xFF, (second >> at) & 0xFF) for at in (24, 16, 8, 0)]
    value = 0
    for one, other in parts:
        value = (value << 8) | round(one + (other - one) * share)
    return value


def sky(canvas: skia.Canvas, colors: Sequence[int]) -> None:
    """Colours from the top of the picture to the horizon."""
    paint = skia.Paint()
    paint.setShader(skia.GradientShader.MakeLinear([skia.Point(0, 0), skia.Point(0, 620)], list(colors)))
    canvas.drawPaint(paint)


def glow(canvas: skia.Canvas, x: float, y: float, *, radius: float, color: int, alpha: float) -> None:
    """Light that fades outward."""
    shade = (round(alpha * 255) << 24) | (color & 0xFFFFFF)
    paint = skia.Paint(AntiAlias=True)
    paint.setShader(skia.GradientShader.MakeRadial(skia.Point(x, y), radius, [shade, color & 0xFFFFFF]))
    canvas.drawCircle(x, y, radius, paint)


def hill(canvas: skia.Canvas, *, top: float, swing: float, phase: float, color: int) -> None:
    """One ridge across the picture, down to its lower edge and beyond."""
    ridge = [(x, top + swing * math.sin(x / 260 + phase)) for x in range(-700, WIDTH + 701, 12)]
    canvas.drawPath(curve([*ridge, (WIDTH + 700, HEIGHT + 700), (-700, HEIGHT + 700)]), fill(color))


def tree(canvas: skia.Canvas, x: float, y: float, *, size: float, swing: float, leaves: int, trunk: int) -> None:
    """A tree on (x, y) whose crown is `swing` away from its place."""
    canvas.drawLine(x, y + 20, x + swing, y - 110 * size, stroke(trunk, 13 * size))
    for dx, dy, radius in ((-40, -120, 46), (36, -130, 50), (0, -176, 52)):
        canvas.drawCircle(x + dx * size + swing * 1.6, y + dy * size, radius * size, fill(leaves))
    highlight = mix(leaves, 0xFFFFF3D6, 0.13)
    canvas.drawCircle(x - 14 * size + swing * 1.6, y - 184 * size, 24 * size, fill(highlight))


def wrapped(text: str, *, face: skia.Font, width: float) -> list[list[str]]:
    """The words of `text` in one line if it is no wider than `width`, else in two: of like length, or after a comma."""
    words = text.split()
    if face.measureText(text) <= width:
        return [words]

    def unlike(at: int) -> float:
        first, second = (face.measureText(" ".join(part)) for part in (words[:at], words[at:]))
        too_wide = 10_000 if max(first, second) > width else 0
        return float(abs(first - second) + too_wide - (400 if words[at - 1][-1] in ",.?!" else 0))

    at = min(range(1, len(words)), key=unlike)
    return [words[:at], words[at:]]


def word_times(line: Line) -> list[float]:
    """When each word of the line appears; a sentence after the first waits for the one before to be read."""
    words = line.text.split()
    pace_s = min(0.24, 0.5 * (line.end_s - line.start_s) / len(words))
    pauses = [0.0] + [3 * pace_s if word[-1] in ".?!" else pace_s for word in words[:-1]]
    return [line.start_s + 0.25 + sum(pauses[: at + 1]) for at in range(len(words))]


def lettering(canvas: skia.Canvas, line: Line, now_s: float, *, y: float, color: int, size: float = TEXT_SIZE) -> None:
    """The line's text, centred, word by word; it fades when the line ends."""
    face = font(size)
    lines, times = wrapped(line.text, face=face, width=TEXT_WIDTH), iter(word_times(line))
    leaving = ease((line.end_s - now_s) / FADE_S)
    for row, words in enumerate(lines):
        x = (WIDTH - face.measureText(" ".join(words))) / 2
        for word in words:
            shown = ease((now_s - next(times)) / FADE_S)
            if shown:
                lift = 14 * (1 - shown)
                canvas.drawString(word, x, y + row * size * 1.24 + lift, face, fill(color, alpha=shown * leaving))
            x += face.measureText(word + " ")


def bubble(
    canvas: skia.Canvas,
    text: str,
    *,
    tail: tuple[float, float],
    age_s: float,
    size: float = 42,
) -> None:
    """A speech bubble up and left of its `tail`; it springs up at age 0, and before that there is none."""
    grown = pop(age_s)
    if grown < 0.02:
        return
    face = font(size, bold=False)
    half = face.measureText(text) / 2 + 36
    x, y = max(tail[0] + 14 - half, half + 20), tail[1] - 84
    root = min(half - 64, tail[0] - x)
    pointer, body = skia.Path(), skia.Path()
    pointer.moveTo(x + root - 22, y + 36)
    pointer.quadTo(x + root + 6, y + 60, *tail)
    pointer.quadTo(x + root + 24, y + 66, x + root + 22, y + 36)
    body.addRRect(skia.RRect.MakeRectXY(skia.Rect.MakeLTRB(x - half, y - 46, x + half, y + 46), 42, 42))
    with skia.AutoCanvasRestore(canvas):
        canvas.translate(*tail)
        canvas.scale(grown, grown)
        canvas.translate(-tail[0], -tail[1])
        with skia.AutoCanvasRestore(canvas):
            canvas.translate(0, 7)
            canvas.drawPath(body, fill(INK, alpha=0.16, blur=9))
        for part in (body, pointer):
            canvas.drawPath(part, fill(CREAM))
        canvas.drawString(text, x - half + 36, y + 15, face, fill(PLUM))
