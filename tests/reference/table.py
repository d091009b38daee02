"""Our numbers beside those of other tools, on the same real recordings.

``python tests/reference/table.py > docs/reference-agreement.md`` writes the table; the tests hold its limits.
Nothing of a reference is stored here: the other tools' values are read from their manifest each time.
"""

import csv
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from biotune.analysis import hrv
from biotune.analysis.series import BeatSeries, NNSeries, Options

FOLDER = Path(__file__).parents[3] / "shared" / "reference"
REAL = "rr_reference"


@dataclass(frozen=True)
class Limit:
    """How far apart two tools may be: a share of the value, or an absolute difference."""

    size: float
    absolute: bool = False

    def __str__(self) -> str:
        """Return the limit as the document prints it."""
        return f"{self.size:g}" if self.absolute else f"{100 * self.size:g} %"


TENTH, HALF, ONE, FIVE = Limit(0.001), Limit(0.005), Limit(0.01), Limit(0.05)
LIMITS = {
    "mean_nn": TENTH,
    **dict.fromkeys(("sdnn", "rmssd", "sd1", "sd2"), HALF),
    "pnn50": Limit(0.5, absolute=True),
    **dict.fromkeys(("vlf", "lf", "hf", "total_power", "lf_hf", "lf_nu", "hf_nu", "sample_entropy"), ONE),
    **dict.fromkeys(("dfa_alpha1", "dfa_alpha2"), Limit(0.01, absolute=True)),
}
TIME_DOMAIN = ("mean_nn", "sdnn", "rmssd", "pnn50", "sd1", "sd2")
OUR_KEY = {"sampen": "sample_entropy"} | {
    f"fft_{name}": name for name in ("vlf", "lf", "hf", "total_power", "lf_hf", "lf_nu", "hf_nu")
}
ROUNDING = 0.0005
NOT_OURS = "biotune has no such metric"
MEAN_OF_RATES = "the mean of the single beats' rates; ours, like Kubios 3, is 60000 / mean NN"


@dataclass(frozen=True)
class Row:
    """One value of ours beside one of theirs."""

    what: str
    metric: str
    ours: float
    theirs: float
    limit: Limit

    @property
    def difference(self) -> float:
        """Ours minus theirs, in the limit's terms."""
        return self.ours - self.theirs if self.limit.absolute else self.ours / self.theirs - 1

    def __str__(self) -> str:
        """Return the difference as the document prints it."""
        shown = self.difference if self.limit.absolute else 100 * self.difference
        if abs(shown) < ROUNDING:
            return "none"
        return f"{shown:+.3f}" if self.limit.absolute else f"{shown:+.3f} %"

    @property
    def holds(self) -> bool:
        """Whether the difference lies within the limit."""
        return abs(self.difference) <= self.limit.size


@dataclass(frozen=True)
class Case:
    """One tool's values for one recording: what is compared, what is not, and why not."""

    entry: str
    tool: str
    settings: str
    rows: Callable[[Path, dict[str, Any]], Iterator[Row]]
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name for people and for the test."""
        return f"{self.entry} · {self.tool}"


def measured(nn: NNSeries, **options: Any) -> dict[str, float]:
    """All values that biotune gives at any length, by key."""
    chosen = Options(correct=False, any_length=True, **options)
    got = hrv.measure(nn, duration_s=float(np.sum(nn.nn_ms)) / 1000, options=chosen, breathing=None)
    return {key: metric.value for key, metric in got.items() if metric.unavailable is None}


def series(rr_ms: Any, time_s: Any = None) -> NNSeries:
    """One gap-free series."""
    values = np.asarray(rr_ms, dtype=float)
    times = np.cumsum(values) / 1000 if time_s is None else np.asarray(time_s, dtype=float)
    return NNSeries.from_beats(BeatSeries(times, values, np.zeros(len(values), dtype=np.int64)))


def whole_file(
    file: str,
    metrics: tuple[str, ...],
    *,
    wider: tuple[str, ...] = (),
    **options: Any,
) -> Callable[[Path, dict[str, Any]], Iterator[Row]]:
    """Compare a file of intervals as a whole; `wider` names metrics held to 5 % only."""

    def rows(folder: Path, theirs: dict[str, Any]) -> Iterator[Row]:
        ours = measured(series(np.loadtxt(folder / REAL / file)), **options)
        for name in (*metrics, *wider):
            key = OUR_KEY.get(name, name)
            yield Row(file, key, ours[key], theirs["metrics"][name]["value"], FIVE if name in wider else LIMITS[key])

    return rows


def toolbox_windows(folder: Path, _theirs: dict[str, Any]) -> Iterator[Row]:
    """Five-minute windows in which every annotation is a normal beat."""
    home = folder / REAL / "physionet_toolbox"
    with (home / "nsr001_first2h_rr.csv").open() as file:
        beats = list(csv.DictReader(file))
    wrong_clock = 128 / 125  # the demo reads a record of 128 Hz as 125 Hz
    end_s = np.array([float(beat["end_time_s"]) for beat in beats]) * wrong_clock
    rr_ms = np.array([float(beat["rr_ms"]) for beat in beats]) * wrong_clock
    normal = np.array([beat["beat_symbol"] == "N" for beat in beats])
    with (home / "NSR_HRV_allwindows_allpatients.csv").open() as file:
        windows = list(csv.DictReader(file))
    columns = {"mean_nn": "NNmean", "sdnn": "SDNN", "rmssd": "RMSSD", "sd1": "SD1", "pnn50": "pnn50"}
    whole = series(rr_ms, end_s)
    for window in windows:
        start, end = float(window["t_start"]), float(window["t_end"])
        if not normal[(end_s >= start - 2) & (end_s < end + 2)].all():
            continue
        ours = measured(whole.between(start, end), convention="task-force")
        for key, column in columns.items():
            theirs = float(window[column]) * (100 if key == "pnn50" else 1)
            yield Row(f"{start:g}-{end:g} s", key, ours[key], theirs, LIMITS[key])


def logger_windows(sitting: str) -> Callable[[Path, dict[str, Any]], Iterator[Row]]:
    """Half-minute windows of the HRV Logger app, as its own clock cuts them."""

    def rows(folder: Path, theirs: dict[str, Any]) -> Iterator[Row]:
        lines = (folder / REAL / "hrv_logger" / f"{sitting}_RRIntervals.csv").read_text().split("\n")[1:]
        stamps, rr_ms = np.array([line.split(",")[:2] for line in lines if line.strip()], dtype=float).T
        first = 0
        for window in theirs["windows"]:
            last = int(np.searchsorted(stamps, window["timestamp"], side="right"))
            cut, first = rr_ms[first:last], last
            if window["artifacts_removed"] or len(cut) < 2:
                continue
            ours = measured(series(cut), convention="task-force")
            n = len(cut)
            their_sdnn = window["SDNN"] * np.sqrt(n / (n - 1))  # theirs divides by n
            their_rmssd = window["rMSSD"] * np.sqrt((n - 2) / (n - 1))  # theirs by one less than there are differences
            what = f"window {window['index']:g}"
            yield Row(what, "mean_nn", ours["mean_nn"], window["AVNN"], LIMITS["mean_nn"])
            yield Row(what, "pnn50", ours["pnn50"], window["pNN50"], LIMITS["pnn50"])
            yield Row(what, "sdnn", ours["sdnn"], their_sdnn, LIMITS["sdnn"])
            yield Row(what, "rmssd", ours["rmssd"], their_rmssd, LIMITS["rmssd"])

    return rows


_COUNTS = dict.fromkeys(("nn50", "nn20", "pnn20", "n", "min_nn", "max_nn", "sdsd"), NOT_OURS)
_PYHRV_FFT = "Hamming windows of 1024 s, zero padding: no option of ours; held to 5 % where it is compared"
_PYHRV_DFA = "boxes of 4-16 and 17-64 beats that overlap; ours are Kubios' or the Task Force's and do not"
_LOGGER_LEFT_OUT = {
    "LF, HF, LFHF": "in the app's own unit, from half a minute",
    "alpha_1": "from half a minute; the app's boxes are not published",
    "HR": "from the strap's own heart rate, not from the intervals",
    "windows with artefacts removed": "the app's own artefact removal is not published",
}

CASES = (
    Case(
        "systole_kubios22",
        "Kubios HRV 2.2",
        "--no-correction --any-length --convention kubios --detrending 0 --welch-window 256",
        whole_file(
            "systole_rr_ms.txt",
            (*TIME_DOMAIN, *(f"fft_{n}" for n in ("vlf", "lf", "hf", "total_power", "lf_hf", "lf_nu", "hf_nu"))),
            detrending=0.0,
            welch_window_s=256.0,
        ),
        dict.fromkeys(("nn50", "fft_vlf_peak", "fft_lf_peak", "fft_hf_peak"), NOT_OURS)
        | dict.fromkeys(("fft_vlf_rel", "fft_lf_rel", "fft_hf_rel"), NOT_OURS)
        | dict.fromkeys(("rec_rate", "rec_lmax", "rec_lmean", "rec_det", "rec_shannon"), NOT_OURS),
    ),
    Case(
        "systole_kubios22",
        "Systole 0.3.x",
        "--no-correction --any-length --convention task-force",
        whole_file("systole_rr_ms.txt", TIME_DOMAIN, convention="task-force"),
        {"nn50": NOT_OURS, "mean_hr": MEAN_OF_RATES}
        | dict.fromkeys(
            ("fft_vlf", "fft_lf", "fft_hf", "fft_total_power", "fft_lf_hf"),
            "sampled at 5 Hz, its own windows, no interpolation at the band edges: no option of ours",
        ),
    ),
    Case(
        "hrvpkg_rest",
        "python hrv 0.2.10 (doctest values in hrv/classical.py)",
        "--no-correction --any-length --convention task-force",
        whole_file("hrvpkg_rest_rri.txt", TIME_DOMAIN, convention="task-force"),
        {"nn50": NOT_OURS, "sdsd": NOT_OURS, "mean_hr": MEAN_OF_RATES}
        | dict.fromkeys(
            tuple(f"fft_{n}" for n in ("total_power", "vlf", "lf", "hf", "lf_hf", "lf_nu", "hf_nu")),
            "windows of 64 s with a straight line removed from each, no interpolation at the band edges",
        ),
    ),
    Case(
        "pyhrv_long",
        "pyHRV 0.4.0 SampleReport",
        "--no-correction --any-length --convention kubios --detrending 0 --welch-window 1024",
        whole_file(
            "pyhrv_long_nn_ms.txt",
            (*TIME_DOMAIN, "sampen"),
            wider=("fft_lf", "fft_hf", "fft_lf_hf"),
            detrending=0.0,
            welch_window_s=1024.0,
        ),
        _COUNTS
        | dict.fromkeys(("sdnn_index", "sdann", "triangular_index"), NOT_OURS)
        | {"mean_hr": MEAN_OF_RATES, "dfa_alpha1": _PYHRV_DFA, "dfa_alpha2": _PYHRV_DFA}
        | dict.fromkeys(("fft_vlf", "fft_total_power"), _PYHRV_FFT),
    ),
    Case(
        "pyhrv_short",
        "pyHRV SampleExport.json",
        "--no-correction --any-length --convention kubios --detrending 0",
        whole_file(
            "pyhrv_short_nn_ms.txt",
            (*TIME_DOMAIN, "sampen"),
            wider=("fft_total_power", "fft_lf_hf"),
            detrending=0.0,
        ),
        _COUNTS | {"mean_hr": MEAN_OF_RATES, "dfa_alpha1": _PYHRV_DFA, "dfa_alpha2": _PYHRV_DFA},
    ),
    Case(
        "physionet_nsr001",
        "PhysioNet Cardiovascular Signal Toolbox (MATLAB)",
        "--no-correction --convention task-force, in the toolbox's own windows",
        toolbox_windows,
        {
            "windows with other than normal beats": "the toolbox differences across what it removes; we do not",
            "ulf, vlf, lf, hf, lfhf, ttlpwr": "a Lomb periodogram",
            "SD2": "theirs is √(2·SDNN² - SD1²), which leaves out the ends of the series; ours is the sums' own spread",
            "SampEn": "r = 0.15; ours is 0.2 under every convention",
            "ApEn, ac, dc, NNmedian, NNmode, NNvariance, NNskew, NNkurt, NNiqr, SD1SD2": NOT_OURS
            + ", or it follows from those compared",
        },
    ),
    *(
        Case(
            f"hrvlogger_{sitting}",
            "HRV Logger app (M. Altini)",
            "--no-correction --any-length --convention task-force, in the app's own windows",
            logger_windows(sitting),
            _LOGGER_LEFT_OUT,
        )
        for sitting in ("ot_a60", "ot_a61", "ot_m60", "ot_m61")
    ),
)
NOT_COMPARED = {
    ("rhrv_example", "RHRV 4.2.7 (vignette RHRV-quickstart)"): (
        "every value comes after its FilterNIHR outlier removal (17360 to 17248 beats): no option of ours"
    ),
}


def manifest(folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Every tool's values, by recording and tool."""
    entries = json.loads((folder / "MANIFEST.json").read_text(encoding="utf-8"))["entries"]
    return {
        (entry["id"], reference["tool"]): reference
        for entry in entries
        if entry["kind"] == "rr"
        for reference in entry.get("reference", [])
    }


def markdown(folder: Path) -> Iterator[str]:
    """Write the document, line by line."""
    theirs = manifest(folder)
    yield "# Agreement with other tools\n"
    yield "Made by `python tests/reference/table.py`; held by `tests/reference`. Differences are ours minus theirs,"
    yield "in per cent of theirs, or in points (pNN50) and units (DFA) where the limit has no per cent sign;"
    yield "none means below the last digit shown.\n"
    for case in CASES:
        rows = list(case.rows(folder, theirs[case.entry, case.tool]))
        yield f"## {case.name}\n\nOptions: `{case.settings}`. {len(rows)} values compared.\n"
        yield "| metric | values | largest difference | limit |\n|---|---|---|---|"
        for metric in dict.fromkeys(row.metric for row in rows):
            same = [row for row in rows if row.metric == metric]
            worst = max(same, key=lambda row: abs(row.difference))
            yield f"| {metric} | {len(same)} | {worst} | {worst.limit} |"
        yield "\nNot compared:\n"
        for reason in dict.fromkeys(case.left_out.values()):
            yield f"- {', '.join(name for name, why in case.left_out.items() if why == reason)}: {reason}"
        yield ""
    yield "## Not compared at all\n"
    for (entry, tool), reason in NOT_COMPARED.items():
        yield f"- {entry} · {tool}: {reason}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in markdown(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
