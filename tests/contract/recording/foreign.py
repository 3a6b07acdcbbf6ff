"""Steps about subresources that our kinds do not have: what a webhook configuration that asks for too much brings."""

from __future__ import annotations

from typing import Any, Final

from tests.contract.recording.step import Step, kubectl

_CONTAINERS: Final[dict[str, Any]] = {"containers": [{"name": "main", "image": "example"}]}
_DEPLOYMENT: Final = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 0,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": _CONTAINERS},
    },
}
_POD: Final = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "sleeper"}, "spec": _CONTAINERS}

FOREIGN: Final = (
    Step(
        name="scale-deployment",
        before=(kubectl("create", given=_DEPLOYMENT),),
        command=kubectl("scale", "deployment/web", "--replicas=1"),
    ),
    Step(
        name="connect-to-pod",
        before=(kubectl("create", given=_POD),),
        command=kubectl("exec", "sleeper", "--", "true"),
        fails=True,  # the lab has no nodes; the webhook is asked before that matters
    ),
)
