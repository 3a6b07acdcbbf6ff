from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from webhook.cli.main import SUBCOMMANDS, main


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_every_subcommand_can_be_loaded_and_helps(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: main {name} [OPTIONS]")


def test_help_lists_the_subcommands() -> None:
    output = CliRunner().invoke(main, ["--help"]).output
    assert [line.split()[0] for line in output.split("Commands:\n")[1].splitlines()] == list(SUBCOMMANDS)


def test_unknown_subcommand_is_a_mistake_in_use() -> None:
    assert CliRunner().invoke(main, ["restore"]).exit_code == 2


def test_explaining_a_code_loads_none_of_what_the_servers_need() -> None:
    """Completion runs the command at each press of a key."""
    program = (
        "import sys; from webhook.cli.main import main\n"
        "main(['rules', 'DiskNotReady'], standalone_mode=False)\n"
        "print(sorted({'aiohttp', 'kubernetes', 'pydantic', 'cryptography'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


COMPLETIONS = [
    ("snapgate ", 1, set(SUBCOMMANDS)),
    ("snapgate ru", 1, {"rules"}),
    ("snapgate rules DiskSh", 2, {"DiskSharedByMachines"}),
    ("snapgate rules disksh", 2, {"DiskSharedByMachines"}),
    ("snapgate rules Nothing", 2, set()),
    ("snapgate policy --profile ", 3, {"strict", "gitops", "guard"}),
    ("snapgate policy -o j", 3, {"json"}),
]


@pytest.mark.parametrize(("words", "position", "completed"), COMPLETIONS)
def test_shell_completes_commands_codes_and_choices(words: str, position: int, completed: set[str]) -> None:
    environment = {"_SNAPGATE_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(position)}
    result = CliRunner().invoke(main, prog_name="snapgate", env=environment)
    assert {line.removeprefix("plain,") for line in result.output.split()} == completed
