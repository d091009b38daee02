"""The strap in two ways: over Bumble behind Bleak's ``backend=``, and over Bleak's own BlueZ code."""

import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the laboratory's modules, for the tests beside it

collect_ignore = ["lab.py", "org_bluez.py", "stages.py", "vm"]  # no doctests; importing them needs Bumble and Linux

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from lab import BluezLab
    from stages import Stage


@pytest.fixture(autouse=True)
def near_straps_are_heard_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual strap advertises every 0.1 s: half a second shows whether there is another."""
    monkeypatch.setattr("biotune.sensor.discovery.SETTLE_S", 0.5)


@pytest.fixture
def needs_bluez(require: Callable[[object, str], None]) -> None:
    """What a BlueZ of ours needs."""
    require(sys.platform == "linux", "Linux, for BlueZ's own code")
    require(shutil.which("dbus-daemon"), "dbus-daemon")
    require(find_spec("bumble"), "bumble (pip install 'biotune[sim]')")


@pytest.fixture
def bluez(request: pytest.FixtureRequest) -> Iterator["BluezLab"]:
    """A BlueZ with one strap near, for this process and those it starts."""
    request.getfixturevalue("needs_bluez")
    from lab import bluez_lab

    with bluez_lab() as lab, lab.in_this_process():
        yield lab


@pytest.fixture(params=["backend", "bluez"])
def near(
    request: pytest.FixtureRequest, require: Callable[[object, str], None]
) -> "Callable[..., AbstractAsyncContextManager[Stage]]":
    """``async with near(identity) as stage``: a strap near, in either way."""
    if request.param == "bluez":
        request.getfixturevalue("needs_bluez")
        from stages import bluez_stage

        return bluez_stage
    require(find_spec("bumble"), "bumble (pip install 'biotune[sim]')")
    from stages import backend_stage

    return backend_stage
