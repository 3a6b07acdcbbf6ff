"""What every Kubernetes object has, as far as Snapgate reads it."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType, field

from webhook.api.struct import ApiStruct


class OwnerReference(ApiStruct, frozen=True):
    api_version: str
    kind: str
    name: str
    uid: str
    controller: bool = False


class ObjectMeta(ApiStruct, frozen=True):
    name: str = ""
    """Empty in the mutating call of a create with generateName."""
    generate_name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: str = ""
    deletion_timestamp: str | None = None
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    finalizers: tuple[str, ...] = ()
    owner_references: tuple[OwnerReference, ...] = ()

    @property
    def deleting(self) -> bool:
        return self.deletion_timestamp is not None

    def owner(self, kind: str) -> OwnerReference | None:
        """The first owner of this kind, whatever the version it was written with."""
        return next((owner for owner in self.owner_references if owner.kind == kind), None)

    def is_owned_by(self, uid: str) -> bool:
        return any(owner.uid == uid for owner in self.owner_references)


class Condition(ApiStruct, frozen=True, omit_defaults=False):
    """metav1.Condition; times are RFC 3339 in UTC."""

    type: str
    status: Annotated[str, Meta(extra_json_schema={"enum": ["True", "False", "Unknown"]})]
    reason: Annotated[str, Meta(extra_json_schema={"minLength": 1})]
    message: str
    last_transition_time: Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
    observed_generation: int | UnsetType = UNSET

    @property
    def true(self) -> bool:
        return self.status == "True"


def condition(conditions: tuple[Condition, ...], condition_type: str) -> Condition | None:
    return next((each for each in conditions if each.type == condition_type), None)


def condition_is_true(conditions: tuple[Condition, ...], condition_type: str) -> bool:
    found = condition(conditions, condition_type)
    return found is not None and found.true


class Object(ApiStruct, frozen=True):
    metadata: ObjectMeta = ObjectMeta()
