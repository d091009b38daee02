"""A seeded handful of what ``make soak`` does at length."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("script", "arguments"),
    [
        pytest.param("day.py", "--hours 1 --drops 10 --seed 2", id="an-hour-with-ten-drops-is-recorded-beat-for-beat"),
        pytest.param(
            "protocols.py",
            "--only quick-check,listening-short,singing-short",
            id="protocols-run-to-their-end-as-planned",
        ),
        pytest.param("kills.py", "--count 2 --seed 2", id="killed-at-any-instant-nothing-acknowledged-is-lost"),
    ],
)
def test_soak(script: str, arguments: str) -> None:
    command = [sys.executable, Path(__file__).parent / "soak" / script, *arguments.split()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
