"""The log is one JSON object a line, whoever writes it and whatever they write."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile

WRITERS = r"""
import logging, warnings
import structlog
from server.logs import configure_logs

configure_logs()
logging.getLogger("uvicorn.error").error('a "quoted" line\nand %s', "another")
try:
    {}["missing"]
except KeyError:
    logging.getLogger("library").exception("it broke")
    structlog.get_logger().exception("we broke")
structlog.get_logger().info("a word", name="ü\n\"")
warnings.warn("old way")
logging.getLogger("library").info("nobody needs this")
"""


def test_every_line_is_json() -> None:
    """Quotes, line breaks and tracebacks of libraries included."""
    written = subprocess.run([sys.executable, "-c", WRITERS], capture_output=True, text=True, check=True)  # noqa: S603
    lines = [json.loads(line) for line in written.stderr.splitlines()]

    assert [line["event"] for line in lines[:4]] == [
        'a "quoted" line\nand another',
        "it broke",
        "we broke",
        "a word",
    ]
    assert [line["level"] for line in lines] == ["error", "error", "error", "info", "warning"]
    assert all("KeyError: 'missing'" in line["exception"] for line in lines[1:3])
    assert "old way" in lines[4]["event"]
    assert all(line["timestamp"].endswith("Z") for line in lines)
    assert not written.stdout


def test_a_log_that_cannot_be_written_ends_nothing() -> None:
    """Whoever has something to tell goes on when the disk under the log is full, and the log goes on when it is not."""
    program = """
import resource
import structlog
from server.logs import configure_logs

configure_logs()
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
structlog.get_logger().warning("nobody can read this")
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
structlog.get_logger().warning("this is read")
"""
    with tempfile.TemporaryFile("w+") as log:
        subprocess.run([sys.executable, "-c", program], stderr=log, check=True)  # noqa: S603
        log.seek(0)
        assert "this is read" in log.read()
