"""Artefacts put into real, clean series are found; what is clean is left alone; the peaks are NeuroKit2's."""

from pathlib import Path

import numpy as np
import pytest

from biotune.analysis import artefacts
from biotune.analysis.series import BeatSeries, BoolArray, FloatArray, NNSeries
from biotune.domain import ArtefactClass, GapReason

SITTING = [f"s{k:02}_sitting_cs" for k in range(8)]


def series(rr_ms: FloatArray, stretch: FloatArray | None = None) -> BeatSeries:
    stretches = np.zeros(len(rr_ms), dtype=np.int64) if stretch is None else stretch.astype(np.int64)
    return BeatSeries(np.cumsum(rr_ms) / 1000, rr_ms, stretches)


def rmssd(rr_ms: FloatArray) -> float:
    beats = series(rr_ms)
    difference = NNSeries.from_beats(beats, ~artefacts.classify(beats).flagged).differences_ms()
    return float(np.sqrt(np.mean(difference**2)))


def sitting(reference: Path, name: str) -> FloatArray:
    """Hand-corrected R peaks at 250 Hz: no artefact is left in them."""
    return np.diff(np.loadtxt(reference / "rr_raw" / "gudb" / f"{name}.tsv")) * 4


def real(reference: Path, name: str) -> FloatArray:
    return np.loadtxt(reference / "rr_reference" / name)


def classes(rr_ms: FloatArray) -> dict[int, ArtefactClass]:
    beats = series(rr_ms)
    found = artefacts.classify(beats)
    at = {float(time_s): k for k, time_s in enumerate(beats.time_s)}
    return {at[each.time_s]: each.artefact_class for each in found.artefacts}


def miss(rr_ms: FloatArray, k: int) -> FloatArray:
    """The strap misses the peak between intervals k and k + 1."""
    return np.concatenate((rr_ms[:k], [rr_ms[k] + rr_ms[k + 1]], rr_ms[k + 2 :]))


def invent(rr_ms: FloatArray, k: int, share: float) -> FloatArray:
    """It invents one within interval k."""
    return np.concatenate((rr_ms[:k], [rr_ms[k] * share, rr_ms[k] * (1 - share)], rr_ms[k + 1 :]))


def hasten(rr_ms: FloatArray, k: int, share: float) -> FloatArray:
    """Make the beat that ends interval k premature, with a compensatory pause."""
    hastened = rr_ms.copy()
    hastened[k] -= share * rr_ms[k]
    hastened[k + 1] += share * rr_ms[k]
    return hastened


@pytest.mark.filterwarnings("ignore")  # NeuroKit2 imports what warns
@pytest.mark.parametrize(
    "name",
    [
        "rr_raw/gudb/s00_sitting_cs.tsv",
        "rr_raw/gudb/s05_sitting_cables.tsv",
        "rr_raw/gudb/s02_walking_cs.tsv",
        "rr_reference/systole_rr_ms.txt",
        "rr_reference/hrvpkg_rest_rri.txt",
        "rr_reference/pyhrv_short_nn_ms.txt",
        "rr_reference/pyhrv_long_nn_ms.txt",
        "rr_reference/rhrv_example.beats",
        "rr_reference/ghrv_rr.txt",
        "constant",
        "almost constant",
    ],
)
def test_one_pass_finds_the_peaks_that_neurokit2_finds(reference: Path, name: str) -> None:
    import neurokit2

    if "constant" in name:
        peaks_ms = np.cumsum(np.r_[0, np.full(150, 800), [700, 820] * name.startswith("almost"), np.full(60, 800)])
    else:
        values = np.loadtxt(reference / name)
        in_ms = {"tsv": values * 4, "beats": values * 1000}.get(name.rpartition(".")[2])
        peaks_ms = np.cumsum(np.r_[0, values * (1000 if "ghrv" in name else 1)]) if in_ms is None else in_ms
    peaks_ms = np.round(peaks_ms).astype(np.int64)
    theirs, _ = neurokit2.signal_fixpeaks(peaks_ms, 1000, iterative=False, method="Kubios")
    ours = artefacts.find_peaks(np.diff(peaks_ms) / 1000)
    for kind in ("ectopic", "missed", "extra"):
        assert [k for k, found in ours.items() if found.value == kind] == list(theirs[kind])
    assert [k for k, found in ours.items() if found.value in {"long", "short"}] == list(theirs["longshort"])


def test_few_beats_of_real_resting_people_are_flagged(reference: Path) -> None:
    resting = [sitting(reference, name) for name in SITTING]
    resting += [real(reference, name) for name in ("hrvpkg_rest_rri.txt", "pyhrv_short_nn_ms.txt", "systole_rr_ms.txt")]
    flagged = [np.mean(artefacts.classify(series(rr_ms)).flagged) for rr_ms in resting]
    beats = [len(rr_ms) for rr_ms in resting]
    assert np.average(flagged, weights=beats) < 0.006
    assert max(flagged) < 0.02


def judge(rr_ms: FloatArray, normal: BoolArray) -> tuple[float, float, float]:
    """Sensitivity to and specificity for annotated beats, and the error of RMSSD against the annotated NN intervals.

    `normal` says of each interval whether the beats at both its ends are annotated as normal.
    """
    beats = series(rr_ms)
    flagged = artefacts.classify(beats).flagged
    true_ms = NNSeries.from_beats(beats, normal).differences_ms()
    error = rmssd(rr_ms) / float(np.sqrt(np.mean(true_ms**2))) - 1
    return float(flagged[~normal].mean()), float(1 - flagged[normal].mean()), error


def test_a_quiet_holter_agrees_with_its_annotations(reference: Path) -> None:
    path = reference / "rr_reference" / "physionet_toolbox" / "nsr001_first2h_rr.csv"
    table = np.loadtxt(path, delimiter=",", skiprows=1, dtype=str)
    rr_ms, ends_normal = table[:, 1].astype(float), table[:, 2] == "N"
    normal = ends_normal & np.append(True, ends_normal[:-1])
    sensitivity, specificity, error = judge(rr_ms, normal)
    assert sensitivity > 0.98
    assert specificity > 0.998
    assert abs(error) < 0.04


def test_premature_beats_are_found_where_cardiologists_found_them(reference: Path) -> None:
    words = np.fromfile(reference / "ecg" / "mitdb_100" / "100.atr", dtype="<u2")
    codes, steps = words >> 10, words & 1023  # MIT annotation format: six bits of type, ten of time
    beat = np.isin(codes, (1, 5, 8))  # normal, ventricular and atrial premature; the rest is no beat
    at = np.cumsum(steps * (codes < 59))[beat] / 0.36
    kinds = codes[beat]
    normal = (kinds[1:] == 1) & (kinds[:-1] == 1)
    assert (~normal).sum() == 68
    sensitivity, specificity, error = judge(np.diff(at), normal)
    assert sensitivity == 1
    assert specificity > 0.997
    assert abs(error) < 0.02


@pytest.mark.parametrize("share", [0.2, 0.3, 0.4])
def test_a_signal_full_of_artefacts_does_not_pass_for_a_good_one(reference: Path, share: float) -> None:
    rng = np.random.default_rng(4)
    for name in SITTING:
        rr_ms: list[float] = []
        for each in sitting(reference, name):
            if rng.random() > share:
                rr_ms.append(each)
            elif rng.random() < 0.5 and rr_ms:
                rr_ms[-1] += each
            else:
                rr_ms += [0.4 * each, 0.6 * each]
        assert np.mean(artefacts.classify(series(np.array(rr_ms))).flagged) > 0.8 * share


@pytest.mark.parametrize("where", [0, 1, 2, 40, 70, 100, -43, -5, -4, -3])
def test_what_is_put_into_a_clean_series_is_found_at_its_ends_too(reference: Path, where: int) -> None:
    extra, ectopic = [], []
    for name in SITTING:
        rr_ms = sitting(reference, name)
        k = where % len(rr_ms)
        assert k in classes(miss(rr_ms, k))
        extra += [{k, k + 1} <= set(classes(invent(rr_ms, k, share))) for share in (0.3, 0.4, 0.5)]
        ectopic += [{k, k + 1} <= set(classes(hasten(rr_ms, k, share))) for share in (0.2, 0.3, 0.4)]
    assert np.mean(extra) > 0.9
    assert np.mean(ectopic) > 0.9


def test_what_is_put_in_is_named_for_what_it_is(reference: Path) -> None:
    named: dict[str, list[ArtefactClass]] = {"missed": [], "extra": [], "ectopic": []}
    for name in SITTING:
        rr_ms = sitting(reference, name)
        named["missed"].append(classes(miss(rr_ms, 60))[60])
        named["extra"].append(classes(invent(rr_ms, 60, 0.5))[60])
        named["ectopic"].append(classes(hasten(rr_ms, 60, 0.3))[61])
    for kind, found in named.items():
        assert sum(each.value == kind for each in found) >= len(SITTING) - 1


def test_rmssd_survives_artefacts(reference: Path) -> None:
    rng = np.random.default_rng(7)
    for name in ("hrvpkg_rest_rri.txt", "pyhrv_short_nn_ms.txt", "systole_rr_ms.txt"):
        clean_ms = real(reference, name)
        spoilt_ms = clean_ms
        for k in np.sort(rng.choice(np.arange(5, len(clean_ms) - 5, 9), size=len(clean_ms) // 50, replace=False))[::-1]:
            share = float(rng.uniform(0.3, 0.5))
            spoil = [miss(spoilt_ms, int(k)), invent(spoilt_ms, int(k), share), hasten(spoilt_ms, int(k), share - 0.05)]
            spoilt_ms = spoil[rng.integers(3)]
        assert np.sqrt(np.mean(np.diff(spoilt_ms) ** 2)) > 1.3 * rmssd(clean_ms)
        assert rmssd(spoilt_ms) == pytest.approx(rmssd(clean_ms), rel=0.05)


def test_stretches_are_judged_apart_and_short_ones_by_the_limits_alone() -> None:
    rng = np.random.default_rng(3)
    slow, fast = rng.normal(1100, 20, 100), rng.normal(600, 20, 100)
    both = series(np.concatenate((slow, fast)), np.repeat([0, 1], 100))
    assert not artefacts.classify(both).flagged[[99, 100]].any()
    short = series(np.array([800.0, 400.0, 1200.0, 200.0, 800.0, 3000.0, 800.0]))
    found = artefacts.classify(short)
    assert [each.artefact_class for each in found.artefacts] == [ArtefactClass.SHORT, ArtefactClass.LONG]
    assert [each.rr_ms for each in found.artefacts] == [200.0, 3000.0]
    assert len(artefacts.classify(series(np.empty(0))).flagged) == 0


def test_only_ten_seconds_without_a_good_beat_are_a_gap() -> None:
    rr_ms = np.full(60, 800.0)
    rr_ms[20] = 20_000
    beats = series(rr_ms)
    (gap,) = artefacts.poor_stretches(beats, artefacts.classify(beats).flagged)
    assert gap.reason is GapReason.ARTEFACTS
    assert [gap.start_s, gap.end_s] == pytest.approx([16.0, 36.0])
    flagged = np.zeros(60, dtype=bool)
    flagged[30:40] = True
    assert artefacts.poor_stretches(series(np.full(60, 800.0)), flagged) == ()
    assert artefacts.poor_stretches(series(np.empty(0)), np.empty(0, dtype=bool)) == ()
