"""What kubectl prints after a mistake with an operation, word for word.

`SNAPGATE_REWRITE_GOLDEN=1 pytest tests/unit/evaluation/test_operation_messages.py` writes the files anew; read the
difference aloud before it is committed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec
import pytest

from tests.support.golden import assert_golden
from tests.support.operation_mistakes import MISTAKES, OperationMistake
from tests.support.reviews import review, review_document
from webhook.admission.response import denied
from webhook.admission.warnings import ADVISED_CHARACTERS, warnings
from webhook.evaluation.evaluate import Evaluation, evaluate
from webhook.findings.policy import Policy

GOLDEN: Final = Path(__file__).parent / "golden_operations"
BY_WHOM: Final = 'admission webhook "validate.snapgate.io" denied the request'
MAX_MESSAGE: Final = 200


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_terminal_shows(mistake: OperationMistake) -> None:
    shown = rendered(mistake, evaluate(mistake.request, mistake.world, Policy()))
    assert_golden(GOLDEN / f"{mistake.file}.txt", shown)


def test_every_golden_file_belongs_to_a_mistake() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == {mistake.file for mistake in MISTAKES}


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_messages_and_warnings_are_short(mistake: OperationMistake) -> None:
    evaluation = evaluate(mistake.request, mistake.world, Policy())
    for judged in evaluation.findings:
        assert len(judged.finding.message) <= MAX_MESSAGE
        assert re.search(r"  | ,|\(\)|None|[A-Z]+_[A-Z]+|\n", judged.finding.text) is None
    for text in warnings(evaluation, dry_run=mistake.dry_run):
        if "[PermissionMissing]" not in text:  # lists every name
            assert len(text) <= ADVISED_CHARACTERS + of_long_names(text)


def of_long_names(text: str) -> int:
    """What is over 63 characters in a name nobody of ours has chosen."""
    return sum(len(name) - 63 for name in re.findall(r"\S{64,}", text))


def rendered(mistake: OperationMistake, evaluation: Evaluation) -> str:
    flag = " --dry-run=server" if mistake.dry_run else ""
    lines = [mistake.sentence, "", f"$ kubectl apply{flag} -f operation.yaml"]
    lines += [f"Warning: {text}" for text in warnings(evaluation, dry_run=mistake.dry_run)]
    kind = mistake.request.kind
    if not evaluation.denied:
        told = " (server dry run)" if mistake.dry_run else ""
        return "\n".join([*lines, f"{kind.name.lower()}.{kind.group}/operation created{told}", ""])
    asked = review(review_document(kind, "CREATE", asked_for={"metadata": {"name": "operation"}}))
    status = msgspec.json.decode(denied(asked, evaluation.denials, name="operation", warnings=(), audit={}))
    status = status["response"]["status"]
    causes = [f"{cause['field']}: {cause['message']}" for cause in status["details"]["causes"]]
    listed = f" {causes[0]}" if len(causes) == 1 else "".join(f"\n* {cause}" for cause in causes)
    lines.append(f'The {kind.name} "operation" is invalid:{listed}')
    several = f'Error from server (Invalid): error when creating "all.yaml": {BY_WHOM}: {status["message"]}'
    return "\n".join([*lines, "", "$ kubectl apply -f all.yaml  # among other documents", several, ""])
