from __future__ import annotations

import json

from tests.support.documents import PAGE_RESTORE, document
from webhook.validation.corrected_line import LONGEST, CorrectedLine, corrected_line
from webhook.validation.dialect import Dialect
from webhook.validation.form import form_of


def lines(text: str) -> list[CorrectedLine]:
    read = document(text)
    form = form_of(read, "default", Dialect.SNAPGATE)
    assert form is not None
    shown = (corrected_line(read, remark) for remark in form.remarks)
    return [each for each in shown if each is not None]


def test_line_is_shown_whole_as_it_should_read() -> None:
    assert lines(PAGE_RESTORE.replace("\n", "\r\n")) == [
        CorrectedLine(2, "apiVersion: virtualization.deckhouse.io/v1alpha2  # British"),
        CorrectedLine(7, "  type: Restore"),
        CorrectedLine(10, "    mode: Strict"),
    ]


def test_of_a_long_line_only_what_is_around_the_correction_is_shown() -> None:
    """A thousand mistakes in JSON on one line would print all of it a thousand times."""
    rules = [{"From": {"kind": "VirtualDisk", "name": f"root-{number}"}, "to": f"new-{number}"} for number in range(9)]
    spec = {"type": "Clone", "virtualMachineName": "linux-vm", "clone": {"mode": "Strict", "nameReplacement": rules}}
    kind = {"apiVersion": "virtualization.deckhouse.io/v1alpha2", "kind": "VirtualMachineOperation"}
    shown = lines(json.dumps(kind | {"metadata": {"name": "copy"}, "spec": spec}))
    assert len(shown) == len(rules)
    assert all(len(each.text) <= LONGEST and '{"from": ' in each.text for each in shown)
    assert shown[4].text == (
        '…{"kind": "VirtualDisk", "name": "root-3"}, "to": "new-3"}, '
        '{"from": {"kind": "VirtualDisk", "name": "root-4"}, "to": "new-4"},…'
    )
