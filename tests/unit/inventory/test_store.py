from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.api.meta import ObjectMeta
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.facts.source import Index, UnreadableError
from webhook.inventory.store import Store
from webhook.kube.undecodable import Key, Undecodable


def _labels(disk: VirtualDisk) -> Iterable[str]:
    return (value for _, value in sorted(disk.metadata.labels.items()))


BY_LABEL = Index("by-label", VIRTUAL_DISK, _labels)

Read = VirtualDisk | Undecodable
Change = tuple[Key, Read | None, Read | None]


def disk(name: str, version: str = "1", *labels: str) -> VirtualDisk:
    return VirtualDisk(
        metadata=ObjectMeta(
            namespace="default",
            name=name,
            resource_version=version,
            labels={f"label-{position}": label for position, label in enumerate(labels)},
        )
    )


def broken(name: str, version: str = "1") -> Undecodable:
    return Undecodable("default", name, version, "status.conditions: expected array")


def keyed(*reads: Read) -> Sequence[tuple[Key, Read]]:
    return [(key_of(read), read) for read in reads]


def key_of(read: Read) -> Key:
    named = read if isinstance(read, Undecodable) else read.metadata
    return named.namespace, named.name


class Heard:
    def __init__(self) -> None:
        self.changes: list[Change] = []

    def __call__(self, key: Key, old: Read | None, new: Read | None) -> None:
        self.changes.append((key, old, new))


def test_an_object_is_found_by_name_and_by_each_of_its_values() -> None:
    store = Store(VIRTUAL_DISK, [BY_LABEL])
    root = disk("root", "1", "fast", "old")
    store.upsert(key_of(root), root)
    assert store.get("default", "root") == root
    assert store.find(BY_LABEL, "fast") == store.find(BY_LABEL, "old") == (root,)
    assert store.get("default", "none") is None
    assert store.find(BY_LABEL, "none") == ()


def test_found_objects_are_in_the_order_of_their_names() -> None:
    store = Store(VIRTUAL_DISK, [BY_LABEL])
    for name in ("b", "c", "a"):
        store.upsert(("default", name), disk(name, "1", "fast"))
    assert [each.metadata.name for each in store.find(BY_LABEL, "fast")] == ["a", "b", "c"]


def test_a_changed_object_leaves_the_values_that_it_no_longer_has() -> None:
    store = Store(VIRTUAL_DISK, [BY_LABEL])
    store.upsert(("default", "root"), disk("root", "1", "fast"))
    store.upsert(("default", "root"), disk("root", "2", "slow"))
    assert store.find(BY_LABEL, "fast") == ()
    assert len(store.find(BY_LABEL, "slow")) == 1


def test_an_unreadable_object_is_there_and_cannot_be_read() -> None:
    store = Store(VIRTUAL_DISK, [BY_LABEL])
    store.upsert(("default", "root"), broken("root"))
    assert (len(store), store.undecodable) == (1, 1)
    with pytest.raises(UnreadableError, match="VirtualDisk default/root"):
        store.get("default", "root")


def test_an_unreadable_object_can_be_repaired() -> None:
    store = Store(VIRTUAL_DISK, [BY_LABEL])
    store.upsert(("default", "root"), broken("root"))
    store.upsert(("default", "root"), disk("root", "2", "fast"))
    assert store.undecodable == 0
    assert store.find(BY_LABEL, "fast") == (disk("root", "2", "fast"),)


def test_replacing_tells_only_of_what_differs_and_after_all_of_it() -> None:
    heard = Heard()
    store: Store[VirtualDisk] = Store(VIRTUAL_DISK, changed=heard)
    same, before, after, gone, new = disk("same"), disk("mod", "1"), disk("mod", "2"), disk("gone"), disk("new")
    store.replace(keyed(same, before, gone))
    heard.changes.clear()
    store.replace(keyed(same, after, new))
    assert heard.changes == [
        (("default", "gone"), gone, None),
        (("default", "mod"), before, after),
        (("default", "new"), None, new),
    ]


def test_listeners_find_the_whole_list_in_place() -> None:
    sizes = []
    store: Store[VirtualDisk] = Store(VIRTUAL_DISK, changed=lambda *_: sizes.append(len(store)))
    store.replace(keyed(disk("a"), disk("b"), disk("c")))
    assert sizes == [3, 3, 3]


def test_removing_what_is_not_there_tells_nobody() -> None:
    heard = Heard()
    Store(VIRTUAL_DISK, changed=heard).remove(("default", "none"))
    assert heard.changes == []


NAMES = st.sampled_from(["a", "b", "c", "d"])
LABELS = st.lists(st.sampled_from(["x", "y", "z"]), max_size=3)
READS = st.one_of(
    st.builds(lambda name, version, labels: disk(name, str(version), *labels), NAMES, st.integers(1, 3), LABELS),
    st.builds(broken, NAMES),
)
STEPS = st.one_of(
    st.tuples(st.just("upsert"), READS),
    st.tuples(st.just("remove"), NAMES),
    st.tuples(st.just("replace"), st.lists(READS, unique_by=key_of)),
)


@given(st.lists(STEPS, max_size=30))
def test_the_store_answers_like_a_plain_dictionary(steps: list[tuple[str, object]]) -> None:
    store = Store(VIRTUAL_DISK, [BY_LABEL])
    model: dict[Key, Read] = {}
    for step in steps:
        match step:
            case ("upsert", VirtualDisk() | Undecodable() as read):
                store.upsert(key_of(read), read)
                model[key_of(read)] = read
            case ("remove", str(name)):
                store.remove(("default", name))
                model.pop(("default", name), None)
            case ("replace", list(reads)):
                store.replace(keyed(*reads))
                model = dict(keyed(*reads))
        assert_alike(store, model)


def assert_alike(store: Store[VirtualDisk], model: dict[Key, Read]) -> None:
    readable = {key: read for key, read in sorted(model.items()) if isinstance(read, VirtualDisk)}
    assert len(store) == len(model)
    assert store.undecodable == len(model) - len(readable)
    assert {key: store.peek(key) for key in model} == model
    for label in ("x", "y", "z"):
        assert store.find(BY_LABEL, label) == tuple(read for read in readable.values() if label in _labels(read))
