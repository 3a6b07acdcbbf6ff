from __future__ import annotations

import json
from typing import Any, cast

import pytest

from webhook.kube.client import Client
from webhook.kube.errors import ApiError, ForbiddenError, UnreachableError, error_from
from webhook.machines.driver import FreezeRefusedError
from webhook.machines.platform import PlatformMachines

BASE = "/apis/subresources.virtualization.deckhouse.io/v1alpha2/namespaces/ns/virtualmachines/vm"


class Answering:
    """Of `Client` what the driver uses."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.requests: list[tuple[str, str, Any]] = []

    async def request(self, method: str, path: str, *, body: bytes | None = None) -> bytes:
        self.requests.append((method, path, json.loads(body) if body else None))
        if self.failure is not None:
            raise self.failure
        return b"{}"


def driver(client: Answering) -> PlatformMachines:
    return PlatformMachines(cast("Client", client))


def failure(status: int) -> ApiError:
    return error_from(status, b'{"kind":"Status","message":"agent is away"}', {})


@pytest.mark.parametrize(
    ("seconds", "written"), [(30.0, "30s"), (29.4, "30s"), (29.6, "30s"), (0.2, "1s"), (0.0, "1s"), (-3.0, "1s")]
)
async def test_guest_thaws_by_itself_no_earlier_than_asked_and_never_never(seconds: float, written: str) -> None:
    client = Answering()
    await driver(client).freeze("ns", "vm", seconds=seconds)
    assert client.requests == [("PUT", f"{BASE}/freeze", {"unfreezeTimeout": written})]


async def test_thaw_has_no_body() -> None:
    client = Answering()
    await driver(client).thaw("ns", "vm")
    assert client.requests == [("PUT", f"{BASE}/unfreeze", None)]


@pytest.mark.parametrize("status", [400, 404, 409, 500])
async def test_refusal_to_freeze_is_told_in_the_machine_apis_words(status: int) -> None:
    with pytest.raises(FreezeRefusedError, match=r"^agent is away$"):
        await driver(Answering(failure(status))).freeze("ns", "vm", seconds=30)


@pytest.mark.parametrize("status", [401, 403, 429, 503])
async def test_answer_that_says_nothing_of_the_guest_is_no_refusal(status: int) -> None:
    with pytest.raises(ApiError):
        await driver(Answering(failure(status))).freeze("ns", "vm", seconds=30)


@pytest.mark.parametrize("status", [404, 409])
async def test_guest_that_is_gone_or_off_counts_as_thawed(status: int) -> None:
    await driver(Answering(failure(status))).thaw("ns", "vm")


@pytest.mark.parametrize("error", [failure(403), failure(500), UnreachableError("reset")])
async def test_thaw_that_may_not_have_happened_is_told(error: Exception) -> None:
    with pytest.raises((ForbiddenError, ApiError, UnreachableError)):
        await driver(Answering(error)).thaw("ns", "vm")


async def test_names_are_quoted_in_the_path() -> None:
    client = Answering()
    await driver(client).thaw("ns", "a/status")
    assert client.requests[0][1].endswith("/virtualmachines/a%2Fstatus/unfreeze")
