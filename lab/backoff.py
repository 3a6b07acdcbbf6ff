"""How long to wait before a crashed component is started again."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    first_seconds: float = 0.2
    factor: float = 2.0
    max_seconds: float = 10.0
    healthy_seconds: float = 30.0
    """A component that lived this long has recovered: its next crash starts from the first delay again."""

    def after_crash(self, previous_seconds: float | None, lived_seconds: float) -> float:
        if previous_seconds is None or lived_seconds >= self.healthy_seconds:
            return self.first_seconds
        return min(previous_seconds * self.factor, self.max_seconds)


DEFAULT_BACKOFF = Backoff()
