"""Pages: templates filled with shown values, and the addresses of the files that go with them.

A context is plain values. Every page gets `page`; what else a template reads is told in the comment at its top.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import jinja2

from web import filters

HERE = Path(__file__).parent
STATIC: Path = HERE / "static"
TEMPLATES: Path = HERE / "templates"
YEAR_S = 31_536_000


@cache
def environment() -> jinja2.Environment:
    """The environment of all templates: everything is escaped, and a value that is missing is an error."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(filters.FILTERS)
    made.globals["static"] = static
    return made


def render(template: str, **context: Any) -> str:
    """The HTML of `template`. A participant's current step and its post address follow from `page` unless given.

    Raises `jinja2.UndefinedError` for a value that the template needs and the context lacks.
    """
    return environment().get_template(template).render(**_with_step(context))


def _with_step(context: Mapping[str, Any]) -> dict[str, Any]:
    """The context with `step` from `page.me` and `action`, where the step's form is posted."""
    filled = dict(context)
    page = filled.get("page") or {}
    if "step" not in filled and page.get("me"):
        filled["step"] = page["me"]["step"]
    if "step" in filled and "action" not in filled:
        filled["action"] = f"{page['home']}/steps/{filled['step']['id']}"
    return filled


def static(path: str) -> str:
    """The address of a file below `STATIC`, with a query that changes when its content does.

    Raises `FileNotFoundError` when there is no such file.
    """
    return f"/static/{path}?v={_version(path)}"


def cache_control(path: str, *, version: str | None) -> str:
    """How long a browser may keep `path` when asked for with the query `version`.

    Modules import one another without a version, and are asked for again each time; so nobody runs old with new.
    """
    known = (STATIC / path).is_file() and version == _version(path)
    return f"public, max-age={YEAR_S}, immutable" if known else "no-cache"


def _version(path: str) -> str:
    file = STATIC / path
    return _hash_of(file, file.stat().st_mtime_ns)


@cache
def _hash_of(file: Path, _changed_ns: int) -> str:
    return sha256(file.read_bytes()).hexdigest()[:12]
