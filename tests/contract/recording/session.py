"""Inside the lab: listens, does the steps, and keeps what was heard."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
import tempfile
from pathlib import Path
from typing import Final

import click
import yaml

from lab.context import INSIDE, Lab
from lab.paths import lab_paths
from lab.probes import Probe, until
from tests.contract.recording.listener import Listener, listening
from tests.contract.recording.recording import DIRECTORY, Recording, written
from tests.contract.recording.registration import registration
from tests.contract.recording.step import Command, Step
from tests.contract.recording.steps import STEPS
from tests.support.kubectl import Answer, Kubectl
from tests.support.machines import disk_snapshot, machine_snapshot
from tests.support.manifests import NAMESPACE

ACCOUNT: Final = "operator"
"""A service account that may do everything in its namespace, and has a real token."""
DEADLINE_SECONDS: Final = 60


class UnexpectedError(Exception):
    """A step went otherwise than it should: the recordings would be of something else."""


class Session:
    def __init__(self, lab: Lab, listener: Listener, own: Path) -> None:
        """`own` is a directory that nobody else looks into."""
        self._lab = lab
        self._listener = listener
        self._kubectl = Kubectl(Path(lab.binary("kubectl")), Path(os.environ["KUBECONFIG"]), NAMESPACE)
        self._account = Kubectl(self._kubectl.binary, own / "kubeconfig.json", NAMESPACE)

    async def prepare(self) -> str:
        """The API server's version, once it calls both webhooks."""
        for configuration in registration(self._lab.authority.read_bytes()):
            await self._must(Command(("create", "-f", "-"), configuration))
        await self._wait("the webhook configurations", self._is_called)
        await self._must(Command(("create", "serviceaccount", ACCOUNT)))
        grant = ("create", "rolebinding", ACCOUNT, "--clusterrole=cluster-admin")
        await self._must(Command((*grant, f"--serviceaccount={NAMESPACE}:{ACCOUNT}")))
        token = (await self._must(Command(("create", "token", ACCOUNT)))).output.strip()
        self._account.kubeconfig.write_text(_kubeconfig(self._lab.authority, token))
        version = await self._must(Command(("version", "--output=json")))
        return str(json.loads(version.output)["serverVersion"]["gitVersion"])

    async def record(self, step: Step, api_server: str) -> Recording:
        """Raises UnexpectedError."""
        for command in step.before:
            await self._must(command)
        if (probe := step.takes_effect) is not None:
            await self._wait(step.name, lambda: self._succeeds(probe))
        self._listener.heard()
        kubectl = self._account if step.by_account else self._kubectl
        answer = await _run(kubectl, step.command)
        if answer.ok is step.fails:
            raise UnexpectedError(f"{step.name} ended with {answer.code}:\n{answer.output}{answer.said}")
        if step.after is not None:
            await self._must(step.after)
        line = f"kubectl {shlex.join(step.command.arguments)}"
        return Recording(api_server, line, step.command.given, answer.code, self._listener.heard())

    async def _is_called(self) -> bool:
        """A new configuration is seen by the API server when its own watch has delivered it."""
        for manifest in (disk_snapshot("probe", "data"), machine_snapshot("probe", "linux-vm")):
            await self._must(Command(("create", "--dry-run=server", "-f", "-"), manifest))
        return {call.path for call in self._listener.heard()} == {"/mutate", "/validate"}

    async def _succeeds(self, command: Command) -> bool:
        return (await _run(self._kubectl, command)).ok

    async def _must(self, command: Command) -> Answer:
        answer = await _run(self._kubectl, command)
        if not answer.ok:
            raise UnexpectedError(f"kubectl {shlex.join(command.arguments)} ended with {answer.code}:\n{answer.said}")
        return answer

    async def _wait(self, what: str, probe: Probe) -> None:
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await until(probe)
        except TimeoutError:
            raise UnexpectedError(f"{what}: still without effect after {DEADLINE_SECONDS} s") from None


async def record(lab: Lab) -> None:
    """Replaces all recordings, but only once every step has gone as it should."""
    recordings: dict[str, Recording] = {}
    with tempfile.TemporaryDirectory() as own:
        async with listening(lab) as listener:
            session = Session(lab, listener, Path(own))
            api_server = await session.prepare()
            for step in STEPS:
                recordings[step.name] = await session.record(step, api_server)
                click.echo(f"{step.name}: {len(recordings[step.name].calls)} calls")
    for stale in DIRECTORY.glob("*.json"):
        stale.unlink()
    for name, recording in recordings.items():
        (DIRECTORY / f"{name}.json").write_bytes(written(recording))


async def _run(kubectl: Kubectl, command: Command) -> Answer:
    """In a thread, because the listener has to answer meanwhile."""
    given = None if command.given is None else yaml.safe_dump(command.given)
    return await asyncio.to_thread(kubectl.run, *command.arguments, given=given)


def _kubeconfig(authority: Path, token: str) -> str:
    """Nothing but the token: next to a client certificate the API server would not look at it."""
    cluster = {"server": INSIDE, "certificate-authority": str(authority)}
    context = {"cluster": "lab", "user": ACCOUNT}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "lab",
        "clusters": [{"name": "lab", "cluster": cluster}],
        "contexts": [{"name": "lab", "context": context}],
        "users": [{"name": ACCOUNT, "user": {"token": token}}],
    }
    return json.dumps(document)


def main(name: str) -> int:
    try:
        asyncio.run(record(Lab(name, lab_paths(name))))
    except UnexpectedError as error:
        click.echo(f"nothing recorded: {error}", err=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
