"""The page of a recorded ECG: what is drawn, and what must not be."""

import asyncio
import math
from collections.abc import Iterator

import numpy as np
import pytest

from biotune.analysis.frames import Samples
from biotune.errors import SessionNotFound
from biotune.library import Library, open_library
from biotune.sensor.simulator import SimulatedSource, Stretch
from biotune.sensor.source import Stamp, VirtualClock
from biotune.session import protocol as protocols
from biotune.session.recorder import record
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


def test_the_strip_shows_its_ten_seconds_and_their_peaks(library: Library) -> None:
    recorded = library.ecg("S1")
    assert recorded is not None
    drawn = drawing.figure(recorded.samples, recorded.peak_s, 20.0)
    line, peaks = drawn.data
    assert 20 <= min(line.x) < max(line.x) < 30
    assert len(line.x) == pytest.approx(1296, abs=1)
    assert tuple(drawn.layout.xaxis.range) == (20.0, 30.0)
    assert "mV" in drawn.layout.yaxis.title.text
    assert 0.7 < np.max(line.y) < 1.5  # what the simulated R wave measures
    assert len(peaks.x) in {10, 11, 12}  # at 66 bpm
    for at_s in peaks.x:
        near = np.abs(np.asarray(line.x) - at_s) < 0.02
        assert np.asarray(line.y)[near].max() > 0.7


def test_no_line_crosses_missing_samples() -> None:
    time_s = np.array([1.0, 1.1, 5.0, 5.1])
    samples = Samples(
        time_s, np.array([0.0, 500.0, 0.0, 500.0]), np.array([0, 0, 1, 1]), 130.0, fitted=True, rejected=0
    )
    line, _ = drawing.figure(samples, np.empty(0), 0.0).data
    assert np.isnan(line.y).tolist() == [False, False, True, False, False]
    assert line.connectgaps is False


@pytest.mark.parametrize("start_s", [-5.0, 59.0, 1e9])
def test_a_strip_beyond_the_ecg_is_empty_or_part_of_one(library: Library, start_s: float) -> None:
    recorded = library.ecg("S1")
    assert recorded is not None
    assert "ecg" in str(page.view(recorded, start_s))


def test_the_page_tells_the_agreement(library: Library) -> None:
    recorded = library.ecg("S1")
    assert recorded is not None
    told = str(page.view(recorded, 0.0))
    assert "intervals of the strap matched" in told
    assert "129.6 Hz" in told


def test_only_a_session_with_ecg_leads_to_its_page(library: Library) -> None:
    assert "/session/S1/ecg" in str(compare.view(library.overview("S1")))
    assert "/ecg" not in str(compare.view(library.overview("S2")))
    assert library.ecg("S2") is None


def test_a_session_that_is_not_there_has_no_page(library: Library) -> None:
    with pytest.raises(SessionNotFound):
        page.layout(library, "S99")
