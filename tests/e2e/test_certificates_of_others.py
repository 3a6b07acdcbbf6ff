"""Certificates of others: of an existing Secret, of cert-manager; in a lab whose release may be changed for them."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Iterator
from typing import Final

import pytest
import trustme
from cryptography import x509

from lab.snapgate.installation import CHART, NAMESPACE, RELEASE
from tests.e2e.conftest import LAB
from tests.support.foreign_kinds import install
from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab, running_lab
from tests.support.machines import disk_snapshot
from tests.support.waiting import until
from webhook.api.kind import Kind
from webhook.api.meta import Object

CONFIGURATION: Final = "validatingwebhookconfiguration"
SERVICE: Final = "snapgate-webhook.snapgate-system.svc"
SECRET: Final = "webhook-tls"
SETTLING_CALLS: Final = 200
NOTICED_SECONDS: Final = 90
"""Files are looked at every ten seconds, and a kubelet takes its time to change them."""
SERVED: Final = """
import socket, ssl, sys
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
for address in sys.argv[1:]:
    try:
        with socket.create_connection((address, 10250), timeout=15) as connection:
            with context.wrap_socket(connection) as secured:
                print(ssl.DER_cert_to_PEM_cert(secured.getpeercert(True)))
    except OSError as error:
        print(f"{address}: {error}")
"""
CERTIFICATE: Final = Kind("cert-manager.io", "v1", "Certificate", "certificates", Object)
ISSUER: Final = Kind("cert-manager.io", "v1", "Issuer", "issuers", Object)


class Authority:
    """Somebody's authority, and the pairs that it issues for the webhook."""

    def __init__(self) -> None:
        self._ca = trustme.CA()
        self.authority_pem = self._ca.cert_pem.bytes()

    def pair(self) -> dict[str, bytes]:
        issued = self._ca.issue_cert(SERVICE, f"{SERVICE}.cluster.local")
        chain = b"".join(each.bytes() for each in issued.cert_chain_pems)
        return {"tls.crt": chain, "tls.key": issued.private_key_pem.bytes(), "ca.crt": self.authority_pem}


@pytest.fixture(scope="module")
def own_lab() -> Iterator[RunningLab]:
    with running_lab(f"{LAB}-certificates") as running:
        yield running


@pytest.fixture(scope="module")
def existing_secret(own_lab: RunningLab) -> Authority:
    """Whose pair is in the Secret that the webhook serves from."""
    authority = Authority()
    first = authority.pair()
    put(own_lab.kubectl(NAMESPACE), SECRET, first)
    own_lab.release().upgrade("certificates.mode=existingSecret", f"certificates.existingSecret.name={SECRET}")
    until_served(own_lab, first)
    return authority


@pytest.fixture
def kubectl(own_lab: RunningLab, request: pytest.FixtureRequest) -> Kubectl:
    return own_lab.kubectl(own_lab.new_namespace(request.node.name))


@pytest.fixture
def system(own_lab: RunningLab) -> Kubectl:
    return own_lab.kubectl(NAMESPACE)


def put(kubectl: Kubectl, name: str, data: dict[str, bytes]) -> None:
    encoded = {key: base64.b64encode(value).decode() for key, value in data.items()}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": "kubernetes.io/tls"}
    kubectl.must_apply(secret | {"data": encoded})


def serial(pair: dict[str, bytes]) -> int:
    return x509.load_pem_x509_certificate(pair["tls.crt"]).serial_number


def served(lab: RunningLab) -> set[int | str]:
    """Serial numbers of what each pod of the webhook shows to a new connection, or why it shows nothing: one that has
    been replaced goes a moment after the other is ready."""
    addresses = lab.pod_addresses("webhook")
    said = lab.run_inside(sys.executable, "-c", SERVED, *addresses)
    refusals = [line for line in said.splitlines() if any(line.startswith(f"{each}: ") for each in addresses)]
    shown = x509.load_pem_x509_certificates(said.encode()) if "BEGIN CERTIFICATE" in said else []
    return {each.serial_number for each in shown} | set(refusals)


def until_served(lab: RunningLab, pair: dict[str, bytes]) -> None:
    until(lambda: served(lab) == {serial(pair)}, "not every pod serves the new certificate", seconds=NOTICED_SECONDS)


def until_trusted(system: Kubectl, wanted: bytes) -> None:
    """Beside it, an authority that a replica may still serve stays for a while."""
    until(
        lambda: all(authorities(wanted) <= each for each in trusted(system)),
        "the API server is never told of the authority",
        seconds=NOTICED_SECONDS,
    )


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


def times_said(lab: RunningLab) -> int:
    """How often it was said that a certificate and a key do not belong together."""
    return lab.pod_logs("webhook").count("tls.key and tls.crt")


def assert_judged(kubectl: Kubectl) -> None:
    answer = kubectl.apply(disk_snapshot("judged", "no-such-disk"))
    assert "[DiskNotFound]" in answer.said, answer.said


def test_certificate_of_an_existing_secret_is_rotated_and_no_call_is_lost(
    own_lab: RunningLab,
    existing_secret: Authority,
    kubectl: Kubectl,
    system: Kubectl,
    record_property: Callable[[str, object], None],
) -> None:
    """Another authority's, too: its `ca.crt` names both while the change is on its way."""
    old, new = existing_secret, Authority()
    assert_judged(kubectl)
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


def test_broken_pair_is_not_served_and_said(
    own_lab: RunningLab, existing_secret: Authority, kubectl: Kubectl, system: Kubectl
) -> None:
    before, said = served(own_lab), times_said(own_lab)
    put(system, SECRET, existing_secret.pair() | {"tls.key": existing_secret.pair()["tls.key"]})
    until(lambda: times_said(own_lab) > said, "nobody says that the pair is broken", seconds=NOTICED_SECONDS)
    assert served(own_lab) == before
    assert_judged(kubectl)


def test_cert_managers_certificate_is_served(own_lab: RunningLab, kubectl: Kubectl, system: Kubectl) -> None:
    """This test stands in for it: it fills the Secret that the Certificate names, and the bundles that ask for it."""
    install(system, CERTIFICATE, ISSUER)
    release = own_lab.release()
    release.must("upgrade", RELEASE, str(CHART), "--set=certificates.mode=certManager")

    certificate = system.get("certificate", "snapgate-webhook")["spec"]
    authority = Authority()
    pair = authority.pair()
    wanted = set(certificate["dnsNames"])
    names = x509.load_pem_x509_certificate(pair["tls.crt"]).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert wanted == set(names.value.get_values_for_type(x509.DNSName))
    put(system, certificate["secretName"], pair)
    for kind in (CONFIGURATION, "mutatingwebhookconfiguration"):
        inject(system, kind, authority.authority_pem)
    system.must("rollout", "status", "deployment/snapgate-webhook", "--timeout=120s")

    until_served(own_lab, pair)
    assert_judged(kubectl)
    release.must("test", RELEASE)
