"""The simulator's ECG and accelerometer: Polar's frames, of the very beats that the packets tell of."""

import asyncio
import math
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pytest

from biotune.domain import Activity, PacketReceived, PhaseKind, Stamp, StrapChange, StrapEvent
from biotune.sensor.simulator import SimulatedSource, Stretch
from biotune.sensor.source import Observation, SystemClock, VirtualClock
from biotune.wire import polar
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT
from biotune.wire.polar import AccelerometerFrame, EcgFrame

PLAN = (Stretch(PhaseKind.BASELINE, 60.0), Stretch(PhaseKind.INTERVENTION, 90.0, Activity.DRUMMING))


def observe(profile: str, *, ecg: bool, seconds: float = 150.0) -> tuple[SimulatedSource, list[Observation]]:
    source = SimulatedSource(profile, PLAN, seed=7, clock=VirtualClock(Stamp("a", 0, 0), speed=math.inf), ecg=ecg)

    async def run() -> list[Observation]:
        seen: list[Observation] = []
        async for observation in source.observe():
            if observation.stamp.monotonic_ns > seconds * 1e9:
                break
            seen.append(observation)
        return seen

    return source, asyncio.run(run())


def frames(seen: list[Observation]) -> list[polar.Frame]:
    entries = [each.entry for each in seen if isinstance(each.entry, PacketReceived)]
    return [polar.decode(each.data) for each in entries if each.characteristic == polar.POLAR_DATA]


def test_the_heartbeat_is_the_same_with_and_without_ecg() -> None:
    def of_the_heart(seen: list[Observation]) -> list[Observation]:
        return [
            each
            for each in seen
            if isinstance(each.entry, PacketReceived) and each.entry.characteristic == HEART_RATE_MEASUREMENT
        ]

    assert of_the_heart(observe("noisy", ecg=True)[1]) == of_the_heart(observe("noisy", ecg=False)[1])
    assert not frames(observe("noisy", ecg=False)[1])


@pytest.mark.parametrize("profile", ["resting", "noisy", "irregular"])
def test_every_frame_comes_in_order_after_its_last_sample_and_soon(profile: str) -> None:
    _, seen = observe(profile, ecg=True)
    stamps_ns = [each.stamp.monotonic_ns for each in seen]
    assert stamps_ns == sorted(stamps_ns)
    for each in seen:
        if isinstance(each.entry, PacketReceived) and each.entry.characteristic == polar.POLAR_DATA:
            taken_s = polar.decode(each.entry.data).stamp_ns / 1e9 - 599_616_000
            assert 0 < each.stamp.monotonic_ns / 1e9 - taken_s < 2


def test_frames_are_as_large_as_an_h10_sends_them() -> None:
    sizes = {(type(each), len(polar.encode(each)) + 3) for each in frames(observe("resting", ecg=True)[1])}
    assert sizes == {(EcgFrame, 232), (AccelerometerFrame, 229)}


def test_samples_are_a_little_slower_than_nominal_by_their_stamps() -> None:
    ecg = [each for each in frames(observe("resting", ecg=True)[1]) if isinstance(each, EcgFrame)]
    seconds = (ecg[-1].stamp_ns - ecg[0].stamp_ns) / 1e9
    assert 73 * (len(ecg) - 1) / seconds == pytest.approx(129.6, abs=1e-6)


def test_each_true_beat_stands_as_the_highest_point_around_it() -> None:
    source, seen = observe("resting", ecg=True)
    ecg = [each for each in frames(seen) if isinstance(each, EcgFrame)]
    microvolts = np.concatenate([each.microvolts for each in ecg])
    taken_s = (1 + np.arange(len(microvolts))) / 129.6
    beats_s = source.truth.time_s
    for beat_s in beats_s[(beats_s > 1) & (beats_s < taken_s[-1] - 1)]:
        around = np.flatnonzero(np.abs(taken_s - beat_s) < 0.3)
        assert abs(taken_s[around[np.argmax(microvolts[around])]] - beat_s) < 0.008
        assert microvolts[around].max() > 700


def test_no_frame_arrives_while_the_strap_is_away_and_the_streams_begin_again() -> None:
    source, seen = observe("noisy", ecg=True)
    (gap, *_) = source.truth.gaps
    for each in seen:
        if isinstance(each.entry, PacketReceived):
            assert not gap.start_s < each.stamp.monotonic_ns / 1e9 < gap.end_s
    begun = [e.entry.detail for e in seen if isinstance(e.entry, StrapEvent) and e.entry.change is StrapChange.STREAM]
    assert begun == ["ECG 130 Hz", "accelerometer 50 Hz"] * 2


def test_drumming_shakes_the_accelerometer_and_sitting_does_not() -> None:
    shaken = {
        each.stamp_ns / 1e9 - 599_616_000: float(np.std(np.array(each.milli_g), axis=0).max())
        for each in frames(observe("resting", ecg=True)[1])
        if isinstance(each, AccelerometerFrame)
    }
    assert max(std for at_s, std in shaken.items() if at_s < 60) < 30
    assert min(std for at_s, std in shaken.items() if at_s > 61) > 60


def test_frames_pass_through_the_air(require: Callable[[object, str], None]) -> None:
    require(find_spec("bumble"), "bumble (pip install 'biotune[sim]')")
    from biotune.sensor.aired import AiredSource

    async def scene() -> list[polar.Frame]:
        simulated = SimulatedSource("resting", PLAN, seed=7, clock=SystemClock(), ecg=True)
        observations = AiredSource(simulated).observe()
        seen: list[Observation] = []
        async with asyncio.timeout(20):
            async for observation in observations:
                seen.append(observation)
                if len(frames(seen)) == 6:
                    break
        await observations.aclose()
        return frames(seen)

    through_the_air = asyncio.run(scene())
    plain = frames(observe("resting", ecg=True)[1])
    first = plain.index(through_the_air[0])
    assert {type(each) for each in through_the_air} == {EcgFrame, AccelerometerFrame}
    assert [each for each in plain[first : first + 12] if each in through_the_air] == through_the_air
