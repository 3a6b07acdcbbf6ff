"""The lab as end-to-end tests use it."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from lab.machines.guest_log import GuestRecord, read_guest_log
from lab.machines.settings import guest_log_file, machines_directory
from lab.nodes.settings import pid_file, pod_directory, pods_directory
from lab.paths import CHECKOUT, LabPaths, lab_paths
from lab.qemu.files import GuestFiles, guest_files
from lab.snapgate.installation import NAMESPACE, helm_environment
from lab.storage.layout import snapshot_image, storage_directory, volume_image
from tests.support.json_lines import json_lines
from tests.support.kubectl import Answer, Json, Kubectl
from tests.support.load import Load
from tests.support.release import Release
from tests.support.waiting import until
from webhook.api.virtualization import SUBRESOURCES_GROUP, VERSION

LONGEST_NAMESPACE = 50
ANSWERING_SECONDS = 120


class RunningLab:
    def __init__(self, name: str, *, machines: str = "simulated", snapgate: bool = True) -> None:
        self._command = (sys.executable, "-m", "lab", "--name", name)
        self._options = ("--machines", machines, *(("--snapgate",) if snapgate else ()))
        self._paths: LabPaths = lab_paths(name)
        self._numbers = itertools.count(1)

    def up(self) -> None:
        """Always a new one: what an earlier run left behind would be part of this one's results."""
        self.down()
        subprocess.run([*self._command, "up", *self._options], check=True, timeout=420)

    def down(self) -> None:
        subprocess.run([*self._command, "down"], check=True, timeout=120)

    def kubectl(self, namespace: str) -> Kubectl:
        return Kubectl(self._paths.binaries / "kubectl", self._paths.kubeconfig, namespace)

    def release(self) -> Release:
        return Release(self._paths.binaries / "helm", self._paths.kubeconfig, self._paths.runtime / "helm")

    def shell(self, *commands: str) -> str:
        """What these commands print, one after the other, as an administrator types them at the top of the checkout."""
        directory = self._paths.runtime / "helm"
        environment = helm_environment(directory) | {
            "KUBECONFIG": str(self._paths.kubeconfig),
            "PATH": f"{self._paths.binaries}:{os.environ.get('PATH', os.defpath)}",
        }
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(commands)],
            cwd=CHECKOUT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"
        return done.stdout

    def load(self, namespace: str) -> Load:
        return Load(self._paths.kubeconfig, namespace)

    def new_namespace(self, test: str) -> str:
        readable = re.sub(r"[^a-z0-9]+", "-", test.removeprefix("test_").lower())
        namespace = f"t{next(self._numbers)}-{readable}"[:LONGEST_NAMESPACE].rstrip("-")
        self.kubectl("default").must("create", "namespace", namespace)
        return namespace

    def forget_namespace(self, namespace: str) -> None:
        """Deletes it without waiting: terminating namespaces are part of what the reconciler has to live with."""
        self.kubectl("default").must("delete", "namespace", namespace, "--wait=false", "--ignore-not-found")

    def guest_log(self, namespace: str) -> list[GuestRecord]:
        records = read_guest_log(guest_log_file(self._machines_directory))
        return [record for record in records if record.namespace == namespace]

    def kill(self, component: str) -> None:
        """SIGKILL; the supervisor starts it again after a moment."""
        subprocess.run([*self._command, "run", "--", "kill", "-9", str(self._pid(component))], check=True, timeout=60)

    def run_inside(self, *command: str, given: str = "") -> str:
        """What a command says that runs where addresses of the cluster can be reached."""
        done = subprocess.run(
            [*self._command, "run", "--", *command],
            input=given,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        return done.stdout

    def start(self, *command: str, log: Path) -> subprocess.Popen[bytes]:
        """A process inside the lab that gets the signals sent to this one."""
        with log.open("wb") as output:
            return subprocess.Popen([*self._command, "run", "--", *command], stdout=output, stderr=subprocess.STDOUT)

    @property
    def kubeconfig(self) -> Path:
        """The administrator's, for use outside."""
        return self._paths.kubeconfig

    def log(self, component: str) -> str:
        return (self._paths.logs / f"{component}.log").read_text()

    def kill_pod(self, namespace: str, name: str) -> None:
        """SIGKILL for the pod's process; the node starts it again."""
        directory = pod_directory(pods_directory(self._paths.state / "node"), namespace, name)
        pid = pid_file(directory).read_text()
        subprocess.run([*self._command, "run", "--", "kill", "-9", pid], check=True, timeout=60)

    def leader(self) -> str:
        """The pod of the reconciler that acts."""
        holder: str = self.kubectl(NAMESPACE).get("lease", "snapgate-reconciler")["spec"]["holderIdentity"]
        return holder.partition("_")[0]

    def kill_leader(self) -> None:
        self.kill_pod(NAMESPACE, self.leader())

    def pod_log(self, namespace: str, name: str) -> str:
        return (self._paths.logs / f"{namespace}.{name}.log").read_text()

    def pod_logs(self, component: str) -> str:
        """Of all pods of the component there have been."""
        return "".join(log.read_text() for log in self._pod_logs(component))

    @contextmanager
    def policy(self, text: str) -> Iterator[None]:
        """Both processes follow this policy file; afterwards the one from before."""
        before = self.kubectl(NAMESPACE).get("configmap", "snapgate-policy")["data"]["policy.yaml"]
        self._follow(text)
        try:
            yield
        finally:
            self._follow(before)

    def told_of_policy(self) -> list[Json]:
        """What each pod says of its policy."""
        return [json.loads(answer.output) for answer in self._asked("/policy")]

    def metrics(self) -> list[str]:
        """What each pod exposes; of one that does not answer `""`."""
        return [answer.output if answer.ok else "" for answer in self._asked("/metrics")]

    def pods(self, component: str) -> list[str]:
        """Names of the component's pods that are not on their way out."""
        return [pod["metadata"]["name"] for pod in self._pods(component)]

    def pod_addresses(self, component: str) -> list[str]:
        """Of these; of one that has none yet `""`."""
        return [pod["status"].get("podIP", "") for pod in self._pods(component)]

    def _pods(self, component: str) -> list[Json]:
        selector = f"--selector=app.kubernetes.io/component={component}"
        listed = json.loads(self.kubectl(NAMESPACE).must("get", "pods", selector, "-o", "json"))["items"]
        return [pod for pod in listed if "deletionTimestamp" not in pod["metadata"]]

    def _asked(self, path: str) -> list[Answer]:
        """Each pod, through the API server."""
        return [
            self.kubectl(NAMESPACE).run("get", "--raw", f"/api/v1/namespaces/{NAMESPACE}/pods/{pod}:{port}/proxy{path}")
            for component, port in {"webhook": 8081, "reconciler": 8082}.items()
            for pod in self.pods(component)
        ]

    def _follow(self, text: str) -> None:
        """Nobody announces that it was read, so all are asked. One that was killed a moment ago may not answer yet."""
        patch = json.dumps({"data": {"policy.yaml": text}})
        self.kubectl(NAMESPACE).must("patch", "configmap", "snapgate-policy", "--type=merge", "-p", patch)
        digest = hashlib.sha256(text.encode()).hexdigest()
        until(
            lambda: all(each.ok and json.loads(each.output)["digest"] == digest for each in self._asked("/policy")),
            "not every pod reads the policy file",
            seconds=ANSWERING_SECONDS,
        )

    def kill_guest(self, uid: str) -> None:
        """SIGKILL to the QEMU of a real guest."""
        monitor = str(self._guest_files(uid).monitor)
        program = f"from lab.qemu.guest import kill_processes_with; kill_processes_with({monitor!r})"
        subprocess.run([*self._command, "run", "--", sys.executable, "-c", program], check=True, timeout=60)

    def console(self, uid: str) -> str:
        """What a real guest has said; `""` before its first boot."""
        file = self._guest_files(uid).console
        return file.read_text(errors="replace") if file.exists() else ""

    def volume(self, kubectl: Kubectl, claim: str) -> Path:
        """The file that holds the bytes of a bound claim."""
        volume = kubectl.get("pvc", claim)["spec"]["volumeName"]
        handle = kubectl.get("pv", volume)["spec"]["csi"]["volumeHandle"]
        return volume_image(storage_directory(self._paths.state), handle)

    def snapshot(self, kubectl: Kubectl, disk_snapshot: str) -> Path:
        """The file that holds the bytes of a VirtualDiskSnapshot."""
        name = kubectl.get("vdsnapshot", disk_snapshot)["status"]["volumeSnapshotName"]
        content = kubectl.get("volumesnapshot", name)["status"]["boundVolumeSnapshotContentName"]
        handle = kubectl.get("volumesnapshotcontent", content)["status"]["snapshotHandle"]
        return snapshot_image(storage_directory(self._paths.state), handle)

    def whole_audit(self) -> Iterator[Json]:
        """Everything that the API server was asked, oldest first. Of a whole run it is hundreds of megabytes."""
        return json_lines(self._audit_logs())

    def audit(self, namespace: str) -> list[Json]:
        """What the API server was asked about this namespace."""
        records = json_lines(self._audit_logs(), about=namespace)
        return [record for record in records if record.get("objectRef", {}).get("namespace") == namespace]

    def reviews(self, namespace: str) -> list[Json]:
        """What the webhook was asked to judge in this namespace, as it logged it before it answered."""
        records = json_lines(self._pod_logs("webhook"), about=namespace)
        return [record for record in records if record["event"] == "review answered"]

    def save_evidence(self, namespace: str, directory: Path) -> None:
        """Events, objects, the audit log and the log of every process."""
        directory.mkdir(parents=True, exist_ok=True)
        kubectl = self.kubectl(namespace)
        objects = "vm,vd,vms,vds,pvc,volumesnapshot,secret"
        (directory / "events.txt").write_text(kubectl.run("get", "events", "--sort-by=.lastTimestamp").output)
        (directory / "objects.yaml").write_text(kubectl.run("get", objects, "-o", "yaml").output)
        (directory / "audit.jsonl").write_text("\n".join(json.dumps(each) for each in self.audit(namespace)))
        for log in self._paths.logs.glob("*.log"):
            if not log.name.startswith("audit"):
                shutil.copy(log, directory)

    def until_answering(self) -> None:
        """Until the API server is ready again, and reaches the machines behind it: a guest that cannot be asked to
        freeze is not captured. There is nothing to watch while it is away, so it is asked."""
        for path, what in (("/readyz", "the API server"), (f"/apis/{SUBRESOURCES_GROUP}/{VERSION}", "the machine API")):
            until(
                partial(self._is_answered, path),
                f"{what} does not come back",
                seconds=ANSWERING_SECONDS,
                every=0.2,
            )

    def _is_answered(self, path: str) -> bool:
        return self.kubectl("default").run("get", f"--raw={path}", "--request-timeout=1s").ok

    def _pod_logs(self, component: str) -> list[Path]:
        return sorted(self._paths.logs.glob(f"{NAMESPACE}.snapgate-{component}-*.log"))

    def _audit_logs(self) -> list[Path]:
        """Those that were moved aside when they got long have the moment in their names, which sorts before `.`."""
        return sorted(self._paths.logs.glob("audit*.log"))

    @property
    def _machines_directory(self) -> Path:
        return machines_directory(self._paths.state)

    def _guest_files(self, uid: str) -> GuestFiles:
        return guest_files(self._machines_directory, self._paths.runtime / "guests", uid)

    def _pid(self, component: str) -> int:
        status = json.loads(self._paths.status.read_text())
        return next(int(each["pid"]) for each in status if each["name"] == component)


@contextmanager
def running_lab(name: str, *, machines: str = "simulated", snapgate: bool = True) -> Iterator[RunningLab]:
    """A lab for as long as it is needed."""
    lab = RunningLab(name, machines=machines, snapgate=snapgate)
    lab.up()
    try:
        yield lab
    finally:
        lab.down()
