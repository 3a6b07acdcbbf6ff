"""How the lab's own processes log: lines of `key=value`, kept by whoever started them."""

from __future__ import annotations

import structlog


def log_to_standard_output() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=("timestamp", "level", "event")),
        ]
    )
