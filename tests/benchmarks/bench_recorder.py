"""The recorder's own figures, each against what it is measured by in the same run.

A durable line against a bare append and fsync; its processor time at a strap's full rates; how late its stamps are
while two analyses load the machine; its memory after a simulated day; its import against NeuroKit2's.
"""

import asyncio
import json
import os
import resource
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from biotune.domain import NS_PER_S, PacketReceived, PhaseKind, Stamp, StrapChange, StrapEvent, StrapIdentity
from biotune.sensor.source import Observation, SystemClock
from biotune.session.protocol import PlannedPhase, Protocol
from biotune.session.recorder import record
from biotune.storage.store import Store
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT

PMD_DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"
FRAME_BYTES = 229  # a notification at an MTU of 232
HEART_RATE_HZ = 1.0
ECG_HZ = 130 / ((FRAME_BYTES - 10) // 3)  # samples of 3 bytes behind a head of 10
ACCELEROMETER_HZ = 200 / ((FRAME_BYTES - 10) // 6)  # three axes of 2 bytes
RATES_S = 30.0
STAMPS, STAMP_EVERY_S = 1000, 0.02
ANALYSE = """
from biotune.analysis import phases
from biotune.library import read
import sys
recording = read(sys.argv[1])
while True:
    phases.analyse(recording)
"""
IMPORT = "import biotune.session.recorder, biotune.sensor.strap, biotune.storage.store"


def tell(name: str, ours: str, theirs: str, figure: float, limit: float) -> bool:
    print(f"{name:58s} {ours:>12s} against {theirs:>12s}   {figure:.4f} (limit {limit:g})", flush=True)
    return figure <= limit


# ---------------------------------------------------------------- a line on the disk


def commits(folder: Path, *, runs: int = 3000) -> bool:
    """One packet's line, durable when `append` returns, beside the same bytes in a plain file."""
    packet = PacketReceived(HEART_RATE_MEASUREMENT, bytes.fromhex("103c0004"))
    line = b"recorder:1|" + b"b" * 36 + b"|%19d|%19d|1|packet|103c0004|" + HEART_RATE_MEASUREMENT.encode() + b"\n"
    pairs = []
    with Store.open(f"sqlite:///{folder / 'commits.db'}") as store, (folder / "plain").open("ab", buffering=0) as plain:
        session = store.create_session(client="", protocol="", started=datetime.now(UTC))
        for number in range(runs):
            began = time.perf_counter()
            store.append(session, "recorder:1", Stamp("b" * 36, number, number), packet, recording=1)
            between = time.perf_counter()
            plain.write(line % (number, number))
            os.fsync(plain.fileno())
            pairs.append((between - began, time.perf_counter() - between))
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    return tell("durable line / append and fsync", f"{1e3 * ours:.3f} ms", f"{1e3 * theirs:.3f} ms", ratio, 1.5)


# ---------------------------------------------------------------- a recorder in its own process


class Heard:
    """A strap on the other side of a socket: each datagram is a notification, stamped when it is heard."""

    kind = "strap"
    strap = StrapIdentity("Bench")

    def __init__(self, port: int) -> None:
        self.clock = SystemClock()
        self._port = port

    async def observe(self) -> AsyncGenerator[Observation, None]:
        arrivals: asyncio.Queue[Observation] = asyncio.Queue()
        near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        near.setblocking(False)
        near.connect(("127.0.0.1", self._port))
        near.send(b"ready")

        def heard() -> None:
            data = near.recv(1024)
            uuid = HEART_RATE_MEASUREMENT if len(data) < FRAME_BYTES else PMD_DATA
            arrivals.put_nowait(Observation(self.clock.now(), PacketReceived(uuid, data)))

        asyncio.get_running_loop().add_reader(near, heard)
        yield Observation(self.clock.now(), StrapEvent(StrapChange.CONNECTED, strap=self.strap))
        while True:
            yield await arrivals.get()


def recorder(url: str, port: int) -> None:
    """Record until the socket's other side says stop, through the log; print the processor time it took."""
    protocol = Protocol("bench", "", "", (PlannedPhase("bench", PhaseKind.OTHER, None, 3600),))
    with Store.open(url) as store:
        before, began = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
        asyncio.run(record(store, Heard(port), protocol, client=""))
        after, lasted_s = resource.getrusage(resource.RUSAGE_SELF), time.monotonic() - began
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"used_s": used_s, "lasted_s": lasted_s}))


class Strap:
    """This side of the socket."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._far.bind(("127.0.0.1", 0))
        command = [sys.executable, __file__, "--recorder", url, str(self._far.getsockname()[1])]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._to = self._far.recvfrom(16)[1]

    def send(self, data: bytes) -> None:
        self._far.sendto(data, self._to)

    def stop(self) -> dict[str, float]:
        from biotune.domain import Request, RequestMade

        time.sleep(1)
        with Store.open(self._url) as store:
            store.append("S1", "dashboard:1", SystemClock().now(), RequestMade(Request.STOP))
        used: dict[str, float] = json.loads(self._process.communicate()[0])
        return used


def processor(folder: Path) -> bool:
    """Heart rate at 1 Hz, ECG at 130 Hz, accelerometer at 200 Hz, as the notifications they come in."""
    strap = Strap(f"sqlite:///{folder / 'rates.db'}")
    streams = [(1 / HEART_RATE_HZ, 4), (1 / ECG_HZ, FRAME_BYTES), (1 / ACCELEROMETER_HZ, FRAME_BYTES)]
    due = sorted((n * every_s, size) for every_s, size in streams for n in range(int(RATES_S / every_s)))
    began = time.monotonic()
    for at_s, size in due:
        time.sleep(max(0.0, began + at_s - time.monotonic()))
        strap.send(bytes.fromhex("103c0004").ljust(size, b"\0"))
    used = strap.stop()
    name = f"recorder's processor time at {len(due) / RATES_S:.1f} notifications a second"
    share = used["used_s"] / used["lasted_s"]
    return tell(name, f"{used['used_s']:.2f} s", f"{used['lasted_s']:.1f} s", share, 0.03)


@contextmanager
def two_analyses(folder: Path) -> Iterator[None]:
    hour = folder / "hour.csv"
    rows = (f"{0.8 * (n + 1):.3f},{800 + 30 * (n % 5 - 2)}\n" for n in range(4500))
    hour.write_text("time_s,rr_ms\n" + "".join(rows))
    busy = [subprocess.Popen([sys.executable, "-c", ANALYSE, str(hour)]) for _ in range(2)]
    try:
        time.sleep(5)  # what they import is read from the disk only once
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def stamps(folder: Path) -> bool:
    """How much later than it was sent a notification is stamped: the median of three runs, all of them told."""
    with two_analyses(folder):
        runs = sorted((_lateness_ms(f"sqlite:///{folder / f'stamps{run}.db'}") for run in range(3)), key=lambda p: p[1])
    p99s = ", ".join(f"{p99:.1f}" for _, p99 in runs)
    p50, p99 = runs[1]
    name = "stamps' error at p99 / 20 ms, two analyses beside it"
    return tell(name, f"{p99:.2f} ms", f"p50 {p50:.2f} ms; p99 of the runs {p99s}", p99 / 20, 1)


def _lateness_ms(url: str) -> tuple[float, float]:
    """Send at a known time, again and again; return the median and the 99th percentile of what the stamps say."""
    strap = Strap(url)
    for _ in range(STAMPS):
        strap.send(struct.pack("<q", time.monotonic_ns()))
        time.sleep(STAMP_EVERY_S)
    strap.stop()
    with Store.open(url) as store:
        packets = store.lines("S1", kinds=["packet"])
    late_ms = sorted(
        (line.stamp.monotonic_ns - struct.unpack("<q", line.entry.data)[0]) / NS_PER_S * 1e3
        for line in packets
        if isinstance(line.entry, PacketReceived)
    )
    assert len(late_ms) == STAMPS
    return late_ms[STAMPS // 2], late_ms[int(0.99 * STAMPS)]


# ---------------------------------------------------------------- memory and import


def memory() -> bool:
    """A simulated day with its drops, as ``tests/soak/day.py`` records it."""
    day = Path(__file__).parents[1] / "soak" / "day.py"
    done = subprocess.run([sys.executable, day, "--no-replay"], stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, end="")
    return done.returncode == 0


def imports(*, runs: int = 5) -> bool:
    def seconds(code: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, stderr=subprocess.DEVNULL)
        return time.perf_counter() - began

    theirs = "import neurokit2"
    seconds(IMPORT), seconds(theirs)  # both then find their files in the system's cache
    pairs = [(seconds(IMPORT), seconds(theirs)) for _ in range(runs)]
    ratio = statistics.median(a / b for a, b in pairs)
    ours_s, theirs_s = (statistics.median(side) for side in zip(*pairs, strict=True))
    return tell("import of the recorder / import neurokit2", f"{ours_s:.2f} s", f"{theirs_s:.2f} s", ratio, 0.25)


def main() -> int:
    with tempfile.TemporaryDirectory(dir=Path(__file__).parent) as name:  # a disk: elsewhere may be memory
        folder = Path(name)
        kept = [commits(folder), processor(folder), stamps(folder), imports(), memory()]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--recorder"]:
        recorder(sys.argv[2], int(sys.argv[3]))
    else:
        sys.exit(main())
