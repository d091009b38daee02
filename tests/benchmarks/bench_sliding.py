"""`biotune.sliding` against a loop over NeuroKit2, window by window, on the same hour.

Windows of a minute, a step of five seconds. The loop's side is timed on 30 windows spread over the hour and multiplied
by their number; its windows are cut out beforehand, and for the spectra it is given the evenly sampled series that
biotune has to make itself. Both sides' values are held to 1e-9 of each other before anything is timed.
"""

import warnings
from collections.abc import Iterator

import numpy as np
from side_by_side import HEAD, compare

from biotune.analysis import made, phases, spectrum, windows

warnings.simplefilter("ignore")
import neurokit2 as nk  # noqa: E402 - it warns while it is imported

WINDOW_S, STEP_S, LOOKED_AT = 60.0, 5.0, 30
BANDS_HZ = {"lf": (0.04, 0.15), "hf": (0.15, 0.4)}


def time_domain_by_neurokit2(parts: list[dict[str, np.ndarray]]) -> Iterator[dict[str, float]]:
    for part in parts:
        row = nk.hrv_time(part).iloc[0]
        yield {"mean_hr": 60_000 / row["HRV_MeanNN"], "rmssd": row["HRV_RMSSD"], "sdnn": row["HRV_SDNN"]}


def powers_by_neurokit2(pieces: list[np.ndarray]) -> Iterator[dict[str, float]]:
    """LF and HF at biotune's definition: one Hann window, ms², trapezoids to the exact edges of the band.

    `signal_psd` allows no window longer than half its signal: it is given each window twice, not overlapping. It pads
    to twice the length: every second frequency is a window's own.
    """
    for piece in pieces:
        density = nk.signal_psd(
            np.tile(piece, 2), 4, method="welch", window=len(piece) / 4, normalize=False, min_frequency=0, noverlap=0
        )
        hz, power = density["Frequency"].to_numpy()[1::2], density["Power"].to_numpy()[1::2]
        row = {}
        for key, edges in BANDS_HZ.items():
            at = np.concatenate(([edges[0]], hz[(hz > edges[0]) & (hz < edges[1])], [edges[1]]))
            row[key] = float(np.trapezoid(np.interp(at, hz, power), at))
        yield row


def stock_powers(parts: list[dict[str, np.ndarray]]) -> None:
    for part in parts:
        nk.hrv_frequency(part)


def hold(ours: dict[str, np.ndarray], looked_at: np.ndarray, theirs: list[dict[str, float]]) -> float:
    """Largest relative difference; an error where it is above 1e-9."""
    largest = max(abs(ours[key][k] / row[key] - 1) for k, row in zip(looked_at, theirs, strict=True) for key in row)
    assert largest < 1e-9, largest
    return float(largest)


def main() -> None:
    recording = made.file("an hour at rest", made.resting(3600))
    prepared = phases.prepare(recording)
    nn = prepared.nn
    assert not prepared.classified.flagged.any()
    trace = windows.sliding(recording, window_s=WINDOW_S, step_s=STEP_S, prepared=prepared)
    start_s = trace.time_s - WINDOW_S / 2
    looked_at = np.linspace(1, len(start_s) - 2, LOOKED_AT).astype(int)
    cut = [nn.between(start_s[k], start_s[k] + WINDOW_S) for k in looked_at]
    parts = [{"RRI": part.nn_ms, "RRI_Time": part.time_s} for part in cut]
    sampled = spectrum.resample(nn.time_s, nn.nn_ms)
    assert sampled is not None
    grid_s, grid_ms = sampled
    size = round(WINDOW_S * spectrum.RATE_HZ)
    firsts = [int(np.ceil((start_s[k] - grid_s[0]) * spectrum.RATE_HZ - 1e-9)) for k in looked_at]
    pieces = [grid_ms[first : first + size] for first in firsts]

    apart = (
        hold(trace.arrays, looked_at, list(time_domain_by_neurokit2(parts))),
        hold(trace.arrays, looked_at, list(powers_by_neurokit2(pieces))),
    )
    times = len(start_s) / LOOKED_AT
    print(HEAD)
    compare(
        f"mean heart rate, RMSSD, SDNN of {len(start_s)} windows / a loop over `hrv_time`",
        lambda: windows._time_domain(nn, start_s, WINDOW_S),
        lambda: list(time_domain_by_neurokit2(parts)),
        runs=5,
        asked=2000,
        times=times,
    )
    compare(
        "LF, HF and rhythm regularity / a loop over `signal_psd` for LF and HF, equal definition",
        lambda: windows._spectral(nn, start_s, WINDOW_S),
        lambda: list(powers_by_neurokit2(pieces)),
        runs=5,
        asked=100,
        times=times,
    )
    compare(
        "the same / a loop over `hrv_frequency` as it comes",
        lambda: windows._spectral(nn, start_s, WINDOW_S),
        lambda: stock_powers(parts),
        runs=3,
        times=times,
    )
    compare(
        "all eight metrics / loops over `hrv_time` and `signal_psd` for five of them",
        lambda: windows.sliding(recording, window_s=WINDOW_S, step_s=STEP_S, prepared=prepared),
        lambda: (list(time_domain_by_neurokit2(parts)), list(powers_by_neurokit2(pieces))),
        runs=3,
        times=times,
    )
    print(f"\nLargest relative difference: {apart[0]:.1e} (time domain), {apart[1]:.1e} (LF, HF).")


if __name__ == "__main__":
    main()
