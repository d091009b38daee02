"""The command line as a person starts it: a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def biotune(tmp_path: Path) -> Run:
    """Run ``biotune ARGUMENT...`` with an empty data folder and return the finished process."""
    environment = {
        **os.environ,
        "BIOTUNE_HOME": str(tmp_path / "home"),
        "BIOTUNE_NO_BROWSER": "1",
        "HOME": str(tmp_path),
    }
    environment.pop("BIOTUNE_DATABASE", None)

    def run(*arguments: object, **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "biotune", *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=environment | extra,
            cwd=tmp_path,
            timeout=120,
            check=False,
        )

    return run
