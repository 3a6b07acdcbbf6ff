import json

from lab.keeper import ComponentStatus
from lab.status import LabStatus

ETCD = ComponentStatus("etcd", "ready", 2, 0, None)
DRIVER = ComponentStatus("csi-driver", "restarting", None, 3, -9)
STATUS = LabStatus("default", True, "https://127.0.0.1:4000", "/k", "/state", (ETCD, DRIVER))


def test_people_see_a_table() -> None:
    assert list(STATUS.as_lines()) == [
        "lab default is running at https://127.0.0.1:4000, state in /state",
        "COMPONENT                 STATE          PID  RESTARTS  LAST EXIT",
        "etcd                      ready            2         0          -",
        "csi-driver                restarting       -         3         -9",
    ]


def test_a_lab_that_does_not_run_says_how_to_start_it() -> None:
    stopped = LabStatus("default", False, None, None, "/state", ())
    assert list(stopped.as_lines()) == ["lab default is not running; start it: python -m lab --name default up"]


def test_programs_see_every_field() -> None:
    assert json.loads(STATUS.as_json())["components"][1] == {
        "name": "csi-driver",
        "state": "restarting",
        "pid": None,
        "restarts": 3,
        "last_exit": -9,
    }
