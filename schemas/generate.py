"""The files in this directory, as they must be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import yaml

from webhook.api.crd import custom_resource_definition
from webhook.api.json_schema import json_schema
from webhook.api.kind import Kind
from webhook.api.kinds import KINDS

ROOT: Final = Path(__file__).parent
COMMAND: Final = "python -m schemas"

_HEADER: Final = f"Generated from webhook/api by `{COMMAND}`. Change the kind there and run it again."
_DIRECTORIES: Final = ("crds", "platform", "json")


def generated_files() -> dict[Path, str]:
    """Every file by its path below ROOT: the CRDs that Snapgate installs, those the platform brings, JSON Schemas."""
    files: dict[Path, str] = {}
    for kind in KINDS:
        if kind.definition is None:
            continue
        directory = "platform" if kind.definition.platform else "crds"
        files[Path(directory, f"{kind.plural}.yaml")] = _crd_file(kind)
        files[Path("json", f"{kind.name.lower()}.json")] = _json_schema_file(kind)
    return files


def drift(root: Path) -> list[str]:
    """What is not as generated, one line each."""
    expected = generated_files()
    lines = [f"{path} is missing" for path in expected if not (root / path).exists()]
    lines += [
        f"{path} differs from its kind"
        for path, content in expected.items()
        if (root / path).exists() and (root / path).read_text(encoding="utf-8") != content
    ]
    lines += [f"{path} belongs to no kind" for path in _present(root) - expected.keys()]
    return sorted(lines)


def write(root: Path) -> None:
    """Make the directory what it must be; a file that belongs to no kind goes."""
    expected = generated_files()
    for path, content in expected.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")
    for path in _present(root) - expected.keys():
        (root / path).unlink()


def _present(root: Path) -> set[Path]:
    return {path.relative_to(root) for directory in _DIRECTORIES for path in (root / directory).glob("*")}


def _crd_file(kind: Kind[Any]) -> str:
    body = yaml.safe_dump(custom_resource_definition(kind), sort_keys=False, width=120, allow_unicode=True)
    return f"# {_HEADER}\n{body}"


def _json_schema_file(kind: Kind[Any]) -> str:
    schema = json_schema(kind)
    return json.dumps({"$schema": schema.pop("$schema"), "$comment": _HEADER, **schema}, indent=2) + "\n"
