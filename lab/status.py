"""How a lab is, for people and for programs."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from lab.context import Lab
from lab.keeper import ComponentStatus
from lab.lifecycle import outside_address, running


@dataclass(frozen=True, slots=True)
class LabStatus:
    name: str
    running: bool
    server: str | None
    kubeconfig: str | None
    state: str
    components: tuple[ComponentStatus, ...]

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=2)

    def as_lines(self) -> Iterator[str]:
        if not self.running:
            yield f"lab {self.name} is not running; start it: python -m lab --name {self.name} up"
            return
        yield f"lab {self.name} is running at {self.server}, state in {self.state}"
        yield f"{'COMPONENT':26}{'STATE':12}{'PID':>6}{'RESTARTS':>10}{'LAST EXIT':>11}"
        for component in self.components:
            pid, last = (("-" if value is None else value) for value in (component.pid, component.last_exit))
            yield f"{component.name:26}{component.state:12}{pid:>6}{component.restarts:>10}{last:>11}"


def status_of(lab: Lab) -> LabStatus:
    record = running(lab.paths)
    if record is None:
        return LabStatus(lab.name, False, None, None, str(lab.paths.state), ())
    components = json.loads(lab.paths.status.read_text()) if lab.paths.status.exists() else []
    return LabStatus(
        name=lab.name,
        running=True,
        server=outside_address(record.port),
        kubeconfig=str(lab.paths.kubeconfig),
        state=str(lab.paths.state),
        components=tuple(ComponentStatus(**component) for component in components),
    )
