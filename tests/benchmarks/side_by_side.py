"""Two ways to the same number, timed in turn within one process, as a row of a table."""

import gc
import statistics
import time
from collections.abc import Callable

LEAST_S = 0.05
HEAD = "| what | biotune | the other | times faster | asked |\n|---|---:|---:|---:|---:|"


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock time of one call; of as many as fill a twentieth of a second, where one is shorter."""
    gc.collect()
    calls, taken_s = 0, 0.0
    began = time.perf_counter()
    while taken_s < LEAST_S:
        work()
        calls += 1
        taken_s = time.perf_counter() - began
    return taken_s / calls


def compare(
    what: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    *,
    runs: int,
    asked: float | None = None,
    times: float = 1.0,
) -> None:
    """Time both in turn A B A B …, and print the medians and the median of the pairs' ratios.

    Parameters
    ----------
    what : str
        For the table.
    ours, theirs : callable
        Both are called once before, untimed, except where `runs` is 1.
    runs : int
        Number of pairs.
    asked : float, optional
        How many times faster biotune has to be.
    times : float
        How many times the other side's work would have to be done for the same result; its time is multiplied.
    """
    ours()
    if runs > 1:
        theirs()
    pairs = [(seconds(ours), times * seconds(theirs)) for _ in range(runs)]
    factor = statistics.median(b / a for a, b in pairs)
    cells = (_duration(statistics.median(column)) for column in zip(*pairs, strict=True))
    wanted = "" if asked is None else f"{asked:,.0f}"
    print(f"| {what} | {' | '.join(cells)} | {factor:,.1f} | {wanted} |", flush=True)


def _duration(time_s: float) -> str:
    return f"{time_s:,.2f} s" if time_s >= 1 else f"{1000 * time_s:,.2f} ms"
