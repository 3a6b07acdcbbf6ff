"""One lab for the whole run; a namespace for each test; what a failing test needs to be understood is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from typing import Final

import pytest

from lab.paths import CHECKOUT
from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab, running_lab
from tests.support.machines import make_class

LAB: Final = f"e2e-{hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]}"
"""Of this checkout: another one may be testing beside it."""
ARTIFACTS: Final = CHECKOUT / "artifacts" / "e2e"
LOAD_REPORT: Final = ARTIFACTS / "load.txt"
"""What the load tests measured; shown at the end of the run."""
RIGHTS_REPORT: Final = ARTIFACTS / "unused-rights.txt"
"""What the chart grants and no test of this run made use of."""
HERE: Final = CHECKOUT / "tests" / "e2e"
WHOLE: Final = pytest.StashKey[bool]()
"""Whether this run has all end-to-end tests in it."""
_FAILED: Final = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def lab() -> Iterator[RunningLab]:
    with running_lab(LAB) as running:
        yield running


@pytest.fixture
def kubectl(lab: RunningLab, request: pytest.FixtureRequest) -> Iterator[Kubectl]:
    """As the lab's administrator, in a namespace of the test's own."""
    namespace = lab.new_namespace(request.node.name)
    yield lab.kubectl(namespace)
    if request.node.stash.get(_FAILED, False):
        lab.save_evidence(namespace, ARTIFACTS / namespace)
    lab.forget_namespace(namespace)


@pytest.fixture
def binding() -> str:
    """Of the test's own StorageClass."""
    return "Immediate"


@pytest.fixture
def own_class(kubectl: Kubectl, binding: str) -> Iterator[str]:
    """A StorageClass of the test's own, which may be made anew with other parameters."""
    name = f"of-{kubectl.namespace}"
    make_class(kubectl, name, binding)
    yield name
    kubectl.must("delete", "storageclass", name, "--ignore-not-found")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report


def pytest_sessionstart() -> None:
    for report in (LOAD_REPORT, RIGHTS_REPORT):
        report.unlink(missing_ok=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Rights are looked at when everything has been done."""
    items.sort(key=lambda item: item.path.name == "test_rights.py")
    files = {item.path for item in items if item.path.parent == HERE}
    picked = any("::" in argument for argument in config.args)
    config.stash[WHOLE] = files == set(HERE.glob("test_*.py")) and not picked


@pytest.hookimpl(trylast=True)
def pytest_deselected(items: list[pytest.Item]) -> None:
    if items:
        items[0].config.stash[WHOLE] = False


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if LOAD_REPORT.exists():
        terminalreporter.section("calls under load")
        terminalreporter.write(LOAD_REPORT.read_text())
