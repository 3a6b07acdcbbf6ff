"""Directories that are made once, by whoever comes first, and appear when they are whole."""

import fcntl
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_UNFINISHED = ".unfinished-"


@contextmanager
def workplace(cache: Path, waiting: Callable[[], None]) -> Iterator[Path]:
    """A directory to work in, beside what is finished, for one process at a time; `waiting` is called when we wait.

    Whoever has waited looks again whether the work is still to be done.
    """
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        for stale in cache.glob(f"{_UNFINISHED}*"):  # under the lock nobody else works: a crashed one's
            shutil.rmtree(stale)
        with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=cache) as directory:
            yield Path(directory)
