from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.support.documents import MACHINE_SNAPSHOT, PAGE_RESTORE, document
from webhook.validation.dialect import Dialect
from webhook.validation.form import Form, form_of

RESTORE: dict[str, Any] = {
    "apiVersion": "virtualization.deckhouse.io/v1alpha2",
    "kind": "VirtualMachineOperation",
    "metadata": {"name": "restore-vm"},
    "spec": {
        "type": "Restore",
        "virtualMachineName": "linux-vm",
        "restore": {"mode": "Strict", "virtualMachineSnapshotName": "monday"},
    },
}


def form(text: str) -> Form:
    found = form_of(document(text), "default", Dialect.SNAPGATE)
    assert found is not None
    return found


def changed(path: str, value: Any) -> str:
    """The restore with one field changed; None leaves it out."""
    content = yaml.safe_load(yaml.safe_dump(RESTORE))
    *outer, last = path.split(".")
    parent = content
    for step in outer:
        parent = parent.setdefault(step, {})
    if value is None:
        del parent[last]
    else:
        parent[last] = value
    return yaml.safe_dump(content)


def told(text: str) -> list[tuple[str, str, str | None]]:
    findings = [remark.finding for remark in form(text).remarks]
    return sorted((finding.field, finding.message, finding.remedy) for finding in findings)


def test_valid_document_is_taken_as_it_is() -> None:
    found = form(yaml.safe_dump(RESTORE))
    assert (found.remarks, found.content) == ((), RESTORE)


def test_everything_on_the_page_that_is_misspelled_is_put_right() -> None:
    found = form(PAGE_RESTORE)
    assert [remark.finding.field for remark in found.remarks] == ["apiVersion", "spec.type", "spec.restore.mode"]
    assert found.content == RESTORE


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (
            "spec.restore.mode",
            "DryRun | Strict | BestEffort",
            (
                "spec.restore.mode",
                '"DryRun | Strict | BestEffort" is none of DryRun, Strict, BestEffort',
                "see: kubectl explain virtualmachineoperation.spec.restore.mode",
            ),
        ),
        (
            "spec.restore.mode",
            "best-effort",
            ("spec.restore.mode", '"best-effort" is none of DryRun, Strict, BestEffort', "write BestEffort"),
        ),
        (
            "spec.type",
            "Restor",
            (
                "spec.type",
                '"Restor" is none of Restart, Start, Stop, Migrate, Evict, Restore, Clone; did you mean Restore?',
                "see: kubectl explain virtualmachineoperation.spec.type",
            ),
        ),
        (
            "spec.virtualMachineName",
            12,
            ("spec.virtualMachineName", "expected string, got integer", 'write "12"'),
        ),
        (
            "spec.virtualMachineName",
            "",
            (
                "spec.virtualMachineName",
                "this field must not be empty",
                "see: kubectl explain virtualmachineoperation.spec.virtualMachineName",
            ),
        ),
        (
            "spec.virtualMachineName",
            None,
            (
                "spec.virtualMachineName",
                "this field is required",
                "see: kubectl explain virtualmachineoperation.spec.virtualMachineName",
            ),
        ),
        ("spec.force", "True", ("spec.force", "expected boolean, got string", "write true")),
        (
            "spec.restore",
            [],
            (
                "spec.restore",
                "expected object, got array",
                "see: kubectl explain virtualmachineoperation.spec.restore",
            ),
        ),
        (
            "spec.restore.snapshot",
            "monday",
            (
                "spec.restore.snapshot",
                "there is no such field",
                "see: kubectl explain virtualmachineoperation.spec.restore",
            ),
        ),
        (
            "spec.migrat",
            {},
            ("spec.migrat", "there is no such field", "did you mean migrate?"),
        ),
        (
            "metadata.name",
            "Restore_VM",
            (
                "metadata.name",
                "'Restore_VM' is not a name",
                "use lowercase letters, digits, '-' and '.', at most 253 characters",
            ),
        ),
        ("metadata.name", None, ("metadata.name", "this field is required", "name the object")),
    ],
)
def test_mistake_is_told_with_what_to_write(path: str, value: Any, expected: tuple[str, str, str]) -> None:
    assert told(changed(path, value)) == [expected]


def test_name_in_the_wrong_case_is_told_once() -> None:
    text = MACHINE_SNAPSHOT.replace("virtualMachineName", "virtualmachinename")
    found = form(text)
    assert [remark.finding.field for remark in found.remarks] == ["spec.virtualmachinename"]
    assert found.content["spec"] == {"virtualMachineName": "linux-vm"}


def test_null_is_an_absent_member() -> None:
    assert form(MACHINE_SNAPSHOT + "  keepIPAddress:\nstatus:\n").remarks == ()


def test_number_that_yaml_reads_differently_is_quoted_as_it_was_written() -> None:
    assert form(MACHINE_SNAPSHOT.replace("linux-vm", "0010")).content["spec"] == {"virtualMachineName": "0010"}


def test_status_of_what_is_to_be_created_says_nothing() -> None:
    assert form(MACHINE_SNAPSHOT + "status: {phase: Ready, unheard: [1]}\n").remarks == ()


def test_two_misspellings_of_one_name_do_not_become_the_same_member() -> None:
    text = MACHINE_SNAPSHOT.replace("virtualMachineName", "virtualmachinename") + "  VirtualMachineName: other\n"
    assert [remark.correction is not None for remark in form(text).remarks] == [True, False]
