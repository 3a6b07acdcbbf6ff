import grpc
import pytest

from lab.storage.behaviour import Behaviour, behaviour_of
from lab.storage.errors import RequestError
from lab.storage.simulation import Simulation
from tests.support.csi import DriverClient, answered_with


def test_metadata_of_the_sidecars_is_no_behaviour() -> None:
    assert behaviour_of({"csi.storage.k8s.io/pvc/name": "root", "snapshotSeconds": "1.5"}) == Behaviour(
        snapshot_seconds=1.5
    )


@pytest.mark.parametrize("parameters", [{"tier": "gold"}, {"snapshotSeconds": "long"}])
def test_parameter_that_the_driver_does_not_know_is_refused(parameters: dict[str, str]) -> None:
    with pytest.raises(RequestError, match="this driver takes createSeconds"):
        behaviour_of(parameters)


async def test_attempt_fails_as_often_as_asked_and_then_takes_its_time() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    simulation = Simulation(sleep)
    for _ in range(2):
        with pytest.raises(RequestError, match="of 2: cut"):
            await simulation.attempt("cut", seconds=3, failures=2)
    await simulation.attempt("cut", seconds=3, failures=2)
    assert slept == [3]


async def test_snapshot_fails_as_the_class_of_its_volume_says(driver: DriverClient) -> None:
    await driver.create_volume("pvc-1", required=1, snapshotFailures="1")
    async with answered_with(grpc.StatusCode.INTERNAL):
        await driver.create_snapshot("snapshot-1", "pvc-1")
    assert (await driver.create_snapshot("snapshot-1", "pvc-1")).ready_to_use


async def test_snapshot_that_is_uploaded_is_cut_before_it_is_ready(driver: DriverClient) -> None:
    await driver.create_volume("pvc-1", required=1, uploadSeconds="2")
    first = await driver.create_snapshot("snapshot-1", "pvc-1")
    assert (first.ready_to_use, first.HasField("creation_time")) == (False, True)
    later = await driver.create_snapshot("snapshot-1", "pvc-1")
    assert (later.ready_to_use, later.creation_time) == (True, first.creation_time)
