from __future__ import annotations

from pathlib import Path

import pytest

from webhook.kube.context import context_namespace
from webhook.kube.errors import ConnectError

KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: one
clusters: [{name: c, cluster: {server: "https://localhost"}}]
users: [{name: u, user: {}}]
contexts:
  - {name: one, context: {cluster: c, user: u, namespace: team}}
  - {name: two, context: {cluster: c, user: u}}
"""


@pytest.fixture
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    path = tmp_path / "config"
    path.write_text(KUBECONFIG)
    return path


@pytest.mark.parametrize(("context", "namespace"), [(None, "team"), ("one", "team"), ("two", "default")])
def test_namespace_is_that_of_the_context(kubeconfig: Path, context: str | None, namespace: str) -> None:
    assert context_namespace(kubeconfig=kubeconfig, context=context) == namespace


def test_kubeconfig_is_found_where_kubectl_finds_it(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", f"{kubeconfig}-none:{kubeconfig}")
    assert context_namespace() == "team"


@pytest.mark.parametrize("text", ["", "a: [", "kind: Config"])
def test_kubeconfig_without_a_context_is_told(kubeconfig: Path, text: str) -> None:
    kubeconfig.write_text(text)
    with pytest.raises(ConnectError, match="no context in"):
        context_namespace(kubeconfig=kubeconfig)


def test_missing_kubeconfig_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConnectError, match="no kubeconfig at"):
        context_namespace(kubeconfig=tmp_path / "none")
