"""What leaves as a file says the same elsewhere: read back by other programs' readers, and by our own."""

import csv
import gzip
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import edfio
import numpy as np
import openpyxl
import pandas as pd
import pytest

import biotune
from biotune.analysis import timeline
from biotune.domain import (
    BeatJudged,
    BeatJudgement,
    ClientCorrected,
    ContextGiven,
    IntervalImported,
    LogLine,
    MarkerSet,
    MusicAct,
    MusicEvent,
    MusicReported,
    PhaseEnded,
    PhaseKind,
    PhaseStarted,
    RatingGiven,
    Stamp,
)
from biotune.errors import BiotuneError, ExportError, UsageError
from biotune.formats import exporting, registry, writing
from biotune.formats.material import Material
from biotune.library import subjects

SAMPLES = Path(__file__).parents[2] / "sample_data"
NOTES = ("marimba secret", "two espressi", "Philippa", "Marmalade-3")
FORMATS = ("csv", "kubios", "bids", "edf", "xlsx", "json")


def of_file(path: Path, *, with_notes: bool = False) -> Material:
    def no_library() -> None:
        raise AssertionError("a file needs no library")

    return subjects.material(subjects.find(str(path), no_library), with_notes=with_notes)


@pytest.fixture(scope="module")
def noisy() -> Material:
    """Two gaps and some thirty artefacts."""
    return of_file(SAMPLES / "noisy.biotune.jsonl")


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session in which people wrote things down, some of it hostile to a spreadsheet."""
    stamp = Stamp("b", 0, 1_800_000_000_000_000_000)

    def line(seq: int, second: float, entry: object, recording: int = 0) -> LogLine:
        now = Stamp("b", round(second * 1e9), stamp.utc_ns + round(second * 1e9))
        return LogLine(seq, "dashboard", now, recording, entry)

    rng = np.random.default_rng(1)
    entries = [
        (0.0, PhaseStarted("=cmd()", PhaseKind.BASELINE, at_s=0.0)),
        (0.0, PhaseStarted("recovery", PhaseKind.RECOVERY, at_s=200.0)),
        (0.0, MarkerSet("=HYPERLINK(marimba secret)", at_s=30.0)),
        (1.0, ContextGiven("caffeine", "two espressi")),
        (1.0, MusicReported("performer", "Philippa, her own")),
        (1.0, RatingGiven("tension", 60, "before")),
        (2.0, BeatJudged(100.0, BeatJudgement.REJECTED, by="Philippa")),
        (2.0, ClientCorrected("K-7", was="Marmalade-3", by="Philippa")),
        (2.0, MusicEvent(MusicAct.PLAY, "abc", title="Adagio")),
    ]
    time_s = 0.0
    for _ in range(400):
        rr = 800 + 30 * float(rng.standard_normal())
        time_s += rr / 1000
        entries.append((time_s, IntervalImported(repr(rr), "ms", repr(time_s))))
    entries.append((time_s, PhaseEnded(at_s=time_s)))
    lines = tuple(
        line(seq, 0.0, entry, 1 if isinstance(entry, IntervalImported) else 0)
        for seq, (_, entry) in enumerate(entries, start=1)
    )
    from biotune.domain import Recording, Session
    from biotune.formats import log

    recording = Recording("x", lines, client="K-7")
    started = pd.Timestamp("2026-05-14T12:00:00Z").to_pydatetime()
    session = Session("x", "K-7", "listening", started, finished=True, recordings=(recording,))
    file = tmp_path_factory.mktemp("noted") / "noted.jsonl"
    file.write_text(log.write(session))
    return file


def made(material: Material, name: str) -> bytes:
    return exporting.write(material, name)[""]


# ---------------------------------------------------------------- csv, kubios


@pytest.mark.parametrize("sample", ["noisy", "drumming", "irregular"])
def test_the_csv_read_again_has_the_same_beats_in_the_same_phases(tmp_path: Path, sample: str) -> None:
    material = of_file(SAMPLES / f"{sample}.biotune.jsonl")
    file = tmp_path / "out.csv"
    file.write_bytes(made(material, "csv"))
    again = biotune.read(file)
    laid = timeline.build(again)
    assert laid.beats.rr_ms.tolist() == material.raw.beats.rr_ms.tolist()
    assert laid.beats.time_s.tolist() == material.raw.beats.time_s.tolist()
    assert [phase.name for phase in laid.phases] == [phase.name for phase in material.phases]
    assert [phase.kind for phase in laid.phases] == [phase.kind for phase in material.phases]
    for name in ("baseline", "recovery"):
        here, there = material.analysis.phase(name), biotune.analyse(again).phase(name)
        assert there.beats == here.beats
        for key in ("mean_hr", "rmssd"):  # the phases' ends move by half a beat, and detrending with them
            if here.metrics[key].unavailable is None:
                assert there.metrics[key].value == pytest.approx(here.metrics[key].value, rel=0.002)


def test_pandas_reads_the_csv(noisy: Material) -> None:
    table = pd.read_csv(io.BytesIO(made(noisy, "csv")))
    assert list(table.columns) == ["time_s", "rr_ms", "phase"]
    assert table["time_s"].is_monotonic_increasing
    assert set(table["phase"]) == {"settling", "baseline", "music", "recovery"}
    assert table["rr_ms"].to_numpy() == pytest.approx(noisy.raw.beats.rr_ms)


def test_kubios_text_is_one_interval_a_line_and_names_the_gaps(noisy: Material) -> None:
    lines = made(noisy, "kubios").decode().splitlines()
    head = [line for line in lines if line.startswith("#")]
    values = [float(line) for line in lines if not line.startswith("#")]
    assert values == pytest.approx(noisy.raw.beats.rr_ms, abs=0.00051)
    assert sum("Gap of" in line for line in head) == 2
    ends_at = int(next(re.findall(r"after interval (\d+)", line)[0] for line in head if "Gap of" in line))
    first_gap = noisy.raw.gaps[0]
    assert noisy.raw.beats.time_s[ends_at - 1] <= first_gap.start_s + 0.001
    assert noisy.raw.beats.time_s[ends_at] > first_gap.end_s


def test_kubios_text_is_read_by_our_own_reader_too(noisy: Material) -> None:
    again = registry.recording_in(made(noisy, "kubios"), "x.txt")
    assert len(again.lines) == len(noisy.raw.beats)


# ---------------------------------------------------------------- json


def test_the_json_with_its_notes_is_the_session_again(noted: Path, tmp_path: Path) -> None:
    material = of_file(noted, with_notes=True)
    document = json.loads(made(material, "json"))
    assert document["schema"] == "biotune.session/1"
    assert document["analysis"]["schema"] == "biotune.analysis/1"
    file = tmp_path / "out.json"
    file.write_bytes(made(material, "json"))
    assert biotune.read(file).lines == biotune.read(noted).lines
    assert biotune.read(file).log_sha256 == material.recording.log_sha256
    assert registry.read_session(file).started == registry.read_session(noted).started


@pytest.mark.parametrize("cut", [20, 300, 5000])
def test_a_json_cut_off_is_refused_in_words(noted: Path, cut: int) -> None:
    data = made(of_file(noted), "json")
    with pytest.raises(BiotuneError):
        registry.recording_in(data[:-cut], "cut.json")


# ---------------------------------------------------------------- edf


def test_edf_has_the_intervals_as_signal_and_everything_else_as_annotations(noisy: Material, tmp_path: Path) -> None:
    file = tmp_path / "out.edf"
    file.write_bytes(made(noisy, "edf"))
    read = edfio.read_edf(file)
    (signal,) = read.signals
    assert (signal.label, signal.physical_dimension, signal.sampling_frequency) == ("RR", "ms", 4.0)
    beats = [each for each in read.annotations if each.text.startswith("beat")]
    assert [float(re.findall(r"rr=([\d.]+)", each.text)[0]) for each in beats] == noisy.raw.beats.rr_ms.tolist()
    assert [each.onset for each in beats] == pytest.approx(noisy.raw.beats.time_s, abs=1e-4)
    music = next(each for each in read.annotations if each.text == "phase music")
    assert (music.onset, music.duration) == (480.0, 600.0)
    gap = noisy.raw.gaps[0]
    inside = signal.data[round((gap.start_s + 1) * 4) : round((gap.end_s - 1.5) * 4)]
    assert inside == pytest.approx(0.0, abs=0.05)  # one step of 16 bits
    assert sum(each.text.startswith("gap") for each in read.annotations) == 2
    at = 300 * 4
    k = int(np.searchsorted(noisy.raw.beats.time_s, 300.0))
    assert signal.data[at] == pytest.approx(noisy.raw.beats.rr_ms[k], abs=0.05)
    assert read.startdate.isoformat() == "2026-10-27"
    assert read.patient.code == "C03"


@pytest.mark.parametrize("zero_s", [-500.0, 0.0, 1.7e9], ids=["before-0", "0", "unix-time"])
def test_edf_begins_with_the_beats_whatever_a_files_times_count_from(tmp_path: Path, zero_s: float) -> None:
    source = tmp_path / "source.csv"
    rows = [f"{zero_s + 0.8 * k:.3f},{800 if k < 100 else 900}" for k in range(1, 200)]
    source.write_text("\n".join(["time_s,rr_ms", *rows]), encoding="utf-8")
    file = tmp_path / "out.edf"
    file.write_bytes(made(of_file(source), "edf"))
    read = edfio.read_edf(file)
    (signal,) = read.signals
    first_900 = next(each.onset for each in read.annotations if each.text.startswith("beat rr=900"))
    assert signal.data[round((first_900 - 0.4) * 4)] == pytest.approx(900, abs=0.05)
    assert signal.data[round((first_900 - 1.4) * 4)] == pytest.approx(800, abs=0.05)


def test_edf_refuses_times_that_jump_by_years(tmp_path: Path) -> None:
    source = tmp_path / "source.csv"
    rows = [f"{(1e9 if k > 100 else 0) + 0.8 * k:.3f},800" for k in range(1, 200)]
    source.write_text("\n".join(["time_s,rr_ms", *rows]), encoding="utf-8")
    with pytest.raises(ExportError, match="too long for EDF"):
        made(of_file(source), "edf")


@pytest.fixture(scope="module")
def with_ecg(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Material]:
    """A minute of the simulated strap's ECG, recorded by the program itself."""
    home = tmp_path_factory.mktemp("ecg")
    command = [sys.executable, "-m", "biotune", "record", "--home", str(home), "--simulate", "resting", "--ecg"]
    command += ["--protocol", "quick-check", "--speed", "1000"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with biotune.open_library(home) as library:
        return home, subjects.material(subjects.of_session(library, "S1"))


def test_an_ecg_goes_out_at_even_times(with_ecg: tuple[Path, Material], tmp_path: Path) -> None:
    from biotune.analysis import ecg

    _, material = with_ecg
    samples = ecg.trace(material.recording)
    file = tmp_path / "out.edf"
    file.write_bytes(made(material, "edf"))
    signal = edfio.read_edf(file).get_signal("ECG")
    assert (signal.sampling_frequency, signal.physical_dimension) == (130.0, "uV")
    at_s = np.arange(len(signal.data)) / 130.0
    sent = samples.values[200:5000]  # noqa: PD011 - no table of pandas
    expected = np.interp(samples.time_s[200:5000], at_s, signal.data)
    assert np.corrcoef(expected, sent)[0, 1] > 0.98  # the same wave, at the same times

    files = exporting.write(material, "bids")
    sidecar = json.loads(next(data for name, data in files.items() if name.endswith("recording-ecg_physio.json")))
    assert (sidecar["SamplingFrequency"], sidecar["Columns"]) == (130.0, ["cardiac"])


# ---------------------------------------------------------------- bids


def test_a_bids_data_set_keeps_the_rules(noisy: Material) -> None:
    files = exporting.write(noisy, "bids")
    description = json.loads(files["dataset_description.json"])
    assert description["Name"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", description["BIDSVersion"])
    assert files["participants.tsv"].decode().splitlines() == ["participant_id", "sub-C03"]
    inside = [name for name in files if name.startswith("sub-")]
    for name in inside:
        assert re.fullmatch(
            r"sub-C03/beh/sub-C03_task-listening(_recording-ecg)?_(physio\.(json|tsv\.gz)|events\.(json|tsv))", name
        ), name
    sidecar = json.loads(files["sub-C03/beh/sub-C03_task-listening_physio.json"])
    assert {"SamplingFrequency", "StartTime", "Columns"} <= set(sidecar)
    rows = gzip.decompress(files["sub-C03/beh/sub-C03_task-listening_physio.tsv.gz"]).decode().splitlines()
    assert len(sidecar["Columns"]) == len(rows[0].split("\t")) == 1  # and no head
    values = pd.to_numeric(pd.Series(rows), errors="coerce")
    assert values.isna().sum() == sum(row == "n/a" for row in rows)
    assert len(rows) == pytest.approx(1380 * sidecar["SamplingFrequency"], rel=0.01)
    gaps_s = sum(gap.end_s - gap.start_s for gap in noisy.raw.gaps)
    assert values.isna().sum() / 4 == pytest.approx(gaps_s, abs=4)  # and the moment before the first beat

    events = list(csv.reader(files["sub-C03/beh/sub-C03_task-listening_events.tsv"].decode().splitlines(), "excel-tab"))
    assert events[0][:2] == ["onset", "duration"]
    onsets = [float(row[0]) for row in events[1:]]
    assert onsets == sorted(onsets)
    described = json.loads(files["sub-C03/beh/sub-C03_task-listening_events.json"])
    assert set(described) == set(events[0])
    kinds = [row[2] for row in events[1:]]
    assert set(kinds) <= set(described["trial_type"]["Levels"])
    assert kinds.count("beat") == len(noisy.raw.beats)
    assert [float(row[4]) for row in events[1:] if row[2] == "beat"] == noisy.raw.beats.rr_ms.tolist()


# ---------------------------------------------------------------- xlsx


def test_a_spreadsheet_holds_every_result_and_explains_every_column(noisy: Material) -> None:
    book = openpyxl.load_workbook(io.BytesIO(made(noisy, "xlsx")))
    sheets = {name: list(book[name].iter_rows(values_only=True)) for name in book.sheetnames}
    assert set(sheets) == {
        *("phases", "metrics", "changes", "beats", "artefacts", "gaps", "markers", "provenance", "codebook")
    }
    explained = {(row[0], row[1]) for row in sheets["codebook"][1:]}
    for name, rows in sheets.items():
        if name != "codebook":
            assert {(name, column) for column in rows[0]} <= explained
    head = sheets["phases"][0]
    music = dict(zip(head, next(row for row in sheets["phases"][1:] if row[0] == "music"), strict=True))
    assert music["rmssd"] == pytest.approx(noisy.analysis.phase("music").metrics["rmssd"].value)
    assert music["vlf"] is None  # unavailable is empty, never 0
    reason = next(row for row in sheets["metrics"][1:] if row[:2] == ("music", "vlf"))
    assert reason[5] == "too-short"
    assert len(sheets["beats"]) == len(noisy.raw.beats) + 1
    assert len(sheets["artefacts"]) == len(noisy.analysis.artefacts) + 1
    assert {row[0] for row in sheets["provenance"]} >= {"log_sha256", "biotune", "detrending"}
    flagged = [row for row in sheets["beats"][1:] if row[4]]
    assert len(flagged) == len(noisy.analysis.artefacts)
    parts = [row[0] for row in sheets["artefacts"][1:] if row[3]]
    assert parts == pytest.approx([each.time_s for each in noisy.analysis.artefacts if each.joined])
    assert parts


def test_no_cell_is_a_formula(noted: Path) -> None:
    data = made(of_file(noted, with_notes=True), "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(data))
    texts = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert {"=cmd()", "=HYPERLINK(marimba secret)"} <= {cell.value for cell in texts}
    assert {cell.data_type for cell in texts} == {"s"}
    line = made(of_file(noted), "csv").decode().splitlines()[1]
    assert line.endswith(",'=cmd()")  # a spreadsheet opens a CSV as well


# ---------------------------------------------------------------- for all


@pytest.mark.parametrize("name", FORMATS)
def test_what_people_typed_stays_in_the_house_unless_asked_for(noted: Path, name: str) -> None:
    def text(material: Material) -> bytes:
        files = exporting.write(material, name)
        if name == "xlsx":
            book = openpyxl.load_workbook(io.BytesIO(files[""]))
            return repr([list(sheet.iter_rows(values_only=True)) for sheet in book]).encode()
        return b"".join(gzip.decompress(data) if path.endswith(".gz") else data for path, data in files.items())

    assert [note for note in NOTES if note.encode() in text(of_file(noted))] == []
    assert str(noted.parent).encode() not in text(of_file(noted))  # nor where the file lies on this machine
    if name in {"bids", "edf", "xlsx", "json"}:
        assert NOTES[0].encode() in text(of_file(noted, with_notes=True))


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_without_phases_or_times_goes_out_in_every_format(tmp_path: Path, name: str) -> None:
    file = tmp_path / "rr.txt"
    file.write_text("".join(f"{800 + 40 * (k % 5)}\n" for k in range(200)))
    files = exporting.write(of_file(file), name)
    assert all(files.values())
    if name == "csv":
        assert files[""].startswith(b"time_s,rr_ms\n")


def test_an_unknown_format_is_named_with_those_there_are(noisy: Material) -> None:
    with pytest.raises(UsageError, match="no format 'fit'") as refused:
        exporting.write(noisy, "fit")
    assert "csv, kubios, bids, edf, xlsx, json" in refused.value.hint


# ---------------------------------------------------------------- writing


def test_an_existing_file_stays_unless_it_is_forced(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("mine")
    with pytest.raises(UsageError, match="exists already") as refused:
        writing.write(file, b"yours")
    assert "--force" in refused.value.hint
    assert file.read_text() == "mine"
    writing.write(file, b"yours", force=True)
    assert file.read_text() == "yours"
    assert list(tmp_path.iterdir()) == [file]


def test_a_full_disk_leaves_nothing_half_written(require, tmp_path: Path) -> None:
    full = Path("/dev/full")
    require(full.exists() and sys.platform == "linux", "/dev/full")
    program = (
        "import resource, signal, sys; from pathlib import Path; from biotune.formats import writing\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"  # no file may grow beyond: the disk is full
        "writing.write(Path(sys.argv[1]), bytes(5000), force=True)\n"
    )
    file = tmp_path / "a.csv"
    file.write_text("mine")
    done = subprocess.run([sys.executable, "-c", program, str(file)], capture_output=True, text=True, check=False)
    assert "ExportError" in done.stderr
    assert "cannot be written" in done.stderr
    assert file.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_is_not_there_or_a_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"):
        writing.write(tmp_path / "no" / "a.csv", b"x")
    with pytest.raises(UsageError, match="is a folder"):
        writing.write(tmp_path, b"x", force=True)
    (tmp_path / "f").write_text("x")
    with pytest.raises(UsageError, match="is a file"):
        writing.write_folder(tmp_path / "f", {"a": b"x"})
    with pytest.raises(ExportError, match="cannot be written"):
        writing.write(Path("/proc/a.csv"), b"x")
