"""Sessions that are recorded in a process of their own while a browser looks on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from biotune.library import Library


def wait(until: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for a condition; fail where it does not come."""
    ends = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.05)


def serve(home: Path, port: int = 0) -> tuple["subprocess.Popen[str]", str]:
    """Start the dashboard as a person does, in a process of its own; return it with its address."""
    environment = {**os.environ, "BIOTUNE_HOME": str(home), "BIOTUNE_NO_BROWSER": "1"}
    environment.pop("BIOTUNE_DATABASE", None)
    command = [sys.executable, "-m", "biotune", "app", "--port", str(port)]
    server = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    )
    assert server.stdout
    return server, server.stdout.readline().split()[-1]


@contextmanager
def recorded(library: "Library", *more: str) -> Iterator[str]:
    """Record a session of a simulated person; ended as a person would end it."""
    recorder = subprocess.Popen(
        [sys.executable, "-m", "biotune", "record", "--new", *more],
        env={**os.environ, "BIOTUNE_DATABASE": library.store.url, "BIOTUNE_HOME": str(library.live.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert recorder.stdout
    try:
        identity = recorder.stdout.readline().split()[1]
        wait(lambda: library.store.is_recorded_now(identity))
        yield identity
    finally:
        recorder.send_signal(signal.SIGINT)
        try:
            recorder.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            recorder.kill()
            recorder.communicate()
