"""What a person reads at the terminal, word for word.

`SNAPGATE_REWRITE_GOLDEN=1 pytest tests/unit/cli/test_validate.py` writes the files anew; read the difference aloud
before it is committed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result

from tests.support.cases import DATA, MACHINE, ROOT
from tests.support.documents import CLONE, DEPLOYMENT, MACHINE_SNAPSHOT, PAGE_RESTORE
from tests.support.exported import export
from tests.support.golden import assert_golden
from tests.support.world import World
from webhook.api.kind import Kind
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.cli.main import main

GOLDEN: Final = Path(__file__).parent / "golden" / "validate"
WITH_OUR_CODE: Final = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}


@dataclass(frozen=True, slots=True)
class Session:
    """Files by name, what is typed after `snapgate validate`, and the world that was exported."""

    file: str
    sentence: str
    files: dict[str, str]
    typed: str
    arrange: Callable[[World], World] = lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT])
    without: Kind[Any] | None = None

    def __str__(self) -> str:
        return self.file


SESSIONS: Final = (
    Session("allowed", "Everything is as it should be.", {"monday.yaml": MACHINE_SNAPSHOT}, "-f monday.yaml"),
    Session(
        "page-copied",
        "The restore was copied from the documentation, and the machine is not called so.",
        {"restore.yaml": PAGE_RESTORE},
        "-f restore.yaml",
    ),
    Session(
        "page-fixed",
        "The same again, rewritten first.",
        {"restore.yaml": PAGE_RESTORE},
        "--fix -f restore.yaml",
    ),
    Session(
        "guest-without-agent",
        "The machine runs, its guest has no agent, and one of its disks is being enlarged.",
        {"monday.yaml": MACHINE_SNAPSHOT},
        "-f monday.yaml",
        lambda world: world.disk(ROOT, size="20Gi").disk(DATA).machine(MACHINE, disks=[ROOT, DATA], agent=False),
    ),
    Session(
        "disks-not-exported",
        "Nobody thought of the disks when the inventory was exported.",
        {"monday.yaml": MACHINE_SNAPSHOT},
        "-f monday.yaml",
        without=VIRTUAL_DISK,
    ),
    Session(
        "directory",
        "A directory of a repository: a deployment, a broken file, a snapshot, a clone on the platform's CRDs.",
        {
            "a/deployment.yaml": DEPLOYMENT,
            "a/broken.yaml": f"a: [\n---\n{MACHINE_SNAPSHOT}",
            "a/b/clone.yaml": CLONE,
        },
        "-R -f a --against platform",
    ),
    Session("nothing", "The file is empty.", {"empty.yaml": "# nothing yet\n"}, "-f empty.yaml"),
    Session("no-file", "The name of the file has a typing error.", {}, "-f restor.yaml"),
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*typed: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, ["validate", *typed], input=given, catch_exceptions=False)


def set_up(session: Session, here: Path) -> None:
    for name, text in session.files.items():
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(text)
    export(session.arrange(World()), here / "dump", without=session.without)


@pytest.mark.parametrize("session", SESSIONS, ids=str)
def test_person_at_the_terminal_reads(session: Session, here: Path) -> None:
    set_up(session, here)
    result = run(*session.typed.split(), "--inventory", "dump")
    read = f"{session.sentence}\n\n$ snapgate validate {session.typed} --inventory dump\n{result.output}"
    read += f"$ echo $?\n{result.exit_code}\n"
    assert_golden(GOLDEN / f"{session.file}.txt", read)


def test_every_golden_file_belongs_to_a_session() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == {session.file for session in SESSIONS}


def test_json_is_only_the_result(here: Path) -> None:
    set_up(SESSIONS[5], here)
    result = run("-R", "-f", "a", "--inventory", "dump", "-o", "json")
    read = json.loads(result.stdout)
    assert [each["source"] for each in read["results"]] == ["a/b/clone.yaml:1", "a/broken.yaml:2"]
    assert result.stderr == "error: a/broken.yaml:2:1: did not find expected node content\n"


def test_sarif_is_only_the_log(here: Path) -> None:
    set_up(SESSIONS[1], here)
    assert json.loads(run("-f", "restore.yaml", "--inventory", "dump", "-o", "sarif").stdout)["version"] == "2.1.0"


def test_fixed_standard_input_goes_to_standard_output_and_nothing_else_does(here: Path) -> None:
    set_up(SESSIONS[1], here)
    result = run("--fix", "-f", "-", "--inventory", "dump", given=PAGE_RESTORE)
    assert result.stdout == PAGE_RESTORE.replace("virtualis", "virtualiz").replace(
        ": restore\n", ": Restore\n"
    ).replace("strict", "Strict")
    assert "-:1 VirtualMachineOperation restore-vm in default" in result.stderr


def test_fixed_file_keeps_its_permissions(here: Path) -> None:
    set_up(SESSIONS[1], here)
    (here / "restore.yaml").chmod(0o640)
    run("--fix", "-f", "restore.yaml", "--inventory", "dump")
    assert (here / "restore.yaml").stat().st_mode & 0o777 == 0o640
    assert "type: Restore" in (here / "restore.yaml").read_text()
    assert [path.name for path in here.glob(".*")] == []


def test_namespace_is_of_documents_that_name_none(here: Path) -> None:
    set_up(SESSIONS[0], here)
    result = run("-f", "monday.yaml", "--inventory", "dump", "-n", "team", "-o", "json")
    assert json.loads(result.stdout)["results"][0]["object"]["namespace"] == "team"


def test_lines_are_not_broken_where_there_is_no_terminal(here: Path) -> None:
    set_up(SESSIONS[3], here)
    output = run("-f", "monday.yaml", "--inventory", "dump").stdout
    assert max(len(line) for line in output.splitlines()) > 200
    assert "\x1b" not in output


def test_no_cluster_and_no_inventory_is_said_in_one_line(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(SESSIONS[0], here)
    monkeypatch.setenv("KUBECONFIG", str(here / "none"))
    result = run("-f", "monday.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"error: no kubeconfig at {here}/none; name one, or set KUBECONFIG\n"


def unreadable_policy(here: Path) -> list[str]:
    (here / "policy.yaml").write_bytes(b"\xff")
    return ["--policy", "policy.yaml"]


def broken_policy(here: Path) -> list[str]:
    (here / "policy.yaml").write_text("profile: none-of-ours\n")
    return ["--policy", "policy.yaml"]


def contradiction(_: Path) -> list[str]:
    return ["--mode", "guard", "--profile", "gitops"]


def file_that_stays_as_it_is(here: Path) -> list[str]:
    (here / "monday.yaml").write_text(PAGE_RESTORE)
    here.chmod(0o555)
    return ["--fix"]


def loop_of_links(here: Path) -> list[str]:
    (here / "loop.yaml").symlink_to("loop.yaml")
    return ["-f", "loop.yaml"]


@pytest.mark.parametrize(
    "arrange", [unreadable_policy, broken_policy, contradiction, file_that_stays_as_it_is, loop_of_links]
)
def test_failure_is_not_mistaken_for_a_denial(
    arrange: Callable[[Path], list[str]], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(SESSIONS[0], here)
    typed = arrange(here)
    if arrange is file_that_stays_as_it_is:  # root may write anyway
        monkeypatch.setattr("tempfile.mkstemp", refuse)
    result = run("-f", "monday.yaml", "--inventory", "dump", *typed)
    here.chmod(0o755)
    assert result.exit_code == 2
    assert "rror: " in result.stderr
    assert "Traceback" not in result.stderr


def refuse(**_: Any) -> None:
    raise PermissionError(13, "Permission denied")


def test_defect_of_ours_decides_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    set_up(SESSIONS[0], here)
    monkeypatch.setattr("webhook.cli.validate.print_text", fail)
    result = run("-f", "monday.yaml", "--inventory", "dump")
    assert result.exit_code == 2
    assert "ZeroDivisionError" in result.stderr


def test_names_that_standard_output_cannot_show_are_escaped(here: Path) -> None:
    set_up(SESSIONS[0], here)
    (here / "monday.yaml").write_text(MACHINE_SNAPSHOT.replace("monday", "м"))
    typed = ["validate", "-f", "monday.yaml", "--inventory", "dump"]
    result = CliRunner(charset="ascii").invoke(main, typed, catch_exceptions=False)
    assert result.exit_code == 1
    assert "\\u043c" in result.stdout


@pytest.mark.parametrize("output", ["text", "json"])
def test_reader_that_goes_away_is_not_mistaken_for_a_denial(output: str, here: Path) -> None:
    set_up(SESSIONS[0], here)
    typed = ["validate", "-f", "monday.yaml", "--inventory", "dump", "-o", output]
    gone, out = os.pipe()
    os.close(gone)
    with os.fdopen(out, "wb") as unread:
        command = [sys.executable, "-m", "webhook.cli.main", *typed]
        ended = subprocess.run(command, stdout=unread, stderr=subprocess.PIPE, check=False, env=WITH_OUR_CODE)
    assert (ended.returncode, ended.stderr) == (2, b"")
