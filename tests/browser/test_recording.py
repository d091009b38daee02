"""Recording from the dashboard: a sitting without a strap, from the first choice to the comparison."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect
from recorders import serve, wait

from biotune.domain import (
    MarkerSet,
    PacketReceived,
    PhaseKind,
    PhaseStarted,
    RecorderStarted,
    Request,
    StrapChange,
    StrapEvent,
    StrapIdentity,
)
from biotune.library import Library, open_library
from biotune.live import Standing
from biotune.sensor.source import SystemClock
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT

if TYPE_CHECKING:
    import subprocess

    from conftest import Visit

pytestmark = pytest.mark.browser
A_RATE = re.compile(r"\d{2,3}\s*bpm")


def _end_recorders(library: Library) -> None:
    """End what still records: as a person would, then by its process id."""
    for session, standing in library.live.standings().items():
        if standing is Standing.RECORDED:
            pid = int(library.store.lines(session)[0].writer.partition(":")[2])
            library.live.request(session, Request.STOP)
            with suppress(AssertionError):
                wait(lambda session=session: session not in library.live.standings(), 5)
            if session in library.live.standings():
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def tidy(library: Library) -> Iterator[None]:
    """No recorder is left behind, whatever fails."""
    yield
    _end_recorders(library)


def _start_without_a_strap(page: Page, client: str) -> str:
    page.get_by_role("radio", name="Try without a strap").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="Client code").fill(client)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="3 · Signal check").wait_for()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Start session").click()
    page.wait_for_url("**/live/S*")
    expect(page.locator("#live-rate")).to_have_text(A_RATE)
    return page.url.rpartition("/")[2]


@pytest.mark.usefixtures("axe", "tidy")
def test_a_sitting_without_a_strap_from_choice_to_comparison(visit: "Visit", library: Library) -> None:
    page = visit.page
    visit.go("/")
    page.get_by_role("link", name="New session").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("main")).to_contain_text("No strap is chosen")
    visit.nothing_hinders("the first step")
    session = _start_without_a_strap(page, "K-900")

    expect(page.locator("#live-phase")).to_contain_text("Settling")
    expect(page.locator(".bt-timer-text")).to_have_text(re.compile(r"2:\d\d"))
    expect(page.locator("#live-strap")).to_contain_text("Strap connected")
    page.get_by_role("button", name="Spoke").click()
    expect(page.locator("#live-markers")).to_contain_text("Spoke")
    page.get_by_role("textbox", name="Note").fill("asked for water")
    page.keyboard.press("Enter")
    expect(page.locator("#live-markers")).to_contain_text("asked for water")
    visit.nothing_hinders("a session that runs")

    page.get_by_role("button", name="End phase").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#live-phase")).to_contain_text("Baseline")
    expect(page.locator(".bt-timer-text")).to_have_text(re.compile(r"4:\d\d"))

    page.get_by_role("button", name="Stop and save").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Stop this session?")
    visit.nothing_hinders("the question")
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    assert library.live.standing(session) is Standing.RECORDED
    page.get_by_role("button", name="Stop and save").click()
    question.get_by_role("button", name="Stop and save").click()
    expect(page.locator("#live-notice")).to_contain_text("The session is over")
    expect(page.get_by_role("button", name="Spoke")).to_be_hidden()
    page.get_by_role("link", name="See the comparison").click()
    page.wait_for_url(f"**/session/{session}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("K-900")

    lines = library.store.lines(session)
    assert {line.entry.label for line in lines if isinstance(line.entry, MarkerSet)} == {"Spoke", "asked for water"}
    phases = [line.entry.name for line in lines if isinstance(line.entry, PhaseStarted)]
    assert phases == ["settling", "baseline"]
    assert visit.complaints == []
    assert {url.split("/")[2] for url in visit.asked if not url.startswith(("data:", "blob:"))} == {
        visit.address.removeprefix("http://")
    }


def test_a_lost_strap_is_seen_within_eight_seconds_and_new_points_join_the_line(
    visit: "Visit", library: Library
) -> None:
    store, clock = library.store, SystemClock()
    session = store.create_session(client="K-901", protocol="listening", started=datetime.now(UTC))
    store.add_recording(session, label="Strap 7")

    def log(*entries: object) -> None:
        for entry in entries:
            store.append(session, f"recorder:{os.getpid()}", clock.now(), entry, recording=1)

    def rate(bpm: int) -> PacketReceived:
        return PacketReceived(HEART_RATE_MEASUREMENT, bytes([0, bpm]))

    strap = StrapEvent(StrapChange.CONNECTED, strap=StrapIdentity("Strap 7"))
    with store.recording_now(session):
        log(RecorderStarted("strap", "0.1.0"), PhaseStarted("settling", PhaseKind.SETTLING), strap)
        visit.go(f"/live/{session}")
        expect(visit.page.get_by_text("Waiting for the first beats.")).to_be_visible()
        log(rate(70))
        expect(visit.page.locator("#live-rate")).to_contain_text("70")
        expect(visit.page.get_by_text("Waiting for the first beats.")).to_be_hidden()
        shown = "graph => graph._fullLayout.xaxis.range.map((end) => new Date(end + 'Z').getTime())"
        begins, ends = visit.page.locator("#live-heart-rate .js-plotly-plot").evaluate(shown)
        assert ends - begins == 60_000  # a minute, of which the first beat is the beginning
        log(rate(71))
        expect(visit.page.locator("#live-rate")).to_contain_text("71")
        log(rate(72))
        expect(visit.page.locator("#live-rate")).to_contain_text("72")
        log(StrapEvent(StrapChange.LOST, "the connection ended"))
        expect(visit.page.locator("#live-notice")).to_contain_text("Strap lost since 0:", timeout=8000)
        expect(visit.page.locator("#live-rate")).to_contain_text("–")
        expect(visit.page.locator("#live-notice")).to_contain_text("Everything recorded so far is safe")
        drawn = visit.page.locator("#live-heart-rate .js-plotly-plot").evaluate("graph => graph.data[0].y")
        assert drawn == [70, 71, 72, None]
    expect(visit.page.locator("#live-notice")).to_contain_text("Recording was interrupted")
    visit.go("/")
    row = visit.page.locator("tbody tr", has_text="K-901")
    expect(row).to_contain_text("start it again within 15 minutes")
    assert visit.complaints == []


def test_a_recording_goes_on_without_the_dashboard_and_is_found_again(browser: Browser, tmp_path: Path) -> None:
    servers: list[subprocess.Popen[str]] = []
    with open_library(tmp_path) as library:
        try:
            server, address = serve(tmp_path)
            servers.append(server)
            page = browser.new_page()
            page.goto(f"{address}new")
            session = _start_without_a_strap(page, "K-902")
            page.close()
            server.kill()
            server.wait()
            so_far = library.live.tail(session).cursor
            wait(lambda: library.live.tail(session).cursor >= so_far + 3)
            assert library.live.standing(session) is Standing.RECORDED

            server, address = serve(tmp_path)
            servers.append(server)
            page = browser.new_page()
            page.goto(address)
            expect(page.locator("tbody tr")).to_contain_text("Recording now")
            page.locator("tbody tr").get_by_role("link").click()
            page.wait_for_url(f"**/live/{session}")
            expect(page.locator("#live-rate")).to_have_text(A_RATE)
            page.close()
        finally:
            _end_recorders(library)
            for each in servers:
                each.kill()
                each.communicate()
        wait(lambda: library.live.standings() == {})
