"""The persona bank: reads personas from YAML files and names every fault by file and line."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType

from core.errors import Unusable
from core.located import LocatedYaml
from core.written import read_written
from personas.persona import Persona


def load_persona(path: Path) -> Persona:
    """The persona in one file; raises `Unusable`, or `Faults` with a line for every fault in it."""
    try:
        return LocatedYaml(read_written(path), file=str(path)).read_as(Persona)
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{path}:1: cannot be read ({error})") from None


def load_bank(folder: Path | None = None) -> Mapping[str, Persona]:
    """The personas of a folder by scenario, in the order of their file names; without a folder, the shipped ones.

    Raises `Unusable` for a file at fault, for two personas of one scenario or one id, and for an empty folder.
    """
    return _shipped() if folder is None else _read_folder(folder)


@cache
def _shipped() -> Mapping[str, Persona]:
    with as_file(files("personas").joinpath("bank")) as folder:
        return _read_folder(folder)


def _read_folder(folder: Path) -> Mapping[str, Persona]:
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise Unusable(f"{folder}: no persona files (*.yaml) here")
    bank: dict[str, Persona] = {}
    for path in paths:
        persona = load_persona(path)
        if persona.scenario in bank:
            raise Unusable(f"{path}:1: the scenario {persona.scenario!r} already has a persona")
        if any(persona.id == other.id for other in bank.values()):
            raise Unusable(f"{path}:1: the id {persona.id!r} is taken by another persona")
        bank[persona.scenario] = persona
    return MappingProxyType(bank)
