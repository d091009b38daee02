"""``biotune record`` as a process: started, stopped, killed at any instant, started again."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from biotune.cli.main import main
from biotune.domain import PacketReceived, PhaseStarted, RecorderStarted, RecorderStopped
from biotune.storage.store import Store

SHORT = """\
title = "Short"
description = ""
[[phase]]
name = "baseline"
kind = "baseline"
minutes = 1
explanation = "Sit."
[[phase]]
name = "music"
kind = "intervention"
activity = "listening"
minutes = 2
explanation = "Listen."
"""


@pytest.fixture
def short(tmp_path: Path) -> str:
    file = tmp_path / "short.toml"
    file.write_text(SHORT, encoding="utf-8")
    return str(file)


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "biotune", "record", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(recorder: subprocess.Popen[str]) -> tuple[str, str]:
    with recorder:
        return recorder.communicate(timeout=60)


def acknowledged(stderr: str) -> int:
    words = [line.split() for line in stderr.splitlines()]
    return max((int(line[1]) for line in words if len(line) == 2 and line[0] == "acknowledged"), default=0)


def test_a_simulated_session_is_recorded_and_its_name_is_all_that_stdout_says(home: Path, short: str) -> None:
    recorder = start("--simulate", "resting", "--speed", "max", "--protocol", short, "--client", "C07")
    stdout, stderr = finish(recorder)
    assert (recorder.returncode, stdout) == (0, "session S1\n")
    assert "music, 2 min. Listen." in stderr
    with Store.open(f"sqlite:///{home / 'biotune.db'}") as store:
        (summary,) = store.sessions("C07")
    assert (summary.protocol, summary.finished, summary.duration_s) == ("short", True, 180.0)
    assert 170 < summary.packets <= 180
    assert sorted(path.name for path in home.iterdir()) == ["biotune.db"]


def test_a_recording_can_be_replayed_with_the_same_bytes_and_phases(home: Path, short: str) -> None:
    finish(start("--simulate", "resting", "--speed", "max", "--protocol", short))
    assert finish(start("--replay", "S1", "--speed", "max"))[0] == "session S2\n"
    with Store.open(f"sqlite:///{home / 'biotune.db'}") as store:
        one, two = (
            [
                (round(time_s, 6), line.entry)
                for time_s, line in store.session(name).recording().times_s()
                if isinstance(line.entry, PacketReceived | PhaseStarted)
            ]
            for name in ("S1", "S2")
        )
    assert one == two


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_or_termination_ends_the_session_cleanly(home: Path, short: str, how: signal.Signals) -> None:
    recorder = start("--simulate", "resting", "--protocol", short)
    assert recorder.stdout
    assert recorder.stdout.readline() == "session S1\n"
    recorder.send_signal(how)
    _, stderr = finish(recorder)
    assert recorder.returncode == 0
    assert "Traceback" not in stderr
    with Store.open(f"sqlite:///{home / 'biotune.db'}") as store:
        assert store.session("S1").finished
        assert RecorderStopped("stopped") in [line.entry for line in store.lines("S1")]


def test_killed_at_any_instant_it_has_what_it_acknowledged_and_goes_on(home: Path, short: str) -> None:
    chance = random.Random(2)
    promised = 0
    for _ in range(6):
        recorder = start("--simulate", "resting", "--speed", "60", "--protocol", short, "-v")
        assert recorder.stdout
        assert recorder.stdout.readline() == "session S1\n"
        time.sleep(chance.uniform(0.0, 0.4))
        recorder.kill()
        _, stderr = finish(recorder)
        promised = max(promised, acknowledged(stderr))
        with sqlite3.connect(home / "biotune.db") as log:
            numbers = [seq for (seq,) in log.execute("SELECT seq FROM line WHERE session = 1 ORDER BY seq")]
            assert log.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) >= promised > 0
    assert finish(start("--simulate", "resting", "--speed", "max", "--protocol", short))[0] == "session S1\n"
    with Store.open(f"sqlite:///{home / 'biotune.db'}") as store:
        (summary,) = store.sessions()
        entries = [line.entry for line in store.lines("S1")]
    assert summary.finished
    assert [entry.resumed for entry in entries if isinstance(entry, RecorderStarted)] == [False, *[True] * 6]
    assert [entry.name for entry in entries if isinstance(entry, PhaseStarted)] == ["baseline", "music"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], 2, "--strap --simulate --replay"),
        (["--strap", "H10", "--simulate", "resting"], 2, "not allowed with"),
        (["--simulate", "dancing"], 2, "resting"),
        (["--simulate", "resting", "--protocol", "waltz"], 2, "quiet-rest"),
        (["--simulate", "resting", "--speed", "0"], 2, "'0' is no speed"),
        (["--simulate", "resting", "--speed", "nan"], 2, "'nan' is no speed"),
        (["--strap", "H10", "--speed", "2"], 2, "a strap has its own speed"),
        (["--replay", "S99"], 1, "no session S99"),
        (["--replay", "nowhere.csv"], 2, "nowhere.csv"),
    ],
)
def test_a_wrong_call_is_answered_in_words_and_records_nothing(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, says: str
) -> None:
    try:
        returned: object = main(["record", *arguments])
    except SystemExit as exit_:  # argparse's way
        returned = exit_.code
    told = capsys.readouterr()
    assert (returned, told.out) == (code, "")
    assert says in told.err
    assert "Traceback" not in told.err
    if (home / "biotune.db").exists():
        with Store.open(f"sqlite:///{home / 'biotune.db'}") as store:
            assert store.sessions() == ()


def test_ecg_and_accelerometer_are_recorded_where_the_strap_has_them(home: Path) -> None:
    recorder = start("--simulate", "resting", "--speed", "max", "--protocol", "quick-check", "--ecg")
    stdout, stderr = finish(recorder)
    assert (recorder.returncode, stdout) == (0, "session S1\n")
    assert "ECG 130 Hz" in stderr
    with Store.open(f"sqlite:///{home / 'biotune.db'}") as store:
        sent = [line.entry.characteristic for line in store.lines("S1") if isinstance(line.entry, PacketReceived)]
    assert len(set(sent)) == 2, "heart rate, and Polar's stream of frames"


def test_recording_from_a_strap_loads_no_analysis() -> None:
    program = (
        "import sys, biotune.cli.record, biotune.session.recorder, biotune.sensor.strap, biotune.storage.store\n"
        "print(*sys.modules.keys() & {'numpy', 'scipy', 'dash', 'plotly', 'neurokit2', 'pandas'})"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert told.stdout.strip() == ""
