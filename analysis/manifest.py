"""The manifest of a dataset folder, and whether its files are still those that were exported."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis.reading import read_text
from core.errors import Unusable

_SHA256_DIGITS = 64


def sha256(content: bytes) -> str:
    """The SHA-256 of `content` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """The manifest of a dataset folder; empty where there is none. Raises `Unusable` for what is no JSON object."""
    text = read_text(folder / "manifest.json")
    if text is None:
        return {}
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unusable(f"manifest.json: not readable as JSON ({error})") from None
    if not isinstance(manifest, dict):
        raise Unusable("manifest.json: must be a JSON object")
    return manifest


def check_sums(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Raises `Unusable` for a file that has changed since the manifest was written."""
    for name, expected in sorted(set(_sums(manifest))):
        path = _named(folder, name)
        if path is not None and sha256(path.read_bytes()) != expected.lower():
            raise Unusable(f"{path.name}: changed after the export: its SHA-256 is not the one in manifest.json")


def _named(folder: Path, name: str) -> Path | None:
    candidates = (folder / f"{Path(name).name}{suffix}" for suffix in ("", ".csv", ".parquet"))
    return next((path for path in candidates if path.is_file()), None)


def _sums(node: object) -> Iterator[tuple[str, str]]:
    """Every (file or table name, SHA-256) of a manifest, whether it maps names to sums or lists entries with both."""
    if isinstance(node, list):
        for item in node:
            yield from _sums(item)
    if not isinstance(node, dict):
        return
    named = next((node[key] for key in ("file", "name", "path") if isinstance(node.get(key), str)), None)
    if named is not None and _is_sum(node.get("sha256")):
        yield named, str(node["sha256"])
    for key, value in node.items():
        if _is_sum(value):
            yield key, value
        elif isinstance(value, dict) and _is_sum(value.get("sha256")):
            yield key, str(value["sha256"])
        else:
            yield from _sums(value)


def _is_sum(value: object) -> bool:
    return (
        isinstance(value, str)
        and len(value) == _SHA256_DIGITS
        and all(digit in "0123456789abcdef" for digit in value.lower())
    )
