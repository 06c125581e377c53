"""The gateway that all of these tests ask, started once, with a model behind it that knows how to judge."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gateway.listener import Listener
from tests.gateway.started import Gateway, started


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    """The scripted model behind the gateway."""
    with Listener() as model:
        yield model


@pytest.fixture(scope="session")
def gateway(listener: Listener, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway of our own on a free port for the time of these tests."""
    with started(tmp_path_factory.mktemp("gateway") / "log", behind=listener.base_url) as running:
        yield running
