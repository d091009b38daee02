"""What a chest strap's electrodes and accelerometer would stream of a simulated body, in Polar's frames.

Each beat draws its P wave, QRS complex and T wave as a sum of Gaussians at the beat's true time, after the model of
McSharry et al., IEEE Trans Biomed Eng 50:289-294, 2003. Breathing sways the baseline and tilts the accelerometer;
gestures shake it in phases in which people move. Made to test and to show the program, not to explain a heart.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from biotune.analysis.series import FloatArray
from biotune.domain import NS_PER_S, Activity
from biotune.sensor.physiology import Stretch, TrueBeat
from biotune.wire.polar import AccelerometerFrame, EcgFrame, Frame

TRUE_ECG_HZ = 129.6  # nominal 130: no strap's quartz is exact
TRUE_ACCELEROMETER_HZ = 49.9
ECG_SAMPLES, ACCELEROMETER_SAMPLES = 73, 36  # in a frame, as an H10 sends them
CLOCK_STARTS_NS = 599_616_000 * NS_PER_S  # 2019-01-01, where an H10's clock starts; ns since 2000
KNOWN_S = 0.5  # a frame's last sample needs the beats until so long after it: the next P wave has begun by then

# Wave by wave: seconds from the R peak, width in seconds, height in µV; T moves with the root of the interval
_WAVES = {"P": (-0.16, 0.022, 110.0), "Q": (-0.028, 0.009, -130.0), "R": (0.0, 0.011, 1050.0)}
_WAVES |= {"S": (0.030, 0.010, -240.0), "T": (0.27, 0.045, 260.0)}
_REACH_S = 0.5
_SWAY_UV, _NOISE_UV = 60.0, 8.0
_TILT_MG, _NOISE_MG, _SHAKE_MG = 14.0, 3.0, 120.0
_MOVING = {Activity.DRUMMING, Activity.PLAYING, Activity.MUSCLE_RELAXATION}
_GRAVITY_MG = np.array([40.0, -960.0, 260.0])  # sitting, leaning back a little
_TILTS = np.array([0.1, 0.35, 0.93])


@dataclass(slots=True)
class Chest:
    """A strap's two streams on a body.

    Parameters
    ----------
    beats : sequence of TrueBeat
        The body's beats so far; they may become more meanwhile.
    stretches : sequence of Stretch
        The session's phases.
    rng : numpy.random.Generator
        Where chance comes from.
    """

    beats: Sequence[TrueBeat]
    stretches: Sequence[Stretch]
    rng: np.random.Generator
    _sent: dict[type[Frame], int] = field(default_factory=lambda: {EcgFrame: 0, AccelerometerFrame: 0})
    _breath: float = 0.0
    _breath_s: float = 0.0
    _first: int = 0

    def frames(self, until_s: float) -> Iterator[tuple[float, Frame]]:
        """Yield the frames whose last sample was taken before `until_s`, with that sample's time, in order.

        The beats until `KNOWN_S` after `until_s` must be known.
        """
        while True:
            ecg_s = (self._sent[EcgFrame] + ECG_SAMPLES) / TRUE_ECG_HZ
            motion_s = (self._sent[AccelerometerFrame] + ACCELEROMETER_SAMPLES) / TRUE_ACCELEROMETER_HZ
            last_s = min(ecg_s, motion_s)
            if last_s >= until_s:
                return
            stamp_ns = CLOCK_STARTS_NS + round(last_s * NS_PER_S)
            yield last_s, self._ecg(stamp_ns) if ecg_s <= motion_s else self._motion(stamp_ns)

    def _next(self, kind: type[Frame], samples: int, rate_hz: float) -> FloatArray:
        first = self._sent[kind] + 1
        self._sent[kind] += samples
        time_s: FloatArray = (first + np.arange(samples)) / rate_hz
        return time_s

    def _ecg(self, stamp_ns: int) -> EcgFrame:
        time_s = self._next(EcgFrame, ECG_SAMPLES, TRUE_ECG_HZ)
        while self._first < len(self.beats) and self.beats[self._first].time_s < time_s[0] - 2 * _REACH_S:
            self._first += 1
        microvolts = _SWAY_UV * np.sin(self._breathing(time_s)) + self.rng.normal(0, _NOISE_UV, len(time_s))
        for k in range(self._first, len(self.beats)):
            beat = self.beats[k]
            if beat.time_s > time_s[-1] + _REACH_S:
                break
            microvolts += _beat(time_s - beat.time_s, beat.rr_ms / 1000)
        return EcgFrame(stamp_ns, tuple(int(value) for value in np.rint(microvolts)))

    def _motion(self, stamp_ns: int) -> AccelerometerFrame:
        time_s = self._next(AccelerometerFrame, ACCELEROMETER_SAMPLES, TRUE_ACCELEROMETER_HZ)
        sway = _TILT_MG * np.sin(self._breathing(time_s))
        milli_g = _GRAVITY_MG + sway[:, None] * _TILTS + self.rng.normal(0, _NOISE_MG, (len(time_s), 3))
        if self._activity(float(time_s[0])) in _MOVING:
            milli_g += self.rng.normal(0, _SHAKE_MG, (len(time_s), 3))
        rounded = np.rint(milli_g).astype(int)
        return AccelerometerFrame(stamp_ns, tuple((int(x), int(y), int(z)) for x, y, z in rounded))

    def _breathing(self, time_s: FloatArray) -> FloatArray:
        """Phase of the breath; it goes on at the rate of the body's latest beat."""
        latest = self.beats[min(self._first, len(self.beats) - 1)].level.breathing_per_min if self.beats else 15.0
        hz = latest / 60
        phase: FloatArray = self._breath + 2 * math.pi * hz * (time_s - self._breath_s)
        if time_s[-1] > self._breath_s:
            self._breath, self._breath_s = float(phase[-1]), float(time_s[-1])
        return phase

    def _activity(self, time_s: float) -> Activity | None:
        for stretch in self.stretches:
            if time_s < stretch.seconds:
                return stretch.activity
            time_s -= stretch.seconds
        return None


def _beat(since_s: FloatArray, rr_s: float) -> FloatArray:
    """One beat's waves, µV, at seconds since its R peak."""
    drawn = np.zeros(len(since_s))
    for name, (at_s, width_s, height) in _WAVES.items():
        middle_s = at_s * math.sqrt(rr_s) if name == "T" else at_s
        drawn += height * np.exp(-0.5 * ((since_s - middle_s) / width_s) ** 2)
    return drawn
