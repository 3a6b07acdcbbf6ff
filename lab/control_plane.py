"""etcd, kube-apiserver and kube-controller-manager."""

from pathlib import Path

from lab.addresses import API_SERVER, API_SERVER_PORT, SERVICES
from lab.context import Lab
from lab.credentials import ETCD_AUTHORITY, FRONT_PROXY_AUTHORITY, KeyPairFiles, key_pair_files
from lab.probes import answers
from lab.process import Component

API_SERVER_NAME = "kube-apiserver"
AUDIT_POLICY = Path(__file__).parent / "audit-policy.yaml"

_ETCD = "https://127.0.0.1:2379"
_ETCD_PEERS = "https://127.0.0.1:2380"
_CONTROLLER_MANAGER_PORT = 10257

_IDLE = (
    "node-ipam-controller",
    "persistentvolume-attach-detach-controller",
    "horizontal-pod-autoscaler-controller",
)
"""What only has work where nodes get addresses and volumes, or where there are metrics."""


def control_plane(lab: Lab) -> tuple[Component, ...]:
    return _etcd(lab), _api_server(lab), _controller_manager(lab)


def _etcd(lab: Lab) -> Component:
    pair = _pair(lab, "etcd")
    authority = _authority(lab, ETCD_AUTHORITY)
    return Component(
        name="etcd",
        command=(
            lab.binary("etcd"),
            "--name=lab",
            f"--data-dir={lab.paths.state / 'etcd'}",
            "--unsafe-no-fsync",  # the lab's data need not outlive a power cut
            "--heartbeat-interval=20",
            "--election-timeout=200",  # a single member waits this long before it elects itself
            f"--listen-client-urls={_ETCD}",
            f"--advertise-client-urls={_ETCD}",
            f"--listen-peer-urls={_ETCD_PEERS}",
            f"--initial-advertise-peer-urls={_ETCD_PEERS}",
            f"--initial-cluster=lab={_ETCD_PEERS}",
            "--client-cert-auth",
            f"--trusted-ca-file={authority}",
            f"--cert-file={pair.certificate}",
            f"--key-file={pair.key}",
            "--peer-client-cert-auth",
            f"--peer-trusted-ca-file={authority}",
            f"--peer-cert-file={pair.certificate}",
            f"--peer-key-file={pair.key}",
            "--log-level=warn",
        ),
        ready=answers(f"{_ETCD}/health", authority=authority, client=_pair(lab, "etcd-client")),
    )


def _api_server(lab: Lab) -> Component:
    serving, etcd_client = _pair(lab, "kube-apiserver"), _pair(lab, "etcd-client")
    return Component(
        name=API_SERVER_NAME,
        command=(
            lab.binary("kube-apiserver"),
            f"--etcd-servers={_ETCD}",
            f"--etcd-cafile={_authority(lab, ETCD_AUTHORITY)}",
            f"--etcd-certfile={etcd_client.certificate}",
            f"--etcd-keyfile={etcd_client.key}",
            f"--secure-port={API_SERVER_PORT}",
            f"--advertise-address={API_SERVER}",
            f"--service-cluster-ip-range={SERVICES}",
            f"--tls-cert-file={serving.certificate}",
            f"--tls-private-key-file={serving.key}",
            f"--client-ca-file={lab.authority}",
            "--anonymous-auth=false",
            "--authorization-mode=RBAC",
            "--allow-privileged",
            "--profiling=false",
            *_service_account_flags(lab),
            *_aggregation_flags(lab),
            *_audit_flags(lab),
        ),
        ready=answers(
            f"https://127.0.0.1:{API_SERVER_PORT}/readyz", authority=lab.authority, client=_pair(lab, "admin")
        ),
        after=("etcd",),
    )


def _service_account_flags(lab: Lab) -> tuple[str, ...]:
    return (
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={lab.paths.pki / 'service-account.pub'}",
        f"--service-account-signing-key-file={lab.paths.pki / 'service-account.key'}",
    )


def _aggregation_flags(lab: Lab) -> tuple[str, ...]:
    proxy = _pair(lab, "front-proxy-client")
    return (
        f"--requestheader-client-ca-file={_authority(lab, FRONT_PROXY_AUTHORITY)}",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={proxy.certificate}",
        f"--proxy-client-key-file={proxy.key}",
        "--enable-aggregator-routing=true",  # no kube-proxy here: the API server calls ready endpoints itself
    )


def _audit_flags(lab: Lab) -> tuple[str, ...]:
    return (
        f"--audit-policy-file={AUDIT_POLICY}",
        f"--audit-log-path={lab.paths.logs / 'audit.log'}",
        "--audit-log-format=json",
        "--audit-log-maxsize=200",
        "--audit-log-maxbackup=3",
    )


def _controller_manager(lab: Lab) -> Component:
    kubeconfig = lab.kubeconfig("system:kube-controller-manager")
    serving = _pair(lab, "kube-controller-manager")
    return Component(
        name="kube-controller-manager",
        command=(
            lab.binary("kube-controller-manager"),
            f"--kubeconfig={kubeconfig}",
            f"--authentication-kubeconfig={kubeconfig}",
            f"--authorization-kubeconfig={kubeconfig}",
            "--use-service-account-credentials",  # the garbage collector has a name of its own, which rules refer to
            f"--service-account-private-key-file={lab.paths.pki / 'service-account.key'}",
            f"--root-ca-file={lab.authority}",
            f"--service-cluster-ip-range={SERVICES}",
            "--leader-elect=false",
            "--bind-address=127.0.0.1",
            f"--secure-port={_CONTROLLER_MANAGER_PORT}",
            f"--tls-cert-file={serving.certificate}",
            f"--tls-private-key-file={serving.key}",
            f"--controllers=*,{','.join(f'-{name}' for name in _IDLE)}",
            "--kube-api-qps=200",
            "--kube-api-burst=400",
            "--profiling=false",
        ),
        ready=answers(f"https://127.0.0.1:{_CONTROLLER_MANAGER_PORT}/healthz", authority=lab.authority),
        after=(API_SERVER_NAME,),
    )


def _pair(lab: Lab, name: str) -> KeyPairFiles:
    return key_pair_files(lab.paths.pki, name)


def _authority(lab: Lab, name: str) -> Path:
    return _pair(lab, name).certificate
