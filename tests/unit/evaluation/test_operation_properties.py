"""What holds of restores, clones and copies whatever the facts are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import copies, dependency_manifests
from tests.support.cases import MACHINE
from tests.support.copies import documented, rule
from tests.support.manifests import Json, identified, metadata
from tests.support.operation_worlds import OPERATION, SNAPSHOT, SUFFIX, healthy
from tests.support.requests import create, snapshot_of_machine
from tests.support.situations import TWINS
from tests.support.twins import MODES, nothing
from tests.support.world import World
from webhook.api.network import NETWORK
from webhook.api.virtual_machine import VIRTUAL_MACHINE, Phase, RunPolicy
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.evaluation.evaluate import evaluate
from webhook.facts.request import Request
from webhook.findings.catalogue import CODES
from webhook.findings.code import Profile
from webhook.findings.policy import Policy
from webhook.validation.check import check
from webhook.validation.documents import Document
from webhook.validation.judgement import Judgement, over

CHANGES: Final = tuple(dict.fromkeys(twin.wrong for twin in TWINS if twin.wrong is not nothing))
"""Each puts something in the way of some operation; several together are what a bad day looks like."""
MEMBERS: Final = tuple(each for each in (twin.asked_wrong for twin in TWINS) if each)
TYPES: Final = ("Restore", "Clone", "CreateVirtualMachine")

modes = st.sampled_from(MODES)
policies = st.builds(Policy, st.sampled_from(Profile))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A change may find gone or unreadable what another has taken away or truncated."""
    world = healthy(World())
    for change in draw(st.lists(st.sampled_from(CHANGES), max_size=4)):
        with suppress(KeyError, msgspec.DecodeError):
            change(world)
        world.elsewhere("default")
    return world


@dataclass(frozen=True)
class Asked:
    """An operation, but for its mode."""

    type: str
    members: Json

    def manifest(self, mode: str) -> tuple[Any, Json]:
        if self.type == "Restore":
            described: Json = {"of": MACHINE, "snapshot": SNAPSHOT} | _only(self.members, "of", "snapshot")
            return VIRTUAL_MACHINE_OPERATION, dependency_manifests.restore(OPERATION, mode=mode, **described)
        named = SUFFIX | {key: value for key, value in self.members.items() if key not in {"of", "snapshot"}}
        if self.type == "Clone":
            return VIRTUAL_MACHINE_OPERATION, copies.clone(OPERATION, mode=mode, **named, **_only(self.members, "of"))
        return VIRTUAL_MACHINE_SNAPSHOT_OPERATION, copies.created_from_snapshot(
            OPERATION, mode=mode, **{"snapshot": SNAPSHOT, **named}
        )

    def request(self, mode: str) -> Request:
        kind, manifest = self.manifest(mode)
        return create(kind, manifest)


def of_its_own(operation: Asked, mode: str) -> tuple[Any, Json]:
    """A manifest that may be changed."""
    kind, manifest = operation.manifest(mode)
    return kind, msgspec.json.decode(msgspec.json.encode(manifest))


def _only(members: Json, *names: str) -> Json:
    return {key: value for key, value in members.items() if key in names}


asked = st.builds(Asked, st.sampled_from(TYPES), st.one_of(st.just({}), st.sampled_from(MEMBERS)))


def shuffled(world: World, random: Any) -> World:
    objects = world.everything()
    random.shuffle(objects)
    again = World()
    for kind, manifest in objects:
        again.put(kind, manifest)
    return again


@given(worlds(), asked, modes, policies, st.randoms(use_true_random=False))
def test_order_of_the_facts_changes_nothing(
    world: World, operation: Asked, mode: str, policy: Policy, random: Any
) -> None:
    request = operation.request(mode)
    assert evaluate(request, shuffled(world, random), policy) == evaluate(request, shuffled(world, random), policy)


@given(worlds(), asked, modes, policies)
def test_asked_twice_is_answered_the_same(world: World, operation: Asked, mode: str, policy: Policy) -> None:
    request = operation.request(mode)
    assert evaluate(request, world, policy) == evaluate(request, world, policy)


@given(worlds(), asked)
def test_a_dry_run_finds_and_plans_what_strict_does(world: World, operation: Asked) -> None:
    dry, strict = (evaluate(operation.request(mode), world, Policy()) for mode in ("DryRun", "Strict"))
    assert dry.conflicts == strict.conflicts
    assert [each.finding for each in dry.findings] == [each.finding for each in strict.findings]
    assert dry.plan == strict.plan


@given(worlds(), asked, policies)
def test_a_dry_run_is_denied_only_for_what_its_manifest_gets_wrong(
    world: World, operation: Asked, policy: Policy
) -> None:
    evaluation = evaluate(operation.request("DryRun"), world, policy)
    assert all(CODES[finding.code].own for finding in evaluation.denials)
    assert evaluation.waits == ()


@given(worlds(), asked, policies)
def test_best_effort_is_denied_for_nothing_that_strict_is_not_but_to_have_no_device_left(
    world: World, operation: Asked, policy: Policy
) -> None:
    effort, strict = (evaluate(operation.request(mode), world, policy) for mode in ("BestEffort", "Strict"))
    more = {*effort.denials, *effort.waits} - {*strict.denials, *strict.waits}
    assert {finding.code for finding in more} <= {"NoBlockDevicesLeft"}


@given(worlds(), asked, modes)
def test_profiles_differ_in_what_follows_and_not_in_what_is_found(world: World, operation: Asked, mode: str) -> None:
    found = [
        [judged.finding for judged in evaluate(operation.request(mode), world, Policy(profile)).findings]
        for profile in Profile
    ]
    assert found[0] == found[1] == found[2]


@given(worlds(), asked, modes)
def test_spelling_of_rules_changes_nothing_but_the_field_that_is_named(
    world: World, operation: Asked, mode: str
) -> None:
    kind, manifest = of_its_own(operation, mode)
    block: Json = next(
        (manifest["spec"][each] for each in ("clone", "createVirtualMachine") if each in manifest["spec"]), {}
    )
    rules = block.get("nameReplacement")
    if not rules or "nameReplacements" in block:
        return
    stored = evaluate(create(kind, manifest), world, Policy())
    block["nameReplacements"] = documented(block.pop("nameReplacement"))
    assert evaluate(create(kind, manifest), world, Policy()) == stored


@given(worlds(), st.lists(st.tuples(asked, modes), max_size=4), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_order_of_the_documents_changes_no_answer(
    world: World, operations: list[tuple[Asked, str]], random: Any
) -> None:
    documents = [
        Document(f"{number}.yaml:1", f"{number}.yaml", identified(*operation.manifest(mode)))
        for number, (operation, mode) in enumerate(operations)
    ]
    judgement = Judgement(over(world, Policy()), Policy(), "default")

    def answers() -> dict[str, Any]:
        outcomes = asyncio.run(check(judgement, documents)).outcomes
        return {each.document.source: (each.verdict, each.remarks, each.plan) for each in outcomes}

    in_order = answers()
    random.shuffle(documents)
    assert answers() == in_order


names = st.from_regex(r"[a-z]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)


@st.composite
def healthy_worlds(draw: st.DrawFn) -> tuple[World, str]:
    """Of everything some, all of it as it should be. With the machine's name."""
    world = World()
    machine, *disks = draw(st.lists(names, min_size=2, max_size=6, unique=True))
    images = draw(st.lists(names.filter(lambda name: name not in disks), max_size=2, unique=True))
    plugged = draw(st.lists(names.filter(lambda name: name not in disks), max_size=2, unique=True))
    phase = draw(st.sampled_from((Phase.RUNNING, Phase.STOPPED)))
    for disk in (*disks, *plugged):
        world.disk(disk, driver=draw(st.sampled_from(("fast.example.com", "slow.example.com"))))
    for disk in plugged:
        world.attachment(f"{disk}-plug", of=machine, disk=disk, phase="Attached" if phase == "Running" else "Pending")
    described: Json = {}
    if draw(st.booleans()):
        described["address"] = "ip"
        world.ip_address("ip", of=machine, type_=draw(st.sampled_from(("Auto", "Static"))), address="10.66.10.14")
    if draw(st.booleans()):
        described["mac_addresses"] = ["mac"]
        world.mac_address("mac", of=machine)
    if draw(st.booleans()):
        described["provisioning_secret"] = "user-data"
        world.secret("user-data")
    if draw(st.booleans()):
        described["class_name"] = "generic"
        world.machine_class("generic")
    attachments = {f"{disk}-plug": disk for disk in plugged}
    world.machine(machine, disks=disks, images=images, plugged_in=attachments, phase=phase, **described)
    networks = draw(st.sampled_from(((), ({"type": "Main"},), ({"type": "Main"}, {"type": "Network", "name": "net"}))))
    world.put(NETWORK, {"metadata": metadata("net")})
    world.change(
        VIRTUAL_MACHINE,
        machine,
        spec={"runPolicy": draw(st.sampled_from([*RunPolicy])), "networks": list(networks)},
    )
    world.saved(
        SNAPSHOT,
        of=machine,
        address=described.get("address", ""),
        mac_addresses=described.get("mac_addresses", []),
        secret=described.get("provisioning_secret", ""),
        attachments=list(attachments),
    )
    return world, machine


suffixes = st.from_regex(r"-[a-z0-9]{1,10}", fullmatch=True).map(lambda each: {"nameSuffix": each})
prefixes = st.from_regex(r"[a-z][a-z0-9]{0,8}--", fullmatch=True).map(lambda each: {"namePrefix": each})


@given(healthy_worlds(), modes, st.one_of(suffixes, prefixes), policies)
def test_valid_manifests_are_never_denied_and_never_wait(
    described: tuple[World, str], mode: str, customization: Json, policy: Policy
) -> None:
    world, machine = described
    off = world.manifest(VIRTUAL_MACHINE, machine)["status"]["phase"] == "Stopped"
    there = {manifest["metadata"]["name"] for _, manifest in world.everything()}
    added = "".join(customization.values())
    if any(added in name for name in there):
        return
    valid: list[Callable[[], Request]] = [
        lambda: create(
            VIRTUAL_MACHINE_OPERATION,
            dependency_manifests.restore(OPERATION, of=machine, snapshot=SNAPSHOT, mode=mode),
        ),
        lambda: create(
            VIRTUAL_MACHINE_SNAPSHOT_OPERATION,
            copies.created_from_snapshot(OPERATION, snapshot=SNAPSHOT, mode=mode, customization=customization),
        ),
        lambda: snapshot_of_machine(machine),
    ]
    if off:
        valid.append(
            lambda: create(
                VIRTUAL_MACHINE_OPERATION,
                copies.clone(OPERATION, of=machine, mode=mode, customization=customization),
            )
        )
    for make in valid:
        evaluation = evaluate(make(), world, policy)
        assert evaluation.conflicts == ()
        assert make().kind.name == "VirtualMachineSnapshot" or evaluation.plan.steps


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.sampled_from([MACHINE, "VirtualDisk"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)


@given(worlds(), st.sampled_from(TYPES), modes, st.data())
def test_whatever_stands_in_an_operation_is_answered(world: World, type_: str, mode: str, data: st.DataObject) -> None:
    kind, manifest = of_its_own(Asked(type_, {"nameReplacement": [rule("a", "b")]}), mode)
    path = [manifest["spec"]]
    for block in ("restore", "clone", "createVirtualMachine"):
        path += [manifest["spec"][block]] if block in manifest["spec"] else []
    target = data.draw(st.sampled_from(path))
    target[data.draw(st.sampled_from(sorted(target)))] = data.draw(anything)
    document = Document("a.yaml:1", "a.yaml", identified(kind, manifest))
    judgement = Judgement(over(world, Policy()), Policy(), "default")
    (outcome,) = asyncio.run(check(judgement, [document])).outcomes
    assert outcome.verdict in {"allow", "deny"}
