"""Which reviews Snapgate judges, and which it lets through untouched."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from webhook.admission.review import GroupVersionKind, Review
from webhook.admission.scope import SCOPES, Scope
from webhook.api.kind import Kind
from webhook.facts.request import Operation

JUDGED: Final[Mapping[GroupVersionKind, Kind[Any]]] = {name: scope.kind for name, scope in SCOPES.items()}

COLLECTORS: Final = frozenset(
    {
        "system:serviceaccount:kube-system:generic-garbage-collector",
        "system:serviceaccount:kube-system:namespace-controller",
        "system:kube-controller-manager",
    }
)
"""Who deletes because something else was deleted: the garbage collector and the namespace controller, under their own
names or (without --use-service-account-credentials) their process's."""

EXECUTORS: Final = frozenset(
    {
        "system:serviceaccount:snapgate-system:snapgate-reconciler",
        "system:serviceaccount:d8-virtualization:virtualization-controller",
    }
)
"""Who carries out what was accepted: our reconciler and the platform's controller."""


class Passage(StrEnum):
    """Why a review was let through without being judged."""

    FOREIGN = "foreign"
    """Of a kind or operation that Snapgate has no rules for: the webhook configuration sends too much."""
    SUBRESOURCE = "subresource"
    """A write of status or the like: changes of the spec in it are dropped by the API server."""
    DELETING = "deleting"
    """Whatever holds up the removal of finalizers holds up the deletion for ever."""
    CONTROLLER = "controller"
    """Rules bind people: refusing a controller would only leave its work half done."""
    UNCHANGED = "unchanged"
    """Labels and finalizers of an object must stay editable, whatever has become of the world since."""
    UNCONCERNED = "unconcerned"
    """Nothing of it is about snapshots: another type of Secret, a disk made of an image, the start of a machine."""


def passage(review: Review, executors: frozenset[str] = EXECUTORS) -> Passage | None:
    """Why this review is not judged; None when it is. The chart says the same in CEL, so that most of these
    are not even sent."""
    scope = SCOPES.get(review.kind)
    if scope is None or review.operation not in scope.operations:
        return Passage.FOREIGN
    if review.sub_resource:
        return Passage.SUBRESOURCE
    operation = Operation(review.operation)
    if _is_a_controller(review, operation, executors):
        return Passage.CONTROLLER
    return _of_update(review, scope) if operation is Operation.UPDATE else _of_one_object(review, operation, scope)


def _is_a_controller(review: Review, operation: Operation, executors: frozenset[str]) -> bool:
    username = review.user_info.username if review.user_info is not None else None
    return username in executors or (operation is Operation.DELETE and username in COLLECTORS)


def _of_update(review: Review, scope: Scope) -> Passage | None:
    new, old = scope.read(review.object), scope.read(review.old_object)
    if new is None or old is None:
        return None
    if new.deleting:
        return Passage.DELETING
    if not new.update_concerned:
        return Passage.UNCONCERNED
    # Where members differ as bytes for another reason than their values, the rules compare values.
    return Passage.UNCHANGED if new.members == old.members else None


def _of_one_object(review: Review, operation: Operation, scope: Scope) -> Passage | None:
    """Of a creation or a deletion."""
    part = scope.read(review.old_object if operation is Operation.DELETE else review.object)
    if part is None:
        return None
    if operation is Operation.DELETE and part.deleting:
        return Passage.DELETING
    return None if part.concerned else Passage.UNCONCERNED
