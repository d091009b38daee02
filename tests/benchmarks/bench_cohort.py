"""A thousand sessions of half an hour through ``cohort``, against `nk.hrv` over them one after the other.

All sessions lie in one SQLite file and nothing is kept of them; reading, comparing with every interval, and the models
are in the time. NeuroKit2's side is timed on one of them a round, already in memory, and multiplied. One
and two processes are run in turn; medians. A machine that is busy with something else gives two processes less than
twice as much: beside them stands what it gives to processes that only count. Memory is the highest of the process that
leads, fresh for each size.
"""

import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from many_sessions import APPROACHES, beats, fill

from biotune.library.cohort import Cohorts, Query
from biotune.settings import Limits
from biotune.storage.store import Store

SESSIONS = int(os.environ.get("BIOTUNE_BENCH_SESSIONS", "1000"))
FEWER = 100
ROUNDS = int(os.environ.get("BIOTUNE_BENCH_ROUNDS", "3"))
COUNTED = 15_000_000


def gather(file: Path, workers: int, *, only: int | None = None) -> float:
    """Return the seconds it takes to gather everything (or the first few), with nothing kept from before."""
    with Store.open(f"sqlite:///{file}") as store:
        cohorts = Cohorts(store, Limits(max_flagged_pct=20 + time.time() % 1e-3))  # other options: nothing kept holds
        sources = tuple(f"S{number}" for number in range(1, only + 1)) if only else ()
        began = time.perf_counter()
        made = cohorts.gather(Query(sources=sources), workers=workers)
        taken_s = time.perf_counter() - began
        assert made.cohort.sessions == (only or SESSIONS)
    return taken_s


def peak_mb(file: Path, only: int) -> float:
    """Return the highest memory of a fresh process that gathers so many by itself."""
    code = f"import bench_cohort as b, pathlib; print(b.lead(pathlib.Path({str(file)!r}), {only}))"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=Path(__file__).parent
    )
    return float(json.loads(done.stdout))


def lead(file: Path, only: int) -> float:
    gather(file, 1, only=only)
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would tell of the process that started this one
        told = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(told["VmHWM"].split()[0]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def count(to: int) -> int:
    """Do nothing but count."""
    return sum(number & 1 for number in range(to))


def machine() -> float:
    """Return how much faster two processes count than one: what the machine has to give just now."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(count, [10, 10]))
        began = time.perf_counter()
        pool.submit(count, 2 * COUNTED).result()
        alone_s = time.perf_counter() - began
        began = time.perf_counter()
        list(pool.map(count, [COUNTED, COUNTED]))
        return alone_s / (time.perf_counter() - began)


def theirs_s(number: int) -> float:
    """Return the time of `nk.hrv` over one of the sessions, times their number."""
    warnings.simplefilter("ignore")
    import neurokit2 as nk

    rng = np.random.default_rng([0, number])
    _, rr_ms = beats(rng, rng.normal(25, 15))
    peaks = {"RRI": rr_ms, "RRI_Time": np.cumsum(rr_ms) / 1000}
    began = time.perf_counter()
    nk.hrv(peaks)
    return SESSIONS * (time.perf_counter() - began)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "biotune.db"
        with Store.open(f"sqlite:///{file}") as store:
            fill(store, SESSIONS)
        one, two, idle, theirs = [], [], [], []
        for number in range(ROUNDS):
            idle.append(machine())
            one.append(gather(file, 1))
            two.append(gather(file, 2))
            theirs.append(theirs_s(number))
        few_mb, many_mb = peak_mb(file, FEWER), peak_mb(file, SESSIONS)
    one_s, two_s = statistics.median(one), statistics.median(two)
    than_nk = statistics.median(b / a for a, b in zip(one, theirs, strict=True))
    faster = statistics.median(a / b for a, b in zip(one, two, strict=True))
    print("| what | result | asked |\n|---|---:|---:|")
    print(f"| {SESSIONS} sessions in {len(APPROACHES)} approaches, one process | {one_s:.1f} s |  |")
    print(f"| the same, two processes | {two_s:.1f} s |  |")
    print(f"| times faster on two processes than on one | {faster:.2f} | 1.7 |")
    print(f"| the same, of processes that only count: what the machine gives | {statistics.median(idle):.2f} |  |")
    print(f"| `nk.hrv` over the same sessions, one after the other | {statistics.median(theirs):,.0f} s |  |")
    print(f"| times faster than that, one process | {than_nk:,.0f} | 100 |")
    print(f"| memory for {FEWER} sessions | {few_mb:.0f} MB |  |")
    print(f"| memory for {SESSIONS} sessions | {many_mb:.0f} MB |  |")


if __name__ == "__main__":
    main()
