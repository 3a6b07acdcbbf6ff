"""The first half of the tour: snapshots, what is refused, and a disk recovered."""

from __future__ import annotations

from typing import Final

from lab.demo.scene import Scene

DISK_SNAPSHOT: Final = "linux-vm-root-1728027905"


def a_machine(scene: Scene) -> None:
    terminal = scene.terminal
    terminal.say("A running machine with two disks and a guest agent.")
    terminal.run("kubectl apply -f 1-machine.yaml")
    scene.wait_for_phase("vm/linux-vm", "Running")
    scene.wait("vm/linux-vm", "condition=AgentReady")
    terminal.run("kubectl get vm,vd")
    scene.evidence.leave(terminal, scene.image("linux-vm-root"))


def snapshots(scene: Scene) -> None:
    terminal = scene.terminal
    terminal.say("The page's first manifest: a consistent snapshot of a disk that is in use.")
    terminal.run("kubectl apply -f 2-disk-snapshot.yaml")
    scene.wait_for_phase(f"vdsnapshot/{DISK_SNAPSHOT}", "Ready")
    terminal.say("The second: the machine with all its disks. The guest is frozen once, for all of them.")
    terminal.run("kubectl apply -f 3-machine-snapshot.yaml")
    scene.wait_for_phase("vmsnapshot/linux-vm-snapshot", "Ready")
    terminal.run("kubectl get vmsnapshot,vdsnapshot")
    terminal.run(
        "kubectl get vmsnapshot linux-vm-snapshot "
        """-o jsonpath='frozen from {.status.freeze.requestedAt} to {.status.freeze.thawedAt}{"\\n"}'"""
    )
    terminal.run(
        "kubectl get events --field-selector involvedObject.kind=VirtualMachineSnapshot "
        "-o custom-columns=REASON:.reason,MESSAGE:.message --sort-by=.metadata.resourceVersion"
    )


def what_cannot_work(scene: Scene) -> None:
    terminal = scene.terminal
    terminal.say("A machine without a guest agent, one of whose disks is being resized: both reasons at once.")
    terminal.run("kubectl apply -f 4-machine-without-agent.yaml")
    scene.wait_for_phase("vm/old-vm", "Running")
    terminal.run('kubectl patch vd old-vm-root --type merge -p \'{"spec":{"persistentVolumeClaim":{"size":"96Mi"}}}\'')
    scene.wait_for_phase("vd/old-vm-root", "Resizing")
    scene.refused("kubectl apply -f 5-snapshot-without-agent.yaml", "ConsistencyUnavailable", "DiskResizing")


def what_may_yet_work(scene: Scene) -> None:
    terminal = scene.terminal
    terminal.say("What may yet become right waits, and says for what.")
    terminal.run("sed s/linux-vm-root/tomorrows-disk/ 2-disk-snapshot.yaml | kubectl apply -f -")
    terminal.run("kubectl get vdsnapshot tomorrows-disk-1728027905")


def a_recovered_disk(scene: Scene) -> str:
    """What the snapshot has of the disk, to recognise it by."""
    scene.terminal.say("A disk of the snapshot: with the size and the class of the original, and with its bytes.")
    scene.terminal.run("kubectl apply -f 6-recovered-disk.yaml")
    scene.wait_for_phase("vd/linux-vm-root-recovered", "Ready")
    return scene.evidence.show_copy(scene.terminal, scene.image("linux-vm-root-recovered"))
