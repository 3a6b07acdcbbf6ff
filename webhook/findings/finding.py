"""A reason why a request cannot go on, or something its author should know."""

from __future__ import annotations

from msgspec import Struct

from webhook.api.reference import Reference


class Holder(Struct, frozen=True):
    """Who holds what is in the way. Empty: there is none, or it is not known."""

    kind: str
    namespace: str
    name: str
    machine: str = ""
    phase: str = ""

    @classmethod
    def machine_itself(cls, namespace: str, name: str, phase: str = "") -> Holder:
        return cls("VirtualMachine", namespace, name, name, phase)


class Finding(Struct, frozen=True):
    """`field` is written as kubectl names it, `spec.virtualMachineName`; `remedy` is a command or a field to change.

    Blocking means that the request cannot go on while this holds; what follows from that is policy's to say.
    """

    code: str
    blocking: bool
    field: str
    message: str
    subject: Reference
    remedy: str | None = None
    holder: Holder | None = None
    unseen: str | None = None
    """The message without the holder, for those who may not see it: it may be in someone else's namespace."""

    @property
    def text(self) -> str:
        """What a person reads: what is, what to do, and the code to look up."""
        advice = f"; {self.remedy}" if self.remedy else ""
        return f"{self.message}{advice} [{self.code}]"
