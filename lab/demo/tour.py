"""The whole page, with the manifests as the page writes them: snapshots, a disaster, the way back, copies."""

from __future__ import annotations

from lab.demo import operations, snapshots
from lab.demo.scene import Scene


def tour(scene: Scene) -> None:
    """Raises DemoError where anything goes otherwise than told."""
    snapshots.a_machine(scene)
    snapshots.snapshots(scene)
    snapshots.what_cannot_work(scene)
    snapshots.what_may_yet_work(scene)
    saved = snapshots.a_recovered_disk(scene)
    operations.a_disaster(scene, saved)
    operations.a_manifest_put_right(scene)
    operations.what_a_restore_would_do(scene)
    operations.a_restore(scene, saved)
    operations.a_clone(scene, saved)
    operations.a_machine_made_of_the_snapshot(scene, saved)
    operations.what_cannot_be_restored(scene)
