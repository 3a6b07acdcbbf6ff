"""What an operator may set, from the environment (`SNAPGATE_…`) or the command line."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from webhook.findings.code import Profile


class ProcessSettings(BaseSettings):
    """What both processes need."""

    model_config = SettingsConfigDict(env_prefix="SNAPGATE_", frozen=True, extra="ignore")

    kubeconfig: Path | None = Field(default=None, description="Without it: the pod's account, or what kubectl uses.")
    profile: Profile = Field(default=Profile.STRICT, description="What becomes of findings: strict, gitops or guard.")
    host: str = Field(default="0.0.0.0", description="Address to listen on.")
    probe_port: int = Field(default=8081, description="Plain HTTP: /livez, /readyz, /metrics.")
    log_level: str = "info"

    namespace: str = Field(default="snapgate-system", description="Where Snapgate, its Secret and its Lease are.")


class WebhookSettings(ProcessSettings):
    port: int = Field(default=10250, description="HTTPS. 10250 is open towards nodes in most private clusters.")
    service: str = Field(default="snapgate-webhook", description="The Service that the API server calls.")
    configuration: str = Field(default="snapgate", description="Name of the webhook configurations to give the CA to.")
    mutating: bool = Field(
        default=True,
        description="Whether there is a MutatingWebhookConfiguration; the platform's own CRDs leave it nothing to do.",
    )
    authority_secret: str = "snapgate-webhook-authority"
    max_in_flight: int = Field(default=64, description="Reviews at a time; more are asked to come again.", gt=0)


class ReconcilerProcessSettings(ProcessSettings):
    probe_port: int = 8082
    lease: str = Field(default="snapgate-reconciler", description="Only the process that holds this Lease acts.")
    lease_seconds: int = Field(
        default=15, description="How long another waits before it takes over from one that died.", ge=3, le=300
    )
    freeze_deadline_seconds: float = Field(
        default=30.0, description="The guest thaws by itself after so many seconds.", ge=1, le=600
    )
    freeze_attempts: int = Field(default=3, ge=1, le=10)
    cut_deadline_seconds: float = Field(
        default=600.0, description="For storage that never answers; then the snapshot fails.", ge=10
    )
    workers: int = Field(default=8, ge=1, le=64)
    platform_controllers_stopped: bool = Field(
        default=False, description="Act although the platform's own controllers are registered: they do not run."
    )
