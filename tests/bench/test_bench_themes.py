"""The bench of themes runs a contender and tells what it took; how fast anything is, no test asks."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

from bench.themes import Taken, make_vectors, report, run


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    make_vectors(tmp_path / "vectors.npy", rows=600, dimensions=48)
    return tmp_path / "vectors.npy"


def test_vectors_have_unit_length_and_are_the_same_each_time(vectors: Path, tmp_path: Path) -> None:
    make_vectors(tmp_path / "again.npy", rows=600, dimensions=48)

    made = np.load(vectors)

    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(made, np.load(tmp_path / "again.npy"))


def test_ours_is_taken_size_by_size(vectors: Path) -> None:
    """Each size has its seconds, its memory and the variance that it rebuilds, and the page holds them."""
    ours = run("lendanear", vectors, sizes=(16, 32), passes=20, limit_s=300)
    absent = Taken("hypothesaes", 20, stopped="not installed: run bench/themes_setup.sh")

    page = report(Namespace(rows=600, dimensions=48, sizes=(16, 32)), [ours, absent], (0.0, 0.0))

    assert ours.stopped == ""
    assert [size["features"] for size in ours.sizes] == [16, 32]
    assert 0 < ours.sizes[0]["explained"] < ours.sizes[1]["explained"] < 1
    assert ours.peak_mib > 10
    assert "not installed" in page


def test_a_contender_that_fails_is_told_of(tmp_path: Path) -> None:
    """A file that is not there ends the contender, not the run."""
    taken = run("lendanear", tmp_path / "none.npy", sizes=(16,), passes=1, limit_s=300)

    assert taken.stopped == "failed with 1"
    assert taken.sizes == []
