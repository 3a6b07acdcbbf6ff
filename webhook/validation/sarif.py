"""Findings as SARIF 2.1.0, for code scanning. Lines and columns count from 1 (SARIF, 3.30)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from webhook.findings.catalogue import CODES
from webhook.findings.code import Action, Code
from webhook.validation.check import Checked
from webhook.validation.documents import Document, Unreadable
from webhook.validation.edits import edit_for
from webhook.validation.files import STANDARD_INPUT
from webhook.validation.judgement import Outcome
from webhook.validation.node import Span
from webhook.validation.remark import JudgedRemark

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_UNREADABLE: Final = "Unreadable"
"""The one rule that is no code: there was nothing to judge."""
_LEVELS: Final = {Action.DENY: "error", Action.WAIT: "warning", Action.WARN: "warning", Action.INFO: "note"}


def sarif_of(checked: Checked) -> str:
    results = [
        *(_unreadable(each) for each in checked.unreadable),
        *(each for outcome in checked.outcomes for each in _results(outcome)),
    ]
    codes = sorted({result["ruleId"] for result in results} - {_UNREADABLE})
    rules = [_rule(CODES[code]) for code in codes]
    if checked.unreadable:
        rules.append({"id": _UNREADABLE, "shortDescription": {"text": "The document could not be read"}})
    driver = {"name": "snapgate", "version": version("snapgate"), "rules": rules}
    # Columns are characters as Python counts them: code points (SARIF, 3.14.17).
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _rule(code: Code) -> dict[str, Any]:
    return {
        "id": code.name,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.explanation},
        "help": {"text": code.remedy},
    }


def _results(outcome: Outcome) -> Iterator[dict[str, Any]]:
    for remark in outcome.remarks:
        if remark.action is Action.OFF:
            continue
        finding = remark.finding
        text = f"{finding.field}: {finding.text}" if finding.field else finding.text
        document = outcome.document
        result = _result(finding.code, _LEVELS[remark.action], text, document.file, document.place(remark.remark.path))
        yield result | _fixes(document, remark)


def _unreadable(each: Unreadable) -> dict[str, Any]:
    span = Span(0, 0, each.line, each.column, each.line, each.column) if each.line else None
    return _result(_UNREADABLE, "error", each.reason, each.file, span)


def _result(rule: str, level: str, text: str, file: str, span: Span | None) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": _uri(file)}}
    if span is not None:
        location["region"] = _region(span)
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": text},
        "locations": [{"physicalLocation": location}],
    }


def _fixes(document: Document, remark: JudgedRemark) -> dict[str, Any]:
    correction = remark.remark.correction
    edit = edit_for(document, correction) if correction is not None else None
    if edit is None:
        return {}
    replacement = {
        "deletedRegion": {"charOffset": edit.start, "charLength": edit.end - edit.start},
        "insertedContent": {"text": edit.text},
    }
    change = {"artifactLocation": {"uri": _uri(document.file)}, "replacements": [replacement]}
    return {"fixes": [{"description": {"text": remark.finding.remedy or "correct it"}, "artifactChanges": [change]}]}


def _region(span: Span) -> dict[str, int]:
    """The end is exclusive (SARIF, 3.30.8); a block ends where the next line begins."""
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _uri(file: str) -> str:
    """Relative as it was given: code scanning resolves it against the checkout."""
    if file == STANDARD_INPUT:
        return "stdin"
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
