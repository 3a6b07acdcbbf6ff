from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

from webhook import findings
from webhook.findings.actions import DENY
from webhook.findings.catalogue import CATALOGUE, CODES
from webhook.findings.code import Code

AGREED = frozenset(
    {
        "AddressBecomesStatic",
        "AddressDiffersFromSaved",
        "AddressNotReady",
        "AddressUsedByAnotherMachine",
        "AttachmentNotReady",
        "AttachmentUsedByAnotherMachine",
        "BlockMissing",
        "ClassMissing",
        "ClassNotFound",
        "CloneWillStart",
        "ConsistencyNotGuaranteed",
        "ConsistencyUnavailable",
        "DerivedNameTooLong",
        "DiskBeingSnapshotted",
        "DiskDeleting",
        "DiskNotFound",
        "DiskNotReady",
        "DiskResizing",
        "DiskSharedByMachines",
        "DiskSmallerThanSnapshot",
        "DiskSourceImmutable",
        "DiskUsedByAnotherMachine",
        "DisksWillBeReplaced",
        "ExportTargetInUse",
        "GuestIdentityShared",
        "ImageMissing",
        "ImageNotReady",
        "ImagesNotSaved",
        "MacAddressNotReady",
        "MacAddressUsedByAnotherMachine",
        "MachineDeleting",
        "MachineNotFound",
        "MachinePhaseUnsuitable",
        "MachineUIDMismatch",
        "MachineWillStop",
        "NameCollision",
        "NameInvalid",
        "NameTaken",
        "NameTooLong",
        "NetworkMissing",
        "NewNetworkIdentity",
        "NoBlockDevicesLeft",
        "NoRenaming",
        "OperationInProgress",
        "PendingChangesIncluded",
        "PermissionMissing",
        "ProvisioningSecretNotFound",
        "QuotaWouldExceed",
        "ReplacementAmbiguous",
        "ReplacementKindUnknown",
        "ReplacementShadowed",
        "ReplacementUnmatched",
        "RestoreInterrupted",
        "SchemaInvalid",
        "SecretContentDiffers",
        "SeveralDrivers",
        "SnapshotContentProtected",
        "SnapshotContentTampered",
        "SnapshotContentUnverified",
        "SnapshotDataMissing",
        "SnapshotFailed",
        "SnapshotInUse",
        "SnapshotInconsistent",
        "SnapshotNotFound",
        "SnapshotNotReady",
        "SnapshotOfAnotherMachine",
        "SourceMachineRunning",
        "SpecImmutable",
        "StorageClassDiffers",
        "StorageClassMissing",
        "StorageDriverDiffers",
        "UsbDeviceShared",
        "VolumeNotBound",
        "VolumeSnapshotClassMissing",
    }
)
"""What the rule catalogue lists. More may be added; none of these goes away or gets another meaning."""

every_code = pytest.mark.parametrize("code", CATALOGUE, ids=lambda code: code.name)


def test_catalogue_is_in_order_and_names_each_code_once() -> None:
    names = [code.name for code in CATALOGUE]
    assert names == sorted(set(names))
    assert set(CODES) == set(names)


def test_every_code_that_was_agreed_on_exists() -> None:
    assert set(CODES) >= AGREED


@every_code
def test_code_is_written_in_camel_case(code: Code) -> None:
    assert re.fullmatch(r"(?:[A-Z][a-z]+|UID)+", code.name)


@every_code
def test_title_states_what_is(code: Code) -> None:
    assert re.fullmatch(r"[A-Z][^.;:!?]{5,60}", code.title)


@every_code
def test_example_is_what_a_finding_reads_like(code: Code) -> None:
    """No sentence: a message, then what to do, and the code that every finding ends with left out."""
    assert re.fullmatch(r"[^\[].{30,250}[^.\]]", code.example)


@every_code
@pytest.mark.parametrize("part", ["explanation", "remedy"])
def test_explanation_and_remedy_are_plain_sentences(code: Code, part: str) -> None:
    text = getattr(code, part)
    assert re.fullmatch(r"[A-Z].{10,250}\.", text)
    assert not re.search(r"\b(?:invalid|failed to|error|please|sorry)\b|  ", text, re.IGNORECASE)


@every_code
def test_texts_of_a_code_say_different_things(code: Code) -> None:
    assert len({code.title, code.explanation, code.remedy, code.example}) == 4


@every_code
def test_code_blocks_or_advises(code: Code) -> None:
    assert code.blocking or code.advisory
    assert code.blocking or not code.blocking_by_kind


@every_code
def test_what_the_object_itself_gets_wrong_blocks_and_is_not_waited_for(code: Code) -> None:
    if code.own:
        assert code.blocking == DENY
        assert code.advisory is None


@every_code
def test_code_that_does_both_says_when_it_only_advises(code: Code) -> None:
    assert bool(code.advisory_when) == (code.blocking is not None and code.advisory is not None)


def defined() -> dict[str, Code]:
    """Every code of every module, by its constant."""
    names = [each.name for each in pkgutil.iter_modules(findings.__path__)]
    modules = [importlib.import_module(f"webhook.findings.{name}") for name in names]
    return {name: each for module in modules for name, each in vars(module).items() if isinstance(each, Code)}


def test_constant_is_named_as_its_code() -> None:
    for constant, code in defined().items():
        assert constant == re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=UID)", "_", code.name).upper()


def test_every_code_that_is_defined_is_in_the_table() -> None:
    """No policy would know what to do about any other."""
    assert {code.name for code in defined().values()} == set(CODES)
