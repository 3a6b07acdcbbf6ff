"""A simulated guest: it keeps writing to its disks, and stops while its file systems are frozen."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

RECORD_BYTES: Final = 4096
"""At offset 0 of each disk. What lies behind it is left to whoever wants to recognise a disk by its bytes."""

INTERVAL_SECONDS: Final = 0.1


class CounterRecord(msgspec.Struct, frozen=True):
    """Copies of all disks that were taken under one freeze hold the same counter."""

    counter: int
    machine: str
    time: datetime


class Guest(msgspec.Struct, frozen=True):
    machine: str
    images: tuple[Path, ...]


def read_record(image: Path) -> CounterRecord | None:
    """What the guest wrote last; None when no guest ever wrote to this disk."""
    with image.open("rb") as file:
        text = file.read(RECORD_BYTES).rstrip(b"\0")
    try:
        return msgspec.json.decode(text, type=CounterRecord)
    except msgspec.DecodeError:
        return None  # blank, or bytes that are not a guest's


def write_counter(guest: Guest, now: datetime) -> None:
    """One tick: the next counter on every disk, first disk first.

    Never awaits, so a freeze, which comes through the same event loop, cannot fall between two disks.
    """
    if not guest.images:
        return
    last = read_record(guest.images[0])
    record = CounterRecord(last.counter + 1 if last else 1, guest.machine, now)
    block = (msgspec.json.encode(record) + b"\n").ljust(RECORD_BYTES, b"\0")
    for image in guest.images:
        _overwrite(image, block)


def _overwrite(image: Path, block: bytes) -> None:
    descriptor = os.open(image, os.O_WRONLY)
    try:
        os.pwrite(descriptor, block, 0)
    finally:
        os.close(descriptor)


async def run_guests(writing: Callable[[], Sequence[Guest]], clock: Callable[[], datetime]) -> None:
    """`writing` gives the guests that run and are not frozen at this moment."""
    while True:
        for guest in writing():
            try:
                write_counter(guest, clock())
            except FileNotFoundError:
                continue  # the volume was deleted a moment ago, and the watch will say so
        await asyncio.sleep(INTERVAL_SECONDS)
