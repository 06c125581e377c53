"""A folder that is exported appears whole or not at all, and takes nothing with it when it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Unusable
from server.export.folder import WholeFolder

NAMES = ("a.csv", "b.csv")


def fill(out: Path, **files: str) -> None:
    with WholeFolder(out, names=NAMES) as folder:
        for name, text in files.items():
            (folder / f"{name}.csv").write_text(text)


def held(out: Path) -> dict[str, str]:
    """What stands at `out`, nothing having been left beside it."""
    assert [path.name for path in out.parent.iterdir()] == [out.name]
    return {path.stem: path.read_text() for path in out.iterdir()}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where to, one folder down that is not there yet."""
    return tmp_path / "below" / "dataset"


def test_folder_appears_when_it_is_filled(out: Path) -> None:
    """Not before; and readable for others."""
    with WholeFolder(out, names=NAMES) as folder:
        (folder / "a.csv").write_text("one")
        assert not out.exists()

    assert held(out) == {"a": "one"}
    assert out.stat().st_mode & 0o777 == 0o755


def test_earlier_folder_is_replaced_whole(out: Path) -> None:
    """Nothing of the earlier one is left among the new."""
    fill(out, a="one", b="two")
    fill(out, a="three")

    assert held(out) == {"a": "three"}


def test_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    """The folder that it leads to is replaced."""
    place, link = tmp_path / "place" / "dataset", tmp_path / "link"
    fill(place, a="one")
    link.symlink_to(place)
    fill(link, a="two")

    assert link.is_symlink()
    assert held(place) == {"a": "two"}


def test_fault_while_filling_changes_nothing(out: Path) -> None:
    """A bug passes through; a full disk is told."""
    fill(out, a="one")
    with pytest.raises(ZeroDivisionError), WholeFolder(out, names=NAMES) as folder:
        (folder / "a.csv").write_text("half")
        raise ZeroDivisionError
    with pytest.raises(Unusable, match="dataset cannot be written: No space left"), WholeFolder(out, names=NAMES):
        raise OSError(28, "No space left on device")

    assert held(out) == {"a": "one"}


@pytest.mark.parametrize("failing", [1, 2])
def test_fault_while_putting_in_place_changes_nothing(out: Path, failing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the old folder cannot be moved away or the new one not moved in: the old one stands where it stood."""
    fill(out, a="one")
    rename, calls = Path.rename, []

    def refusing(path: Path, target: Path) -> Path:
        calls.append(path)
        if len(calls) == failing:
            raise OSError(16, "Device or resource busy")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refusing)
    with pytest.raises(Unusable, match="dataset cannot be written: Device or resource busy"):
        fill(out, a="two")

    monkeypatch.undo()
    assert held(out) == {"a": "one"}


@pytest.mark.parametrize("strange", ["notes.txt", "c.csv"])
def test_folder_with_other_things_is_left_alone(out: Path, strange: str) -> None:
    """What we did not write is not ours to delete."""
    fill(out, a="one")
    (out / strange).write_text("mine")
    with pytest.raises(Unusable, match="holds other things"):
        fill(out, a="two")

    assert (out / strange).read_text() == "mine"


def test_file_is_no_folder(tmp_path: Path) -> None:
    """Neither in the place of the folder nor above it."""
    (tmp_path / "file").write_text("mine")
    with pytest.raises(Unusable, match="is a file"):
        fill(tmp_path / "file", a="one")
    with pytest.raises(Unusable, match="cannot be written"):
        fill(tmp_path / "file" / "dataset", a="one")

    assert (tmp_path / "file").read_text() == "mine"
