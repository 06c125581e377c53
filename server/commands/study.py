"""`study check` and `study freeze`."""

from __future__ import annotations

import json
from pathlib import Path

from analysis.plan import LOCK, plan_in
from core.bundle import StudyBundle
from core.errors import Unusable
from core.located import LocatedYaml
from core.written import check_ordinary, read_written, write_whole
from personas.bank import load_bank
from server.study_folder import DEFINITION, content_hash, read_study


def check(folder: Path) -> StudyBundle:
    """The bundle of a folder without faults, its plan of analysis among them. Raises `Faults` or `Unusable`."""
    if not folder.is_dir():
        raise Unusable(f"there is no study folder {folder}; give the path of one, such as studies/lend_an_ear")
    bundle = read_study(folder, scenarios=frozenset(load_bank()))
    plan_in(LocatedYaml(bundle.definition, file=str(folder / DEFINITION)))
    return bundle


def freeze(folder: Path) -> str:
    """Write the lock file with the content hash of a faultless study; the hash. Raises as `check` does."""
    bundle = check(folder)
    check_ordinary(folder / LOCK)
    write_whole(folder / LOCK, json.dumps({"study": bundle.slug, "hash": bundle.hash}, indent=2) + "\n")
    return bundle.hash


def changed_since_freeze(folder: Path) -> bool:
    """Whether a frozen study has changed since; False when it was never frozen."""
    lock = folder / LOCK
    try:
        return lock.exists() and json.loads(read_written(lock))["hash"] != content_hash(folder)
    except (OSError, ValueError, KeyError, TypeError):
        raise Unusable(f"{lock}: not a lock file; freeze the study again") from None
