"""How long a caller will wait for an answer."""

from __future__ import annotations

import re
from typing import Final

DEFAULT_SECONDS: Final = 10.0
"""ValidatingWebhook.timeoutSeconds when it is not set (admissionregistration/v1)."""
MAX_SECONDS: Final = 30.0
"""The most that timeoutSeconds may be."""
MARGIN_SECONDS: Final = 0.5
"""For the answer to travel, and because the API server rounds the time it has left up to whole seconds
(apiserver, admission/plugin/webhook/validating/dispatcher.go)."""
_MIN_SECONDS: Final = 0.1

_DURATION: Final = re.compile(r"^(?:\d+(?:\.\d*)?(?:ns|us|µs|μs|ms|s|m|h))+$")
_PART: Final = re.compile(r"(\d+(?:\.\d*)?)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def budget_seconds(timeout: str | None) -> float:
    """Seconds to work in, from the `timeout` query parameter, a Go duration that the API server adds.

    It is not part of the documented contract: when absent or unreadable, the default of timeoutSeconds is assumed.
    """
    return max(min(_duration_seconds(timeout or "") or DEFAULT_SECONDS, MAX_SECONDS) - MARGIN_SECONDS, _MIN_SECONDS)


def _duration_seconds(text: str) -> float | None:
    if not _DURATION.match(text):
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
