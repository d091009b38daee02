"""The music of a replayed session, in step with the cursor, from a real file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import soundfile
from playwright.sync_api import expect

from biotune.analysis import made_sound
from biotune.domain import (
    MusicAct,
    MusicEvent,
    PacketReceived,
    PhaseKind,
    PhaseStarted,
    RecorderStarted,
    SessionFinished,
    Stamp,
)
from biotune.library import Library
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT

if TYPE_CHECKING:
    from conftest import Visit

    from biotune.domain import Entry

pytestmark = pytest.mark.browser


def _session(library: Library, piece: str) -> str:
    """Write a minute's log; the piece sounds from second 10 on, and begins at its own second 5."""
    session = library.store.create_session(client="K-7", protocol="", started=datetime.now(UTC))
    library.store.add_recording(session, label="Strap")

    def at(second: float, entry: "Entry", recording: int = 0) -> tuple[Stamp, "Entry", int]:
        return Stamp("boot", round(second * 1e9), 10**18 + round(second * 1e9)), entry, recording

    lines = [at(0, RecorderStarted("strap", "0"), 1), at(0, PhaseStarted("music", PhaseKind.INTERVENTION))]
    lines += [at(s, PacketReceived(HEART_RATE_MEASUREMENT, bytes([0x10, 75, 52, 3])), 1) for s in range(1, 61)]
    lines += [
        at(10, MusicEvent(MusicAct.PLAY, piece, "Drum", position_s=5.0)),
        at(30, MusicEvent(MusicAct.SYNC, piece, "Drum", position_s=25.0)),
        at(50, MusicEvent(MusicAct.PAUSE, piece, "Drum", position_s=45.0)),
        at(60, SessionFinished()),
    ]
    library.store.append_many(session, "recorder:1", sorted(lines, key=lambda line: line[0].monotonic_ns))
    return session


def test_the_music_follows_the_cursor(visit: "Visit", library: Library, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "Drum.flac", 0.3 * made_sound.drums(84.0, 60.0, rate_hz=22_050), 22_050)
    library.music.add_folder(str(tmp_path))
    assert library.music.wait()
    (piece,) = library.music.pieces()
    session = _session(library, piece.key)
    page = visit.page
    visit.go(f"/replay/{session}")
    expect(page.locator("#replay .main-svg").first).to_be_visible(timeout=15_000)
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(page.locator('[data-now="music"]')).to_have_text("♪ Drum")
    page.keyboard.press(" ")
    sounds = "() => { const a = document.querySelector('audio'); return a && !a.paused && a.currentTime > 15; }"
    page.wait_for_function(sounds)
    sounding_s, shown = page.evaluate(
        "[document.querySelector('audio').currentTime, "
        "Number(document.querySelector('.bt-scrub').getAttribute('aria-valuenow'))]"
    )
    assert sounding_s == pytest.approx(shown - 10 + 5, abs=1.0)
    page.keyboard.press(" ")
    page.wait_for_function("document.querySelector('audio').paused")
    page.keyboard.press("Home")
    expect(page.locator('[data-now="music"]')).to_have_text("–")
    assert visit.complaints == []
