import hashlib
import re

_SAFE = re.compile(r"(?!sha256-)[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def handle_for(name: str) -> str:
    """One handle per name, usable as a directory name.

    The sidecars' names (`pvc-UID`, `snapshot-UID`) stay as they are, so that a person finds them; CSI allows any
    Unicode text.
    """
    if _SAFE.fullmatch(name):
        return name
    return "sha256-" + hashlib.sha256(name.encode()).hexdigest()


def could_be_ours(handle: str) -> bool:
    """Whether `handle_for` can have returned this. Nothing else may reach the file system: `../x` is a path."""
    return bool(_SAFE.fullmatch(handle)) or bool(re.fullmatch(r"sha256-[0-9a-f]{64}", handle))
