"""From an NN series to every metric of the catalogue, under one of the conventions (see `conventions`).

Nothing is computed across a gap, and an excluded beat moves no other.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from biotune.analysis import nonlinear, spectrum
from biotune.analysis.conventions import ALPHA1_BOXES, ALPHA2_BOXES, HF_HZ, LF_HZ, VLF_HZ, WELCH_WINDOW_S, parameters
from biotune.analysis.detrend import smoothness_trend
from biotune.analysis.metrics import CATALOGUE, Least, MetricDefinition
from biotune.analysis.results import Metric, MetricValue, Unavailable
from biotune.analysis.series import BoolArray, FloatArray, NNSeries, Options
from biotune.domain import Convention, Flag, Reason

if TYPE_CHECKING:
    from biotune.analysis.breathing import Breathing

ULTRA_SHORT_S = 300.0  # Shaffer & Ginsberg, Front Public Health 5:258, 2017
REGULARITY_WINDOW_S = 64.0
PNN_MS = 50.0
RESPIRATORY_HALF_WIDTH_HZ = 0.03
INTERPRETABLE_BREATHS = (9.0, 24.0)  # per minute: the HF band, 0.15 to 0.4 Hz
LOW_CONFIDENCE = 0.5
RESTS_ON_HF = frozenset({"hf", "lf_hf", "lf_nu", "hf_nu"})
RESTS_ON_VARIATION = frozenset(
    {"ln_rmssd", "sd1_sd2", "sample_entropy", "dfa_alpha1", "dfa_alpha2", "rhythm_regularity", "stress_index"}
    | {"lf_hf", "lf_nu", "hf_nu"}
)
RESTS_ON_BREATHING = frozenset({"rsa", "breathing_rate"})

Outcome = float | Reason
Outcomes = dict[str, Outcome]


def measure(
    nn: NNSeries,
    *,
    duration_s: float,
    options: Options,
    breathing: "Breathing | None",
    welch_window_s: float | None = None,
) -> dict[str, Metric]:
    """Compute every metric of the catalogue.

    Parameters
    ----------
    nn : NNSeries
        The intervals of one phase.
    duration_s : float
        The phase's nominal length in seconds. Its beats may span up to one interval less.
    options : Options
        Convention, detrending, Welch window, and whether metrics below their least length are wanted.
    breathing : Breathing or None
        Rate and confidence; None where it is unknown.
    welch_window_s : float, optional
        The common window of phases that will be compared; goes before the one in `options`.

    Returns
    -------
    dict of str to Metric
        Every key of `metrics.CATALOGUE`, in its order; a finite value, or why there is none.

    Raises
    ------
    UsageError
        Where the convention is unknown, or the detrending or the window impossible.

    Notes
    -----
    Under `neurokit2`, what the stock functions lack (stress index, respiratory sinus arrhythmia, rhythm
    regularity, breathing rate) comes from the raw NN series, as under `task-force`.
    """
    chosen = parameters(options, welch_window_s=welch_window_s)
    series = _Series.prepare(
        nn,
        regularisation=chosen.get("detrending", 0.0),
        window_s=chosen.get("welch_window_s", WELCH_WINDOW_S),
        any_length=options.any_length,
    )
    units: Mapping[str, str] = {}
    if options.convention == Convention.NEUROKIT2:
        from biotune.analysis import neurokit  # noqa: PLC0415 - its import costs two seconds

        outcomes: Outcomes = {key: _defined(value) for key, value in neurokit.stock_metrics(nn).items()}
        units = neurokit.STOCK_UNITS
    else:
        convention = Convention(options.convention)
        outcomes = _time_domain(series) | _powers(series, VLF_HZ[convention])
        outcomes |= _nonlinear(series, ALPHA1_BOXES[convention], ALPHA2_BOXES[convention])
    outcomes["stress_index"] = _stress(series)
    outcomes |= _of_breath(series, breathing)
    judge = _Judge(series, duration_s, breathing)
    return {key: judge.metric(metric, outcomes[key], units.get(key, metric.unit)) for key, metric in CATALOGUE.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Pictured:
    """What the metrics of a phase are computed from, to be drawn.

    Attributes
    ----------
    values_ms : ndarray, shape (n_beats,)
        The intervals; where a trend was taken off, about their mean.
    adjacent : ndarray of bool, shape (n_beats - 1,)
        Whether interval k+1 follows interval k directly.
    spectrum : Spectrum or None
        Of the stretches long enough for HF, averaged by their length; None where there is none.
    """

    values_ms: FloatArray
    adjacent: BoolArray
    spectrum: spectrum.Spectrum | None


def pictured(nn: NNSeries, *, options: Options, welch_window_s: float | None = None) -> Pictured:
    """Return the series and the spectrum that `measure` computes from, for a picture of them.

    Parameters
    ----------
    nn, options, welch_window_s
        As for `measure`; under `neurokit2`, whose inside is its own, the series as it is and no spectrum.
    """
    chosen = parameters(options, welch_window_s=welch_window_s)
    regularisation = chosen.get("detrending", 0.0)
    window_s = chosen.get("welch_window_s", WELCH_WINDOW_S)
    series = _Series.prepare(nn, regularisation=regularisation, window_s=window_s, any_length=options.any_length)
    about_ms = series.mean_nn_ms if regularisation else 0.0
    found = [(each.density, each.length_s) for each in series.unbroken("hf") if each.density is not None]
    if not found or options.convention == Convention.NEUROKIT2:
        return Pictured(series.values_ms + about_ms, series.adjacent, None)
    finest = max((density for density, _ in found), key=lambda density: len(density.frequency_hz)).frequency_hz
    densities = np.array([np.interp(finest, density.frequency_hz, density.density) for density, _ in found])
    weights = np.array([length_s for _, length_s in found])
    mean = spectrum.Spectrum(finest, weights @ densities / weights.sum())
    return Pictured(series.values_ms + about_ms, series.adjacent, mean)


# ---------------------------------------------------------------- the series


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    """One gap-free stretch, detrended where that is asked for.

    `grid_ms` and `density` are None where it is too short to be sampled evenly.
    """

    values_ms: FloatArray
    adjacent: BoolArray
    length_s: float
    grid_ms: FloatArray | None = None
    density: spectrum.Spectrum | None = None

    @classmethod
    def prepare(cls, nn: NNSeries, regularisation: float, window_s: float) -> "_Stretch":
        """Resample, take the trend off, and read it back at the beats."""
        length_s = float(nn.time_s[-1] - nn.time_s[0] + nn.nn_ms[0] / 1000)
        rising = np.r_[True, nn.time_s[1:] > np.maximum.accumulate(nn.time_s)[:-1]]
        sampled = spectrum.resample(nn.time_s[rising], nn.nn_ms[rising])
        if sampled is None:
            return cls(nn.nn_ms, nn.adjacent, length_s)
        values_ms, (grid_s, grid_ms) = nn.nn_ms, sampled
        if regularisation:
            trend = smoothness_trend(grid_ms, regularisation)
            # outside its data the smoothest trend goes on as a straight line: one more sample reaches the last beat
            beyond = np.append(grid_s, grid_s[-1] + 1 / spectrum.RATE_HZ), np.append(trend, 2 * trend[-1] - trend[-2])
            values_ms = nn.nn_ms - np.interp(nn.time_s, *beyond)
            grid_ms = grid_ms - trend
        return cls(values_ms, nn.adjacent, length_s, grid_ms, spectrum.welch(grid_ms, window_s))


@dataclass(frozen=True, slots=True, eq=False)
class _Series:
    """A phase's intervals by gap-free stretch."""

    mean_nn_ms: float
    varies: bool
    stretches: tuple[_Stretch, ...]
    detrended: bool
    any_length: bool

    @classmethod
    def prepare(cls, nn: NNSeries, *, regularisation: float, window_s: float, any_length: bool) -> "_Series":
        """Split at the gaps; where a trend is taken off, stretches too short to have one are left out."""
        bounds = [0, *(np.flatnonzero(np.diff(nn.stretch)) + 1).tolist(), len(nn)]
        parts = [
            NNSeries(nn.time_s[a:b], nn.nn_ms[a:b], nn.stretch[a:b], nn.ordinal[a:b])
            for a, b in itertools.pairwise(bounds)
            if b > a
        ]
        stretches = (_Stretch.prepare(part, regularisation, window_s) for part in parts)
        kept = tuple(stretch for stretch in stretches if not regularisation or stretch.grid_ms is not None)
        mean_nn_ms = float(nn.nn_ms.mean()) if len(nn) else 0.0
        varies = bool(len(nn)) and bool(np.ptp(nn.nn_ms) > 0)
        return cls(mean_nn_ms, varies, kept, bool(regularisation), any_length)

    @property
    def values_ms(self) -> FloatArray:
        """All intervals, stretch after stretch."""
        return np.concatenate([stretch.values_ms for stretch in self.stretches]) if self.stretches else np.empty(0)

    @property
    def adjacent(self) -> BoolArray:
        """Whether interval k+1 of `values_ms` follows interval k directly."""
        joints = [np.append(stretch.adjacent, False) for stretch in self.stretches]
        return np.concatenate(joints)[:-1] if joints else np.empty(0, dtype=np.bool_)

    def reaches(self, least: Least, *, of: Sequence[_Stretch]) -> bool:
        """Whether these stretches together are long enough.

        A phase begins and ends in the middle of an interval, so its beats span up to one interval less.
        """
        beats = sum(len(stretch.values_ms) for stretch in of)
        seconds = sum(stretch.length_s for stretch in of)
        return beats >= least.beats and seconds + self.mean_nn_ms / 1000 >= least.seconds

    def unbroken(self, key: str) -> tuple[_Stretch, ...]:
        """Stretches each of which is long enough for a metric; all where none is and any length will do."""
        least = CATALOGUE[key].least
        enough = tuple(stretch for stretch in self.stretches if self.reaches(least, of=[stretch]))
        return enough if enough or not self.any_length else self.stretches


# ---------------------------------------------------------------- the numbers


def _time_domain(series: _Series) -> Outcomes:
    values, adjacent = series.values_ms, series.adjacent
    difference = np.diff(values)[adjacent]
    rmssd = math.sqrt(float(np.mean(difference**2))) if len(difference) else None
    sd1 = _sd(difference / math.sqrt(2))
    sd2 = _sd((values[1:] + values[:-1])[adjacent] / math.sqrt(2))
    return {
        "mean_hr": _ratio(60000.0, series.mean_nn_ms or None),
        "mean_nn": _defined(series.mean_nn_ms or None),
        "sdnn": _defined(_sd(values)),
        "rmssd": _defined(rmssd),
        "sd1": _defined(sd1),
        "sd2": _defined(sd2),
        "ln_rmssd": math.log(rmssd) if rmssd else Reason.TOO_FEW_BEATS if rmssd is None else Reason.POOR_SIGNAL,
        "pnn50": 100 * float(np.mean(np.abs(difference) > PNN_MS)) if len(difference) else Reason.TOO_FEW_BEATS,
        "sd1_sd2": _ratio(sd1, sd2),
    }


def _powers(series: _Series, vlf_hz: tuple[float, float]) -> Outcomes:
    def power(key: str, low_hz: float, high_hz: float) -> float | None:
        return _mean_power(series.unbroken(key), low_hz, high_hz)

    vlf, lf, hf = (power("total_power", *band) for band in (vlf_hz, LF_HZ, HF_HZ))
    outcomes = {
        "vlf": power("vlf", *vlf_hz),
        "lf": lf,
        "hf": power("hf", *HF_HZ),
        "total_power": None if vlf is None or lf is None or hf is None else vlf + lf + hf,
    }
    fast = None if lf is None or hf is None else (lf + hf) / 100
    shares = {"lf_hf": _ratio(lf, hf), "lf_nu": _ratio(lf, fast), "hf_nu": _ratio(hf, fast)}
    return {key: Reason.TOO_SHORT if value is None else value for key, value in outcomes.items()} | {
        key: Reason.TOO_SHORT if value is Reason.TOO_FEW_BEATS else value for key, value in shares.items()
    }


def _mean_power(stretches: Sequence[_Stretch], low_hz: float, high_hz: float) -> float | None:
    """Power between two frequencies, averaged over stretches by their length."""
    sampled = [(stretch.density, stretch.length_s) for stretch in stretches if stretch.density is not None]
    return _average([(float(density.power(low_hz, high_hz)), length_s) for density, length_s in sampled])


def _average(weighted: Sequence[tuple[float, float]]) -> float | None:
    """Mean of (value, weight); None where there is none."""
    weights = sum(weight for _, weight in weighted)
    return sum(value * weight for value, weight in weighted) / weights if weighted else None


def _nonlinear(series: _Series, alpha1_boxes: range, alpha2_boxes: range) -> Outcomes:
    entropy = nonlinear.sample_entropy(series.values_ms, series.adjacent)
    alpha1 = nonlinear.dfa_alpha([s.values_ms for s in series.unbroken("dfa_alpha1")], alpha1_boxes)
    alpha2 = nonlinear.dfa_alpha([s.values_ms for s in series.unbroken("dfa_alpha2")], alpha2_boxes)
    return {"sample_entropy": _defined(entropy), "dfa_alpha1": _defined(alpha1), "dfa_alpha2": _defined(alpha2)}


def _stress(series: _Series) -> Outcome:
    about_ms = series.mean_nn_ms if series.detrended else 0.0
    return _defined(nonlinear.stress_index(series.values_ms + about_ms))


def _of_breath(series: _Series, breathing: "Breathing | None") -> Outcomes:
    grids = [s.grid_ms for s in series.unbroken("rhythm_regularity") if s.grid_ms is not None]
    ratios = [(spectrum.regularity(grid, REGULARITY_WINDOW_S), len(grid)) for grid in grids]
    regular = _average([(ratio, samples) for ratio, samples in ratios if ratio is not None])
    nothing_varies = Reason.POOR_SIGNAL if grids else Reason.TOO_SHORT
    outcomes: Outcomes = {"rhythm_regularity": nothing_varies if regular is None else regular}
    if breathing is None:
        return outcomes | {"rsa": Reason.NO_BREATHING, "breathing_rate": Reason.NO_BREATHING}
    rate_hz = breathing.rate_per_min / 60
    band = max(0.0, rate_hz - RESPIRATORY_HALF_WIDTH_HZ), rate_hz + RESPIRATORY_HALF_WIDTH_HZ
    power = _mean_power(series.unbroken("rsa"), *band)
    rsa = Reason.TOO_SHORT if power is None else 2 * math.sqrt(2 * power)
    return outcomes | {"rsa": rsa, "breathing_rate": breathing.rate_per_min}


def _sd(values: FloatArray) -> float | None:
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def _defined(value: float | None) -> Outcome:
    return Reason.TOO_FEW_BEATS if value is None else value


def _ratio(over: float | None, under: float | None) -> Outcome:
    """Quotient; a series in which nothing varies has none."""
    if over is None or under is None:
        return Reason.TOO_FEW_BEATS
    return over / under if under > 0 else Reason.POOR_SIGNAL


# ---------------------------------------------------------------- what may be said of them


@dataclass(frozen=True, slots=True)
class _Judge:
    """Decides between a value, with its flags, and the reason why there is none."""

    series: _Series
    duration_s: float
    breathing: "Breathing | None"

    def metric(self, metric: MetricDefinition, outcome: Outcome, unit: str) -> Metric:
        """Judge one metric."""
        enough = self._long_enough(metric)
        if not enough and not self.series.any_length:
            reason = Reason.TOO_FEW_BEATS if metric.least.beats else Reason.TOO_SHORT
            return Unavailable(reason, unit, str(metric.least))
        still = metric.key in RESTS_ON_VARIATION and len(self.series.stretches) > 0 and not self.series.varies
        if still or (not isinstance(outcome, Reason) and not math.isfinite(outcome)):
            return Unavailable(Reason.POOR_SIGNAL, unit)  # a pacemaker's steady beat leaves 0/0, blurred by rounding
        if isinstance(outcome, Reason):
            longer_would_do = outcome in {Reason.TOO_SHORT, Reason.TOO_FEW_BEATS}
            return Unavailable(outcome, unit, str(metric.least) if longer_would_do else "")
        return MetricValue(float(outcome), unit, tuple(self._flags(metric, enough=enough)))

    def _long_enough(self, metric: MetricDefinition) -> bool:
        series, least = self.series, metric.least
        if self.duration_s + series.mean_nn_ms / 1000 < least.seconds:
            return False
        if metric.unbroken:
            return any(series.reaches(least, of=[stretch]) for stretch in series.stretches)
        return series.reaches(least, of=series.stretches)

    def _flags(self, metric: MetricDefinition, *, enough: bool) -> list[Flag]:
        low, high = INTERPRETABLE_BREATHS
        breathing = self.breathing
        outside = breathing is not None and not low <= breathing.rate_per_min <= high
        unsure = breathing is not None and breathing.confidence < LOW_CONFIDENCE
        flags = {
            Flag.ULTRA_SHORT: self.duration_s + self.series.mean_nn_ms / 1000 < ULTRA_SHORT_S,
            Flag.BELOW_LEAST_LENGTH: not enough,
            Flag.NOT_INTERPRETABLE: outside and metric.key in RESTS_ON_HF,
            Flag.LOW_CONFIDENCE: unsure and metric.key in RESTS_ON_BREATHING,
        }
        return [flag for flag, holds in flags.items() if holds]
