"""From an earlier chart to this one while operations run; a lab of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import pytest

from lab.manifests import OUR_CRDS
from lab.paths import CHECKOUT
from lab.snapgate.installation import LEASE_SECONDS, RELEASE
from tests.e2e.conftest import LAB
from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab, running_lab
from tests.support.machines import SLOW, TAKEN_UP, disk, machine, machine_snapshot
from tests.support.operations import BEGUN, restore

EARLIER: Final = CHECKOUT / "tests" / "e2e" / "charts" / "snapgate-0.1.0-ed8bf5e.tgz"
"""`helm package` of the chart at that commit: before alerts, the validation service and the condition Restorable."""
EARLIER_VALUES: Final = ("--wait", "--timeout=150s", f"--set=reconciler.leaseSeconds={LEASE_SECONDS}")
SETTLING_CALLS: Final = 200


@pytest.fixture(scope="module")
def own_lab() -> Iterator[RunningLab]:
    with running_lab(f"{LAB}-upgrade", snapgate=False) as running:
        # The lab brought them for its machine side; helm does not take over what it did not make.
        running.kubectl("default").must("delete", "-f", str(OUR_CRDS))
        running.release().must("install", RELEASE, str(EARLIER), "--create-namespace", *EARLIER_VALUES)
        yield running


@pytest.fixture
def kubectl(own_lab: RunningLab, request: pytest.FixtureRequest) -> Kubectl:
    return own_lab.kubectl(own_lab.new_namespace(request.node.name))


def test_operations_that_run_complete_across_an_upgrade_and_no_call_is_lost(
    own_lab: RunningLab, kubectl: Kubectl, record_property: Callable[[str, object], None]
) -> None:
    for name in ("restored", "captured"):
        root = f"{name}-root"
        kubectl.must_apply(disk(root, storage_class=SLOW), machine(name, [root]))
    for name in ("restored", "captured"):
        kubectl.wait(f"vm/{name}", "condition=AgentReady")
    kubectl.must_apply(machine_snapshot("before", "restored"))
    kubectl.wait_for_phase("vms/before", "Ready")
    earlier = own_lab.leader()

    with own_lab.load(kubectl.namespace) as load:
        load.until(SETTLING_CALLS)
        kubectl.must_apply(restore("restore", "restored", "before"), machine_snapshot("during", "captured"))
        kubectl.wait("vms/during", TAKEN_UP)
        kubectl.wait("vmop/restore", BEGUN)
        own_lab.release().upgrade()
        kubectl.wait_for_phase("vms/during", "Ready", seconds=150)
        kubectl.wait_for_phase("vmop/restore", "Completed", seconds=150)
        load.until(SETTLING_CALLS)

    record_property("load", str(load.report))
    assert [call.error for call in load.report.failures] == []
    assert own_lab.leader() != earlier
    assert kubectl.get("vms", "during")["status"]["consistent"] is True
    kubectl.wait_for_phase("vm/restored", "Running")
