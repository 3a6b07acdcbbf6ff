"""Which programs the lab runs, and at which version: go.mod is the one place that says."""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.go import SETTINGS, Go
from lab.paths import CHECKOUT

BUILD_FLAGS = ("-mod=readonly", "-trimpath", "-buildvcs=false")
_PROMETHEUS = "github.com/prometheus/prometheus"
_KUBERNETES_VERSION = "k8s.io/component-base/version.gitVersion"


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    package: str
    module: str
    version_variable: str | None
    """Set by the linker to the module's version; etcd's is a constant."""
    version_arguments: tuple[str, ...] = ("--version",)

    def linker_flags(self, version: str) -> str:
        return "-s -w" if self.version_variable is None else f"-s -w -X {self.version_variable}={version}"


def _kubernetes(name: str, *version_arguments: str) -> Tool:
    module = "k8s.io/kubernetes"
    return Tool(name, f"{module}/cmd/{name}", module, _KUBERNETES_VERSION, version_arguments or ("--version",))


def _csi(name: str, module: str) -> Tool:
    return Tool(name, f"{module}/cmd/{name}", module, "main.version")


TOOLS = (
    Tool("etcd", "go.etcd.io/etcd/server/v3", "go.etcd.io/etcd/server/v3", None),
    _kubernetes("kube-apiserver"),
    _kubernetes("kube-controller-manager"),
    _kubernetes("kubectl", "version", "--client"),
    _csi("snapshot-controller", "github.com/kubernetes-csi/external-snapshotter/v8"),
    _csi("csi-snapshotter", "github.com/kubernetes-csi/external-snapshotter/v8"),
    _csi("csi-provisioner", "github.com/kubernetes-csi/external-provisioner/v6"),
    _csi("csi-resizer", "github.com/kubernetes-csi/external-resizer/v2"),
    Tool(
        "helm",
        "helm.sh/helm/v3/cmd/helm",
        "helm.sh/helm/v3",
        "helm.sh/helm/v3/internal/version.version",
        ("version", "--template={{.Version}}"),
    ),
)


@dataclass(frozen=True, slots=True)
class ToolModule:
    """A go.mod, and the programs that are built from it."""

    directory: Path
    tools: tuple[Tool, ...]
    flags: tuple[str, ...] = BUILD_FLAGS


CONTROL_PLANE = ToolModule(CHECKOUT / "lab" / "tools", TOOLS)
PROMETHEUS = ToolModule(
    CHECKOUT / "lab" / "prometheus",
    tuple(
        Tool(name, f"{_PROMETHEUS}/cmd/{name}", _PROMETHEUS, "github.com/prometheus/common/version.Version")
        for name in ("prometheus", "promtool")
    ),
    (*BUILD_FLAGS, "-tags=remove_all_sd"),
)
"""What reads our metrics in tests, in a go.mod of its own: its versions of Kubernetes' modules are others. It knows no
way of finding targets but a list, which leaves out the clients of two dozen clouds; the module has no web interface."""


def pinned_versions(go_mod: str) -> dict[str, str]:
    """Module → version, of the `require` lines."""
    return dict(re.findall(r"^\s+(\S+) (v\S+)(?: // indirect)?$", go_mod, flags=re.MULTILINE))


def cache_key(go: Go, module: ToolModule, go_mod: str, go_sum: str) -> str:
    parts = (go.version, go.platform, *(f"{name}={value}" for name, value in SETTINGS.items()), *module.flags)
    tools = (f"{tool.package} {tool.linker_flags('')}" for tool in module.tools)
    return hashlib.sha256("\0".join((*parts, *tools, go_mod, go_sum)).encode()).hexdigest()[:16]


def is_version(output: str, pinned: str) -> bool:
    """Whether the first line ends in exactly this version, as those of all our tools do."""
    first, _, _ = output.partition("\n")
    return first.split()[-1:] in ([pinned], [pinned.removeprefix("v")])


def find_installed(tool: Tool, pinned: str, environment: Mapping[str, str]) -> Path | None:
    """The tool from KUBEBUILDER_ASSETS or PATH, when it is the pinned version."""
    for search in filter(None, (environment.get("KUBEBUILDER_ASSETS"), environment.get("PATH"))):
        found = shutil.which(tool.name, path=search)
        if found is None:
            continue
        answer = subprocess.run([found, *tool.version_arguments], capture_output=True, text=True, check=False)
        if answer.returncode == 0 and is_version(answer.stdout, pinned):
            return Path(found).resolve()
    return None
