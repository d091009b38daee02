"""The numbers' speed and steadiness against NeuroKit2's, on the same series.

In turn A B A B … within one process, NeuroKit2 already imported; medians of the pairs' ratios.
"""

import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np

from biotune.analysis import hrv
from biotune.analysis.detrend import smoothness_trend
from biotune.analysis.nonlinear import dfa_alpha, sample_entropy
from biotune.analysis.series import BeatSeries, NNSeries, Options

warnings.simplefilter("ignore")
import neurokit2 as nk  # noqa: E402 - it warns while it is imported


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def compare(name: str, ours: Callable[[], object], theirs: Callable[[], object], *, runs: int) -> None:
    ours(), theirs()  # what is built at first use is no part of it
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(runs)]
    ratio = statistics.median(a / b for a, b in pairs)
    print(
        f"{name:58s} {1000 * statistics.median(a for a, _ in pairs):9.2f} ms against "
        f"{1000 * statistics.median(b for _, b in pairs):9.2f} ms   ratio {ratio:.4f}"
    )


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
    print(f"{'one beat more, LF and HF move by at most':58s} {100 * worst[0]:9.2f} %  against {100 * worst[1]:9.2f} %")


def main() -> None:
    five, hour = beats(5), beats(60)
    grid = np.interp(np.arange(1200) / 4, np.cumsum(five) / 1000, five)
    radius = 0.2 * float(np.std(hour, ddof=1))
    compare(
        "every metric of five minutes / the three stock functions",
        lambda: hrv.measure(series(five), duration_s=300, options=Options(), breathing=None),
        lambda: stock(five),
        runs=5,
    )
    compare(
        "sample entropy of an hour",
        lambda: sample_entropy(hour, np.ones(len(hour) - 1, dtype=bool)),
        lambda: nk.entropy_sample(hour, dimension=2, tolerance=radius),
        runs=3,
    )
    compare(
        "DFA α2 of an hour",
        lambda: dfa_alpha([hour], range(12, 65)),
        lambda: nk.fractal_dfa(hour, scale=np.arange(12, 65)),
        runs=3,
    )
    compare(
        "smoothness priors over five minutes at 4 Hz",
        lambda: smoothness_trend(grid, 500.0),
        lambda: nk.signal_detrend(grid, method="tarvainen2002", regularization=500),
        runs=3,
    )
    one_beat_more()


if __name__ == "__main__":
    main()
