"""`helm install`, as anybody would do it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from lab.children import Children
from lab.context import Lab
from lab.credentials import ADMIN, MASTERS
from lab.paths import CHECKOUT
from lab.running import run_to_its_end

NAMESPACE: Final = "snapgate-system"
RELEASE: Final = "snapgate"
CHART: Final = CHECKOUT / "charts" / "snapgate"
DEADLINE_SECONDS: Final = 120
LEASE_SECONDS: Final = 8
"""A reconciler that was killed is replaced after so long, and tests wait for it."""
NEW_VOLUME_SECONDS: Final = 20
"""The lab's storage gives a volume in less than a second, or refuses."""
VALUES: Final = (
    f"reconciler.leaseSeconds={LEASE_SECONDS}",
    f"reconciler.newVolumeDeadlineSeconds={NEW_VOLUME_SECONDS}",
)
"""All that is different from an installation with defaults."""


def helm_environment(directory: Path) -> dict[str, str]:
    """helm keeps what it remembers here and nowhere else."""
    names = ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")
    return {"HOME": str(directory), **{name: str(directory / name.lower()) for name in names}}


async def install_snapgate(lab: Lab, children: Children) -> None:
    """Returns when every pod of the release is ready."""
    await run_to_its_end(
        children,
        "helm install",
        (
            lab.binary("helm"),
            f"--kubeconfig={lab.kubeconfig(ADMIN, (MASTERS,))}",
            "install",
            RELEASE,
            str(CHART),
            f"--namespace={NAMESPACE}",
            "--create-namespace",
            "--wait",
            f"--timeout={DEADLINE_SECONDS - 10}s",
            *(f"--set={value}" for value in VALUES),
        ),
        environment=helm_environment(lab.paths.runtime / "helm"),
        log=lab.paths.logs / "helm.log",
        deadline_seconds=DEADLINE_SECONDS,
    )
