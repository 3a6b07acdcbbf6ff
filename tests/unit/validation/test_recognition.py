from __future__ import annotations

import pytest

from webhook.validation.recognition import Recognised, recognise

GROUP = "virtualization.deckhouse.io"


def recognised(api_version: object, kind: object) -> Recognised | None:
    return recognise({"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}}, "default")


def test_kind_that_is_judged_is_recognised() -> None:
    found = recognised(f"{GROUP}/v1alpha2", "VirtualMachineSnapshot")
    assert found is not None
    assert found.kind is not None
    assert (found.kind.name, found.remarks) == ("VirtualMachineSnapshot", ())


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("apps/v1", "Deployment"),
        ("v1", "ConfigMap"),
        ("snapshot.kubevirt.io/v1beta1", "VirtualMachineSnapshot"),
        ("internal.virtualization.deckhouse.io/v1", "InternalVirtualizationVirtualMachine"),
        (f"{GROUP}/v1alpha2", "VirtualMachine"),
        (f"{GROUP}/v1alpha3", "VirtualMachineClass"),
        (f"{GROUP}/v1alpha2", "USBDevice"),
        (1, ["x"]),
        (None, None),
    ],
)
def test_what_is_not_judged_is_left_alone(api_version: object, kind: object) -> None:
    assert recognised(api_version, kind) is None


@pytest.mark.parametrize(
    ("api_version", "kind", "right"),
    [
        ("virtualisation.deckhouse.io/v1alpha2", "VirtualDiskSnapshot", f"{GROUP}/v1alpha2"),
        ("virtualisation.deckhouse.io/v1", "VirtualMachine", f"{GROUP}/v1alpha2"),
        ("virtualization.deckhouse.com/v1alpha2", "VirtualDiskSnapshot", f"{GROUP}/v1alpha2"),
        (f"{GROUP}/v1", "VirtualDiskSnapshot", f"{GROUP}/v1alpha2"),
        ("v1", "VirtualDiskSnapshot", f"{GROUP}/v1alpha2"),
        (f"{GROUP}/v1alpha2", "virtualdisksnapshot", "VirtualDiskSnapshot"),
        (f"{GROUP}/v1alpha2", "VirtualDiskSnapshots", "VirtualDiskSnapshot"),
        (f"{GROUP}/v1alpha2", "vmop", "VirtualMachineOperation"),
        (f"{GROUP}/v1alpha2", "virtual-machine", "VirtualMachine"),
    ],
)
def test_slip_of_the_pen_has_one_right_answer(api_version: str, kind: str, right: str) -> None:
    found = recognised(api_version, kind)
    assert found is not None
    (remark,) = found.remarks
    assert remark.correction is not None
    assert (remark.finding.code, remark.correction.value) == ("SchemaInvalid", right)


def test_kind_that_is_nearly_one_is_named_and_not_corrected() -> None:
    found = recognised(f"{GROUP}/v1alpha2", "VirtualMachineSnapshto")
    assert found is not None
    (remark,) = found.remarks
    assert (remark.finding.remedy, remark.correction) == ("did you mean VirtualMachineSnapshot?", None)


def test_missing_version_is_told_where_the_kind_is_ours() -> None:
    found = recognised(None, "VirtualDiskSnapshot")
    assert found is not None
    assert [remark.finding.field for remark in found.remarks] == ["apiVersion"]
    assert recognised(None, "Pod") is None


def test_comparing_names_of_a_million_letters_takes_no_time() -> None:
    assert recognised("virtualisation" * 100_000 + "/v1", "VirtualDiskSnapshot") is None
    assert recognised(f"{GROUP}/v1alpha2", "VirtualDisk" * 100_000) is None
