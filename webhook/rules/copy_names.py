"""Names of a copy: given, valid, distinct and free."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from webhook.api.operation import CopySpec
from webhook.api.reference import Reference
from webhook.api.secret import SECRET
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.vocabulary import RESTORED_BY
from webhook.content.names import MAX_NAME
from webhook.facts.facts import Facts
from webhook.facts.operations import Rival
from webhook.findings.clone import (
    NAME_COLLISION,
    NAME_INVALID,
    NAME_TAKEN,
    NAME_TOO_LONG,
    NO_RENAMING,
    REPLACEMENT_AMBIGUOUS,
    REPLACEMENT_KIND_UNKNOWN,
    REPLACEMENT_SHADOWED,
    REPLACEMENT_UNMATCHED,
)
from webhook.findings.finding import Finding, Holder
from webhook.planning.blueprint import Blueprint
from webhook.planning.naming import COPIED_KINDS, Naming
from webhook.planning.situation import CopySituation, objects_made_by
from webhook.rules.rivals import holder_of
from webhook.rules.suggestions import Suggestions

MAX_MACHINE_NAME: Final = 63
"""It becomes the value of labels (platform API facts, section 4, VM webhook)."""
_OTHER_NAME: Final = "choose another name, prefix or suffix"
_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", re.ASCII)
_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", re.ASCII)
_ALSO_KNOWN: Final = frozenset(
    {"VirtualMachineIPAddress", "VirtualMachineMACAddress", "VirtualImage", "ClusterVirtualImage"}
)
"""Kinds that the platform takes rules for, although a copy has nothing of theirs under a name of its own."""


def check_names(subject: Reference, situation: CopySituation, facts: Facts) -> Iterator[Finding]:
    naming, block, suggestions = situation.naming, situation.block, Suggestions()
    yield from facts.each(
        spellings_agree(subject, situation.copy, block),
        something_is_renamed(subject, naming, block),
        kinds_are_known(subject, naming, block, suggestions),
        _new_names_can_be_had(subject, situation, facts, suggestions),
    )


def _new_names_can_be_had(
    subject: Reference, situation: CopySituation, facts: Facts, suggestions: Suggestions
) -> Iterator[Finding]:
    naming, block, blueprint = situation.naming, situation.block, situation.blueprint
    if blueprint is None or not naming.renames:
        return
    resources = tuple(dict.fromkeys(blueprint.resources()))
    final = {each: Reference(each.kind, each.namespace, naming.of(each.kind, each.name)) for each in resources}
    yield from facts.each(
        rules_are_used(subject, naming, blueprint, block, suggestions),
        *(name_is_valid(original, copy, naming, block) for original, copy in final.items()),
        names_are_distinct(final, naming, block),
        names_are_free(final, situation, facts),
    )


def spellings_agree(subject: Reference, copy: CopySpec, block: str) -> Iterator[Finding]:
    """One spelling is stored, whichever is written; two that differ leave open which is meant."""
    if copy.ambiguous:
        yield REPLACEMENT_AMBIGUOUS.found(
            subject=subject,
            field=f"{block}.nameReplacements",
            message="nameReplacements and nameReplacement say different things",
            remedy="keep one of the two",
        )


def something_is_renamed(subject: Reference, naming: Naming, block: str) -> Iterator[Finding]:
    """The page: the resources of the new machine must have unique names."""
    if not naming.renames:
        yield NO_RENAMING.found(
            subject=subject,
            field=block,
            message="the copy needs names of its own",
            remedy=f"set {block}.customization.nameSuffix, for example: -copy",
        )


def kinds_are_known(subject: Reference, naming: Naming, block: str, suggestions: Suggestions) -> Iterator[Finding]:
    for position, rule in enumerate(naming.replacements):
        kind = rule.replaced.kind
        if kind and kind not in COPIED_KINDS and kind not in _ALSO_KNOWN:
            near = suggestions.nearest(kind, sorted(COPIED_KINDS))
            meant = f"did you mean {near}?" if near else f"use one of {', '.join(sorted(COPIED_KINDS))}"
            yield REPLACEMENT_KIND_UNKNOWN.found(
                subject=subject,
                field=f"{_rule(block, position)}.from.kind",
                message=f"nothing of kind {kind} is copied",
                remedy=meant,
            )


def rules_are_used(
    subject: Reference, naming: Naming, blueprint: Blueprint, block: str, suggestions: Suggestions
) -> Iterator[Finding]:
    resources = tuple(blueprint.resources())
    used = naming.used_by(resources)
    present = {(each.kind, each.name) for each in resources}
    names = {each.name for each in resources}
    for position, rule in enumerate(naming.replacements):
        kind, name = rule.replaced.kind, rule.replaced.name
        known = not kind or kind in COPIED_KINDS or kind in _ALSO_KNOWN
        if position in used or not known:
            continue
        if (kind, name) in present or (not kind and name in names):
            yield _shadowed(subject, naming, position, resources, block)
        else:
            yield _unmatched(subject, kind, name, blueprint, f"{_rule(block, position)}.from", suggestions)


def name_is_valid(original: Reference, copy: Reference, naming: Naming, block: str) -> Iterator[Finding]:
    machine = original.kind == VIRTUAL_MACHINE.name
    longest = MAX_MACHINE_NAME if machine else MAX_NAME
    if len(copy.name) > longest:
        what = "a machine" if machine else "a name"
        yield NAME_TOO_LONG.found(
            subject=copy,
            field=_naming_field(original, naming, block),
            message=f"{copy} has {len(copy.name)} characters, {what} at most {longest}",
            remedy=f"replace {original.name} by a shorter name, or shorten prefix and suffix",
        )
    if not (_LABEL if machine else _SUBDOMAIN).fullmatch(copy.name):
        yield NAME_INVALID.found(
            subject=copy,
            field=_naming_field(original, naming, block),
            message=f"{original} would be named {copy.name}",
            remedy="use lower case letters, digits and dashes, with a letter or digit at both ends",
        )


def names_are_distinct(final: dict[Reference, Reference], naming: Naming, block: str) -> Iterator[Finding]:
    originals: defaultdict[Reference, list[Reference]] = defaultdict(list)
    for original, copy in final.items():
        originals[copy].append(original)
    for copy, several in originals.items():
        if len(several) > 1:
            yield NAME_COLLISION.found(
                subject=copy,
                field=_naming_field(several[-1], naming, block),
                message=f"{' and '.join(str(each) for each in several)} would {_alike(several)} be named {copy.name}",
                remedy="give each a rule of its own",
            )


def _alike(several: list[Reference]) -> str:
    return "both" if len(several) == 2 else "all"


def names_are_free(final: dict[Reference, Reference], situation: CopySituation, facts: Facts) -> Iterator[Finding]:
    """Nothing is ever overwritten. A provisioning Secret that keeps its name is shared, if it is as saved."""
    fields = {
        original: _naming_field(original, situation.naming, situation.block)
        for original, copy in final.items()
        if copy.kind != SECRET.name or copy != original
    }
    uid = situation.operation.metadata.uid
    yield from facts.each(
        *(nothing_has_the_name(original, final[original], uid, facts, field) for original, field in fields.items()),
        *(nobody_reserved(final[original], situation, facts, field) for original, field in fields.items()),
        nobody_plans({final[original]: field for original, field in fields.items()}, situation, facts),
    )


def nobody_reserved(copy: Reference, situation: CopySituation, facts: Facts, field: str) -> Iterator[Finding]:
    for rival in facts.operations.reserving(copy.kind, copy.name, asker=situation.operation):
        yield _about_to_be_made(copy, rival, field)


def nobody_plans(fields: Mapping[Reference, str], situation: CopySituation, facts: Facts) -> Iterator[Finding]:
    for copy, rivals in _planned_by_newcomers(situation, facts).items():
        if copy in fields:
            yield from (_about_to_be_made(copy, rival, fields[copy]) for rival in rivals)


def _about_to_be_made(copy: Reference, rival: Rival, field: str) -> Finding:
    return NAME_TAKEN.found(
        subject=copy,
        field=field,
        message=f"{copy} is about to be made by {rival.reference} ({rival.phase})",
        remedy=_OTHER_NAME,
        holder=holder_of(rival),
    )


def nothing_has_the_name(
    original: Reference, copy: Reference, operation_uid: str, facts: Facts, field: str
) -> Iterator[Finding]:
    holder = facts.holders.of_name(copy.kind, copy.name)
    if holder is None or (operation_uid and holder.metadata.annotations.get(RESTORED_BY) == operation_uid):
        return
    phase = getattr(getattr(holder, "status", None), "phase", "")
    yield NAME_TAKEN.found(
        subject=copy,
        field=field,
        message=f"{copy} exists" if copy != original else f"{copy} would keep its name, which the original has",
        remedy=_OTHER_NAME if copy != original else "add a rule for it, or a prefix or suffix for all",
        holder=Holder(copy.kind, copy.namespace, copy.name, phase=phase),
    )


def _planned_by_newcomers(situation: CopySituation, facts: Facts) -> dict[Reference, list[Rival]]:
    planned: defaultdict[Reference, list[Rival]] = defaultdict(list)
    for rival in facts.operations.unplanned(asker=situation.operation):
        for made in objects_made_by(rival.operation, facts):
            planned[made].append(rival)
    return planned


def _rule(block: str, position: int) -> str:
    return f"{block}.nameReplacement[{position}]"


def _naming_field(original: Reference, naming: Naming, block: str) -> str:
    """What to edit to give it another name."""
    rule = naming.rule_for(original.kind, original.name)
    if rule is not None:
        return f"{_rule(block, rule)}.to"
    if naming.suffix:
        return f"{block}.customization.nameSuffix"
    return f"{block}.customization.namePrefix" if naming.prefix else f"{block}.nameReplacement"


def _shadowed(
    subject: Reference, naming: Naming, position: int, resources: tuple[Reference, ...], block: str
) -> Finding:
    rule = naming.replacements[position].replaced
    matched = next(each for each in resources if each.name == rule.name and rule.kind in {"", each.kind})
    first = naming.rule_for(matched.kind, matched.name)
    return REPLACEMENT_SHADOWED.found(
        subject=subject,
        field=_rule(block, position),
        message=f"nameReplacement[{position}] is never used, nameReplacement[{first}] already renames {matched}",
        remedy="remove it, or move it before the other",
    )


def _unmatched(
    subject: Reference, kind: str, name: str, blueprint: Blueprint, field: str, suggestions: Suggestions
) -> Finding:
    if kind and kind not in COPIED_KINDS:
        remedy = "remove the rule: addresses are new, images are shared"
    else:
        known = {each.name for each in blueprint.resources() if kind in {"", each.kind}}
        near = suggestions.nearest(name, sorted(known))
        remedy = f"did you mean {near}?" if near else "remove the rule"
    return REPLACEMENT_UNMATCHED.found(
        subject=subject,
        field=field,
        message=f"VirtualMachine {blueprint.machine_name} has no {kind or 'resource'} {name}",
        remedy=remedy,
    )
