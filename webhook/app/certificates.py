"""Where the certificates' authority is kept in the cluster, and how the API server comes to trust it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog

from certs.bundle import BundleError
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


class ValidatingWebhook(ApiStruct, frozen=True):
    name: str
    client_config: ClientConfig = ClientConfig()


class ValidatingWebhookConfiguration(Object, frozen=True):
    webhooks: tuple[ValidatingWebhook, ...] = ()


VALIDATING_WEBHOOK_CONFIGURATION: Final = Kind(
    "admissionregistration.k8s.io",
    "v1",
    "ValidatingWebhookConfiguration",
    "validatingwebhookconfigurations",
    ValidatingWebhookConfiguration,
    namespaced=False,
)


class BundleInConfiguration:
    """A `certs.bundle.BundleInjector` over the webhooks of one ValidatingWebhookConfiguration.

    Applied under a field manager of its own, so that whoever applies the configuration without a caBundle leaves it.
    """

    def __init__(self, client: Client, configuration: str, webhooks: Sequence[str]) -> None:
        self._client = client
        self._configuration = configuration
        self._webhooks = tuple(webhooks)

    async def inject(self, bundle_pem: bytes) -> None:
        wanted = base64.b64encode(bundle_pem).decode()
        try:
            present = await self._client.get(VALIDATING_WEBHOOK_CONFIGURATION, "", self._configuration)
            bundles = {webhook.name: webhook.client_config.ca_bundle for webhook in present.webhooks}
            self._check_names(bundles)
            if all(bundles[name] == wanted for name in self._webhooks):
                return
            await self._apply(wanted)
        except (ApiError, UnreachableError) as error:
            raise BundleError(
                f"ValidatingWebhookConfiguration {self._configuration} was not given the authority: {error}"
            ) from error
        _log.info("gave the API server the authority to trust", configuration=self._configuration)

    def _check_names(self, bundles: Mapping[str, str]) -> None:
        """Applying to a webhook that is not there would add half a webhook."""
        missing = [name for name in self._webhooks if name not in bundles]
        if missing:
            raise BundleError(
                f"ValidatingWebhookConfiguration {self._configuration} has no webhook {' and no '.join(missing)}"
            )

    async def _apply(self, bundle: str) -> None:
        webhooks: list[dict[str, Any]] = [
            {"name": name, "clientConfig": {"caBundle": bundle}} for name in self._webhooks
        ]
        await self._client.apply(
            VALIDATING_WEBHOOK_CONFIGURATION,
            "",
            self._configuration,
            {"webhooks": webhooks},
            field_manager=FIELD_MANAGER,
        )
