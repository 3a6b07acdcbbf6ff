"""Structured logs: one JSON object a line on standard error, times in UTC."""

from __future__ import annotations

import logging
import sys
from typing import Final

import msgspec
import structlog
from structlog.tracebacks import ExceptionDictTransformer

_TRACEBACK: Final = ExceptionDictTransformer(show_locals=False)
"""Locals hold whole objects, and structlog shows them unless told not to."""


def _json(event: object, **_: object) -> str:
    """Several times faster than the standard library, and a review has a log line of its own."""
    return msgspec.json.encode(event, enc_hook=repr).decode()


def configure_logs(level: str) -> None:
    threshold = logging.getLevelNamesMapping().get(level.upper())
    if threshold is None:
        raise ValueError(f"unknown log level {level!r}; use debug, info, warning or error")
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(_TRACEBACK),
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
