from __future__ import annotations

from pathlib import Path

from lab.machines.instances import Instance, Instances, Power


def test_what_is_remembered_survives_a_restart(tmp_path: Path) -> None:
    Instances(tmp_path / "instances.json").change("uid", power=Power.ON, launched_with={"cpu": {"cores": 1}})
    again = Instances(tmp_path / "instances.json")
    assert again.get("uid") == Instance(power=Power.ON, launched_with={"cpu": {"cores": 1}})


def test_nothing_is_remembered_of_a_machine_that_is_new(tmp_path: Path) -> None:
    assert Instances(tmp_path / "instances.json").get("uid") == Instance()


def test_machines_that_are_gone_are_forgotten(tmp_path: Path) -> None:
    instances = Instances(tmp_path / "instances.json")
    instances.change("gone", power=Power.OFF)
    instances.change("there", power=Power.OFF)
    instances.keep({"there"})
    assert Instances(tmp_path / "instances.json").get("gone") == Instance()
    assert Instances(tmp_path / "instances.json").get("there").power == Power.OFF


def test_change_to_what_is_so_already_writes_nothing(tmp_path: Path) -> None:
    Instances(tmp_path / "instances.json").change("uid", power=None)
    assert not (tmp_path / "instances.json").exists()
