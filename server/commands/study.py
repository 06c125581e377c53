"""`study check` and `study freeze`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from analysis.plan import LOCK, plan_in
from core.bundle import StudyBundle
from core.errors import Unusable
from core.located import Fault, Faults, LocatedYaml
from core.written import check_ordinary, read_written, write_whole
from personas.bank import load_bank
from server.study_fit import remarks, unreadable
from server.study_folder import DEFINITION, read_study
from server.study_hash import content_hash


def check(folder: Path) -> StudyBundle:
    """The bundle of a folder without faults, its plan of analysis among them. Raises `Faults` or `Unusable`."""
    if not folder.is_dir():
        raise Unusable(f"there is no study folder {folder}; give the path of one, such as studies/lend_an_ear")
    bundle = read_study(folder, scenarios=frozenset(load_bank()))
    located = LocatedYaml(bundle.definition, file=str(folder / DEFINITION))
    if faults := [*unreadable(folder, bundle, plan_in(located).content, located)]:
        raise Faults(faults)
    return bundle


def remarks_on(folder: Path, bundle: StudyBundle) -> list[Fault]:
    """What is no fault of a checked study and yet hardly meant."""
    located = LocatedYaml(bundle.definition, file=str(folder / DEFINITION))
    return [*remarks(folder, bundle, plan_in(located).content, located)]


def freeze(folder: Path, *, again: bool = False) -> str:
    """Write the lock file with the content hash of a faultless study; the hash.

    A study that has changed since it was frozen is refused unless `again`: the lock then keeps the `earlier` hashes,
    the first one first, for somebody may have preregistered one of them. Raises as `check` does.
    """
    bundle = check(folder)
    lock = folder / LOCK
    check_ordinary(lock)
    if not again:
        check_unchanged(folder)
    earlier = _earlier(lock, bundle.hash)
    content = {"study": bundle.slug, "hash": bundle.hash, **({"earlier": earlier} if earlier else {})}
    write_whole(lock, json.dumps(content, indent=2) + "\n")
    return bundle.hash


def check_unchanged(folder: Path) -> None:
    """Raise `Faults` when a frozen study has changed since, `Unusable` for a lock that is none."""
    lock = folder / LOCK
    frozen = _lock(lock).get("hash")
    if frozen is not None and frozen != content_hash(folder):
        told = f"changed since it was frozen as {frozen[:12]}: undo the change, or `study freeze --again`"
        raise Faults([Fault(str(lock), 1, told)])


def _earlier(lock: Path, now: str) -> list[str]:
    """The hashes that an earlier lock has, without the one of now; none where the file is no lock."""
    try:
        before = _lock(lock)
    except Unusable:
        return []
    return [hash_ for hash_ in [*before.get("earlier", []), before.get("hash")] if hash_ not in (None, now)]


def _lock(lock: Path) -> dict[str, Any]:
    """What the lock file says; nothing where there is none. Raises `Unusable`."""
    try:
        said = json.loads(read_written(lock)) if lock.exists() else {"hash": None}
        if isinstance(said["hash"], str | None) and isinstance(said.get("earlier", []), list):
            return dict(said)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise Unusable(f"{lock}: not a lock file; `study freeze --again` writes it anew")
