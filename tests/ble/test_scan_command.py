"""``biotune scan`` as a person runs it, on a machine whose BlueZ is ours."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lab import BluezLab

pytestmark = [pytest.mark.dbus, pytest.mark.usefixtures("home")]


def biotune(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "biotune", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=dict(os.environ), timeout=60, check=False)


@pytest.mark.usefixtures("bluez")
def test_a_strap_is_listed_as_a_document_and_as_a_table() -> None:
    done = biotune("scan", "--seconds", "0.5", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema"] == "biotune.scan/1"
    (strap,) = document["straps"]
    assert strap["name"] == "Virtual strap"
    assert strap["address"] == "C0:FF:EE:00:00:01"
    assert isinstance(strap["rssi"], int)
    assert strap["known"] is False

    table = biotune("scan", "--seconds", "0.5").stdout
    assert "Virtual strap" in table
    assert "C0:FF:EE:00:00:01" in table
    assert "dBm" in table


def test_nothing_heard_is_no_failure_and_says_what_to_look_at(bluez: "BluezLab") -> None:
    bluez.strap_off()
    done = biotune("scan", "--seconds", "0.3", "--json")
    assert (done.returncode, json.loads(done.stdout)["straps"]) == (0, [])
    text = biotune("scan", "--seconds", "0.3")
    assert text.returncode == 0
    assert "No strap was heard" in text.stdout
    assert "worn" in text.stdout


def test_without_bluetooth_it_fails_in_three_lines(bluez: "BluezLab") -> None:
    bluez.daemon_dies()
    done = biotune("scan", "--seconds", "0.3", "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "The Bluetooth service is not running" in done.stderr
    assert "systemctl start bluetooth" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["Virtual strap", "Other strap"])
def test_a_strap_recorded_before_is_known_and_stands_first(bluez: "BluezLab", home: Path, name: str) -> None:
    from stages import BluezStage

    from biotune.domain import Stamp, StrapChange, StrapEvent, StrapIdentity
    from biotune.settings import Settings
    from biotune.storage.store import Store

    with Store.open(Settings.read(home=home).database) as store:
        session = store.create_session(client="K1", protocol="listening", started=datetime.now(UTC))
        event = StrapEvent(StrapChange.CONNECTED, strap=StrapIdentity(name))
        store.append(session, "test", Stamp("boot", 1, 1), event, recording=1)
    other = StrapIdentity("Other strap", "C0:FF:EE:00:00:02")
    asyncio.run(BluezStage(bluez).add_strap(other))
    straps = json.loads(biotune("scan", "--seconds", "1", "--json").stdout)["straps"]
    assert [strap["known"] for strap in straps] == [True, False]
    assert straps[0]["name"] == name


def test_the_table_says_which_straps_were_recorded_before() -> None:
    from biotune.cli.scan import as_table
    from biotune.sensor.discovery import FoundStrap

    straps = (FoundStrap("A", "1", -40), FoundStrap("B", "2", -90))
    assert [line.endswith("recorded before") for line in as_table(straps, {"B"}).splitlines()] == [False, False, True]
