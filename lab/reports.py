"""What the supervisor says to the `up` that started it: one JSON document per line, over a socket pair."""

import json
import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Report:
    message: str
    ready: bool = False
    failed: bool = False


class Reporter:
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def say(self, message: str) -> None:
        self._send(Report(message))

    def ready(self) -> None:
        self._send(Report("ready", ready=True))

    def failed(self, message: str) -> None:
        self._send(Report(message, failed=True))

    def _send(self, report: Report) -> None:
        try:
            self._connection.sendall(json.dumps(asdict(report)).encode() + b"\n")
        except BrokenPipeError:  # `up` is gone; the supervisor notices by itself and stops
            return


def reports(connection: socket.socket) -> Iterator[Report]:
    with connection.makefile("rb") as lines:
        for line in lines:
            yield Report(**json.loads(line))
