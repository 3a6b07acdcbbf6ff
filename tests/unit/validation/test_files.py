from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.documents import DEPLOYMENT, MACHINE_SNAPSHOT
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.inventory.manifests import UnknownKindError
from webhook.validation.documents import Document
from webhook.validation.files import documents_in, inventory_in


def sources(*names: str, recursive: bool = False, given: bytes = b"") -> list[str]:
    found = documents_in(names, recursive=recursive, read_input=lambda: given)
    return [each.source if isinstance(each, Document) else str(each) for each in found]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "b.yaml").write_text(MACHINE_SNAPSHOT)
    (tmp_path / "a.yml").write_text(f"{DEPLOYMENT}---\n{MACHINE_SNAPSHOT}")
    (tmp_path / "c.txt").write_text(MACHINE_SNAPSHOT)
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "d.json").write_text('{"kind": "List", "items": [{"kind": "A"}]}')
    return tmp_path


def test_directory_gives_its_manifests_in_the_order_of_their_names(directory: Path) -> None:
    expected = [f"{directory}/a.yml:1", f"{directory}/a.yml:2", f"{directory}/b.yaml:1"]
    assert sources(str(directory)) == expected
    assert sources(str(directory), recursive=True) == [*expected, f"{directory}/deeper/d.json:1.items[0]"]


def test_named_file_is_read_whatever_it_is_called_and_once(directory: Path) -> None:
    named = f"{directory}/c.txt"
    assert sources(named, f"{directory}/deeper/../c.txt") == [f"{named}:1"]


def test_empty_name_is_not_the_working_directory(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(directory)
    assert sources("", "c.txt") == ["-f: the name of a file is empty", "c.txt:1"]


def test_standard_input_is_read() -> None:
    assert sources("-", given=b"kind: A\n---\nkind: B\n") == ["-:1", "-:2"]


def test_file_that_cannot_be_read_is_told_and_ends_nothing_else(directory: Path) -> None:
    (directory / "aa.yaml").write_bytes(b"a: 1\nb: \xff\n")
    assert sources(f"{directory}/none.yaml", str(directory))[:3] == [
        f"{directory}/none.yaml: No such file or directory",
        f"{directory}/a.yml:1",
        f"{directory}/a.yml:2",
    ]
    assert f"{directory}/aa.yaml:2:1: this is not UTF-8" in sources(str(directory))


def test_inventory_is_read_with_all_that_is_below_it(directory: Path) -> None:
    (directory / "deeper" / "disk.yaml").write_text(
        f"apiVersion: {VIRTUAL_DISK.api_version}\nkind: VirtualDisk\nmetadata: {{name: a, namespace: team}}\n"
    )
    facts, unreadable = inventory_in(str(directory))
    assert facts.get(VIRTUAL_DISK, "team", "a") is not None
    assert unreadable == []


@pytest.mark.parametrize("name", ["vd.yaml", "virtualdisks.json", "VirtualDisk.yaml", f"{VIRTUAL_DISK.resource}.yaml"])
def test_empty_list_is_of_the_kind_that_its_file_is_named_after(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('{"apiVersion": "v1", "kind": "List", "items": []}')
    facts, _ = inventory_in(str(tmp_path))
    assert facts.get(VIRTUAL_DISK, "default", "a") is None


@pytest.mark.parametrize(
    ("name", "text"), [("disks.yaml", "kind: List\nitems: []\n"), ("vd.yaml", "items: [\n"), ("vd.yaml", "")]
)
def test_empty_list_of_an_unknown_kind_and_a_broken_file_say_nothing(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    facts, _ = inventory_in(str(tmp_path))
    with pytest.raises(UnknownKindError):
        facts.get(VIRTUAL_DISK, "default", "a")


def test_objects_of_another_kind_outweigh_the_name_of_their_file(tmp_path: Path) -> None:
    (tmp_path / "vd.yaml").write_text("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n")
    facts, _ = inventory_in(str(tmp_path))
    with pytest.raises(UnknownKindError):
        facts.get(VIRTUAL_DISK, "default", "a")
