"""What a restored or copied machine needs that no snapshot holds: images, class, networks, storage classes, Secret."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.api.reference import Reference
from webhook.api.secret import SECRET
from webhook.api.storage import STORAGE_CLASS
from webhook.api.virtual_machine import NetworkType
from webhook.api.virtual_machine_class import VIRTUAL_MACHINE_CLASS
from webhook.facts.facts import Facts
from webhook.findings.finding import Finding
from webhook.findings.restore import (
    CLASS_MISSING,
    IMAGE_MISSING,
    NETWORK_MISSING,
    NO_BLOCK_DEVICES_LEFT,
    SECRET_CONTENT_DIFFERS,
    STORAGE_CLASS_MISSING,
)
from webhook.planning.blueprint import Blueprint, Image, devices_that_stay, missing_images


def images_exist(
    blueprint: Blueprint, facts: Facts, *, field: str, best_effort: bool, required: bool
) -> Iterator[Finding]:
    """The page: Strict leaves a restored machine Pending and refuses a copy; BestEffort removes what is missing.

    `required`: the operation is refused without them.
    """
    missing = missing_images(blueprint, facts)
    for image in missing:
        subject = image.reference(blueprint.namespace)
        behind = f", which attachment {image.attachment} plugs in," if image.attachment else ""
        if best_effort:
            yield IMAGE_MISSING.noticed(
                subject=subject, field=field, message=f"{subject}{behind} does not exist and will be removed"
            )
        elif required:
            yield IMAGE_MISSING.found(
                subject=subject,
                field=field,
                message=f"{subject}{behind} does not exist",
                remedy="create it, or use mode: BestEffort to leave it out",
            )
        else:
            yield IMAGE_MISSING.noticed(
                subject=subject,
                field=field,
                message=f"{subject}{behind} does not exist, the machine will stay Pending",
                remedy="create it, or use mode: BestEffort",
            )
    if best_effort:
        yield from something_is_left(blueprint, missing, field)


def something_is_left(blueprint: Blueprint, missing: tuple[Image, ...], field: str) -> Iterator[Finding]:
    """A machine without any block device is refused by its own API."""
    if blueprint.machine.spec.block_device_refs and not devices_that_stay(blueprint, missing, best_effort=True):
        names = ", ".join(f"{each.kind} {each.name}" for each in missing)
        yield NO_BLOCK_DEVICES_LEFT.found(
            subject=blueprint.origin,
            field=field,
            message=f"every block device of the saved machine is missing: {names}",
            remedy="create one of them again",
        )


def class_exists(blueprint: Blueprint, facts: Facts, *, field: str, required: bool) -> Iterator[Finding]:
    name = blueprint.machine.spec.virtual_machine_class_name
    if not name or facts.class_exists(name):
        return
    subject = Reference(VIRTUAL_MACHINE_CLASS.name, "", name)
    remedy = "see which there are: kubectl get vmclass"
    if required:
        yield CLASS_MISSING.found(subject=subject, field=field, message=f"{subject} does not exist", remedy=remedy)
    else:
        message = f"{subject} does not exist, the machine will stay Pending"
        yield CLASS_MISSING.noticed(subject=subject, field=field, message=message, remedy=remedy)


def networks_exist(blueprint: Blueprint, facts: Facts, *, field: str) -> Iterator[Finding]:
    for network in blueprint.machine.spec.networks:
        if facts.network_exists(network.type, network.name):
            continue
        in_namespace = "" if network.type == NetworkType.CLUSTER_NETWORK else blueprint.namespace
        subject = Reference(network.type, in_namespace, network.name)
        yield NETWORK_MISSING.found(
            subject=subject,
            field=field,
            message=f"{subject} of the saved machine does not exist",
            remedy="create it again, or ask an administrator for it",
        )


def storage_classes_exist(blueprint: Blueprint, facts: Facts, *, field: str) -> Iterator[Finding]:
    for disk in blueprint.disks:
        if disk.storage_class and not facts.storage_class_exists(disk.storage_class):
            reference = Reference(STORAGE_CLASS.name, "", disk.storage_class)
            yield STORAGE_CLASS_MISSING.found(
                subject=reference,
                field=field,
                message=f"{reference}, which VirtualDisk {disk.name} was made with, does not exist",
                remedy="ask an administrator to create it again",
            )


def secret_is_as_saved(
    blueprint: Blueprint, facts: Facts, *, name: str, field: str, best_effort: bool
) -> Iterator[Finding]:
    """A Secret that is there is never overwritten. `name` is the one that the machine will read."""
    saved = blueprint.provisioning
    live = facts.get(SECRET, name) if saved is not None else None
    if saved is None or live is None:
        return
    keys = live.digests.keys() | saved.digests.keys()
    differing = sorted(key for key in keys if live.digests.get(key) != saved.digests.get(key))
    if not differing:
        return
    subject = Reference(SECRET.name, blueprint.namespace, name)
    message = f"{subject} is not as saved, it differs in {', '.join(differing)}"
    if best_effort:
        yield SECRET_CONTENT_DIFFERS.noticed(subject=subject, field=field, message=f"{message}; the present one stays")
    else:
        yield SECRET_CONTENT_DIFFERS.found(
            subject=subject,
            field=field,
            message=message,
            remedy=f"rename or delete it (kubectl delete secret {name}), or use mode: BestEffort to keep it",
        )
