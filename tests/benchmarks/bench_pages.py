"""Pages as a browser sees them, against an empty Dash page and against sending whole figures.

A real server, a real browser (1366 by 900), a session of 30 minutes. "First" is a browser without a cache and a
session that nobody has analysed; "again" is the same tab a second time. Every time is the page's own: from the
navigation, or the click in the list, to the frame in which the parts named are there. What is asked is taken for the
answer that somebody opens the page for: verdict, four cards and the heart rate through the session. Beside it stands
when every button and field answers, and when plotly has drawn the figure that can be zoomed. By a click, the list is
open and its row has been analysed. The empty page is `html.H1` alone; the second empty page loads the same libraries
(Mantine, and plotly for one empty figure).

Strap to screen is from the packet's arrival to the changed number in the live page. A live update is what the browser
really sends and gets for one second, counted on the wire; the other side is the figure of the session's whole hour,
sent anew.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dash_mantine_components as dmc
import numpy as np
import waitress
from dash import Dash, dcc, html
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

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
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, decode
from dashboard.app import create_app
from dashboard.figures import live_heart_rate

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
RUNS = 6
CHANGES = 30  # of the number on the live page
ANSWER = "verdict, cards and heart rate are there"
LIVE = "every control answers"
WHOLE = "all is drawn, plotly's figure too"
COMPARE = {
    ANSWER: ("main .bt-words", "main .bt-headline:nth-child(4)", ".bt-at-once :is(.bt-plain-area, .scatterlayer) path"),
    LIVE: ("#react-entry-point main .bt-headline:nth-child(4)", "body:not(:has(#first))"),
    WHOLE: ("#tachogram .scatterlayer path", "#before-during-after-breathing_rate path", "body:not(:has(#first))"),
}
EMPTY = {"an empty Dash page": ("#nothing",)}
ALIKE = {"an empty page with the same libraries": ("#nothing .main-svg",)}
_WATCH = """(() => {
  const wanted = WANTED;
  let began = 0;
  const look = () => {
    for (const [name, parts] of Object.entries(wanted)) {
      if (window.drawn[name] !== -1 || !parts.every((part) => document.querySelector(part))) continue;
      window.drawn[name] = 0;
      requestAnimationFrame(() => { // the frame that shows it; the message comes when it has been made
        const made = new MessageChannel();
        made.port1.onmessage = () => { window.drawn[name] = performance.now() - began; };
        made.port2.postMessage(0);
      });
    }
  };
  window.watchAnew = () => {
    began = performance.now();
    window.drawn = Object.fromEntries(Object.keys(wanted).map((name) => [name, -1]));
  };
  window.drawn = Object.fromEntries(Object.keys(wanted).map((name) => [name, -1]));
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
})()"""
_NOTE_RATES = """() => {
  window.rates = [];
  const shown = () => document.querySelector("#live-rate .bt-now").textContent;
  let last = shown();
  new MutationObserver(() => {
    if (shown() !== last) window.rates.push([Date.now(), (last = shown())]);
  }).observe(document.querySelector("#live-rate"), { childList: true, subtree: true, characterData: true });
}"""
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
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        thread.join(10)


def watched(context: BrowserContext, wanted: Mapping[str, tuple[str, ...]]) -> Page:
    """Return a tab whose pages note when all of each kind of parts was drawn, by their own clock."""
    context.add_init_script(_WATCH.replace("WANTED", json.dumps(wanted)))
    return context.new_page()


def drawn_s(page: Page) -> dict[str, float]:
    """Wait until all was drawn that is watched for; return when each was."""
    page.wait_for_function("() => Object.values(window.drawn).every((at) => at > 0)")
    return {name: at_ms / 1000 for name, at_ms in page.evaluate("window.drawn").items()}


def at_address(page: Page, address: str) -> dict[str, float]:
    page.goto(address, wait_until="commit")
    return drawn_s(page)


def by_click(page: Page, session: str) -> dict[str, float]:
    """Follow a session's link in the list, as a person does; the clock begins with the click."""
    page.evaluate("window.watchAnew()")
    page.locator(f'a.bt-row-link[href="/session/{session}"]').click()
    return drawn_s(page)


def back(page: Page) -> None:
    page.go_back()
    page.locator("tbody tr").first.wait_for()


def pages(browser: Browser, library: Library, folder: Path) -> None:
    """Open the comparison of a session that is new each time, and two empty pages, in turn."""
    empty, same = Dash("empty", serve_locally=True), Dash("same", serve_locally=True)
    empty.layout = html.H1("Nothing", id="nothing")
    same.layout = dmc.MantineProvider([html.H1("Nothing"), dcc.Graph(id="nothing")])
    taken: dict[str, list[dict[str, float]]] = {"first": [], "again": []}
    with served(create_app(library).server) as ours, served(empty.server) as bare, served(same.server) as alike:
        for run in range(RUNS):
            file = write_session(folder / f"{run}.csv", run)
            session = importer.store(library.store, importer.read(file), client=f"K-{run}").session
            contexts = [browser.new_context(viewport={"width": 1366, "height": 900}) for _ in range(4)]
            tabs = [
                watched(each, asked) for each, asked in zip(contexts, (COMPARE, EMPTY, ALIKE, COMPARE), strict=True)
            ]
            listed = tabs.pop()
            tabs[0].wait_for_timeout(500)  # four windows have just been opened
            asked = (f"{ours}/session/{session}", bare, alike)
            for times in taken.values():
                ways = list(zip(tabs, asked, strict=True))
                turned = ways[run % 3 :] + ways[: run % 3]  # each is the first in its turn
                found = [at_address(tab, each) for tab, each in turned]
                times.append({name: at_s for each in found for name, at_s in each.items()})
            listed.goto(ours)
            listed.locator("tbody tr .bt-verdict").first.wait_for()
            for times in taken.values():
                times[-1] |= {f"{name}, by a click": at_s for name, at_s in by_click(listed, session).items()}
                back(listed)
            for context in contexts:
                context.close()
    for what in (ANSWER, LIVE, WHOLE):
        for when, limit in (("first", 4), ("again", 2)):
            for way in ("", ", by a click"):
                told = f"≤ {limit}" if what == ANSWER else ""
                against(taken[when], f"{what}{way}", when, "an empty Dash page", told)
    for when, times in taken.items():
        against(times, WHOLE, when, "an empty page with the same libraries", "")


def against(times: list[dict[str, float]], what: str, when: str, other: str, told: str) -> None:
    """Print a row; the first run, in which the server itself does everything for the first time, is left out."""
    pairs = [(each[what], each[other]) for each in times[1:]]
    one, two = (statistics.median(each[k] for each in pairs) for k in (0, 1))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"| Compare: {what}, {when} / {other} | {one:.2f} s | {two:.2f} s | {ratio:.2f} | {told} |")


def strap_to_screen(browser: Browser, home: Path) -> None:
    """Record a simulated strap in a process of its own, and watch the number on the live page in a browser.

    From the stamp of a packet, given as it arrives from the strap, to the page showing its heart rate. A number that
    stays the same is no change: a change belongs to the first of the packets that carry it, so nothing is flattered.
    """
    command = [sys.executable, "-m", "biotune", "record", "--simulate", "responds", "--home", str(home)]
    quiet = {**os.environ, "BIOTUNE_NO_BROWSER": "1"}
    with (
        open_library(home) as library,
        served(create_app(library).server) as ours,
        subprocess.Popen(command, env=quiet, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as recorder,
    ):
        try:
            session = next(line for line in recorder.stdout or () if line.startswith("session ")).split()[1]
            page = browser.new_page()
            page.goto(f"{ours}/live/{session}")
            page.locator("#live-rate .bt-now").wait_for()
            page.evaluate(_NOTE_RATES)
            page.wait_for_function("count => window.rates.length >= count", arg=CHANGES, timeout=180_000)
            seen = [(float(at_ms) / 1000, str(told)) for at_ms, told in page.evaluate("window.rates")]
            page.close()
        finally:
            recorder.send_signal(signal.SIGINT)
            recorder.wait(30)
        packets = [line for line in library.store.lines(session) if isinstance(line.entry, PacketReceived)]
    beats = [(line.stamp.utc_ns / 1e9, str(decode(line.entry.data).bpm)) for line in packets]
    delays = sorted(_delays_s(beats, seen))
    worst = delays[int(0.95 * len(delays))]
    told = f"{statistics.median(delays):.2f} s | 95 %: {worst:.2f} s | {len(delays)} changes | < 1 s"
    print(f"| strap to screen, recorder in its own process | {told} |")


def _delays_s(beats: list[tuple[float, str]], seen: list[tuple[float, str]]) -> Iterator[float]:
    for shown_s, told in seen:
        known = [k for k, (at_s, rate) in enumerate(beats) if at_s <= shown_s and rate == told]
        if not known:
            continue
        first = known[-1]
        while first and beats[first - 1][1] == told:
            first -= 1
        yield shown_s - beats[first][0]


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
            strap_to_screen(browser, Path(folder) / "recorded")
            live_updates(browser, library)
            pages(browser, library, Path(folder))
            browser.close()


if __name__ == "__main__":
    main()
