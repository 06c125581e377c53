"""`study check` and `study freeze`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from analysis.lock import LOCK, Lock, read_lock, write_lock
from analysis.plan import Plan, plan_in
from core.bundle import StudyBundle
from core.errors import Unusable
from core.located import Fault, Faults, LocatedYaml
from personas.bank import load_bank
from server.study_fit import remarks, unreadable
from server.study_folder import DEFINITION, read_study
from server.study_hash import content_hash


@dataclass(frozen=True, slots=True)
class CheckedStudy:
    """A study folder without faults."""

    folder: Path
    bundle: StudyBundle
    definition: LocatedYaml
    plan: Plan
    """How `analyze` will treat its data."""

    @property
    def remarks(self) -> list[Fault]:
        """What is no fault and yet hardly meant."""
        return [*remarks(self.folder, self.bundle, self.plan.content, self.definition)]


def check(folder: Path) -> CheckedStudy:
    """The study in a folder, its plan of analysis, too. Raises `Faults` or `Unusable`."""
    if not folder.is_dir():
        raise Unusable(f"there is no study folder {folder}; give the path of one, such as studies/lend_an_ear")
    bundle = read_study(folder, scenarios=frozenset(load_bank()))
    definition = LocatedYaml(bundle.definition, file=str(folder / DEFINITION))
    plan = plan_in(definition)
    if faults := [*unreadable(folder, bundle, plan.content, definition)]:
        raise Faults(faults)
    return CheckedStudy(folder, bundle, definition, plan)


def freeze(folder: Path, *, again: bool = False) -> str:
    """Write the lock file with the content hash of a faultless study; the hash.

    A study that has changed since it was frozen is refused unless `again`: the lock then keeps the earlier hashes, for
    somebody may have preregistered one of them. Raises as `check` and `check_unchanged` do.
    """
    bundle = check(folder).bundle
    if not again:
        check_unchanged(folder)
    before = _own_lock(folder) or Lock(study=bundle.slug, hash=bundle.hash)
    write_lock(folder, before.frozen_again(bundle.hash))
    return bundle.hash


def check_unchanged(folder: Path) -> None:
    """Raise `Faults` when a frozen study has changed since, `Unusable` for a lock that is none."""
    lock = _own_lock(folder)
    if lock is not None and lock.hash != content_hash(folder):
        told = f"changed since it was frozen as {lock.hash[:12]}: undo the change, or `study freeze --again`"
        raise Faults([Fault(str(folder / LOCK), 1, told)])


def _own_lock(folder: Path) -> Lock | None:
    """The lock of this study; None where it was never frozen, though the folder that it was copied from was."""
    lock = read_lock(folder)
    return lock if lock is not None and lock.study == folder.resolve().name else None
