"""The YAML files that come with the program."""

from __future__ import annotations

import pytest

from core.shipped import shipped_text, shipped_yaml


def test_a_shipped_file_is_read_from_its_package() -> None:
    """As text and as what it says, wherever the program is started."""
    assert shipped_yaml("core", "dimensions.yaml")["version"] in shipped_text("core", "dimensions.yaml")


def test_a_file_that_does_not_ship_is_a_mistake_of_ours() -> None:
    """It is not hidden behind a default."""
    with pytest.raises(FileNotFoundError):
        shipped_yaml("core", "nothing.yaml")
