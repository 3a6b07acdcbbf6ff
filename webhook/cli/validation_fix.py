"""`--fix`: files rewritten before they are checked."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from webhook.validation.files import STANDARD_INPUT
from webhook.validation.fixing import difference, fixed
from webhook.validation.judgement import Judgement


def fixer(judgement: Judgement, *, tell: Callable[[str], None]) -> Callable[[str, str], str]:
    """Rewrites each file in place and tells the difference; standard input goes to standard output."""

    def prepare(text: str, name: str) -> str:
        better = fixed(text, judgement.namespace, judgement.dialect)
        if name == STANDARD_INPUT:
            # As it was read, whatever standard output is set to.
            sys.stdout.flush()
            sys.stdout.buffer.write(better.encode())
            sys.stdout.buffer.flush()
        elif better != text:
            _write(Path(name), better)
        if better != text:
            tell(difference(text, better, name))
        return better

    return prepare


def _write(path: Path, text: str) -> None:
    """Whole or not at all. Raises click.ClickException."""
    path = path.resolve()
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            shutil.copymode(path, temporary)
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise click.ClickException(f"{path} cannot be rewritten: {error.strerror}") from error
