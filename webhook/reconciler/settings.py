"""What an operator may tune."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReconcilerSettings:
    freeze_deadline_seconds: float = 30.0
    """How long a guest may stand still. Storage cuts in about a second; databases begin to fail over after a minute."""
    freeze_attempts: int = 3
    """Freezes in which not everything was cut in time before the snapshot is given up."""
    freeze_refusal_grace_seconds: float = 3.0
    """For how long a refusal is asked again: right after a restart it may be the answer to a freeze that did happen."""
    cut_deadline_seconds: float = 600.0
    """For storage that never answers, where no guest stands still for it. Cutting takes seconds; only what comes after,
    copying the data elsewhere, takes long, and may."""
    new_volume_deadline_seconds: float = 3600.0
    """For storage that does not give a restored disk its volume while the machine is off: then the old one is put
    back. Storage that copies may need minutes for hundreds of gigabytes."""
    refused_volume_grace_seconds: float = 60.0
    """For how long a claim that the API server refuses is tried again: a quota frees what the old claim used a little
    after that is gone."""
    workers: int = 8
