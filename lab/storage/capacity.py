from lab.storage.csi.csi_pb2 import CapacityRange
from lab.storage.errors import invalid, out_of_range

DEFAULT_CAPACITY_BYTES = 1024**3
"""For a request that names no size; the CSI specification leaves the choice to the driver."""


def is_in_range(capacity_bytes: int, wanted: CapacityRange) -> bool:
    return wanted.required_bytes <= capacity_bytes and (not wanted.limit_bytes or capacity_bytes <= wanted.limit_bytes)


def choose_capacity(wanted: CapacityRange, source_bytes: int = 0) -> int:
    """The size in bytes of a new volume; `source_bytes` is the size of the snapshot it starts from, 0 without one.

    Raises OUT_OF_RANGE when no size suits both the request and the source.
    """
    if min(wanted.required_bytes, wanted.limit_bytes) < 0:
        raise invalid("capacity_range is negative; ask for 0 bytes or more")
    if wanted.limit_bytes and wanted.limit_bytes < wanted.required_bytes:
        raise out_of_range(f"limit of {wanted.limit_bytes} bytes is below the required {wanted.required_bytes}")
    if source_bytes and 0 < wanted.required_bytes < source_bytes:
        raise out_of_range(f"{wanted.required_bytes} bytes cannot hold the snapshot; ask for at least {source_bytes}")
    capacity = (
        wanted.required_bytes
        or source_bytes
        or min(DEFAULT_CAPACITY_BYTES, wanted.limit_bytes or DEFAULT_CAPACITY_BYTES)
    )
    if not is_in_range(capacity, wanted):
        raise out_of_range(f"limit of {wanted.limit_bytes} bytes is below the snapshot's {source_bytes}")
    return capacity
