"""How long the command line takes to answer, against what it must not import.

Whole processes, in turn A B A B …; medians of the pairs' ratios.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def seconds(arguments: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def compare(name: str, ours: list[str], theirs: list[str], *, limit: str, runs: int) -> None:
    seconds(ours)  # both sides then find their files in the system's cache
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(runs)]
    ratio = statistics.median(a / b for a, b in pairs)
    print(
        f"{name:58s} {statistics.median(a for a, _ in pairs):7.3f} s against "
        f"{statistics.median(b for _, b in pairs):7.3f} s   ratio {ratio:.4f} (limit {limit})"
    )


def hour_of_intervals() -> Path:
    """Return the reference hour where it is present, or an hour made here."""
    reference = Path(__file__).parents[3] / "shared" / "reference" / "rr_reference" / "pyhrv_long_nn_ms.txt"
    if reference.exists():
        return reference
    import numpy as np

    noise = np.random.default_rng(0).normal(0, 40, 4684)
    made = Path(tempfile.mkdtemp()) / "hour.txt"
    np.savetxt(made, 768 + 30 * np.sin(np.arange(4684) * 1.2) + noise, fmt="%.1f")
    return made


if __name__ == "__main__":
    help_ours, help_theirs = ["-m", "biotune", "--help"], ["-c", "import neurokit2"]
    compare("biotune --help / import neurokit2", help_ours, help_theirs, limit="0.1", runs=5)
    hour = hour_of_intervals()
    theirs = (
        "import warnings; warnings.simplefilter('ignore')\n"
        "import numpy as np, neurokit2 as nk\n"
        f"rr = np.loadtxt({str(hour)!r})\n"
        "nk.hrv({'RRI': rr, 'RRI_Time': np.cumsum(rr) / 1000})"
    )
    ours = ["-m", "biotune", "analyse", str(hour)]
    compare("biotune analyse an hour / neurokit2.hrv on it", ours, ["-c", theirs], limit="0.125", runs=1)  # minutes
