"""The same program on a database server: a real PostgreSQL, started for this file and gone after it."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from biotune.cli.main import main
from biotune.domain import MarkerSet, Stamp
from biotune.errors import StorageError
from biotune.library import Library
from biotune.storage.store import Store

SAMPLE = Path(__file__).parents[2] / "sample_data" / "quiet-rest.biotune.jsonl"
PATIENCE_S = 60


def program(name: str) -> str:
    """Find a program of the server; Debian keeps them out of the path."""
    there = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(there[-1]) if there else "")


@pytest.fixture(scope="module")
def server(require: Callable[[object, str], None]) -> Iterator[str]:
    """A server that answers on a socket in a folder of its own; the folder."""
    require(importlib.util.find_spec("psycopg"), "psycopg (pip install 'biotune[postgres]')")
    require(program("initdb") and program("pg_ctl"), "PostgreSQL (apt install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="biotune-pg-", dir="/tmp"))  # a socket's path is short
    as_whom = {}
    if os.geteuid() == 0:  # the server will not run as root
        shutil.chown(folder, "postgres", "postgres")
        as_whom = {"user": "postgres", "group": "postgres", "extra_groups": []}

    def call(*command: str) -> None:
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, timeout=120, **as_whom)
        assert done.returncode == 0, done.stderr

    data, log = str(folder / "data"), str(folder / "log")
    call(program("initdb"), "-D", data, "-A", "trust", "-U", "biotune", "-E", "UTF8", "--locale=C", "--no-sync")
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c max_connections=40"
    call(program("pg_ctl"), "-D", data, "-l", log, "-w", "-t", "60", "-o", options, "start")
    yield str(folder)
    call(program("pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
    shutil.rmtree(folder)


@pytest.fixture
def url(server: str, monkeypatch: pytest.MonkeyPatch, home: Path) -> str:
    """An empty database of that server, which the whole program uses."""
    import psycopg  # where there is none, these tests are skipped

    name = f"b{uuid.uuid4().hex}"
    with psycopg.connect(host=server, user="biotune", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    made = f"postgresql+psycopg://biotune@/{name}?host={server}"
    monkeypatch.setenv("BIOTUNE_DATABASE", made)
    home.mkdir()
    return made


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url) as opened:
        yield opened


@pytest.mark.usefixtures("url")
def test_two_programs_that_come_first_make_its_tables_once() -> None:
    call = [sys.executable, "-m", "biotune", "sessions", "--json"]
    both = [subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for each in both:
        out, err = each.communicate(timeout=PATIENCE_S)
        assert (each.returncode, err) == (0, "")
        assert json.loads(out)["sessions"] == []


def test_what_is_recorded_is_listed_told_and_erased(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["record", "--simulate", "resting", "--speed", "max", "--protocol", "quick-check", "--client", "K-1"]
    assert main(call) == 0
    assert main(["import", str(SAMPLE), "--client", "K-2"]) == 0
    capsys.readouterr()
    assert main(["sessions", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["sessions"]
    told = {each["id"]: (each["client"], each["finished"]) for each in listed}
    assert told == {"S1": ("K-1", True), "S2": ("K-2", True)}
    assert main(["analyse", "S1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["phases"][0]["beats"] > 10
    assert main(["progress", "K-2", "--json"]) == 0
    assert main(["cohort", "--all", "--workers", "1", "--json"]) == 0
    capsys.readouterr()

    store.append("S2", "x", Stamp("b", 0, 0), MarkerSet("like K-1, and 50% louder"))
    assert main(["erase", "K-1", "--yes"]) == 0
    assert capsys.readouterr().out.endswith("These still mention K-1, and are yours to change:\n  S2: a marker\n")
    assert [each.id for each in store.sessions()] == ["S2"]
    assert len(store.lines("S2")) > 100
    with pytest.raises(DBAPIError, match="append-only"), store._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM line")


def test_a_recorder_is_noticed_while_it_runs_and_not_after_it_was_killed(store: Store) -> None:
    call = [sys.executable, "-m", "biotune", "record", "--simulate", "resting", "--protocol", "quick-check"]
    with subprocess.Popen([*call, "--client", "K-3"], stdout=subprocess.PIPE, text=True) as recorder:
        assert recorder.stdout
        session = recorder.stdout.readline().split()[1]
        assert store.is_recorded_now(session)
        assert not store.is_recorded_now("S999")
        with store.recording_now(session) as held:
            assert not held
        with Library(store) as library:
            with pytest.raises(StorageError, match="while a recording runs"):
                library.erase_client("K-3")
            recorder.kill()
            recorder.wait(PATIENCE_S)
            wait_until_free(store, session)
            assert library.erase_client("K-3").sessions == (session,)


def wait_until_free(store: Store, session: str) -> None:
    """The server notices a lost connection by itself, in an instant."""
    until = time.monotonic() + PATIENCE_S
    while store.is_recorded_now(session):
        assert time.monotonic() < until, "the killed recorder still holds its session"
        time.sleep(0.05)


def test_a_session_is_held_by_one_and_let_go(store: Store, url: str) -> None:
    session = store.create_session(client="K-4", protocol="", started=datetime(2026, 5, 4, tzinfo=UTC))
    with Store.open(url) as other:
        with store.recording_now(session) as held:
            assert held
            assert other.is_recorded_now(session)
            with other.recording_now(session) as second:
                assert not second
            assert other.is_recorded_now(session)  # who was refused takes nothing away
        assert not other.is_recorded_now(session)
        with other.recording_now(session) as third:
            assert third
