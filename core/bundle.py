"""A study with everything its files say, in one value that is frozen, hashed and kept with the data."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from core.stimuli import Stimuli
from core.study import Study
from core.survey import Survey


class Lesson(BaseModel):
    """A lesson video as it is shown: where it is and how long it runs."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    url: str
    seconds: float
    captions_url: str | None = None
    transcript: str = ""


class StudyBundle(BaseModel):
    """What a study folder held when it was read: nothing else of the folder is needed to run or analyse the study."""

    model_config = ConfigDict(frozen=True)

    slug: str
    hash: str
    """SHA-256 over the names and contents of all files of the folder."""
    study: Study
    definition: str
    """`study.yaml` as it stood."""
    pages: Mapping[str, str]
    """Markdown by file name."""
    surveys: Mapping[str, Survey]
    lessons: Mapping[str, Lesson]
    """By the id of the video."""
    stimuli: Mapping[str, Stimuli] = {}
    """By the id of the step that shows them."""
