"""The dashboard as a process: it says where it is once it answers, and ends when asked."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest


@contextmanager
def serving(*arguments, environment):
    """Start ``biotune ARGUMENT...``, wait for its line on stdout, and end it by its process id."""
    process = subprocess.Popen(
        [sys.executable, "-m", "biotune", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        line = process.stdout.readline()
        found = re.fullmatch(r"biotune is at (http://127\.0\.0\.1:\d+/\S*)\n", line)
        assert found, line + process.stderr.read()
        yield process, found[1]
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


@pytest.fixture
def environment(tmp_path):
    return {**os.environ, "BIOTUNE_HOME": str(tmp_path / "home"), "BIOTUNE_NO_BROWSER": "1", "HOME": str(tmp_path)}


def test_app_answers_at_the_address_it_prints_and_ends_on_ctrl_c(environment):
    with serving("app", "--port", "0", environment=environment) as (process, url):
        with urllib.request.urlopen(url, timeout=10) as page:
            assert page.status == 200
            assert b"biotune" in page.read()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0


def test_a_port_that_is_taken_gets_one_clear_message(environment):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "biotune", "app"],
            env=environment | {"BIOTUNE_PORT": str(port)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert str(port) in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 3
    assert "Traceback" not in done.stderr


def test_demo_shows_the_samples_in_a_folder_of_its_own_and_replays_one(environment, tmp_path):
    with serving("demo", "--port", "0", environment=environment) as (_process, url):
        assert "/session/S" in url
        with urllib.request.urlopen(url, timeout=10) as page:
            assert page.status == 200
        deadline = time.monotonic() + 30
        live = []
        while not (live and live[0]["packets"]) and time.monotonic() < deadline:
            live = [each for each in sessions(environment, tmp_path / "home" / "demo") if each["client"] == "LIVE"]
            time.sleep(0.5)
        assert live[0]["packets"] > 0
        assert live[0]["finished"] is False
    rows = sessions(environment, tmp_path / "home" / "demo")
    assert len(rows) >= 7
    assert all(each["finished"] for each in rows), "the replay is ended with the demo"
    assert sessions(environment, tmp_path / "home") == []


def test_demo_started_twice_does_not_double_the_samples(environment, tmp_path):
    for _ in range(2):
        with serving("demo", "--port", "0", environment=environment):
            pass
    rows = sessions(environment, tmp_path / "home" / "demo")
    samples = [(each["client"], each["started"]) for each in rows if each["client"] != "LIVE"]
    assert len(samples) == len(set(samples)) >= 6
    assert sum(each["client"] == "LIVE" for each in rows) <= 1, "an earlier demo's replay is forgotten"


def test_the_demo_keeps_what_somebody_brought_into_its_folder(environment, tmp_path):
    with serving("demo", "--port", "0", environment=environment):
        pass
    own = tmp_path / "own.txt"
    own.write_text("\n".join(str(800 + k % 9) for k in range(100)))
    command = [sys.executable, "-m", "biotune", "import", str(own), "--client", "ME", "--home"]
    subprocess.run([*command, str(tmp_path / "home" / "demo")], env=environment, check=True, capture_output=True)
    with serving("demo", "--port", "0", environment=environment):
        pass
    assert "ME" in [each["client"] for each in sessions(environment, tmp_path / "home" / "demo")]


def sessions(environment, home):
    done = subprocess.run(
        [sys.executable, "-m", "biotune", "sessions", "--json", "--home", str(home)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)["sessions"]
