"""The same two minutes by chest strap and by cable (Glasgow University Database): the numbers must not tell them apart.

Annotations at 250 Hz, corrected by hand to ±1 sample, so that 4 ms of grid are in both.
"""

from pathlib import Path

import numpy as np
import pytest

from biotune.analysis import phases
from biotune.analysis.results import MetricValue, PhaseAnalysis
from biotune.domain import IntervalImported, LogLine, Recording, Rhythm, Stamp

pytestmark = pytest.mark.reference
PEOPLE = range(8)


def analysed(file: Path) -> PhaseAnalysis:
    peaks = np.loadtxt(file).tolist()
    pairs = zip(np.diff(peaks).tolist(), peaks[1:], strict=True)
    lines = (
        LogLine(k, "import", Stamp("made", 0, 0), 1, IntervalImported(repr(4.0 * rr), "ms", repr(at / 250)))
        for k, (rr, at) in enumerate(pairs, start=1)
    )
    (phase,) = phases.analyse(Recording(file.stem, tuple(lines))).phases
    return phase


def differences(reference: Path, activity: str, key: str) -> list[float]:
    """Strap minus cable, of each person of whom there are both."""
    folder = reference / "rr_raw" / "gudb"
    found = []
    for person in PEOPLE:
        files = [folder / f"s{person:02}_{activity}_{lead}.tsv" for lead in ("cs", "cables")]
        if all(file.exists() for file in files):
            strap, cable = (analysed(file) for file in files)
            assert strap.quality.rhythm is cable.quality.rhythm is Rhythm.REGULAR
            values = [each.metrics[key] for each in (strap, cable)]
            assert isinstance(values[0], MetricValue)
            assert isinstance(values[1], MetricValue)
            found.append(values[0].value - values[1].value)
    return found


def test_rmssd_at_rest_is_biased_by_less_than_a_millisecond(reference: Path) -> None:
    found = differences(reference, "sitting", "rmssd")
    assert len(found) == len(PEOPLE)
    assert abs(float(np.mean(found))) < 0.5
    assert max(map(abs, found)) < 1


@pytest.mark.parametrize("activity", ["maths", "walking"])
def test_under_stress_and_walking_it_stays_within_three(reference: Path, activity: str) -> None:
    found = differences(reference, activity, "rmssd")
    assert len(found) >= 7
    assert abs(float(np.mean(found))) < 1
    assert max(map(abs, found)) < 3


def test_heart_rate_is_the_same(reference: Path) -> None:
    assert max(map(abs, differences(reference, "sitting", "mean_hr"))) < 0.5
