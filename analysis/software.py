"""The versions of everything that had a part in the numbers."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("lendanear", "numpy", "scipy", "pandas", "statsmodels", "matplotlib", "duckdb")


def software() -> dict[str, str]:
    """Name -> version; a package that is not installed as one is `unknown`."""
    return {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
