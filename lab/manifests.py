"""Everything that is applied to a fresh API server."""

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path

from lab.children import Children, end
from lab.context import INSIDE, Lab
from lab.credentials import ADMIN, MASTERS, key_pair_files
from lab.errors import LabError
from lab.paths import CHECKOUT
from lab.probes import crds_established, until

SCHEMAS = (CHECKOUT / "schemas" / "crds", CHECKOUT / "schemas" / "platform")
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
        heard = self._log.stat().st_size if self._log.exists() else 0
        child = self._children.spawn(
            (*self._command, *arguments),
            environment=self._environment,
            directory=CHECKOUT,
            output=self._log,
        )
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                code = await asyncio.shield(child.exited)
        except TimeoutError:
            code = -signal.SIGALRM
        finally:
            await end(child)
        if code != 0:
            output = self._log.read_bytes()[heard:].decode(errors="replace").strip()
            raise LabError(f"kubectl {arguments[0]} ended with {code}:\n{output}")
