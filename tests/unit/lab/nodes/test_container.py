"""What a container sees of the machine, in real mount namespaces."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from lab.errors import LabError
from lab.namespaces import require_privilege
from lab.nodes.container import ContainerProcess, Mount
from lab.paths import CHECKOUT


@pytest.fixture(autouse=True)
def _allowed() -> None:
    try:
        require_privilege()
    except LabError as error:
        pytest.skip(f"this machine makes no namespaces: {error}")


def run(tmp_path: Path, mounts: dict[Path, str], script: str, environment: dict[str, str] | None = None) -> str:
    process = ContainerProcess(
        node_pid=os.getpid(),
        command=("/bin/sh", "-ec", script),
        environment={"PATH": "/usr/bin:/bin", **(environment or {})},
        host_name="pod-1",
        mounts=tuple(Mount(str(source), target) for source, target in mounts.items()),
        keep=(str(CHECKOUT), sys.prefix),
    )
    file = tmp_path / "container.json"
    file.write_bytes(msgspec.json.encode(process))
    done = subprocess.run(
        [sys.executable, "-m", "lab.nodes.container", str(file)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def volume(tmp_path: Path, name: str) -> Path:
    directory = tmp_path / name
    directory.mkdir()
    (directory / "file").write_text(name)
    return directory


def test_a_volume_is_where_the_pod_wants_it_and_nowhere_else(tmp_path: Path) -> None:
    settings = volume(tmp_path, "settings")
    before = sorted(Path("/etc").iterdir())
    seen = run(tmp_path, {settings: "/etc/snapgate-test"}, "cat /etc/snapgate-test/file; ls /etc/passwd")
    assert seen == "settings/etc/passwd\n"
    assert sorted(Path("/etc").iterdir()) == before


def test_volumes_lie_side_by_side_and_in_each_other(tmp_path: Path) -> None:
    mounts = {volume(tmp_path, name): f"/etc/snapgate-test/{name}" for name in ("one", "two")}
    mounts[volume(tmp_path, "token")] = "/var/run/secrets/kubernetes.io/serviceaccount"
    script = (
        "cat /etc/snapgate-test/one/file /etc/snapgate-test/two/file; "
        "cat /var/run/secrets/kubernetes.io/serviceaccount/file"
    )
    assert run(tmp_path, mounts, script) == "onetwotoken"


def test_a_volume_over_a_directory_hides_it_but_not_the_interpreter(tmp_path: Path) -> None:
    inner = volume(tmp_path, "inner")
    script = f"ls {CHECKOUT.parent}; test -x {sys.prefix}/bin/python"
    seen = run(tmp_path, {inner: str(CHECKOUT.parent)}, script).split()
    assert sorted(seen) == sorted(["file", CHECKOUT.name])


def test_a_volume_over_the_place_where_volumes_lie_leaves_the_next_ones_readable(tmp_path: Path) -> None:
    """As when the state of the lab is below /tmp, and a pod asks for a /tmp of its own."""
    lying = tmp_path / "volumes"
    lying.mkdir()
    mounts = {volume(lying, "empty"): str(tmp_path), volume(lying, "settings"): "/etc/snapgate-test"}
    script = f"ls {tmp_path}; cat /etc/snapgate-test/file"
    assert run(tmp_path, mounts, script) == "file\nsettings"


def test_the_environment_has_nothing_of_the_node(tmp_path: Path) -> None:
    assert run(tmp_path, {}, "env | grep -v -e ^PWD -e ^PATH -e ^_ -e ^SHLVL", {"A": "b"}) == "A=b\n"


def test_the_host_is_called_as_the_pod_and_only_inside(tmp_path: Path) -> None:
    assert run(tmp_path, {}, "uname -n") == "pod-1\n"
    assert os.uname().nodename != "pod-1"
