"""A gateway of our own, started on a free port: litellm, which `tests/gateway/setup.sh` installs."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
GATEWAY = ROOT / ".gateway" / "bin" / "litellm"
START_S = 90
"""It is up in about ten seconds; a loaded machine takes longer."""


@dataclass(frozen=True)
class Gateway:
    base_url: str
    key: str


@contextmanager
def started(log: Path, *, behind: str) -> Iterator[Gateway]:
    """The gateway for as long as the block runs; `behind` is the address of the model that `listener` stands for."""
    key = f"sk-{secrets.token_hex(24)}"  # it refuses to start with a weak one
    port = _free_port()
    environ = {
        **os.environ,
        "LITELLM_MASTER_KEY": key,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # it tries to download a price list first without
        "LISTENER_URL": behind,
    }
    command = [str(GATEWAY), "--config", str(Path(__file__).with_name("models.yaml"))]
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own environment's program
            [*command, "--host", "127.0.0.1", "--port", str(port)], env=environ, stdout=out, stderr=out
        )
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/health/liveliness", process=process, log=log)
        yield Gateway(base_url=f"http://127.0.0.1:{port}/v1", key=key)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_until_up(url: str, *, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urlopen(url, timeout=2):  # noqa: S310 - a loopback address of our own
                return
        except (URLError, OSError):
            time.sleep(0.5)
    pytest.fail(f"the gateway did not start:\n{log.read_text(errors='replace')[-2000:]}")
