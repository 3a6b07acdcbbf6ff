from dataclasses import replace
from pathlib import Path

import pytest

from lab.go import Go, is_new_enough
from lab.tool_versions import (
    CONTROL_PLANE,
    PROMETHEUS,
    TOOLS,
    ToolModule,
    cache_key,
    find_installed,
    is_version,
    pinned_versions,
)

GO = Go("/usr/bin/go", "go1.26.8", "linux/amd64")
KUBECTL = next(tool for tool in TOOLS if tool.name == "kubectl")


MODULES = pytest.mark.parametrize("module", [CONTROL_PLANE, PROMETHEUS], ids=lambda module: str(module.directory.name))


@MODULES
def test_every_tool_is_pinned_in_go_mod(module: ToolModule) -> None:
    pinned = pinned_versions((module.directory / "go.mod").read_text())
    assert all(tool.module in pinned for tool in module.tools)


@MODULES
def test_every_tool_is_a_tool_line_of_go_mod(module: ToolModule) -> None:
    go_mod = (module.directory / "go.mod").read_text().split("tool (", 1)[1].split(")", 1)[0]
    assert {line.strip() for line in go_mod.splitlines() if line.strip()} == {tool.package for tool in module.tools}


def test_the_same_inputs_have_the_same_key() -> None:
    assert cache_key(GO, CONTROL_PLANE, "module", "sums") == cache_key(GO, CONTROL_PLANE, "module", "sums")


@pytest.mark.parametrize(
    ("go", "module", "go_mod", "go_sum"),
    [
        (Go("/usr/bin/go", "go1.27.0", "linux/amd64"), CONTROL_PLANE, "module", "sums"),
        (Go("/usr/bin/go", "go1.26.8", "linux/arm64"), CONTROL_PLANE, "module", "sums"),
        (GO, CONTROL_PLANE, "other", "sums"),
        (GO, CONTROL_PLANE, "module", "other"),
        (GO, replace(CONTROL_PLANE, flags=("-tags=other",)), "module", "sums"),
        (GO, PROMETHEUS, "module", "sums"),
    ],
    ids=["go version", "platform", "go.mod", "go.sum", "flags", "tools"],
)
def test_the_key_changes_with(go: Go, module: ToolModule, go_mod: str, go_sum: str) -> None:
    assert cache_key(go, module, go_mod, go_sum) != cache_key(GO, CONTROL_PLANE, "module", "sums")


def test_where_go_is_does_not_change_the_key() -> None:
    elsewhere = Go("/opt/go/bin/go", GO.version, GO.platform)
    assert cache_key(elsewhere, CONTROL_PLANE, "module", "sums") == cache_key(GO, CONTROL_PLANE, "module", "sums")


@pytest.mark.parametrize(
    ("output", "matches"),
    [
        ("Kubernetes v1.37.2\n", True),
        ("etcd Version: 1.37.2\nGit SHA: Not provided\n", True),
        ("/usr/bin/csi-provisioner v1.37.2\n", True),
        ("Kubernetes v1.37.2-eks-1\n", False),
        ("Kubernetes v1.37.20\n", False),
        ("", False),
    ],
)
def test_a_version_matches_only_exactly(output: str, *, matches: bool) -> None:
    assert is_version(output, "v1.37.2") is matches


@pytest.mark.parametrize(
    ("version", "enough"), [("go1.26.0", True), ("go1.30", True), ("go1.25.9", False), ("", False)]
)
def test_go_must_be_new_enough(version: str, *, enough: bool) -> None:
    assert is_new_enough(version) is enough


def install(directory: Path, version: str) -> Path:
    directory.mkdir()
    program = directory / "kubectl"
    program.write_text(f"#!/bin/sh\necho 'Client Version: {version}'\n")
    program.chmod(0o755)
    return program


def test_an_installed_tool_is_taken_at_the_pinned_version(tmp_path: Path) -> None:
    program = install(tmp_path / "assets", "v1.37.2")
    assert find_installed(KUBECTL, "v1.37.2", {"KUBEBUILDER_ASSETS": str(program.parent)}) == program


def test_an_installed_tool_is_left_alone_at_another_version(tmp_path: Path) -> None:
    program = install(tmp_path / "assets", "v1.36.0")
    assert find_installed(KUBECTL, "v1.37.2", {"KUBEBUILDER_ASSETS": str(program.parent)}) is None


def test_the_path_is_searched_when_the_assets_are_of_another_version(tmp_path: Path) -> None:
    assets, path = install(tmp_path / "assets", "v1.36.0"), install(tmp_path / "path", "v1.37.2")
    environment = {"KUBEBUILDER_ASSETS": str(assets.parent), "PATH": str(path.parent)}
    assert find_installed(KUBECTL, "v1.37.2", environment) == path
