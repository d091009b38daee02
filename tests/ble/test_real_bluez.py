"""Way B: the strap's failures on a real bluetoothd and a real kernel, in a microVM of about two minutes.

The scenes are in ``vm/guest.py``; their names stand here too, so that one that was never played is a
failure of its own. What is learnt here is what ``org_bluez.py`` plays in the quick tests.
"""

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = [pytest.mark.dbus, pytest.mark.timeout(450)]

HERE = Path(__file__).parent / "vm"
BOUND_S = 430  # run.sh ends the machine after 400; it takes 100 to 150 where nothing else runs
TOOLS = ("qemu-system-x86_64", "busybox", "cpio", "depmod", "apt-get", "dpkg", "dbus-daemon", "bluetoothctl")
SCENES = (
    "the_adapter_is_ready",
    "a_thousand_packets_come_whole_once_and_in_order",
    "after_drops_nobody_disconnected_from_each_packet_comes_once",
    "a_client_that_does_not_disconnect_would_get_packets_twice",
    "silence_without_a_disconnection_is_noticed_and_mended",
    "bluetoothd_killed_and_restarted_is_survived",
    "an_adapter_switched_off_and_on_is_waited_out",
    "a_device_that_bluez_forgot_is_scanned_for_again",
    "a_strap_held_for_a_killed_program_is_found_again",
    "a_person_scans_and_records_as_the_page_says",
    "a_strap_taken_off_for_good_is_not_found_and_said_to_be_so",
)


@pytest.fixture(scope="module")
def report(require: Callable[[object, str], None], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What went wrong in each scene that the guest played; empty words where nothing did."""
    require(sys.platform == "linux", "Linux, for a BlueZ to run")
    require(importlib.util.find_spec("bumble"), "bumble (pip install 'biotune[sim]')")
    for tool in TOOLS:
        require(shutil.which(tool) or shutil.which(tool, path="/usr/sbin"), f"{tool} (see vm/run.sh)")
    out = tmp_path_factory.mktemp("vm")
    command = [HERE / "run.sh", out, HERE / "guest.sh", sys.executable]
    with (out / "console").open("w") as console:
        try:
            subprocess.run(command, stdout=console, stderr=subprocess.STDOUT, timeout=BOUND_S, check=True)
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
            trouble = str(error)
        else:
            trouble = ""
    played = out / "report.jsonl"
    lines = map(json.loads, played.read_text().splitlines() if played.exists() else ())
    told = {line["scene"]: line["trouble"] for line in lines}
    for log in ("console", "guest.log"):  # what a scene that was never played has to say
        trouble += (out / log).read_text(errors="replace")[-2000:] if (out / log).exists() else ""
    return dict.fromkeys(SCENES, f"not played: {trouble}") | told


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.replace("_", "-"))
def test_on_a_real_bluez(report: dict[str, str], scene: str) -> None:
    assert not report[scene], report[scene]
