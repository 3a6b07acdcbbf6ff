"""What every step of the tour has at hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.demo.evidence import Evidence
from lab.demo.terminal import DemoError, Terminal
from lab.storage.layout import IMAGE

VOLUMES: Final = "volumes"
"""Where the CSI driver keeps its bytes, as seen from the terminal's directory."""
_TIMEOUT: Final = "--timeout=120s"


@dataclass(frozen=True, slots=True)
class Scene:
    terminal: Terminal
    evidence: Evidence

    def wait(self, what: str, until: str) -> None:
        self.terminal.run(f"kubectl wait {what} --for={until} {_TIMEOUT}")

    def wait_for_phase(self, what: str, phase: str) -> None:
        self.wait(what, f"jsonpath='{{.status.phase}}'={phase}")

    def switch(self, manifest: str, phase: str) -> None:
        """Start or stop linux-vm, and see it done."""
        self.terminal.run(f"kubectl create -f {manifest}")
        self.wait_for_phase("vm/linux-vm", phase)

    def refused(self, command: str, *codes: str) -> None:
        """Raises DemoError unless the command ends with 1 and tells all of these reasons."""
        told = self.terminal.run(command, expect=1)
        missing = [code for code in codes if f"[{code}]" not in told]
        if missing:
            raise DemoError(f"`{command}` does not tell {', '.join(missing)}")

    def image(self, disk: str) -> Path:
        """The file with the bytes of a VirtualDisk, from the terminal's directory."""
        claim = self.terminal.ask(f"kubectl get vd {disk} -o jsonpath='{{.status.target.persistentVolumeClaimName}}'")
        volume = self.terminal.ask(f"kubectl get pvc {claim} -o jsonpath='{{.spec.volumeName}}'")
        handle = self.terminal.ask(f"kubectl get pv {volume} -o jsonpath='{{.spec.csi.volumeHandle}}'")
        return Path(VOLUMES) / handle / IMAGE

    def expect_bytes(self, disk: str, saved: str) -> None:
        """Show what is on a disk, and that it is what the snapshot has. Raises DemoError when it is not."""
        shown = self.evidence.show(self.terminal, self.image(disk))
        if not saved or shown != saved:
            raise DemoError(f"VirtualDisk {disk} holds {shown!r}, not {saved!r}")
