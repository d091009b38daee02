"""Kill recorder, dashboard and both at random instants, many times over; the log has to keep its promises.

Every round has a data folder of its own. A recorder is started and killed at any instant from its first breath on
(making the database included), while the dashboard serves its pages and sets markers; that is killed too, in turn
alone, with the recorder, or not at all. After each kill: whatever either of them was told to be on the disk is in the
log, lines are numbered without holes, no session is empty, the database is whole, and who was not killed still runs.
In the end the session is recorded to its finish. Run by hand or by ``make soak``::

    python tests/soak/kills.py --count 100 --seed 1
"""

import argparse
import itertools
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

KILLS_A_ROUND = 10
LATEST_KILL_S = 4.0
PROTOCOL = """\
title = "Soak"
description = ""
[[phase]]
name = "baseline"
kind = "baseline"
minutes = 35
explanation = "Sit."
[[phase]]
name = "recovery"
kind = "recovery"
minutes = 5
explanation = "Sit."
"""
# The real application behind the real server; what a person's clicks would call is called in a loop.
DASHBOARD = """
import itertools, sys, threading, time, urllib.request
import waitress
from biotune.errors import BiotuneError
from biotune.library import open_library
from dashboard.app import create_app
library = None
while library is None:
    try:
        library = open_library()
    except BiotuneError as error:
        print(error, file=sys.stderr, flush=True)
        time.sleep(0.05)
server = waitress.create_server(create_app(library).server, host="127.0.0.1", port=0, threads=4)
threading.Thread(target=server.run, daemon=True).start()
for number in itertools.count():
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{server.effective_port}/").read()
        for summary in library.sessions():
            label = f"{sys.argv[1]}.{number}"
            library.live.mark(summary.id, label)
            print(summary.id[1:], label, flush=True)
    except BiotuneError as error:  # nobody records just now
        print(error, file=sys.stderr, flush=True)
    time.sleep(0.05)
"""
VICTIMS = (("recorder",), ("dashboard",), ("recorder", "dashboard"))


def record(home: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "biotune", "record", "--home", str(home), "--simulate", "resting"]
    return subprocess.Popen(
        [*command, "--protocol", str(home / "soak.toml"), "-v", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def promises(stderr: str) -> int:
    words = [line.split() for line in stderr.splitlines() if line.startswith("acknowledged ")]
    return max((int(line[1]) for line in words if len(line) > 1), default=0)


def faults(home: Path, promised: int) -> list[str]:
    """Say what is wrong with the log, if anything."""
    file = home / "biotune.db"
    if not file.exists():
        return ["acknowledged, and there is no database"] if promised else []
    with sqlite3.connect(file) as log:
        found = []
        if log.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            found.append("the database is damaged")
        if not log.execute("SELECT 1 FROM sqlite_master WHERE name = 'line'").fetchone():
            return found
        for (session,) in log.execute("SELECT id FROM session").fetchall():
            numbers = [seq for (seq,) in log.execute("SELECT seq FROM line WHERE session = ? ORDER BY seq", [session])]
            if not numbers:
                found.append(f"S{session} is empty")
            if numbers != list(range(1, len(numbers) + 1)):
                found.append(f"S{session} has holes")
        last = log.execute("SELECT max(seq) FROM line WHERE session = (SELECT max(id) FROM session)").fetchone()[0] or 0
        if last < promised:
            found.append(f"{promised} was acknowledged, and the log ends at {last}")
    return found


def broken_to_the_dashboard(home: Path, told: Path) -> list[str]:
    """Say which of the dashboard's acknowledged lines are not in the log."""
    file = home / "biotune.db"
    promised = [line.split() for line in told.read_text().splitlines(keepends=True) if line.endswith("\n")]
    if not promised:
        return []
    with sqlite3.connect(file) as log:
        markers = {
            (str(session), json.loads(detail)["label"])
            for session, detail in log.execute("SELECT session, detail FROM line WHERE kind = 'marker'")
        }
    return [f"the dashboard's marker {line} is not in the log" for line in map(tuple, promised) if line not in markers]


class Round:
    """One data folder, its recorder and its dashboard."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.told = home / "dashboard.txt"
        self.told.touch()
        self.promised = 0
        self.running: dict[str, subprocess.Popen[str]] = {}
        self._starts = itertools.count()
        (home / "soak.toml").write_text(PROTOCOL, encoding="utf-8")

    def start(self) -> None:
        """Start whoever does not run."""
        if "recorder" not in self.running:
            self.running["recorder"] = record(self.home, "--speed", "50")
        if "dashboard" not in self.running:
            command = [sys.executable, "-c", DASHBOARD, str(next(self._starts))]
            environment = {**os.environ, "BIOTUNE_HOME": str(self.home)}
            with self.told.open("a") as out:
                pipes = {"stdout": out, "stderr": subprocess.DEVNULL}
                self.running["dashboard"] = subprocess.Popen(command, env=environment, text=True, **pipes)

    def kill(self, *names: str) -> list[str]:
        """Kill, and say what is broken then."""
        found = [f"{name} had ended by itself" for name, process in self.running.items() if process.poll() is not None]
        killed = {name: self.running.pop(name) for name in names if name in self.running}
        for process in killed.values():
            process.send_signal(signal.SIGKILL)
        for name, process in killed.items():
            _, stderr = process.communicate()
            if name == "recorder":
                self.promised = max(self.promised, promises(stderr))
        return found + faults(self.home, self.promised) + broken_to_the_dashboard(self.home, self.told)

    def finish(self) -> list[str]:
        """Record the session to its end."""
        found = self.kill("recorder")
        with record(self.home, "--speed", "max") as recorder:
            said, complaints = recorder.communicate()
        if recorder.returncode != 0 or said != "session S1\n":
            found.append(f"the last recorder said {said!r} and {complaints[-300:]!r}")
        return found + self.kill("dashboard")


def one_round(victims: Sequence[tuple[str, ...]], chance: random.Random) -> tuple[list[str], int]:
    """Kill those, one after another, then let the session finish; return faults and the number of lines promised."""
    found: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        sitting = Round(Path(folder))
        try:
            for names in victims:
                sitting.start()
                time.sleep(chance.uniform(0.0, LATEST_KILL_S))
                found += sitting.kill(*names)
            found += sitting.finish()
        finally:
            for process in sitting.running.values():
                process.kill()
                process.communicate()
        promised = sitting.promised + len(sitting.told.read_text().splitlines())
    return found, promised


def soak(count: int, seed: int) -> tuple[list[str], int]:
    """Kill each of `VICTIMS` that often; return faults and the number of lines promised."""
    chance = random.Random(seed)
    kills = list(VICTIMS) * count
    chance.shuffle(kills)
    found: list[str] = []
    lines = 0
    for begun in range(0, len(kills), KILLS_A_ROUND):
        faulty, promised = one_round(kills[begun : begun + KILLS_A_ROUND], chance)
        found += faulty
        lines += promised
    return found, lines


def main() -> int:
    """Run; 0 where every promise was kept."""
    parser = argparse.ArgumentParser(description="Kill recorder, dashboard and both many times over.")
    parser.add_argument("--count", type=int, default=100, help="of each of the three")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    found, lines = soak(args.count, args.seed)
    sys.stdout.write("".join(f"{fault}\n" for fault in found))
    kills = args.count * len(VICTIMS)
    sys.stdout.write(f"{kills} kills, {lines} lines acknowledged before them, {len(found)} promises broken\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
