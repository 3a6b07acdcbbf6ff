from pathlib import Path

import pytest

from lab.errors import LabError
from lab.paths import lab_paths, tool_cache


def test_labs_of_different_names_share_no_directory() -> None:
    first, second = lab_paths("first"), lab_paths("second")
    assert {first.state, first.runtime}.isdisjoint({second.state, second.runtime})


def test_state_and_cache_follow_the_xdg_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert lab_paths("default").state == Path("/state/snapgate/lab/default")
    assert tool_cache() == Path("/cache/snapgate/tools")


def test_a_relative_xdg_variable_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.setenv("HOME", "/home/alice")
    assert tool_cache() == Path("/home/alice/.cache/snapgate/tools")


@pytest.mark.parametrize("name", ["", "..", "a/b", "Upper", "-a", "a" * 33])
def test_a_name_that_is_no_plain_word_is_refused(name: str) -> None:
    with pytest.raises(LabError):
        lab_paths(name)


def test_sockets_fit_the_limit_of_unix_addresses() -> None:
    assert len(str(lab_paths("a" * 32).runtime / "subresources.sock")) < 108
