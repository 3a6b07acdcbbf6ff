from __future__ import annotations

import pytest

from webhook.cli import kubectl


@pytest.mark.parametrize(
    ("typed", "words", "directive"),
    [
        (["val"], ["validate"], ":4"),
        (["validate", "-o", ""], ["text", "json", "sarif"], ":4"),
        (["validate", "-f", ""], [], ":0"),
        (["rules", "MachineNotF"], ["MachineNotFound"], ":4"),
    ],
)
def test_kubectl_is_told_how_the_line_may_go_on(
    typed: list[str],
    words: list[str],
    directive: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.argv", ["kubectl_complete-snapgate", *typed])
    kubectl.complete()
    *lines, last = capsys.readouterr().out.splitlines()
    assert [line.partition("\t")[0] for line in lines] == words
    assert last == directive


def test_plugin_calls_itself_as_it_was_called(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["kubectl-snapgate", "validate", "--help"])
    with pytest.raises(SystemExit):
        kubectl.plugin()
    assert capsys.readouterr().out.startswith("Usage: kubectl snapgate validate")
