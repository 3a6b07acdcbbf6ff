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
    "nameReplacement [NoRenaming]",
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


class NewName(ApiStruct, frozen=True):
    """The new name as the documentation spells it, `to: {name: x}`."""

    name: str


class NameReplacement(ApiStruct, frozen=True):
    replaced: ReplacedName = field(name="from")
    written_to: Annotated[
        str | NewName,
        Meta(description="The new name; `to: {name: x}` is stored as `to: x`.", extra_json_schema=_LENGTH),
    ] = field(name="to")

    @property
    def to(self) -> str:
        """The new name, however it is spelled."""
        return self.written_to if isinstance(self.written_to, str) else self.written_to.name

    @property
    def meaning(self) -> tuple[str, str, str]:
        """What it comes to, however it is spelled: kind and name replaced, new name."""
        return self.replaced.kind, self.replaced.name, self.to


class Customization(ApiStruct, frozen=True):
    name_prefix: Annotated[str, Meta(extra_json_schema=_LENGTH)] = ""
    name_suffix: Annotated[str, Meta(extra_json_schema=_LENGTH)] = ""


class CopySpec(ApiStruct, frozen=True):
    """How a machine is copied under other names."""

    mode: Annotated[str, Meta(extra_json_schema={"enum": [*Mode]})]
    name_replacement: tuple[NameReplacement, ...] = ()
    name_replacements: Annotated[
        tuple[NameReplacement, ...],
        Meta(description="The documented spelling of nameReplacement, as which it is stored."),
    ] = ()
    """Seen by a rule only where it says something else than name_replacement, or nobody has respelled it."""
    customization: Customization | None = None

    @property
    def ambiguous(self) -> bool:
        """Whether there are rules in both spellings that say different things."""
        stored, documented = self.name_replacement, self.name_replacements
        both = bool(stored and documented)
        return both and [rule.meaning for rule in stored] != [rule.meaning for rule in documented]


COPY_SCHEMA: Final = {"x-kubernetes-validations": [_RENAMES_SOMETHING]}


class OperationResource(ApiStruct, frozen=True, omit_defaults=False):
    """What became of one object. All members are required, also where empty."""

    api_version: str
    kind: str
    name: str
    status: Annotated[str, Meta(extra_json_schema={"enum": [*ResourceStatus]})]
    message: str
