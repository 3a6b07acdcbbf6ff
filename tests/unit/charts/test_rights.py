from __future__ import annotations

from tests.support.audited_rights import Right, granted, refused, used
from tests.support.kubectl import Json

ROLE: Json = {
    "kind": "Role",
    "metadata": {"name": "reader", "namespace": "system"},
    "rules": [{"apiGroups": ["apps"], "resources": ["deployments/status"], "verbs": ["get", "patch"]}],
}
BINDING: Json = {
    "kind": "RoleBinding",
    "metadata": {"name": "reader", "namespace": "system"},
    "roleRef": {"kind": "Role", "name": "reader"},
    "subjects": [{"kind": "ServiceAccount", "name": "webhook", "namespace": "system"}],
}


def record(user: str, code: int) -> Json:
    reference = {"apiGroup": "apps", "resource": "deployments", "subresource": "status"}
    return {"user": {"username": user}, "verb": "patch", "objectRef": reference, "responseStatus": {"code": code}}


def test_rights_are_what_bound_roles_say() -> None:
    assert granted([ROLE, BINDING]) == {
        Right("webhook", verb, "apps", "deployments/status") for verb in ("get", "patch")
    }


def test_an_unbound_role_grants_nothing() -> None:
    assert granted([ROLE]) == set()


def test_the_audit_log_tells_what_was_used_and_what_was_refused() -> None:
    account = "system:serviceaccount:system:webhook"
    right = Right("webhook", "patch", "apps", "deployments/status")
    assert used([record(account, 200), record("somebody", 200)], "system") == {right}
    assert refused([record(account, 403)], "system") == {right}
    assert used([record(account, 403)], "system") == set()


def test_a_request_of_nobody_known_is_nobodys() -> None:
    """So the audit log has it when a pod is gone, and its token with it."""
    unknown = record("", 401) | {"user": {}}
    assert used([unknown], "system") == refused([unknown], "system") == set()
