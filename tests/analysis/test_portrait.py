"""What a detailed view draws: areas that are the powers, clouds that are SD1 and SD2, holes that stay holes."""

import math

import numpy as np
import pytest

from biotune.analysis import phases, portrait
from biotune.analysis.portrait import Closeup
from biotune.analysis.results import Analysis
from biotune.domain import IntervalImported, LogLine, PhaseKind, PhaseStarted, Recording, Stamp


def _recording(rr_ms: list[float], *, hole_after: int = -1) -> Recording:
    """Write a file's intervals, with five minutes missing after one of them, where that is asked for."""
    lines, now_s = [], 0.0
    begun = PhaseStarted("baseline", PhaseKind.BASELINE, at_s=0.0)
    lines.append(LogLine(1, "import", Stamp("file", 0, 0), 0, begun))
    for k, each in enumerate(rr_ms):
        now_s += each / 1000 + (300.0 if k == hole_after else 0.0)
        entry = IntervalImported(f"{each:.4f}", "ms", f"{now_s:.6f}")
        lines.append(LogLine(k + 2, "import", Stamp("file", 0, 0), 1, entry))
    return Recording("made.csv", tuple(lines))


def _swinging(seconds: float, hz: float, *, height_ms: float = 40.0) -> list[float]:
    rr_ms, now_s = [], 0.0
    while now_s < seconds:
        rr_ms.append(800 + height_ms * math.sin(2 * math.pi * hz * now_s))
        now_s += rr_ms[-1] / 1000
    return rr_ms


def _close(recording: Recording) -> tuple[Analysis, Closeup]:
    prepared = phases.prepare(recording)
    analysis = phases.analyse(recording, prepared=prepared)
    return analysis, portrait.draw(recording, analysis, prepared)


def test_a_wave_stands_at_its_own_pace_and_its_area_is_its_power() -> None:
    analysis, closeup = _close(_recording(_swinging(400, 0.25)))
    (drawn,) = closeup.portraits
    assert drawn.frequency_hz[np.argmax(drawn.density)] == pytest.approx(0.25, abs=0.005)
    hf = (drawn.frequency_hz >= 0.15) & (drawn.frequency_hz <= 0.4)
    area = float(np.trapezoid(drawn.density[hf], drawn.frequency_hz[hf]))
    assert area == pytest.approx(40**2 / 2, rel=0.1)  # of a sine: half its height squared
    assert area == pytest.approx(analysis.phases[0].metrics["hf"].value, rel=0.01)


def test_the_cloud_is_as_wide_and_long_as_its_numbers_say() -> None:
    _, closeup = _close(_recording(_swinging(400, 0.25)))
    cloud = closeup.portraits[0].cloud
    assert cloud is not None
    across = (cloud.next_ms - cloud.first_ms) / math.sqrt(2)
    along = (cloud.next_ms + cloud.first_ms) / math.sqrt(2)
    assert cloud.sd1_ms == pytest.approx(np.std(across, ddof=1), rel=1e-6)
    assert cloud.sd2_ms == pytest.approx(np.std(along, ddof=1), rel=1e-6)
    around = (cloud.ellipse_next_ms - cloud.ellipse_first_ms) / math.sqrt(2)
    assert np.ptp(around) / 2 == pytest.approx(cloud.sd1_ms, rel=0.01)
    assert pytest.approx(cloud.ellipse_first_ms.mean(), abs=5) == 800  # about the mean interval


def test_a_very_long_phase_draws_few_points_and_says_how_many_there_are() -> None:
    _, closeup = _close(_recording(_swinging(4000, 0.25)))
    cloud = closeup.portraits[0].cloud
    assert cloud is not None
    assert len(cloud.first_ms) <= portrait.MOST_POINTS < cloud.pairs


def test_the_map_follows_a_wave_that_changes_its_pace_and_has_a_hole_where_beats_are_missing() -> None:
    first, second = _swinging(400, 0.1), _swinging(400, 0.3)
    _, closeup = _close(_recording(first + second, hole_after=len(first) - 1))
    found = closeup.time_frequency
    assert found is not None
    strongest_hz = found.frequency_hz[np.argmax(np.nan_to_num(found.density), axis=0)]
    assert strongest_hz[found.time_s < 300] == pytest.approx(0.1, abs=0.02)
    assert strongest_hz[found.time_s > 800] == pytest.approx(0.3, abs=0.02)
    assert np.isnan(found.density[:, (found.time_s > 420) & (found.time_s < 680)]).all()


def test_too_little_has_no_map_no_trace_and_no_spectrum() -> None:
    _, closeup = _close(_recording(_swinging(30, 0.25)))
    assert closeup.time_frequency is None
    assert closeup.sliding is None
    assert not len(closeup.portraits[0].density)
    assert closeup.portraits[0].cloud is None
    assert closeup.strip is not None
