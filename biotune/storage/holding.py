"""Who is recording a session just now: a lock that its process lets go of even when it is killed."""

import os
import sys
import time
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


_ATTEMPTS = 10  # whoever only asks holds the lock for an instant
_PAUSE_S = 0.02


@contextmanager
def holding(file: Path) -> Iterator[bool]:
    """Hold the lock `file` for the length of the block; False where another process holds it.

    A lock left behind by a killed process is free: what counts is the operating system's lock on
    the file, not that the file exists.
    """
    descriptor = _take(file)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            with suppress(OSError):  # Windows removes no open file: it stays behind, and is free
                file.unlink()
            os.close(descriptor)


def is_held(file: Path) -> bool:
    """Tell whether somebody holds the lock `file`."""
    try:
        descriptor = os.open(file, os.O_RDWR)
    except OSError:
        return False
    try:
        _lock(descriptor)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _take(file: Path) -> int | None:
    for _ in range(_ATTEMPTS):
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor)
            # who held it may have removed the file between our opening and our locking it
            if os.path.samestat(os.fstat(descriptor), file.stat()):
                return descriptor
        except OSError:
            pass
        os.close(descriptor)
        time.sleep(_PAUSE_S)
    return None
