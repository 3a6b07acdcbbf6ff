"""What is answered instead of results (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

PROBLEM_JSON: Final = "application/problem+json"


class Problem(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Annotated[str, Field(description="The phrase of the status.")]
    status: int
    detail: Annotated[str, Field(description="What to change.")]
    errors: Annotated[tuple[str, ...], Field(description="One line each, where there are several.")] = ()


class ProblemError(Exception):
    """The request gets no results. Status and text tell its sender what to change."""

    def __init__(
        self, status: int, detail: str, *, errors: tuple[str, ...] = (), retry_after_seconds: int | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self._detail = detail
        self._errors = errors
        self._retry_after_seconds = retry_after_seconds

    def response(self) -> web.Response:
        problem = Problem(
            title=HTTPStatus(self.status).phrase, status=self.status, detail=self._detail, errors=self._errors
        )
        headers = {}
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = 'Bearer realm="snapgate"'
        if self._retry_after_seconds is not None:
            headers["Retry-After"] = str(self._retry_after_seconds)
        return web.Response(
            status=self.status, text=problem.model_dump_json(), content_type=PROBLEM_JSON, headers=headers
        )
