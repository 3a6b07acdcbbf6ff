"""What people do to the webhook's certificates, under a load of which nothing may fail."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable

from lab.snapgate.installation import NAMESPACE
from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab
from tests.support.waiting import until

SETTLING_CALLS = 200
CONFIGURATION = "validatingwebhookconfiguration/snapgate"
SECRET = "snapgate-webhook-authority"
BUNDLE = "{.webhooks[0].clientConfig.caBundle}"
AT_ONCE_SECONDS = 30
"""By the watch. Whoever looks at its certificates by the clock does it once a minute."""
CHANGED_SECONDS = 60
"""Ten from the API server being told of another authority to a leaf of it, and what it takes to be told."""


def bundle(kubectl: Kubectl) -> bytes:
    return base64.b64decode(kubectl.must("get", CONFIGURATION, "-o", f"jsonpath={BUNDLE}"))


def served(lab: RunningLab) -> int:
    """How many leaves the webhook's pods have served so far."""
    return lab.pod_logs("webhook").count("serving a new certificate")


def wake(kubectl: Kubectl) -> None:
    """What the passing of a minute would do too: have the webhook look at its certificates."""
    kubectl.must("annotate", CONFIGURATION, f"woken-at={time.time()}", "--overwrite")


def test_bundle_that_someone_removes_is_back_at_once(
    kubectl: Kubectl, record_property: Callable[[str, object], None]
) -> None:
    before = bundle(kubectl)
    removal = '[{"op": "remove", "path": "/webhooks/0/clientConfig/caBundle"}]'
    kubectl.must("patch", CONFIGURATION, "--type=json", "-p", removal)
    removed_at = time.monotonic()
    kubectl.wait(CONFIGURATION, f"jsonpath={BUNDLE}", seconds=AT_ONCE_SECONDS)
    record_property("back after seconds", round(time.monotonic() - removed_at, 1))
    assert bundle(kubectl) == before


def test_no_call_fails_while_the_authority_is_replaced(
    kubectl: Kubectl, lab: RunningLab, record_property: Callable[[str, object], None]
) -> None:
    system = lab.kubectl(NAMESPACE)
    before, leaves = bundle(kubectl), served(lab)
    all_changed = leaves + len(lab.pods("webhook"))

    def woken_they_change() -> bool:
        wake(kubectl)
        return served(lab) >= all_changed

    with lab.load(kubectl.namespace) as load:
        system.must("delete", "secret", SECRET)
        until(woken_they_change, "not every pod serves a new leaf", seconds=CHANGED_SECONDS, every=2)
        load.until(SETTLING_CALLS)
        wake(kubectl)
        load.until(SETTLING_CALLS)
    record_property("load", str(load.report))
    assert [call.error for call in load.report.failures] == []
    assert served(lab) == all_changed
    new = base64.b64decode(system.get("secret", SECRET)["data"]["ca.crt"])
    assert new not in before
    assert bundle(kubectl).startswith(new)
    assert before in bundle(kubectl), "another replica may still serve a leaf of the old authority"
