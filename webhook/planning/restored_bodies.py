"""Objects of a machine that is brought back, made from JSON as it was saved."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from webhook.api.virtual_machine import NetworkType
from webhook.api.vocabulary import LAST_APPLIED_CONFIGURATION, RESTORED_BY
from webhook.content.machine import Raw, Saved
from webhook.planning.bodies import is_state, worth_keeping


def restored_machine(live: Raw, saved: Saved, *, without: Collection[tuple[str, str]], uid: str) -> dict[str, Any]:
    """Spec, labels and annotations as the machine is to have them. `without` are devices that are left out.

    What controllers, we among them, have noted on the machine is of now and stays. What kubectl last applied is of
    then: it belongs to the settings that come back.
    """
    noted = {key: value for key, value in (live["metadata"].get("annotations") or {}).items() if is_state(key)}
    saved_annotations = saved.machine["metadata"].get("annotations") or {}
    applied = {key: saved_annotations[key] for key in (LAST_APPLIED_CONFIGURATION,) if key in saved_annotations}
    return {
        "metadata": {
            "labels": dict(saved.machine["metadata"].get("labels") or {}),
            "annotations": worth_keeping(saved_annotations) | applied | noted | {RESTORED_BY: uid},
        },
        "spec": _spec(saved, without),
    }


def restored_object(saved: Raw, *, uid: str) -> dict[str, Any]:
    """An address, an attachment or a Secret that is not there any more, without what the API server gives it."""
    metadata = saved["metadata"]
    kept = {key: saved[key] for key in ("spec", "data", "type", "immutable") if key in saved}
    return {
        "metadata": {
            "name": metadata["name"],
            "labels": dict(metadata.get("labels") or {}),
            "annotations": worth_keeping(metadata.get("annotations") or {}) | {RESTORED_BY: uid},
        },
        **kept,
    }


def _spec(saved: Saved, without: Collection[tuple[str, str]]) -> dict[str, Any]:
    spec = dict(saved.machine["spec"])
    spec["blockDeviceRefs"] = [
        device for device in spec.get("blockDeviceRefs", ()) if (device["kind"], device["name"]) not in without
    ]
    spec.pop("virtualMachineIPAddressName", None)
    if saved.address is not None:
        spec["virtualMachineIPAddressName"] = saved.address["metadata"]["name"]
    if "networks" in spec:
        had = (saved.machine.get("status") or {}).get("networks") or ()
        spec["networks"] = [_with_its_mac_address(network, had) for network in spec["networks"]]
    return spec


def _with_its_mac_address(network: Mapping[str, Any], had: Collection[Mapping[str, Any]]) -> dict[str, Any]:
    """By the identity of the network, not by its position: a pending change may have added, removed or moved networks
    since (platform API facts, section 6, 13). One that the running machine did not have keeps what its spec says."""
    if network.get("type") == NetworkType.MAIN:
        return dict(network)
    same = [each for each in had if _identity(each) == _identity(network)]
    same = same or [each for each in had if _identity(each)[:2] == _identity(network)[:2]]
    name = same[0].get("virtualMachineMACAddressName") if len(same) == 1 else None
    return {**network, "virtualMachineMACAddressName": name} if name else dict(network)


def _identity(network: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return network.get("type"), network.get("name"), network.get("id")
