"""Each reader gives the intervals, units, times and phases that stand in the file."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from biotune.domain import Activity, IntervalImported, PhaseEnded, PhaseKind, PhaseStarted, Recording
from biotune.formats import registry


def recording(text: str | bytes, name: str = "file.txt") -> Recording:
    return registry.recording_in(text if isinstance(text, bytes) else text.encode(), name)


def intervals(found: Recording) -> list[IntervalImported]:
    return [line.entry for line in found.lines if isinstance(line.entry, IntervalImported)]


def texts(found: Recording) -> list[str]:
    return [interval.text for interval in intervals(found)]


# ---------------------------------------------------------------- one column


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("812\n790\n805\n", "ms"),
        ("0.812\n0.790\n0.805\n", "s"),
        ("812.5\n\n790\n805", "ms"),
        ("  812\t\n 790\n805\n\n\n", "ms"),
        ("812\r\n790\r\n805\r\n", "ms"),
        ("812\r790\r805\r", "ms"),
        ("\ufeff812\n790\n805\n", "ms"),
        ("# Device: n/a\n# Comment: made by hand\n812\n790\n805\n", "ms"),
        ("rr_ms\n812\n790\n805\n", "ms"),
        ("RR [s]\n.812\n.790\n.805\n", "s"),
        (",rr\n0,812\n1,790\n2,805\n", "ms"),
    ],
)
def test_one_column_in_either_unit_and_any_dress(text: str, unit: str) -> None:
    found = recording(text)
    assert {interval.unit for interval in intervals(found)} == {unit}
    scale = 1000 if unit == "s" else 1
    assert [float(each) * scale for each in texts(found)] == pytest.approx([812, 790, 805], abs=0.6)
    assert {interval.time_text for interval in intervals(found)} == {""}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_a_comment_in_any_usual_encoding_is_passed_over(encoding: str) -> None:
    assert texts(recording("# Gerät\n812\n790\n805\n".encode(encoding))) == ["812", "790", "805"]


def test_the_text_of_every_interval_is_kept_as_given() -> None:
    assert texts(recording("0.3500\n8.1e-1\n+0.84\n0.7\n")) == ["0.3500", "8.1e-1", "+0.84", "0.7"]


def test_a_file_with_dropouts_and_doubled_peaks_is_still_in_milliseconds() -> None:
    assert {each.unit for each in intervals(recording("812\n790\n11350\n805\n83\n790\n"))} == {"ms"}


def test_a_file_says_the_same_to_everyone_whatever_it_is_called() -> None:
    one, other = recording("812\n790\n805\n", "a.txt"), recording("812\n790\n805\n", "b.txt")
    assert (one.source, other.source) == ("a.txt", "b.txt")
    assert one.log_sha256 == other.log_sha256
    assert one.log_sha256 != recording("812\n790\n806\n").log_sha256


@pytest.mark.reference
@pytest.mark.parametrize(
    ("file", "count", "unit", "mean_ms"),
    [
        # counts and means as the files' publishers and other tools give them
        ("rr_reference/systole_rr_ms.txt", 245, "ms", 883.24),  # Kubios 2.2
        ("rr_reference/systole_rr.csv", 245, "ms", 883.24),
        ("rr_reference/pyhrv_long_nn_ms.txt", 4684, "ms", 768.438),  # pyHRV's report
        ("rr_reference/pyhrv_short_nn_ms.txt", 337, "ms", None),
        ("formats/kubios/kubios_rr_import.txt", None, "ms", None),
        ("formats/elite_hrv/2017-06-29 13-11-53.txt", None, "ms", None),
        ("artefacts/hrvlib_RR1_with_artifacts.ibi", None, "s", None),
        ("rr_reference/ghrv_rr.txt", None, "s", None),
    ],
)
def test_real_files_of_other_programs(
    reference: Path, file: str, count: int | None, unit: str, mean_ms: float | None
) -> None:
    assert registry.identify(reference / file) == "rr-text"
    found = intervals(registry.read(reference / file))
    assert {interval.unit for interval in found} == {unit}
    assert count is None or len(found) == count
    values = np.array([float(interval.text) for interval in found])
    assert mean_ms is None or values.mean() == pytest.approx(mean_ms, abs=0.005)


# ---------------------------------------------------------------- the product's CSV


def test_the_products_csv_keeps_times_as_given() -> None:
    found = recording("time_s,rr_ms\n100.5,812\n101.29,790.25\n102.1,805\n")
    assert [(each.time_text, each.text, each.unit) for each in intervals(found)] == [
        ("100.5", "812", "ms"),
        ("101.29", "790.25", "ms"),
        ("102.1", "805", "ms"),
    ]


def test_phases_carry_their_kind_and_hold_the_beats_that_name_them() -> None:
    rows = ["1,1000,settling", "2,1000,baseline", "3,1000,baseline", "4,1000,music", "5,1000,", "6,1000,drumming"]
    found = recording("time_s,rr_ms,phase\n" + "\n".join(rows))
    marks = [line.entry for line in found.lines if not isinstance(line.entry, IntervalImported)]
    assert marks == [
        PhaseStarted("settling", PhaseKind.SETTLING, Activity.REST, at_s=0.0),
        PhaseStarted("baseline", PhaseKind.BASELINE, Activity.REST, at_s=1.5),
        PhaseStarted("music", PhaseKind.INTERVENTION, Activity.LISTENING, at_s=3.5),
        PhaseEnded(at_s=4.5),
        PhaseStarted("drumming", PhaseKind.INTERVENTION, Activity.DRUMMING, at_s=5.5),
        PhaseEnded(at_s=6.001),
    ]


def test_every_beat_lies_in_the_phase_that_its_row_names() -> None:
    from biotune.analysis.timeline import build

    names = ["baseline"] * 7 + ["music"] * 5 + ["recovery"] * 6
    rr_ms = [800 + 10 * (index % 4) for index in range(len(names))]
    times = np.cumsum(rr_ms) / 1000
    rows = [f"{time:.3f},{rr},{name}" for time, rr, name in zip(times, rr_ms, names, strict=True)]
    timeline = build(recording("time_s,rr_ms,phase\n" + "\n".join(rows)))
    held = [
        (phase.name, int(((timeline.beats.time_s >= phase.start_s) & (timeline.beats.time_s < phase.end_s)).sum()))
        for phase in timeline.phases
    ]
    assert held == [("baseline", 7), ("music", 5), ("recovery", 6)]


def test_a_phase_column_may_be_quoted_and_spaced() -> None:
    found = recording('time_s, rr_ms, phase\n1, 1000, "tea, with milk"\n2, 1000, "tea, with milk"\n3, 1000,\n')
    first = found.lines[0].entry
    assert isinstance(first, PhaseStarted)
    assert (first.name, first.kind) == ("tea, with milk", PhaseKind.OTHER)


# ---------------------------------------------------------------- HRV Logger

HRV_LOGGER = "timestamp, rr, since_start \n\n"


def hrv_logger_file(lost: set[int]) -> tuple[str, np.ndarray]:
    """A phone's file of a heart at 70 bpm, written a second at a time, some packets lost; and the true times."""
    rng = np.random.default_rng(4)
    rr_ms = np.round(857 + 40 * np.sin(np.arange(200) / 3) + rng.normal(0, 10, 200)).astype(int)
    true_ms = 20_000 + np.cumsum(rr_ms)
    sum_ms, rows, kept = 20_000, [], []
    for index, (rr, at) in enumerate(zip(rr_ms, true_ms, strict=True)):
        packet_ms = -(-int(at) // 1000) * 1000  # packets leave at whole seconds
        if packet_ms // 1000 in lost:
            continue
        sum_ms += int(rr)
        kept.append(index)
        rows.append(f"{1_675_921_000_000 + packet_ms + int(rng.integers(5, 60))},{rr},{sum_ms}")
    return HRV_LOGGER + "\n".join(rows), true_ms[kept] / 1000


@pytest.mark.parametrize("lost", [set(), {90, 91, 92}, {70, 71, 130, 131, 132, 133}])
def test_hrv_loggers_running_sum_is_corrected_for_what_was_lost(lost: set[int]) -> None:
    text, true_s = hrv_logger_file(lost)
    found = intervals(recording(text))
    assert {each.unit for each in found} == {"ms"}
    times_s = np.array([float(each.time_text) for each in found])
    assert np.abs(times_s - true_s).max() < (1.0 if lost else 0.0005)
    gaps = int((np.diff(times_s) * 1000 - np.array([float(each.text) for each in found[1:]]) > 500).sum())
    assert gaps == len([second for second in lost if second - 1 not in lost])


@pytest.mark.reference
def test_hrv_loggers_real_files_keep_the_running_sum_where_nothing_was_lost(reference: Path) -> None:
    file = reference / "rr_reference" / "hrv_logger" / "ot_a60_RRIntervals.csv"
    rows = [row.split(",") for row in file.read_text().splitlines() if row[:1].isdigit()]
    assert registry.identify(file) == "hrv-logger"
    found = intervals(registry.read(file))
    assert [each.text for each in found] == [rr for _, rr, _ in rows]
    assert [float(each.time_text) * 1000 for each in found] == pytest.approx([float(row[2]) for row in rows])
    assert registry.read_session(file).started.isoformat().startswith("2023-02-08T20:48")


@pytest.mark.reference
def test_hrv_loggers_real_files_show_a_gap_where_arrivals_stay_late(reference: Path) -> None:
    file = reference / "rr_reference" / "hrv_logger" / "ot_m61_RRIntervals.csv"
    found = intervals(registry.read(file))
    times_s = [float(each.time_text) for each in found]
    rr_s = [float(each.text) / 1000 for each in found]
    missing = [after - before - rr for (before, after), rr in zip(itertools.pairwise(times_s), rr_s[1:], strict=True)]
    assert sum(1 for each in missing if each > 1) == 2
    # The phone's own clock: from the first heartbeat it heard of to the last, to within its packets' second.
    stamps = [int(row.split(",")[0]) for row in file.read_text().splitlines() if row[:1].isdigit()]
    assert times_s[-1] - times_s[0] == pytest.approx((stamps[-1] - stamps[0]) / 1000, abs=1.0)


def test_a_phone_with_an_impossible_clock_still_has_beats(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"{HRV_LOGGER}{9 * 10**14},800,800\n{9 * 10**14},810,1610\n{9 * 10**14},800,2410\n")
    session = registry.read_session(path)
    assert texts(session.recording()) == ["800", "810", "800"]
    assert session.started.year == 1970


# ---------------------------------------------------------------- choice


def test_each_format_is_found_by_its_content(tmp_path: Path) -> None:
    header = {"schema": "biotune.log/1", "started": "2026-09-03T10:00:00+00:00", "recordings": 1}
    line = {
        "seq": 1,
        "writer": "recorder",
        "boot": "a",
        "monotonic_ns": 0,
        "utc_ns": 0,
        "recording": 1,
        "kind": "interval",
        "entry": {"text": "800", "unit": "ms", "time_text": ""},
    }
    whole = {"schema": "biotune.session/1", "log": header, "lines": [line]}
    contents = {
        "biotune-json": json.dumps(whole),
        "biotune-log": f"{json.dumps(header)}\n{json.dumps(line)}\n",
        "biotune-csv": "time_s,rr_ms\n1,800\n2,800\n3,800\n",
        "hrv-logger": f"{HRV_LOGGER}1,800,800\n2,810,1610\n3,800,2410\n",
        "rr-text": "800\n810\n800\n",
    }
    assert set(registry.names()) == set(contents)
    for name, text in contents.items():
        path = tmp_path / "named.dat"
        path.write_text(text)
        assert registry.identify(path) == name


def test_a_format_that_is_named_is_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("800\n810\n800\n")
    with pytest.raises(Exception, match="header time_s,rr_ms is missing"):
        registry.read(path, format_name="biotune-csv")
