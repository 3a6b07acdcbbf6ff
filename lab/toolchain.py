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
from lab.tool_versions import MODULE, TOOLS, Tool, cache_key, find_installed, pinned_versions

CRDS = "crds"
_SNAPSHOT_CLIENT = "github.com/kubernetes-csi/external-snapshotter/client/v8"
_ESTIMATE = "building {names} once; the first build takes 8 to 12 minutes on two cores, later ones seconds"


@dataclass(frozen=True, slots=True)
class Toolset:
    binaries: dict[str, Path]
    crds: Path
    """The VolumeSnapshot CRDs, so that the lab needs no module cache."""
    directory: Path


def ensure_tools(say: Callable[[str], None]) -> Toolset:
    go = find_go()
    go_mod, go_sum = ((MODULE / name).read_text() for name in ("go.mod", "go.sum"))
    cache = tool_cache()
    directory = cache / cache_key(go, go_mod, go_sum)
    versions = pinned_versions(go_mod)
    toolset, missing = _look_up(directory, versions)
    if missing or not toolset.crds.exists():
        with workplace(cache, lambda: say("another process builds the tools; waiting for it")) as unfinished:
            toolset, missing = _look_up(directory, versions)
            _complete(directory, missing, versions, go, unfinished, say)
        toolset, _ = _look_up(directory, versions)
    return toolset


def built_tool(name: str) -> Path | None:
    """One tool, if it is there already: nothing is built for those who only want to look."""
    go_mod, go_sum = ((MODULE / file).read_text() for file in ("go.mod", "go.sum"))
    toolset, _ = _look_up(tool_cache() / cache_key(find_go(), go_mod, go_sum), pinned_versions(go_mod))
    return toolset.binaries.get(name)


def _look_up(directory: Path, versions: dict[str, str]) -> tuple[Toolset, list[Tool]]:
    binaries: dict[str, Path] = {}
    missing: list[Tool] = []
    for tool in TOOLS:
        built = directory / tool.name
        found = built if built.exists() else find_installed(tool, versions[tool.module], os.environ)
        if found is None:
            missing.append(tool)
        else:
            binaries[tool.name] = found
    return Toolset(binaries, directory / CRDS, directory), missing


def _complete(
    directory: Path,
    missing: list[Tool],
    versions: dict[str, str],
    go: Go,
    unfinished: Path,
    say: Callable[[str], None],
) -> None:
    """What is finished is renamed into place tool by tool: an interrupted build goes on where it was."""
    if missing:
        say(_ESTIMATE.format(names=", ".join(tool.name for tool in missing)))
        building = Build(go, unfinished, say)
        building.count_packages(missing)
        for tool in missing:
            built = building.build(tool, versions[tool.module])
            directory.mkdir(exist_ok=True)
            built.rename(directory / tool.name)
    if not (directory / CRDS).exists():
        _copy_snapshot_crds(go, unfinished / CRDS)
        directory.mkdir(exist_ok=True)
        (unfinished / CRDS).rename(directory / CRDS)


def _copy_snapshot_crds(go: Go, target: Path) -> None:
    listed = ["-m", "-f", "{{.Dir}}", _SNAPSHOT_CLIENT]
    for command in ([go.command, "mod", "download", _SNAPSHOT_CLIENT], [go.command, "list", *listed]):
        answer = subprocess.run(command, cwd=MODULE, env=go.environment(), capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise LabError(f"{' '.join(command)} ended with {answer.returncode}:\n{answer.stderr.strip()}")
    source = Path(answer.stdout.strip())
    target.mkdir()
    for crd in sorted((source / "config" / "crd").glob("snapshot.storage.k8s.io_*.yaml")):
        shutil.copyfile(crd, target / crd.name)  # the module cache's files are read-only, these need not be
