"""Finding rubrics: the files that ship with the program, and those that experimenters write."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from core.errors import Unusable
from core.located import LocatedYaml
from core.written import read_written
from judges.criteria import Rubric
from judges.rubric_file import read_rubric

SUFFIX = ".yaml"


def load_rubric(name_or_path: str) -> Rubric:
    """The shipped rubric of this name, or the one in this file.

    Raises `Unusable` when there is no such rubric, `Faults` with a line for each fault in it.
    """
    source, label = _find(name_or_path)
    try:
        text = read_written(source) if isinstance(source, Path) else source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{label}: cannot be read ({error})") from None
    return read_rubric(LocatedYaml(text, file=label))


def shipped() -> tuple[str, ...]:
    """The names of the rubrics that come with the program, sorted."""
    names = (entry.name for entry in files("judges").joinpath("rubrics").iterdir())
    return tuple(sorted(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)))


def _find(name_or_path: str) -> tuple[Traversable, str]:
    if name_or_path in shipped():
        return files("judges").joinpath("rubrics", name_or_path + SUFFIX), f"judges/rubrics/{name_or_path}{SUFFIX}"
    path = Path(name_or_path)
    if path.is_file():
        return path, str(path)
    raise Unusable(f"no rubric {name_or_path!r}: give the path of a rubric file, or one of {', '.join(shipped())}")
