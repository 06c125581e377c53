"""`study check` and `study freeze`."""

from __future__ import annotations

from pathlib import Path

from analysis.lock import LOCK, Lock, read_lock, write_lock
from analysis.plan import plan_in
from core.bundle import StudyBundle
from core.errors import Unusable
from core.located import Fault, Faults, LocatedYaml
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

    A study that has changed since it was frozen is refused unless `again`: the lock then keeps the earlier hashes, for
    somebody may have preregistered one of them. Raises as `check` and `check_unchanged` do.
    """
    bundle = check(folder)
    if not again:
        check_unchanged(folder)
    before = read_lock(folder) or Lock(study=bundle.slug, hash=bundle.hash)
    write_lock(folder, before.frozen_again(bundle.hash))
    return bundle.hash


def check_unchanged(folder: Path) -> None:
    """Raise `Faults` when a frozen study has changed since, `Unusable` for a lock that is none."""
    lock = read_lock(folder)
    if lock is not None and lock.hash != content_hash(folder):
        told = f"changed since it was frozen as {lock.hash[:12]}: undo the change, or `study freeze --again`"
        raise Faults([Fault(str(folder / LOCK), 1, told)])
