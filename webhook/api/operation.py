"""What the kinds have in common that restore and clone machines."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, field

from webhook.api.struct import ApiStruct

OPERATION_IMMUTABLE_MESSAGE: Final = (
    "spec cannot change after creation; create another operation instead [SpecImmutable]"
)
SPEC_IS_IMMUTABLE: Final = {"rule": "self == oldSelf", "message": OPERATION_IMMUTABLE_MESSAGE}

_RENAMES_SOMETHING: Final = {
    "rule": "(has(self.customization) && (has(self.customization.namePrefix) || has(self.customization.nameSuffix)))"
    " || (has(self.nameReplacement) && size(self.nameReplacement) > 0)",
    "message": "the copy needs names of its own; set customization.namePrefix, customization.nameSuffix or "
    "nameReplacement [SchemaInvalid]",
}
_LENGTH: Final = {"minLength": 1, "maxLength": 59}
"""As the platform's CRD has it, which leaves room for what is added to the names of disks."""


class Mode(StrEnum):
    DRY_RUN = "DryRun"
    STRICT = "Strict"
    BEST_EFFORT = "BestEffort"


class ResourceStatus(StrEnum):
    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"


class ReplacedName(ApiStruct, frozen=True):
    name: Annotated[str, Meta(extra_json_schema={"minLength": 1})]
    kind: Annotated[str, Meta(description="Any kind when absent.", extra_json_schema={"minLength": 1})] = ""


class NameReplacement(ApiStruct, frozen=True):
    replaced: ReplacedName = field(name="from")
    to: Annotated[str, Meta(description="The new name.", extra_json_schema=_LENGTH)]


class Customization(ApiStruct, frozen=True):
    name_prefix: Annotated[str, Meta(extra_json_schema=_LENGTH)] = ""
    name_suffix: Annotated[str, Meta(extra_json_schema=_LENGTH)] = ""


class CopySpec(ApiStruct, frozen=True):
    """How a machine is copied under other names."""

    mode: Annotated[str, Meta(extra_json_schema={"enum": [*Mode]})]
    name_replacement: tuple[NameReplacement, ...] = ()
    customization: Customization | None = None


COPY_SCHEMA: Final = {"x-kubernetes-validations": [_RENAMES_SOMETHING]}


class OperationResource(ApiStruct, frozen=True, omit_defaults=False):
    """What became of one object. All members are required, also where empty."""

    api_version: str
    kind: str
    name: str
    status: Annotated[str, Meta(extra_json_schema={"enum": [*ResourceStatus]})]
    message: str
