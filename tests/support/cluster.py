"""A cluster in memory around the real reconcilers: API server, guests, storage, time, and a process that may die."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, cast

from tests.support import copies, dependency_manifests, manifests, source_manifests
from tests.support.faults import Faults, ProcessDiedError
from tests.support.guests import Guests
from tests.support.machine_controller import MachineSide
from tests.support.manifests import DRIVER, Json
from tests.support.object_store import ObjectStore, copied, typed
from tests.support.provisioner import Provisioner
from tests.support.snapshotter import Snapshotter
from webhook.api.kind import Kind
from webhook.api.kinds import KINDS_BY_NAME
from webhook.api.meta import Object
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.api.vocabulary import RESTORED_BY
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT_CLASS
from webhook.findings.policy import Policy
from webhook.inventory.inventory import Inventory
from webhook.kube.client import Client
from webhook.kube.errors import ApiError, UnreachableError
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.kinds.reconciled import reconcilers
from webhook.reconciler.queue import Key
from webhook.reconciler.settings import ReconcilerSettings
from webhook.reconciler.triggers import keys_for
from webhook.reconciler.writes import ApiWrites

MOST_STEPS: Final = 3000
RETRY: Final = timedelta(seconds=1)


class Event(NamedTuple):
    kind: str
    name: str
    type: str
    reason: str
    message: str


class Refusals:
    """What the API server answers for good to a call, `create VirtualDisk`, or `overwrite VirtualMachine`."""

    def __init__(self) -> None:
        self.always: dict[str, ApiError] = {}
        self.not_rehearsed: dict[str, ApiError] = {}
        """What only shows when it is written: someone was faster, or a webhook knows no dry run."""

    def of(self, call: str, *, dry_run: bool) -> ApiError | None:
        found = self.always.get(call)
        return found if found is not None or dry_run else self.not_rehearsed.get(call)


class SimulatedClient:
    """Of `Client` what ApiWrites uses."""

    def __init__(self, store: ObjectStore, faults: Faults, refusals: Refusals) -> None:
        self._store = store
        self._faults = faults
        self._refusals = refusals

    async def get(self, kind: Kind[Any], namespace: str, name: str) -> Any:
        fault = await self._faults.before(f"get {kind.name} {name}")
        found = self._store.get(kind, name)
        self._faults.after(fault)
        return typed(kind, found)

    async def get_raw(self, kind: Kind[Any], namespace: str, name: str) -> Json:
        fault = await self._faults.before(f"get {kind.name} {name}")
        found = self._store.get(kind, name)
        self._faults.after(fault)
        return {"apiVersion": kind.api_version, "kind": kind.name, **found}

    async def create(
        self, kind: Kind[Any], body: Mapping[str, Any], *, namespace: str = "", dry_run: bool = False
    ) -> Any:
        fault = await self._faults.before(f"{'rehearse' if dry_run else 'create'} {kind.name}")
        self._refuse(f"create {kind.name}", dry_run=dry_run)
        if dry_run:
            self._faults.after(fault)
            return None
        created = self._store.create(kind, copied(body))
        self._faults.after(fault)
        return typed(kind, created)

    async def merge_patch(
        self,
        kind: Kind[Any],
        namespace: str,
        name: str,
        patch: Mapping[str, Any],
        *,
        subresource: str = "",
        dry_run: bool = False,
    ) -> Any:
        what = f"{kind.name}{'/' + subresource if subresource else ''}"
        fault = await self._faults.before(f"{'rehearse patch' if dry_run else 'patch'} {what}")
        assert ("status" in patch) == (subresource == "status"), "a status goes through its subresource"
        restores = RESTORED_BY in patch.get("metadata", {}).get("annotations", {})
        self._refuse(f"{'overwrite' if restores else 'patch'} {what}", dry_run=dry_run)
        if dry_run:
            self._faults.after(fault)
            return None
        patched = self._store.patch(kind, name, copied(patch))
        self._faults.after(fault)
        return typed(kind, patched)

    async def delete(
        self, kind: Kind[Any], namespace: str, name: str, *, uid: str = "", resource_version: str = ""
    ) -> None:
        fault = await self._faults.before(f"delete {kind.name}")
        self._store.delete(kind, name, uid=uid, resource_version=resource_version)
        self._faults.after(fault)

    def _refuse(self, call: str, *, dry_run: bool) -> None:
        error = self._refusals.of(call, dry_run=dry_run)
        if error is not None:
            raise error


class SimulatedInventory:
    """Of `Inventory` what ApiWrites uses."""

    def __init__(self, store: ObjectStore, faults: Faults) -> None:
        self._store = store
        self._faults = faults

    async def visible(self, kind: Kind[Any], *_: Any, deadline_seconds: float) -> bool:
        await self._faults.gate()
        self._store.deliver_all(kind)
        return True


class SimulatedCluster:
    def __init__(self, *, policy: Policy | None = None, settings: ReconcilerSettings | None = None) -> None:
        self.moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        self.policy = policy or Policy()
        self.settings = settings or ReconcilerSettings()
        self.store = ObjectStore(now=self._now)
        self.store.listener = self._changed
        self.guests = Guests(self.store, lambda: self.moment, lambda: self.faults)
        self.storage = Snapshotter(self.store, self.guests, self._now)
        self.provisioner = Provisioner(self.store)
        self.refusals = Refusals()
        self.machine_side = MachineSide(self.store, self.guests)
        self.undone = 0
        """Restores that were taken back."""
        self.events: list[Event] = []
        self.frozen_seconds: list[float] = []
        self.boot()
        self.store.create(STORAGE_CLASS, manifests.storage_class(DRIVER))
        self.store.create(VOLUME_SNAPSHOT_CLASS, manifests.snapshot_class(DRIVER))

    def boot(self) -> None:
        """A new process: it remembers nothing, and has listed everything."""
        self.faults = Faults()
        self.queue: set[Key] = set()
        self.timers: dict[Key, datetime] = {}
        writes = ApiWrites(
            cast("Client", SimulatedClient(self.store, self.faults, self.refusals)),
            cast("Inventory", SimulatedInventory(self.store, self.faults)),
        )
        self.outside = Cluster(
            source=self.store.cache,
            writes=writes,
            machines=self.guests,
            events=self,
            freezes=self,
            restores=self,
            clock=lambda: self.moment,
            policy=lambda: self.policy,
            settings=self.settings,
        )
        self._reconcilers = reconcilers(self.outside)
        self.store.deliver_all()
        for kind in map(KINDS_BY_NAME.__getitem__, self._reconcilers):
            for body in self.store.all(kind):
                self.queue.add(Key(kind.name, body["metadata"]["namespace"], body["metadata"]["name"]))

    def disk(self, name: str, *, claim: str | None = None, contents: str = "", **described: Any) -> None:
        """With a claim of its name, on a volume that holds what the disk's name says, where nothing else is said."""
        claim_name = claim if claim is not None else name
        disk = self.store.create(VIRTUAL_DISK, manifests.disk(name, claim=claim_name, **described))
        owner = manifests.owner_reference(VIRTUAL_DISK, name, uid=disk["metadata"]["uid"])
        body = manifests.claim(claim_name)
        body["metadata"]["ownerReferences"] = [owner | {"controller": True}]
        created = self.store.create(PERSISTENT_VOLUME_CLAIM, body)
        self.provisioner.bind_to_new_volume(created, contents or f"first {name}")

    def disk_from(self, name: str, *, snapshot: str, **described: Any) -> None:
        """As a user writes it; see source_manifests.disk_from."""
        self.store.create(VIRTUAL_DISK, source_manifests.disk_from(snapshot, name=name, **described))

    def machine(self, name: str, *, disks: tuple[str, ...] = ("root", "data"), **described: Any) -> None:
        """With its disks where they do not exist yet."""
        for disk in disks:
            if self.store.find(VIRTUAL_DISK, disk) is None:
                self.disk(disk)
        self.guests.create(name, disks=disks, **described)

    def disk_snapshot(self, name: str, *, of: str, **described: Any) -> None:
        self.store.create(VIRTUAL_DISK_SNAPSHOT, manifests.disk_snapshot(name, of=of, **described))

    def machine_snapshot(self, name: str, *, of: str, **described: Any) -> None:
        self.store.create(VIRTUAL_MACHINE_SNAPSHOT, manifests.machine_snapshot(name, of=of, **described))

    def restore(self, name: str = "restore", *, of: str = "vm", snapshot: str = "snap", mode: str = "Strict") -> None:
        body = dependency_manifests.restore(name, of=of, snapshot=snapshot, mode=mode)
        self.store.create(VIRTUAL_MACHINE_OPERATION, body)

    def clone(self, name: str = "clone", *, of: str = "vm", **copy: Any) -> None:
        self.store.create(VIRTUAL_MACHINE_OPERATION, copies.clone(name, of=of, **copy))

    def copy_snapshot(self, name: str = "copy", *, snapshot: str = "snap", **copy: Any) -> None:
        body = copies.created_from_snapshot(name, snapshot=snapshot, **copy)
        self.store.create(VIRTUAL_MACHINE_SNAPSHOT_OPERATION, body)

    def cut_of(self, contents: str) -> str:
        """The disk that these bytes were cut of; `""` when they are of no snapshot."""
        return self.storage.claims.get(contents, "")

    async def settle(self, *, seconds: float = 300) -> None:
        """Until nothing moves any more, or so much time would have to pass."""
        end = self.moment + timedelta(seconds=seconds)
        for _ in range(MOST_STEPS):
            if not await self.step(end):
                return
        raise AssertionError(f"does not come to rest: {sorted(self.queue)}, last calls {self.faults.calls[-12:]}")

    async def step(self, end: datetime) -> bool:
        """The next thing that happens by itself. False when nothing does before `end`."""
        if self.queue:
            await self.run_pass(min(self.queue))
        elif self.store.behind:
            self.store.deliver_all()
        elif not any(move() for move in self._others()):
            return self._wait(end)
        return True

    def _others(self) -> tuple[Callable[[], bool], ...]:
        """Each moves what it is there for, and says whether it did."""
        return self.storage.step, self.provisioner.step, self.machine_side.step, self.store.collect_garbage

    async def run_pass(self, key: Key) -> None:
        """As the Controller does it. A process that dies is followed by another."""
        self.queue.discard(key)
        self.timers.pop(key, None)
        faults = self.faults
        try:
            progress = await self._reconcilers[key.kind](key.namespace, key.name)
        except (ApiError, UnreachableError):
            self.timers[key] = self.moment + RETRY
        except ProcessDiedError:
            if faults.struck:
                self.boot()
        else:
            if progress.again_after_seconds is not None:
                self.timers[key] = self.moment + timedelta(seconds=progress.again_after_seconds)

    async def settle_until(self, call: str) -> None:
        """Until a call of this name was made."""
        end = self.moment + timedelta(seconds=300)
        while call not in self.faults.calls:
            assert await self.step(end), f"nothing calls {call}: {self.faults.calls}"

    def advance(self, seconds: float) -> None:
        """Let time pass without anybody acting but the guests' own clocks."""
        end = self.moment + timedelta(seconds=seconds)
        while (deadline := self.guests.next_deadline()) is not None and deadline <= end:
            self.moment = max(self.moment, deadline)
            self.guests.thaw_expired()
        self.moment = end
        self._fire()

    def _wait(self, end: datetime) -> bool:
        ahead = [*self.timers.values(), *filter(None, [self.guests.next_deadline()])]
        if not ahead or min(ahead) > end:
            return False
        self.moment = max(self.moment, min(ahead))
        self.guests.thaw_expired()
        self._fire()
        return True

    def _fire(self) -> None:
        for key in [key for key, due in self.timers.items() if due <= self.moment]:
            del self.timers[key]
            self.queue.add(key)

    def _changed(self, kind: Kind[Any], old: Object | None, new: Object | None) -> None:
        for side in (old, new):
            if side is not None:
                self.queue.update(keys_for(kind, side, self.store.cache))

    def _now(self) -> str:
        return self.moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    async def record(
        self,
        kind: Kind[Object],
        subject: Object,
        *,
        reason: str,
        message: str,
        type: str = "Normal",  # noqa: A002 - the API's own name
    ) -> None:
        self.events.append(Event(kind.name, subject.metadata.name, type, reason, message))

    def restore_undone(self) -> None:
        self.undone += 1

    def thawed(self, seconds: float) -> None:
        self.frozen_seconds.append(seconds)
