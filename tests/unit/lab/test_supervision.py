import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from lab.backoff import Backoff
from lab.children import Children
from lab.errors import LabError
from lab.process import Component
from lab.supervision import Supervision

FOREVER = (sys.executable, "-c", "import signal; signal.pause()")
DEADLINE_SECONDS = 60.0


@pytest.fixture
async def supervision(tmp_path: Path) -> AsyncIterator[Supervision]:
    loop = asyncio.get_running_loop()
    children = Children()
    children.reap_on(loop)
    supervised = Supervision(children, tmp_path, lambda: None, Backoff(first_seconds=0.01, max_seconds=0.01))
    async with asyncio.timeout(DEADLINE_SECONDS):
        yield supervised
        await supervised.stop()
    loop.remove_signal_handler(signal.SIGCHLD)


def probe_that(records: list[str], name: str, *answers: bool) -> Callable[[], Awaitable[bool]]:
    remaining = iter((*answers, True))

    async def probe() -> bool:
        answer = next(remaining, True)
        if answer:
            records.append(name)
        return answer

    return probe


async def test_start_returns_when_the_probe_says_ready(supervision: Supervision) -> None:
    ready: list[str] = []
    await supervision.start([Component("server", FOREVER, ready=probe_that(ready, "server", False, False))])
    [status] = supervision.statuses
    assert (ready, status.state, status.restarts) == (["server"], "ready", 0)


async def test_a_component_starts_after_those_it_names(supervision: Supervision) -> None:
    ready: list[str] = []
    await supervision.start(
        [
            Component("first", FOREVER, ready=probe_that(ready, "first", False, False, False)),
            Component("second", FOREVER, ready=probe_that(ready, "second"), after=("first",)),
        ]
    )
    assert ready == ["first", "second"]


async def test_a_component_may_name_one_of_an_earlier_call(supervision: Supervision) -> None:
    await supervision.start([Component("first", FOREVER)])
    await supervision.start([Component("second", FOREVER, after=("first",))])
    assert [status.state for status in supervision.statuses] == ["ready", "ready"]


async def test_an_unknown_dependency_is_refused_before_anything_starts(supervision: Supervision) -> None:
    with pytest.raises(LabError, match="after nobody"):
        await supervision.start([Component("first", FOREVER), Component("second", FOREVER, after=("nobody",))])
    assert supervision.statuses == ()


async def test_a_crashed_component_is_started_again_and_counted(supervision: Supervision, tmp_path: Path) -> None:
    again = asyncio.Event()
    starts = 0

    async def probe() -> bool:
        nonlocal starts
        starts += 1
        if starts == 2:
            again.set()
        return True

    await supervision.start([Component("server", FOREVER, ready=probe)])
    [status] = supervision.statuses
    assert status.pid is not None
    os.kill(status.pid, signal.SIGKILL)
    await again.wait()
    [status] = supervision.statuses
    assert (status.restarts, status.last_exit) == (1, -signal.SIGKILL)


async def test_what_never_becomes_ready_fails_with_the_end_of_its_log(supervision: Supervision) -> None:
    async def never() -> bool:
        return False

    with pytest.raises(LabError, match="no such flag"):
        await supervision.start([Component("server", ("sh", "-c", "echo no such flag; exit 3"), ready=never)])


async def test_a_program_that_is_not_there_fails_at_once(supervision: Supervision) -> None:
    with pytest.raises(LabError, match="does not start"):
        await supervision.start([Component("server", ("/nonexistent/program",))])


async def test_a_component_sees_its_own_environment_and_no_proxy(
    supervision: Supervision, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    seen = tmp_path / "seen"

    async def written() -> bool:
        return seen.exists() and seen.read_text().endswith("end\n")

    command = ("sh", "-c", f"echo ${{COLOUR}} ${{HTTPS_PROXY-none}} end > {seen}; exec sleep 60")
    await supervision.start([Component("server", command, environment={"COLOUR": "red"}, ready=written)])
    assert seen.read_text() == "red none end\n"


async def test_stop_ends_dependents_first(supervision: Supervision, tmp_path: Path) -> None:
    order = tmp_path / "order"

    def stoppable(name: str, after: tuple[str, ...] = ()) -> Component:
        started = tmp_path / f"{name}.started"
        trap = f"trap 'echo {name} >> {order}; exit 0' TERM; touch {started}; while :; do sleep 60 & wait; done"

        async def ready() -> bool:
            return started.exists()

        return Component(name, ("sh", "-c", trap), ready=ready, after=after)

    await supervision.start([stoppable("database"), stoppable("server", after=("database",))])
    await supervision.stop()
    assert order.read_text().split() == ["server", "database"]
    assert [(status.state, status.pid) for status in supervision.statuses] == [("stopped", None), ("stopped", None)]


def test_the_delay_between_crashes_grows_up_to_its_maximum() -> None:
    backoff = Backoff(first_seconds=1, factor=2, max_seconds=5, healthy_seconds=30)
    delays: list[float] = []
    for _ in range(5):
        delays.append(backoff.after_crash(delays[-1] if delays else None, lived_seconds=0))
    assert delays == [1, 2, 4, 5, 5]


def test_a_component_that_lived_long_starts_from_the_first_delay() -> None:
    assert Backoff(first_seconds=1, healthy_seconds=30).after_crash(8, lived_seconds=30) == 1
