"""The validation service as a program in the cluster calls it."""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import dataclass
from typing import Any, Final

from lab.snapgate.installation import NAMESPACE
from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab

_PORT: Final = 8443
_NAME: Final = "snapgate-webhook.snapgate-system.svc"
_CALL: Final = f"""
import asyncio, json, ssl, sys
import aiohttp

async def main(address, method, path, headers, authority):
    trust = ssl.create_default_context(cadata=authority)
    async with aiohttp.ClientSession() as session:
        url = f"https://{{address}}:{_PORT}" + path
        async with session.request(
            method, url, data=sys.stdin.buffer.read(), headers=json.loads(headers), ssl=trust, server_hostname="{_NAME}"
        ) as answer:
            print(json.dumps([answer.status, await answer.json(content_type=None)]))

asyncio.run(main(*sys.argv[1:]))
"""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: Any


def call(
    lab: RunningLab, body: str = "", *, token: str = "", media: str = "application/yaml", path: str = "/v1/validate"
) -> Reply:
    """POST, or GET of any other path. The server's certificate is verified."""
    headers = {"Content-Type": media} | ({"Authorization": f"Bearer {token}"} if token else {})
    method = "POST" if path == "/v1/validate" else "GET"
    kubectl = lab.kubectl(NAMESPACE)
    arguments = (_address(kubectl), method, path, json.dumps(headers), _authority(kubectl))
    said = lab.run_inside(sys.executable, "-c", _CALL, *arguments, given=body)
    return Reply(*json.loads(said.splitlines()[-1]))


def _address(kubectl: Kubectl) -> str:
    """Of a pod: nothing in the lab routes to the address of a Service but the API server."""
    pods = ("pods", "--selector=app.kubernetes.io/component=webhook", "-o", "jsonpath={.items[0].status.podIP}")
    return kubectl.must("get", *pods)


def _authority(kubectl: Kubectl) -> str:
    """As the operations guide says: the webhook configuration has it."""
    bundle = kubectl.must(
        "get",
        "validatingwebhookconfiguration",
        "snapgate",
        "-o",
        "jsonpath={.webhooks[0].clientConfig.caBundle}",
    )
    return base64.b64decode(bundle).decode()
