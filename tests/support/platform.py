"""The platform's controllers as guard mode meets them: who they are, their kinds, and what they write."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from lab.paths import CHECKOUT
from tests.support.kubectl import Answer, Json, Kubectl

CONTROLLER: Final = "system:serviceaccount:d8-virtualization:virtualization-controller"
AS_CONTROLLER: Final = f"--as={CONTROLLER}"
CONFIGURATION: Final[Json] = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingWebhookConfiguration",
    "metadata": {"name": "virtualization-controller-admission-webhook"},
    "webhooks": [],
}
"""By whose name the platform is recognised."""
_DIRECTORY: Final = CHECKOUT / "tests" / "e2e" / "platform"
CRDS: Final[tuple[Path, ...]] = tuple(sorted(_DIRECTORY.glob("virtual*.yaml")))
WRITES: Final[dict[str, list[Json]]] = yaml.safe_load((_DIRECTORY / "writes.yaml").read_text())
"""By what the platform does with them."""
_INNERMOST: Final = re.compile(r"\$\{([^${}]+)\}")


def settle_in(kubectl: Kubectl) -> None:
    """Its CRDs, its webhook configuration and its rights are there, as before anybody installs guard mode."""
    for crd in CRDS:
        # A lab without Snapgate has our CRDs, so that its machine side finds all kinds.
        kubectl.must("delete", "-f", str(crd), "--ignore-not-found")
        kubectl.must("create", "-f", str(crd))
    kubectl.must("wait", "crd", "--all", "--for=condition=Established", "--timeout=90s")
    kubectl.must_apply(CONFIGURATION)
    kubectl.must("create", "clusterrolebinding", "platform", "--clusterrole=cluster-admin", f"--user={CONTROLLER}")


@dataclass(frozen=True, slots=True)
class Platform:
    kubectl: Kubectl

    def must(self, doing: str) -> None:
        """All that it writes for this. Raises AssertionError with what refuses it."""
        for write in WRITES[doing]:
            if (after := write.get("after")) is not None:
                self.kubectl.wait(self._known(after["of"]), after["is"])
            answer = self._carry_out(write)
            assert answer.ok, f"{doing}, {write['source']}: {answer.said}"

    def _carry_out(self, write: Json) -> Answer:
        if "create" in write:
            return self._run("create", "-f", "-", given=json.dumps(self._known(write["create"])))
        if "delete" in write:
            return self._run("delete", self._known(write["delete"]), "--wait=false")
        if "status" in write:
            changed = self._object(self._known(write["status"]["of"])) | {"status": self._known(write["status"]["set"])}
            return self._run("replace", "--subresource=status", "-f", "-", given=json.dumps(changed))
        (type_,) = write["patch"].keys() - {"of"}
        patch = json.dumps(self._known(write["patch"][type_]))
        return self._run("patch", self._known(write["patch"]["of"]), f"--type={type_}", "-p", patch)

    def _run(self, *arguments: str, given: str | None = None) -> Answer:
        return self.kubectl.run(*arguments, AS_CONTROLLER, given=given)

    def _known(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._known(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._known(each) for each in value]
        while isinstance(value, str) and (found := _INNERMOST.search(value)):
            value = value[: found.start()] + self._looked_up(*found[1].split()) + value[found.end() :]
        return value

    def _looked_up(self, what: str, subject: str, path: str = "") -> str:
        if what == "kept-address":
            return json.dumps(self._kept_address(subject))
        if what == "object":
            return json.dumps(self._object(subject))
        path = {"uid": ".metadata.uid", "field": path}[what]
        return self.kubectl.must("get", subject, "-o", f"jsonpath={{{path}}}")

    def _kept_address(self, machine: str) -> Json:
        """keepIPAddress: Always makes the saved copy of an Auto address a static one."""
        name = self._object(f"vm/{machine}")["status"]["virtualMachineIPAddressName"]
        address = self._object(f"vmip/{name}")
        return address | {"spec": {"type": "Static", "staticIP": address["status"]["address"]}}

    def _object(self, subject: str) -> Json:
        return self.kubectl.get(*subject.split("/", 1))
