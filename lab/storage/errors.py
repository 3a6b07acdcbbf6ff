import grpc


class RequestError(Exception):
    """A request that CSI answers with a code other than OK."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(message: str) -> RequestError:
    return RequestError(grpc.StatusCode.INVALID_ARGUMENT, message)


def not_found(message: str) -> RequestError:
    return RequestError(grpc.StatusCode.NOT_FOUND, message)


def conflicting(message: str) -> RequestError:
    return RequestError(grpc.StatusCode.ALREADY_EXISTS, message)


def out_of_range(message: str) -> RequestError:
    return RequestError(grpc.StatusCode.OUT_OF_RANGE, message)


def simulated(message: str) -> RequestError:
    return RequestError(grpc.StatusCode.INTERNAL, message)
