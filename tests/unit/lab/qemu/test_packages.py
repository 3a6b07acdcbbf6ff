from __future__ import annotations

from pathlib import Path

import pytest

from lab.qemu import packages
from lab.qemu.packages import install_command, missing_packages, reason_without_guests


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> set[str]:
    """Those that this machine has: all of them, and apt's lists."""
    there = {"apt-get", *(name for names in packages.PROGRAMS.values() for name in names)}
    monkeypatch.setattr("shutil.which", lambda name, **_: f"/bin/{name}" if name in there else None)
    (tmp_path / "deb.example.org_main_binary-amd64_Packages.lz4").touch()
    monkeypatch.setattr(packages, "LISTS", tmp_path)
    return there


def test_machine_with_everything_can_run_guests(programs: set[str]) -> None:
    assert (missing_packages(), reason_without_guests()) == ([], "")


def test_what_is_missing_is_named_with_the_command_that_brings_it(programs: set[str]) -> None:
    programs -= {"busybox", "debugfs"}
    assert missing_packages() == ["busybox-static", "e2fsprogs"]
    assert "apt-get install --no-install-recommends -y busybox-static e2fsprogs" in reason_without_guests()


def test_missing_package_lists_are_a_reason_of_their_own(programs: set[str], tmp_path: Path) -> None:
    for file in tmp_path.iterdir():
        file.unlink()
    assert reason_without_guests().endswith("apt-get update")


def test_another_distribution_is_told_so(programs: set[str]) -> None:
    programs.discard("apt-get")
    assert "apt-get" in reason_without_guests()


def test_command_for_no_package_renews_the_lists() -> None:
    assert install_command([]) == "apt-get update"
