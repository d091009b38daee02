"""An ECG of 24 hours, opened and scrolled through.

What is asked: a view moves at most a thousandth of the whole ECG's bytes to the browser, and opening the recording
grows the process by less than 200 MB. Opening reads the log of 154,000 frames once, in a process of its own.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))
HOURS = 24
RATE_HZ, IN_FRAME = 130.0, 73
POLAR_DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"


def fill(url: str) -> None:
    """Write a day's log as a Polar H10 would send it: 73 samples a frame, 18 beats of different height."""
    from biotune.domain import PacketReceived, RecorderStarted, Stamp
    from biotune.storage.store import Store

    beat = np.exp(-(((np.arange(104) - 40) / 2.5) ** 2))
    day = np.concatenate([np.round(beat * height) for height in range(900, 1260, 20)]).astype(np.int64)
    samples = np.tile(day, -(-IN_FRAME * len(day) // len(day)) + 1)
    bodies = []
    for k in range(len(day)):
        values = samples[(k * IN_FRAME) % len(day) : (k * IN_FRAME) % len(day) + IN_FRAME]
        bodies.append(b"".join(int(value).to_bytes(3, "little", signed=True) for value in values))
    frames = int(HOURS * 3600 * RATE_HZ / IN_FRAME)
    with Store.open(url) as store:
        session = store.create_session(client="K", protocol="", started=datetime(2026, 5, 1, tzinfo=UTC))
        store.add_recording(session, label="Polar H10")
        store.append(session, "recorder:1", Stamp("boot", 0, 10**18), RecorderStarted("strap", "0"), recording=1)
        for first in range(0, frames, 10_000):
            lines = []
            for k in range(first, min(first + 10_000, frames)):
                at_ns = round((k + 1) * IN_FRAME / RATE_HZ * 1e9)
                data = b"\x00" + (10**17 + at_ns).to_bytes(8, "little") + b"\x00" + bodies[k % len(bodies)]
                lines.append((Stamp("boot", at_ns + 2 * 10**8, 10**18 + at_ns), PacketReceived(POLAR_DATA, data), 1))
            store.append_many(session, "recorder:1", lines)


def open_it(url: str) -> None:
    """Open the page's views as the dashboard does, and tell what it took."""
    from biotune.library import Library
    from biotune.storage.store import Store
    from dashboard.figures import ecg as drawing
    from dashboard.pages import ecg as page

    with Library(Store.open(url)) as library:
        library.store.head("S1")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        whole = library.ecg.whole("S1")
        opened_s = time.perf_counter() - began
        assert whole is not None
        views = []
        for span_s in (10.0, 30.0, 600.0, 3600.0):
            for start_s in (0.0, 40_000.0, 86_000.0):
                began = time.perf_counter()
                strip = library.ecg.strip("S1", start_s, span_s)
                assert strip is not None
                page.view(strip, start_s, span_s)
                took = time.perf_counter() - began
                views.append((took, len(drawing.figure(strip, start_s, span_s).to_json())))
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        everything = drawing.whole(library.ecg._pyramid("S1").view(0, 1e9, most=10**9), 0.0, 10.0)
        full = len(everything.to_json())
        print(
            json.dumps(
                {
                    "opened_s": opened_s,
                    "grown_mb": grown / 1024,
                    "view_s": statistics.median(took for took, _ in views),
                    "view_bytes": max(size for _, size in views),
                    "full_bytes": full,
                }
            )
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'biotune.db'}"
        fill(url)
        printed = subprocess.run([sys.executable, __file__, url], check=True, stdout=subprocess.PIPE, text=True).stdout
        told = json.loads(printed)
    print("| what | measured | asked |\n|---|---:|---:|")
    print(f"| a {HOURS} h ECG opens the first time | {told['opened_s']:.1f} s | |")
    print(f"| the process grows by | {told['grown_mb']:.0f} MB | 200 MB |")
    print(f"| a view, median | {1000 * told['view_s']:.0f} ms | |")
    print(
        f"| the largest view's bytes, as a share of all | 1/{told['full_bytes'] / told['view_bytes']:,.0f} | 1/1,000 |"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        open_it(sys.argv[1])
    else:
        main()
