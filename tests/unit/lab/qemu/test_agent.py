from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.qemu.agent import AgentConversation, AgentError, conversation

Answer = Callable[[Any], bytes]


@asynccontextmanager
async def agent(
    directory: Path, answer: Answer, stale: bytes = b"", talk: Callable[[], Awaitable[None]] | None = None
) -> AsyncIterator[Path]:
    """As qemu-ga behaves at the host's end of its port: `stale` is what an earlier client never read."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(stale)
        while line := await reader.readline():
            command = json.loads(line.removeprefix(b"\xff"))
            if line.startswith(b"\xff"):
                writer.write(b'{"error": {"class": "GenericError", "desc": "JSON parse error"}}\n\xff')
            writer.write(answer(command))
        writer.close()

    socket = directory / "agent"
    socket.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(serve, socket)
    try:
        yield socket
    finally:
        server.close()


def well_behaved(command: Any) -> bytes:
    if command["execute"] == "guest-sync-delimited":
        return _line({"return": command["arguments"]["id"]})
    if command["execute"] == "guest-fsfreeze-status":
        return _line({"return": "thawed"})
    return _line({"error": {"class": "GenericError", "desc": f"{command['execute']} is refused"}})


def _line(answer: Any) -> bytes:
    return json.dumps(answer).encode() + b"\n"


async def test_agent_is_asked_and_answers(tmp_path: Path) -> None:
    async with agent(tmp_path, well_behaved) as socket, conversation(socket, 30) as talk:
        assert await talk.execute("guest-fsfreeze-status") == "thawed"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    st.lists(
        st.one_of(
            st.integers(0, 2**31).map(lambda number: b"\xff" + _line({"return": number})),
            st.sampled_from([_line({"return": "frozen"}), _line({"return": {}}), b'{"ret']),
        )
    ).map(b"".join)
)
async def test_what_an_earlier_client_left_is_never_taken_for_an_answer(tmp_path: Path, stale: bytes) -> None:
    async with agent(tmp_path, well_behaved, stale) as socket, conversation(socket, 30) as talk:
        assert await talk.execute("guest-fsfreeze-status") == "thawed"


async def test_refusal_of_the_agent_is_passed_on_in_its_words(tmp_path: Path) -> None:
    async with agent(tmp_path, well_behaved) as socket, conversation(socket, 30) as talk:
        with pytest.raises(AgentError, match="guest-fsfreeze-freeze is refused"):
            await talk.execute("guest-fsfreeze-freeze")


async def test_agent_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        async with agent(tmp_path, lambda _: b"") as socket, conversation(socket, 0.05):
            pytest.fail("it cannot have synchronised")


async def test_guest_that_ends_in_the_middle_is_told_from_one_that_is_slow(tmp_path: Path) -> None:
    reader = asyncio.StreamReader()
    reader.feed_eof()

    class Writer:
        def write(self, _: bytes) -> None: ...

        async def drain(self) -> None: ...

    talk = AgentConversation(reader, Writer())  # type: ignore[arg-type]
    with pytest.raises(AgentError, match="closed"):
        await talk.execute("guest-ping")


async def test_guest_that_is_gone_has_no_port(tmp_path: Path) -> None:
    with pytest.raises(AgentError, match="cannot be used"):
        async with conversation(tmp_path / "nobody", 5):
            pytest.fail("nobody is there")
