"""Which kind a document is of, and what is wrong with how it says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from webhook.admission.judged import JUDGED
from webhook.api.kind import Kind
from webhook.api.kinds import KINDS
from webhook.api.reference import Reference
from webhook.api.secret import SECRET, SNAPSHOT_SECRET_TYPE
from webhook.api.virtualization import GROUP
from webhook.findings.across import SCHEMA_INVALID
from webhook.validation.remark import Correction, Part, Remark
from webhook.validation.similarity import nearest, same_word

_OF_THE_GROUP: Final[Mapping[str, Kind[Any]]] = {kind.name: kind for kind in KINDS if kind.group == GROUP}
_OF_OTHER_GROUPS: Final[Mapping[tuple[str, str], Kind[Any]]] = {
    (kind.group, kind.name): kind for kind in JUDGED.values() if kind.group != GROUP
}
_JUDGED: Final = frozenset(kind.name for kind in JUDGED.values())
_MISSPELLED_GROUP: Final = 0.9
"""`virtualisation.deckhouse.io` is the documentation's own; `internal.virtualization.deckhouse.io` is another group."""
_LONGEST_GROUP: Final = 63
_MISSPELLED_KIND: Final = 0.85
_LONGEST_ECHO: Final = 80


@dataclass(frozen=True, slots=True)
class Recognised:
    """`kind` is None when only the remarks can be told."""

    kind: Kind[Any] | None
    remarks: tuple[Remark, ...] = ()


def recognise(content: Mapping[str, Any], namespace: str) -> Recognised | None:
    """None for objects that Snapgate does not judge: other groups, and kinds that it only reads."""
    api_version, name = content.get("apiVersion"), content.get("kind")
    if not isinstance(api_version, str) or not isinstance(name, str):
        return _without_version(content, namespace)
    group, _, version = api_version.rpartition("/")
    if (group, name) in _OF_OTHER_GROUPS:
        kind = _OF_OTHER_GROUPS[group, name]
        return Recognised(kind) if kind is not SECRET or content.get("type") == SNAPSHOT_SECRET_TYPE else None
    if group != GROUP and not _meant(group, name):
        return None
    subject = subject_of(content, namespace)
    meant, remarks = _kind(name, subject)
    if meant is not None and (group != GROUP or (meant.name in _JUDGED and version not in _served(meant))):
        remarks = (_wrong_version(api_version, meant, version, subject), *remarks)
    judged = meant is not None and meant.name in _JUDGED
    return Recognised(meant if judged else None, remarks) if judged or remarks else None


def _meant(group: str, kind: str) -> bool:
    """Whether another group is a slip of the pen: nearly ours, or none at all before a kind that only we have."""
    if not group:
        return kind in _OF_THE_GROUP
    return len(group) <= _LONGEST_GROUP and SequenceMatcher(None, group, GROUP).ratio() >= _MISSPELLED_GROUP


def _without_version(content: Mapping[str, Any], namespace: str) -> Recognised | None:
    """kubectl takes no object without both members; which group was meant only the kind can tell."""
    name = content.get("kind")
    kind = _OF_THE_GROUP.get(name) if isinstance(name, str) else None
    if kind is None:
        return None
    finding = SCHEMA_INVALID.found(
        subject=subject_of(content, namespace),
        field="apiVersion",
        message="this field is required",
        remedy=f"write apiVersion: {kind.api_version}",
    )
    return Recognised(kind if kind.name in _JUDGED else None, (Remark(finding, ("apiVersion",)),))


def _kind(name: str, subject: Reference) -> tuple[Kind[Any] | None, tuple[Remark, ...]]:
    if name in _OF_THE_GROUP:
        return _OF_THE_GROUP[name], ()
    meant = _by_another_name(name)
    kind = meant or _OF_THE_GROUP.get(nearest(name, _OF_THE_GROUP, cutoff=_MISSPELLED_KIND) or "")
    if kind is None:
        return None, ()
    finding = SCHEMA_INVALID.found(
        subject=subject,
        field="kind",
        message=f"there is no kind {name[:_LONGEST_ECHO]} in {GROUP}",
        remedy=f"write kind: {kind.name}" if meant else f"did you mean {kind.name}?",
    )
    correction = Correction(("kind",), Part.VALUE, kind.name) if meant else None
    return kind, (Remark(finding, ("kind",), correction),)


def _by_another_name(name: str) -> Kind[Any] | None:
    """In the wrong case, in the plural, or by the short name that kubectl takes on its command line."""
    for kind in _OF_THE_GROUP.values():
        short = kind.definition.short_names if kind.definition is not None else ()
        if same_word(name, (kind.name,)) or name.casefold() in {kind.plural, *short}:
            return kind
    return None


def _served(kind: Kind[Any]) -> tuple[str, ...]:
    return (kind.version, *(kind.definition.also_served if kind.definition is not None else ()))


def _wrong_version(written: str, kind: Kind[Any], version: str, subject: Reference) -> Remark:
    right = f"{GROUP}/{version if version in _served(kind) else kind.version}"
    finding = SCHEMA_INVALID.found(
        subject=subject,
        field="apiVersion",
        message=f"{kind.name} is not served as {written[:_LONGEST_ECHO]}",
        remedy=f"write apiVersion: {right}",
    )
    return Remark(finding, ("apiVersion",), Correction(("apiVersion",), Part.VALUE, right))


def subject_of(content: Mapping[str, Any], namespace: str) -> Reference:
    """How the object names itself, whatever shape it has."""
    kind, metadata = content.get("kind"), content.get("metadata")
    named = metadata if isinstance(metadata, dict) else {}
    name, generated, own = named.get("name"), named.get("generateName"), named.get("namespace")
    called = name if isinstance(name, str) else f"{generated}*" if isinstance(generated, str) else ""
    return Reference(kind if isinstance(kind, str) else "", own if isinstance(own, str) and own else namespace, called)
