"""A folder of thousands of audio files, measured to its end with the page open: time, memory, and how soon it answers.

Real short files of four formats, copies of the same content, text files called .mp3 and files that were cut off, in a
dashboard of its own; a browser searches and turns pages meanwhile, presses Stop, and goes on. Run by hand or by ``make
soak``; needs Chromium::

    python tests/soak/music_folder.py --files 5000
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
from playwright.sync_api import Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
]
RATE_HZ = 22_050
SECONDS = 3.0
FORMATS = ("wav", "ogg", "flac", "mp3")
STOPPED_AT = 0.3  # of the files
ANSWERS_WITHIN_S = 2.0  # the median, also while it measures
STOPS_WITHIN_S = 10.0  # a machine may be busy


@dataclass
class Made:
    """What was written: files in all, those that are no sound or cut off, and copies of another."""

    files: int = 0
    broken: int = 0
    copies: int = 0


def write(folder: Path, count: int) -> Made:
    """Write short files, fifty to an album; in each hundred a text, one that is cut off, and a copy."""
    random = np.random.default_rng(7)
    at_s = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ
    made, last = Made(), folder
    for number in range(count):
        album = folder / f"Album {number // 50}"
        album.mkdir(parents=True, exist_ok=True)
        made.files += 1
        if number % 100 == 40:
            (album / f"{number:05d} list.mp3").write_text(f"milk, {number}")
            made.broken += 1
        elif number % 100 == 60:
            (album / f"{number:05d} cut.flac").write_bytes(_flac(at_s, random)[: len(at_s) // 3])
            made.broken += 1
        elif number % 100 == 80:
            (album / f"{number:05d} again{last.suffix}").write_bytes(last.read_bytes())
            made.copies += 1
        else:
            last = album / f"{number:05d} piece.{FORMATS[number % len(FORMATS)]}"
            soundfile.write(last, _sound(at_s, random), RATE_HZ)
    return made


def _sound(at_s: np.ndarray, random: np.random.Generator) -> np.ndarray:
    beats = np.exp(-8 * ((at_s * random.uniform(1, 2.5)) % 1))
    return 0.3 * beats * np.sin(2 * np.pi * random.uniform(150, 900) * at_s) + 0.005 * random.standard_normal(len(at_s))


def _flac(at_s: np.ndarray, random: np.random.Generator) -> bytes:
    with tempfile.NamedTemporaryFile(suffix=".flac") as file:
        soundfile.write(file.name, _sound(at_s, random), RATE_HZ)
        return Path(file.name).read_bytes()


@contextmanager
def dashboard(home: Path) -> Iterator[tuple[str, int]]:
    """The dashboard in a process of its own: its address and that process."""
    running = subprocess.Popen(
        [sys.executable, "-m", "biotune", "app", "--no-browser", "--port", "0"],
        env={**os.environ, "BIOTUNE_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert running.stdout
    address = next(found[0] for line in running.stdout if (found := re.search(r"http://[\d.:]+", line)))
    try:
        yield address, running.pid
    finally:
        running.terminate()
        running.wait(20)
        running.stdout.close()


def megabytes(process: int, what: str) -> float:
    """Return a process's memory, as the kernel tells it; 0 where it does not."""
    status = Path(f"/proc/{process}/status")
    found = re.search(rf"{what}:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else 0.0


@dataclass
class Answers:
    """How long the page took to answer, in seconds, by what was asked of it."""

    of: dict[str, list[float]] = field(default_factory=dict)

    def time(self, what: str, act: Callable[[], object], until: Callable[[], object]) -> None:
        began = time.perf_counter()
        act()
        until()
        self.of.setdefault(what, []).append(time.perf_counter() - began)

    def rows(self, when: str) -> list[str]:
        return [
            f"| {what}, {when} | median {statistics.median(each):.2f} s, slowest {max(each):.2f} s of {len(each)} |"
            for what, each in self.of.items()
        ]

    @property
    def usual_s(self) -> float:
        return max(statistics.median(each) for each in self.of.values())


def use(page: Page, answers: Answers, number: int) -> None:
    """Search for a piece, go back to all, turn a page."""
    search, pager = page.get_by_role("textbox", name="Search"), page.locator("#music-pager")
    wanted = f"{100 * number + 1:05d}"
    one = re.compile(r"^1 piece$")  # not the row: it may be in view before anything is sought
    answers.time("search", lambda: search.fill(wanted), lambda: pager.filter(has_text=one).wait_for())
    many = re.compile(r"\d+ pieces, page 1 of")
    answers.time("search taken back", lambda: search.fill(""), lambda: pager.filter(has_text=many).wait_for())
    answers.time(
        "next page",
        lambda: page.get_by_role("button", name="Next page").click(),
        lambda: pager.filter(has_text="page 2 of").wait_for(),
    )
    page.get_by_role("button", name="Previous page").click()
    pager.filter(has_text=many).wait_for()


def progress(page: Page) -> tuple[str, int]:
    """Return the step that runs and its number of files done, as the page tells them."""
    told = page.locator("#music-scan").inner_text()
    found = re.search(r"(Looking|Reading|Measuring)[^:]*(?:: (\d+) of)?", told)
    return (found[1], int(found[2] or 0)) if found else ("", 0)


class Visit:
    """A therapist at the page Music, who uses it while it measures."""

    def __init__(self, page: Page, albums: int) -> None:
        self.page = page
        self.answers = Answers()
        self._albums = albums
        self._looks = 0

    def use(self) -> None:
        use(self.page, self.answers, self._looks % self._albums)
        self._looks += 1

    def until(self, step: str) -> None:
        while progress(self.page)[0] != step:
            self.page.wait_for_timeout(100)

    def press(self, words: str) -> None:
        self.page.get_by_role("button", name=words, exact=True).click()

    def told(self, pattern: str) -> int:
        """Return a number that the page tells of the look into the folders."""
        found = re.search(pattern, self.page.locator("#music-scan").inner_text())
        return int(found[1]) if found else 0


def run(count: int, folder: Path) -> tuple[list[str], bool]:
    made = write(folder / "Music", count)
    rows = [f"| written | {made.files} files, {made.broken} broken, {made.copies} copies |"]
    with dashboard(folder / "home") as (address, process), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        visit = Visit(browser.new_page(), max(1, count // 100))
        visit.page.set_default_timeout(30_000)
        visit.page.goto(f"{address}/music")
        visit.page.get_by_role("textbox", name="Full path of a folder").fill(str(folder / "Music"))
        before_mb = megabytes(process, "VmRSS")
        first_s, stopped_s = first_look(visit, rows, round(STOPPED_AT * count))
        second_s, left = second_look(visit, rows)
        meanwhile, visit.answers = visit.answers, Answers()
        needing = visit.told(r"(\d+) files? needs? a look")
        for _ in range(10):
            visit.use()
        pieces = int(re.findall(r"(\d+) pieces", visit.page.locator("#music-pager").inner_text())[0])
        began = time.perf_counter()
        visit.press("Look again")
        visit.page.locator("#music-scan", has_text="none of them new").wait_for()
        again_s = time.perf_counter() - began
        peak_mb = megabytes(process, "VmHWM")
        browser.close()
    rows += [
        f"| measured to the end | {first_s + second_s:.0f} s, {1000 * (first_s + second_s) / count:.0f} ms a file |",
        f"| pieces, and files that need a look | {pieces}, {needing} |",
        f"| looked through again, nothing new | {again_s:.1f} s |",
        f"| memory of the dashboard | {before_mb:.0f} MB before, {peak_mb:.0f} MB at most |",
        *meanwhile.rows("while it measures"),
        *visit.answers.rows("afterwards"),
    ]
    right = (
        (pieces, needing) == (made.files - made.copies, made.broken)
        and left <= (1 - STOPPED_AT) * count
        and stopped_s < STOPS_WITHIN_S
        and all(each.usual_s < ANSWERS_WITHIN_S for each in (meanwhile, visit.answers))
    )
    return ["| what | |", "|---|---|", *rows], right


def first_look(visit: Visit, rows: list[str], stop_at: int) -> tuple[float, float]:
    """Add the folder, use the page, and press Stop; return how long it measured and how long the stop took."""
    began = time.perf_counter()
    visit.press("Add folder")
    visit.until("Measuring")
    rows.append(f"| looked through and read | {time.perf_counter() - began:.1f} s |")
    visit.page.locator("#music-pager").filter(has_text="page 1 of").wait_for()
    while progress(visit.page)[1] < stop_at:
        visit.use()
    pressed = time.perf_counter()
    visit.press("Stop")
    visit.page.locator("#music-scan", has_text="Stopped.").wait_for()
    now = time.perf_counter()
    rows.append(f"| stopped | {now - pressed:.1f} s after the press |")
    return now - began, now - pressed


def second_look(visit: Visit, rows: list[str]) -> tuple[float, int]:
    """Go on to the end, and use the page; return how long it took and how many were left to measure."""
    began = time.perf_counter()
    visit.press("Look again")
    visit.until("Measuring")
    left = visit.told(r"of (\d+)")
    rows.append(f"| gone on | {left} were left to measure |")
    while progress(visit.page)[0]:
        visit.use()
    return time.perf_counter() - began, left


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=5000)
    asked = parser.parse_args()
    if not CHROMIUM.exists():
        print("Chromium is missing: nothing was measured.")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        lines, right = run(asked.files, Path(folder))
    print("\n".join(lines))
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
