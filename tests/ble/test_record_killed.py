"""A recorder that dies in mid-session: the way from the strap to the verdict, with real processes."""

import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from biotune.domain import PacketReceived, RecorderStarted
from biotune.settings import Settings
from biotune.storage.store import Store
from biotune.wire.heart_rate import HeartRate, decode, encode

if TYPE_CHECKING:
    from lab import BluezLab

pytestmark = pytest.mark.dbus

BEAT_S = 0.5
STRETCH = 25  # lines: beats for 11 s at least, since 10 s are the least that is compared


def beat(number: int) -> bytes:
    """One beat of half a second, give or take, that carries its number as energy."""
    return encode(HeartRate(120, (512 + (-1) ** number * 10,), energy_kj=number))


def biotune(*arguments: str) -> str:
    command = [sys.executable, "-m", "biotune", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Recorder:
    """``biotune record --verbose`` in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]", told: Path) -> None:
        self.process = process
        self._told = told
        assert process.stdout
        self.session_id = process.stdout.readline().removeprefix("session ").strip()

    def acknowledged(self) -> int:
        """The last line that it said to be on the disk."""
        return max(map(int, re.findall(r"acknowledged (\d+)\n", self._told.read_text())), default=0)

    def told(self) -> str:
        return self._told.read_text()


@contextmanager
def recording(told: Path) -> Iterator[Recorder]:
    arguments = ["record", "--strap", "Virtual strap", "--client", "K1", "--protocol", "quick-check", "--verbose"]
    with told.open("w") as file:
        command = [sys.executable, "-m", "biotune", *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=file, text=True, env=dict(os.environ))
    with process:
        try:
            yield Recorder(process, told)
        finally:
            process.kill()


def wait_until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + 40
    while not true():
        assert time.monotonic() < ends, "waited 40 s in vain"
        time.sleep(0.05)


def test_a_killed_recorder_loses_nothing_it_acknowledged_and_goes_on_with_the_session(
    bluez: "BluezLab", home: Path, tmp_path: Path
) -> None:
    bluez.beat_on(every_s=BEAT_S, packet=beat)
    with recording(tmp_path / "first") as first:
        wait_until(lambda: first.acknowledged() >= STRETCH)
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
    promised = first.acknowledged()
    time.sleep(1)

    with recording(tmp_path / "second") as second:
        assert second.session_id == first.session_id, second.told()
        wait_until(lambda: second.acknowledged() >= promised + STRETCH)
        second.process.send_signal(signal.SIGINT)
        assert second.process.wait(10) == 0, second.told()

    with Store.open(Settings.read(home=home).database) as store:
        lines = store.lines(first.session_id)
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
    starts = [line.seq for line in lines if isinstance(line.entry, RecorderStarted)]
    assert len(starts) == 2
    assert promised < starts[1]

    def beats(*, after: int, before: int) -> list[int | None]:
        return [
            decode(line.entry.data).energy_kj
            for line in lines
            if isinstance(line.entry, PacketReceived) and after < line.seq < before
        ]

    early, late = beats(after=0, before=starts[1]), beats(after=starts[1], before=len(lines) + 1)
    assert early == list(range(len(early)))  # from the first beat on, none missing and none twice
    assert late == list(range(late[0], late[0] + len(late)))
    assert late[0] > early[-1]

    document = json.loads(biotune("analyse", first.session_id, "--json"))
    (gap,) = (gap for gap in document["gaps"] if gap["reason"] == "recorder-stopped")
    assert gap["end_s"] - gap["start_s"] > 1
    assert json.loads(biotune("sessions", "--json"))["sessions"][0]["packets"] == len(early) + len(late)
    ends_s = document["phases"][-1]["start_s"] + document["phases"][-1]["duration_s"]
    before = f"0-{math.floor(gap['start_s'])}"
    after = f"{math.ceil(gap['end_s'])}-{math.floor(ends_s)}"
    compared = json.loads(biotune("compare", first.session_id, "--before", before, "--after", after, "--json"))
    assert set(compared["changes"]["mean_hr"]) >= {"kind", "verdict", "caveats"}
