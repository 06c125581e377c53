"""Make the two lesson videos, with captions and transcripts, from storyboard.yaml.

    python -m venv lessons-venv
    lessons-venv/bin/pip install skia-python av pyyaml
    lessons-venv/bin/python make_lessons.py                      # writes .mp4, .vtt and .md beside this file
    lessons-venv/bin/python make_lessons.py --stills OUT 3 8.5   # pictures of these seconds instead, to look at

Needed only when the lessons change: the study is run with the files that this writes. It looks as intended where the
typeface Inter is installed (Debian: fonts-inter). A video takes about a minute.
"""

from __future__ import annotations

import argparse
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
import skia
from as_it_feels_now import AsItFeelsNow
from drawing import HEIGHT, WIDTH
from six_things_to_say import SixThingsToSay
from storyboard import Lesson, captions, read_storyboard, transcript

HERE = Path(__file__).parent
FRAMES_PER_SECOND = 25
DRAWINGS: dict[str, type[AsItFeelsNow] | type[SixThingsToSay]] = {
    "as_it_feels_now": AsItFeelsNow,
    "six_things_to_say": SixThingsToSay,
}
ENCODING = {"crf": "28", "preset": "veryslow", "tune": "animation", "profile": "high", "level": "3.1"}


class Drawing(Protocol):
    def draw(self, canvas: skia.Canvas, now_s: float) -> None: ...


def picture(drawing: Drawing, now_s: float) -> skia.Image:
    surface = skia.Surface(WIDTH, HEIGHT)
    drawing.draw(surface.getCanvas(), now_s)
    return surface.makeImageSnapshot()


def write_video(path: Path, lesson: Lesson, drawing: Drawing) -> None:
    """H.264 in MP4, with the index first so that it starts at once in every browser."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as film:
        stream = film.add_stream("libx264", rate=FRAMES_PER_SECOND, options=ENCODING)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = Fraction(1, FRAMES_PER_SECOND)
        stream.codec_context.colorspace = stream.codec_context.color_primaries = stream.codec_context.color_trc = 1
        for number in range(round(lesson.seconds * FRAMES_PER_SECOND)):
            pixels = picture(drawing, number / FRAMES_PER_SECOND).toarray(colorType=skia.kRGBA_8888_ColorType)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgba")
            frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709")
            frame.pts = number
            film.mux(stream.encode(frame))
        film.mux(stream.encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=DRAWINGS, help="one of the two lessons")
    parser.add_argument("--stills", nargs="+", metavar=("OUT", "SECOND"), help="write pictures instead")
    options = parser.parse_args()
    for lesson in read_storyboard(HERE / "storyboard.yaml"):
        drawing = DRAWINGS[lesson.name](lesson)
        if options.only not in (None, lesson.name):
            continue
        if options.stills:
            folder, *seconds = options.stills
            for second in seconds:
                still = Path(folder) / f"{lesson.name}-{float(second):05.1f}.png"
                picture(drawing, float(second)).save(str(still))
            continue
        write_video(HERE / f"{lesson.name}.mp4", lesson, drawing)
        (HERE / f"{lesson.name}.vtt").write_text(captions(lesson), encoding="utf-8")
        (HERE / f"{lesson.name}.md").write_text(transcript(lesson), encoding="utf-8")


if __name__ == "__main__":
    main()
