"""Beats one by one: an interval that an extra beat cut is told apart from one that is lost."""

from pathlib import Path

import numpy as np
import pytest

import biotune
from biotune.analysis import phases, strip
from biotune.analysis.strip import Strip
from dashboard.figures import beat_strip
from dashboard.pages import beats

CUT, MISSED = 40, 120


@pytest.fixture
def shown(tmp_path: Path) -> Strip:
    """Interval 40 is cut in two by an extra beat, number 120 holds two."""
    rr_ms = np.round(850 + 40 * np.sin(np.arange(200) * 1.4))
    spoilt = [*rr_ms[:CUT], 0.4 * rr_ms[CUT], 0.6 * rr_ms[CUT], *rr_ms[CUT + 1 : MISSED - 1]]
    spoilt += [rr_ms[MISSED - 1] + rr_ms[MISSED], *rr_ms[MISSED + 1 :]]
    file = tmp_path / "rr.txt"
    file.write_text("".join(f"{each:.1f}\n" for each in spoilt))
    found = strip.of(phases.prepare(biotune.read(file)))
    assert found is not None
    return found


def test_a_part_is_told_as_a_part_and_a_lost_one_as_lost(shown: Strip) -> None:
    assert [beats.told(shown.beat(k)) for k in (CUT - 1, CUT, CUT + 1, CUT + 2, MISSED)] == [
        "used",
        "a part of one interval: the beat between is taken for an extra one, and the parts are added up",
        "a part of one interval: the beat between is taken for an extra one, and the parts are added up",
        "used",
        "left out: a beat seems to be missing before it",
    ]
    said = str(beats.shown(shown, shown.beat(CUT)))
    assert "1 of 200 beats are left out. 2 intervals are parts that add up to whole ones" in said


def test_it_is_drawn_apart_and_every_beat_once(shown: Strip) -> None:
    traces = {trace.name: trace for trace in beat_strip.figure(shown, shown.beat(CUT)).data}
    assert list(traces["added up"].customdata) == [CUT, CUT + 1]
    assert len(traces["left out"].x) == 0
    part = shown.around(shown.beat(CUT).time_s, beat_strip.SPAN_S)
    assert sum(len(traces[name].x) for name in ("used", "left out", "added up")) == part.stop - part.start
    missed = {trace.name: trace for trace in beat_strip.figure(shown, shown.beat(MISSED)).data}
    assert list(missed["left out"].customdata) == [MISSED]
