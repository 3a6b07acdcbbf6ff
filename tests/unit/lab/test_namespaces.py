import os

import pytest

from lab import namespaces
from lab.errors import LabError


class Refusing:
    """A kernel that makes no namespaces for ordinary users."""

    def unshare(self, flags: int) -> int:
        return -1 if flags & namespaces.CLONE_NEWUSER else 0


def test_ordinary_user_who_may_make_no_namespaces_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1234)
    monkeypatch.setattr(namespaces, "_libc", Refusing())
    with pytest.raises(LabError, match="run the same command as root, or allow it"):
        namespaces.require_privilege()


def test_root_needs_no_user_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(namespaces, "_libc", Refusing())
    namespaces.require_privilege()
