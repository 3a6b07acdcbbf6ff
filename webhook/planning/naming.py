"""Names of a copy: `<prefix><new name><suffix>`, where the first rule that matches gives the new name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from webhook.api.operation import CopySpec, NameReplacement
from webhook.api.reference import Reference
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT

COPIED_KINDS: Final = frozenset(
    kind.name for kind in (VIRTUAL_MACHINE, VIRTUAL_DISK, VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, SECRET)
)
"""What a copy has under names of its own. Images are shared; addresses are made anew for the new machine."""


@dataclass(frozen=True, slots=True)
class Naming:
    """Rules do not chain: what one rule gives is not looked up again."""

    replacements: tuple[NameReplacement, ...] = ()
    prefix: str = ""
    suffix: str = ""
    _first: Mapping[tuple[str, str], int] | None = None
    """Position of the first rule for a kind (`""`: any) and a name, so that a thousand rules cost no more than one."""

    @property
    def renames(self) -> bool:
        """Whether anything at all is given another name."""
        return bool(self.replacements or self.prefix or self.suffix)

    def of(self, kind: str, name: str) -> str:
        """The final name of what is called `name` in the source. References follow the objects they name."""
        rule = self.rule_for(kind, name)
        renamed = name if rule is None else self.replacements[rule].to
        return f"{self.prefix}{renamed}{self.suffix}"

    def rule_for(self, kind: str, name: str) -> int | None:
        """Position of the rule that renames it."""
        first = self._first or {}
        found = [first[key] for key in ((kind, name), ("", name)) if key in first]
        return min(found, default=None)

    def used_by(self, named: Iterable[Reference]) -> frozenset[int]:
        """Positions of the rules that rename any of these."""
        found = (self.rule_for(each.kind, each.name) for each in named)
        return frozenset(rule for rule in found if rule is not None)


def naming_of(copy: CopySpec) -> Naming:
    """Of an operation as stored. Where nobody has respelled it, the documented spelling counts."""
    rules = copy.name_replacement or copy.name_replacements
    first: dict[tuple[str, str], int] = {}
    for position, rule in enumerate(rules):
        first.setdefault((rule.replaced.kind, rule.replaced.name), position)
    customization = copy.customization
    return Naming(
        replacements=rules,
        prefix=customization.name_prefix if customization else "",
        suffix=customization.name_suffix if customization else "",
        _first=first,
    )
