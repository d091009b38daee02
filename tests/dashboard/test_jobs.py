"""Recorders and scans that the dashboard starts: real processes, and no word that becomes an option."""

import gc
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from biotune.domain import Request, StrapChange, StrapEvent
from biotune.errors import BiotuneError, UsageError
from biotune.library import Library, open_library
from biotune.live import Standing
from dashboard.jobs import Jobs, Scan, Start

PATIENCE_S = 30.0


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with open_library(home) as opened:
        yield opened


@pytest.fixture
def jobs(library: Library, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere")  # no Bluetooth, wherever this runs
    monkeypatch.delenv("BIOTUNE_HOME")
    return Jobs(library.live.database)


def _decided(jobs: Jobs, word: str) -> Start:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        start = jobs.started(word)
        if start != Start():
            return start
        time.sleep(0.05)
    raise AssertionError("the recorder said nothing")


def test_what_recorders_said_goes_with_the_dashboard(library: Library) -> None:
    jobs = Jobs(library.live.database)
    recorder = jobs._spawn([sys.executable, "-c", "print('session S9')"])  # nobody ever asks what became of it
    with pytest.raises(OSError, match="no-such-program"):
        jobs._spawn(["/no-such-program"])
    recorder.process.wait(PATIENCE_S)
    folder = recorder.said.parent
    assert "session S9" in recorder.said.read_text()
    del jobs
    gc.collect()
    assert not folder.exists()


def test_a_recorder_starts_although_the_system_cleared_its_temporary_files_away(library: Library) -> None:
    jobs = Jobs(library.live.database)
    command = [sys.executable, "-c", "print('session S9')"]
    first = jobs._spawn(command)
    first.process.wait(PATIENCE_S)
    shutil.rmtree(first.said.parent)  # a dashboard that runs for weeks
    second = jobs._spawn(command)
    second.process.wait(PATIENCE_S)
    assert "session S9" in second.said.read_text()


def test_a_recorder_is_a_process_of_its_own_on_the_same_data(library: Library, jobs: Jobs) -> None:
    word = jobs.start(protocol="quick-check", client="K-204", profile="resting")
    assert jobs.start(protocol="quick-check", client="K-204", profile="resting") == word  # pressed twice
    process = jobs._recorders[word].process
    try:
        start = _decided(jobs, word)
        assert start == Start("S1")
        assert os.getsid(process.pid) == process.pid  # Ctrl-C in the dashboard's window does not reach it
        assert library.live.tail("S1").client == "K-204"
        assert library.live.standing("S1") is Standing.RECORDED
        library.live.request("S1", Request.STOP)
        assert process.wait(PATIENCE_S) == 0
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
    assert library.live.tail("S1").standing is None
    assert not jobs._recorders[word].said.exists()


def test_what_the_recorder_says_went_wrong_is_told(jobs: Jobs) -> None:
    problem = _decided(jobs, jobs.start(protocol="quick-check", strap="C0:FF:EE:00:00:01")).problem
    assert isinstance(problem, BiotuneError)
    assert problem.what
    assert problem.hint
    assert "biotune:" not in str(problem)


@pytest.mark.parametrize("strap", ["--replay=S1", "-h", "'; touch broken; '", "$(touch broken)"])
def test_a_straps_name_stays_a_name(
    jobs: Jobs, library: Library, strap: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    problem = _decided(jobs, jobs.start(protocol="quick-check", strap=strap)).problem
    ordinary = _decided(jobs, jobs.start(protocol="quick-check", strap="H10")).problem
    assert problem is not None
    assert str(problem) == str(ordinary)  # there is no Bluetooth: it came as far as looking for that strap
    assert library.sessions() == ()
    assert not (tmp_path / "broken").exists()


@pytest.mark.parametrize("client", ["--new", "-x", "x" * 41, "é\0", "K;rm"])
def test_a_clients_code_that_is_none_is_refused_before_anything_starts(jobs: Jobs, client: str) -> None:
    with pytest.raises(UsageError, match="client"):
        jobs.start(protocol="quick-check", client=client, profile="resting")
    assert jobs._recorders == {}


def test_a_scan_that_cannot_be_says_why(jobs: Jobs) -> None:
    assert jobs.scan == Scan()
    jobs.begin_scan()
    until = time.monotonic() + PATIENCE_S
    while jobs.scan.running and time.monotonic() < until:
        time.sleep(0.05)
    assert not jobs.scan.running
    assert isinstance(jobs.scan.problem, BiotuneError)
    assert jobs.scan.problem.hint


def test_a_word_of_an_earlier_dashboard_is_told_as_one(jobs: Jobs) -> None:
    assert isinstance(jobs.started("0123").problem, UsageError)


def test_a_signal_check_gives_way_to_another(jobs: Jobs) -> None:
    jobs.begin_check(profile="irregular")
    first = jobs._checking
    assert first is not None
    assert jobs.check.running
    jobs.begin_check(profile="resting")
    assert first.poll() is not None  # it has let go of its strap before the other begins
    second = jobs._checking
    assert second is not None
    jobs.end_check()
    assert second.poll() is not None
    assert not jobs.check.running


def test_a_check_that_cannot_be_made_says_why(jobs: Jobs) -> None:
    jobs.begin_check(profile="nobody")
    until = time.monotonic() + PATIENCE_S
    while jobs.check.running and time.monotonic() < until:
        time.sleep(0.05)
    assert jobs.check.problem is not None
    assert "nobody" in jobs.check.problem.what
    with pytest.raises(UsageError):
        jobs.begin_check(strap="a\nb")


def test_the_ecg_is_recorded_where_it_was_asked_for_and_a_reloaded_page_knows_the_start(
    library: Library, jobs: Jobs
) -> None:
    assert jobs.pending is None
    word = jobs.start(protocol="quick-check", profile="resting", ecg=True)
    assert jobs.pending == word
    process = jobs._recorders[word].process
    try:
        session = _decided(jobs, word).session
        assert jobs.pending is None
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and not any(
            isinstance(line.entry, StrapEvent) and line.entry.change is StrapChange.STREAM
            for line in library.store.lines(session, kinds=["strap"])
        ):
            time.sleep(0.05)
        streams = [line.entry.detail for line in library.store.lines(session, kinds=["strap"])]
        assert any("ECG" in detail for detail in streams)
        library.live.request(session, Request.STOP)
        assert process.wait(PATIENCE_S) == 0
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
