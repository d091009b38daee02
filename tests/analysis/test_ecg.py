"""ECG and accelerometer: from frames to R peaks, agreement, movement and breathing, held to what was put in."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
from ecg_records import CLOCK_S, STARTED, Timed, arriving, ecg_frames, found_of, packet, recording
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from biotune.analysis import ecg, frames, motion, neurokit, timeline
from biotune.analysis.frames import Samples
from biotune.analysis.series import BeatSeries
from biotune.domain import (
    NS_PER_S,
    PacketReceived,
    StrapChange,
    StrapEvent,
)
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, HeartRate, encode
from biotune.wire.polar import POLAR_DATA, AccelerometerFrame, EcgFrame, Stream


def ramp(n_frames: int, samples: int = 73) -> np.ndarray:
    """Samples that carry their number."""
    return np.arange(n_frames * samples) % 8_000_000


def assemble(timed: list[Timed]) -> Samples:
    found = frames.assemble(recording([STARTED, *timed]), Stream.ECG)
    assert found is not None
    return found


# ---------------------------------------------------------------- frames


@pytest.mark.parametrize("rate_hz", [128.2, 129.6, 130.0, 130.9])
@pytest.mark.parametrize("samples", [19, 73])
def test_the_true_rate_is_fitted_and_no_sample_is_changed(rate_hz: float, samples: int) -> None:
    n_frames = 60 * 130 // samples
    sent = ramp(n_frames, samples)
    rng = np.random.default_rng(1)
    made = [
        (last_s, dataclasses.replace(frame, stamp_ns=frame.stamp_ns + int(rng.normal(0, 2e6))))  # 2 ms
        for last_s, frame in ecg_frames(sent, rate_hz=rate_hz, samples=samples)
    ]
    found = assemble(arriving(made))
    assert found.rate_hz == pytest.approx(rate_hz, abs=0.02)
    assert found.fitted
    assert found.values.tolist() == sent.tolist()
    assert (found.stretch == 0).all()
    true_s = 1.0 + np.arange(len(sent)) / rate_hz
    assert np.max(np.abs(found.time_s - true_s - 0.1)) < 0.02  # the quickest frame's lateness cannot be known


def test_a_rate_that_no_strap_has_is_not_believed() -> None:
    found = assemble(arriving(ecg_frames(ramp(50), rate_hz=126.0)))
    assert (found.rate_hz, found.fitted) == (130.0, False)


@pytest.mark.parametrize("jump_s", [-3600.0, -5.0, 5.0, 3600.0, 1e9])
def test_a_frame_whose_stamp_jumps_is_left_out_as_a_gap(jump_s: float) -> None:
    made = ecg_frames(ramp(40))
    last_s, frame = made[17]
    made[17] = (last_s, dataclasses.replace(frame, stamp_ns=frame.stamp_ns + round(jump_s * NS_PER_S)))
    found = assemble(arriving(made))
    assert found.rejected == 1
    assert found.values.tolist() == [*range(17 * 73), *range(18 * 73, 40 * 73)]
    assert np.flatnonzero(np.diff(found.stretch)).tolist() == [17 * 73 - 1]
    assert found.time_s[17 * 73] - found.time_s[17 * 73 - 1] == pytest.approx(74 / 130, abs=0.03)


def test_the_first_frame_may_jump_too() -> None:
    made = ecg_frames(ramp(20))
    made[0] = (made[0][0], dataclasses.replace(made[0][1], stamp_ns=5))
    found = assemble(arriving(made))
    assert (found.rejected, found.values[0], len(found.values)) == (1, 73, 19 * 73)


@pytest.mark.parametrize("set_by_s", [-86_400.0, 30.0, 2e8])
def test_a_clock_that_is_set_in_mid_stream_moves_nothing_in_session_time(set_by_s: float) -> None:
    made = ecg_frames(ramp(60))
    made[30:] = [
        (last_s, dataclasses.replace(frame, stamp_ns=frame.stamp_ns + round(set_by_s * NS_PER_S)))
        for last_s, frame in made[30:]
    ]
    found = assemble(arriving(made))
    assert found.rejected == 0
    assert found.values.tolist() == list(range(60 * 73))
    assert np.max(np.abs(found.time_s - 1.1 - np.arange(60 * 73) / 130)) < 0.03
    assert found.rate_hz == pytest.approx(130.0, abs=0.01)


def test_frames_out_of_order_are_sorted_and_those_that_come_twice_kept_once() -> None:
    made = ecg_frames(ramp(30))
    timed = arriving(made)
    (at_10, ten), (at_11, eleven) = timed[10], timed[11]
    timed[10:12] = [(at_10, eleven), (at_11, ten)]
    timed.append((timed[20][0] + 0.001, timed[20][1]))
    found = assemble(timed)
    assert found.values.tolist() == list(range(30 * 73))
    assert found.rejected == 1
    assert (found.stretch == 0).all()


def test_missing_frames_are_a_gap_of_their_length() -> None:
    made = ecg_frames(ramp(60))
    del made[20:30]
    found = assemble(arriving(made))
    assert found.rejected == 0
    assert np.flatnonzero(np.diff(found.stretch)).tolist() == [20 * 73 - 1]
    assert found.time_s[20 * 73] - found.time_s[20 * 73 - 1] == pytest.approx((730 + 1) / 130, abs=0.03)


def test_a_late_burst_is_no_gap() -> None:
    made = ecg_frames(ramp(60))
    timed = arriving(made)
    timed[20:30] = [(timed[30][0] - 0.001, entry) for _, entry in timed[20:30]]
    found = assemble(timed)
    assert (found.stretch == 0).all()
    assert np.max(np.abs(np.diff(found.time_s) - 1 / 130)) < 0.001


def test_each_connection_is_anchored_anew() -> None:
    """The strap was taken off in between: its clock starts again."""
    before = ecg_frames(ramp(30), clock_s=CLOCK_S)
    after = ecg_frames(ramp(30), clock_s=CLOCK_S - 100.0, start_s=120.0)
    events = [(110.0, StrapEvent(StrapChange.LOST)), (119.0, StrapEvent(StrapChange.CONNECTED))]
    found = assemble([*arriving(before), *events, *arriving(after)])
    assert found.rejected == 0
    first = found.stretch == 0
    assert found.time_s[first][0] == pytest.approx(1.1, abs=0.02)
    assert found.time_s[~first][0] == pytest.approx(120.1, abs=0.02)


def test_bytes_that_are_no_frame_are_counted_and_passed_over() -> None:
    timed = arriving(ecg_frames(ramp(10)))
    found = assemble([*timed, (3.0, PacketReceived(POLAR_DATA, b"\0\1\2")), (3.0, PacketReceived(POLAR_DATA, b""))])
    assert (found.rejected, len(found.values)) == (1, 730)


def test_without_frames_there_is_nothing() -> None:
    alone = recording([STARTED, *arriving(ecg_frames(ramp(1)))])
    assert frames.assemble(alone, Stream.ECG) is None
    assert frames.assemble(alone, Stream.ACCELEROMETER) is None
    assert ecg.assess(alone) is None
    assert ecg.assess(recording([STARTED])) is None


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.floats(0, 100), st.integers(0, 2**64 - 1) | st.integers(0, 10**10), st.integers(1, 80)),
        max_size=30,
    ),
    st.sampled_from(Stream),
)
def test_any_frames_at_any_time_are_laid_out_or_left_out(made: list[tuple[float, int, int]], stream: Stream) -> None:
    timed: list[Timed] = []
    for at_s, stamp_ns, samples in made:
        frame = (
            EcgFrame(stamp_ns, (1,) * samples)
            if stream is Stream.ECG
            else AccelerometerFrame(stamp_ns, ((1, 2, 3),) * samples)
        )
        timed.append((at_s, packet(frame)))
    log = recording([STARTED, *timed])
    found = frames.assemble(log, stream)
    if found is not None:
        assert np.isfinite(found.time_s).all()
        assert len(found.time_s) == len(found.values) == len(found.stretch) <= sum(each[2] for each in made)
        assert found.rejected <= len(made)
        assert found.rate_hz > 0
        assert (np.diff(found.time_s)[np.diff(found.stretch) == 0] > 0).all()
    ecg.assess(log)


# ---------------------------------------------------------------- R peaks against annotated beats


@pytest.mark.reference
def test_r_peaks_of_a_real_ecg_are_the_annotated_beats(mitdb_100: tuple[np.ndarray, np.ndarray]) -> None:
    microvolts, beats = mitdb_100
    sensitivity, predictive = found_of(neurokit.r_peaks(microvolts, 360.0) / 360, beats / 360)
    assert sensitivity >= 0.99
    assert predictive >= 0.99


@pytest.mark.reference
def test_a_real_ecg_through_a_straps_frames_agrees_with_its_annotated_intervals(
    mitdb_100: tuple[np.ndarray, np.ndarray],
) -> None:
    """At 130 Hz in frames that lose one and jump once, beside packets 2.5 s later than the ECG."""
    microvolts, beats = mitdb_100
    made = ecg_frames(np.rint(resample_poly(microvolts, 13, 36)), start_s=0.0)
    del made[700]
    made[900] = (made[900][0], dataclasses.replace(made[900][1], stamp_ns=made[900][1].stamp_ns + 10**13))
    beats_s = beats / 360
    ticks = np.diff(np.rint(beats_s * 1024)).astype(int)
    packets = [
        (float(at_s) + 2.6, PacketReceived(HEART_RATE_MEASUREMENT, encode(HeartRate(75, (int(rr),)))))
        for at_s, rr in zip(beats_s[1:], ticks, strict=True)
    ]
    log = recording([STARTED, *arriving(made), *packets])
    found = ecg.assess(log)
    assert found is not None
    assert found.rate_hz == pytest.approx(130.0, abs=0.005)
    assert (found.stretches, found.frames_rejected, found.motion) == (3, 1, ())
    assert abs(found.r_peaks - 2273) < 10
    assert found.duration_s == pytest.approx(1805.5, abs=2)
    same = found.agreement
    assert same is not None
    assert same.matched > 0.99 * 2265
    assert same.median_ms < 5  # annotations lie on a grid of 2.8 ms
    assert same.p95_ms < 12
    assert abs(same.bias_ms) < 0.5
    assert same.lag_s == pytest.approx(2.5, abs=0.05)


@pytest.mark.parametrize("microvolts", [np.zeros(2000), np.full(2000, 7.0), np.arange(100.0), np.empty(0)])
def test_a_signal_without_a_heartbeat_has_no_r_peaks(microvolts: np.ndarray) -> None:
    assert len(neurokit.r_peaks(microvolts, 130.0)) == 0


def test_noise_does_not_end_the_work() -> None:
    rng = np.random.default_rng(0)
    for values in (rng.normal(0, 50, 3000), rng.choice([-8e6, 8e6], 3000), np.eye(1, 3000, 1500)[0]):
        peaks = neurokit.r_peaks(values, 130.0)
        assert (np.diff(peaks) > 0).all()


def test_a_peak_is_placed_between_samples() -> None:
    rate_hz = 129.6
    true_s = np.cumsum(np.full(45, 0.8123)) + 0.31  # not a whole number of samples
    time_s = np.arange(int(35 * rate_hz)) / rate_hz
    values = sum(1000 * np.exp(-0.5 * ((time_s - at_s) / 0.012) ** 2) for at_s in true_s)
    samples = Samples(
        time_s, np.asarray(values), np.zeros(len(time_s), dtype=np.int64), rate_hz, fitted=True, rejected=0
    )
    found = ecg.beats(samples).intervals
    assert len(found) > 35
    assert np.max(np.abs(found.rr_ms - 812.3)) < 1.0  # a sample lasts 7.7 ms


# ---------------------------------------------------------------- agreement


def series(time_s: np.ndarray, rr_ms: np.ndarray) -> BeatSeries:
    return BeatSeries(time_s, rr_ms, np.zeros(len(time_s), dtype=np.int64))


def heart(n: int, seed: int = 0) -> BeatSeries:
    rr_ms = 850 + 60 * np.random.default_rng(seed).standard_normal(n)
    return series(np.cumsum(rr_ms) / 1000, rr_ms)


@pytest.mark.parametrize("lag_s", [-1.0, 0.0, 0.7, 3.6])
def test_the_lag_and_the_differences_are_those_put_in(lag_s: float) -> None:
    true = heart(1000)
    off_ms = np.tile([-4.0, 6.0], 500)
    found = ecg.agree(series(true.time_s + lag_s, true.rr_ms + off_ms), true)
    assert found is not None
    assert (found.beats, found.matched) == (1000, 1000)
    assert found.median_ms == pytest.approx(5.0, abs=1.01)
    assert found.p95_ms == pytest.approx(6.0)
    assert found.bias_ms == pytest.approx(1.0)
    assert found.lag_s == pytest.approx(lag_s, abs=1e-6)


def test_clocks_that_part_are_followed() -> None:
    true = heart(4000)
    found = ecg.agree(series(true.time_s * (1 + 100e-6) + 2.0, true.rr_ms), true)
    assert found is not None
    assert found.matched > 3990
    assert found.p95_ms < 1e-6


def test_missed_beats_count_as_not_matched_and_false_ones_show_in_the_tail() -> None:
    true = heart(600)
    missing = np.arange(600) % 50 == 20  # the ECG does not show every fiftieth beat
    kept = series(true.time_s[~missing], np.diff(true.time_s[~missing], prepend=0.0) * 1000)
    found = ecg.agree(true, kept)
    assert found is not None
    assert (found.beats, found.matched) == (600, 588)
    assert found.median_ms < 1e-6
    assert found.bias_ms < -10  # after each, an interval of the ECG is two beats long


def test_intervals_of_somebody_else_agree_with_nothing() -> None:
    one, other = heart(15, seed=1), series(np.arange(1, 16) * 0.5, np.full(15, 500.0))
    assert ecg.agree(one, other) is None
    assert ecg.agree(one, series(one.time_s + 60, one.rr_ms)) is None
    assert ecg.agree(series(np.empty(0), np.empty(0)), one) is None
    assert ecg.agree(heart(9), heart(9)) is None  # too few to tell


def test_the_heartbeat_is_laid_out_as_without_frames() -> None:
    packets = [
        (float(k), PacketReceived(HEART_RATE_MEASUREMENT, encode(HeartRate(60, (1024,))))) for k in range(1, 100)
    ]
    events = [(0.5, StrapEvent(StrapChange.STREAM, "ECG 130 Hz"))]
    plain = timeline.build(recording([STARTED, *packets]))
    beside = timeline.build(recording([STARTED, *packets, *events, *arriving(ecg_frames(ramp(170)))]))
    assert beside.beats.rr_ms.tolist() == plain.beats.rr_ms.tolist()
    assert beside.beats.time_s.tolist() == pytest.approx(plain.beats.time_s.tolist())
    assert beside.gaps == plain.gaps == ()


# ---------------------------------------------------------------- accelerometer


def accelerometer(
    seconds: float, *, rate_hz: float = 50.0, tilt_per_min: float = 0.0, tilt_mg: float = 12.0, shake_mg: float = 0.0
) -> Samples:
    rng = np.random.default_rng(3)
    time_s = np.arange(int(seconds * rate_hz)) / rate_hz
    wave = tilt_mg * np.sin(2 * math.pi * tilt_per_min / 60 * time_s)
    values = np.array([20.0, -950.0, 250.0]) + wave[:, None] * [0.1, 0.3, 0.95] + rng.normal(0, 3, (len(time_s), 3))
    values[:, 0] += shake_mg * math.sqrt(2) * np.sin(2 * math.pi * 4 * time_s)
    return Samples(time_s, values, np.zeros(len(time_s), dtype=np.int64), rate_hz, fitted=True, rejected=0)


def test_movement_is_the_rms_of_what_was_shaken() -> None:
    begins_s, rms = motion.movement(accelerometer(60, shake_mg=80))
    assert begins_s.tolist() == list(range(60))
    # 80 of shaking and three axes of noise, of whose 25 Hz the lowest 0.7 are taken off
    assert rms[2:-2].mean() == pytest.approx(math.hypot(80, 3 * math.sqrt(3)), rel=0.02)
    _, still = motion.movement(accelerometer(60, tilt_per_min=15))
    assert still.max() < motion.MOVING_MG / 2


@pytest.mark.parametrize("per_min", [5.0, 6.0, 9.5, 15.0, 22.0])
@pytest.mark.parametrize("rate_hz", [25.0, 49.9, 200.0])
def test_the_breathing_rate_is_the_one_put_in(per_min: float, rate_hz: float) -> None:
    found = motion.breathing_rate(motion.sway(accelerometer(120, rate_hz=rate_hz, tilt_per_min=per_min)), 0, 120)
    assert found is not None
    assert found.rate_per_min == pytest.approx(per_min, abs=0.5)
    assert found.confidence > 0.5


@pytest.mark.parametrize(
    "samples",
    [
        accelerometer(120, tilt_per_min=15, shake_mg=100),  # moving
        accelerometer(20, tilt_per_min=15),  # too short
        accelerometer(120, tilt_mg=0.0),  # nothing but noise
        accelerometer(1, tilt_per_min=15),
    ],
)
def test_where_no_breath_can_be_seen_none_is_told(samples: Samples) -> None:
    found = motion.breathing_rate(motion.sway(samples), 0, 120)
    assert found is None or found.confidence < 0.5


def test_an_accelerometer_without_ecg_is_assessed_too() -> None:
    samples = accelerometer(120, tilt_per_min=12)
    made = []
    for first in range(0, len(samples.values) - 35, 36):
        rows = tuple(tuple(int(v) for v in row) for row in np.rint(samples.values[first : first + 36]))
        last_s = (first + 35) / 50
        made.append((last_s, AccelerometerFrame(round((CLOCK_S + last_s) * NS_PER_S), rows)))
    beats = [(float(k), PacketReceived(HEART_RATE_MEASUREMENT, encode(HeartRate(60, (1024,))))) for k in range(1, 120)]
    found = ecg.assess(recording([STARTED, *beats, *arriving(made)]))
    assert found is not None
    assert (found.rate_hz, found.r_peaks, found.agreement, found.duration_s) == (None, 0, None, 0.0)
    (whole,) = found.motion
    assert (whole.name, whole.moving_pct) == ("whole", 0.0)
    assert whole.breathing is not None
    assert whole.breathing.rate_per_min == pytest.approx(12, abs=0.5)
    assert list(itertools.islice(found.to_dict(), 2)) == ["rate_hz", "rate_fitted"]
