"""Reviews recorded from a real API server, answered by the whole webhook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pytest
from aiohttp.test_utils import TestClient

from tests.contract.checker import check_response
from tests.contract.recording.recording import VALIDATE, Call, recorded
from webhook.admission.judged import Passage, passage
from webhook.admission.reading import read_review

RECORDED: Final = recorded()


@dataclass(frozen=True, slots=True)
class Row:
    """What is said to the calls that one step made for one operation."""

    step: str
    operation: str
    passage: Passage | None = None
    denied: bool = False
    codes: tuple[str, ...] = ()
    warnings: int = 0

    @property
    def calls(self) -> tuple[Call, ...]:
        calls = RECORDED[self.step].sent_to(VALIDATE)
        return tuple(call for call in calls if call.request["operation"] == self.operation)

    @property
    def decision(self) -> str:
        if self.passage is not None:
            return "passed"
        return "denied" if self.denied else "allowed"


NO_AGENT: Final = ("ConsistencyUnavailable", "DiskNotReady")
"""Of `mute-vm`: one of its disks is missing, too."""
PROTECTED: Final = ("SnapshotContentProtected",)

ROWS: Final = (
    Row("create-disk-snapshot", "CREATE"),
    Row("create-machine-snapshot", "CREATE"),
    Row("create-machine-snapshot-without-agent", "CREATE", denied=True, codes=NO_AGENT),
    Row("create-disk-snapshot-of-no-disk", "CREATE", codes=("DiskNotFound",), warnings=1),
    Row("create-with-generate-name", "CREATE"),
    Row("create-with-nulls-and-a-status", "CREATE"),
    Row("create-with-unknown-field", "CREATE"),
    Row("create-by-dry-run", "CREATE", denied=True, codes=NO_AGENT),
    Row("create-by-server-side-apply", "CREATE"),
    Row("create-by-user-with-extra", "CREATE", denied=True, codes=NO_AGENT),
    Row("create-by-service-account", "CREATE"),
    Row("create-clone", "CREATE", denied=True, codes=("MachineNotFound",)),
    Row("create-clone-as-documented", "CREATE", denied=True, codes=("SchemaInvalid",)),
    Row("create-disk-from-snapshot", "CREATE", codes=("SnapshotNotFound",), warnings=1),
    Row("create-content", "CREATE", denied=True, codes=PROTECTED),
    Row("create-export", "CREATE"),
    Row("update-by-server-side-apply", "UPDATE", Passage.UNCHANGED),
    Row("update-labels", "UPDATE", Passage.UNCHANGED),
    Row("update-by-put", "UPDATE", Passage.UNCHANGED),
    Row("update-status", "UPDATE", Passage.SUBRESOURCE),
    Row("update-removes-last-finalizer", "UPDATE", Passage.DELETING),
    Row("update-labels-of-snapshot-operation", "UPDATE", Passage.UNCHANGED),
    Row("update-spec-where-crd-has-no-cel", "UPDATE", denied=True, codes=("SpecImmutable",)),
    Row("update-disk-size", "UPDATE", codes=("SnapshotNotFound",), warnings=1),
    Row("update-labels-of-disk", "UPDATE", Passage.UNCHANGED),
    Row("update-content", "UPDATE", denied=True, codes=PROTECTED),
    Row("update-labels-of-content", "UPDATE", Passage.UNCHANGED),
    Row("delete-by-dry-run", "DELETE"),
    Row("delete", "DELETE"),
    Row("delete-machine-snapshot", "DELETE"),
    Row("delete-content", "DELETE"),
    Row("delete-held-by-finalizer", "DELETE"),
    Row("delete-again", "DELETE", Passage.DELETING),
    Row("delete-in-foreground", "DELETE"),
    Row("delete-in-foreground", "UPDATE", Passage.DELETING),
    Row("delete-collection", "DELETE"),
    Row("delete-by-garbage-collector", "CREATE"),
    Row("delete-in-use-by-dry-run", "DELETE", denied=True, codes=("SnapshotInUse",)),
    Row("delete-collection-in-use", "DELETE", denied=True, codes=("SnapshotInUse",)),
    Row("delete-restore-under-way", "DELETE", codes=("RestoreInterrupted",), warnings=1),
    Row("delete-by-garbage-collector", "DELETE", Passage.CONTROLLER),
    Row("delete-with-namespace", "DELETE", Passage.CONTROLLER),
    Row("scale-deployment", "UPDATE", Passage.FOREIGN, warnings=1),
    Row("connect-to-pod", "CONNECT", Passage.FOREIGN, warnings=1),
)


async def answered(webhook: TestClient[Any, Any], call: Call) -> dict[str, Any]:
    async with webhook.post(f"{call.path}?{call.query}", data=call.body, headers=call.headers) as response:
        assert response.status == 200
        return check_response(await response.read(), call.request["uid"])


def causes(response: dict[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(each["message"].rpartition("[")[2][:-1] for each in response["status"]["details"]["causes"]))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.step}: {row.operation}")
async def test_recorded_review_gets_its_verdict(webhook: TestClient[Any, Any], row: Row) -> None:
    for call in row.calls:
        response = await answered(webhook, call)
        audit = response["auditAnnotations"]
        assert response["allowed"] is not row.denied
        assert (audit["decision"], audit.get("codes", "")) == (row.decision, ",".join(row.codes))
        assert len(response.get("warnings", [])) == row.warnings


@pytest.mark.parametrize("row", [row for row in ROWS if row.denied], ids=lambda row: row.step)
async def test_recorded_review_is_denied_for_its_object(webhook: TestClient[Any, Any], row: Row) -> None:
    for call in row.calls:
        response = await answered(webhook, call)
        details, request = response["status"]["details"], call.request
        assert (details["group"], details["kind"]) == (request["kind"]["group"], request["kind"]["kind"])
        assert details["name"] == (request["object"] or request["oldObject"])["metadata"]["name"]
        assert causes(response) == row.codes


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.step}: {row.operation}")
def test_recorded_review_is_let_through_for_the_right_reason(row: Row) -> None:
    assert {passage(read_review(call.body)) for call in row.calls} == {row.passage}


def test_every_recorded_review_is_replayed() -> None:
    called = {(step, call.request["operation"]) for step, each in RECORDED.items() for call in each.sent_to(VALIDATE)}
    assert called == {(row.step, row.operation) for row in ROWS}
