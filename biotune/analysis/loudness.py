"""How loud a piece is: integrated loudness in LUFS, by ITU-R BS.1770-4, fed block by block."""

import math
from typing import Final

import numpy as np
from scipy import signal

from biotune.analysis.series import FloatArray

_STEP_S: Final = 0.1  # BS.1770-4: blocks of 400 ms that overlap by three quarters
_STEPS_A_BLOCK: Final = 4
_ABSOLUTE_LUFS: Final = -70.0
_RELATIVE_LU: Final = -10.0
_OFFSET_DB: Final = -0.691  # a full-scale 997 Hz sine in one channel then reads -3.01 LUFS
_SURROUND: Final = (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)  # left, right, centre, low frequency, and the two at the sides
_SURROUND_5: Final = (1.0, 1.0, 1.0, 1.41, 1.41)


class LoudnessMeter:
    """Measures integrated loudness of a stream.

    Parameters
    ----------
    rate_hz : int
        Sampling rate.
    channels : int
        1 or 2, or 5 or 6 in the order left, right, centre, (low frequency,) left and right surround. Other numbers of
        channels weigh alike.
    """

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._sections = k_weighting(rate_hz)
        self._state = np.zeros((len(self._sections), 2, channels))
        self._step = round(rate_hz * _STEP_S)
        self._weights = np.asarray({5: _SURROUND_5, 6: _SURROUND}.get(channels, (1.0,) * channels))
        self._rest = np.zeros(0)
        self._powers: list[FloatArray] = []

    def feed(self, samples: FloatArray) -> None:
        """Take the next samples in.

        Parameters
        ----------
        samples : ndarray, shape (n_samples, n_channels)
            Full scale is ±1.
        """
        weighted, self._state = signal.sosfilt(self._sections, samples, axis=0, zi=self._state)
        power = np.concatenate([self._rest, np.square(weighted) @ self._weights])
        whole = len(power) // self._step * self._step
        self._powers.append(power[:whole].reshape(-1, self._step).mean(axis=1))
        self._rest = power[whole:]

    def finish(self) -> float | None:
        """Return the integrated loudness in LUFS; None where nothing is louder than -70 LUFS for 400 ms."""
        steps = np.concatenate([np.zeros(0), *self._powers])
        if len(steps) < _STEPS_A_BLOCK:
            return None
        blocks = np.convolve(steps, np.full(_STEPS_A_BLOCK, 1 / _STEPS_A_BLOCK), mode="valid")
        heard = blocks[blocks > _power(_ABSOLUTE_LUFS)]
        if not len(heard):
            return None
        gate = max(_power(_ABSOLUTE_LUFS), float(heard.mean()) * 10 ** (_RELATIVE_LU / 10))
        return _OFFSET_DB + 10 * math.log10(float(heard[heard > gate].mean()))


def k_weighting(rate_hz: int) -> FloatArray:
    """Return the two filters of BS.1770-4 as second-order sections, for any sampling rate.

    The recommendation gives coefficients for 48 kHz only. These are its two analogue prototypes (a high shelf of 4 dB
    above 1682 Hz, a high pass at 38 Hz) through the bilinear transform; at 48 kHz they are the recommendation's own.

    Parameters
    ----------
    rate_hz : int
        Sampling rate.

    Returns
    -------
    ndarray, shape (2, 6)
        For `scipy.signal.sosfilt`.

    Examples
    --------
    The published ones for 48 kHz begin 1.53512485958697 and -1.69065929318241:

    >>> [round(float(each), 6) for each in k_weighting(48000)[0, [0, 4]]]
    [1.535125, -1.690659]
    """
    return np.asarray([_shelf(rate_hz), _high_pass(rate_hz)])


def _shelf(rate_hz: int) -> list[float]:
    frequency_hz, gain_db, quality = 1681.974450955533, 3.999843853973347, 0.7071752369554196
    tangent = math.tan(math.pi * frequency_hz / rate_hz)
    high = 10 ** (gain_db / 20)
    band = high**0.4996667741545416
    over = 1 + tangent / quality + tangent**2
    return [
        (high + band * tangent / quality + tangent**2) / over,
        2 * (tangent**2 - high) / over,
        (high - band * tangent / quality + tangent**2) / over,
        1.0,
        2 * (tangent**2 - 1) / over,
        (1 - tangent / quality + tangent**2) / over,
    ]


def _high_pass(rate_hz: int) -> list[float]:
    frequency_hz, quality = 38.13547087602444, 0.5003270373238773
    tangent = math.tan(math.pi * frequency_hz / rate_hz)
    over = 1 + tangent / quality + tangent**2
    return [1.0, -2.0, 1.0, 1.0, 2 * (tangent**2 - 1) / over, (1 - tangent / quality + tangent**2) / over]


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET_DB) / 10))
