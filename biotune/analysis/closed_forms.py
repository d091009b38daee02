"""What the known-answer suite holds biotune to: formulas, and how far off it may be."""

import math

import numpy as np

from biotune.analysis.conformance import Expectation
from biotune.analysis.series import FloatArray

# How far off biotune may be, per cent: the limits of agreement and of artefact handling; docs/method.md
MEAN = 0.1
TIME_DOMAIN = 0.5
POWER = 1.0
ENTROPY = 1.0
EXPONENT = 1.0
BREATHING = 1.0
DESPITE_ARTEFACTS = 2.0
GAP = 1.0
# Lipponen & Tarvainen 2019: every missed and extra beat found, 96.96 % of the ectopic ones
ALL_FOUND, ECTOPIC_FOUND = 0.0, 3.04
WRONGED = 0.2

KUBIOS_LAMBDA, SAMPLING_HZ = 500.0, 4.0
ALPHA1, ALPHA2 = range(4, 12), range(12, 65)


def rmssd_of(*stretches: FloatArray) -> float:
    """RMSSD by its formula; nothing is differenced from one stretch to the next."""
    steps = np.concatenate([np.diff(rr_ms) for rr_ms in stretches])
    return math.sqrt(float(np.mean(steps**2)))


def sdnn_of(rr_ms: FloatArray) -> float:
    """SDNN by its formula."""
    return math.sqrt(float(np.sum((rr_ms - rr_ms.mean()) ** 2)) / (len(rr_ms) - 1))


def kept_by_detrending(hz: float) -> float:
    """Share of a sine's power that smoothness priors leave: (1 - 1/(1 + λ²(2 - 2cos(2πf/4 Hz))²))²."""
    return (1 - 1 / (1 + KUBIOS_LAMBDA**2 * (2 - 2 * math.cos(2 * math.pi * hz / SAMPLING_HZ)) ** 2)) ** 2


def kept_by_spline(hz: float, level_ms: float) -> float:
    """Share of a sine's power that a cubic spline through one value a beat gives back: (Σₖ(ν/(ν-k))⁴)⁻², ν = f·NN."""
    per_beat = hz * level_ms / 1000
    return sum((per_beat / (per_beat - k)) ** 4 for k in range(-100, 101)) ** -2


def alpha_of_a_ramp(boxes: range) -> float:
    """DFA exponent of a straight line: its profile is a parabola, and F(n)² ∝ (n² - 1)(n² - 4)."""
    fluctuation = [0.5 * math.log2((n**2 - 1) * (n**2 - 4)) for n in boxes]
    return float(np.polyfit([math.log2(n) for n in boxes], fluctuation, 1)[0])


def rate(rr_ms: FloatArray) -> Expectation:
    """Heart rate by counting."""
    return Expectation("mean_hr", 60_000 * len(rr_ms) / float(rr_ms.sum()), "60 · beats / seconds", MEAN)


def word(metric: str, answer: str, why: str) -> Expectation:
    """Answer that is a word."""
    return Expectation(metric, answer, why)
