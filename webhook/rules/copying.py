"""What a copy of a machine needs, be it made from the machine or from a snapshot."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.api.reference import Reference
from webhook.api.secret import SECRET
from webhook.facts.facts import Facts
from webhook.findings.clone import CLONE_WILL_START, GUEST_IDENTITY_SHARED, NEW_NETWORK_IDENTITY, USB_DEVICE_SHARED
from webhook.findings.finding import Finding, Holder
from webhook.planning.blueprint import Blueprint
from webhook.planning.power import starts_by_itself
from webhook.planning.situation import CopySituation
from webhook.rules.quota import quota_suffices
from webhook.rules.saved_dependencies import (
    class_exists,
    images_exist,
    networks_exist,
    secret_is_as_saved,
    storage_classes_exist,
)


def copy_is_possible(subject: Reference, situation: CopySituation, facts: Facts) -> Iterator[Finding]:
    blueprint = situation.blueprint
    if blueprint is not None:
        yield from facts.each(
            *copy_has_its_dependencies(situation, blueprint, facts),
            quota_suffices(subject, situation, blueprint, facts, field=situation.block),
            consequences(subject, situation, blueprint),
        )


def copy_has_its_dependencies(
    situation: CopySituation, blueprint: Blueprint, facts: Facts
) -> Iterator[Iterator[Finding]]:
    """The page: Strict requires them all to be present, BestEffort removes missing images."""
    field, best_effort = situation.block, situation.best_effort
    strict = not best_effort
    yield images_exist(blueprint, facts, field=field, best_effort=best_effort, required=strict)
    yield class_exists(blueprint, facts, field=field, required=strict)
    yield networks_exist(blueprint, facts, field=field)
    yield storage_classes_exist(blueprint, facts, field=field)
    yield usb_devices_are_free(blueprint, facts, field=field, best_effort=best_effort)
    if blueprint.provisioning is not None:
        original = blueprint.provisioning.name
        name = situation.naming.of(SECRET.name, original)
        if name == original:  # one that is renamed and there is taken, whatever is in it
            yield secret_is_as_saved(blueprint, facts, name=name, field=field, best_effort=best_effort)


def usb_devices_are_free(blueprint: Blueprint, facts: Facts, *, field: str, best_effort: bool) -> Iterator[Finding]:
    """A USB device goes to one machine."""
    for device in blueprint.machine.spec.usb_devices:
        for use in facts.holders.of_usb_device(device.name)[:1]:
            subject = Reference("USBDevice", blueprint.namespace, device.name)
            message = f"USB device {device.name} belongs to VirtualMachine {use.machine}"
            if best_effort:
                yield USB_DEVICE_SHARED.noticed(
                    subject=subject, field=field, message=f"{message}, the copy goes without it"
                )
            else:
                yield USB_DEVICE_SHARED.found(
                    subject=subject,
                    field=field,
                    message=message,
                    remedy="use mode: BestEffort to make the copy without it",
                    holder=Holder.machine_itself(blueprint.namespace, use.machine, use.phase),
                )


def consequences(subject: Reference, situation: CopySituation, blueprint: Blueprint) -> Iterator[Finding]:
    """The page: what to expect of the copy's guest."""
    policy = blueprint.machine.spec.run_policy
    if starts_by_itself(policy):
        yield CLONE_WILL_START.found(
            subject=subject,
            field=situation.block,
            message=f"the copy starts by itself, as its run policy is {policy}",
            remedy="set spec.runPolicy: AlwaysOff first to prevent it",
        )
    yield NEW_NETWORK_IDENTITY.found(
        subject=subject,
        field=situation.block,
        message="the copy gets a new IP address and new MAC addresses",
        remedy="set up its guest's network again",
    )
    yield GUEST_IDENTITY_SHARED.found(
        subject=subject,
        field=situation.block,
        message="machine-id and SSH host keys are copied with the disks",
        remedy="clean the guest first, or run sysprep",
    )
