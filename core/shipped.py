"""The YAML files that come with the program, read as values."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml


def shipped_text(package: str, name: str) -> str:
    """The text of the file `name` of `package`; raises `FileNotFoundError` where there is none."""
    return files(package).joinpath(name).read_text(encoding="utf-8")


def shipped_yaml(package: str, name: str) -> Any:
    """What the YAML file `name` of `package` says; raises as `shipped_text` does."""
    return yaml.safe_load(shipped_text(package, name))
