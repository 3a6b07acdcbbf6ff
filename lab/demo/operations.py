"""The second half of the tour: a disaster, the way back, and copies."""

from __future__ import annotations

from typing import Final

from lab.demo.scene import Scene
from lab.demo.terminal import DemoError

_RESOURCES: Final = """-o jsonpath='{range .status.resources[*]}{.status} {.kind} {.name}: {.message}{"\\n"}{end}'"""
_EXPORTED: Final = (
    "vm vd vmop vmsop vmbda vmip vmclass vi cvi vmsnapshot vdsnapshot pvc sc volumesnapshotclass ns resourcequotas"
)
_MACHINES: Final = "-o custom-columns=NAME:.metadata.name,PHASE:.status.phase,ADDRESS:.status.ipAddress"


def a_disaster(scene: Scene, saved: str) -> None:
    terminal = scene.terminal
    terminal.say("A disaster: someone stops the machine, overwrites its first disk, and starts it again.")
    scene.switch("stop.yaml", "Stopped")
    image = scene.image("linux-vm-root")
    terminal.run(f"dd if=/dev/zero of={image} bs=1M count=64 conv=notrunc status=none")
    scene.switch("start.yaml", "Running")
    if scene.evidence.show(terminal, image) == saved:
        raise DemoError(f"{image} still holds what it held before the disaster")


def a_manifest_put_right(scene: Scene) -> None:
    terminal = scene.terminal
    terminal.say(
        "The page misspells the group in its manifest of a restore. Checked before it is applied, and put right:"
    )
    terminal.run("snapgate validate --fix -f 7-restore.yaml")


def what_a_restore_would_do(scene: Scene) -> None:
    terminal = scene.terminal
    terminal.say("What would happen? Server-side dry run answers, and writes nothing.")
    terminal.run("kubectl apply --dry-run=server -f 7-restore.yaml")
    terminal.say("The API's own dry run leaves the answer in an operation, object by object.")
    terminal.run("sed 's/restore-vm/try-restore/; s/Strict/DryRun/' 7-restore.yaml | kubectl apply -f -")
    scene.wait("vmop/try-restore", "condition=Completed")
    terminal.run(f"kubectl get vmop try-restore {_RESOURCES}")


def a_restore(scene: Scene, saved: str) -> None:
    terminal = scene.terminal
    terminal.say("The restore: the machine is stopped, gets its disks and settings back, and runs again as before.")
    terminal.run("kubectl apply -f 7-restore.yaml")
    scene.wait("vmop/restore-vm", "condition=Completed")
    terminal.run("kubectl get vmop,vm,vd")
    scene.expect_bytes("linux-vm-root", saved)


def a_clone(scene: Scene, saved: str) -> None:
    terminal = scene.terminal
    terminal.say("A clone, renamed as the page writes it. Checked without a cluster first, against what was exported:")
    terminal.run(
        f"mkdir inventory; for kind in {_EXPORTED}; do kubectl get $kind -A -o yaml >inventory/$kind.yaml; done"
    )
    scene.refused("KUBECONFIG= snapgate validate -f 8-clone.yaml --inventory inventory", "SourceMachineRunning")
    terminal.run("snapgate rules SourceMachineRunning")
    terminal.say(
        "So it is stopped first. The clone gets an address of its own, and the snapshot it was made of goes again."
    )
    scene.switch("stop.yaml", "Stopped")
    terminal.run("kubectl apply -f 8-clone.yaml")
    scene.wait("vmop/clone-vm", "condition=Completed")
    terminal.run("kubectl get vmop/clone-vm vd/staging-root vd/staging-data")
    terminal.run(f"kubectl get vm {_MACHINES}")
    scene.expect_bytes("staging-root", saved)


def a_machine_made_of_the_snapshot(scene: Scene, saved: str) -> None:
    terminal = scene.terminal
    terminal.say("Another from the snapshot: all names get a suffix.")
    terminal.run("kubectl apply -f 9-create-from-snapshot.yaml")
    scene.wait("vmsop/copy-of-snapshot", "condition=Completed")
    terminal.run("kubectl get vmsop,vd")
    terminal.run(f"kubectl get vm {_MACHINES}")
    scene.expect_bytes("linux-vm-root-copy", saved)


def what_cannot_be_restored(scene: Scene) -> None:
    terminal = scene.terminal
    terminal.say(
        "Later: its data disk is in the copy, and the machine was deleted and made anew. Both reasons at once."
    )
    terminal.run("kubectl delete vm linux-vm")
    terminal.run("kubectl apply -f attachment.yaml")
    scene.wait_for_phase("vmbda/copy-data", "Attached")
    terminal.run("sed 's/AlwaysOn.*/AlwaysOff/' 1-machine.yaml | kubectl apply --server-side -f -")
    scene.wait_for_phase("vm/linux-vm", "Stopped")
    scene.refused(
        "sed 's/restore-vm/restore-again/' 7-restore.yaml | kubectl apply -f -",
        "MachineUIDMismatch",
        "DiskUsedByAnotherMachine",
    )
