"""What is in a pod's volumes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lab.nodes.atomic_directory import write_at_once
from lab.nodes.environment import Placed, field
from lab.nodes.errors import NotYetError, UnsupportedError
from lab.nodes.pod import ConfigMapSource, DownwardProjection, KeyToPath, PodSpec, Projection, SecretSource, Volume
from lab.nodes.tokens import Tokens

Files = Mapping[str, bytes]
LookUp = Callable[[str, str], Files | None]
"""Namespace and name → what is in it, or None when it is not there."""


class Volumes:
    """Of one pod: a directory for each volume, below `directory`."""

    def __init__(
        self,
        placed: Placed,
        directory: Path,
        tokens: Tokens,
        *,
        config_map: LookUp,
        secret: LookUp,
    ) -> None:
        self._placed = placed
        self._directory = directory
        self._tokens = tokens
        self._config_map = config_map
        self._secret = secret

    def path(self, volume: str) -> Path:
        return self._directory / volume

    async def write(self) -> Sequence[str]:
        """Bring all up to date; the names of those that changed. Raises NotYetError, UnsupportedError, ApiError."""
        changed = []
        for volume in self._placed.spec.volumes:
            path = self.path(volume.name)
            path.mkdir(parents=True, exist_ok=True)
            files = await self._files(volume)
            if files is not None and write_at_once(path, files):
                changed.append(volume.name)
        return changed

    def seconds_until_stale(self) -> float | None:
        return self._tokens.seconds_until_renewal()

    async def _files(self, volume: Volume) -> Files | None:
        """None for one that is the container's own to fill."""
        if volume.config_map is not None:
            return self._of_config_map(volume.config_map)
        if volume.secret is not None:
            return self._of_secret(volume.secret)
        if volume.projected is not None:
            files: dict[str, bytes] = {}
            for source in volume.projected.sources:
                files.update(await self._of_projection(source))
            return files
        if volume.empty_dir is None:
            raise UnsupportedError(f"spec.volumes: {volume.name} is of no kind that this node knows")
        return None

    async def _of_projection(self, source: Projection) -> Files:
        if source.service_account_token is not None:
            return {source.service_account_token.path: await self._tokens.get(source.service_account_token)}
        if source.config_map is not None:
            return self._of_config_map(source.config_map)
        if source.downward_api is not None:
            return self._of_downward(source.downward_api)
        raise UnsupportedError("spec.volumes: a projected source is of no kind that this node knows")

    def _of_downward(self, source: DownwardProjection) -> Files:
        return {item.path: field(self._placed, item.field_ref).encode() for item in source.items}

    def _of_config_map(self, source: ConfigMapSource) -> Files:
        files = self._config_map(self._namespace, source.name)
        if files is None:
            raise NotYetError(f"ConfigMap {self._namespace}/{source.name} does not exist")
        return _selected(files, source.items)

    def _of_secret(self, source: SecretSource) -> Files:
        files = self._secret(self._namespace, source.secret_name)
        if files is None:
            raise NotYetError(f"Secret {self._namespace}/{source.secret_name} does not exist")
        return files

    @property
    def _namespace(self) -> str:
        return self._placed.pod.metadata.namespace


def uses(spec: PodSpec, *, config_map: str = "", secret: str = "") -> bool:
    """Whether one of the volumes shows this ConfigMap or this Secret."""
    maps = {volume.config_map.name for volume in spec.volumes if volume.config_map is not None}
    maps |= {
        source.config_map.name
        for volume in spec.volumes
        if volume.projected is not None
        for source in volume.projected.sources
        if source.config_map is not None
    }
    secrets = {volume.secret.secret_name for volume in spec.volumes if volume.secret is not None}
    return config_map in maps or secret in secrets


def _selected(files: Files, items: Sequence[KeyToPath]) -> Files:
    if not items:
        return files
    missing = [item.key for item in items if item.key not in files]
    if missing:
        raise NotYetError(f"a ConfigMap has no key {', '.join(missing)}")
    return {item.path: files[item.key] for item in items}
