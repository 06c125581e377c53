"""The first lesson: somebody is hurt, a friend tries to cheer them up, and then does what helps."""

from __future__ import annotations

import skia
from drawing import INK, MUSTARD, SAGE, TERRACOTTA, bubble, curve, fill, glow, hill, lettering, mix, sky, stroke, tree
from figures import FRIEND, HURT, Pose, draw_figure, draw_handwriting, draw_knot, draw_reaching_arm
from motion import Cue, Track, ease, presence, sway, tracks
from storyboard import Lesson

GROUND = 652.0
SCALE = 1.22
HURT_X = 742.0
MIST = 0xFFFBEAD4
MIST_Y = 450.0
"""Where the knot hangs in the mist."""
BALLOONS = ((-34, -196, TERRACOTTA), (18, -232, MUSTARD), (62, -186, SAGE))

CUES: dict[str, list[Cue]] = {
    "friend_x": [("cheering", -0.2, -140), ("cheering", 1.7, 478), ("beside", 0.2, 478), ("beside", 2.0, 556)],
    "friend_joy": [("wrong_aim", 0.6, 1), ("wrong_aim", 2.0, -0.5), ("better", 0.5, -0.2), ("better", 3.0, 0.7)],
    "friend_lean": [("beside", 1.8, 0), ("beside", 2.8, 5), ("body", 6.0, 5), ("talking", 1.0, 3)],
    "embrace": [("beside", 1.8, 0), ("beside", 3.0, 1)],
    "balloons": [("wrong_aim", 0.5, 0), ("wrong_aim", 5.2, 1)],
    "droop": [
        ("wrong_aim", 0.6, 0.78),
        ("wrong_aim", 2.6, 1),
        ("beside", 2.4, 1),
        ("beside", 5.0, 0.72),
        ("room", 2.0, 0.72),
        ("room", 4.0, 0.5),
        ("talking", 0.5, 0.5),
        ("talking", 5.0, 0.28),
        ("better", 0.6, 0.28),
        ("better", 3.2, 0),
    ],
    "shrink": [("wrong_aim", 0.6, 0), ("wrong_aim", 2.6, 1), ("beside", 2.4, 1), ("beside", 5.2, 0)],
    "mood": [("title", 0, -0.9), ("room", 2, -0.9), ("room", 4, -0.6), ("better", 0.6, -0.6), ("better", 3.5, 0.65)],
    "knot": [("title", 0, 42), ("wrong_aim", 0.6, 42), ("wrong_aim", 2.6, 54), ("beside", 2.4, 54), ("beside", 5, 42)],
    "thread_out": [("room", 2.0, 0), ("room", 4.4, 0.1), ("talking", 0.2, 0.1), ("talking", 4.6, 1)],
    "calm": [("talking", 3.4, 0), ("better", 1.6, 1)],
    "sun": [("better", 0.2, 0), ("better", 4.6, 1)],
    "evening": [("better", 3.0, 0), ("closing", 3.0, 1)],
    "zoom": [("room", 4.4, 1), ("body", 1.4, 1.55), ("talking", -0.3, 1.55), ("talking", 1.5, 1)],
    "focus_x": [("room", 4.4, 640), ("body", 1.4, 700), ("talking", -0.3, 700), ("talking", 1.5, 640)],
    "focus_y": [("room", 4.4, 360), ("body", 1.4, 399), ("talking", -0.3, 399), ("talking", 1.5, 360)],
    "mist": [("unclear", -0.2, 0), ("unclear", 1.2, 1), ("talking", -0.6, 1), ("talking", 0.8, 0)],
}


class AsItFeelsNow:
    """Draws any moment of the lesson."""

    def __init__(self, lesson: Lesson) -> None:
        self.lines = {line.scene: line for line in lesson.lines}
        self.tracks: dict[str, Track] = tracks(lesson, CUES)

    def draw(self, canvas: skia.Canvas, now_s: float) -> None:
        """The picture at `now_s`, lettering included."""
        value = {name: track.at(now_s) for name, track in self.tracks.items()}
        _draw_sky(canvas, value)
        with skia.AutoCanvasRestore(canvas):
            canvas.translate(640, 360)
            canvas.scale(value["zoom"], value["zoom"])
            canvas.translate(-value["focus_x"], -value["focus_y"])
            self._draw_world(canvas, value, now_s)
        for line in self.lines.values():
            if line.start_s <= now_s < line.end_s:
                lettering(canvas, line, now_s, y=104, color=INK, size=70 if line.scene == "closing" else 58)

    def _draw_world(self, canvas: skia.Canvas, value: dict[str, float], now_s: float) -> None:
        _draw_land(canvas, value, now_s)
        self._draw_ripples(canvas, now_s)
        friend, hurt = self._friend(value, now_s), _hurt(value)
        draw_figure(canvas, FRIEND, friend, now_s)
        self._draw_balloons(canvas, value, now_s)
        draw_figure(canvas, HURT, hurt, now_s)
        if friend.reaching:
            draw_reaching_arm(canvas, FRIEND, friend)
        self._draw_glows(canvas, now_s)
        _draw_thread(canvas, hurt, value, now_s)
        self._draw_speech(canvas, friend, now_s)

    def _friend(self, value: dict[str, float], now_s: float) -> Pose:
        moving = any(
            self.lines[scene].start_s - 0.2 < now_s < self.lines[scene].start_s + until
            for scene, until in (("cheering", 1.7), ("beside", 2.0))
        )
        hop = abs(sway(now_s, period_s=0.9)) if moving else 0.0
        embrace = value["embrace"]
        raised = 1 - value["balloons"] * 2 if not value["embrace"] else 0.0
        right = (26 + 30 * max(0.0, raised) + 66 * embrace, -52 - 96 * max(0.0, raised) - 78 * embrace)
        return Pose(
            x=value["friend_x"],
            y=GROUND - 26 * hop,
            scale=SCALE,
            facing=1,
            lean=value["friend_lean"],
            mood=value["friend_joy"],
            speaking=self._is_speaking(now_s),
            hands=((-26, -52), right),
            light=0.7 * value["sun"],
            droop=0.14 * embrace,
            reaching=1 if embrace else 0,
        )

    def _is_speaking(self, now_s: float) -> bool:
        return any(line.quote and 1.9 < now_s - line.start_s < 3.1 for line in self.lines.values())

    def _draw_speech(self, canvas: skia.Canvas, friend: Pose, now_s: float) -> None:
        head_x, head_y = friend.head()
        for line in self.lines.values():
            if line.quote and line.start_s <= now_s < line.end_s:
                leaving = presence(line, now_s)
                age_s = min(now_s - line.start_s - 1.8, 3.0) if now_s < line.end_s - 0.45 else leaving * 0.25
                bubble(canvas, line.quote, tail=(head_x - 62, head_y - 20), age_s=age_s)

    def _draw_balloons(self, canvas: skia.Canvas, value: dict[str, float], now_s: float) -> None:
        gone = value["balloons"]
        if value["friend_x"] < -100 or gone >= 1:
            return
        hand = (value["friend_x"] + 60 * SCALE, GROUND - 150 * SCALE)
        for number, (x, y, color) in enumerate(BALLOONS):
            swing = 6 * sway(now_s, period_s=3.1, phase=number / 3)
            at = (hand[0] + x * 0.6 + swing + 150 * gone, hand[1] + y * 0.62 - 190 * gone)
            fading = 1 - ease(gone * 1.5)
            loose = (hand[0] + 150 * gone + swing, hand[1] - 150 * gone)
            canvas.drawPath(curve([at, loose if gone else hand]), stroke(INK, 2, alpha=0.5 * fading))
            canvas.drawOval(skia.Rect.MakeXYWH(at[0] - 29, at[1] - 70, 58, 72), fill(color, alpha=fading))
            canvas.drawOval(skia.Rect.MakeXYWH(at[0] - 17, at[1] - 58, 14, 22), fill(0xFFFFFFFF, alpha=0.4 * fading))

    def _draw_ripples(self, canvas: skia.Canvas, now_s: float) -> None:
        line = self.lines["room"]
        shown = presence(line, now_s, delay_s=1.6)
        for number in range(4):
            share = ((now_s - line.start_s) / 4.5 + number / 4) % 1
            if shown:
                ring = stroke(0xFFFFFFFF, 7, alpha=0.75 * shown * (1 - share) * ease(share * 5))
                canvas.drawCircle(650, 500, 150 + 420 * share, ring)

    def _draw_glows(self, canvas: skia.Canvas, now_s: float) -> None:
        """Throat, chest and stomach, each when its sentence appears."""
        line = self.lines["body"]
        for number, (y, color) in enumerate(((-164, 0xFFFF9A5A), (-112, 0xFFFF7A55), (-52, 0xFFFFB45A))):
            shown = presence(line, now_s, delay_s=1.9 + 1.15 * number)
            pulse = 0.84 + 0.16 * sway(now_s, period_s=1.5, phase=number / 3)
            if shown:
                glow(canvas, HURT_X, GROUND + y * SCALE, radius=66 * pulse, color=color, alpha=0.95 * shown)


def _draw_thread(canvas: skia.Canvas, hurt: Pose, value: dict[str, float], now_s: float) -> None:
    """The knot over the heart and what has come out of it; in the mist, the knot alone, large."""
    x, y = hurt.x + 1, hurt.y - 98 * hurt.scale
    out, mist = value["thread_out"], value["mist"]
    draw_handwriting(canvas, start=(x, y), y=682, left=130, right=1150, written=out, calm=value["calm"])
    canvas.drawPaint(fill(MIST, alpha=0.9 * mist))
    x, y, radius = x + (value["focus_x"] - x) * mist, y + (MIST_Y - y) * mist, value["knot"] + 92 * mist
    draw_knot(canvas, x=x, y=y, radius=radius, turn=now_s * 0.22, left=1 - out)


def _hurt(value: dict[str, float]) -> Pose:
    folded = 1 - value["sun"]
    hands = ((-30 + 4 * folded, -30), (30 - 4 * folded, -30))
    return Pose(
        x=HURT_X,
        y=GROUND,
        scale=SCALE * (1 - 0.09 * value["shrink"]),
        facing=-1,
        droop=value["droop"],
        mood=value["mood"],
        hands=hands,
        light=0.7 * value["sun"],
        lean=-2 * value["embrace"],
    )


def _draw_sky(canvas: skia.Canvas, value: dict[str, float]) -> None:
    late = value["evening"]
    sky(
        canvas,
        [mix(0xFFFDF4E4, 0xFFFBE3C0, late), mix(0xFFFBE8CF, 0xFFF8C79A, late), mix(0xFFF6D3B0, 0xFFF2A87E, late)],
    )


def _draw_land(canvas: skia.Canvas, value: dict[str, float], now_s: float) -> None:
    up = value["sun"]
    if up:
        y = 680 - 276 * up
        glow(canvas, 650, y, radius=440, color=0xFFFFC466, alpha=0.85 * up)
        canvas.drawCircle(650, y, 176, fill(0xFFFFD584))
    for number, (x, y, size) in enumerate(((200, 262, 1.0), (1050, 246, 0.8))):
        drift = 26 * sway(now_s, period_s=60, phase=number / 2)
        for dx, dy, radius in ((-44, 8, 26), (0, -6, 38), (46, 6, 28)):
            canvas.drawCircle(x + drift + dx * size, y + dy * size, radius * size, fill(0xFFFFFFFF, alpha=0.5))
    hill(canvas, top=520, swing=26, phase=0.4, color=mix(0xFFEBC7A0, 0xFFE9AC7C, value["evening"]))
    for x, y, size in ((1090, 560, 1.0), (150, 552, 0.72)):
        swing = 3 * sway(now_s, period_s=6.5, phase=size)
        tree(canvas, x, y, size=size, swing=swing, leaves=SAGE, trunk=0xFF8A5A44)
    hill(canvas, top=572, swing=18, phase=2.4, color=mix(0xFFE2B085, 0xFFD98F66, value["evening"]))
    hill(canvas, top=628, swing=7, phase=4.2, color=mix(0xFFD79C72, 0xFFC97C59, value["evening"]))
