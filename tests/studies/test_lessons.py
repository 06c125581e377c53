"""The lesson videos teach what the paper's films taught, run as long, can be read, and play in a browser."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from server.media import video_seconds

LESSONS = Path(__file__).parents[2] / "studies" / "lend_an_ear" / "lessons"
SECONDS = {"as_it_feels_now": 57.0, "six_things_to_say": 35.0}
"""LE-68."""
TOLERANCE_S = 0.1
MAX_BYTES = 1_500_000
MOST_WORDS_PER_SECOND = 2.6
"""Unhurried reading of lines on a screen; about 155 words a minute."""
POINTS = {
    "as_it_feels_now": {
        "the usual aim is cheering up": ["cheer them up"],
        "that is the wrong aim": ["wrong aim"],
        "be with people as they feel now": ["be with them", "right now"],
        "give room to elaborate": ["room to say more"],
        "feelings are felt in the body": ["live in the body"],
        "and poorly understood": ["understand them poorly"],
        "talking brings understanding": ["talking", "words bring understanding"],
        "feeling better follows on its own": ["all by itself", "feeling better follows"],
    },
    "six_things_to_say": {
        "sequel to what not to say": ["what not to say", "six things to say"],
        "wish to help": ["wish to help", "be of help"],
        "positive regard": ["regard", "the world of you"],
        "concern, care, interest": ["care", "interest"],
        "availability": ["availability", "i have time"],
        "alliance": ["alliance", "not alone"],
        "comprehension, condolence, sorrow": ["understanding", "sorrow", "i see how it hurts", "so sorry"],
    },
}
"""Section 7.2 of the ledger, by words that stand for each point (LE-69)."""
EACH_POINT = [(lesson, point) for lesson, points in POINTS.items() for point in points]
CUE = re.compile(r"00:(\d\d):(\d\d\.\d{3}) --> 00:(\d\d):(\d\d\.\d{3})\n(.+?)\n(?:\n|\Z)", re.DOTALL)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def text_of(lesson: str, suffix: str) -> str:
    return (LESSONS / f"{lesson}{suffix}").read_text(encoding="utf-8")


def cues(lesson: str) -> list[tuple[float, float, str]]:
    """Start, end and words of every caption."""
    found = CUE.findall(text_of(lesson, ".vtt"))
    return [
        (int(a) * 60 + float(b), int(c) * 60 + float(d), re.sub("<[^>]*>", "", words)) for a, b, c, d, words in found
    ]


def storyboard() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lessons_storyboard", LESSONS / "storyboard.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("lesson", SECONDS)
def test_lesson_runs_as_long_as_the_film_of_the_experiment(lesson: str) -> None:
    """57 and 35 seconds, by the file's own word."""
    assert video_seconds(LESSONS / f"{lesson}.mp4") == pytest.approx(SECONDS[lesson], abs=TOLERANCE_S)


@pytest.mark.parametrize("lesson", SECONDS)
def test_lesson_starts_at_once_on_a_slow_line(lesson: str) -> None:
    """The file is small, and its index comes before its pictures."""
    content = (LESSONS / f"{lesson}.mp4").read_bytes()

    assert len(content) < MAX_BYTES
    assert content.index(b"moov") < content.index(b"mdat")


@pytest.mark.parametrize(("lesson", "point"), EACH_POINT)
def test_every_teaching_point_is_made(lesson: str, point: str) -> None:
    """Captions and transcript both make it."""
    for suffix in (".vtt", ".md"):
        text = text_of(lesson, suffix).lower()
        assert [words for words in POINTS[lesson][point] if words not in text] == []


def test_second_lesson_never_warns_about_advice() -> None:
    """As in the experiment, where the films left advice as frequent as it was (section 7.2)."""
    assert "advice" not in text_of("six_things_to_say", ".md").lower()
    assert "advis" not in text_of("six_things_to_say", ".md").lower()


@pytest.mark.parametrize("lesson", SECONDS)
def test_captions_fill_the_lesson_without_gap_or_overlap(lesson: str) -> None:
    """Each begins where the one before ends, the first at 0, the last ends with the video."""
    times = [(start, end) for start, end, _ in cues(lesson)]

    assert times[0][0] == 0
    assert [end for _, end in times[:-1]] == [start for start, _ in times[1:]]
    assert times[-1][1] == SECONDS[lesson]


@pytest.mark.parametrize("lesson", SECONDS)
def test_every_line_stays_long_enough_to_be_read(lesson: str) -> None:
    """There is no voice: people read, and look at the picture besides."""
    hurried = [
        words for start, end, words in cues(lesson) if len(words.split()) > MOST_WORDS_PER_SECOND * (end - start)
    ]

    assert hurried == []


def test_captions_and_transcripts_are_those_of_the_storyboard() -> None:
    """Who edits the storyboard makes the lessons anew: what is shipped beside it says the same."""
    made_from = storyboard()
    for lesson in made_from.read_storyboard(LESSONS / "storyboard.yaml"):
        assert text_of(lesson.name, ".vtt") == made_from.captions(lesson)
        assert text_of(lesson.name, ".md") == made_from.transcript(lesson)


PLAYER = """<video muted><track src="/lesson.vtt" kind="captions" srclang="en" default></video>"""
WATCH = """async () => {
  const video = document.querySelector('video');
  const track = video.textTracks[0];
  video.src = URL.createObjectURL(await (await fetch('/lesson.mp4')).blob());  // so that it can be wound forward
  await video.play();
  for (let waited = 0; (video.currentTime < 0.6 || !track.cues?.length) && waited < 200; waited++)
    await new Promise(done => setTimeout(done, 50));
  video.currentTime = video.duration - 0.3;
  await new Promise(done => video.addEventListener('ended', done, {once: true}));
  return {seconds: video.duration, wide: video.videoWidth, high: video.videoHeight, cues: track.cues.length,
          ended: video.ended};
}"""


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("lesson", SECONDS)
def test_lesson_plays_in_chromium(lesson: str) -> None:
    """It starts, shows its captions, and comes to its end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/", lambda route: route.fulfill(body=PLAYER, content_type="text/html"))
        page.route("**/lesson.mp4", lambda route: route.fulfill(path=LESSONS / f"{lesson}.mp4"))
        page.route("**/lesson.vtt", lambda route: route.fulfill(path=LESSONS / f"{lesson}.vtt"))
        page.goto("http://lessons.test/")
        seen = page.evaluate(WATCH)
        browser.close()

    assert seen["seconds"] == pytest.approx(SECONDS[lesson], abs=TOLERANCE_S)
    assert (seen["wide"], seen["high"], seen["ended"]) == (1280, 720, True)
    assert seen["cues"] == len(cues(lesson))
