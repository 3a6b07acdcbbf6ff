"""The policy file of both processes is changed while they run."""

from __future__ import annotations

from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import disk, disk_snapshot

DENIES_WHAT_IS_NOT_THERE = "overrides:\n  DiskNotFound: deny\n"
LETS_ANN_GO_ON = DENIES_WHAT_IS_NOT_THERE + "escapes:\n- users: [ann]\n  codes: [DiskNotFound]\n"
DENIED = """\
The VirtualDiskSnapshot "{name}" is invalid: spec.virtualDiskName: VirtualDisk root does not exist in namespace \
{namespace}; check the name: kubectl get vd [DiskNotFound]
"""


def test_change_of_policy_holds_for_new_requests_and_not_for_what_waits(lab: RunningLab, kubectl: Kubectl) -> None:
    kubectl.must_apply(disk_snapshot("accepted", "root"))
    kubectl.wait_for_phase("vds/accepted", "Pending")
    with lab.policy(DENIES_WHAT_IS_NOT_THERE):
        answer = kubectl.apply(disk_snapshot("denied", "root"))
        assert (answer.code, answer.said) == (1, DENIED.format(name="denied", namespace=kubectl.namespace))
        kubectl.must_apply(disk("root"))
        kubectl.wait_for_phase("vds/accepted", "Ready")


def test_broken_file_keeps_the_policy_of_both_processes_and_they_say_why(lab: RunningLab, kubectl: Kubectl) -> None:
    with lab.policy(DENIES_WHAT_IS_NOT_THERE), lab.policy("overrides:\n  DiskNotFound: never\n"):
        for told in lab.told_of_policy():
            assert told["error"].startswith("policy.yaml:2: overrides.DiskNotFound: never is not one of ")
            assert [line["action"] for line in told["actions"] if line["code"] == "DiskNotFound"] == ["deny"]
        assert not kubectl.apply(disk_snapshot("denied", "root")).ok


def test_privileged_user_goes_on_with_a_warning_that_the_auditor_sees(lab: RunningLab, kubectl: Kubectl) -> None:
    as_group = "--as-group=system:masters"
    with lab.policy(LETS_ANN_GO_ON):
        assert not kubectl.apply(disk_snapshot("snap", "root"), flags=("--as=bob", as_group)).ok
        answer = kubectl.apply(disk_snapshot("snap", "root"), flags=("--as=ann", as_group))
    assert answer.ok
    assert answer.said.startswith("Warning: ")
    assert answer.said.endswith("[DiskNotFound]\n")
    creations = [each for each in lab.audit(kubectl.namespace) if each["verb"] == "create"]
    annotations = [each.get("annotations", {}) for each in creations if each["objectRef"]["name"] == "snap"]
    assert "DiskNotFound" in [each.get("validate.snapgate.io/escaped") for each in annotations]
