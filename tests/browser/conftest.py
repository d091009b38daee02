"""A real server over real recordings, and a real browser that may go nowhere else."""

import csv
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import waitress
from playwright.sync_api import Browser, expect, sync_playwright

from biotune.formats import importer
from biotune.library import Library, open_library
from dashboard.app import create_app

sys.path.insert(0, str(Path(__file__).parent))  # what the tests beside it share
from chromium import CHROMIUM, FLAGS
from hindrances import AXE, nothing_hinders

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Visit:
    """A page, with everything it asked for and complained about."""

    def __init__(self, page: "Page", address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        self.asked: set[str] = set()
        page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in {"error", "warning"} else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.asked.add(request.url))

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)
        self.page.wait_for_selector("#react-entry-point main h1")

    def nothing_hinders(self, where: str) -> None:
        """Ask axe of the page as it stands, dark on a phone and light on a desk; asks for the fixture `axe`."""
        nothing_hinders(self.page, where)


def write_session(path: Path, *, seed: int, gap: bool = False) -> Path:
    """Write twenty minutes of a heart that slows from 79 to 66 bpm, breathing at 15 a minute, as the product's CSV."""
    random = np.random.default_rng(seed)
    rows: list[tuple[str, str, str]] = []
    now_s = 0.0
    while now_s < 1200:
        phase = "baseline" if now_s < 300 else "music" if now_s < 900 else "recovery"
        level = 79.0 if phase == "baseline" else 66.0
        wave = 25 * np.sin(2 * np.pi * now_s / 4) + 10 * np.sin(2 * np.pi * now_s / 60)
        rr_ms = 60_000 / level + wave + random.normal(0, 6)
        now_s += rr_ms / 1000
        if not (gap and 500 < now_s < 540):
            rows.append((f"{now_s:.4f}", f"{rr_ms:.2f}", phase))
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("time_s", "rr_ms", "phase"), *rows])
    return path


@pytest.fixture(autouse=True)
def busy_machines_are_waited_for() -> Iterator[None]:
    """A page of ours asks once a second, and starts programs."""
    expect.set_options(timeout=15_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def bring_in(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., None]:
    """Import a session of a client into a library."""
    folder = tmp_path_factory.mktemp("files")

    def bring(library: Library, client: str, *, seed: int, gap: bool = False) -> None:
        file = write_session(folder / f"{client}-{seed}.csv", seed=seed, gap=gap)
        importer.store(library.store, importer.read(file), client=client)

    return bring


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, bring_in: Callable[..., None]) -> Iterator[Library]:
    with open_library(tmp_path_factory.mktemp("home")) as opened:
        bring_in(opened, "K-204", seed=1, gap=True)
        bring_in(opened, "K-117", seed=2)
        yield opened


@pytest.fixture(scope="module")
def address(library: Library) -> Iterator[str]:
    """The dashboard over that library, on a port of its own."""
    server: Any = waitress.create_server(create_app(library).server, host="127.0.0.1", port=0, threads=8)
    closing = threading.Event()

    def serve() -> None:
        try:
            server.run()
        except OSError:  # what it listens on is closed while a browser that was closed is still being answered
            if not closing.is_set():
                raise

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    closing.set()
    server.close()
    thread.join(10)


@pytest.fixture(scope="module")
def browser(require: Callable[[object, str], None]) -> Iterator[Browser]:
    require(CHROMIUM.exists(), "Chromium in /usr/bin/chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def axe(require: Callable[[object, str], None]) -> None:
    """What looks for hindrances is there."""
    require(AXE.exists(), "axe-core (npm install)")


@pytest.fixture
def visit(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A fresh visitor; give ``{"width": …, "scheme": …, "locale": …}`` by indirect parametrisation."""
    asked = getattr(request, "param", {})
    context = browser.new_context(
        viewport={"width": asked.get("width", 1366), "height": 900},
        color_scheme=asked.get("scheme", "light"),
        locale=asked.get("locale", "en-US"),
    )
    context.set_default_timeout(20_000)
    yield Visit(context.new_page(), address)
    context.close()
