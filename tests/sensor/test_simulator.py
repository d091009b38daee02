"""The simulator: its beats have the levels it names, its packets are a strap's, its truth is true."""

import asyncio
import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from scipy.signal import welch

from biotune.domain import (
    Activity,
    ArtefactClass,
    GapReason,
    PacketReceived,
    PhaseKind,
    Stamp,
    StrapChange,
    StrapEvent,
)
from biotune.errors import UsageError
from biotune.sensor.simulator import PROFILES, SimulatedSource, Stretch, Truth
from biotune.sensor.source import Observation, VirtualClock
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, decode

SITTING = (
    (PhaseKind.SETTLING, 180.0),
    (PhaseKind.BASELINE, 300.0),
    (PhaseKind.INTERVENTION, 600.0),
    (PhaseKind.RECOVERY, 300.0),
)
BASELINE, MUSIC, RECOVERY = (180.0, 480.0), (780.0, 1080.0), (1080.0, 1380.0)
START_NS = 5_000_000_000


def observe(
    profile: str,
    *,
    seed: int = 1,
    seconds: float = 1380.0,
    phases: Sequence[tuple[PhaseKind, float] | Stretch] = SITTING,
    speed: float = math.inf,
) -> tuple[Truth, list[Observation]]:
    """Observe for so many seconds of session time; return the truth and what was seen."""
    source = SimulatedSource(profile, phases, seed=seed, clock=VirtualClock(Stamp("a", START_NS, 0), speed=speed))

    async def run() -> list[Observation]:
        seen: list[Observation] = []
        async for observation in source.observe():
            if observation.stamp.monotonic_ns >= START_NS + seconds * 1e9:
                break
            seen.append(observation)
        return seen

    seen = asyncio.run(run())
    return source.truth, seen


def true_intervals(truth: Truth, window: tuple[float, float]) -> np.ndarray:
    return truth.rr_ms[(truth.time_s >= window[0]) & (truth.time_s < window[1])]


def true_heart_rate(truth: Truth, window: tuple[float, float]) -> float:
    return float(60_000 / true_intervals(truth, window).mean())


def true_rmssd(truth: Truth, window: tuple[float, float]) -> float:
    return float(np.sqrt(np.mean(np.diff(true_intervals(truth, window)) ** 2)))


def spectrum(truth: Truth, window: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Frequency (Hz) and power (ms²/Hz) of the true tachogram."""
    grid = np.arange(window[0], window[1], 0.25)
    tachogram = np.interp(grid, truth.time_s, truth.rr_ms)
    return welch(tachogram, fs=4.0, nperseg=480, detrend="linear")


def arrival_s(observation: Observation) -> float:
    return (observation.stamp.monotonic_ns - START_NS) / 1e9


def from_the_first(seen: list[Observation]) -> list[tuple[int, object]]:
    first_ns = seen[0].stamp.monotonic_ns
    return [(each.stamp.monotonic_ns - first_ns, each.entry) for each in seen[:28]]


def test_the_same_seed_gives_the_same_bytes_at_the_same_times_at_any_speed() -> None:
    _, quick = observe("noisy", seconds=30.0)
    _, timed = observe("noisy", seconds=30.0, speed=200.0)
    _, other = observe("noisy", seconds=30.0, seed=2)
    assert from_the_first(quick) == from_the_first(timed)
    assert from_the_first(quick) != from_the_first(other)


def test_a_source_observed_again_starts_again() -> None:
    source = SimulatedSource("resting", SITTING, seed=3, clock=VirtualClock(Stamp("a", 0, 0), speed=math.inf))

    async def first(count: int) -> list[object]:
        observations = source.observe()
        seen = [(await anext(observations)).entry for _ in range(count)]
        await observations.aclose()
        return seen

    assert asyncio.run(first(20)) == asyncio.run(first(20))
    assert source.truth.time_s[0] < 1.5


@pytest.mark.parametrize("profile", PROFILES)
def test_stamps_are_ordered_and_no_packet_arrives_before_its_beats_or_long_after(profile: str) -> None:
    truth, seen = observe(profile)
    stamps = [observation.stamp.monotonic_ns for observation in seen]
    assert stamps == sorted(stamps)
    late_s = truth.arrival_s - truth.peak_s
    assert late_s.min() > 0.4
    assert late_s.max() < 1.8


@pytest.mark.parametrize("profile", PROFILES)
def test_packets_carry_the_intervals_that_the_truth_says_were_sent(profile: str) -> None:
    truth, seen = observe(profile, seconds=600.0)
    packets = [each.entry for each in seen if isinstance(each.entry, PacketReceived)]
    assert {packet.characteristic for packet in packets} == {HEART_RATE_MEASUREMENT}
    sent = [ticks for packet in packets for ticks in decode(packet.data).rr_ticks]
    assert sent == truth.ticks[truth.arrival_s < 600.0].tolist()
    assert all(decode(packet.data).contact is None for packet in packets)


def test_packets_come_once_a_second_and_their_rate_is_the_average_over_the_last_beats() -> None:
    _, seen = observe("resting", seconds=300.0)
    packets = [each for each in seen if isinstance(each.entry, PacketReceived)]
    assert np.diff([arrival_s(each) for each in packets]) == pytest.approx(1.0, abs=0.2)
    rates = [decode(each.entry.data).bpm for each in packets if isinstance(each.entry, PacketReceived)]
    assert np.mean(rates) == pytest.approx(66.0, abs=1.5)


def test_the_mean_heart_rate_is_the_level_that_the_profile_names() -> None:
    rates = [true_heart_rate(observe("resting", seed=seed, seconds=480.0)[0], BASELINE) for seed in range(6)]
    assert np.mean(rates) == pytest.approx(66.0, rel=0.01)


def test_respiratory_sinus_arrhythmia_has_the_amplitude_and_the_rate_that_the_profile_names() -> None:
    truth, _ = observe("resting", seconds=480.0)
    frequency, power = spectrum(truth, BASELINE)
    band = (frequency > 0.18) & (frequency < 0.33)
    assert frequency[band][power[band].argmax()] * 60 == pytest.approx(15.0, abs=1.0)
    # A sine of amplitude A has the power A²/2. Linear interpolation between beats takes a tenth of the amplitude.
    assert math.sqrt(2 * power[band].sum() * frequency[1]) == pytest.approx(32.0, rel=0.2)


def test_breathing_alone_changes_rmssd_as_a_sine_of_that_rate_must() -> None:
    truth, _ = observe("slow-breathing")
    # Successive differences of A·sin(2πft) sampled every T seconds: RMSSD = √2·A·sin(πfT); 40 ms, 15/min and 70 bpm.
    expected = math.sqrt(2) * 40.0 * math.sin(math.pi * 15 / 60 * 60 / 70)
    assert true_rmssd(truth, BASELINE) == pytest.approx(expected, rel=0.1)
    assert true_rmssd(truth, RECOVERY) < 0.65 * expected
    assert true_heart_rate(truth, RECOVERY) == pytest.approx(true_heart_rate(truth, BASELINE), abs=2.0)
    frequency, power = spectrum(truth, RECOVERY)
    assert frequency[power[1:].argmax() + 1] * 60 == pytest.approx(6.0, abs=1.0)


@pytest.mark.parametrize("seed", range(5))
def test_responds_exceeds_published_retest_error_in_heart_rate_and_rmssd(seed: int) -> None:
    truth, _ = observe("responds", seed=seed)
    before, after = true_heart_rate(truth, BASELINE), true_heart_rate(truth, RECOVERY)
    assert before - after > before * (1 - 1 / 1.151)  # Cipryan 2016: CV 5.2 %
    assert true_rmssd(truth, RECOVERY) / true_rmssd(truth, BASELINE) > 1.70  # Cipryan 2016: CV 21.1 %
    assert truth.breathing_per_min.std() < 0.1


@pytest.mark.parametrize("profile", ["resting", "no-response", "quiet-rest"])
def test_other_profiles_stay_within_retest_error(profile: str) -> None:
    truth, _ = observe(profile)
    assert abs(true_heart_rate(truth, BASELINE) - true_heart_rate(truth, RECOVERY)) < 4.0
    assert 1 / 1.4 < true_rmssd(truth, RECOVERY) / true_rmssd(truth, BASELINE) < 1.4


def test_a_level_is_approached_smoothly_and_not_at_once() -> None:
    truth, _ = observe("responds", seconds=900.0)
    rate = truth.heart_rate_bpm
    assert np.abs(np.diff(rate)).max() < 1.0
    halfway = truth.time_s[np.flatnonzero((truth.time_s > 480.0) & (rate < (78.0 + 62.0) / 2))[0]] - 480.0
    assert 10.0 < halfway < 60.0


def test_the_body_lives_on_after_the_last_phase() -> None:
    truth, seen = observe("resting", phases=((PhaseKind.BASELINE, 10.0),), seconds=120.0)
    assert arrival_s(seen[-1]) > 118.0
    assert truth.time_s[-1] > 118.0


def test_a_body_without_phases_rests() -> None:
    truth, _ = observe("responds", phases=(), seconds=300.0)
    assert truth.heart_rate_bpm[-1] == pytest.approx(78.0, abs=0.5)


def test_drumming_and_a_pacer_show_in_the_body() -> None:
    phases = (
        Stretch(PhaseKind.BASELINE, 300.0),
        Stretch(PhaseKind.INTERVENTION, 300.0, Activity.DRUMMING),
        Stretch(PhaseKind.INTERVENTION, 300.0, Activity.PACED_BREATHING, 6.0),
    )
    truth, _ = observe("no-response", phases=phases, seconds=900.0)
    assert true_heart_rate(truth, (450.0, 600.0)) > true_heart_rate(truth, (150.0, 300.0)) + 10
    assert truth.breathing_per_min[truth.time_s > 700.0] == pytest.approx(6.0, abs=0.1)


def test_irregular_intervals_do_not_resemble_the_one_before() -> None:
    truth, _ = observe("irregular", seconds=600.0)
    rr_ms = true_intervals(truth, (0.0, 600.0))
    assert rr_ms.std() / rr_ms.mean() > 0.15
    assert abs(np.corrcoef(rr_ms[:-1], rr_ms[1:])[0, 1]) < 0.15


def nearest(times_s: np.ndarray, time_s: float) -> float:
    return float(np.abs(times_s - time_s).min())


def test_artefacts_stand_in_the_intervals_as_the_truth_says() -> None:
    truth, _ = observe("noisy")
    heard = [
        each
        for each in truth.artefacts
        if 10 < each.time_s < 1370 and not any(gap.start_s - 3 < each.time_s < gap.end_s + 3 for gap in truth.gaps)
    ]
    assert {each.artefact_class for each in heard} == {ArtefactClass.MISSED, ArtefactClass.EXTRA, ArtefactClass.ECTOPIC}
    for artefact in heard:
        beat = int(np.searchsorted(truth.time_s, artefact.time_s - 1e-9))
        sent = int(np.searchsorted(truth.peak_s, artefact.time_s - 0.02))
        interval_ms = truth.ticks[sent] / 1.024
        match artefact.artefact_class:
            case ArtefactClass.MISSED:  # no peak there, and one interval across two
                assert nearest(truth.peak_s, artefact.time_s) > 0.2
                assert interval_ms == pytest.approx(truth.rr_ms[beat : beat + 2].sum(), abs=8)
            case ArtefactClass.EXTRA:  # a peak without a beat, and two intervals in one
                assert nearest(truth.time_s, artefact.time_s) > 0.1
                assert truth.ticks[sent : sent + 2].sum() / 1.024 == pytest.approx(truth.rr_ms[beat], abs=8)
            case _:  # an early beat, and a pause that makes up for it
                assert interval_ms == pytest.approx(truth.rr_ms[beat], abs=8)
                assert truth.rr_ms[beat] < 0.8 * truth.rr_ms[beat - 1]
                two_ms = truth.rr_ms[beat : beat + 2].sum()
                assert two_ms == pytest.approx(2 * truth.rr_ms[beat - 1], rel=0.15)


def test_about_three_in_a_hundred_intervals_of_the_noisy_profile_are_wrong() -> None:
    wrong = beats = 0
    touched = {ArtefactClass.MISSED: 1, ArtefactClass.EXTRA: 2, ArtefactClass.ECTOPIC: 2}
    for seed in range(4):
        truth, _ = observe("noisy", seed=seed)
        wrong += sum(touched[each.artefact_class] for each in truth.artefacts)
        beats += len(truth.time_s)
    assert 0.02 < wrong / beats < 0.04


def test_a_lost_strap_sends_nothing_and_says_so_and_comes_back() -> None:
    truth, seen = observe("noisy")
    lost, silent = truth.gaps
    assert (lost.reason, silent.reason) == (GapReason.STRAP_LOST, GapReason.SILENT)
    assert lost.end_s - lost.start_s == 20.0
    assert 480.0 < lost.start_s < 1080.0
    for gap in truth.gaps:
        assert not any(
            gap.start_s < arrival_s(each) < gap.end_s for each in seen if isinstance(each.entry, PacketReceived)
        )
        assert not ((truth.peak_s > gap.start_s) & (truth.peak_s <= gap.end_s)).any()
    changes = [each.entry.change for each in seen if isinstance(each.entry, StrapEvent)]
    assert changes == [
        StrapChange.CONNECTED,
        StrapChange.BATTERY,
        StrapChange.LOST,
        StrapChange.CONNECTED,
        StrapChange.SILENT,
        StrapChange.HEARD_AGAIN,
    ]


def test_between_gaps_the_intervals_sent_add_up_to_the_time_between_peaks() -> None:
    truth, _ = observe("noisy")
    jumps = [gap.end_s for gap in truth.gaps]
    edges = [0, *np.searchsorted(truth.peak_s, jumps).tolist(), len(truth.peak_s)]
    for first, last in itertools.pairwise(edges):
        peaks_s, ticks = truth.peak_s[first:last], truth.ticks[first:last]
        assert np.array_equal(np.diff(peaks_s) * 1024, ticks[1:])


def test_an_unknown_profile_is_refused_with_the_names_of_all() -> None:
    with pytest.raises(UsageError) as caught:
        SimulatedSource("asleep", clock=VirtualClock(Stamp("a", 0, 0)))
    assert all(profile in str(caught.value) for profile in PROFILES)
