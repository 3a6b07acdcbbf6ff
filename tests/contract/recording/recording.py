"""What the API server sent while one command ran, as it is kept in tests/contract/recorded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from tests.support.manifests import Json

DIRECTORY: Final = Path(__file__).parents[1] / "recorded"
MUTATE: Final = "/mutate"
VALIDATE: Final = "/validate"


class Call(Struct, frozen=True):
    """One POST of the API server to a webhook."""

    path: str
    query: str
    headers: Mapping[str, str]
    review: Raw
    """Indented in the file; everything else is as it came, the order of members and the escapes included."""

    @property
    def body(self) -> bytes:
        return msgspec.json.format(bytes(self.review), indent=-1)

    @property
    def request(self) -> Json:
        document: Json = msgspec.json.decode(self.review)
        request: Json = document["request"]
        return request


class Recording(Struct, frozen=True, rename="camel"):
    """`calls` is empty when the API server refused the command before it asked any webhook."""

    api_server: str
    command: str
    given: Any
    exit_code: int
    calls: tuple[Call, ...]

    def sent_to(self, path: str) -> tuple[Call, ...]:
        return tuple(call for call in self.calls if call.path == path)


def written(recording: Recording) -> bytes:
    return msgspec.json.format(msgspec.json.encode(recording), indent=1) + b"\n"


def recorded() -> dict[str, Recording]:
    """All recordings by name."""
    decoder = msgspec.json.Decoder(Recording)
    return {file.stem: decoder.decode(file.read_bytes()) for file in sorted(DIRECTORY.glob("*.json"))}
