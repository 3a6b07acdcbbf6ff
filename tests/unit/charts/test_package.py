"""What the chart says of itself where packages are searched."""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import Any

import yaml

from charts.generate import CHART
from tests.support.chart import container, of_kind, rendered

PACKAGE: dict[str, Any] = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))


def annotation(name: str) -> Any:
    return yaml.safe_load(PACKAGE["annotations"][f"artifacthub.io/{name}"])


def test_the_chart_installs_the_version_that_it_comes_with() -> None:
    assert PACKAGE["appVersion"] == version("snapgate")


def test_the_images_are_those_that_are_installed() -> None:
    assert [each["image"] for each in annotation("images")] == [container(rendered(), "webhook")["image"]]


def test_the_crds_are_those_that_are_installed() -> None:
    installed = {
        (name, each["spec"]["names"]["kind"], served["name"])
        for name, each in of_kind(rendered(), "CustomResourceDefinition").items()
        for served in each["spec"]["versions"]
    }
    assert {(each["name"], each["kind"], each["version"]) for each in annotation("crds")} == installed


def test_the_changes_have_kinds_that_are_known() -> None:
    kinds = {"added", "changed", "deprecated", "removed", "fixed", "security"}
    assert {each["kind"] for each in annotation("changes")} <= kinds
    assert re.fullmatch(r"\d+\.\d+\.\d+", PACKAGE["version"])
