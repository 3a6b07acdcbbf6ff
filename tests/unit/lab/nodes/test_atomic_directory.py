from __future__ import annotations

from pathlib import Path

from lab.nodes.atomic_directory import write_at_once


def content(directory: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in directory.iterdir() if not path.name.startswith("..")}


def test_files_appear_change_and_go(tmp_path: Path) -> None:
    write_at_once(tmp_path, {"kept": b"1", "gone": b"1"})
    write_at_once(tmp_path, {"kept": b"2", "new": b"2"})
    assert content(tmp_path) == {"kept": "2", "new": "2"}


def test_all_files_change_at_one_moment(tmp_path: Path) -> None:
    """Whoever opens both through `..data` once it has been resolved sees one version of them."""
    write_at_once(tmp_path, {"tls.crt": b"1", "tls.key": b"1"})
    links = {path.readlink() for path in (tmp_path / "tls.crt", tmp_path / "tls.key")}
    assert links == {Path("..data/tls.crt"), Path("..data/tls.key")}
    before = (tmp_path / "..data").resolve()
    write_at_once(tmp_path, {"tls.crt": b"2", "tls.key": b"2"})
    assert (tmp_path / "..data").resolve() != before
    assert not before.exists()


def test_nothing_is_written_when_nothing_changed(tmp_path: Path) -> None:
    assert write_at_once(tmp_path, {"a": b"1"})
    before = (tmp_path / "..data").resolve()
    assert not write_at_once(tmp_path, {"a": b"1"})
    assert (tmp_path / "..data").resolve() == before
