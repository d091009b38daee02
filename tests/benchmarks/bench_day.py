"""A day of beats: time and memory of the headline set, beside NeuroKit2's functions that give the same.

A made day of 108,000 intervals: breath, a wave at 0.09 Hz, the night, slow drift and noise; in whole 1/1024 s, which is
what a strap counts in, and once more as they come from an ECG, on no grid. Nothing is scaled up: both sides measure the
whole day, every pair of runs that sample entropy counts among them. biotune's side takes the trend off first, as its
default convention does, and finds the breathing rate, the stress index and the rhythm's regularity besides; so within
its set sample entropy is counted on values off any grid. In the rows of sample entropy alone, both are given the
intervals as they are, and their results are held to 1e-12 of each other. Memory is the most that is held at once beyond
the intervals themselves, as Python's own tracer counts it, in a run that is not timed.
"""

import tracemalloc
import warnings
from collections.abc import Callable

import numpy as np
from side_by_side import HEAD, compare

from biotune.analysis import artefacts, breathing, hrv, phases, windows
from biotune.analysis.nonlinear import sample_entropy
from biotune.analysis.series import BeatSeries, NNSeries, Options
from biotune.domain import IntervalImported, LogLine, Recording, Stamp

warnings.simplefilter("ignore")
import neurokit2 as nk  # noqa: E402 - it warns while it is imported

ASKED = 50
SHORT_H, LONG_H = 6.0, 24.0
TICK_MS = 1000 / 1024


def beats(hours: float, *, on_grid: bool = True) -> np.ndarray:
    rng = np.random.default_rng(0)
    n = round(hours * 4500)
    at_s = 0.8 * np.arange(n)
    waves = 30 * np.sin(2 * np.pi * 0.25 * at_s) + 25 * np.sin(2 * np.pi * 0.09 * at_s)
    night = 60 * np.sin(2 * np.pi * at_s / 86_400)
    rr_ms = 800 + waves + night + np.clip(np.cumsum(rng.normal(0, 0.6, n)), -150, 150) + rng.normal(0, 12, n)
    return np.round(rr_ms / TICK_MS) * TICK_MS if on_grid else rr_ms


def series(rr_ms: np.ndarray) -> NNSeries:
    return NNSeries.from_beats(BeatSeries(np.cumsum(rr_ms) / 1000, rr_ms, np.zeros(len(rr_ms), dtype=np.int64)))


def headline(rr_ms: np.ndarray) -> None:
    nn = series(rr_ms)
    hrv.measure(nn, duration_s=float(rr_ms.sum() / 1000), options=Options(), breathing=breathing.estimate(nn))


def without_entropy(rr_ms: np.ndarray) -> None:
    """All but the sample entropy."""
    kept, hrv.nonlinear.sample_entropy = hrv.nonlinear.sample_entropy, lambda *_: None
    try:
        headline(rr_ms)
    finally:
        hrv.nonlinear.sample_entropy = kept


def the_rest_of_theirs(rr_ms: np.ndarray) -> None:
    peaks = {"RRI": rr_ms, "RRI_Time": np.cumsum(rr_ms) / 1000}
    nk.hrv_time(peaks)
    nk.hrv_frequency(peaks, interpolation_rate=4, normalize=False)
    nk.fractal_dfa(rr_ms, scale=np.arange(4, 13), overlap=False)
    nk.fractal_dfa(rr_ms, scale=np.arange(13, 65), overlap=False)


def our_entropy(rr_ms: np.ndarray) -> float | None:
    return sample_entropy(rr_ms, np.ones(len(rr_ms) - 1, dtype=bool))


def their_entropy(rr_ms: np.ndarray) -> float:
    entropy, _ = nk.entropy_sample(rr_ms, dimension=2, tolerance=0.2 * float(np.std(rr_ms, ddof=1)))
    return float(entropy)


def same_set(rr_ms: np.ndarray) -> None:
    the_rest_of_theirs(rr_ms)
    their_entropy(rr_ms)


def recording(rr_ms: np.ndarray) -> Recording:
    stamp = Stamp("made", 0, 0)
    entries = (IntervalImported(repr(float(rr)), "ms", "") for rr in rr_ms)
    return Recording("day", tuple(LogLine(k, "import", stamp, 1, entry) for k, entry in enumerate(entries, start=1)))


def peak_mb(work: Callable[[], object]) -> float:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def main() -> None:
    day, off_grid = beats(LONG_H), beats(LONG_H, on_grid=False)
    for each in (day, off_grid):
        ours, theirs = our_entropy(each), their_entropy(each)
        assert ours is not None, "a day has its entropy"
        assert abs(ours / theirs - 1) < 1e-12, (ours, theirs)
    print(HEAD)
    theirs_names = "`hrv_time`, `hrv_frequency` at 4 Hz, `entropy_sample`, `fractal_dfa`"
    for what, rr_ms, asked in (
        (f"headline set of a day, in whole 1/1024 s / {theirs_names}", day, ASKED),
        ("the same day on no grid / the same", off_grid, None),
    ):
        compare(what, lambda rr=rr_ms: headline(rr), lambda rr=rr_ms: same_set(rr), runs=3, asked=asked)
    compare("all but sample entropy", lambda: without_entropy(day), lambda: the_rest_of_theirs(day), runs=3)
    for what, rr_ms in (("in whole 1/1024 s", day), ("on no grid", off_grid)):
        compare(
            f"sample entropy of the day {what} / `entropy_sample`",
            lambda rr=rr_ms: our_entropy(rr),
            lambda rr=rr_ms: their_entropy(rr),
            runs=3,
        )
    peaks_ms = np.round(np.cumsum(np.r_[0, beats(SHORT_H)])).astype(np.int64)
    rr_s = np.diff(peaks_ms) / 1000
    compare(
        "artefacts of six hours / `signal_fixpeaks`, one pass",
        lambda: artefacts.find_peaks(rr_s),
        lambda: nk.signal_fixpeaks(peaks_ms, 1000, iterative=False, method="Kubios"),
        runs=1,
    )
    print("\nMost memory at once, beyond the intervals themselves:\n")
    print("| what | six hours | a day | grows by |\n|---|---:|---:|---:|")
    logs = {hours: recording(beats(hours)) for hours in (SHORT_H, LONG_H)}
    laid = {hours: phases.prepare(log) for hours, log in logs.items()}
    for what, work in (
        ("from the log to classified beats", lambda hours: phases.prepare(logs[hours])),
        ("headline set", lambda hours: headline(beats(hours))),
        (
            "all metrics in windows of a minute every 5 s",
            lambda hours: windows.sliding(logs[hours], prepared=laid[hours]),
        ),
        ("NeuroKit2's same set", lambda hours: same_set(beats(hours))),
    ):
        short, long = (peak_mb(lambda hours=hours, work=work: work(hours)) for hours in (SHORT_H, LONG_H))
        print(f"| {what} | {short:,.0f} MB | {long:,.0f} MB | {long / short:.1f} times |", flush=True)


if __name__ == "__main__":
    main()
