"""The page's snapshots, applied as the page writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from lab.demo.evidence import Evidence
from lab.demo.terminal import Terminal
from lab.storage.layout import volume_image

WAIT: Final = "--timeout=60s"
DISK_SNAPSHOT: Final = "linux-vm-root-1728027905"


def tour(terminal: Terminal, storage: Path, show_bytes: Evidence) -> None:
    """Everything through kubectl; `storage` is where the CSI driver keeps its bytes."""
    a_machine(terminal)
    snapshots(terminal)
    where_the_bytes_are(terminal, storage, show_bytes)
    what_cannot_work(terminal)
    what_may_yet_work(terminal)


def a_machine(terminal: Terminal) -> None:
    terminal.say("A running machine with two disks and a guest agent.")
    terminal.run("kubectl apply -f 1-machine.yaml")
    terminal.run(f"kubectl wait vm/linux-vm --for=jsonpath='{{.status.phase}}'=Running {WAIT}")
    terminal.run(f"kubectl wait vm/linux-vm --for=condition=AgentReady {WAIT}")
    terminal.run("kubectl get vm,vd")


def snapshots(terminal: Terminal) -> None:
    terminal.say("The page's first manifest: a consistent snapshot of a disk that is in use.")
    terminal.run("kubectl apply -f 2-disk-snapshot.yaml")
    _until_ready(terminal, f"vdsnapshot/{DISK_SNAPSHOT}")
    terminal.run("kubectl get vdsnapshot")
    terminal.say(
        "The page's second manifest: the machine with all its disks. The guest is frozen once, for all of them."
    )
    terminal.run("kubectl apply -f 3-machine-snapshot.yaml")
    _until_ready(terminal, "vmsnapshot/linux-vm-snapshot")
    terminal.run("kubectl get vmsnapshot,vdsnapshot")
    terminal.run(
        "kubectl get vmsnapshot linux-vm-snapshot "
        """-o jsonpath='{range .status.resources[*]}{.kind} {.name}{"\\n"}{end}'"""
    )
    terminal.run(
        "kubectl get vmsnapshot linux-vm-snapshot "
        """-o jsonpath='frozen from {.status.freeze.requestedAt} to {.status.freeze.thawedAt}{"\\n"}'"""
    )
    terminal.run(
        "kubectl get events --field-selector involvedObject.kind=VirtualMachineSnapshot "
        "-o custom-columns=REASON:.reason,MESSAGE:.message --sort-by=.metadata.resourceVersion"
    )


def where_the_bytes_are(terminal: Terminal, storage: Path, show_bytes: Evidence) -> None:
    terminal.say("Where the bytes are: in a VolumeSnapshot. A claim made from it has them again.")
    name = terminal.run(
        f"kubectl get vdsnapshot {DISK_SNAPSHOT} -o jsonpath='{{.status.volumeSnapshotName}}'", show=False
    )
    terminal.run("kubectl get volumesnapshot -o custom-columns=NAME:.metadata.name,READY:.status.readyToUse")
    terminal.run(f"sed s/VOLUME_SNAPSHOT/{name}/ 6-restored-claim.yaml | kubectl apply -f -")
    terminal.run(f"kubectl wait pvc/proof --for=jsonpath='{{.status.phase}}'=Bound {WAIT}")
    volume = terminal.run("kubectl get pvc proof -o jsonpath='{.spec.volumeName}'", show=False)
    handle = terminal.run(f"kubectl get pv {volume} -o jsonpath='{{.spec.csi.volumeHandle}}'", show=False)
    show_bytes(terminal, volume_image(storage, handle))


def what_cannot_work(terminal: Terminal) -> None:
    terminal.say("A machine without a guest agent, one of whose disks is being resized: both reasons at once.")
    terminal.run("kubectl apply -f 4-machine-without-agent.yaml")
    terminal.run(f"kubectl wait vm/old-vm --for=jsonpath='{{.status.phase}}'=Running {WAIT}")
    terminal.run('kubectl patch vd old-vm-root --type merge -p \'{"spec":{"persistentVolumeClaim":{"size":"96Mi"}}}\'')
    terminal.run(f"kubectl wait vd/old-vm-root --for=jsonpath='{{.status.phase}}'=Resizing {WAIT}")
    terminal.run("kubectl apply -f 5-snapshot-without-agent.yaml", expect=1)
    terminal.say("The same answer without a write: server-side dry run.")
    terminal.run("kubectl apply --dry-run=server -f 5-snapshot-without-agent.yaml", expect=1)
    terminal.run("kubectl get vmsnapshot old-vm-snapshot", expect=1)


def what_may_yet_work(terminal: Terminal) -> None:
    terminal.say("What may yet become right waits, and says for what.")
    terminal.run("sed s/linux-vm-root/tomorrows-disk/ 2-disk-snapshot.yaml | kubectl apply -f -")
    terminal.run("kubectl get vdsnapshot tomorrows-disk-1728027905")


def _until_ready(terminal: Terminal, snapshot: str) -> None:
    terminal.run(f"kubectl wait {snapshot} --for=jsonpath='{{.status.phase}}'=Ready {WAIT}")
