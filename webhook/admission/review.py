"""The part of an AdmissionReview v1 that Snapgate reads."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Raw, Struct

REVIEW_API_VERSION: Final = "admission.k8s.io/v1"
REVIEW_KIND: Final = "AdmissionReview"

NULL: Final = Raw(b"null")


class GroupVersionKind(Struct, frozen=True):
    group: str = ""
    version: str = ""
    kind: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.group}/{self.version}" if self.group else f"{self.kind} {self.version}"


class UserInfo(Struct, frozen=True):
    """Nothing guarantees any member of it (authentication/v1 UserInfo). As a SubjectAccessReview takes it."""

    username: str | None = None
    uid: str | None = None
    groups: tuple[str, ...] | None = None
    extra: dict[str, tuple[str, ...]] | None = None


class Review(Struct, frozen=True, rename="camel"):
    """One call of the API server. `kind` is what the object was converted to, when it was written in another version.

    `object` and `old_object` stay bytes: most calls are decided without reading all of them.
    """

    uid: Annotated[str, Meta(min_length=1)]
    kind: GroupVersionKind
    operation: str
    name: str | None = None
    """Absent in each call of a deletecollection, and in a create that still has only a generateName."""
    namespace: str | None = None
    sub_resource: str | None = None
    user_info: UserInfo | None = None
    dry_run: bool | None = None
    object: Raw = NULL
    old_object: Raw = NULL
