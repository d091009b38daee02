"""The page of a recorded ECG: what is drawn, and what must not be."""

import asyncio
import math
from collections.abc import Iterator

import numpy as np
import pytest

from biotune.analysis.pyramid import View
from biotune.domain import Stamp
from biotune.errors import SessionNotFound
from biotune.library import EcgStrip, Library, open_library
from biotune.sensor.simulator import SimulatedSource, Stretch
from biotune.sensor.source import VirtualClock
from biotune.session import protocol as protocols
from biotune.session.recorder import record
from dashboard import ids
from dashboard.figures import ecg as drawing
from dashboard.pages import compare
from dashboard.pages import ecg as page


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A session with ECG, and one without."""
    planned = protocols.load("quick-check")
    phases = [Stretch(phase.kind, phase.seconds, phase.activity) for phase in planned.phases]
    with open_library(tmp_path_factory.mktemp("home")) as opened:
        for ecg in (True, False):
            clock = VirtualClock(Stamp(f"made-{ecg}", 0, 0), speed=math.inf)
            source = SimulatedSource("resting", phases, clock=clock, ecg=ecg)
            asyncio.run(record(opened.store, source, planned, client="K", new=True))
        yield opened


def _strip(library: Library, start_s: float, span_s: float) -> EcgStrip:
    found = library.ecg.strip("S1", start_s, span_s)
    assert found is not None
    return found


def test_the_strip_shows_its_ten_seconds_and_their_peaks(library: Library) -> None:
    drawn = drawing.figure(_strip(library, 20.0, 10.0), 20.0, 10.0)
    line, peaks = drawn.data
    x, y = np.asarray(line.x), np.asarray(line.y)
    assert tuple(drawn.layout.xaxis.range) == (20.0, 30.0)
    assert np.sum((x >= 20) & (x < 30)) == pytest.approx(1296, abs=2)  # every sample at 129.6 Hz
    assert x.min() < 11  # beside it lies what it can be dragged to
    assert x.max() > 39
    assert "mV" in drawn.layout.yaxis.title.text
    assert 0.7 < np.max(y) < 1.5  # what the simulated R wave measures
    inside = [at_s for at_s in peaks.x if 20 <= at_s < 30]
    assert len(inside) in {10, 11, 12}  # at 66 bpm
    for at_s in inside:
        assert y[np.abs(x - at_s) < 0.02].max() > 0.7


def test_a_wide_strip_keeps_every_peak_in_few_points(library: Library) -> None:
    strip = _strip(library, 0.0, 60.0)
    assert not strip.view.whole
    assert len(strip.view.time_s) < 5000
    for at_s in strip.peak_s:
        assert np.nanmax(strip.view.values[np.abs(strip.view.time_s - at_s) < 0.15]) > 700  # µV


def test_no_line_crosses_missing_samples() -> None:
    view = View(np.array([1.0, 1.1, np.nan, 5.0, 5.1]), np.array([0.0, 500.0, np.nan, 0.0, 500.0]), whole=True)
    line, _ = drawing.figure(EcgStrip(1.0, 5.1, view, np.empty(0)), 0.0, 10.0).data
    assert np.isnan(line.y).tolist() == [False, False, True, False, False]
    assert line.connectgaps is False


@pytest.mark.parametrize("start_s", [-5.0, 59.0, 1e9])
def test_a_strip_beyond_the_ecg_is_empty_or_part_of_one(library: Library, start_s: float) -> None:
    assert "ecg" in str(page.view(_strip(library, start_s, 10.0), start_s, 10.0))


def test_moves_go_by_most_of_what_is_shown_and_never_before_the_start() -> None:
    def moved(pressed: str, start_s: float, *, clicked: object = None, dragged_s: float | None = None) -> object:
        return page.moved(pressed, clicked, dragged_s, start_s, 10.0)

    assert moved(ids.ECG_ON, 20.0) == 28.0
    assert moved(ids.ECG_BACK, 20.0) == 12.0
    assert moved(ids.ECG_BACK, 3.0) == 0.0
    assert moved(ids.ECG_FIRST, 20.0) == 0
    assert moved(ids.ECG_WHOLE, 20.0, clicked={"points": [{"x": 1.0}]}) == 55.0  # in the middle
    assert moved(ids.ECG_DRAGGED, 20.0, dragged_s=31.5) == 31.5


def test_the_page_tells_the_agreement(library: Library) -> None:
    told = library.ecg.assessment("S1")
    assert told is not None
    assert told.agreement is not None
    assert told.rate_hz == pytest.approx(129.6, abs=0.1)


def test_only_a_session_with_ecg_leads_to_its_page(library: Library) -> None:
    assert "/session/S1/ecg" in str(compare.view(library.overview("S1")))
    assert "/ecg" not in str(compare.view(library.overview("S2")))
    assert library.ecg.strip("S2", 0.0, 10.0) is None
    assert library.ecg.whole("S2") is None


def test_a_session_that_is_not_there_has_no_page(library: Library) -> None:
    with pytest.raises(SessionNotFound):
        page.layout(library, "S99")
