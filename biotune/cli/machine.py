"""What biotune needs of this machine, looked at part by part, with the remedy for each.

Nothing is changed: no folder is made and no database brought up to date. Only the Bluetooth check listens on the air.
"""

import importlib.util
import os
import platform
import shutil
import socket
import sqlite3
import sys
import tempfile
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from biotune.errors import BiotuneError, BluetoothUnavailable
from biotune.settings import Settings

LEAST_FREE_BYTES = 100_000_000  # a hundred sessions of half an hour
LEAST_SQLITE = (3, 35)  # knows RETURNING
LEAST_PYTHON = (3, 11)
PATIENCE_S = 10.0  # for one check
SCAN_S = 2.0

_WRITTEN_IN = 2026
_BEATS_PER_MIN, _SOUND_S, _SOUND_HZ = 75.0, 12.0, 22_050
_LAST_YEAR = 2100
_CLOCK_SAMPLE_S = 0.2
_CLOCK_ERROR_S = 0.1
_AWAKE = {
    "linux": "Run it under `systemd-inhibit --what=idle:sleep biotune record …`, or switch suspending off meanwhile.",
    "darwin": "Run it under `caffeinate -i biotune record …`.",
    "win32": "Set Settings > System > Power > Sleep to Never meanwhile.",
}
_SET_CLOCK = {
    "linux": "Set it: `sudo timedatectl set-ntp true`.",
    "darwin": "Set it in System Settings > General > Date & Time.",
    "win32": "Set it in Settings > Time & language > Date & time.",
}
_REINSTALL = "Install biotune again, into an environment of its own (README, Install)."


@dataclass(frozen=True, slots=True)
class Check:
    """One part of the machine.

    Attributes
    ----------
    name : str
        Of the part.
    ok : bool
        Whether it works.
    needed : bool
        Whether recording from a strap needs it.
    words : str
        What was found.
    remedy : str
        What to do; empty where it works.
    """

    name: str
    ok: bool
    needed: bool
    words: str
    remedy: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


def look(settings: Settings, port: int) -> Iterator[Check]:
    """Yield every check as soon as it is made, none later than `PATIENCE_S` after the one before."""
    parts: tuple[tuple[str, bool, Callable[[], Check]], ...] = (
        ("python", True, python),
        ("packages", True, packages),
        ("sqlite", True, sqlite),
        ("data-folder", True, lambda: data_folder(settings.home)),
        ("free-space", True, lambda: free_space(settings.home)),
        ("database", True, lambda: database(settings.database)),
        ("clock", True, clock),
    )
    for name, needed, check in parts:
        yield bounded(name, check, needed=needed)
    yield from bluetooth()  # in this thread: macOS and Windows mind which one; it is bounded by itself
    yield bounded("virtual-strap", virtual_strap)
    yield bounded("browser", browser)
    yield bounded("dashboard-port", lambda: dashboard_port(port))
    yield bounded("audio", audio)
    yield bounded("pdf", pdf)
    yield Check(
        "keep-awake",
        ok=False,
        needed=False,
        words="biotune does not keep this machine awake; one that falls asleep records nothing meanwhile",
        remedy=_AWAKE.get(sys.platform, "Switch suspending off while recording."),
    )


def bounded(name: str, check: Callable[[], Check], *, needed: bool = False, seconds: float = PATIENCE_S) -> Check:
    """Make a check in a thread that nobody waits for longer than `seconds`; whatever goes wrong is its result."""
    made: list[Check] = []

    def work() -> None:
        try:
            made.append(check())
        except BiotuneError as error:
            made.append(_failed(name, error, needed=needed))
        except Exception as error:  # noqa: BLE001 - a doctor does not die of what it finds
            made.append(Check(name, ok=False, needed=needed, words=f"could not be looked at: {error!r}"))

    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    thread.join(seconds)
    return made[0] if made else Check(name, ok=False, needed=needed, words=f"no answer within {seconds:g} s")


def pdf() -> Check:
    """Write a page as a PDF, as reports are written."""
    from biotune.report import pdf as writer
    from biotune.report.blocks import Paper, Paragraph

    paper = Paper("biotune doctor", (), (Paragraph("A page."),), "")
    words = "reports can be written as PDF"
    try:
        written = writer.document(paper)
    except ImportError as error:
        remedy = "Write reports as .html and print them from the browser, or install typst: pip install typst"
        return Check("pdf", ok=False, needed=False, words=f"typst cannot be loaded: {error}", remedy=remedy)
    tagged = b"pdfuaid" in written
    return Check("pdf", ok=True, needed=False, words=f"{words}{', tagged for screen readers' if tagged else ''}")


def _failed(name: str, error: BiotuneError, *, needed: bool) -> Check:
    words = ": ".join(part.rstrip(".") for part in (error.what, error.why) if part)
    return Check(name, ok=False, needed=needed, words=words, remedy=error.hint)


def python() -> Check:
    """Look at Python's version."""
    ok = sys.version_info >= LEAST_PYTHON
    words = f"{platform.python_version()} on {platform.system()} {platform.release()} ({platform.machine()})"
    least = ".".join(map(str, LEAST_PYTHON))
    return Check("python", ok=ok, needed=True, words=words, remedy="" if ok else f"Install Python {least} or newer.")


def packages() -> Check:
    """Look for every package that biotune requires."""
    required = [each for each in metadata.requires("biotune") or () if "extra ==" not in each]
    versions, missing = [f"biotune {metadata.version('biotune')}"], []
    for each in required:
        name = each.split(";")[0].strip()
        for end in "<>=!~ [(":
            name = name.split(end)[0]
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return Check("packages", ok=False, needed=True, words=f"missing: {', '.join(missing)}", remedy=_REINSTALL)
    return Check("packages", ok=True, needed=True, words=", ".join(versions))


def sqlite() -> Check:
    """Look at the version of SQLite that Python brings."""
    ok = sqlite3.sqlite_version_info >= LEAST_SQLITE
    remedy = f"Use a Python that brings SQLite {'.'.join(map(str, LEAST_SQLITE))} or newer."
    return Check("sqlite", ok=ok, needed=True, words=sqlite3.sqlite_version, remedy="" if ok else remedy)


def data_folder(home: Path) -> Check:
    """Look whether the data folder can be written, or can be made."""
    remedy = "Give yourself the right to write there, or name another folder with --home or BIOTUNE_HOME."
    nearest = _nearest(home)
    if not nearest.is_dir():
        words = f"{home} cannot be made: {nearest} is no folder"
        return Check("data-folder", ok=False, needed=True, words=words, remedy=remedy)
    if nearest != home:
        ok = os.access(nearest, os.W_OK | os.X_OK)
        words = f"{home} {'is made when something is recorded' if ok else f'cannot be made in {nearest}'}"
        return Check("data-folder", ok=ok, needed=True, words=words, remedy="" if ok else remedy)
    try:
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        words = f"{home} cannot be written: {error.strerror or error}"
        return Check("data-folder", ok=False, needed=True, words=words, remedy=remedy)
    return Check("data-folder", ok=True, needed=True, words=str(home))


def free_space(home: Path) -> Check:
    """Look how much space is left where the data folder is."""
    free = shutil.disk_usage(_nearest(home)).free
    ok = free >= LEAST_FREE_BYTES
    words = f"{free / 1e9:.1f} GB free" if ok else f"only {free / 1e6:.0f} MB free"
    remedy = "" if ok else "Free some space, or name a folder on another disk with --home or BIOTUNE_HOME."
    return Check("free-space", ok=ok, needed=True, words=words, remedy=remedy)


def database(url: str) -> Check:
    """Look whether the database can be opened, and at its schema.

    Raises
    ------
    StorageError
        Where it cannot be used: what, why, what next.
    """
    from biotune.storage.database import look_up_revision
    from biotune.storage.schema import REVISION

    revision = look_up_revision(url)
    if revision is None:
        words = "none yet; it is made when something is recorded"
    elif revision == REVISION:
        words = f"opens; schema {revision}, current"
    else:
        words = f"opens; schema {revision} is brought up to {REVISION} when it is next used"
    return Check("database", ok=True, needed=True, words=words)


def clock() -> Check:
    """Look at the year, and whether UTC and the monotonic clock run alike."""
    utc_s, monotonic_s = time.time(), time.monotonic()
    time.sleep(_CLOCK_SAMPLE_S)
    apart_s = (time.time() - utc_s) - (time.monotonic() - monotonic_s)
    remedy = _SET_CLOCK.get(sys.platform, "Set it.")
    now = datetime.fromtimestamp(utc_s, UTC)
    told = f"{now:%Y-%m-%d %H:%M} UTC"
    if not _WRITTEN_IN <= now.year < _LAST_YEAR:
        words = f"it says {told}: every session would have a wrong date"
        return Check("clock", ok=False, needed=True, words=words, remedy=remedy)
    if abs(apart_s) > _CLOCK_ERROR_S:
        words = f"it jumped by {apart_s:+.1f} s just now (session times do not depend on it)"
        return Check("clock", ok=False, needed=False, words=words, remedy=remedy)
    return Check("clock", ok=True, needed=True, words=told)


def bluetooth() -> tuple[Check, ...]:
    """Scan for a moment: service, permission, adapter and switch, as far as one can see, and straps nearby."""
    import asyncio

    from biotune.sensor.availability import Obstacle
    from biotune.sensor.discovery import scan

    steps: tuple[tuple[str, str, Sequence[Obstacle]], ...] = (
        ("bluetooth-service", "runs", (Obstacle.NO_BUS, Obstacle.NO_SERVICE)),
        ("bluetooth-permission", "granted", (Obstacle.DENIED,)),
        ("bluetooth-adapter", "found", (Obstacle.NO_ADAPTER, Obstacle.NO_LOW_ENERGY)),
        ("bluetooth-on", "switched on", (Obstacle.OFF,)),
    )
    checks: list[Check] = []
    try:
        straps = asyncio.run(scan(SCAN_S))
    except BluetoothUnavailable as error:
        for name, works, obstacles in steps:
            if error.what in obstacles:
                return (*checks, _failed(name, error, needed=True))
            checks.append(Check(name, ok=True, needed=True, words=works))
        return (_failed("bluetooth", error, needed=True),)  # nobody knows how far it got
    except Exception as error:  # noqa: BLE001 - a doctor does not die of what it finds
        return (Check("bluetooth", ok=False, needed=True, words=f"could not be looked at: {error!r}"),)
    checks = [Check(name, ok=True, needed=True, words=works) for name, works, _ in steps]
    heard = ", ".join(f"{strap.name or strap.address} ({strap.rssi} dBm)" for strap in straps)
    remedy = "Moisten a strap's electrodes and put it on, close other apps that use it; then: biotune scan"
    words = heard or f"none heard in {SCAN_S:g} s"
    return (*checks, Check("straps", ok=bool(straps), needed=False, words=words, remedy="" if straps else remedy))


def virtual_strap() -> Check:
    """Look for the extra with which a simulated strap goes through Bluetooth's own ways."""
    ok = importlib.util.find_spec("bumble") is not None
    words = f"bumble {metadata.version('bumble')}" if ok else "the extra sim is not installed"
    return Check("virtual-strap", ok=ok, needed=False, words=words, remedy="" if ok else "pip install 'biotune[sim]'")


def browser() -> Check:
    """Look for a browser that could show the dashboard."""
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        words, remedy = "none that this program could open", "Open the address that `biotune app` prints by hand."
        return Check("browser", ok=False, needed=False, words=words, remedy=remedy)
    return Check("browser", ok=True, needed=False, words=getattr(found, "name", type(found).__name__))


def audio() -> Check:
    """Write a few seconds of a beat in every format whose sound is measured, and read its tempo back."""
    import soundfile

    from biotune.analysis import made_sound
    from biotune.library import audio as files

    sound = made_sound.clicks(_BEATS_PER_MIN, _SOUND_S, rate_hz=_SOUND_HZ)
    readable: list[str] = []
    failed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="biotune-doctor-") as folder:
        for kind in ("wav", "flac", "ogg", "mp3"):
            path = Path(folder) / f"beat.{kind}"
            try:
                soundfile.write(path, sound, _SOUND_HZ)
                bpm = files.listen(path).tempo.bpm
            except (soundfile.SoundFileError, OSError, RuntimeError, BiotuneError):
                bpm = None
            (readable if bpm and abs(bpm - _BEATS_PER_MIN) < 1 else failed).append(kind.upper())
    if failed:
        words = f"reads {', '.join(readable) or 'nothing'}; cannot read {', '.join(failed)}"
        return Check("audio", ok=False, needed=False, words=words, remedy="pip install --upgrade soundfile")
    return Check("audio", ok=True, needed=False, words=f"reads {', '.join(readable)}, and finds the beat")


def dashboard_port(port: int) -> Check:
    """Look whether the dashboard's port is free."""
    with socket.socket() as probe:
        if os.name == "posix":  # as the server does; on Windows it would let two have the same
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OverflowError:
            remedy = "Set BIOTUNE_PORT to a number from 0 to 65535."
            return Check("dashboard-port", ok=False, needed=False, words=f"{port} is no port", remedy=remedy)
        except OSError as error:
            words = f"{port} is taken ({error.strerror or error}); perhaps by a dashboard that is open already"
            remedy = "Close it, or let one be chosen: biotune app --port 0"
            return Check("dashboard-port", ok=False, needed=False, words=words, remedy=remedy)
    return Check("dashboard-port", ok=True, needed=False, words=f"{port} is free")


def _nearest(folder: Path) -> Path:
    """Return the folder itself, or the nearest of those above it that is there."""
    return next(each for each in (folder, *folder.parents) if each.exists())
