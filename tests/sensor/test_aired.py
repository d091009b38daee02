"""``biotune record --simulate`` in real time: the simulator's packets, through the client that straps have."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from biotune.domain import Activity, PacketReceived, PhaseKind, RecorderStarted, StrapChange, StrapEvent
from biotune.sensor.physiology import Outage
from biotune.sensor.simulator import SimulatedSource, Stretch
from biotune.sensor.source import Stamp, SystemClock, VirtualClock
from biotune.storage.store import Store

PHASE_S = 60.0  # of quick-check


@pytest.fixture
def _bumble(require: Callable[[object, str], None]) -> None:
    require(find_spec("bumble"), "bumble (pip install 'biotune[sim]')")


async def _first_packets(source: SimulatedSource, count: int) -> list[bytes]:
    packets: list[bytes] = []
    async for observation in source.observe():
        if isinstance(observation.entry, PacketReceived):
            packets.append(observation.entry.data)
            if len(packets) == count:
                break
    return packets


def _simulators_own(profile: str, count: int) -> list[bytes]:
    clock = VirtualClock(Stamp("test", 0, 0), speed=float("inf"))
    return asyncio.run(
        _first_packets(SimulatedSource(profile, [Stretch(PhaseKind.OTHER, PHASE_S, Activity.REST)], clock=clock), count)
    )


def _record(home: Path, packets: int, *how: str, env: dict[str, str] | None = None) -> str:
    """Record until so many packets are safe, end it in good order, and return what it said."""
    command = [sys.executable, "-m", "biotune", "record", "--home", str(home), "--protocol", "quick-check", "-v", *how]
    said: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=env) as recorder:
        assert recorder.stderr
        for line in recorder.stderr:
            said.append(line)
            if line.split()[:1] == ["acknowledged"] and int(line.split()[1]) >= packets + 4:  # four lines at the start
                recorder.send_signal(signal.SIGINT)
                break
        said += recorder.stderr.readlines()
    assert recorder.returncode == 0, said
    return "".join(said)


def _entries(home: Path) -> list[object]:
    with Store.open(f"sqlite:///{home / 'biotune.db'}") as store:
        return [line.entry for line in store.lines("S1")]


@pytest.mark.usefixtures("_bumble")
def test_the_log_holds_the_simulators_own_packets_in_order(home: Path) -> None:
    assert "simulated without" not in _record(home, 4, "--simulate", "responds")
    entries = _entries(home)
    packets = [entry.data for entry in entries if isinstance(entry, PacketReceived)]
    assert len(packets) >= 4
    assert packets == _simulators_own("responds", len(packets))
    assert next(entry.source for entry in entries if isinstance(entry, RecorderStarted)) == "simulator"
    connected = next(entry for entry in entries if isinstance(entry, StrapEvent))
    assert connected.strap
    assert connected.strap.name == "Simulated strap (responds)"


@pytest.mark.usefixtures("_bumble")
def test_a_drop_is_a_lost_link_and_the_strap_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from biotune.sensor import simulator
    from biotune.sensor.aired import AiredSource

    monkeypatch.setattr(simulator, "NOTICE_LOST_S", 0.2)

    async def scene() -> list[object]:
        simulated = SimulatedSource("resting", [(PhaseKind.OTHER, PHASE_S)], clock=SystemClock())
        simulated.profile = replace(simulated.profile, outages=(Outage(PhaseKind.OTHER, 2.2 / PHASE_S, 1.5),))
        seen: list[object] = []
        changes = 0
        async with asyncio.timeout(20):
            observations = AiredSource(simulated).observe()
            async for observation in observations:
                seen.append(observation.entry)
                changes += isinstance(observation.entry, StrapEvent)
                if changes >= 5 and isinstance(observation.entry, PacketReceived):
                    break
            await observations.aclose()
        return seen

    seen = asyncio.run(scene())
    changes = [entry.change for entry in seen if isinstance(entry, StrapEvent)]
    assert changes[:3] == [StrapChange.CONNECTED, StrapChange.BATTERY, StrapChange.LOST]
    assert changes[-2:] == [StrapChange.CONNECTED, StrapChange.BATTERY]


def test_without_bumble_the_plain_simulator_takes_over_and_says_so(home: Path, tmp_path: Path) -> None:
    (tmp_path / "bumble.py").write_text("raise ImportError('No module named bumble')", encoding="utf-8")
    said = _record(home, 2, "--simulate", "resting", env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert "biotune[sim]" in said
    assert "simulated without Bluetooth" in said
    packets = [entry.data for entry in _entries(home) if isinstance(entry, PacketReceived)]
    assert packets == _simulators_own("resting", len(packets))


def test_at_another_speed_it_says_once_that_no_radio_is_used(home: Path) -> None:
    command = [sys.executable, "-m", "biotune", "record", "--home", str(home), "--protocol", "quick-check"]
    told = subprocess.run(
        [*command, "--simulate", "resting", "--speed", "max"], capture_output=True, text=True, check=True
    )
    assert told.stderr.count("simulated without") == 1


@pytest.mark.usefixtures("_bumble")
def test_a_killed_recorder_is_continued_whichever_way_it_was_simulated(home: Path) -> None:
    command = [sys.executable, "-m", "biotune", "record", "--home", str(home), "--protocol", "quick-check"]
    with subprocess.Popen([*command, "--simulate", "resting"], stdout=subprocess.PIPE, text=True) as recorder:
        assert recorder.stdout
        assert recorder.stdout.readline() == "session S1\n"
        recorder.kill()
    again = subprocess.run(
        [*command, "--simulate", "resting", "--speed", "max"], capture_output=True, text=True, check=True
    )
    assert again.stdout == "session S1\n"
