"""The shipped schema of `results.json`, and a check against it."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator

from core.shipped import shipped_text

SCHEMA: dict[str, Any] = json.loads(shipped_text("analysis", "results.schema.json"))
Draft202012Validator.check_schema(SCHEMA)


def assert_keeps_to_the_schema(results: Any) -> None:
    """Fail with the place and the reason of the first number that is not as the contract has it."""
    fault = next(Draft202012Validator(SCHEMA).iter_errors(results), None)
    assert fault is None, f"{fault.json_path}: {fault.message[:300]}"
