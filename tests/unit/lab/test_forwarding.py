import asyncio
import socket

from lab.forwarding import forward


async def test_the_answer_passes_after_the_client_has_finished_sending() -> None:
    async def answer_at_the_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        question = await reader.read()  # until the client's end
        writer.write(question[::-1])
        writer.close()

    async with await asyncio.start_server(answer_at_the_end, "127.0.0.1", 0) as target:
        port = target.sockets[0].getsockname()[1]
        listener = socket.create_server(("127.0.0.1", 0))
        async with await forward(listener, "127.0.0.1", port):
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            writer.write(b"abc")
            writer.write_eof()
            assert await asyncio.wait_for(reader.read(), 30) == b"cba"
            writer.close()
            await writer.wait_closed()


async def test_a_connection_is_closed_when_nobody_listens_inside() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    listener = socket.create_server(("127.0.0.1", 0))
    async with await forward(listener, "127.0.0.1", port):
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        assert await asyncio.wait_for(reader.read(), 30) == b""
        writer.close()
        await writer.wait_closed()
