from __future__ import annotations

import pytest

from bench.decisions import OF_A_MACHINE, cluster_of, requests_about
from webhook.evaluation.evaluate import evaluate
from webhook.findings.policy import Policy

REQUESTS = requests_about(0)


@pytest.mark.parametrize("name", REQUESTS)
def test_what_is_measured_is_a_whole_decision_that_allows(name: str) -> None:
    evaluation = evaluate(REQUESTS[name], cluster_of(OF_A_MACHINE), Policy())
    assert evaluation.denials == ()
