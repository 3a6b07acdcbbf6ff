"""A replica of the webhook is told to stop while the API server keeps calling it."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from lab.snapgate.components import NAMESPACE, WEBHOOK_ADDRESS, snapgate_command
from tests.support.admission_load import AdmissionLoad
from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab

SLICE = "endpointslice/snapgate-webhook-lab"
SECOND = IPv4Address("10.97.0.22")
ACCOUNT = f"system:serviceaccount:{NAMESPACE}:snapgate-webhook"
GROUPS = ("system:serviceaccounts", f"system:serviceaccounts:{NAMESPACE}")


def endpoints(kubectl: Kubectl, *ready: IPv4Address) -> None:
    listed = [{"addresses": [str(address)], "conditions": {"ready": True}} for address in ready]
    kubectl.must("-n", NAMESPACE, "patch", SLICE, "--type=merge", "-p", json.dumps({"endpoints": listed}))


@pytest.fixture
def second_replica(lab: RunningLab, kubectl: Kubectl, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        "SNAPGATE_KUBECONFIG": str(lab.kubeconfig_inside(ACCOUNT, GROUPS)),
        "SNAPGATE_HOST": str(SECOND),
        "SNAPGATE_DRAIN_SECONDS": "4",
        "SNAPGATE_DRAIN_QUIET_SECONDS": "1",
    }
    process = lab.start(*snapgate_command("serve"), environment=environment, log=tmp_path / "second.log")
    try:
        lab.until_ready_inside(f"http://{SECOND}:8081/readyz")
        yield process
    finally:
        endpoints(kubectl, WEBHOOK_ADDRESS)
        process.kill()
        process.wait(timeout=10)


def calls_answered(log: Path) -> int:
    return log.read_text().count('"review answered"')


def test_no_call_fails_while_a_replica_leaves(
    lab: RunningLab,
    kubectl: Kubectl,
    second_replica: subprocess.Popen[bytes],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    with AdmissionLoad(lab.kubeconfig, kubectl.namespace) as load:
        endpoints(kubectl, WEBHOOK_ADDRESS, SECOND)
        time.sleep(3)
        second_replica.send_signal(signal.SIGTERM)
        told_at = time.monotonic()
        time.sleep(1)
        endpoints(kubectl, WEBHOOK_ADDRESS)
        assert second_replica.wait(timeout=20) == 0
        left_after = time.monotonic() - told_at
        time.sleep(1)
    here = calls_answered(tmp_path / "second.log")
    record_property("load", f"{load}; {here} by the replica that left after {left_after:.1f} s")
    assert load.failures == []
    assert here > 50
    assert left_after >= 4
