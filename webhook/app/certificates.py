"""Where the certificates' authority is kept in the cluster, and how the API server comes to trust it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog

from certs.bundle import BundleError
from certs.overlap import Overlap
from certs.store import StoreConflictError, Stored, StoreError
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.secret import SECRET
from webhook.api.struct import ApiStruct
from webhook.kube.client import Client
from webhook.kube.errors import AlreadyExistsError, ApiError, ConflictError, NotFoundError, UnreachableError

FIELD_MANAGER: Final = "snapgate-cabundle"
_SECRET_TYPE: Final = "Opaque"

_log = structlog.get_logger()


class SecretInCluster:
    """A `certs.store.SecretStore` over one Secret."""

    def __init__(self, client: Client, namespace: str, name: str) -> None:
        self._client = client
        self._namespace = namespace
        self._name = name

    async def read(self) -> Stored | None:
        try:
            secret = await self._client.get_raw(SECRET, self._namespace, self._name)
            data = {key: base64.b64decode(value) for key, value in (secret.get("data") or {}).items()}
        except NotFoundError:
            return None
        except (ApiError, UnreachableError, binascii.Error) as error:
            raise self._error("cannot be read", error) from error
        return Stored(data, secret["metadata"]["resourceVersion"])

    async def create(self, data: Mapping[str, bytes]) -> None:
        body = {"metadata": {"name": self._name}, "type": _SECRET_TYPE, "data": _encoded(data)}
        try:
            await self._client.create(SECRET, body, namespace=self._namespace)
        except AlreadyExistsError as error:
            raise StoreConflictError(str(error)) from error
        except (ApiError, UnreachableError) as error:
            raise self._error("cannot be created", error) from error

    async def update(self, data: Mapping[str, bytes], version: str) -> None:
        patch = {"metadata": {"resourceVersion": version}, "data": _encoded(data)}
        try:
            await self._client.merge_patch(SECRET, self._namespace, self._name, patch)
        except ConflictError as error:
            raise StoreConflictError(str(error)) from error
        except (ApiError, UnreachableError) as error:
            raise self._error("cannot be written", error) from error

    def _error(self, what: str, error: Exception) -> StoreError:
        return StoreError(f"Secret {self._namespace}/{self._name} {what}: {error}")


def _encoded(data: Mapping[str, bytes]) -> dict[str, str]:
    return {key: base64.b64encode(value).decode() for key, value in data.items()}


class ClientConfig(ApiStruct, frozen=True):
    ca_bundle: str = ""


class Webhook(ApiStruct, frozen=True):
    name: str
    client_config: ClientConfig = ClientConfig()


class WebhookConfiguration(Object, frozen=True):
    webhooks: tuple[Webhook, ...] = ()


class ValidatingWebhookConfiguration(WebhookConfiguration, frozen=True):
    pass


class MutatingWebhookConfiguration(WebhookConfiguration, frozen=True):
    pass


VALIDATING_WEBHOOK_CONFIGURATION: Final = Kind(
    "admissionregistration.k8s.io",
    "v1",
    "ValidatingWebhookConfiguration",
    "validatingwebhookconfigurations",
    ValidatingWebhookConfiguration,
    namespaced=False,
)
MUTATING_WEBHOOK_CONFIGURATION: Final = Kind(
    "admissionregistration.k8s.io",
    "v1",
    "MutatingWebhookConfiguration",
    "mutatingwebhookconfigurations",
    MutatingWebhookConfiguration,
    namespaced=False,
)


@dataclass(frozen=True, slots=True)
class Registration:
    """Webhooks of ours in one configuration."""

    kind: Kind[Any]
    configuration: str
    webhooks: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind.name} {self.configuration}"


class BundleInConfigurations:
    """A `certs.bundle.BundleInjector` over the webhook configurations that name our server.

    Applied under a field manager of its own, so that whoever applies a configuration without a caBundle leaves it.
    `clock` is the wall clock.
    """

    def __init__(self, client: Client, registrations: Sequence[Registration], *, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._overlaps = {
            registration: {name: Overlap(clock) for name in registration.webhooks} for registration in registrations
        }

    async def inject(self, bundle_pem: bytes) -> None:
        """Into each of them, also when another is missing. Raises BundleError with all that went wrong."""
        complaints = []
        for registration, overlaps in self._overlaps.items():
            try:
                await self._inject_into(registration, overlaps, bundle_pem)
            except BundleError as error:
                complaints.append(str(error))
        if complaints:
            raise BundleError("; ".join(complaints))

    async def _inject_into(
        self, registration: Registration, overlaps: Mapping[str, Overlap], bundle_pem: bytes
    ) -> None:
        try:
            present = await self._client.get(registration.kind, "", registration.configuration)
            bundles = {webhook.name: _pem(webhook.client_config.ca_bundle) for webhook in present.webhooks}
            _check_names(registration, bundles)
            wanted = {name: overlap.bundle(bundles[name], bundle_pem) for name, overlap in overlaps.items()}
            if all(bundles[name] == bundle for name, bundle in wanted.items()):
                return
            await self._apply(registration, wanted)
        except (ApiError, UnreachableError) as error:
            raise BundleError(f"{registration} was not given the authority: {error}") from error
        _log.info("gave the API server the authority to trust", configuration=str(registration))

    async def _apply(self, registration: Registration, wanted: Mapping[str, bytes]) -> None:
        webhooks: list[dict[str, Any]] = [
            {"name": name, "clientConfig": {"caBundle": base64.b64encode(bundle).decode()}}
            for name, bundle in wanted.items()
        ]
        await self._client.apply(
            registration.kind,
            "",
            registration.configuration,
            {"webhooks": webhooks},
            field_manager=FIELD_MANAGER,
        )


def _pem(ca_bundle: str) -> bytes:
    """The API server takes only base64 there."""
    return base64.b64decode(ca_bundle)


def _check_names(registration: Registration, bundles: Mapping[str, bytes]) -> None:
    """Applying to a webhook that is not there would add half a webhook."""
    missing = [name for name in registration.webhooks if name not in bundles]
    if missing:
        raise BundleError(f"{registration} has no webhook {' and no '.join(missing)}")
