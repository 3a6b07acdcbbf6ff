"""How long leaders and candidates wait."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final


@dataclass(frozen=True, slots=True)
class ElectionSettings:
    """The defaults of Kubernetes' own components. Raises ValueError for what could not be safe."""

    lease_seconds: int = 15
    """Others leave the lease alone for so long after they saw it change."""
    renew_deadline_seconds: float = 10.0
    """A leader that could not renew for so long stops its work."""
    retry_seconds: float = 2.0
    call_seconds: float = 1.5
    """Given to one call: a single hung one must not cost the lease."""
    margin_seconds: float = 1.0
    """A process whose work has not ended is ended so long before the lease is: our clock may be slower than theirs."""

    def __post_init__(self) -> None:
        if not isinstance(self.lease_seconds, int):
            raise TypeError(f"a lease lasts whole seconds (leaseDurationSeconds is an int32), not {self.lease_seconds}")
        ends = self.lease_seconds - self.margin_seconds
        ascending = (0.0, self.call_seconds, self.retry_seconds, self.renew_deadline_seconds, ends, self.lease_seconds)
        if any(shorter >= longer for shorter, longer in pairwise(ascending)):
            raise ValueError(f"needed: 0 < call < retry < renew deadline < lease - margin < lease; given: {self}")


STANDARD_ELECTION: Final = ElectionSettings()


def election_settings(lease_seconds: int) -> ElectionSettings:
    """The standard ones, in proportion to a lease of another length."""
    standard = STANDARD_ELECTION
    scale = lease_seconds / standard.lease_seconds
    return ElectionSettings(
        lease_seconds=lease_seconds,
        renew_deadline_seconds=standard.renew_deadline_seconds * scale,
        retry_seconds=standard.retry_seconds * scale,
        call_seconds=standard.call_seconds * scale,
        margin_seconds=standard.margin_seconds * scale,
    )
