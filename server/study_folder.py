"""Reading a study folder: everything it says in one frozen bundle, or every fault with its file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.bundle import Lesson, StudyBundle
from core.errors import Unusable
from core.located import Fault, Faults, LocatedYaml
from core.stimuli import Stimuli
from core.study import EndStep, JudgingStep, PageStep, Study, SurveyStep, Video, VideoStep
from core.survey import Survey
from core.written import Unfit, check_fit, read_written
from server.media import video_seconds
from server.practice import SLUG as PRACTICE
from server.stimuli import Amiss, Files, read_stimuli
from server.study_hash import content_hash
from server.study_meaning import PlacedStep, YamlPath, complaints, placed_steps
from server.study_texts import filled, filled_survey, numbers

DEFINITION = "study.yaml"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def read_study(folder: Path, *, scenarios: frozenset[str]) -> StudyBundle:
    """The bundle of a study folder; `scenarios` are those that have a persona.

    Raises `Faults` with every fault found, or `Unusable` when there is no study in `folder`.
    """
    definition = _definition(folder)
    located = LocatedYaml(definition, file=str(folder / DEFINITION))
    reading = _Reading(folder, located)
    try:
        study = located.read_as(Study)
    except Faults as error:
        reading.check_named_files()
        raise Faults([*error.faults, *reading.faults]) from None
    for path, message in complaints(study, scenarios=scenarios):
        reading.complain(path, message)
    reading.check_name()
    bundle = reading.bundle(study, definition)
    if reading.faults:
        raise Faults(reading.faults)
    return bundle


def study_folders(folder: Path) -> list[Path]:
    """`folder` itself when it holds a study, else the folders in it that do. Raises `Unusable` when none does."""
    if (folder / DEFINITION).exists():
        return [folder]
    found = sorted(path.parent for path in folder.glob(f"*/{DEFINITION}"))
    if not found:
        raise Unusable(f"{folder}: no study here; a study is a folder with a {DEFINITION}")
    return found


def _definition(folder: Path) -> str:
    """The text of study.yaml. Raises `Unusable`, and names the studies where `folder` holds some and is none."""
    source = folder / DEFINITION
    try:
        return read_written(source)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise Faults([Fault(str(source), line, "not UTF-8 text: save the file in UTF-8")]) from None
    except FileNotFoundError:
        below = ", ".join(map(str, study_folders(folder)))
        raise Unusable(f"{folder}: no study here; give one of the studies in it: {below}") from None
    except OSError as error:
        reason = str(error) if isinstance(error, Unfit) else error.strerror
        raise Unusable(f"{source}: cannot be read ({reason})") from None


def _file_steps(value: Any, path: YamlPath) -> Iterator[tuple[YamlPath, dict[str, Any]]]:
    """The steps that name a text file, with their places, wherever they stand in a definition as it was written."""
    if isinstance(value, dict):
        if value.get("kind") in ("page", "survey", "end") and isinstance(value.get("file"), str):
            yield path, value
        for key, inner in value.items():
            yield from _file_steps(inner, (*path, str(key)))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _file_steps(inner, (*path, index))


def _unread(name: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return f"the file {name} is missing"
    return f"the file {name} cannot be read: {error.strerror or error}"


class _Reading:
    """The files of one folder as they are read, and the faults met on the way, told where a file is named."""

    def __init__(self, folder: Path, located: LocatedYaml) -> None:
        self.folder = folder
        self.slug = folder.resolve().name
        self.located = located
        self.faults: list[Fault] = []

    def complain(self, path: YamlPath, message: str) -> None:
        """One fault more, about the value at `path` of the definition."""
        self.faults.append(self.located.fault(path, message))

    def check_name(self) -> None:
        """A folder's name is part of links, which people copy, mail and read aloud."""
        if not _NAME.fullmatch(self.slug):
            allowed = "letters, digits, `-`, `_` and `.`, beginning with a letter or digit"
            self.complain((), f"the folder's name {self.slug!r} is part of links: only {allowed}")
        if self.slug == PRACTICE:
            self.complain((), f"the address /s/{PRACTICE} is that of practising alone: give the folder another name")

    def check_named_files(self) -> None:
        """What can be said of pages and surveys although the definition itself is at fault."""
        surveys: set[str] = set()
        for path, step in _file_steps(self.located.value, ()):
            text = self._text(step["file"], (*path, "file"))
            if text is not None and step["kind"] == "survey" and step["file"] not in surveys:
                surveys.add(step["file"])
                self._survey(step["file"], text)

    def bundle(self, study: Study, definition: str) -> StudyBundle:
        """All that the folder holds; what could not be read is missing in it and among the faults."""
        placed, own = placed_steps(study), numbers(study)
        surveys = self._surveys(placed)
        return StudyBundle(
            slug=self.slug,
            hash=content_hash(self.folder),
            study=study,
            definition=definition,
            pages={name: filled(text, own) for name, text in self._pages(placed).items()},
            surveys={name: filled_survey(survey, own) for name, survey in surveys.items()},
            lessons=self._lessons(placed),
            stimuli=self._stimuli(placed),
        )

    def _pages(self, placed: Sequence[PlacedStep]) -> Mapping[str, str]:
        steps = [(place, place.step) for place in placed]
        return {
            step.file: self._text(step.file, (*place.path, "file")) or ""
            for place, step in steps
            if isinstance(step, PageStep | EndStep)
        }

    def _surveys(self, placed: Sequence[PlacedStep]) -> Mapping[str, Survey]:
        texts: dict[str, str] = {}
        for place in placed:
            if isinstance(place.step, SurveyStep):
                text = self._text(place.step.file, (*place.path, "file"))
                if text is not None:
                    texts[place.step.file] = text
        surveys = {name: self._survey(name, text) for name, text in texts.items()}
        return {name: survey for name, survey in surveys.items() if survey is not None}

    def _survey(self, name: str, text: str) -> Survey | None:
        try:
            return LocatedYaml(text, file=str(self.folder / name)).read_as(Survey)
        except Faults as error:
            self.faults += error.faults
            return None

    def _lessons(self, placed: Sequence[PlacedStep]) -> Mapping[str, Lesson]:
        lessons: dict[str, Lesson] = {}
        for place in placed:
            for index, video in enumerate(place.step.videos if isinstance(place.step, VideoStep) else ()):
                lesson = self._lesson(video, (*place.path, "videos", index))
                if lesson is not None:
                    lessons[video.id] = lesson
        return lessons

    def _stimuli(self, placed: Sequence[PlacedStep]) -> Mapping[str, Stimuli]:
        judging = [(place.path, place.step) for place in placed if isinstance(place.step, JudgingStep)]
        found = {step.id: self._judged(step, path) for path, step in judging}
        return {step: stimuli for step, stimuli in found.items() if stimuli is not None}

    def _judged(self, step: JudgingStep, path: YamlPath) -> Stimuli | None:
        """What a step shows to those who judge; None with a complaint where it cannot be made."""
        named = step.stimuli
        paths = {
            setting: self._there(name, (*path, "stimuli", setting))
            for setting in ("source", "scores", "elo", "compared")
            if (name := getattr(named, setting)) is not None
        }
        source = paths.pop("source")
        if source is None or None in paths.values():
            return None
        try:
            return read_stimuli(step, Files(source, **paths))
        except Amiss as wrong:
            self.complain((*path, *wrong.path), wrong.message)
        except Faults as error:
            self.faults += error.faults
        return None

    def _lesson(self, video: Video, path: YamlPath) -> Lesson | None:
        transcript = self._text(video.transcript, (*path, "transcript")) if video.transcript else ""
        if video.captions:
            self._text(video.captions, (*path, "captions"))
        seconds = video.seconds if video.file is None else self._seconds(video.file, (*path, "file"))
        if seconds is None:
            return None
        return Lesson(
            id=video.id,
            title=video.title,
            url=video.url or self._address(video.file),
            seconds=seconds,
            captions_url=self._address(video.captions) if video.captions else None,
            transcript=transcript or "",
        )

    def _address(self, name: str | None) -> str:
        return f"/studies/{self.slug}/{name}"

    def _seconds(self, name: str, where: YamlPath) -> float | None:
        """The length of a video; None with a complaint where it cannot be told."""
        path = self._inside(name, where)
        if path is None:
            return None
        try:
            return video_seconds(path)
        except Unusable as error:
            self.complain(where, f"the video {name}: {error}")
            return None

    def _text(self, name: str, where: YamlPath) -> str | None:
        """What a file says; None with a complaint where it cannot be read."""
        path = self._inside(name, where)
        if path is None:
            return None
        try:
            return read_written(path)
        except OSError as error:
            self.complain(where, _unread(name, error))
        except UnicodeDecodeError:
            self.complain(where, f"the file {name} is not UTF-8 text")
        return None

    def _there(self, name: str, where: YamlPath) -> Path | None:
        """A file or folder; None with a complaint where there is none."""
        path = self._inside(name, where)
        try:
            if path is not None and not path.is_dir():
                check_fit(path)
        except OSError as error:
            self.complain(where, _unread(name, error))
            return None
        return path

    def _inside(self, name: str, where: YamlPath) -> Path | None:
        try:
            path = (self.folder / name).resolve()
        except (ValueError, OSError, RuntimeError):  # a character that no name can hold, or a link that leads to itself
            self.complain(where, f"{name!r} cannot be the name of a file")
            return None
        if path.is_relative_to(self.folder.resolve()):
            return path
        self.complain(where, f"the file {name} lies outside the study's folder")
        return None
