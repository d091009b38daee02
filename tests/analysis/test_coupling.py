"""Heart and breath beside the music: exploratory, and careful not to find what is not there."""

import numpy as np
import pytest

from biotune.analysis import coupling
from biotune.analysis.coupling import AtStarts
from biotune.analysis.played import Play
from biotune.analysis.series import FloatArray, NNSeries

STARTS = (100.0, 250.0, 400.0, 550.0, 700.0)


def beating(rr_ms: FloatArray) -> NNSeries:
    count = len(rr_ms)
    return NNSeries(np.cumsum(rr_ms) / 1000, rr_ms, np.zeros(count, dtype=np.int64), np.arange(count))


def steady(bpm: float, seconds: float = 900.0) -> NNSeries:
    return beating(np.full(round(seconds * bpm / 60), 60_000 / bpm))


def wandering(seed: int, seconds: float = 900.0) -> NNSeries:
    """A heart of its own: breath, slow waves and drift, with no music anywhere."""
    random = np.random.default_rng(seed)
    at_s = np.arange(0, seconds, 0.85)
    waves = sum(
        size * np.sin(2 * np.pi * hz * at_s + random.uniform(0, 6.3))
        for hz, size in [(random.uniform(0.15, 0.3), 30), *((random.uniform(0.003, 0.12), 9) for _ in range(6))]
    )
    drift = np.cumsum(random.normal(0, 0.6, len(at_s)))
    return beating(850 + waves + drift + random.normal(0, 4, len(at_s)))


def test_ratios_are_those_of_the_rates() -> None:
    played = [Play("a", "River", 100.0, 300.0)]
    found = coupling.of(steady(75.0), played, {"a": 60.0})
    (ratio,) = found.ratios
    assert ratio.heart_bpm == pytest.approx(75.0)
    assert ratio.heart_to_tempo == pytest.approx(1.25)


def test_a_piece_without_a_tempo_or_of_half_a_minute_has_no_ratio() -> None:
    played = [Play("a", "Short", 100.0, 130.0), Play("b", "Drone", 200.0, 400.0)]
    assert coupling.of(steady(75.0), played, {"a": 60.0}).ratios == ()


def test_a_heart_that_quickens_at_every_start_is_seen_and_by_how_much() -> None:
    rr_ms, now_s = [], 0.0
    random = np.random.default_rng(1)
    while now_s < 900:
        sounds = any(start <= now_s < start + 60 for start in STARTS)
        rr_ms.append(60_000 / (75.0 if sounds else 70.0) + random.normal(0, 5))
        now_s += rr_ms[-1] / 1000
    found = coupling.at_starts(beating(np.asarray(rr_ms)), STARTS)
    assert found.starts == 5
    assert found.change_bpm == pytest.approx(5.0, abs=0.5)
    assert found.low_bpm is not None
    assert found.low_bpm > 0


def test_hearts_that_never_heard_the_music_are_taken_for_moved_no_more_than_one_in_twenty_times() -> None:
    found = [coupling.at_starts(wandering(seed), STARTS) for seed in range(300)]
    wrong = sum(not each.low_bpm <= 0 <= each.high_bpm for each in found)  # type: ignore[operator]
    assert wrong <= 300 * 0.05 + 3 * np.sqrt(300 * 0.05 * 0.95)


def test_two_starts_are_too_few() -> None:
    assert coupling.at_starts(steady(75.0), STARTS[:2]) == AtStarts(2)


def test_a_start_without_beats_around_it_does_not_count() -> None:
    nn = steady(75.0)
    hole = nn.time_s < 240.0
    cut = NNSeries(nn.time_s[hole], nn.nn_ms[hole], nn.stretch[hole], nn.ordinal[hole])
    assert coupling.at_starts(cut, STARTS).starts == 1


def test_only_music_that_begins_in_silence_is_a_start() -> None:
    played = [Play("a", "A", 100.0, 200.0), Play("b", "B", 201.0, 300.0), Play("a", "A", 400.0, 500.0)]
    assert coupling.quiet_starts(played) == (100.0, 400.0)


def test_the_words_say_first_what_it_is() -> None:
    told = coupling.words(coupling.of(steady(75.0), [Play("a", "River", 100.0, 300.0)], {"a": 60.0}))
    assert told[0].startswith("Exploratory")
    assert "1.25 heartbeats to a beat of music" in told[1]
    assert "3 are needed" in told[2]
