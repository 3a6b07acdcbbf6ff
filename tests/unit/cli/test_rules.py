from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.golden import assert_golden
from webhook.cli.main import main
from webhook.findings.catalogue import CATALOGUE, CODES
from webhook.findings.code import Code

GOLDEN = Path(__file__).parent / "printed"


def rules(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["rules", *arguments], env={"FORCE_COLOR": None})


def test_every_code_is_listed_with_its_class_and_title() -> None:
    listed = {line.split()[0]: line for line in rules().output.splitlines() if line.startswith("  ")}
    assert set(listed) == set(CODES)
    for name, line in listed.items():
        assert line.split(maxsplit=1)[1].split("  ")[0].strip() == CODES[name].classes
        assert line.endswith(CODES[name].title)


@pytest.mark.parametrize("name", ["ImageMissing", "MachineNotFound", "SnapshotContentTampered", "BlockMissing"])
def test_explanation_reads_as_approved(name: str) -> None:
    assert_golden(GOLDEN / f"rules-{name}.txt", rules(name).output)


@pytest.mark.parametrize("code", CATALOGUE, ids=lambda code: code.name)
def test_every_code_is_explained_in_plain_text(code: Code) -> None:
    output = rules(code.name).output
    assert output.startswith(f"{code.name}: {code.title}\n")
    assert f"{code.example} [{code.name}]" in output
    assert output.replace("\n", "").isprintable()
    assert not [line for line in output.splitlines() if line != line.rstrip()]


@pytest.mark.parametrize("written", ["disknotready", "[DiskNotReady]", "DISKNOTREADY"])
def test_code_is_found_however_it_was_copied(written: str) -> None:
    assert rules(written).output == rules("DiskNotReady").output


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("DiskNotFuond", "there is no code DiskNotFuond; did you mean DiskNotFound? All of them: snapgate rules"),
        ("imagesmissing", "there is no code imagesmissing; did you mean ImageMissing? All of them: snapgate rules"),
        ("xyz", "there is no code xyz. All of them: snapgate rules"),
    ],
)
def test_code_that_does_not_exist_is_a_mistake_with_a_suggestion(written: str, said: str) -> None:
    result = rules(written)
    assert result.exit_code == 2
    assert result.stderr.endswith(f"Error: {said}\n")
