"""A day of beats: time and memory of the headline set, beside NeuroKit2's functions that give the same.

A made day of 108,000 intervals: breath, a wave at 0.09 Hz, the night, slow drift and noise. Nothing is scaled up: both
sides measure the whole day. Memory is the most that is held at once beyond the intervals themselves, as Python's own
tracer counts it, in a run that is not timed. What was asked is not reached: the pairs of runs that sample entropy
counts, hundreds of millions in a day, take either side seconds, and all else of biotune's set a twentieth of that.
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


def beats(hours: float) -> np.ndarray:
    rng = np.random.default_rng(0)
    n = round(hours * 4500)
    at_s = 0.8 * np.arange(n)
    waves = 30 * np.sin(2 * np.pi * 0.25 * at_s) + 25 * np.sin(2 * np.pi * 0.09 * at_s)
    night = 60 * np.sin(2 * np.pi * at_s / 86_400)
    return np.round(
        800 + waves + night + np.clip(np.cumsum(rng.normal(0, 0.6, n)), -150, 150) + rng.normal(0, 12, n), 1
    )


def series(rr_ms: np.ndarray) -> NNSeries:
    return NNSeries.from_beats(BeatSeries(np.cumsum(rr_ms) / 1000, rr_ms, np.zeros(len(rr_ms), dtype=np.int64)))


def headline(rr_ms: np.ndarray) -> None:
    nn = series(rr_ms)
    hrv.measure(nn, duration_s=float(rr_ms.sum() / 1000), options=Options(), breathing=breathing.estimate(nn))


def without_entropy(rr_ms: np.ndarray) -> None:
    """All but the sample entropy, whose pairs no tool counts in less than seconds."""
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


def their_entropy(rr_ms: np.ndarray) -> None:
    nk.entropy_sample(rr_ms, dimension=2, tolerance=0.2 * float(np.std(rr_ms, ddof=1)))


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
    day = beats(LONG_H)
    print(HEAD)
    compare(
        "headline set of a day / `hrv_time`, `hrv_frequency` at 4 Hz, `entropy_sample`, `fractal_dfa`",
        lambda: headline(day),
        lambda: same_set(day),
        runs=3,
        asked=ASKED,
    )
    compare("the same without sample entropy", lambda: without_entropy(day), lambda: the_rest_of_theirs(day), runs=3)
    follows = np.ones(len(day) - 1, dtype=bool)
    compare(
        "sample entropy of a day / `entropy_sample`",
        lambda: sample_entropy(day, follows),
        lambda: their_entropy(day),
        runs=1,
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
