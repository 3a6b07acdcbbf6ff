"""From an earlier chart to this one while operations run, and to certificates of others; a lab of its own."""

from __future__ import annotations

import base64
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Final

import pytest
import trustme
from cryptography import x509

from lab.manifests import OUR_CRDS
from lab.paths import CHECKOUT
from lab.snapgate.installation import LEASE_SECONDS, NAMESPACE, RELEASE
from tests.e2e.conftest import LAB
from tests.support.dependency_manifests import restore
from tests.support.foreign_kinds import install
from tests.support.kubectl import Json, Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import API_VERSION, SLOW, disk, machine, machine_snapshot
from webhook.api.kind import Kind
from webhook.api.meta import Object

EARLIER: Final = CHECKOUT / "tests" / "e2e" / "charts" / "snapgate-0.1.0-ed8bf5e.tgz"
"""`helm package` of the chart at that commit: before alerts, the validation service and the condition Restorable."""
EARLIER_VALUES: Final = ("--wait", "--timeout=150s", f"--set=reconciler.leaseSeconds={LEASE_SECONDS}")
CONFIGURATION: Final = "validatingwebhookconfiguration"
SERVICE: Final = "snapgate-webhook.snapgate-system.svc"
SECRET: Final = "webhook-tls"
SETTLING_CALLS: Final = 200
NOTICED_SECONDS: Final = 45
"""Files are looked at every ten seconds, and a kubelet takes its time to change them."""
SERVED: Final = """
import socket, ssl, sys
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
for address in sys.argv[1:]:
    with socket.create_connection((address, 10250), timeout=5) as connection:
        with context.wrap_socket(connection) as secured:
            print(ssl.DER_cert_to_PEM_cert(secured.getpeercert(True)))
"""
CERTIFICATE: Final = Kind("cert-manager.io", "v1", "Certificate", "certificates", Object)
ISSUER: Final = Kind("cert-manager.io", "v1", "Issuer", "issuers", Object)


@pytest.fixture(scope="module")
def own_lab() -> Iterator[RunningLab]:
    running = RunningLab(f"{LAB}-upgrade", snapgate=False)
    running.up()
    try:
        # The lab brought them for its machine side; helm does not take over what it did not make.
        running.kubectl("default").must("delete", "-f", str(OUR_CRDS))
        running.release().must("install", RELEASE, str(EARLIER), "--create-namespace", *EARLIER_VALUES)
        yield running
    finally:
        running.down()


@pytest.fixture
def kubectl(own_lab: RunningLab, request: pytest.FixtureRequest) -> Kubectl:
    return own_lab.kubectl(own_lab.new_namespace(request.node.name))


@pytest.fixture
def system(own_lab: RunningLab) -> Kubectl:
    return own_lab.kubectl(NAMESPACE)


class Issuer:
    """Somebody's authority, and the pairs that it issues for the webhook."""

    def __init__(self) -> None:
        self._authority = trustme.CA()
        self.authority_pem = self._authority.cert_pem.bytes()

    def pair(self) -> dict[str, bytes]:
        issued = self._authority.issue_cert(SERVICE, f"{SERVICE}.cluster.local")
        chain = b"".join(each.bytes() for each in issued.cert_chain_pems)
        return {"tls.crt": chain, "tls.key": issued.private_key_pem.bytes(), "ca.crt": self.authority_pem}


def put(kubectl: Kubectl, name: str, data: dict[str, bytes]) -> None:
    encoded = {key: base64.b64encode(value).decode() for key, value in data.items()}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": "kubernetes.io/tls"}
    kubectl.must_apply(secret | {"data": encoded})


def serial(pair: dict[str, bytes]) -> int:
    return x509.load_pem_x509_certificate(pair["tls.crt"]).serial_number


def served(lab: RunningLab) -> set[int]:
    """Serial numbers of what each pod of the webhook shows to a new connection."""
    pods = lab.pods("webhook")
    system = lab.kubectl(NAMESPACE)
    addresses = [system.get("pod", pod)["status"]["podIP"] for pod in pods]
    shown = x509.load_pem_x509_certificates(lab.run_inside(sys.executable, "-c", SERVED, *addresses).encode())
    return {each.serial_number for each in shown}


def until_served(lab: RunningLab, pair: dict[str, bytes]) -> None:
    deadline = time.monotonic() + NOTICED_SECONDS
    while served(lab) != {serial(pair)}:
        assert time.monotonic() < deadline, "not every pod serves the new certificate"
        time.sleep(1)


def leader(system: Kubectl) -> str:
    holder: str = system.get("lease", "snapgate-reconciler")["spec"]["holderIdentity"]
    return holder


def restored(name: str, snapshot: str) -> Json:
    return {
        "apiVersion": API_VERSION,
        "kind": "VirtualMachineOperation",
        **restore("restore", of=name, snapshot=snapshot),
        "metadata": {"name": "restore"},
    }


def test_operations_that_run_complete_across_an_upgrade_and_no_call_is_lost(
    own_lab: RunningLab, kubectl: Kubectl, system: Kubectl, record_property: Callable[[str, object], None]
) -> None:
    for name in ("restored", "captured"):
        root = f"{name}-root"
        kubectl.must_apply(disk(root, storage_class=SLOW), machine(name, [root]))
    for name in ("restored", "captured"):
        kubectl.wait(f"vm/{name}", "condition=AgentReady")
    kubectl.must_apply(machine_snapshot("before", "restored"))
    kubectl.wait_for_phase("vms/before", "Ready")
    earlier = leader(system)

    with own_lab.load(kubectl.namespace) as load:
        load.until(SETTLING_CALLS)
        kubectl.must_apply(restored("restored", "before"), machine_snapshot("during", "captured"))
        kubectl.wait("vms/during", "jsonpath={.status.phase}=InProgress")
        kubectl.wait("vmop/restore", "jsonpath={.status.phase}=InProgress")
        own_lab.release().upgrade()
        kubectl.wait_for_phase("vms/during", "Ready", seconds=120)
        kubectl.wait_for_phase("vmop/restore", "Completed", seconds=120)
        load.until(SETTLING_CALLS)

    record_property("load", str(load.report))
    assert [call.error for call in load.report.failures] == []
    assert leader(system) != earlier
    assert kubectl.get("vms", "during")["status"]["consistent"] is True
    kubectl.wait_for_phase("vm/restored", "Running")


def test_certificate_of_an_existing_secret_is_rotated_and_no_call_is_lost(
    own_lab: RunningLab, kubectl: Kubectl, system: Kubectl, record_property: Callable[[str, object], None]
) -> None:
    """Another authority's, too: its `ca.crt` names both while the change is on its way."""
    old, new = Issuer(), Issuer()
    first = old.pair()
    put(system, SECRET, first)
    own_lab.release().upgrade("certificates.mode=existingSecret", f"certificates.existingSecret.name={SECRET}")
    until_served(own_lab, first)
    answer = kubectl.apply(snapshot_to_be_judged())
    assert "[DiskNotFound]" in answer.said, answer.said

    second, both = old.pair(), old.authority_pem + new.authority_pem
    third = new.pair() | {"ca.crt": both}
    with own_lab.load(kubectl.namespace) as load:
        load.until(SETTLING_CALLS)
        for pair in (second, second | {"ca.crt": both}, third):
            put(system, SECRET, pair)
            until_served(own_lab, pair)
            until_trusted(system, pair["ca.crt"])
        load.until(SETTLING_CALLS)

    record_property("load", str(load.report))
    assert [call.error for call in load.report.failures] == []


def test_broken_pair_is_not_served_and_said(own_lab: RunningLab, kubectl: Kubectl, system: Kubectl) -> None:
    before = served(own_lab)
    broken = Issuer().pair() | {"tls.key": Issuer().pair()["tls.key"]}
    put(system, SECRET, broken)
    deadline = time.monotonic() + NOTICED_SECONDS
    while "tls.key and tls.crt" not in own_lab.pod_logs("webhook"):
        assert time.monotonic() < deadline, "nobody says that the pair is broken"
        time.sleep(1)
    assert served(own_lab) == before
    answer = kubectl.apply(snapshot_to_be_judged())
    assert "[DiskNotFound]" in answer.said, answer.said


def test_cert_managers_certificate_is_served(own_lab: RunningLab, kubectl: Kubectl, system: Kubectl) -> None:
    """This test stands in for it: it fills the Secret that the Certificate names, and the bundles that ask for it."""
    install(system, CERTIFICATE, ISSUER)
    release = own_lab.release()
    release.must("upgrade", RELEASE, str(CHECKOUT / "charts" / "snapgate"), "--set=certificates.mode=certManager")

    certificate = system.get("certificate", "snapgate-webhook")["spec"]
    issuer = Issuer()
    pair = issuer.pair()
    wanted = set(certificate["dnsNames"])
    names = x509.load_pem_x509_certificate(pair["tls.crt"]).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert wanted == set(names.value.get_values_for_type(x509.DNSName))
    put(system, certificate["secretName"], pair)
    for kind in (CONFIGURATION, "mutatingwebhookconfiguration"):
        inject(system, kind, issuer.authority_pem)
    system.must("rollout", "status", "deployment/snapgate-webhook", "--timeout=120s")

    until_served(own_lab, pair)
    answer = kubectl.apply(snapshot_to_be_judged())
    assert "[DiskNotFound]" in answer.said, answer.said
    release.must("test", RELEASE)


def snapshot_to_be_judged() -> Json:
    return {
        "apiVersion": API_VERSION,
        "kind": "VirtualDiskSnapshot",
        "metadata": {"name": "judged"},
        "spec": {"virtualDiskName": "no-such-disk"},
    }


def until_trusted(system: Kubectl, wanted: bytes) -> None:
    """Beside it, an authority that a replica may still serve stays for a while."""
    deadline = time.monotonic() + NOTICED_SECONDS
    while any(not authorities(wanted) <= each for each in trusted(system)):
        assert time.monotonic() < deadline, "the API server is never told of the authority"
        time.sleep(1)


def trusted(system: Kubectl) -> list[set[int]]:
    """By each webhook: serial numbers of authorities."""
    webhooks = system.get(CONFIGURATION, RELEASE)["webhooks"]
    return [authorities(base64.b64decode(each["clientConfig"]["caBundle"])) for each in webhooks]


def authorities(bundle: bytes) -> set[int]:
    return {each.serial_number for each in x509.load_pem_x509_certificates(bundle)}


def inject(system: Kubectl, kind: str, bundle: bytes) -> None:
    configuration = system.get(kind, RELEASE)
    assert configuration["metadata"]["annotations"]["cert-manager.io/inject-ca-from"] == f"{NAMESPACE}/snapgate-webhook"
    encoded = base64.b64encode(bundle).decode()
    patch = [
        {"op": "add", "path": f"/webhooks/{number}/clientConfig/caBundle", "value": encoded}
        for number in range(len(configuration["webhooks"]))
    ]
    system.must("patch", kind, RELEASE, "--type=json", "-p", json.dumps(patch))
