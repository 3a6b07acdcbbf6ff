"""What the accounts of a release may do, and what they did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.support.kubectl import Json


@dataclass(frozen=True, slots=True, order=True)
class Right:
    account: str
    verb: str
    group: str
    resource: str
    """With its subresource: `virtualdisks/status`."""

    def __str__(self) -> str:
        return f"{self.account}: {self.verb} {self.resource}{'.' if self.group else ''}{self.group}"


def granted(objects: Iterable[Json]) -> set[Right]:
    """By the roles among these objects, to the service accounts that they are bound to."""
    objects = list(objects)
    rules = {
        (each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"]): each["rules"]
        for each in objects
        if each["kind"] in {"Role", "ClusterRole"}
    }
    return {
        right
        for binding in objects
        if binding["kind"] in {"RoleBinding", "ClusterRoleBinding"}
        for subject in binding["subjects"]
        for rule in rules[
            binding["roleRef"]["kind"],
            binding["metadata"].get("namespace"),
            binding["roleRef"]["name"],
        ]
        for right in _rights(subject["name"], rule)
    }


def used(records: Iterable[Json], namespace: str) -> set[Right]:
    """What the service accounts of a namespace asked for and got, by the audit log."""
    return {right for right, code in _asked(records, namespace) if code != 403}


def refused(records: Iterable[Json], namespace: str) -> set[Right]:
    return {right for right, code in _asked(records, namespace) if code == 403}


def _rights(account: str, rule: Json) -> Iterator[Right]:
    for group in rule["apiGroups"]:
        for resource in rule["resources"]:
            for verb in rule["verbs"]:
                yield Right(account, verb, group, resource)


def _asked(records: Iterable[Json], namespace: str) -> Iterator[tuple[Right, int]]:
    prefix = f"system:serviceaccount:{namespace}:"
    for record in records:
        # Without a name: the token was no longer good, as when its pod is gone.
        user, reference = record["user"].get("username", ""), record.get("objectRef")
        if not user.startswith(prefix) or reference is None:
            continue
        subresource = reference.get("subresource", "")
        resource = reference["resource"] + (f"/{subresource}" if subresource else "")
        right = Right(user.removeprefix(prefix), record["verb"], reference.get("apiGroup", ""), resource)
        yield right, record.get("responseStatus", {}).get("code", 0)
