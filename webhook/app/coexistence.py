"""Whether other controllers reconcile the same kinds. Two that act on one snapshot would undo each other's work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from webhook.app.certificates import VALIDATING_WEBHOOK_CONFIGURATION
from webhook.kube.client import Client
from webhook.kube.errors import ApiError, NotFoundError, UnreachableError

PLATFORM_CONFIGURATION: Final = "virtualization-controller-admission-webhook"
"""What the platform's controllers register under (its templates/virtualization-controller/validation-webhook.yaml)."""
CHECK_SECONDS: Final = 30.0
RETRY_SECONDS: Final = 2.0

_NOT_ASKED: Final = "it is not known yet whether the platform's own controllers run here"
_NOT_ALONE: Final = (
    f"the platform's own controllers run here (ValidatingWebhookConfiguration {PLATFORM_CONFIGURATION}): stop them and "
    "set SNAPGATE_PLATFORM_CONTROLLERS_STOPPED=true, or install guard mode"
)

_log = structlog.get_logger(__name__)

Pause = Callable[[float], Awaitable[None]]


class PlatformControllersError(Exception):
    """They have come while we were acting."""


class Coexistence:
    """`declared_stopped`: an operator vouches that they do not run, whatever is registered."""

    def __init__(self, client: Client, *, declared_stopped: bool, pause: Pause = asyncio.sleep) -> None:
        self._client = client
        self._declared_stopped = declared_stopped
        self._pause = pause
        self._alone = asyncio.Event()
        self._reason: str | None = None if declared_stopped else _NOT_ASKED
        if declared_stopped:
            self._alone.set()

    def not_ready_reason(self) -> str | None:
        return self._reason

    async def alone(self) -> None:
        """Wait until it is certain that nobody else acts."""
        await self._alone.wait()

    async def run(self) -> None:
        """Look again and again, for ever. Raises PlatformControllersError when they come after `alone`."""
        while True:
            if self._declared_stopped:
                await self._pause(CHECK_SECONDS)
                continue
            reason = await self._look()
            if reason is not None and reason != self._reason:
                _log.error("not acting", reason=reason)
            self._reason = reason
            if reason is None:
                self._alone.set()
            elif reason == _NOT_ALONE and self._alone.is_set():
                raise PlatformControllersError(reason)
            await self._pause(CHECK_SECONDS if reason is None else RETRY_SECONDS)

    async def _look(self) -> str | None:
        """Why not to act, or None. No answer is no reason to stop what has begun."""
        try:
            await self._client.get(VALIDATING_WEBHOOK_CONFIGURATION, "", PLATFORM_CONFIGURATION)
        except NotFoundError:
            return None
        except (ApiError, UnreachableError) as error:
            return None if self._alone.is_set() else f"{_NOT_ASKED}: {error}"
        return _NOT_ALONE
