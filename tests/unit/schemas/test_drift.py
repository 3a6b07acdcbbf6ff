from __future__ import annotations

from pathlib import Path

from schemas.generate import ROOT, drift, generated_files, write


def test_the_committed_files_are_as_generated() -> None:
    assert drift(ROOT) == []


def test_what_was_written_has_no_drift(tmp_path: Path) -> None:
    write(tmp_path)
    assert drift(tmp_path) == []


def test_a_missing_file_is_drift(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "crds/virtualdisksnapshots.yaml").unlink()
    assert drift(tmp_path) == ["crds/virtualdisksnapshots.yaml is missing"]


def test_an_edited_file_is_drift(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "json/virtualdisk.json").write_text("{}")
    assert drift(tmp_path) == ["json/virtualdisk.json differs from its kind"]


def test_a_file_of_no_kind_is_drift_and_the_next_write_removes_it(tmp_path: Path) -> None:
    write(tmp_path)
    stale = tmp_path / "crds/virtualmachineclones.yaml"
    stale.write_text("")
    assert drift(tmp_path) == ["crds/virtualmachineclones.yaml belongs to no kind"]
    write(tmp_path)
    assert not stale.exists()


def test_only_snapshots_and_operations_are_installed_by_snapgate() -> None:
    assert {str(path) for path in generated_files() if path.parent.name == "crds"} == {
        "crds/virtualdisksnapshots.yaml",
        "crds/virtualmachineoperations.yaml",
        "crds/virtualmachinesnapshotoperations.yaml",
        "crds/virtualmachinesnapshots.yaml",
    }


def test_every_file_says_which_command_made_it() -> None:
    assert [path for path, content in generated_files().items() if "python -m schemas" not in content] == []
