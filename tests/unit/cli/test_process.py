"""How `serve` and `reconcile` refuse to start."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from webhook.cli.main import main


@pytest.mark.parametrize("command", ["serve", "reconcile"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("profile: lenient\n", "Error: policy.yaml:1: profile: lenient is not one of 'strict', 'gitops' or 'guard'\n"),
        ("", "Error: policy.yaml:1: the file is empty\n"),
    ],
)
def test_broken_policy_file_is_a_failure_with_a_clear_text(command: str, text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    result = CliRunner().invoke(main, [command], env={"SNAPGATE_POLICY_FILE": str(path)})
    assert (result.exit_code, result.stderr) == (1, said)


@pytest.mark.parametrize(
    ("command", "environment", "said"),
    [
        ("serve", {"SNAPGATE_MODE": "guard", "SNAPGATE_PROFILE": "gitops"}, "guard mode has none"),
        ("reconcile", {"SNAPGATE_MODE": "guard"}, "guard mode has no reconciler"),
        ("serve", {"SNAPGATE_PROFILE": "lenient"}, "'strict', 'gitops' or 'guard'"),
    ],
)
def test_settings_that_contradict_each_other_are_a_failure(
    command: str, environment: dict[str, str], said: str
) -> None:
    result = CliRunner().invoke(main, [command], env=environment)
    assert result.exit_code != 0
    assert said in result.stderr
