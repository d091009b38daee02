"""What a strap's accelerometer tells of the body that wears it: movement, and breathing where it can.

Gravity dominates the signal and turns with the chest. What is quick is movement; what is slow and keeps a rhythm is
the chest's tilt with each breath (Hughes, Liu & Zheng, Front Physiol 11:823, 2020: within 2 breaths a minute).
"""

import numpy as np

from biotune.analysis import breathing, spectrum
from biotune.analysis.breathing import Breathing
from biotune.analysis.frames import Samples
from biotune.analysis.series import BoolArray, FloatArray

MOVING_MG = 30.0  # of RMS in a second: the heart itself shakes a still chest by about 5 to 10, gestures by 50 and more
_QUICK_HZ = 0.7  # above: movement; below: tilt and breathing
_SLOWEST_HZ = 0.05
_LEAST_RATE_HZ = 10.0  # no strap samples more slowly, and the filters need a few samples a wave
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


def breathing_rate(samples: Samples, start_s: float, end_s: float) -> Breathing | None:
    """Breathing rate from the chest's slow tilt, in [start_s, end_s).

    Parameters
    ----------
    samples : Samples
        Of an accelerometer.
    start_s, end_s : float
        Session time.

    Returns
    -------
    Breathing or None
        None where the chest moved for most of the time, no stretch lasts half a minute, or no rhythm stands out.
    """
    begins_s, rms = movement(samples)
    inside: BoolArray = (begins_s >= start_s) & (begins_s < end_s)
    if not np.any(inside) or np.mean(rms[inside] < MOVING_MG) < _LEAST_STILL:
        return None
    waves = [
        wave
        for part in samples.parts()
        if (wave := _tilt(samples.time_s[part], samples.values[part], samples.rate_hz, start_s, end_s)) is not None
    ]
    if not waves:
        return None
    window_s = min(breathing.WINDOW_S, max(len(wave) for wave in waves) / spectrum.RATE_HZ)
    waves = [wave for wave in waves if len(wave) >= round(window_s * spectrum.RATE_HZ)]
    spectra = [spectrum.welch(wave, window_s) for wave in waves]
    density = np.average([each.density for each in spectra], axis=0, weights=[len(wave) for wave in waves])
    return breathing.find_peak(spectra[0].frequency_hz, density)


def _tilt(time_s: FloatArray, values: FloatArray, rate_hz: float, start_s: float, end_s: float) -> FloatArray | None:
    """Rate of change, at 4 Hz, of the direction in which the chest sways most; None where it is too short."""
    first, end = np.searchsorted(time_s, [start_s, end_s], side="left")
    seconds = (end - first) / rate_hz
    if seconds < breathing.LEAST_S:
        return None
    from scipy import signal  # noqa: PLC0415 - as above

    band = signal.butter(2, (_SLOWEST_HZ, _QUICK_HZ), "bandpass", fs=rate_hz, output="sos")
    slow = signal.sosfiltfilt(band, values[first:end], axis=0)
    _, axes = np.linalg.eigh(np.cov(slow.T))
    grid = np.arange(int(seconds * spectrum.RATE_HZ)) / spectrum.RATE_HZ
    wave = np.interp(grid, np.arange(len(slow)) / rate_hz, slow @ axes[:, -1])
    return np.diff(wave) if np.ptp(wave) else None
