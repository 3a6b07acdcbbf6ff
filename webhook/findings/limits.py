"""How far an operator's wishes go. Each function says what speaks against one, or None."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from webhook.findings.across import PERMISSION_MISSING
from webhook.findings.code import Action, Code

BLOCKING_ACTIONS: Final = (Action.DENY, Action.WAIT)
ADVISORY_ACTIONS: Final = (Action.WARN, Action.INFO, Action.OFF)


def against_blocking(code: Code, action: Action) -> str | None:
    """What speaks against this action where the code blocks."""
    if code is PERMISSION_MISSING:
        return None if action is Action.DENY else "whether it denies is said by permissions: warn or enforce"
    if code.blocking is None:
        return f"the code only advises; choose {_one_of(ADVISORY_ACTIONS)}"
    if action not in BLOCKING_ACTIONS:
        return f"the code blocks; choose {_one_of(BLOCKING_ACTIONS)}"
    if action is Action.WAIT and code.fixed:
        return "nothing makes less of this code than deny"
    if action is Action.WAIT and code.own:
        return "only the author can put the object right, so there is nothing to wait for"
    return None


def against_advisory(code: Code, action: Action) -> str | None:
    """What speaks against this action where the code advises."""
    if code is PERMISSION_MISSING:
        return "whether it denies is said by permissions: warn or enforce"
    if code.advisory is None:
        return f"the code blocks; choose {_one_of(BLOCKING_ACTIONS)}"
    if action not in ADVISORY_ACTIONS:
        return f"the code only advises; choose {_one_of(ADVISORY_ACTIONS)}"
    if code.fixed and action is not Action.WARN:
        return "nothing makes less of this code than warn"
    return None


def against_escape(code: Code) -> str | None:
    """What speaks against letting a privileged user go on although the code blocks."""
    if code.fixed:
        return "no privilege makes less of this code"
    if code.blocking is None:
        return "the code only advises, and holds nobody up"
    if code.own:
        return "only the author can put the object right"
    return None


def _one_of(actions: Iterable[Action]) -> str:
    *others, last = map(str, actions)
    return f"{', '.join(others)} or {last}"
