from __future__ import annotations

import msgspec

from lab.machines.kinds import Machine
from lab.machines.table import Table
from tests.support.machine_side import machine
from webhook.kube.undecodable import Undecodable

VM = ("default", "vm")


def at_version(version: int) -> Machine:
    found = machine()
    return msgspec.structs.replace(
        found, metadata=msgspec.structs.replace(found.metadata, resource_version=str(version))
    )


def silent_table() -> Table[Machine]:
    return Table(lambda _: None)


def test_older_object_does_not_replace_a_newer_one() -> None:
    table = silent_table()
    table.upsert(VM, at_version(10))
    table.upsert(VM, at_version(9))
    assert table.get(*VM) == at_version(10)


def test_answer_to_a_write_counts_before_the_watch_shows_it() -> None:
    table = silent_table()
    table.upsert(VM, at_version(1))
    table.written(at_version(2))
    assert table.get(*VM) == at_version(2)


def test_late_answer_to_a_write_does_not_bring_back_what_is_gone() -> None:
    table = silent_table()
    table.upsert(VM, at_version(1))
    table.remove(VM)
    table.written(at_version(2))
    assert table.get(*VM) is None


def test_object_that_no_longer_decodes_stays_as_it_was() -> None:
    table = silent_table()
    table.upsert(VM, at_version(1))
    table.replace([(VM, Undecodable(*VM, "2", "spec is a number"))])
    assert table.get(*VM) == at_version(1)


def test_object_that_is_not_listed_any_more_is_gone_and_announced() -> None:
    announced: list[str] = []
    table: Table[Machine] = Table(lambda found: announced.append(found.metadata.name))
    table.upsert(("default", "old"), machine("old"))
    announced.clear()
    table.replace([(("default", "new"), machine("new"))])
    assert table.get("default", "old") is None
    assert announced == ["old", "new"]


def test_former_and_present_object_are_both_announced() -> None:
    announced: list[str] = []
    table: Table[Machine] = Table(lambda found: announced.append(found.metadata.resource_version))
    table.upsert(VM, at_version(1))
    table.upsert(VM, at_version(2))
    assert announced == ["1", "1", "2"]
