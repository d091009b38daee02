"""Who is recording a session just now: a lock that its process lets go of even when it is killed."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def holding(file: Path) -> Iterator[bool]:
    """Hold the lock `file` for the length of the block; False where another process holds it.

    A lock left behind by a killed process is free: what counts is the operating system's lock on
    the file, not that the file exists.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        held = _take(descriptor, file)
        yield held
    finally:
        os.close(descriptor)
    if held:
        with suppress(OSError):  # Windows refuses while somebody else looks at it
            file.unlink()


def is_held(file: Path) -> bool:
    """Tell whether another process holds the lock `file`."""
    if not file.exists():
        return False
    with holding(file) as held:
        return not held


def _take(descriptor: int, file: Path) -> bool:
    try:
        _lock(descriptor)
        # whoever held it may have removed the file between our opening and our locking it
        return os.path.samestat(os.fstat(descriptor), file.stat())
    except OSError:
        return False
