"""A recorded ECG in a real browser: reached from its session, moved through by the keyboard."""

import asyncio
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from biotune.library import Library, open_library
from biotune.sensor.simulator import SimulatedSource, Stretch
from biotune.sensor.source import Stamp, VirtualClock
from biotune.session import protocol as protocols
from biotune.session.recorder import record

if TYPE_CHECKING:
    from conftest import Visit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    planned = protocols.load("quick-check")
    phases = [Stretch(phase.kind, phase.seconds, phase.activity) for phase in planned.phases]
    clock = VirtualClock(Stamp("made", 0, 0), speed=math.inf)
    with open_library(tmp_path_factory.mktemp("home")) as opened:
        source = SimulatedSource("resting", phases, clock=clock, ecg=True)
        with ThreadPoolExecutor(1) as aside:  # Playwright has a loop running in this thread
            aside.submit(lambda: asyncio.run(record(opened.store, source, planned, client="K"))).result()
        yield opened


def test_the_ecg_is_reached_from_its_session_and_moves_with_the_keys(visit: "Visit") -> None:
    visit.go("/session/S1")
    visit.page.get_by_role("link", name="Look at the ECG").click()
    expect(visit.page.locator("#ecg .xtick text").first).to_have_text("0")
    assert visit.page.locator("main h1").inner_text() == "ECG of session S1"
    assert "intervals of the strap matched" in visit.page.locator("main").inner_text()
    where = visit.page.get_by_label("From (seconds)")
    where.focus()
    where.press("ArrowUp")
    expect(visit.page.locator("#ecg .xtick text").first).to_have_text("10")
    later = visit.page.get_by_role("button", name="Later")
    later.focus()
    visit.page.keyboard.press("ArrowRight")
    expect(visit.page.locator("#ecg .xtick text").first).to_have_text("18")
    visit.page.get_by_text("30 s", exact=True).click()
    expect(visit.page.locator("main")).to_contain_text("0:18 to 0:48 of 1:00")
    expect(visit.page.locator("#ecg-whole .shapelayer path").first).to_be_visible()
    assert visit.complaints == []
    assert {url.split("/")[2] for url in visit.asked if url.startswith("http")} == {visit.address.split("/")[2]}


@pytest.mark.usefixtures("axe")
def test_axe_finds_nothing(visit: "Visit") -> None:
    visit.go("/session/S1/ecg")
    visit.page.wait_for_selector("#ecg .main-svg")
    visit.nothing_hinders("the ECG")
