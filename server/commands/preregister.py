"""`study preregister`: the preregistration's text beside the frozen file that `analyze --plan` fits."""

from __future__ import annotations

from pathlib import Path

from analysis.lock import Lock, write_lock
from analysis.plan import read_plan
from analysis.preregistration.text import left_open, preregistration
from core.errors import Unusable
from core.written import write_whole
from server.commands.study import check, check_unchanged
from server.study_folder import DEFINITION

TEXT = "preregistration.md"


def preregister(folder: Path, out: Path) -> Path:
    """Write the text, the study.yaml it was made from and the lock with the folder's hash into `out`; the text's path.

    Raises `Faults` or `Unusable` for a study or plan with faults, one that has changed since it was frozen, one that
    the preregistered analyses do not fit, or a place that cannot be written.
    """
    checked = check(folder)
    check_unchanged(folder)
    bundle, definition = checked.bundle, checked.bundle.definition
    text = preregistration(bundle.study, checked.plan, slug=bundle.slug, study_hash=bundle.hash, definition=definition)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in ((DEFINITION, definition), (TEXT, text)):
            write_whole(out / name, content)
        write_lock(out, Lock(study=bundle.slug, hash=bundle.hash))
    except OSError as error:
        raise Unusable(f"{out}: cannot be written ({error.strerror})") from None
    return out / TEXT


def on_left_open(text: Path) -> str | None:
    """A line on what the preregistration in `text` leaves open, and how to state it; None when everything is said."""
    places = left_open(read_plan(text.with_name(DEFINITION)).content)
    if not places:
        return None
    return f"Left open in the text: {', '.join(places)}; write it under `analysis` in study.yaml and run this again."
