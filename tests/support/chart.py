"""The chart as helm renders it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from charts.generate import CHART
from lab.errors import LabError
from lab.toolchain import built_tool
from tests.support.kubectl import Json

NAMESPACE: Final = "snapgate-system"
OLDEST: Final = "1.30.0"


@cache
def helm_binary() -> Path:
    """Skips the test where the lab's tools are not built yet."""
    try:
        found = built_tool("helm")
    except LabError as error:
        pytest.skip(str(error))
    if found is None:
        pytest.skip("helm is not built yet: make tools")
    return found


def helm(*arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [helm_binary(), *arguments], input=given, capture_output=True, text=True, check=False, timeout=60
    )


def template(
    values: Mapping[str, Any] | None = None, *flags: str, release: str = "snapgate", namespace: str = NAMESPACE
) -> subprocess.CompletedProcess[str]:
    command = ("template", release, str(CHART), f"--namespace={namespace}", f"--kube-version={OLDEST}", *flags)
    return _template(command, json.dumps(values or {}))


@cache
def _template(command: tuple[str, ...], values: str) -> subprocess.CompletedProcess[str]:
    """A third of a second each, and many tests look at the same."""
    return helm(*command, "--values=-", given=values)


def rendered(
    values: Mapping[str, Any] | None = None, *flags: str, release: str = "snapgate", namespace: str = NAMESPACE
) -> list[Json]:
    """All objects, those of hooks too."""
    done = template(values, *flags, release=release, namespace=namespace)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def named(objects: list[Json], kind: str, name: str) -> Json:
    (found,) = [each for each in objects if each["kind"] == kind and each["metadata"]["name"] == name]
    return found


def of_kind(objects: list[Json], kind: str) -> dict[str, Json]:
    """By name."""
    return {each["metadata"]["name"]: each for each in objects if each["kind"] == kind}


def container(objects: list[Json], component: str) -> Json:
    pod = named(objects, "Deployment", f"snapgate-{component}")["spec"]["template"]["spec"]
    found: Json = pod["containers"][0]
    return found


def environment(objects: list[Json], component: str) -> dict[str, Any]:
    """Values, or where they come from."""
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in container(objects, component)["env"]}
