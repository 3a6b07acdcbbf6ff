"""A world as files: what `kubectl get -o yaml` prints of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.support.manifests import Json
from tests.support.world import World
from webhook.api.kind import Kind
from webhook.api.kinds import KINDS


def exported(world: World) -> list[Json]:
    return [{"apiVersion": kind.api_version, "kind": kind.name, **each} for kind in KINDS for each in world.all(kind)]


def export(world: World, directory: Path, *, without: Kind[Any] | None = None) -> Path:
    """One file a kind, as the guide says: also of kinds of which there is nothing."""
    directory.mkdir(exist_ok=True)
    for kind in KINDS:
        if kind is not without:
            items = [{"apiVersion": kind.api_version, "kind": kind.name, **each} for each in world.all(kind)]
            listing = {"apiVersion": "v1", "kind": "List", "items": items}
            (directory / f"{kind.plural}.yaml").write_text(yaml.safe_dump(listing))
    return directory
