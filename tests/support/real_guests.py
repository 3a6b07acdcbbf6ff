"""Real guests as tests see them: by what they say on their console, and by what is on their disks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from lab.machines.guest_log import GuestEvent
from tests.support.ext4 import read_text
from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import disk, machine
from tests.support.waiting import until

DEADLINE_SECONDS = 150
"""An agent has taken 19 s to come up while both cores were busy."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RealGuest:
    kubectl: Kubectl
    lab: RunningLab
    name: str
    uid: str

    def counter(self) -> int:
        """The last one that it said was on its disks; 0 before the first."""
        said = re.findall(r"^counter (\d+)$", self.lab.console(self.uid), re.MULTILINE)
        return int(said[-1]) if said else 0

    def runs_on(self) -> None:
        """It writes now. One counter may have been written, and not been said, before a freeze: two are not."""
        before = self.counter()
        until_seen(lambda: self.counter() > before + 1, f"{self.name} writes no more after {before}")

    def says(self, text: str) -> None:
        until_seen(lambda: text in self.lab.console(self.uid), f"{self.name} does not say {text!r}")

    def thaws_by_itself(self) -> None:
        """It was frozen, is thawed by its deadline, and goes on."""
        until_seen(lambda: len(self._events()) == 2, f"{self.name} is not thawed")
        assert self._events() == [GuestEvent.FROZEN, GuestEvent.AUTO_THAWED]
        self.runs_on()

    def _events(self) -> list[GuestEvent]:
        return [record.event for record in self.lab.guest_log(self.kubectl.namespace)]

    def boots(self) -> int:
        return self.lab.console(self.uid).count("mounted /data\n")

    def wait_for(self, condition: str) -> None:
        self.kubectl.wait(f"vm/{self.name}", condition, seconds=DEADLINE_SECONDS)

    def agent_answers(self) -> None:
        self.wait_for("condition=AgentReady")

    def freeze(self, seconds: int) -> None:
        """As the product does it, but by hand."""
        path = f"/apis/subresources.virtualization.deckhouse.io/v1alpha2/namespaces/{self.kubectl.namespace}"
        body = f'{{"unfreezeTimeout": "{seconds}s"}}'
        self.kubectl.must("replace", f"--raw={path}/virtualmachines/{self.name}/freeze", "-f", "-", given=body)


def real_guest(
    kubectl: Kubectl, lab: RunningLab, disks: tuple[str, ...] = ("root",), annotations: dict[str, str] | None = None
) -> RealGuest:
    """A machine whose guest has booted, whose agent answers, and which has begun to write."""
    kubectl.must_apply(*(disk(each, size="32Mi") for each in disks))
    return guest_on(kubectl, lab, "linux-vm", disks, annotations)


def guest_on(
    kubectl: Kubectl,
    lab: RunningLab,
    name: str,
    disks: tuple[str, ...],
    annotations: dict[str, str] | None = None,
) -> RealGuest:
    """The same, on disks that are there."""
    kubectl.must_apply(machine(name, disks, annotations=annotations))
    guest = RealGuest(kubectl, lab, name, kubectl.get("vm", name)["metadata"]["uid"])
    guest.wait_for("jsonpath={.status.phase}=Running")
    guest.agent_answers()
    guest.runs_on()
    return guest


def counter_on(image: Path) -> int:
    return int(read_text(image, "/counter"))


def hooks_on(image: Path) -> list[tuple[str, int]]:
    """When the freeze hook ran, and the counter it saw on the disk then."""
    lines = (line.split() for line in read_text(image, "/hooks.log").splitlines())
    return [(when, int(counter)) for when, counter in lines]


def until_seen(true: Callable[[], bool], complaint: str) -> None:
    """A console is a file, and a file tells nobody that it grew: it is looked at."""
    until(true, complaint, seconds=DEADLINE_SECONDS, every=0.1)
