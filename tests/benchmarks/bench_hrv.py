"""The numbers' speed and steadiness against NeuroKit2's, on the same series.

In turn A B A B … within one process, NeuroKit2 already imported; medians of the pairs' ratios. "The headline set" is
every metric that `analyse` prints, breathing rate among them.
"""

import warnings

import numpy as np
from side_by_side import HEAD, compare

from biotune.analysis import artefacts, breathing, hrv
from biotune.analysis.detrend import smoothness_trend
from biotune.analysis.nonlinear import dfa_alpha, sample_entropy
from biotune.analysis.series import BeatSeries, NNSeries, Options

warnings.simplefilter("ignore")
import neurokit2 as nk  # noqa: E402 - it warns while it is imported


def beats(minutes: float) -> np.ndarray:
    """Intervals with waves of breath and at 0.1 Hz, slow drift and noise, whole milliseconds."""
    rng = np.random.default_rng(0)
    n = round(minutes * 75)
    at_s = 0.8 * np.arange(n)
    waves = 30 * np.sin(2 * np.pi * 0.25 * at_s) + 25 * np.sin(2 * np.pi * 0.09 * at_s)
    return np.round(800 + waves + np.cumsum(rng.normal(0, 1.5, n)) + rng.normal(0, 12, n))


def series(rr_ms: np.ndarray) -> NNSeries:
    return NNSeries.from_beats(BeatSeries(np.cumsum(rr_ms) / 1000, rr_ms, np.zeros(len(rr_ms), dtype=np.int64)))


def stock(rr_ms: np.ndarray) -> None:
    peaks = {"RRI": rr_ms, "RRI_Time": np.cumsum(rr_ms) / 1000}
    for each in (nk.hrv_time, nk.hrv_frequency, nk.hrv_nonlinear):
        each(peaks)


def powers_of(rr_ms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    got = hrv.measure(series(rr_ms), duration_s=float(rr_ms.sum() / 1000), options=Options(), breathing=None)
    theirs = nk.hrv_frequency({"RRI": rr_ms, "RRI_Time": np.cumsum(rr_ms) / 1000})
    return np.array([got["lf"].value, got["hf"].value]), theirs[["HRV_LF", "HRV_HF"]].to_numpy()[0]


def one_beat_more() -> None:
    """How far one beat at the end of five minutes moves LF and HF."""
    whole = beats(30)
    worst = np.zeros(2)
    for start in range(0, 1500, 100):
        end = start + int(np.searchsorted(np.cumsum(whole[start:]), 300_000))
        fewer, more = powers_of(whole[start:end]), powers_of(whole[start : end + 1])
        moved = [np.max(np.abs(b / a - 1)) for a, b in zip(fewer, more, strict=True)]
        worst = np.maximum(worst, moved)
    print(
        "\nOne beat more at the end of five minutes moves LF or HF "
        f"by at most {100 * worst[0]:.2f} %; NeuroKit2's by {100 * worst[1]:.2f} %."
    )


def headline(rr_ms: np.ndarray) -> None:
    nn = series(rr_ms)
    breath = breathing.estimate(nn)
    hrv.measure(nn, duration_s=float(rr_ms.sum() / 1000), options=Options(), breathing=breath)


def same_set(rr_ms: np.ndarray) -> None:
    """NeuroKit2's functions that together give the headline set."""
    peaks = {"RRI": rr_ms, "RRI_Time": np.cumsum(rr_ms) / 1000}
    nk.hrv_time(peaks)
    nk.hrv_frequency(peaks, interpolation_rate=4, normalize=False)
    nk.entropy_sample(rr_ms, dimension=2, tolerance=0.2 * float(np.std(rr_ms, ddof=1)))
    nk.fractal_dfa(rr_ms, scale=np.arange(4, 13), overlap=False)
    nk.fractal_dfa(rr_ms, scale=np.arange(13, 65), overlap=False)


def main() -> None:
    five, half_hour, hour = beats(5), beats(30), beats(60)
    grid = np.interp(np.arange(1200) / 4, np.cumsum(five) / 1000, five)
    radius = 0.2 * float(np.std(hour, ddof=1))
    peaks_ms = np.round(np.cumsum(np.r_[0, half_hour])).astype(np.int64)
    rr_s = np.diff(peaks_ms) / 1000
    print(HEAD)
    compare(
        "headline set of half an hour / `nk.hrv`",
        lambda: headline(half_hour),
        lambda: nk.hrv({"RRI": half_hour, "RRI_Time": np.cumsum(half_hour) / 1000}),
        runs=1,
        asked=100,
    )
    compare(
        "headline set of half an hour / `hrv_time`, `hrv_frequency` at 4 Hz, `entropy_sample`, `fractal_dfa`",
        lambda: headline(half_hour),
        lambda: same_set(half_hour),
        runs=5,
        asked=3,
    )
    compare(
        "artefacts of half an hour, identical peaks / `signal_fixpeaks`, one pass",
        lambda: artefacts.find_peaks(rr_s),
        lambda: nk.signal_fixpeaks(peaks_ms, 1000, iterative=False, method="Kubios"),
        runs=5,
        asked=10,
    )
    compare(
        "headline set of five minutes / `hrv_time`, `hrv_frequency`, `hrv_nonlinear` as they come",
        lambda: headline(five),
        lambda: stock(five),
        runs=3,
    )
    compare(
        "sample entropy of an hour / `entropy_sample`",
        lambda: sample_entropy(hour, np.ones(len(hour) - 1, dtype=bool)),
        lambda: nk.entropy_sample(hour, dimension=2, tolerance=radius),
        runs=3,
    )
    compare(
        "DFA α2 of an hour / `fractal_dfa`",
        lambda: dfa_alpha([hour], range(12, 65)),
        lambda: nk.fractal_dfa(hour, scale=np.arange(12, 65)),
        runs=3,
    )
    compare(
        "smoothness priors over five minutes at 4 Hz / `signal_detrend`",
        lambda: smoothness_trend(grid, 500.0),
        lambda: nk.signal_detrend(grid, method="tarvainen2002", regularization=500),
        runs=3,
    )
    one_beat_more()


if __name__ == "__main__":
    main()
