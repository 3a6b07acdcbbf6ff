"""The Dockerfile, read as its linters read it: there is no container runtime to build it with where these tests run."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

import pytest

from lab.paths import CHECKOUT
from tests.support.chart import container, named, rendered

DOCKERFILE: Final = CHECKOUT / "Dockerfile"


@dataclass(frozen=True, slots=True)
class Instruction:
    name: str
    text: str


def instructions() -> list[Instruction]:
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    lines = (line.split(maxsplit=1) for line in text.splitlines() if line.strip())
    return [Instruction(name, rest) for name, rest in lines]


def of(name: str) -> list[str]:
    return [each.text for each in instructions() if each.name == name]


def last_stage() -> list[Instruction]:
    found = instructions()
    start = max(position for position, each in enumerate(found) if each.name == "FROM")
    return found[start:]


def test_the_base_is_a_small_image_of_one_python() -> None:
    (base,) = of("ARG")
    assert re.fullmatch(r"PYTHON=python:3\.\d+-slim-[a-z]+(@sha256:[0-9a-f]{64})?", base)
    assert {each.split(" AS ")[0] for each in of("FROM")} == {"${PYTHON}"}


def test_nothing_is_installed_without_a_hash() -> None:
    installs = [step.strip() for run in of("RUN") for step in run.split("&&") if " install " in step]
    assert len(installs) == 3
    for step in installs:
        assert "--require-hashes" in step or step.endswith("install --no-deps /wheels/*.whl")
        assert "index" not in step


@pytest.mark.parametrize("file", ["build", "product"])
def test_every_locked_requirement_has_a_hash(file: str) -> None:
    text = (CHECKOUT / "requirements" / f"{file}.txt").read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in entry for entry in entries if not entry.startswith("#"))


def test_the_build_stage_installs_what_the_wheel_is_built_with() -> None:
    (backend,) = re.findall(r'^requires = \["(.*)"\]', (CHECKOUT / "pyproject.toml").read_text(), flags=re.MULTILINE)
    assert backend in (CHECKOUT / "requirements" / "build.txt").read_text().split(" \\")[0]


def test_the_image_runs_as_the_user_that_the_chart_asks_for() -> None:
    (user,) = [each.text for each in last_stage() if each.name == "USER"]
    pod = named(rendered(), "Deployment", "snapgate-webhook")["spec"]["template"]["spec"]
    assert user == f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}"


def test_the_command_takes_what_the_chart_passes() -> None:
    (entrypoint,) = [json.loads(each.text) for each in last_stage() if each.name == "ENTRYPOINT"]
    assert entrypoint == ["snapgate"]
    (command,) = [json.loads(each.text) for each in last_stage() if each.name == "CMD"]
    assert container(rendered(), "webhook")["args"] == command


def test_the_last_stage_only_copies() -> None:
    """No package manager, no shell command, no download: what is in it was made before."""
    assert {"RUN", "ADD"} & {each.name for each in last_stage()} == set()


def test_ports_of_the_chart_are_those_of_the_image() -> None:
    (exposed,) = of("EXPOSE")
    objects = rendered()
    ports = {port["containerPort"] for name in ("webhook", "reconciler") for port in container(objects, name)["ports"]}
    assert {int(port) for port in exposed.split()} == ports


def test_only_what_is_copied_is_sent_to_the_builder() -> None:
    allowed = {line.removeprefix("!") for line in (CHECKOUT / ".dockerignore").read_text().split() if line[0] == "!"}
    copied = {path for each in of("COPY") if "--from" not in each for path in each.split()[:-1]}
    assert copied == allowed
