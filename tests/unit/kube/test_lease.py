from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.support.fake_api_server import FakeApiServer, json, refusal
from webhook.kube.client import Client
from webhook.kube.errors import ConflictError
from webhook.kube.lease import Lease, LeaseLock, LeaseSpec, TakenError, claimed_spec, micro_time

NOW = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
PATH = "/apis/coordination.k8s.io/v1/namespaces/snapgate/leases"
OURS = {"holderIdentity": "us", "leaseDurationSeconds": 15, "renewTime": "2026-11-23T20:29:58.000000Z"}
THEIRS = {**OURS, "holderIdentity": "them", "leaseTransitions": 3}


@pytest.fixture
def lock(client: Client) -> LeaseLock:
    return LeaseLock(client, namespace="snapgate", name="leader", identity="us", now=lambda: NOW)


def wire(spec: dict[str, object], version: str) -> dict[str, object]:
    return {"metadata": {"name": "leader", "namespace": "snapgate", "resourceVersion": version}, "spec": spec}


async def read(server: FakeApiServer, lock: LeaseLock, spec: dict[str, object], version: str) -> Lease:
    server.others.append(json(wire(spec, version)))
    seen = await lock.read()
    assert seen is not None
    server.others.clear()
    server.requests.clear()
    server.bodies.clear()
    return seen


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (NOW, "2026-11-23T20:30:00.000000Z"),
        (NOW.replace(microsecond=7), "2026-11-23T20:30:00.000007Z"),
        (NOW.astimezone(timezone(timedelta(hours=3))), "2026-11-23T20:30:00.000000Z"),
    ],
    ids=["whole second", "microseconds", "another time zone"],
)
def test_times_are_utc_with_six_digits(moment: datetime, written: str) -> None:
    assert micro_time(moment) == written


async def test_a_lease_that_is_not_there_is_created(server: FakeApiServer, lock: LeaseLock) -> None:
    server.others.extend([refusal(404, "NotFound"), json(wire(OURS, "1"), 201)])
    seen = await lock.read()
    assert seen is None
    await lock.claim(seen)
    assert (server.requests[1].method, server.requests[1].path) == ("POST", PATH)
    assert server.bodies[1] == {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "leader"},
        "spec": {
            "holderIdentity": "us",
            "leaseDurationSeconds": 15,
            "acquireTime": "2026-11-23T20:30:00.000000Z",
            "renewTime": "2026-11-23T20:30:00.000000Z",
            "leaseTransitions": 0,
        },
    }


async def test_the_change_of_holder_is_counted_and_bound_to_what_was_seen(
    server: FakeApiServer, lock: LeaseLock
) -> None:
    seen = await read(server, lock, THEIRS, "7")
    server.others.append(json(wire(OURS, "8")))
    await lock.claim(seen)
    assert (server.requests[0].method, server.requests[0].path) == ("PATCH", f"{PATH}/leader")
    assert server.requests[0].headers["Content-Type"] == "application/merge-patch+json"
    assert server.bodies[0] == {
        "metadata": {"resourceVersion": "7"},
        "spec": {
            "holderIdentity": "us",
            "leaseDurationSeconds": 15,
            "acquireTime": "2026-11-23T20:30:00.000000Z",
            "renewTime": "2026-11-23T20:30:00.000000Z",
            "leaseTransitions": 4,
        },
    }


def test_a_renewal_leaves_the_count_and_the_time_of_acquisition() -> None:
    seen = Lease(spec=LeaseSpec(holder_identity="us", renew_time="2026-11-23T20:29:58.000000Z"))
    assert claimed_spec(seen, "us", 15, NOW) == {
        "holderIdentity": "us",
        "leaseDurationSeconds": 15,
        "renewTime": "2026-11-23T20:30:00.000000Z",
    }


def test_a_renewal_changes_the_lease_also_when_the_wall_clock_stands_still() -> None:
    seen = Lease(spec=LeaseSpec(holder_identity="us", renew_time=micro_time(NOW)))
    assert claimed_spec(seen, "us", 15, NOW)["renewTime"] == "2026-11-23T20:30:00.000001Z"


async def test_a_renewal_goes_on_from_an_earlier_one_whose_answer_was_lost(
    server: FakeApiServer, lock: LeaseLock
) -> None:
    held = await read(server, lock, OURS, "7")
    server.others.extend([refusal(409, "Conflict"), json(wire(OURS, "8")), json(wire(OURS, "9"))])
    assert (await lock.renew(held)).metadata.resource_version == "9"
    assert server.bodies[2]["metadata"] == {"resourceVersion": "8"}


async def test_a_renewal_of_a_lease_that_another_took_says_so(server: FakeApiServer, lock: LeaseLock) -> None:
    held = await read(server, lock, OURS, "7")
    server.others.extend([refusal(409, "Conflict"), json(wire(THEIRS, "8"))])
    with pytest.raises(TakenError):
        await lock.renew(held)
    assert [each.method for each in server.requests] == ["PATCH", "GET"]


async def test_a_renewal_makes_a_deleted_lease_anew(server: FakeApiServer, lock: LeaseLock) -> None:
    held = await read(server, lock, OURS, "7")
    server.others.extend([refusal(404, "NotFound"), refusal(404, "NotFound"), json(wire(OURS, "9"), 201)])
    assert (await lock.renew(held)).metadata.resource_version == "9"
    assert [each.method for each in server.requests] == ["PATCH", "GET", "POST"]


async def test_a_release_leaves_nobody_as_the_holder(server: FakeApiServer, lock: LeaseLock) -> None:
    held = await read(server, lock, OURS, "7")
    server.others.append(json(wire({}, "8")))
    await lock.release(held)
    assert server.bodies == [
        {
            "metadata": {"resourceVersion": "7"},
            "spec": {"holderIdentity": "", "renewTime": "2026-11-23T20:30:00.000000Z"},
        }
    ]


async def test_a_release_meets_a_late_renewal_of_ours(server: FakeApiServer, lock: LeaseLock) -> None:
    held = await read(server, lock, OURS, "7")
    server.others.extend([refusal(409, "Conflict"), json(wire(OURS, "8")), json(wire({}, "9"))])
    await lock.release(held)
    assert server.bodies[2]["metadata"] == {"resourceVersion": "8"}


async def test_a_release_leaves_the_lease_of_another_alone(server: FakeApiServer, lock: LeaseLock) -> None:
    held = await read(server, lock, OURS, "7")
    server.others.extend([refusal(409, "Conflict"), json(wire(THEIRS, "8"))])
    with pytest.raises(TakenError):
        await lock.release(held)
    assert [each.method for each in server.requests] == ["PATCH", "GET"]


async def test_a_claim_that_another_overtook_is_a_conflict(server: FakeApiServer, lock: LeaseLock) -> None:
    seen = await read(server, lock, THEIRS, "7")
    server.others.append(refusal(409, "Conflict"))
    with pytest.raises(ConflictError):
        await lock.claim(seen)
