"""`kubectl apply --dry-run=server`: the same verdict, and nothing written.

`keep="Never"`, because a dry run also tells what is merely worth knowing, such as an address that becomes static.
"""

from __future__ import annotations

from tests.support.kubectl import Answer, Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import machine_snapshot, machine_without_agent, stopped_machine

DRY = ("--dry-run=server",)
READS = {"get", "list", "watch"}


def test_a_dry_run_is_denied_as_the_real_one_is(kubectl: Kubectl) -> None:
    machine_without_agent(kubectl, "old-vm", ("root",))

    dry = kubectl.apply(machine_snapshot("snap", "old-vm", keep="Never"), flags=DRY)
    real = kubectl.apply(machine_snapshot("snap", "old-vm", keep="Never"))

    assert (dry.code, real.code) == (1, 1)
    assert dry.said == real.said


def test_a_dry_run_warns_as_the_real_one_does_and_writes_nothing(kubectl: Kubectl, lab: RunningLab) -> None:
    machine_without_agent(kubectl, "old-vm", ("root",))
    snapshot = machine_snapshot("snap", "old-vm", required=False, keep="Never")

    dry = kubectl.apply(snapshot, flags=DRY)
    assert kubectl.names("vms") == []
    written = [record for record in lab.audit(kubectl.namespace) if _about(record, "snap") and not _dry(record)]
    real = kubectl.apply(snapshot)

    assert _warnings(dry) == _warnings(real) != []
    assert [record["verb"] for record in written if record["verb"] not in READS] == []


def test_a_dry_run_of_what_would_work_is_allowed_without_a_word(kubectl: Kubectl) -> None:
    stopped_machine(kubectl, "linux-vm", ("root",))

    answer = kubectl.apply(machine_snapshot("snap", "linux-vm", keep="Never"), flags=DRY)

    assert answer.ok
    assert answer.said == ""


def _warnings(answer: Answer) -> list[str]:
    return [line for line in answer.said.splitlines() if line.startswith("Warning:")]


def _about(record: dict[str, object], name: str) -> bool:
    reference = record.get("objectRef")
    return isinstance(reference, dict) and reference.get("name") == name


def _dry(record: dict[str, object]) -> bool:
    return "dryRun=All" in str(record.get("requestURI"))
