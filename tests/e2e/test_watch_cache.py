"""The watch cache against a real API server, in what no fake can vouch for."""

from __future__ import annotations

import asyncio
import base64
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

import msgspec

from tests.support.background import in_background
from tests.support.foreign_kinds import served
from tests.support.kubectl import Kubectl
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.secret import SECRET
from webhook.app.watched import FOR_DECISIONS
from webhook.facts.source import Index
from webhook.inventory.inventory import Inventory
from webhook.inventory.live import read_live
from webhook.inventory.recording import ReadSet
from webhook.inventory.watched import Watched
from webhook.kube.client import Client
from webhook.kube.connect import connect
from webhook.kube.reflector import STANDARD_SETTINGS

PASSWORD: Final = "correct horse battery staple"


class Tree(Object, frozen=True): ...


TREE: Final = Kind("snapgate.test", "v1", "Tree", "trees", Tree)
BY_NAME: Final = Index("trees-by-name", TREE, lambda tree: (tree.metadata.name,))


@asynccontextmanager
async def following(kubectl: Kubectl, watched: Watched[Any]) -> AsyncIterator[tuple[Client, Inventory]]:
    client = await connect(kubeconfig=kubectl.kubeconfig)
    settings = replace(STANDARD_SETTINGS, unserved_seconds=0.1, first_delay_seconds=0.1)
    inventory = Inventory(client, [watched], [], clock=time.monotonic, random=random.random, settings=settings)
    try:
        async with in_background(inventory.run()):
            async with asyncio.timeout(60):
                await inventory.wait_synced()
            yield client, inventory
    finally:
        await client.close()


async def until(true: Callable[[], bool], *, seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what the watch brings wakes nobody here
            await asyncio.sleep(0.05)


async def test_a_kind_may_be_installed_later_and_removed_again(kubectl: Kubectl) -> None:
    reads = ReadSet(
        gets=frozenset({(TREE, kubectl.namespace, "oak")}),
        finds=frozenset({(BY_NAME, "oak")}),
    )
    async with following(kubectl, Watched(TREE, optional=True)) as (client, inventory):
        assert not inventory.knows(TREE)
        assert not (await read_live(client, reads)).knows(TREE)

        with served(kubectl, TREE):
            await until(lambda: inventory.knows(TREE))
            kubectl.must_apply({"apiVersion": "snapgate.test/v1", "kind": "Tree", "metadata": {"name": "oak"}})
            await until(lambda: inventory.get(TREE, kubectl.namespace, "oak") is not None)
            live = await read_live(client, reads)
            assert live.knows(TREE)
            assert live.get(TREE, kubectl.namespace, "oak") is not None

        await until(lambda: inventory.get(TREE, kubectl.namespace, "oak") is None)
        assert not (await read_live(client, reads)).knows(TREE)
        await until(lambda: not inventory.knows(TREE))


async def test_secrets_are_kept_without_their_values_and_releases_and_tokens_not_at_all(kubectl: Kubectl) -> None:
    value = base64.b64encode(PASSWORD.encode()).decode()
    for name, secret_type in (("plain", "Opaque"), ("release", "helm.sh/release.v1")):
        kubectl.must_apply(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": name},
                "type": secret_type,
                "data": {"p": value},
            }
        )
    (watched,) = [each for each in FOR_DECISIONS if each.kind is SECRET]
    async with following(kubectl, watched) as (_, inventory):
        kept = inventory.get(SECRET, kubectl.namespace, "plain")
        assert kept is not None
        assert list(kept.digests) == ["p"]
        assert value.encode() not in msgspec.json.encode(kept)
        assert inventory.get(SECRET, kubectl.namespace, "release") is None

        changed = base64.b64encode(b"another").decode()
        kubectl.must("patch", "secret", "plain", "--type=merge", "-p", f'{{"data":{{"p":"{changed}"}}}}')
        before = kept.digests
        await until(lambda: getattr(inventory.get(SECRET, kubectl.namespace, "plain"), "digests", before) != before)
