"""What a strap's accelerometer tells of the body that wears it: movement, and breathing where it can.

Gravity dominates the signal and turns with the chest. What is quick is movement; what is slow and keeps a rhythm is
the chest's tilt with each breath (Hughes, Liu & Zheng, Front Physiol 11:823, 2020: within 2 breaths a minute).
"""

from dataclasses import dataclass, replace

import numpy as np

from biotune.analysis import breathing, spectrum
from biotune.analysis.breathing import Breathing, Source
from biotune.analysis.frames import Samples
from biotune.analysis.series import BoolArray, FloatArray

MOVING_MG = 30.0  # of RMS in a second: the heart itself shakes a still chest by about 5 to 10, gestures by 50 and more
_QUICK_HZ = 0.7  # above: movement; below: tilt and breathing
_SLOWEST_HZ = 0.05
_LEAST_RATE_HZ = 10.0  # no strap samples more slowly, and the filters need a few samples a wave
LEAST_RECORDED = 0.5  # share of a breathing window that must be there
_LEAST_STILL = 0.5  # share of a breathing window's seconds: a moving chest shows no breath


def movement(samples: Samples) -> tuple[FloatArray, FloatArray]:
    """Dynamic acceleration, second by second.

    Parameters
    ----------
    samples : Samples
        Of an accelerometer.

    Returns
    -------
    tuple of ndarray, shape (n_seconds,)
        Session time at which each whole second begins, and the root mean square of the acceleration above 0.7 Hz
        in it, all three axes together, in thousandths of g. Seconds without enough samples are left out.
    """
    begins: list[FloatArray] = []
    rms: list[FloatArray] = []
    if samples.rate_hz < _LEAST_RATE_HZ:
        return np.empty(0), np.empty(0)
    from scipy import signal  # noqa: PLC0415 - half a second, and only an accelerometer needs it

    a_second = round(samples.rate_hz)
    for part in samples.parts():
        values = samples.values[part]
        seconds = len(values) // a_second
        if seconds < 2:  # noqa: PLR2004 - the filter has not settled in one
            continue
        high = signal.butter(2, _QUICK_HZ, "highpass", fs=samples.rate_hz, output="sos")
        quick = signal.sosfiltfilt(high, values, axis=0)[: seconds * a_second]
        power = np.sum(quick**2, axis=1).reshape(seconds, a_second).mean(axis=1)
        begins.append(samples.time_s[part][: seconds * a_second : a_second])
        rms.append(np.sqrt(power))
    if not rms:
        return np.empty(0), np.empty(0)
    return np.concatenate(begins), np.concatenate(rms)


@dataclass(frozen=True, slots=True, eq=False)
class Sway:
    """The chest's slow movement, from 0.05 to 0.7 Hz, and when the body was too restless for it to be breathing.

    Attributes
    ----------
    parts : tuple of (ndarray of shape (n_samples,), ndarray of shape (n_samples, 3))
        Of each stretch: session time at 4 Hz, and thousandths of g along x, y, z.
    begins_s, still : ndarray, shape (n_seconds,)
        Session time at which each recorded second begins, and whether the body was still in it.
    """

    parts: tuple[tuple[FloatArray, FloatArray], ...]
    begins_s: FloatArray
    still: BoolArray

    def quiet(self, start_s: FloatArray, end_s: FloatArray) -> BoolArray:
        """Whether, of each window, most was recorded and most of that was still; shape (n_windows,)."""
        first, end = (np.searchsorted(self.begins_s, at_s, side="left") for at_s in (start_s, end_s))
        seconds = end - first
        still = np.concatenate(([0], np.cumsum(self.still)))
        quiet: BoolArray = (seconds > 0) & (seconds >= LEAST_RECORDED * (end_s - start_s))
        return quiet & (still[end] - still[first] >= _LEAST_STILL * seconds)

    def waves(self, start_s: float, end_s: float) -> list[FloatArray]:
        """Rate of change, at 4 Hz, of each stretch's largest sway in [start_s, end_s); empty where none can be told."""
        if not self.quiet(np.array([start_s]), np.array([end_s]))[0]:
            return []
        found = []
        for time_s, axes_mg in self.parts:
            first, end = np.searchsorted(time_s, [start_s, end_s], side="left")
            if (end - first) / spectrum.RATE_HZ >= breathing.LEAST_S and np.ptp(axes_mg[first:end]):
                found.append(np.diff(largest(axes_mg[None, first:end])[0]))
        return found


def sway(samples: Samples) -> Sway:
    """Take the chest's slow movement out of its acceleration.

    Parameters
    ----------
    samples : Samples
        Of an accelerometer.
    """
    begins_s, rms = movement(samples)
    parts: list[tuple[FloatArray, FloatArray]] = []
    if samples.rate_hz >= _LEAST_RATE_HZ:
        from scipy import signal  # noqa: PLC0415 - as above

        band = signal.butter(2, (_SLOWEST_HZ, _QUICK_HZ), "bandpass", fs=samples.rate_hz, output="sos")
        for part in samples.parts():
            time_s = samples.time_s[part]
            if time_s[-1] - time_s[0] < breathing.LEAST_S:
                continue
            slow = signal.sosfiltfilt(band, samples.values[part], axis=0)
            grid_s = np.arange(time_s[0], time_s[-1], 1 / spectrum.RATE_HZ)
            parts.append((grid_s, np.stack([np.interp(grid_s, time_s, axis) for axis in slow.T], axis=1)))
    return Sway(tuple(parts), begins_s, rms < MOVING_MG)


def largest(axes_mg: FloatArray) -> FloatArray:
    """Project each window on the direction in which the chest sways most there.

    Parameters
    ----------
    axes_mg : ndarray, shape (n_windows, n_samples, 3)

    Returns
    -------
    ndarray, shape (n_windows, n_samples)
    """
    centred = axes_mg - axes_mg.mean(axis=1, keepdims=True)
    _, directions = np.linalg.eigh(np.swapaxes(centred, 1, 2) @ centred)
    projected: FloatArray = (centred @ directions[:, :, -1:])[:, :, 0]
    return projected


def breathing_rate(swaying: Sway, start_s: float, end_s: float) -> Breathing | None:
    """Breathing rate from the chest's slow tilt, in [start_s, end_s).

    Parameters
    ----------
    swaying : Sway
        As `sway` made it.
    start_s, end_s : float
        Session time.

    Returns
    -------
    Breathing or None
        None where the chest moved for most of the time or less than half of it was recorded, no stretch lasts half a
        minute, or no rhythm stands out.
    """
    waves = swaying.waves(start_s, end_s)
    if not waves:
        return None
    found = breathing.density(waves, breathing.window_of(waves))
    peak = breathing.find_peak(found.frequency_hz, found.density)
    return replace(peak, source=Source.ACCELEROMETER) if peak else None
