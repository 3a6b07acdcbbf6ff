"""Whether what an operation creates fits into the ResourceQuotas of its namespace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from webhook.api.quantity import parse_quantity
from webhook.api.reference import Reference
from webhook.api.secret import SECRET
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.facts.facts import Facts
from webhook.findings.across import QUOTA_WOULD_EXCEED
from webhook.findings.finding import Finding, Holder
from webhook.planning.blueprint import Blueprint
from webhook.planning.plan import Plan, StepKind
from webhook.planning.situation import CopySituation, RestoreSituation

_COUNTED: Final = {
    kind.name: f"count/{kind.resource}"
    for kind in (VIRTUAL_MACHINE, VIRTUAL_DISK, VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, SECRET)
}
"""ResourceQuota counts any kind under this key (Kubernetes, "Object count quota")."""
_STORAGE: Final = "requests.storage"
_CLAIMS: Final = f"count/{PERSISTENT_VOLUME_CLAIM.resource}"
_OLD_NAMES: Final = {_CLAIMS: "persistentvolumeclaims", f"count/{SECRET.resource}": "secrets"}
_OF_CLASS: Final = "storageclass.storage.k8s.io"


def quota_suffices(
    subject: Reference, situation: RestoreSituation | CopySituation, blueprint: Blueprint, facts: Facts, *, field: str
) -> Iterator[Finding]:
    """Scoped quotas are left out: what they count of a claim is not known before there is one."""
    quotas = [quota for quota in facts.quotas() if not quota.spec.scoped]
    if not quotas:
        return
    needed = _needed(situation.plan, blueprint)
    for quota in quotas:
        for resource, more in needed.items():
            hard, used = (parse_quantity(each.get(resource, "")) for each in (quota.status.hard, quota.status.used))
            if hard is None or (used or Decimal(0)) + more <= hard:
                continue
            yield QUOTA_WOULD_EXCEED.found(
                subject=subject,
                field=field,
                message=f"{_amount(resource, more)} of {resource} needed, ResourceQuota {quota.metadata.name} has "
                f"{quota.status.used.get(resource, '0')} of {quota.status.hard[resource]} in use",
                remedy="free some, or ask for more",
                holder=Holder("ResourceQuota", quota.metadata.namespace, quota.metadata.name),
            )


def _needed(plan: Plan, blueprint: Blueprint) -> Mapping[str, Decimal]:
    """Of what is created: an object that is replaced gives back what it takes."""
    created = plan.objects(StepKind.CREATE, StepKind.ATTACH)
    sizes = {disk.source: disk for disk in blueprint.disks}
    needed: Counter[str] = Counter()
    for each in created:
        if each.kind in _COUNTED:
            needed[_COUNTED[each.kind]] += 1
    total = {key: Decimal(count) for key, count in needed.items()}
    for step in plan.steps:
        if step.kind is not StepKind.CREATE or step.object.kind != VIRTUAL_DISK.name or step.source not in sizes:
            continue
        disk = sizes[step.source]
        size = parse_quantity(disk.size) or Decimal(0)
        for key, more in ((_STORAGE, size), (_CLAIMS, Decimal(1))):
            total[key] = total.get(key, Decimal(0)) + more
            if disk.storage_class:
                of_class = key if key == _STORAGE else _OLD_NAMES[_CLAIMS]
                scoped = f"{disk.storage_class}.{_OF_CLASS}/{of_class}"
                total[scoped] = total.get(scoped, Decimal(0)) + more
    return total | {old: total[new] for new, old in _OLD_NAMES.items() if new in total}


def _amount(resource: str, more: Decimal) -> str:
    if not resource.endswith(_STORAGE):
        return f"{more.normalize():f}"
    for suffix, unit in (("Ti", 1 << 40), ("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)):
        if more >= unit and more % unit == 0:
            return f"{int(more / unit)}{suffix}"
    return f"{more.normalize():f}"
