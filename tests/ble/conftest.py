"""Way C: Bleak's own BlueZ code against a BlueZ of ours."""

import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the laboratory's modules, for the tests beside it

if TYPE_CHECKING:
    from lab import BluezLab


@pytest.fixture
def bluez(require, monkeypatch: pytest.MonkeyPatch) -> Iterator["BluezLab"]:  # noqa: ANN001 - a fixture of tests/
    """A BlueZ with one strap near, for this process and those it starts with `environment`."""
    require(sys.platform == "linux", "Linux, for BlueZ's own code")
    require(shutil.which("dbus-daemon"), "dbus-daemon")
    require(find_spec("bumble"), "bumble (pip install 'biotune[sim]')")
    from lab import bluez_lab

    with bluez_lab() as lab:
        for name, value in lab.environment.items():
            monkeypatch.setenv(name, value)
        yield lab
