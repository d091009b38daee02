"""``biotune check``, and a strap of heart rate alone, on a machine whose BlueZ is ours."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from scenes import STRAP, play, source

from biotune.domain import NS_PER_S, StrapChange, StrapEvent, StrapIdentity
from biotune.sensor.source import SystemClock
from biotune.session.protocol import Protocol
from biotune.session.recorder import Listeners, record
from biotune.settings import Settings
from biotune.storage.store import Store
from biotune.wire.heart_rate import HeartRate, encode

if TYPE_CHECKING:
    from lab import BluezLab

Near = Callable[..., Any]


def biotune(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "biotune", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=dict(os.environ), timeout=60, check=False)


def beat(number: int) -> bytes:
    return encode(HeartRate(120, (512 + (-1) ** number * 10,), contact=True))


@pytest.mark.dbus
def test_a_worn_strap_is_judged_and_let_go_of(bluez: "BluezLab", home: Path) -> None:
    bluez.beat_on(every_s=0.5, packet=beat)
    done = biotune("check", "--strap", "Virtual strap", "--seconds", "12", "--json")  # 1 of 24 beats is no 5 %
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["strap"] == "Virtual strap"
    assert document["battery_pct"] == 87
    assert document["no_contact_pct"] == 0
    assert abs(document["expected"] - 24) <= 1
    assert abs(document["beats"] - document["expected"]) <= 1
    assert document["readiness"] == "ready"
    assert "connected: signal -" in done.stderr
    assert not bluez.bluez.connected
    assert not home.exists()


@pytest.mark.dbus
def test_a_strap_that_does_not_sit_well_is_not_ready(bluez: "BluezLab", home: Path) -> None:
    bluez.beat_on(every_s=0.5, packet=lambda _: encode(HeartRate(0, contact=False)))
    done = biotune("check", "--strap", "Virtual strap", "--seconds", "10")
    assert done.returncode == 1
    assert done.stdout.startswith("no heartbeat, no contact for 100 % of the time")
    assert "Moisten the electrodes" in done.stdout
    assert not home.exists()


@pytest.mark.dbus
@pytest.mark.parametrize("command", ["check", "record"])
def test_a_strap_that_is_being_recorded_is_left_to_its_recorder(bluez: "BluezLab", home: Path, command: str) -> None:
    with Store.open(Settings.read(home=home).database) as store:
        now = SystemClock().now()
        session = store.create_session(client="", protocol="", started=datetime.now(UTC))
        connected = StrapEvent(StrapChange.CONNECTED, strap=StrapIdentity("Virtual strap"))
        store.append(session, "test", now, connected, recording=1)
        with store.recording_now(session):
            done = biotune(command, "--strap", "virtual strap")
    assert (done.returncode, done.stdout) == (1, "")
    assert "being recorded already" in done.stderr
    assert "S1" in done.stderr
    assert bluez.bluez.calls["StartDiscovery"] == 0


@pytest.mark.dbus
def test_who_waits_for_a_strap_is_told_at_once_what_is_looked_for(bluez: "BluezLab", home: Path) -> None:
    bluez.strap_off()
    command = [sys.executable, "-m", "biotune", "record", "--strap", "H10"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=dict(os.environ)) as recorder:
        assert recorder.stderr
        assert recorder.stderr.readline() == "looking for H10 …\n"
        recorder.kill()
    assert home.exists()


@pytest.mark.parametrize("wide", [False, True])
def test_a_strap_without_rr_gives_heart_rate_and_says_why_there_is_no_hrv(
    near: Near, tmp_path: Path, *, wide: bool
) -> None:
    """Also where it sends its rate in 16 bits; from the air to the analysis."""
    from biotune import library

    packet = encode(HeartRate(72), wide=wide)
    assert len(packet) == 2 + wide
    with Store.open(f"sqlite:///{tmp_path / 'b.db'}") as store:

        async def scene() -> None:
            async with near(STRAP) as stage:
                stop, heard = asyncio.Event(), 0

                def acknowledged(_: int) -> None:
                    nonlocal heard
                    heard += 1
                    if heard >= 25:
                        stop.set()

                async def beat_on() -> None:
                    while not stop.is_set():
                        if await stage.heard():
                            await stage.send(packet)
                        await asyncio.sleep(0.05)

                beating = asyncio.create_task(beat_on())
                listeners = Listeners(acknowledged=acknowledged)
                await record(store, source(stage), Protocol("", "", "", ()), client="", listeners=listeners, stop=stop)
                await beating

        play(scene)
        recording = store.session("S1").recording()
    assert recording.lines[-1].stamp.monotonic_ns - recording.lines[0].stamp.monotonic_ns < 10 * NS_PER_S
    (phase,) = library.analyse(recording, any_length=True).phases
    metrics = {key: metric.to_dict() for key, metric in phase.metrics.items()}
    assert metrics.pop("mean_hr") == {"value": 72.0, "unit": "bpm", "flags": ["ultra-short", "below-least-length"]}
    assert {metric["unavailable"] for metric in metrics.values()} == {"no-rr"}
    assert phase.quality.usable is False


def test_a_strap_that_goes_away_while_listened_to_ends_the_check_in_time(near: Near) -> None:
    from biotune.analysis.signal_check import check
    from biotune.domain import GapReason, Readiness
    from biotune.session.listening import listen

    async def scene() -> None:
        async with near(STRAP) as stage:

            async def beat_twelve_times_and_go() -> None:
                while not await stage.heard():  # noqa: ASYNC110 - the strap sets no event of ours
                    await asyncio.sleep(0.02)
                for number in range(12):
                    await stage.send(beat(number))
                    await asyncio.sleep(0.1)
                await stage.strap_off()

            beating = asyncio.create_task(beat_twelve_times_and_go())
            loop = asyncio.get_running_loop()
            told: list[object] = []
            began = loop.time()
            heard = await listen(source(stage, scan_s=0.5), 6.0, told=told.append)
            assert 5.5 < loop.time() - began < 10
            await beating
        assert len(heard.lines) == len(told)
        found = check(heard, seconds=6.0)
        assert found.readiness is Readiness.NOT_READY
        assert found.gaps[-1].reason is GapReason.STRAP_LOST
        assert found.beats == 11

    play(scene)
