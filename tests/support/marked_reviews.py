"""Reviews with a secret in every corner, sent along every path; run as a process of its own, whose logs are its output.

python -m tests.support.marked_reviews MARKER
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import Any, Final

from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry

from tests.support import manifests
from tests.support.known import KnownWorld
from tests.support.reviews import encoded, review_document
from tests.support.rights import Rights
from tests.support.world import World
from webhook.admission.review import Review
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.app.logs import configure_logs
from webhook.facts.source import Source, UnreadableError
from webhook.findings.code import Profile
from webhook.findings.policy import Policy
from webhook.gate.gate import Gate
from webhook.gate.verdict import Verdict
from webhook.inventory.live import LiveReadError
from webhook.inventory.recording import ReadSet
from webhook.service.admission import Judge, admission_application
from webhook.service.metrics import AdmissionMetrics

JSON: Final = {"Content-Type": "application/json"}


class Defective:
    """Fails with words that quote all it was given, and a cause that does so too."""

    async def judge(self, review: Review, *, deadline: float) -> Verdict:
        try:
            raise KeyError(bytes(review.object).decode())
        except KeyError as error:
            raise ExceptionGroup(repr(review), [ValueError(repr(review))]) from error


class Unreadable:
    async def judge(self, review: Review, *, deadline: float) -> Verdict:
        raise UnreadableError(VIRTUAL_MACHINE, "default", "linux-vm", "phase is no string")


class UncountedMetrics(AdmissionMetrics):
    """A defect where nothing of ours catches it: aiohttp answers and logs."""

    def answered(self, review: Review, verdict: Verdict, seconds: float) -> None:
        raise ValueError(repr(review))


async def _no_live_reads(_: ReadSet, /) -> Source:
    raise LiveReadError("refused")


def gate(*, agent: bool) -> Gate:
    world = World().machine("linux-vm", disks=["data"], agent=agent).disk("data", users=["linux-vm"])
    return Gate(KnownWorld(world), lambda: Policy(Profile.STRICT), _no_live_reads, Rights())


def marked(marker: str, **spec: Any) -> bytes:
    wanted = manifests.machine_snapshot("snap", of="linux-vm")
    wanted["metadata"]["annotations"] = {"note": marker}
    wanted["metadata"]["labels"] = {"note": marker}
    wanted["spec"] |= {"password": marker, **spec}
    wanted["status"] = {"token": marker}
    user = {"username": "ann", "groups": [marker], "extra": {"token": [marker]}}
    options = {"kind": "CreateOptions", "fieldManager": marker}
    return encoded(
        review_document(VIRTUAL_MACHINE_SNAPSHOT, "CREATE", asked_for=wanted, userInfo=user, options=options)
    )


async def status(judge: Judge, body: bytes, path: str = "/validate", metrics: AdmissionMetrics | None = None) -> int:
    application = admission_application(judge, metrics or AdmissionMetrics(CollectorRegistry()))
    async with TestClient(TestServer(application)) as client, client.post(path, data=body, headers=JSON) as response:
        await response.read()
        return response.status


async def every_path(marker: str) -> Mapping[str, int]:
    body = marked(marker)
    return {
        "allowed": await status(gate(agent=True), body),
        "denied, and not confirmed": await status(gate(agent=False), body),
        "denied for its shape": await status(gate(agent=True), marked(marker, virtualMachineName={"x": marker})),
        "mutated": await status(gate(agent=True), body, "/mutate"),
        "unreadable": await status(Unreadable(), body),
        "defective": await status(Defective(), body),
        "defective beyond": await status(gate(agent=True), body, metrics=UncountedMetrics(CollectorRegistry())),
        "not a review": await status(gate(agent=True), body[:-20]),
        "of another kind": await status(gate(agent=True), body.replace(b"AdmissionReview", marker.encode(), 1)),
    }


def main(marker: str) -> None:
    configure_logs("debug")
    print(encoded(dict(asyncio.run(every_path(marker)))).decode())  # noqa: T201 - what the parent reads


if __name__ == "__main__":
    main(sys.argv[1])
