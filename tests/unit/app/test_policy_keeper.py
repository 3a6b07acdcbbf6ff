from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from webhook.app.policy_file import Given, PolicyFileError
from webhook.app.policy_keeper import POLL_SECONDS, PolicyKeeper, PolicyMetrics
from webhook.findings.code import Profile
from webhook.findings.policy import Installation, PolicyError

GITOPS = "profile: gitops\n"
STRICT = "profile: strict\n"
BROKEN = "profile: lenient\n"


class Watched:
    """A keeper, its file, and what it told."""

    def __init__(self, path: Path, given: Given | None = None) -> None:
        self.path = path
        self.registry = CollectorRegistry()
        self.moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        self.keeper = PolicyKeeper(path, given or Given(), PolicyMetrics(self.registry), clock=lambda: self.moment)

    async def says(self, text: str) -> None:
        self.path.write_text(text)
        await self.keeper.check()

    @property
    def profile(self) -> Profile:
        return self.keeper.current().profile

    def counts(self) -> tuple[float | None, ...]:
        """File in order, reloads, reloads of what could not be used."""
        return (
            self.registry.get_sample_value("snapgate_policy_file_ok"),
            self.registry.get_sample_value("snapgate_policy_reloads_total", {"result": "ok"}),
            self.registry.get_sample_value("snapgate_policy_reloads_total", {"result": "broken"}),
        )


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    path = tmp_path / "policy.yaml"
    path.write_text(GITOPS)
    return Watched(path)


def test_policy_is_there_from_the_start(watched: Watched) -> None:
    assert watched.profile is Profile.GITOPS
    assert watched.counts() == (1, 0, 0)


async def test_change_of_the_file_is_taken_without_a_restart(watched: Watched) -> None:
    await watched.says(STRICT)
    assert watched.profile is Profile.STRICT
    assert watched.counts() == (1, 1, 0)


async def test_nothing_is_counted_while_nothing_changes(watched: Watched) -> None:
    for _ in range(3):
        await watched.keeper.check()
    assert watched.counts() == (1, 0, 0)


async def test_broken_file_keeps_the_last_good_policy_and_is_told_of_once(watched: Watched) -> None:
    with capture_logs() as logs:
        for _ in range(3):
            await watched.says(BROKEN)
    assert watched.profile is Profile.GITOPS
    assert watched.counts() == (0, 0, 1)
    (entry,) = logs
    assert entry["log_level"] == "error"
    assert entry["reason"].startswith("policy.yaml:1: profile: lenient")


@pytest.mark.parametrize("repaired", [STRICT, GITOPS])
async def test_repaired_file_is_taken_again(watched: Watched, repaired: str) -> None:
    await watched.says(BROKEN)
    await watched.says(repaired)
    assert f"profile: {watched.profile}\n" == repaired
    assert watched.counts() == (1, 1, 1)


async def test_file_that_goes_away_keeps_the_last_good_policy(watched: Watched) -> None:
    watched.path.unlink()
    await watched.keeper.check()
    assert watched.profile is Profile.GITOPS
    assert watched.counts() == (0, 0, 1)


async def test_file_that_is_no_text_keeps_the_last_good_policy(watched: Watched) -> None:
    watched.path.write_bytes(b"profile: \xff\n")
    await watched.keeper.check()
    assert watched.profile is Profile.GITOPS


async def test_swap_of_a_mounted_config_map_is_seen(tmp_path: Path) -> None:
    """kubelet swaps the symlink `..data`; what is mounted is a symlink through it, and stays (atomic_writer.go)."""
    for name, text in (("first", GITOPS), ("second", STRICT)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "policy.yaml").write_text(text)
    (tmp_path / "..data").symlink_to("first")
    (tmp_path / "policy.yaml").symlink_to("..data/policy.yaml")
    watched = Watched(tmp_path / "policy.yaml")
    (tmp_path / "..data_tmp").symlink_to("second")
    (tmp_path / "..data_tmp").rename(tmp_path / "..data")
    await watched.keeper.check()
    assert watched.profile is Profile.STRICT


async def test_file_is_looked_at_every_few_seconds(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(GITOPS)
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        path.write_text(STRICT)
        if len(pauses) > 1:
            raise asyncio.CancelledError

    keeper = PolicyKeeper(
        path, Given(), PolicyMetrics(CollectorRegistry()), clock=lambda: datetime.now(UTC), pause=pause
    )
    with pytest.raises(asyncio.CancelledError):
        await keeper.run()
    assert pauses == [POLL_SECONDS] * 2
    assert keeper.current().profile is Profile.STRICT


@pytest.mark.parametrize("text", [BROKEN, None])
def test_process_does_not_begin_with_a_file_that_cannot_be_used(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "policy.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(PolicyFileError, match=r"policy\.yaml"):
        Watched(path)


def test_process_does_not_begin_in_guard_mode_with_a_profile_that_waits() -> None:
    given = Given(Installation.GUARD, Profile.GITOPS, "SNAPGATE_PROFILE")
    with pytest.raises(PolicyError, match="gitops"):
        PolicyKeeper(None, given, PolicyMetrics(CollectorRegistry()), clock=lambda: datetime.now(UTC))


async def test_without_a_file_the_profile_is_the_policy() -> None:
    metrics = PolicyMetrics(CollectorRegistry())
    keeper = PolicyKeeper(None, Given(profile=Profile.GITOPS), metrics, clock=lambda: datetime.now(UTC))
    await keeper.check()
    assert keeper.current().profile is Profile.GITOPS


async def test_description_says_what_is_in_force_since_when_and_what_is_wrong(watched: Watched) -> None:
    watched.moment = datetime(2026, 1, 2, 4, 0, 0, tzinfo=UTC)
    await watched.says(
        "profile: strict\noverrides:\n  DiskNotReady: deny\nescapes:\n- users: [ann]\n  codes: [SnapshotInUse]\n"
    )
    watched.moment = datetime(2026, 1, 2, 5, 0, 0, tzinfo=UTC)
    await watched.says(BROKEN)
    description = json.loads(watched.keeper.describe())
    assert description["since"] == "2026-01-02T04:00:00Z"
    assert description["profile"] == "strict"
    assert description["digest"] == hashlib.sha256(BROKEN.encode()).hexdigest()
    assert description["error"].startswith("policy.yaml:1: ")
    assert description["escapes"] == [{"codes": ["SnapshotInUse"], "origin": "policy.yaml:5"}]
    assert {
        "code": "DiskNotReady",
        "blocking": True,
        "kind": None,
        "action": "deny",
        "origin": "policy.yaml:3",
    } in description["actions"]


async def test_description_names_nobody(watched: Watched) -> None:
    await watched.says("escapes:\n- users: [ann]\n  groups: [admins]\n  codes: [SnapshotInUse]\n")
    assert b"ann" not in watched.keeper.describe()
    assert b"admins" not in watched.keeper.describe()
