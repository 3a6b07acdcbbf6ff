from __future__ import annotations

from webhook.kube.short_memory import Remembered, ShortMemory


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_answer_is_good_for_its_seconds_and_no_longer() -> None:
    time = Time()
    memory: ShortMemory[str, bool] = ShortMemory(10, time)
    memory.put("a", False, seconds=5)
    time.now += 4.9
    assert memory.get("a") == Remembered(False, 105.0)
    time.now += 0.1
    assert memory.get("a") is None
    assert len(memory) == 0


def test_a_remembered_none_is_not_nothing() -> None:
    memory: ShortMemory[str, None] = ShortMemory(10, Time())
    memory.put("a", None, seconds=5)
    found = memory.get("a")
    assert found is not None
    assert found.value is None


def test_no_more_is_remembered_than_was_agreed_and_the_oldest_goes_first() -> None:
    memory: ShortMemory[str, int] = ShortMemory(2, Time())
    for number, key in enumerate("abac"):
        memory.put(key, number, seconds=5)
    assert [key for key in "abc" if memory.get(key)] == ["a", "c"]
