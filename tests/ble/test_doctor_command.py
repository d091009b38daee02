"""What ``biotune doctor`` says of Bluetooth, on a machine whose BlueZ is ours."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lab import BluezLab

pytestmark = pytest.mark.dbus

STEPS = ["bluetooth-service", "bluetooth-permission", "bluetooth-adapter", "bluetooth-on"]


def doctor() -> tuple[int, dict[str, dict[str, Any]]]:
    command = [sys.executable, "-m", "biotune", "doctor", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ), timeout=60, check=False)
    checks = json.loads(done.stdout)["checks"]
    return done.returncode, {each["name"]: each for each in checks if each["name"][:5] in {"bluet", "strap"}}


def test_where_all_works_the_strap_nearby_is_named(bluez: "BluezLab", home: Path) -> None:
    code, checks = doctor()
    assert list(checks) == [*STEPS, "straps"]
    assert all(each["ok"] for each in checks.values())
    assert "Virtual strap" in checks["straps"]["words"]
    assert code == 0
    assert not bluez.bluez.connected
    assert not home.exists()


def test_no_strap_nearby_is_no_fault_of_the_machine(bluez: "BluezLab", home: Path) -> None:
    bluez.strap_off()
    code, checks = doctor()
    assert code == 0
    assert (checks["straps"]["ok"], checks["straps"]["needed"]) == (False, False)
    assert "electrodes" in checks["straps"]["remedy"]
    assert not home.exists()


@pytest.mark.parametrize(
    ("trouble", "fails", "remedy"),
    [
        ("no daemon", "bluetooth-service", "systemctl start bluetooth"),
        ("not allowed", "bluetooth-permission", "usermod -aG bluetooth"),
        ("unplugged", "bluetooth-adapter", "Plug in"),
        ("off", "bluetooth-on", "bluetoothctl power on"),
    ],
)
@pytest.mark.usefixtures("home")
def test_what_is_broken_is_named_after_what_works(bluez: "BluezLab", trouble: str, fails: str, remedy: str) -> None:
    from org_bluez import Refusal

    match trouble:
        case "no daemon":
            bluez.daemon_dies()
        case "not allowed":
            refusal = Refusal("org.freedesktop.DBus.Error.AccessDenied", "Rejected send message")
            bluez.bluez.faults["GetManagedObjects"].extend([refusal] * 2)
        case "unplugged":
            bluez.run(bluez.bluez.unplug())
        case "off":
            bluez.switch(on=False)
    code, checks = doctor()
    assert code == 1
    assert list(checks) == STEPS[: STEPS.index(fails) + 1]
    assert [each["ok"] for each in checks.values()] == [True] * STEPS.index(fails) + [False]
    assert remedy in checks[fails]["remedy"]
