from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.golden import assert_golden
from webhook.cli.main import main
from webhook.findings.effective import effective
from webhook.findings.policy import Policy

GOLDEN = Path(__file__).parent / "printed"
FILE = """\
profile: gitops
permissions: enforce
overrides:
  DiskNotFound: deny
  SeveralDrivers: off
  ImageMissing: {blocking: wait, advisory: info}
escapes:
  - groups: [cluster-admins]
    users: [ann]
    codes: [SnapshotInUse]
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "policy.yaml"
    path.write_text(FILE)
    return str(path)


def policy(*arguments: str, **environment: str) -> Result:
    names = ("SNAPGATE_PROFILE", "SNAPGATE_POLICY_FILE", "SNAPGATE_MODE", "FORCE_COLOR")
    return CliRunner().invoke(main, ["policy", *arguments], env={**dict.fromkeys(names), **environment})


def heading(result: Result) -> list[str]:
    return result.output.splitlines()[:3]


def test_what_the_file_changes_reads_as_approved(file: str) -> None:
    changed = [line for line in policy("-f", file).output.splitlines() if not line.endswith("profile gitops")]
    assert_golden(GOLDEN / "policy.txt", "\n".join(changed) + "\n")


def test_every_line_of_the_effective_table_is_printed() -> None:
    """Four lines of heading, a blank, the header: the rest is one line for each."""
    assert len(policy().output.splitlines()[5:]) == len(effective(Policy()))


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        ((), {}, ["mode         full", "profile      strict (default of full mode)"]),
        (("--mode", "guard"), {}, ["mode         guard", "profile      guard (default of guard mode)"]),
        ((), {"SNAPGATE_MODE": "guard"}, ["mode         guard", "profile      guard (default of guard mode)"]),
        ((), {"SNAPGATE_PROFILE": "gitops"}, ["mode         full", "profile      gitops (SNAPGATE_PROFILE)"]),
        (
            ("--profile", "guard"),
            {"SNAPGATE_PROFILE": "gitops"},
            ["mode         full", "profile      guard (--profile)"],
        ),
    ],
)
def test_mode_and_profile_are_taken_from_where_they_are_said(
    arguments: tuple[str, ...], environment: dict[str, str], said: list[str]
) -> None:
    assert heading(policy(*arguments, **environment))[:2] == said


def test_profile_of_the_file_goes_before_the_environment_and_after_the_option(file: str) -> None:
    assert heading(policy("-f", file, SNAPGATE_PROFILE="guard"))[1] == "profile      gitops (policy.yaml:1)"
    assert heading(policy("--profile", "strict", SNAPGATE_POLICY_FILE=file))[1] == "profile      strict (--profile)"


def test_json_says_the_same_and_who_may_escape(file: str) -> None:
    said = json.loads(policy("-f", file, "-o", "json").output)
    assert (said["mode"], said["profile"], said["profileOrigin"]) == ("full", "gitops", "policy.yaml:1")
    assert (said["permissions"], said["permissionsOrigin"]) == ("enforce", "policy.yaml:2")
    assert said["escapes"] == [
        {"codes": ["SnapshotInUse"], "origin": "policy.yaml:8", "users": ["ann"], "groups": ["cluster-admins"]}
    ]
    assert [line for line in said["actions"] if line["origin"] == "policy.yaml:5"] == [
        {"code": "SeveralDrivers", "blocking": False, "kind": None, "action": "off", "origin": "policy.yaml:5"}
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("profile: lenient\n", "Error: policy.yaml:1: profile: lenient is not one of 'strict', 'gitops' or 'guard'\n"),
        (
            "overrides:\n  DiskNotFuond: deny\n  DiskResizing: off\n",
            "Error: policy.yaml:2: DiskNotFuond: there is no code DiskNotFuond; did you mean DiskNotFound?\n"
            "policy.yaml:3: DiskResizing: cannot be off: the code blocks; choose deny or wait\n",
        ),
    ],
)
def test_broken_file_is_told_with_its_lines(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    result = policy("-f", str(path))
    assert (result.exit_code, result.stderr, result.stdout) == (1, said, "")


def test_profile_that_waits_is_refused_in_guard_mode(file: str) -> None:
    for arguments in (("--profile", "gitops"), ("-f", file)):
        result = policy("--mode", "guard", *arguments)
        assert result.exit_code == 1
        assert "guard mode has none" in result.stderr


def test_file_that_does_not_exist_and_profile_that_does_not_are_mistakes_in_use(tmp_path: Path) -> None:
    assert policy("-f", str(tmp_path / "none.yaml")).exit_code == 2
    assert policy(SNAPGATE_PROFILE="lenient").exit_code == 2
