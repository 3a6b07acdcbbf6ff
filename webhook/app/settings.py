"""What an operator may set, from the environment (`SNAPGATE_…`) or the command line."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from webhook.admission.judged import EXECUTORS
from webhook.findings.code import Profile
from webhook.findings.policy import Installation
from webhook.kube.election_settings import STANDARD_ELECTION
from webhook.reconciler.settings import ReconcilerSettings
from webhook.service.intake import MAX_IN_FLIGHT
from webhook.service.listening import SHUTDOWN_SECONDS


class CertificateMode(StrEnum):
    """Where the serving certificate comes from, spelled as in the chart's values."""

    SELF_MANAGED = "selfManaged"
    CERT_MANAGER = "certManager"
    EXISTING_SECRET = "existingSecret"


FINISH_SECONDS: Final = 2 * SHUTDOWN_SECONDS
"""Of the grace period, for what is still in flight when the drain is cut short: aiohttp waits twice, before and after
it cancels."""
EXIT_SECONDS: Final = 2.0
"""And to close everything else."""
_RECONCILER: Final = ReconcilerSettings()


class ProcessSettings(BaseSettings):
    """What both processes need."""

    model_config = SettingsConfigDict(env_prefix="SNAPGATE_", frozen=True, extra="ignore")

    kubeconfig: Path | None = Field(default=None, description="Without it: the pod's account, or what kubectl uses.")
    mode: Installation = Field(default=Installation.FULL, description="guard: webhooks only, no reconciler of ours.")
    profile: Profile | None = Field(
        default=None, description="What becomes of findings: strict, gitops or guard. A policy file's own goes first."
    )
    policy_file: Path | None = Field(default=None, description="Overrides of the profile; read again when it changes.")
    host: str = Field(default="0.0.0.0", description="Address to listen on.")
    probe_port: int = Field(default=8081, description="Plain HTTP: /livez, /readyz, /metrics, /policy.")
    log_level: str = "info"

    namespace: str = Field(default="snapgate-system", description="Where Snapgate, its Secret and its Lease are.")
    grace_seconds: float = Field(
        default=45.0,
        description="From SIGTERM to the end, as the pod's terminationGracePeriodSeconds.",
        gt=0,
    )


class WebhookSettings(ProcessSettings):
    port: int = Field(default=10250, description="HTTPS. 10250 is open towards nodes in most private clusters.")
    service: str = Field(default="snapgate-webhook", description="The Service that the API server calls.")
    configuration: str = Field(default="snapgate", description="Name of the webhook configurations to give the CA to.")
    mutating: bool = Field(
        default=True,
        description="Whether there is a MutatingWebhookConfiguration; the platform's own CRDs leave it nothing to do.",
    )
    executors: frozenset[str] = Field(
        default=EXECUTORS,
        description="Accounts that are not judged because they carry out what was; a JSON list, as in matchConditions.",
    )
    authority_secret: str = "snapgate-webhook-authority"
    max_in_flight: int = Field(
        default=MAX_IN_FLIGHT, description="Reviews at a time; more are asked to come again.", gt=0
    )
    certificates: CertificateMode = CertificateMode.SELF_MANAGED
    certificate_directory: Path = Field(
        default=Path("/etc/snapgate/tls"), description="tls.crt, tls.key and ca.crt, unless self-managed."
    )
    inject_ca_bundle: bool = Field(
        default=True, description="existingSecret: have the API server trust ca.crt, where there is one."
    )
    drain_seconds: float = Field(
        default=10.0,
        description="Reviews are answered this long after SIGTERM: endpoints have to move.",
        ge=0,
    )
    drain_quiet_seconds: float = Field(
        default=3.0, description="And until none has come for so long, as far as the grace period allows.", ge=0
    )
    validation_port: int = Field(default=0, description="HTTPS: POST /v1/validate for people and programs; 0: off.")
    validation_audiences: str = Field(
        default="snapgate",
        description="Tokens must be meant for one of these, with commas between; empty: for the API server.",
    )
    connection_seconds: float = Field(
        default=120.0, description="Then a caller has to connect again, maybe to another replica; 0: never.", ge=0
    )

    @model_validator(mode="after")
    def _drain_fits(self) -> Self:
        needed = self.drain_seconds + self.drain_quiet_seconds + FINISH_SECONDS + EXIT_SECONDS
        if self.grace_seconds < needed:
            raise ValueError(
                f"SNAPGATE_GRACE_SECONDS is {self.grace_seconds:g}, and draining takes {needed:g}: "
                f"SNAPGATE_DRAIN_SECONDS, SNAPGATE_DRAIN_QUIET_SECONDS and {FINISH_SECONDS + EXIT_SECONDS:g} to finish"
            )
        return self


class ReconcilerProcessSettings(ProcessSettings):
    @model_validator(mode="after")
    def _is_installed(self) -> Self:
        if self.mode is Installation.GUARD:
            raise ValueError("guard mode has no reconciler: the platform's controllers execute what is accepted")
        return self

    probe_port: int = 8082
    lease: str = Field(default="snapgate-reconciler", description="Only the process that holds this Lease acts.")
    lease_seconds: int = Field(
        default=STANDARD_ELECTION.lease_seconds,
        description="How long another waits before it takes over from one that died.",
        ge=3,
        le=300,
    )
    freeze_deadline_seconds: float = Field(
        default=_RECONCILER.freeze_deadline_seconds,
        description="The guest thaws by itself after so many seconds.",
        ge=1,
        le=600,
    )
    freeze_attempts: int = Field(default=_RECONCILER.freeze_attempts, ge=1, le=10)
    cut_deadline_seconds: float = Field(
        default=_RECONCILER.cut_deadline_seconds,
        description="For storage that never answers; then the snapshot fails.",
        ge=10,
    )
    new_volume_deadline_seconds: float = Field(
        default=_RECONCILER.new_volume_deadline_seconds,
        description="For storage that gives a restored disk no volume; then the old one is put back.",
        ge=10,
    )
    workers: int = Field(default=_RECONCILER.workers, ge=1, le=64)
    platform_controllers_stopped: bool = Field(
        default=False, description="Act although the platform's own controllers are registered: they do not run."
    )
