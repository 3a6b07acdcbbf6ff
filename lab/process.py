"""What the supervisor runs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Component:
    """One long-running process of the lab.

    It runs inside the lab's namespaces, in the checkout's root directory, and its output goes to `logs/<name>.log`.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to PATH, HOME, LANG, TZ and TMPDIR; nothing else of the caller's environment reaches a component."""
    ready: Callable[[], Awaitable[bool]] | None = None
    """Asked again and again after each start; None means ready as soon as it runs."""
    after: tuple[str, ...] = ()
    """Names of the components that must be ready before this one starts."""
