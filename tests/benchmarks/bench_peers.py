"""Other open tools for heart rate variability, on the same five minutes: their speed and their numbers.

Each peer's own functions for what it has of the headline set, at their defaults, beside biotune's whole set in the
convention `task-force`. Those that ask NumPy for `trapz`, which it no longer has, are given `trapezoid` by that name.
The tools are no dependencies of biotune: those that cannot be imported are left out, and said so. To have them, make
an environment of their own and install them by name.
"""

import importlib
import os
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

os.environ.setdefault("MPLBACKEND", "Agg")
warnings.simplefilter("ignore")

import numpy as np  # noqa: E402 - after the warnings that some peers' imports give
from side_by_side import HEAD, compare  # noqa: E402

from biotune.analysis import breathing, hrv  # noqa: E402
from biotune.analysis.results import Metric  # noqa: E402
from biotune.analysis.series import BeatSeries, NNSeries, Options  # noqa: E402

vars(np).setdefault("trapz", np.trapezoid)

MINUTES = 5
KEYS = ("rmssd", "sdnn", "lf", "hf")
Numbers = dict[str, float]


def beats(minutes: float) -> np.ndarray:
    """Intervals with waves of breath and at 0.1 Hz, slow drift and noise, whole milliseconds."""
    rng = np.random.default_rng(0)
    n = round(minutes * 75)
    at_s = 0.8 * np.arange(n)
    waves = 30 * np.sin(2 * np.pi * 0.25 * at_s) + 25 * np.sin(2 * np.pi * 0.09 * at_s)
    return np.round(800 + waves + np.cumsum(rng.normal(0, 1.5, n)) + rng.normal(0, 12, n))


def ours(rr_ms: np.ndarray) -> dict[str, Metric]:
    nn = NNSeries.from_beats(BeatSeries(np.cumsum(rr_ms) / 1000, rr_ms, np.zeros(len(rr_ms), dtype=np.int64)))
    return hrv.measure(
        nn,
        duration_s=float(rr_ms.sum() / 1000),
        options=Options(convention="task-force"),
        breathing=breathing.estimate(nn),
    )


# ---------------------------------------------------------------- the peers


def hrv_analysis(rr_ms: np.ndarray) -> Numbers:
    """Time domain, spectrum, Poincaré's plot, sample entropy."""
    import hrvanalysis

    intervals = rr_ms.tolist()
    time = hrvanalysis.get_time_domain_features(intervals)
    spectrum = hrvanalysis.get_frequency_domain_features(intervals)
    hrvanalysis.get_poincare_plot_features(intervals)
    hrvanalysis.get_sampen(intervals)
    return {"rmssd": time["rmssd"], "sdnn": time["sdnn"], "lf": spectrum["lf"], "hf": spectrum["hf"]}


def flirt(rr_ms: np.ndarray) -> Numbers:
    """Time domain, spectrum, Poincaré's plot, entropies."""
    import pandas as pd
    from flirt.hrv import get_hrv_features

    at = pd.to_datetime(np.cumsum(rr_ms), unit="ms", utc=True)
    seconds = int(rr_ms.sum() / 1000)
    found = get_hrv_features(pd.Series(rr_ms, index=at), window_length=seconds, window_step_size=seconds, num_cores=1)
    row = found.dropna(how="all").iloc[-1]
    return {"rmssd": row["hrv_rmssd"], "sdnn": row["hrv_sdnn"], "lf": row["hrv_lf"], "hf": row["hrv_hf"]}


def systole(rr_ms: np.ndarray) -> Numbers:
    """Time domain, spectrum, Poincaré's plot."""
    from systole.hrv import frequency_domain, nonlinear_domain, time_domain

    nonlinear_domain(rr_ms, input_type="rr_ms")

    time = time_domain(rr_ms, input_type="rr_ms").set_index("Metric")["Values"]
    spectrum = frequency_domain(rr_ms, input_type="rr_ms").set_index("Metric")["Values"]
    names = {"rmssd": time["RMSSD"], "sdnn": time["SDNN"], "lf": spectrum["lf_power"], "hf": spectrum["hf_power"]}
    return {key: float(value) for key, value in names.items()}


def pyhrv(rr_ms: np.ndarray) -> Numbers:
    """SDNN, RMSSD, spectrum, sample entropy."""
    from pyhrv import frequency_domain, nonlinear, time_domain

    nonlinear.sample_entropy(nni=rr_ms)
    spread = time_domain.sdnn(nni=rr_ms)["sdnn"]
    difference = time_domain.rmssd(nni=rr_ms)["rmssd"]
    _, lf, hf = frequency_domain.welch_psd(nni=rr_ms, show=False, mode="dev")[0]["fft_abs"][-3:]
    return {"rmssd": difference, "sdnn": spread, "lf": lf, "hf": hf}


def heartpy(rr_ms: np.ndarray) -> Numbers:
    """Time domain and spectrum."""
    from heartpy.analysis import calc_fd_measures, calc_ts_measures

    steps = np.diff(rr_ms)
    working = {"RR_list_cor": rr_ms}
    _, time = calc_ts_measures(rr_ms, np.abs(steps), steps**2, measures={}, working_data=dict(working))
    _, spectrum = calc_fd_measures(method="welch", measures={}, working_data=dict(working))
    return {"rmssd": time["rmssd"], "sdnn": time["sdnn"], "lf": spectrum["lf"], "hf": spectrum["hf"]}


PEERS: dict[str, tuple[str, Callable[[np.ndarray], Numbers]]] = {
    "hrv-analysis": ("hrvanalysis", hrv_analysis),
    "flirt": ("flirt", flirt),
    "systole": ("systole", systole),
    "pyhrv": ("pyhrv", pyhrv),
    "heartpy": ("heartpy", heartpy),
}


def usable(package: str, module: str, work: Callable[[np.ndarray], Numbers], rr_ms: np.ndarray) -> Any:
    """Return the peer's numbers, or why there are none."""
    try:
        importlib.import_module(module)
        return work(rr_ms)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a peer here is told, not raised
        return f"{package}: {type(error).__name__}: {str(error).splitlines()[0][:90] if str(error) else ''}"


def named(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return package


def main() -> None:
    rr_ms = beats(MINUTES)
    found = {name: usable(name, module, work, rr_ms) for name, (module, work) in PEERS.items()}
    print(HEAD)
    for name, numbers in found.items():
        if isinstance(numbers, dict):
            work = PEERS[name][1]
            what = f"headline set of five minutes / {named(name)}: {(work.__doc__ or '').rstrip('.')}"
            compare(what, lambda: ours(rr_ms), lambda work=work: work(rr_ms), runs=3)
    print("\n| the same five minutes | RMSSD, ms | SDNN, ms | LF | HF |\n|---|---:|---:|---:|---:|")
    told = ours(rr_ms)
    print("| biotune, `task-force`; LF and HF in ms² |", " | ".join(f"{told[key].value:.4g}" for key in KEYS), "|")
    for name, numbers in found.items():
        if isinstance(numbers, dict):
            print(f"| {named(name)} |", " | ".join(f"{float(numbers[key]):.4g}" for key in KEYS), "|")
    for numbers in found.values():
        if isinstance(numbers, str):
            print(f"\nNot measured here: {numbers}.")


if __name__ == "__main__":
    main()
