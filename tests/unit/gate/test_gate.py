from __future__ import annotations

import asyncio
from copy import deepcopy
from functools import partial

import pytest

from tests.support import manifests
from tests.support.known import KnownWorld
from tests.support.manifests import Json
from tests.support.reviews import (
    disk_snapshot_created,
    disk_snapshot_updated,
    machine_snapshot_created,
    review,
    review_document,
)
from tests.support.rights import Rights
from tests.support.world import World
from webhook.admission.judged import Passage
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.facts.source import Source, UnreadableError
from webhook.findings.code import Profile
from webhook.findings.policy import Escape, Policy
from webhook.gate.gate import Gate, NotSyncedError
from webhook.gate.verdict import Confirmation, Decision, Verdict
from webhook.inventory.live import LiveReadError
from webhook.inventory.recording import ReadSet

STRICT = partial(Policy, Profile.STRICT)


class Live:
    """What the API server would say. Counts how often it was asked."""

    def __init__(self, world: World | None = None, failure: Exception | None = None) -> None:
        self.reads: list[ReadSet] = []
        self._world = world
        self._failure = failure

    async def __call__(self, reads: ReadSet, /) -> Source:
        self.reads.append(reads)
        if self._failure is not None:
            raise self._failure
        assert self._world is not None
        return self._world


async def unanswered(reads: ReadSet, /) -> Source:
    await asyncio.Event().wait()
    raise AssertionError


def machine_without_agent(world: World) -> World:
    return world.machine("linux-vm", disks=["data"], agent=False).disk("data", users=["linux-vm"])


def machine_with_agent() -> World:
    return World().machine("linux-vm", disks=["data"]).disk("data", users=["linux-vm"])


async def judge(gate: Gate, document: Json, *, seconds: float = 5.0) -> Verdict:
    return await gate.judge(review(document), deadline=asyncio.get_running_loop().time() + seconds)


async def test_allowed_request_never_calls_the_api_server() -> None:
    live = Live()
    verdict = await judge(Gate(KnownWorld(machine_with_agent()), STRICT, live, Rights()), machine_snapshot_created())
    assert verdict.decision is Decision.ALLOWED
    assert verdict.facts_age_seconds == 3.0
    assert live.reads == []


async def test_denial_stands_when_live_reads_agree(world: World) -> None:
    known = machine_without_agent(world)
    verdict = await judge(Gate(KnownWorld(known), STRICT, Live(known), Rights()), machine_snapshot_created())
    assert (verdict.decision, verdict.codes) == (Decision.DENIED, ("ConsistencyUnavailable",))
    assert (verdict.confirmation, verdict.facts_age_seconds) == (Confirmation.UPHELD, 0.0)


async def test_denial_is_dropped_when_live_reads_disagree(world: World) -> None:
    gate = Gate(KnownWorld(machine_without_agent(world)), STRICT, Live(machine_with_agent()), Rights())
    verdict = await judge(gate, machine_snapshot_created())
    assert (verdict.decision, verdict.confirmation) == (Decision.ALLOWED, Confirmation.OVERTURNED)


async def test_confirmation_reads_what_the_evaluation_looked_at(world: World) -> None:
    known = machine_without_agent(world)
    live = Live(known)
    await judge(Gate(KnownWorld(known), STRICT, live, Rights()), machine_snapshot_created())
    (reads,) = live.reads
    assert {(kind.name, name) for kind, _, name in reads.gets} == {
        ("VirtualMachine", "linux-vm"),
        ("VirtualDisk", "data"),
        ("PersistentVolumeClaim", "data"),
    }
    assert "snapshot-classes-by-driver" in {index.name for index, _ in reads.finds}


async def test_confirmation_reads_also_what_only_the_live_objects_lead_to(world: World) -> None:
    now = World().machine("linux-vm", disks=["data", "more"], agent=False).disk("data").disk("more")
    live = Live(now)
    await judge(Gate(KnownWorld(machine_without_agent(world)), STRICT, live, Rights()), machine_snapshot_created())
    first, second, *_ = live.reads
    assert "more" not in {name for _, _, name in first.gets}
    assert "more" in {name for _, _, name in second.gets}


@pytest.mark.parametrize(
    "failure",
    [LiveReadError("VirtualMachine default/linux-vm: refused"), UnreadableError(VIRTUAL_MACHINE, "default", "a", "x")],
)
async def test_denial_stands_on_its_facts_when_live_reads_fail(world: World, failure: Exception) -> None:
    gate = Gate(KnownWorld(machine_without_agent(world)), STRICT, Live(failure=failure), Rights())
    verdict = await judge(gate, machine_snapshot_created())
    assert (verdict.decision, verdict.confirmation) == (Decision.DENIED, Confirmation.IMPOSSIBLE)
    assert verdict.facts_age_seconds == 3.0


async def test_denial_stands_when_live_reads_take_longer_than_the_caller_waits(world: World) -> None:
    gate = Gate(KnownWorld(machine_without_agent(world)), STRICT, unanswered, Rights())
    verdict = await judge(gate, machine_snapshot_created(), seconds=0.01)
    assert (verdict.decision, verdict.confirmation) == (Decision.DENIED, Confirmation.IMPOSSIBLE)


async def test_nothing_is_judged_before_the_first_lists_are_complete(world: World) -> None:
    with pytest.raises(NotSyncedError):
        await judge(Gate(KnownWorld(world, synced=False), STRICT, Live(), Rights()), disk_snapshot_created())


async def test_nothing_is_judged_on_an_object_that_cannot_be_understood(world: World) -> None:
    world.put(VIRTUAL_MACHINE, {"metadata": {"name": "linux-vm"}, "status": {"phase": 7}})
    with pytest.raises(UnreadableError):
        await judge(Gate(KnownWorld(world), STRICT, Live(), Rights()), machine_snapshot_created())


async def test_object_of_the_wrong_shape_is_denied_without_facts(world: World) -> None:
    document = disk_snapshot_created()
    document["request"]["object"]["spec"] = {}
    verdict = await judge(Gate(KnownWorld(world, synced=False), STRICT, Live(), Rights()), document)
    assert (verdict.decision, verdict.codes) == (Decision.DENIED, ("SchemaInvalid",))
    assert verdict.facts_age_seconds is None


async def test_edited_spec_is_denied_without_reading_anything(world: World) -> None:
    before, after = (manifests.disk_snapshot("snap", of=name) for name in ("data", "other"))
    live = Live()
    verdict = await judge(Gate(KnownWorld(world), STRICT, live, Rights()), disk_snapshot_updated(before, after))
    assert (verdict.decision, verdict.codes) == (Decision.DENIED, ("SpecImmutable",))
    assert live.reads == []


async def test_update_that_changes_no_spec_passes_before_anything_is_known(world: World) -> None:
    before = manifests.disk_snapshot("snap", of="data")
    after = deepcopy(before)
    after["metadata"]["finalizers"] = []
    verdict = await judge(
        Gate(KnownWorld(world, synced=False), STRICT, Live(), Rights()), disk_snapshot_updated(before, after)
    )
    assert (verdict.decision, verdict.passage) == (Decision.PASSED, Passage.UNCHANGED)


async def test_deletion_is_allowed_also_of_an_object_of_the_wrong_shape(world: World) -> None:
    document = review_document(VIRTUAL_DISK_SNAPSHOT, "DELETE", present={"metadata": {"name": "snap"}, "spec": 7})
    assert (await judge(Gate(KnownWorld(world), STRICT, Live(), Rights()), document)).decision is Decision.ALLOWED


async def test_missing_disk_waits_and_says_so(world: World) -> None:
    verdict = await judge(Gate(KnownWorld(world), STRICT, Live(), Rights()), disk_snapshot_created())
    assert verdict.decision is Decision.ALLOWED
    assert [finding.code for finding in verdict.evaluation.waits] == ["DiskNotFound"]


async def test_policy_is_asked_for_at_each_review(world: World) -> None:
    now = [Policy(Profile.STRICT)]
    gate = Gate(
        KnownWorld(machine_without_agent(world)), lambda: now[0], Live(machine_without_agent(World())), Rights()
    )
    assert (await judge(gate, machine_snapshot_created())).decision is Decision.DENIED
    now[0] = Policy(Profile.GITOPS)
    assert (await judge(gate, machine_snapshot_created())).decision is Decision.ALLOWED


@pytest.mark.parametrize(
    ("user", "decision", "escaped"),
    [
        ({"username": "ann"}, Decision.ALLOWED, ("ConsistencyUnavailable",)),
        ({"username": "bob", "groups": ["admins"]}, Decision.ALLOWED, ("ConsistencyUnavailable",)),
        ({"username": "bob", "groups": ["people"]}, Decision.DENIED, ()),
        ({"username": None, "groups": None}, Decision.DENIED, ()),
    ],
)
async def test_escape_is_for_whom_it_names_and_is_told(
    user: Json, decision: Decision, escaped: tuple[str, ...], world: World
) -> None:
    escape = Escape(frozenset({"ConsistencyUnavailable"}), frozenset({"ann"}), frozenset({"admins"}))
    policy = partial(Policy, escapes=(escape,))
    gate = Gate(KnownWorld(machine_without_agent(world)), policy, Live(machine_without_agent(World())), Rights())
    document = machine_snapshot_created()
    document["request"]["userInfo"] = user
    verdict = await judge(gate, document)
    assert (verdict.decision, verdict.escaped) == (decision, escaped)
    assert verdict.codes == ("ConsistencyUnavailable",)
