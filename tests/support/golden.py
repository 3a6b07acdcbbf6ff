"""Texts that users read, kept in files.

`SNAPGATE_REWRITE_GOLDEN=1 pytest ...` writes them anew; read the difference aloud before it is committed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from tests.support.kubectl import Answer, Kubectl

REWRITE: Final = "SNAPGATE_REWRITE_GOLDEN"
_CHANGES: Final = {
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}": "UID",
    r"\d{4}-\d\d-\d\d \d\d:\d\d UTC": "MOMENT",
    r"\b10\.66\.\d+\.\d+\b": "ADDRESS",
    r"\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b": "MAC",
    r"\blinux-vm-[a-z]{5}\b": "linux-vm-RANDOM",
}
"""What is another in every run."""


def assert_golden(file: Path, text: str) -> None:
    if REWRITE in os.environ:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    assert text == file.read_text()


def told(answer: Answer, kubectl: Kubectl) -> str:
    """What kubectl wrote to the terminal, the same in every run."""
    text = (answer.said + answer.output).replace(kubectl.namespace, "NAMESPACE")
    for pattern, replacement in _CHANGES.items():
        text = re.sub(pattern, replacement, text)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
