"""Structured logs: one JSON object a line on standard error, times in UTC."""

from __future__ import annotations

import logging
import sys
from typing import Final

import structlog
from structlog.tracebacks import ExceptionDictTransformer

_TRACEBACK: Final = ExceptionDictTransformer(show_locals=False)
"""Locals hold whole objects, and structlog shows them unless told not to."""


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
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
