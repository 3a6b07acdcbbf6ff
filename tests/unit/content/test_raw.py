from __future__ import annotations

import base64
import json
from typing import Any

from webhook.content.machine import Saved
from webhook.content.raw import raw_saved
from webhook.planning.bodies import copied_machine
from webhook.planning.naming import Naming
from webhook.planning.restored_bodies import restored_machine


def machine_saved(spec: dict[str, Any]) -> Saved:
    machine = json.dumps({"metadata": {"name": "vm"}, "spec": spec}).encode()
    data = {"vm": base64.b64encode(machine).decode()}
    return raw_saved({"metadata": {"name": "content"}, "data": data}, digest="")


def test_null_in_saved_settings_is_absent() -> None:
    assert machine_saved({"networks": None, "usbDevices": [None]}).machine["spec"] == {"usbDevices": []}


def test_machine_saved_with_nulls_can_be_written_again() -> None:
    saved = machine_saved(dict.fromkeys(["blockDeviceRefs", "networks", "provisioning", "usbDevices"]))
    copied = copied_machine(saved.machine, Naming(suffix="-copy"), without=(), without_usb_devices=(), uid="u")
    restored = restored_machine({"metadata": {}}, saved, without=(), uid="u")
    assert copied["spec"] == restored["spec"] == {"blockDeviceRefs": []}
