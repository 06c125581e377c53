"""What all tests share: no test reaches a real model, and what is missing on a machine is a skip with its reason."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"

os.environ["LENDANEAR_NO_REAL_MODELS"] = "1"
for name in [n for n in os.environ if n.startswith(("LENDANEAR_MODEL_", "LENDANEAR_DECODING_", "OPENAI_"))]:
    del os.environ[name]


NO_SKIPS = "LENDANEAR_NO_SKIPS"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything must run, a skipped test is a failure: a check that did not run has shown nothing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get(NO_SKIPS) and reporter is not None and (skipped := reporter.stats.get("skipped")):
        reporter.write_line(f"{NO_SKIPS}: {len(skipped)} tests were skipped", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with a reason, what this machine cannot run; `.ci/run` fails when anything was skipped there."""
    reasons = {
        "shared": None if SHARED.is_dir() else "the data beside the project is not here",
        "browser": None if shutil.which("chromium") else "there is no chromium here",
        "gateway": None if (ROOT / ".gateway").is_dir() else "no gateway is installed (make gateway)",
    }
    for item in items:
        for marker, reason in reasons.items():
            if reason is not None and item.get_closest_marker(marker) is not None:
                item.add_marker(pytest.mark.skip(reason=reason))
