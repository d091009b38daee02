"""What the dashboard starts, on a machine whose BlueZ is ours: a scan, a recording, and the strap known again."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from biotune.domain import Request
from biotune.library import Library, open_library
from biotune.live import Standing, StrapState
from dashboard.jobs import Jobs, NearbyStrap, Start

if TYPE_CHECKING:
    from lab import BluezLab

pytestmark = pytest.mark.dbus
ADDRESS = "C0:FF:EE:00:00:01"


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with open_library(home) as opened:
        yield opened


@pytest.fixture
def jobs(bluez: "BluezLab", library: Library, monkeypatch: pytest.MonkeyPatch) -> Jobs:  # noqa: ARG001 - its bus first
    monkeypatch.setattr("dashboard.jobs._SCAN_S", 0.5)
    monkeypatch.setattr("dashboard.jobs._ROUNDS", 2)
    return Jobs(library.live.database)


def _scan(jobs: Jobs, bluez: "BluezLab") -> list[NearbyStrap]:
    jobs.begin_scan()
    bluez.wait_until(lambda: not jobs.scan.running, seconds=30)
    assert jobs.scan.problem is None
    return list(jobs.scan.straps)


def test_a_strap_that_a_scan_lists_is_recorded_and_known_again(bluez: "BluezLab", jobs: Jobs, library: Library) -> None:
    bluez.beat_on(every_s=0.2)
    (found,) = _scan(jobs, bluez)
    assert (found.name, found.address, found.known) == ("Virtual strap", ADDRESS, False)

    word = jobs.start(protocol="quick-check", client="K-1", strap=found.address)
    process = jobs._recorders[word].process
    try:
        bluez.wait_until(lambda: jobs.started(word) != Start(), seconds=30)
        session = jobs.started(word).session
        assert session, jobs.started(word).problem
        bluez.wait_until(lambda: library.live.tail(session).bpm == 60)
        strap = library.live.tail(session).strap
        assert (strap.name, strap.state, strap.battery_pct) == ("Virtual strap", StrapState.HEARD, "87")

        process.send_signal(signal.SIGKILL)  # and the strap and client bring the session back
        process.wait(10)
        assert library.live.standing(session) is Standing.INTERRUPTED
        word = jobs.start(protocol="quick-check", client="K-1", strap=found.address)
        process = jobs._recorders[word].process
        bluez.wait_until(lambda: jobs.started(word) != Start(), seconds=30)
        assert jobs.started(word).session == session
        library.live.request(session, Request.STOP)
        assert process.wait(20) == 0
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            process.wait(10)
    (found,) = _scan(jobs, bluez)
    assert found.known


def test_a_scan_that_hears_nothing_is_over_without_a_problem(bluez: "BluezLab", jobs: Jobs) -> None:
    bluez.strap_off()
    assert _scan(jobs, bluez) == []
