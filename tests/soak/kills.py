"""Kill the recorder at random instants, many times over, and look whether the log keeps its promises.

Every round has a data folder of its own. A recorder is started and killed at any instant from its
first breath on (making the database included), while another process appends as a dashboard would. After each
kill: whatever was acknowledged is in the log, lines are numbered without holes, no session is empty, the
database is whole. In the end the session is recorded to its finish. Run by hand or by ``make soak``::

    python tests/soak/kills.py --kills 200 --seed 1
"""

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KILLS_A_ROUND = 10
LATEST_KILL_S = 3.0
PROTOCOL = """\
title = "Soak"
description = ""
[[phase]]
name = "baseline"
kind = "baseline"
minutes = 20
explanation = "Sit."
[[phase]]
name = "recovery"
kind = "recovery"
minutes = 5
explanation = "Sit."
"""
DASHBOARD = """
import sys, time
from biotune.domain import MarkerSet
from biotune.errors import StorageError
from biotune.sensor.source import SystemClock
from biotune.settings import Settings
from biotune.storage.store import Store
while True:
    try:
        with Store.open(Settings.read().database) as store:
            while True:
                for summary in store.sessions():
                    store.append(summary.id, "dashboard:1", SystemClock().now(), MarkerSet("tick"))
                time.sleep(0.05)
    except StorageError as error:
        print(error, file=sys.stderr, flush=True)
        time.sleep(0.05)
"""


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


def one_round(kills: int, chance: random.Random) -> tuple[list[str], int]:
    """Kill `kills` recorders of one session, then let it finish; return faults and the number of lines promised."""
    found: list[str] = []
    promised = 0
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "soak.toml").write_text(PROTOCOL, encoding="utf-8")
        environment = {**os.environ, "BIOTUNE_HOME": str(home)}
        with subprocess.Popen([sys.executable, "-c", DASHBOARD], env=environment, stderr=subprocess.PIPE) as dashboard:
            for _ in range(kills):
                with record(home, "--speed", "100") as recorder:
                    time.sleep(chance.uniform(0.0, LATEST_KILL_S))
                    recorder.send_signal(signal.SIGKILL)
                    promised = max(promised, promises(recorder.communicate()[1]))
                found += faults(home, promised)
            with record(home, "--speed", "max") as recorder:
                said, complaints = recorder.communicate()
            dashboard.kill()
        if recorder.returncode != 0 or said != "session S1\n":
            found.append(f"the last recorder said {said!r} and {complaints[-300:]!r}")
        found += faults(home, promised)
    return found, promised


def main() -> int:
    """Run; 0 where every promise was kept."""
    parser = argparse.ArgumentParser(description="Kill the recorder many times over.")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    chance = random.Random(args.seed)
    found: list[str] = []
    lines = 0
    for begun in range(0, args.kills, KILLS_A_ROUND):
        faulty, promised = one_round(min(KILLS_A_ROUND, args.kills - begun), chance)
        found += faulty
        lines += promised
    sys.stdout.write("".join(f"{fault}\n" for fault in found))
    sys.stdout.write(f"{args.kills} kills, {lines} lines acknowledged before them, {len(found)} promises broken\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
