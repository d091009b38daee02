"""Pages as a browser sees them, against an empty Dash page and against sending whole figures.

A real server, a real browser, a session of 30 minutes. "First" is a browser without a cache and a session that nobody
has analysed; "again" is the same tab a second time. The empty page is `html.H1` alone; the second empty page loads the
same libraries (Mantine, and plotly for one empty figure). A live update is what the browser really sends and gets for
one second, counted on the wire; the other side is the figure of the session's whole hour, sent anew.
"""

import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dash_mantine_components as dmc
import numpy as np
import waitress
from dash import Dash, dcc, html
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2]))
from biotune.domain import (
    PacketReceived,
    PhaseKind,
    PhaseStarted,
    RecorderStarted,
    StrapChange,
    StrapEvent,
    StrapIdentity,
)
from biotune.formats import importer
from biotune.library import Library, open_library
from biotune.live import Point
from biotune.sensor.source import SystemClock
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT
from dashboard.app import create_app
from dashboard.figures import live_heart_rate

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
RUNS = 5
VIEWERS = 20


def write_session(path: Path, seed: int) -> Path:
    """Write thirty minutes of a heart that slows by ten, as the product's CSV."""
    random = np.random.default_rng(seed)
    rows, now_s = ["time_s,rr_ms,phase"], 0.0
    while now_s < 1800:
        phase = "baseline" if now_s < 300 else "music" if now_s < 1500 else "recovery"
        rr_ms = 60_000 / (78.0 if phase == "baseline" else 68.0) + 25 * np.sin(1.57 * now_s) + random.normal(0, 6)
        now_s += rr_ms / 1000
        rows.append(f"{now_s:.4f},{rr_ms:.2f},{phase}")
    path.write_text("\n".join(rows))
    return path


@contextmanager
def served(application: Any) -> Iterator[str]:
    server: Any = waitress.create_server(application, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(10)


def opening_s(page: Page, address: str, until: str) -> float:
    began = time.perf_counter()
    page.goto(address)
    page.locator(until).first.wait_for()
    return time.perf_counter() - began


def pages(browser: Browser, library: Library, folder: Path) -> None:
    """Open the comparison of a session that is new each time, and two empty pages, in turn."""
    empty, same = Dash("empty", serve_locally=True), Dash("same", serve_locally=True)
    empty.layout = html.H1("Nothing", id="nothing")
    same.layout = dmc.MantineProvider([html.H1("Nothing"), dcc.Graph(id="nothing")])
    drawn = "#before-during-after-breathing_rate .main-svg"
    taken: dict[str, list[tuple[float, ...]]] = {"the first time": [], "again": []}
    with served(create_app(library).server) as ours, served(empty.server) as bare, served(same.server) as alike:
        for run in range(RUNS):
            file = write_session(folder / f"{run}.csv", run)
            session = importer.store(library.store, importer.read(file), client=f"K-{run}").session
            contexts = [browser.new_context() for _ in range(3)]
            tabs = [context.new_page() for context in contexts]
            asked = ((f"{ours}/session/{session}", drawn), (bare, "#nothing"), (alike, "#nothing .main-svg"))
            for times in taken.values():
                times.append(tuple(opening_s(tab, *each) for tab, each in zip(tabs, asked, strict=True)))
            for context in contexts:
                context.close()
    for (what, times), limit in zip(taken.items(), (4, 2), strict=True):
        for other, name in ((1, "empty Dash page"), (2, "empty page with the same libraries")):
            ratio = statistics.median(each[0] / each[other] for each in times[1:])
            one, two = (statistics.median(each[k] for each in times[1:]) for k in (0, other))
            told = f"≤ {limit}" if other == 1 else ""
            print(f"| Compare opens, {what} / {name} | {one:.2f} s | {two:.2f} s | {ratio:.2f} | {told} |")


def live_updates(browser: Browser, library: Library) -> None:
    """Count what one second costs on the wire; and the drawing's CPU time for twenty viewers."""
    points = tuple(Point(float(second), 60 + second % 31) for second in range(3600))
    whole = len(live_heart_rate.figure(points).to_json())
    store, clock = library.store, SystemClock()
    session = store.create_session(client="L", protocol="listening", started=datetime.now(UTC))
    store.add_recording(session, label="Strap")
    moved: list[int] = []

    def heard(response: Any) -> None:
        asked = response.request.post_data or ""
        if "live-cursor" in asked[:400]:
            moved.append(len(asked) + len(response.body()))

    with store.recording_now(session), served(create_app(library).server) as ours:
        strap = StrapEvent(StrapChange.CONNECTED, strap=StrapIdentity("Strap"))
        for entry in (RecorderStarted("strap", "0"), PhaseStarted("settling", PhaseKind.SETTLING), strap):
            store.append(session, f"recorder:{os.getpid()}", clock.now(), entry, recording=1)
        page = browser.new_page()
        page.goto(f"{ours}/live/{session}")
        page.locator("#live-heart-rate .main-svg").first.wait_for()
        page.on("response", heard)
        for second in range(12):
            packet = PacketReceived(HEART_RATE_MEASUREMENT, bytes([0, 60 + second]))
            store.append(session, f"recorder:{os.getpid()}", clock.now(), packet, recording=1)
            page.wait_for_timeout(1000)
        page.close()
    added = statistics.median(moved)
    told = f"| a live update's bytes, request included | {added:.0f} | {whole} | 1/{whole / added:.0f} | ≤ 1/200 |"
    print(told)

    def cpu_s(work: Any) -> float:
        began = time.process_time()
        for _ in range(VIEWERS):
            work()
        return time.process_time() - began

    ours_s = cpu_s(lambda: json.dumps(live_heart_rate.extension(points[-1:]), default=str))
    theirs_s = cpu_s(lambda: live_heart_rate.figure(points[-180:]).to_json())
    told = f"{ours_s:.4f} s | {theirs_s:.3f} s | {ours_s / theirs_s:.4f} | ≤ 0.25 |"
    print(f"| drawing CPU of an update, {VIEWERS} viewers | {told}")


def main() -> None:
    print("| what | biotune | the other | ratio | asked |\n|---|---:|---:|---:|---:|")
    if not CHROMIUM.exists():
        print("Chromium is missing: pages are not measured.")
        return
    with tempfile.TemporaryDirectory() as folder, open_library(Path(folder) / "home") as library:
        importer.store(library.store, importer.read(write_session(Path(folder) / "warm.csv", 99)), client="K")
        library.overview("S1")  # the program's own first import of its engines is bench_start's
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            live_updates(browser, library)
            pages(browser, library, Path(folder))
            browser.close()


if __name__ == "__main__":
    main()
