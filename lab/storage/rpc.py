"""gRPC on one side, plain functions of messages on the other.

Written by hand rather than generated: the generated service classes are untyped, and this is all they do.
"""

import errno
from collections.abc import Awaitable, Callable
from typing import NoReturn, Protocol, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from lab.storage.errors import RequestError

Request = TypeVar("Request", bound=Message)
Reply = TypeVar("Reply", bound=Message)

_CODES = {
    errno.ENOSPC: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errno.EDQUOT: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errno.EFBIG: grpc.StatusCode.OUT_OF_RANGE,
}


class Context(Protocol):
    async def abort(self, code: grpc.StatusCode, details: str) -> NoReturn: ...


def method(
    request_type: type[Request], answer: Callable[[Request], Awaitable[Message]]
) -> "grpc.RpcMethodHandler[Request, Message]":
    async def handle(request: Request, context: Context) -> Message:
        try:
            return await answer(request)
        except RequestError as error:
            await context.abort(error.code, error.message)
        except OSError as error:
            await context.abort(_CODES.get(error.errno or 0, grpc.StatusCode.INTERNAL), str(error))

    return grpc.unary_unary_rpc_method_handler(
        handle,
        request_deserializer=request_type.FromString,
        response_serializer=lambda reply: reply.SerializeToString(),
    )


async def call(
    channel: grpc.aio.Channel, path: str, request: Message, reply_type: type[Reply], *, timeout_seconds: float
) -> Reply:
    """One call to `path`, such as `/csi.v1.Identity/Probe`. Raises grpc.aio.AioRpcError."""
    invoke = channel.unary_unary(
        path,
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=reply_type.FromString,
    )
    reply: Reply = await invoke(request, timeout=timeout_seconds)
    return reply
