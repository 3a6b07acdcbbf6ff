"""What the subresource API answers instead of doing what it was asked, as a Kubernetes Status."""

from __future__ import annotations

from typing import Any

from webhook.api.kind import Kind
from webhook.api.virtualization import SUBRESOURCES_GROUP


class RefusedError(Exception):
    def __init__(self, code: int, reason: str, message: str, details: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.body: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            "details": details or {},
            "code": code,
        }


def bad_request(message: str) -> RefusedError:
    return RefusedError(400, "BadRequest", message)


def unauthorized(message: str) -> RefusedError:
    return RefusedError(401, "Unauthorized", message)


def forbidden(message: str) -> RefusedError:
    return RefusedError(403, "Forbidden", message)


def not_found(kind: Kind[Any], name: str) -> RefusedError:
    message = f'{kind.plural}.{SUBRESOURCES_GROUP} "{name}" not found'
    return RefusedError(404, "NotFound", message, _details(kind, name))


def conflict(kind: Kind[Any], name: str, message: str) -> RefusedError:
    return RefusedError(409, "Conflict", message, _details(kind, name))


def internal_error(message: str) -> RefusedError:
    return RefusedError(500, "InternalError", message)


def _details(kind: Kind[Any], name: str) -> dict[str, str]:
    return {"name": name, "group": SUBRESOURCES_GROUP, "kind": kind.plural}
