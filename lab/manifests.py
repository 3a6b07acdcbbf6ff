"""Everything that is applied to a fresh API server."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from lab.children import Children
from lab.context import INSIDE, Lab
from lab.credentials import ADMIN, MASTERS, key_pair_files
from lab.errors import LabError
from lab.paths import CHECKOUT
from lab.probes import crds_established, until
from lab.running import run_to_its_end

PLATFORM_CRDS = CHECKOUT / "schemas" / "platform"
OUR_CRDS = CHECKOUT / "schemas" / "crds"
"""The chart brings them, where it is installed."""
DEADLINE_SECONDS = 60


class Kubectl:
    """kubectl inside the lab, as its administrator."""

    def __init__(self, lab: Lab, children: Children) -> None:
        self._children = children
        self._log = lab.paths.logs / "kubectl.log"
        self._command = (lab.binary("kubectl"), f"--kubeconfig={lab.kubeconfig(ADMIN, (MASTERS,))}")
        admin = key_pair_files(lab.paths.pki, "admin")
        self._crds_established = crds_established(INSIDE, authority=lab.authority, client=admin)
        self._environment = {"HOME": str(lab.paths.runtime), "KUBECACHEDIR": str(lab.paths.runtime / "kubectl")}

    async def apply_crds(self, directories: Sequence[Path]) -> None:
        """Returns when objects of these kinds can be created."""
        await self.apply(directories)
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await until(self._crds_established)
        except TimeoutError:
            raise LabError(f"the API server does not serve the CRDs after {DEADLINE_SECONDS} s") from None

    async def apply(self, paths: Sequence[Path]) -> None:
        if paths:
            await self._run("apply", "--server-side", "--field-manager=lab", *(f"--filename={path}" for path in paths))

    async def _run(self, *arguments: str) -> None:
        await run_to_its_end(
            self._children,
            f"kubectl {arguments[0]}",
            (*self._command, *arguments),
            environment=self._environment,
            log=self._log,
            deadline_seconds=DEADLINE_SECONDS,
        )
