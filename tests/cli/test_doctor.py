"""``biotune doctor``: healthy parts, broken ones with their remedy, and never a traceback."""

import json
import shutil
import socket
import sqlite3
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from biotune.cli import machine
from biotune.cli.doctor import as_text
from biotune.cli.machine import Check, bounded, data_folder, database, free_space, look
from biotune.errors import StorageError
from biotune.settings import Settings
from biotune.storage.store import Store

NAMES = ["python", "packages", "sqlite", "data-folder", "free-space", "database", "clock"]
AFTER = ["virtual-strap", "browser", "dashboard-port", "audio", "pdf", "keep-awake"]
NO_BUS = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus"}


def checks_of(done):
    document = json.loads(done.stdout)
    assert document["schema"] == "biotune.doctor/1"
    for check in document["checks"]:
        assert set(check) == {"name", "ok", "needed", "words", "remedy"}
        assert check["words"]
        assert check["ok"] or check["remedy"], check
    return {check["name"]: check for check in document["checks"]}


@pytest.mark.skipif(sys.platform != "linux", reason="the message bus is Linux's")
def test_a_machine_without_a_message_bus_is_told_so_and_nothing_is_made(biotune, tmp_path):
    done = biotune("doctor", "--json", **NO_BUS)
    assert done.returncode == 1
    checks = checks_of(done)
    assert list(checks) == [*NAMES, "bluetooth-service", *AFTER]
    assert all(checks[name]["ok"] for name in NAMES)
    assert "finds the beat" in checks["audio"]["words"]
    assert "dbus" in checks["bluetooth-service"]["remedy"]
    assert not (tmp_path / "home").exists()
    text = biotune("doctor", **NO_BUS)
    assert text.returncode == 1
    assert "BROKEN  bluetooth-service" in text.stdout
    assert "cannot be recorded here until this is mended: bluetooth-service" in text.stdout


def test_a_wrong_port_is_a_wrong_call(biotune):
    done = biotune("doctor", BIOTUNE_PORT="many")
    assert (done.returncode, done.stdout) == (2, "")


def test_what_cannot_be_used_is_said_with_its_remedy(biotune, tmp_path):
    (tmp_path / "file").write_text("")
    checks = checks_of(biotune("--home", tmp_path / "file" / "home", "doctor", "--json", **NO_BUS))
    assert checks["data-folder"]["ok"] is False
    assert checks["data-folder"]["needed"] is True
    assert "no folder" in checks["data-folder"]["words"]
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "biotune.db").write_bytes(b"not a database at all" * 100)
    broken = checks_of(biotune("doctor", "--json", **NO_BUS))["database"]
    assert (broken["ok"], broken["needed"]) == (False, True)
    assert "is not a biotune database" in broken["words"]


def test_a_taken_port_is_no_obstacle_to_recording():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        taken = machine.dashboard_port(server.getsockname()[1])
    assert (taken.ok, taken.needed) == (False, False)
    assert "--port" in taken.remedy
    assert "no port" in machine.dashboard_port(99999).words


def test_a_log_is_looked_at_and_not_touched(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'biotune.db'}"
    with Store.open(url) as store:
        store.create_session(client="", protocol="", started=datetime.now(UTC))
    found = database(url)
    assert found.ok
    assert "current" in found.words
    with sqlite3.connect(tmp_path / "biotune.db") as other:
        other.execute("UPDATE alembic_version SET version_num = '0000'")
    assert "brought up to" in database(url).words
    with sqlite3.connect(tmp_path / "biotune.db") as other:
        assert other.execute("SELECT version_num FROM alembic_version").fetchone() == ("0000",)
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageError, match="newer biotune"):
        database(url)
    assert not bounded("database", lambda: database(url), needed=True).ok


def test_a_folder_that_is_there_is_written_to_and_left_as_it_was(tmp_path: Path):
    assert data_folder(tmp_path) == Check("data-folder", ok=True, needed=True, words=str(tmp_path))
    assert list(tmp_path.iterdir()) == []
    assert data_folder(tmp_path / "not" / "yet").ok
    assert not (tmp_path / "not").exists()


def test_a_full_disk_is_told_before_it_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(machine, "LEAST_FREE_BYTES", usage.free + 10**12)
    found = free_space(tmp_path / "not yet")
    assert (found.ok, found.needed) == (False, True)
    assert "only" in found.words


def test_a_clock_in_another_century_is_told(monkeypatch: pytest.MonkeyPatch):
    assert machine.clock().ok
    monkeypatch.setattr(machine, "_WRITTEN_IN", 2090)
    found = machine.clock()
    assert (found.ok, found.needed) == (False, True)
    assert "wrong date" in found.words


def test_a_check_that_hangs_or_fails_is_its_own_result():
    began = time.monotonic()
    hung = bounded("slow", lambda: time.sleep(5), needed=True, seconds=0.2)  # type: ignore[arg-type,func-returns-value]
    assert time.monotonic() - began < 2
    assert (hung.ok, hung.needed, hung.words) == (False, True, "no answer within 0.2 s")
    failed = bounded("wrong", lambda: 1 / 0)  # type: ignore[arg-type,return-value]
    assert not failed.ok
    assert "ZeroDivisionError" in failed.words


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32", "freebsd"])
def test_every_system_has_its_remedies(platform: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(machine, "bluetooth", tuple)
    monkeypatch.setattr(machine, "_CLOCK_SAMPLE_S", 0.0)
    found = list(look(Settings.read(home=tmp_path), 8050))
    assert [each.name for each in found] == [*NAMES, *AFTER]
    awake = found[-1]
    word = {"linux": "systemd-inhibit", "darwin": "caffeinate", "win32": "Sleep to Never"}.get(platform, "suspending")
    assert word in awake.remedy
    assert word in as_text(awake)
