"""The rows that most codes share: what each profile does."""

from __future__ import annotations

from typing import Final

from webhook.findings.code import Action, Actions

DENY: Final = Actions(Action.DENY, Action.DENY, Action.DENY)
DENY_OR_WAIT: Final = Actions(strict=Action.DENY, gitops=Action.WAIT, guard=Action.DENY)
WAIT_OR_DENY: Final = Actions(strict=Action.WAIT, gitops=Action.WAIT, guard=Action.DENY)
"""Waiting needs a reconciler that waits. In guard mode the platform would turn the object Failed for good."""
WAIT: Final = Actions(Action.WAIT, Action.WAIT, Action.WAIT)
"""For a disk, which waits for its source whoever makes it."""
WARN: Final = Actions(Action.WARN, Action.WARN, Action.WARN)
INFO: Final = Actions(Action.INFO, Action.INFO, Action.INFO)
