"""A day's heart rate on one screen: what may be left out, and what may not."""

from typing import TYPE_CHECKING

import numpy as np

from biotune.analysis.tachogram import MOST_DRAWN, Tachogram

if TYPE_CHECKING:
    from biotune.analysis.series import FloatArray


def _day(n_beats: int) -> Tachogram:
    time_s: FloatArray = np.arange(n_beats, dtype=np.float64) * 0.8
    bpm: FloatArray = 75 + 5 * np.sin(time_s / 600)
    bpm[12_345], bpm[54_321] = 148.0, 41.0
    flagged = np.zeros(n_beats, dtype=bool)
    flagged[::5000] = True
    stretch = (np.arange(n_beats) > 40_000).astype(np.int64)
    smooth: FloatArray = np.where(np.arange(n_beats) == 40_000, np.nan, bpm)
    return Tachogram(time_s, bpm, stretch, flagged, time_s, smooth)


def test_a_day_is_thinned_without_losing_an_extreme_a_flag_or_a_hole() -> None:
    whole = _day(108_000)
    thin = whole.thinned()
    assert len(thin.time_s) <= MOST_DRAWN + np.count_nonzero(whole.flagged)
    assert {148.0, 41.0} <= set(thin.bpm.tolist())
    assert np.count_nonzero(thin.flagged) == np.count_nonzero(whole.flagged)
    assert np.all(np.diff(thin.time_s) > 0)
    assert set(thin.stretch.tolist()) == {0, 1}
    assert len(thin.smooth_time_s) <= MOST_DRAWN + 1
    assert np.count_nonzero(np.isnan(thin.smooth_bpm)) == 1


def test_a_session_is_drawn_beat_by_beat() -> None:
    session = Tachogram(*(np.arange(2000.0),) * 2, np.zeros(2000, int), np.zeros(2000, bool), *(np.arange(2000.0),) * 2)
    assert session.thinned() is session
