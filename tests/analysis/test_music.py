"""Tempo and loudness of sounds whose tempo and loudness are known."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from biotune.analysis import made_sound
from biotune.analysis.loudness import LoudnessMeter
from biotune.analysis.music import Sound, listen
from biotune.analysis.series import FloatArray
from biotune.analysis.tempo import Tempo

RATE_HZ = 22_050  # half the studio's, for speed; tests/soak/tempo.py has the whole table


def heard(sound: FloatArray, rate_hz: int = RATE_HZ) -> Sound:
    def blocks() -> Iterator[FloatArray]:
        for at in range(0, len(sound), 30_011):  # no multiple of anything
            yield sound[at : at + 30_011, None]

    return listen(blocks(), rate_hz=rate_hz, channels=1)


def tempo(sound: FloatArray) -> Tempo:
    return heard(sound).tempo


# ---------------------------------------------------------------- tempo


@pytest.mark.parametrize("bpm", [50.0, 62.5, 70.0, 97.3, 128.0, 160.0])
@pytest.mark.parametrize("make", [made_sound.clicks, made_sound.drums, made_sound.pads])
def test_a_steady_piece_has_the_tempo_it_was_made_with(make: Callable[..., FloatArray], bpm: float) -> None:
    assert tempo(make(bpm, 30.0, rate_hz=RATE_HZ)).bpm == pytest.approx(bpm, rel=0.005)


@pytest.mark.parametrize("pattern", ["four", "frame", "waltz"])
def test_other_ways_of_drumming(pattern: str) -> None:
    assert tempo(made_sound.drums(84.0, 30.0, pattern=pattern, rate_hz=RATE_HZ)).bpm == pytest.approx(84.0, rel=0.005)


def test_slow_music_is_right_but_for_an_octave() -> None:
    found = tempo(made_sound.drums(40.0, 40.0, rate_hz=RATE_HZ)).bpm
    assert found is not None
    assert min(abs(found * ratio / 40 - 1) for ratio in (1.0, 0.5)) < 0.01


@pytest.mark.parametrize("seed", range(3))
def test_what_has_no_steady_beat_is_given_none(seed: int) -> None:
    assert tempo(made_sound.drone(30.0, seed=seed, rate_hz=RATE_HZ)).bpm is None
    assert tempo(made_sound.rubato(70.0, 60.0, seed=seed, rate_hz=RATE_HZ)).bpm is None


@pytest.mark.parametrize(("begin", "end"), [(60.0, 120.0), (120.0, 60.0), (50.0, 70.0)])
def test_a_piece_that_grows_faster_or_slower_has_no_steady_beat(begin: float, end: float) -> None:
    assert tempo(made_sound.ramp(begin, end, 60.0, rate_hz=RATE_HZ)).bpm is None


@pytest.mark.parametrize("sound", [np.zeros(RATE_HZ * 20), 0.3 * np.sin(np.arange(RATE_HZ * 20) * 0.06)])
def test_silence_and_a_single_tone_have_no_beat(sound: FloatArray) -> None:
    assert tempo(sound) == Tempo(None)


def test_a_piece_of_a_few_seconds_has_no_tempo() -> None:
    assert tempo(made_sound.clicks(120.0, 5.0, rate_hz=RATE_HZ)) == Tempo(None)


def test_an_unsure_hand_still_keeps_a_beat() -> None:
    at_s = made_sound.beats(70.0, 60.0)
    wobbly = at_s + 0.02 * np.random.default_rng(3).standard_normal(len(at_s))
    sound = made_sound.struck(wobbly, 60.0, made_sound._pluck(RATE_HZ), rate_hz=RATE_HZ)
    assert tempo(sound).bpm == pytest.approx(70.0, rel=0.01)


def test_half_and_double_are_shown_where_they_are_nearly_as_good() -> None:
    # equal strokes at 280 a minute are beats of 140 as well as of 70
    found = tempo(made_sound.clicks(280.0, 30.0, rate_hz=RATE_HZ))
    assert found.ambiguous
    assert {round(each.bpm) for each in found.candidates} >= {70, 140}


def test_a_quiet_copy_has_the_same_tempo() -> None:
    loud = made_sound.drums(72.0, 30.0, rate_hz=RATE_HZ)
    assert tempo(0.002 * loud).bpm == pytest.approx(tempo(loud).bpm, rel=1e-3)


def test_the_sampling_rate_does_not_matter() -> None:
    for rate_hz in (8000, 48_000):
        assert heard(made_sound.drums(62.5, 30.0, rate_hz=rate_hz), rate_hz).tempo.bpm == pytest.approx(62.5, rel=0.005)


def test_what_is_no_number_in_a_float_file_is_silence() -> None:
    sound = made_sound.clicks(80.0, 30.0, rate_hz=RATE_HZ)
    sound[1000:2000] = np.nan
    assert tempo(sound).bpm == pytest.approx(80.0, rel=0.005)


# ---------------------------------------------------------------- loudness: EBU Tech 3341 v3, table 1, ±0.1 LU


def tones(*parts: tuple[float, float], rate_hz: int = 48_000) -> FloatArray:
    """A 1 kHz sine whose peak has these levels (dBFS) for these times (s)."""
    made = [
        10 ** (level_db / 20) * np.sin(2 * np.pi * 1000 * np.arange(round(seconds * rate_hz)) / rate_hz)
        for level_db, seconds in parts
    ]
    return np.concatenate(made)


def loudness(samples: FloatArray, rate_hz: int = 48_000) -> float | None:
    meter = LoudnessMeter(rate_hz, samples.shape[1])
    for at in range(0, len(samples), 50_021):
        meter.feed(samples[at : at + 50_021])
    return meter.finish()


def in_stereo(sound: FloatArray) -> FloatArray:
    return np.column_stack([sound, sound])


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(-23.0, 20.0)], -23.0),
        ([(-33.0, 20.0)], -33.0),
        ([(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)], -23.0),
        ([(-72.0, 10.0), (-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0), (-72.0, 10.0)], -23.0),
        ([(-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)], -23.0),
    ],
    ids=["1", "2", "3", "4", "5"],
)
def test_loudness_meets_the_signals_of_ebu_tech_3341(parts: list[tuple[float, float]], expected: float) -> None:
    assert loudness(in_stereo(tones(*parts))) == pytest.approx(expected, abs=0.1)


def test_loudness_meets_the_surround_signal_of_ebu_tech_3341() -> None:
    levels_db = {"left": -28.0, "right": -28.0, "centre": -24.0, "left behind": -30.0, "right behind": -30.0}
    five = np.column_stack([tones((level, 20.0)) for level in levels_db.values()])
    assert loudness(five) == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("rate_hz", [8000, 22_050, 44_100, 96_000])
def test_loudness_is_the_same_at_every_sampling_rate(rate_hz: int) -> None:
    assert loudness(in_stereo(tones((-23.0, 5.0), rate_hz=rate_hz)), rate_hz) == pytest.approx(-23.0, abs=0.1)


def test_one_channel_is_3_lu_below_the_same_in_two() -> None:
    sound = tones((-23.0, 5.0))
    assert loudness(sound[:, None]) == pytest.approx(-23.0 - 10 * math.log10(2), abs=0.1)


def test_silence_has_no_loudness() -> None:
    assert loudness(np.zeros((48_000 * 2, 2))) is None
    assert loudness(np.zeros((100, 2))) is None
