import sys
from functools import partial
from pathlib import Path

from lab.context import Lab
from lab.process import Component
from lab.storage.layout import storage_directory
from lab.storage.readiness import driver_is_ready, sidecar_is_ready

DRIVER = "csi-driver"
_API_SERVER = "kube-apiserver"

_PROVISIONER_ADDRESS = "127.0.0.1:9811"
_SNAPSHOTTER_ADDRESS = "127.0.0.1:9812"
_SNAPSHOT_CONTROLLER_ADDRESS = "127.0.0.1:9813"
_RESIZER_ADDRESS = "127.0.0.1:9814"

_EAGER = (
    "--kube-api-qps=200",
    "--kube-api-burst=400",
    "--retry-interval-start=200ms",
    "--retry-interval-max=5s",
)
"""A snapshot is cut while a guest is frozen, and the defaults (5 requests a second, retries from 1 s up to 5 min) suit
shared clusters. With these a small volume is cut about 0.3 s after its VolumeSnapshot was created."""

_METADATA = "--extra-create-metadata"

_NO_GROUPS = "--feature-gates=CSIVolumeGroupSnapshot=false"
"""The lab installs no VolumeGroupSnapshot CRDs; the controllers would look for them on every start."""


def storage_components(lab: Lab) -> tuple[Component, ...]:
    """The CSI driver, and the real csi-provisioner, csi-resizer, csi-snapshotter and snapshot-controller.

    The CRDs and the manifests beside this file must be applied first: csi-provisioner looks for the CRDs only once.
    """
    socket = lab.paths.runtime / "csi.sock"
    return (
        _driver(socket, storage_directory(lab.paths.state)),
        _sidecar(
            lab,
            "csi-provisioner",
            socket,
            _PROVISIONER_ADDRESS,
            _METADATA,
            "--timeout=60s",
            "--snapshot-orphan-sweep-interval=30s",
        ),
        _sidecar(lab, "csi-snapshotter", socket, _SNAPSHOTTER_ADDRESS, _METADATA, _NO_GROUPS),
        # Without nodes there are no pods to look at for volumes in use.
        _sidecar(lab, "csi-resizer", socket, _RESIZER_ADDRESS, "--timeout=60s", "--handle-volume-inuse-error=false"),
        _snapshot_controller(lab),
    )


def _driver(socket: Path, directory: Path) -> Component:
    endpoint = f"unix:{socket}"
    return Component(
        name=DRIVER,
        command=(sys.executable, "-m", "lab.storage", f"--endpoint={endpoint}", f"--directory={directory}"),
        ready=partial(driver_is_ready, endpoint),
    )


def _sidecar(lab: Lab, tool: str, socket: Path, address: str, *flags: str) -> Component:
    # They exit when the driver's connection is lost (csi-lib-utils, ExitOnConnectionLoss) and count on being restarted.
    command = (*_controller_command(lab, tool, address), f"--csi-address={socket}", *flags)
    return Component(
        name=tool,
        command=command,
        ready=partial(sidecar_is_ready, address),
        after=(_API_SERVER, DRIVER),
    )


def _snapshot_controller(lab: Lab) -> Component:
    return Component(
        name="snapshot-controller",
        command=(*_controller_command(lab, "snapshot-controller", _SNAPSHOT_CONTROLLER_ADDRESS), _NO_GROUPS),
        ready=partial(sidecar_is_ready, _SNAPSHOT_CONTROLLER_ADDRESS),
        after=(_API_SERVER,),
    )


def _controller_command(lab: Lab, tool: str, address: str) -> tuple[str, ...]:
    return (
        lab.binary(tool),
        f"--kubeconfig={lab.kubeconfig(f'lab:{tool}')}",
        f"--http-endpoint={address}",
        "--leader-election=false",
        "-v=2",
        *_EAGER,
    )
