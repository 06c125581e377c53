"""Files read and written whole: what cannot be is one line, and nothing is left half."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Unusable
from core.written import first_ten, text_of, write_whole


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    """Spreadsheets write one before the first heading."""
    file = tmp_path / "rows.csv"
    file.write_bytes("id,naïve\n".encode("utf-8-sig"))

    assert text_of(file) == "id,naïve\n"


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """No file, a folder, and bytes that are no text."""
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")

    for file, reason in (
        (tmp_path / "none", "cannot be read (No such file or directory)"),
        (tmp_path, "cannot be read (it is no ordinary file)"),
        (tmp_path / "bytes", "not UTF-8 text"),
    ):
        with pytest.raises(Unusable) as refusal:
            text_of(file)
        assert refusal.value.message == f"{file}: {reason}"


@pytest.mark.parametrize("content", ["new", b"new"], ids=["text", "bytes"])
def test_a_file_is_replaced_as_a_whole(tmp_path: Path, content: str | bytes) -> None:
    """Nothing of the old one is left, and nothing beside."""
    file = tmp_path / "out"
    file.write_text("what was there before")

    write_whole(file, content)

    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    """A folder in its place, no folder to stand in, and a file where the folder should be."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("kept")

    for name in ("folder", "none/out", "file/out"):
        with pytest.raises(Unusable, match=r"cannot be written \(\w"):
            write_whole(tmp_path / name, "new")
    assert {path.name for path in tmp_path.iterdir()} == {"folder", "file"}
    assert (tmp_path / "file").read_text() == "kept"


def test_ten_faults_are_told_and_the_others_counted() -> None:
    """However many there are, a screen shows them."""
    faults = [f"f:{n}" for n in range(12)]

    assert first_ten(faults[:10], source="f").splitlines() == faults[:10]
    assert first_ten(faults[:11], source="f").splitlines() == [*faults[:10], "f: 1 more fault"]
    assert first_ten(faults, source="f").splitlines()[-1] == "f: 2 more faults"
