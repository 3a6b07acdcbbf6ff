"""What there is in place of images: this checkout."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from lab.nodes.errors import UnsupportedError
from lab.nodes.pod import Container

_ENTRYPOINTS: Final = {"snapgate": (str(Path(sys.executable).parent / "snapgate"),)}
PATH: Final = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"


def command_of(container: Container) -> tuple[str, ...]:
    """What the container runs. Any tag and any digest of our image is this checkout."""
    repository = container.image.partition("@")[0].rpartition("/")[2].partition(":")[0]
    entrypoint = _ENTRYPOINTS.get(repository)
    if entrypoint is None:
        raise UnsupportedError(f"spec.containers[0].image: this node has no image {container.image}")
    return (*(container.command or entrypoint), *container.args)
