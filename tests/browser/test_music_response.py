"""Response by piece on the page Music: a client is kept in the address, and each piece leads to its sessions."""

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from playwright.sync_api import expect

from biotune.domain import (
    Activity,
    MusicAct,
    MusicEvent,
    PacketReceived,
    PhaseKind,
    PhaseStarted,
    SessionFinished,
    Stamp,
)
from biotune.library import Library
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, HeartRate, encode

if TYPE_CHECKING:
    from conftest import Visit

    from biotune.domain import Entry

pytestmark = pytest.mark.browser


def _session(library: Library, day: int) -> str:
    """Write five minutes at 75 bpm, and five at 62 while “River” sounds."""
    started = datetime(2026, 3, 2, 14, tzinfo=UTC) + timedelta(days=day)
    identity = library.store.create_session(client="D/04 ü", protocol="listening", started=started)
    library.store.add_recording(identity, label="strap")
    random, now_s, lines = np.random.default_rng(day), 0.0, []

    def at(second: float, entry: "Entry", recording: int = 0) -> None:
        lines.append((Stamp(f"b{day}", round(second * 1e9), 10**18 + round(second * 1e9)), entry, recording))

    at(0.0, PhaseStarted("baseline", PhaseKind.BASELINE, Activity.REST))
    at(300.0, PhaseStarted("music", PhaseKind.INTERVENTION, Activity.LISTENING))
    at(310.0, MusicEvent(MusicAct.PLAY, "sha-River", "River"))
    at(590.0, MusicEvent(MusicAct.ENDED, "sha-River", "River", 280.0))
    while now_s < 600:
        rr_s = 60 / (75 if now_s < 310 else 62) + 0.03 * np.sin(2 * np.pi * now_s / 4) + random.normal(0, 0.006)
        now_s += rr_s
        beat = HeartRate(bpm=70, rr_ticks=(round(rr_s * 1024),), contact=None, energy_kj=None)
        at(now_s, PacketReceived(HEART_RATE_MEASUREMENT, encode(beat)), 1)
    at(now_s, SessionFinished())
    library.store.append_many(identity, "recorder", sorted(lines, key=lambda line: line[0].monotonic_ns))
    return identity


@pytest.mark.usefixtures("axe")
def test_a_clients_pieces_are_ranked_and_lead_to_their_sessions(visit: "Visit", library: Library) -> None:
    page, part = visit.page, visit.page.locator("#response-by-piece")
    sessions = [_session(library, day) for day in range(3)]
    visit.go("/music")
    expect(part).to_contain_text("Choose a client above.")

    choice = part.get_by_role("textbox", name="Client")
    choice.click()
    choice.fill("K-204")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(part).to_contain_text("No piece has been measured with this client yet")
    expect(part.get_by_role("link", name="New session")).to_have_attribute("href", "/new/K-204")
    visit.nothing_hinders("nothing yet")

    choice.fill("D/04")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    row = part.locator("tr", has_text="River")
    expect(row).to_contain_text("bpm")
    assert "client=D%2F04%20%C3%BC" in page.url
    visit.nothing_hinders("ranked")
    assert part.locator("h3").all_inner_texts() == ["Pieces"]  # approaches are the client's page's
    cells = row.locator("td").all_inner_texts()[1:]
    assert len(cells) == 3  # heart rate, its variation, breathing

    page.reload()
    expect(row).to_contain_text("bpm")
    assert row.locator("td").all_inner_texts()[1:] == cells
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    for each in sessions:
        expect(row.get_by_role("link", name=each, exact=True)).to_be_visible()
    row.get_by_role("link", name=sessions[0], exact=True).click()
    expect(page).to_have_url(re.compile(f"/session/{sessions[0]}$"))

    visit.go("/client/D%2F04%20%C3%BC")
    same = page.locator("#over-sessions tr", has_text="River")
    expect(same).to_contain_text("bpm")
    assert same.locator("td").all_inner_texts()[1:] == cells

    visit.go("/music?client=nobody")
    expect(part).to_contain_text("there is no session of 'nobody'", ignore_case=True)
    assert visit.complaints == []
