"""The lab's programs: found at the pinned version, else built once into the user's cache."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.build import Build
from lab.cache import workplace
from lab.errors import LabError
from lab.go import Go, find_go
from lab.paths import tool_cache
from lab.tool_versions import (
    CONTROL_PLANE,
    PROMETHEUS,
    Tool,
    ToolModule,
    cache_key,
    find_installed,
    pinned_versions,
)

CRDS = "crds"
_SNAPSHOT_CLIENT = "github.com/kubernetes-csi/external-snapshotter/client/v8"
_ESTIMATE = "building {names} once; the first build takes 8 to 12 minutes on two cores, later ones seconds"
_PROMETHEUS_ESTIMATE = "building {names} once; the first build takes about 5 minutes on two cores, later ones seconds"
_WAITING = "another process builds tools; waiting for it"


@dataclass(frozen=True, slots=True)
class Toolset:
    binaries: dict[str, Path]
    crds: Path
    """The VolumeSnapshot CRDs, so that the lab needs no module cache."""
    directory: Path


def ensure_tools(say: Callable[[str], None]) -> Toolset:
    workshop = _workshop(CONTROL_PLANE)
    crds = workshop.directory / CRDS
    if workshop.missing or not crds.exists():
        with workplace(tool_cache(), lambda: say(_WAITING)) as unfinished:
            _complete(workshop, _ESTIMATE, unfinished, say)
            if not crds.exists():
                _copy_snapshot_crds(workshop.go, unfinished / CRDS)
                workshop.directory.mkdir(exist_ok=True)
                (unfinished / CRDS).rename(crds)
    return Toolset(workshop.found, crds, workshop.directory)


def ensure_prometheus(say: Callable[[str], None]) -> Path:
    """The directory with `prometheus` and `promtool`."""
    workshop = _workshop(PROMETHEUS)
    if workshop.missing:
        with workplace(tool_cache(), lambda: say(_WAITING)) as unfinished:
            _complete(workshop, _PROMETHEUS_ESTIMATE, unfinished, say)
    return workshop.directory


def built_tool(name: str) -> Path | None:
    """One tool, if it is there already: nothing is built for those who only want to look."""
    module = next(each for each in (CONTROL_PLANE, PROMETHEUS) if name in {tool.name for tool in each.tools})
    return _workshop(module).found.get(name)


@dataclass(frozen=True, slots=True)
class _Workshop:
    """Where the tools of a module are, or are to be built. Looks anew each time."""

    go: Go
    module: ToolModule
    directory: Path
    versions: dict[str, str]

    @property
    def found(self) -> dict[str, Path]:
        looked_up = ((tool.name, self._look_up(tool)) for tool in self.module.tools)
        return {name: path for name, path in looked_up if path is not None}

    @property
    def missing(self) -> list[Tool]:
        return [tool for tool in self.module.tools if self._look_up(tool) is None]

    def _look_up(self, tool: Tool) -> Path | None:
        built = self.directory / tool.name
        return built if built.exists() else find_installed(tool, self.versions[tool.module], os.environ)


def _workshop(module: ToolModule) -> _Workshop:
    go = find_go()
    go_mod, go_sum = ((module.directory / name).read_text() for name in ("go.mod", "go.sum"))
    directory = tool_cache() / cache_key(go, module, go_mod, go_sum)
    return _Workshop(go, module, directory, pinned_versions(go_mod))


def _complete(workshop: _Workshop, estimate: str, unfinished: Path, say: Callable[[str], None]) -> None:
    """What is finished is renamed into place tool by tool: an interrupted build goes on where it was."""
    missing = workshop.missing
    if not missing:
        return
    say(estimate.format(names=", ".join(tool.name for tool in missing)))
    building = Build(workshop.go, workshop.module, unfinished, say)
    building.count_packages(missing)
    for tool in missing:
        built = building.build(tool, workshop.versions[tool.module])
        workshop.directory.mkdir(exist_ok=True)
        built.rename(workshop.directory / tool.name)


def _copy_snapshot_crds(go: Go, target: Path) -> None:
    listed = ["-m", "-f", "{{.Dir}}", _SNAPSHOT_CLIENT]
    for command in ([go.command, "mod", "download", _SNAPSHOT_CLIENT], [go.command, "list", *listed]):
        answer = subprocess.run(
            command, cwd=CONTROL_PLANE.directory, env=go.environment(), capture_output=True, text=True, check=False
        )
        if answer.returncode != 0:
            raise LabError(f"{' '.join(command)} ended with {answer.returncode}:\n{answer.stderr.strip()}")
    source = Path(answer.stdout.strip())
    target.mkdir()
    for crd in sorted((source / "config" / "crd").glob("snapshot.storage.k8s.io_*.yaml")):
        shutil.copyfile(crd, target / crd.name)  # the module cache's files are read-only, these need not be
