"""Starts what must not live in this process: recorders, and scans for straps.

A recorder is ``python -m biotune record`` in a session of its own: closing the page or stopping the
dashboard leaves it recording, and what it needs from people it reads from the log. No shell is involved, and
every value is tied to its option by ``=``, so that a leading dash cannot become an option.
"""

import json
import logging
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from biotune.errors import BiotuneError, UsageError
from biotune.library.clients import code_in

logger = logging.getLogger(__name__)

_STRAP = re.compile(r"[^\x00-\x1f\x7f]{1,100}")  # a name that a strap gives itself, or an address
_SCAN_S = 3.0  # one round; the list is told after each
_ROUNDS = 10
_SCAN_PATIENCE_S = 60.0
CHECK_S = 60.0
_START_PATIENCE_S = 90.0  # a strap is looked for that long at most
_GRACE_S = 8.0  # for a check to let go of its strap
_SESSION = re.compile(r"^session (S\d+)$", re.MULTILINE)
_PROGRAM = "biotune: "  # how the command line begins what went wrong


@dataclass(frozen=True, slots=True)
class NearbyStrap:
    """A strap that a scan heard; `known` where it was recorded before."""

    name: str
    address: str
    rssi: int
    known: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """What has been heard so far: those recorded before first, then the strongest."""

    straps: tuple[NearbyStrap, ...] = ()
    running: bool = False
    ever: bool = False
    problem: BiotuneError | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """How far the start of a recorder is: the session's id once it records, or why it cannot."""

    session: str = ""
    problem: BiotuneError | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """How a signal check stands: what it told so far, and in the end what was found or why nothing could be.

    `found` is the document ``biotune.check/1``.
    """

    running: bool = False
    told: tuple[str, ...] = ()
    found: Mapping[str, Any] | None = None
    problem: BiotuneError | None = None


@dataclass(frozen=True, slots=True)
class _Recorder:
    command: Sequence[str]
    process: "subprocess.Popen[bytes]"
    said: Path
    began_s: float


class Jobs:
    """Recorders and scans on one database.

    Parameters
    ----------
    database : str
        Its URL, which they are given in their environment.
    home : Path, optional
        The data folder, where the user's own protocols are.
    """

    def __init__(self, database: str, home: Path | None = None) -> None:
        folder = {"BIOTUNE_HOME": str(home)} if home else {}
        self._environment = os.environ | {"BIOTUNE_DATABASE": database, "PYTHONIOENCODING": "utf-8"} | folder
        self._recorders: dict[str, _Recorder] = {}
        self._said: Path | None = None
        self._starts: dict[str, Start] = {}
        self._scan = Scan()
        self._check = Check()
        self._checking: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    # ------------------------------------------------------------ recorders

    def start(self, *, protocol: str, client: str = "", strap: str = "", profile: str = "", ecg: bool = False) -> str:
        """Start a recorder; return a word by which `started` knows it. A second press starts no second one.

        Parameters
        ----------
        protocol : str
            A protocol's name.
        client : str
            The client's code; empty for none.
        strap : str
            A strap's name or address; empty for a simulated one.
        profile : str
            The simulated person, where there is no strap.
        ecg : bool
            Whether the strap's ECG and accelerometer are recorded too.

        Raises
        ------
        UsageError
            Where a word cannot be what it should.
        """
        client = code_in(self._environment["BIOTUNE_DATABASE"], client)
        command = [*_BIOTUNE, "record", _source(strap, profile), f"--protocol={protocol}", f"--client={client}"]
        command += ["--ecg"] if ecg else []
        self.end_check()
        with self._lock:
            for word, recorder in self._recorders.items():
                if recorder.command == command and word not in self._starts:
                    return word
            word = secrets.token_hex(8)
            self._recorders[word] = self._spawn(command)
        return word

    def _spawn(self, command: Sequence[str]) -> _Recorder:
        descriptor, path = tempfile.mkstemp(prefix="recorder-", suffix=".txt", dir=self._folder())
        with os.fdopen(descriptor, "wb") as said:
            process = subprocess.Popen(  # noqa: S603 - this program itself
                command, env=self._environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said, **_DETACHED
            )
        threading.Thread(target=process.wait, daemon=True).start()  # it leaves no zombie behind
        logger.info("recorder %d started", process.pid)
        return _Recorder(command, process, Path(path), time.monotonic())

    def _folder(self) -> Path:
        """Return the folder for what recorders say, which goes with this program, whoever asked for the answers."""
        if self._said is None or not self._said.is_dir():  # systems clear away what lies long in their folder
            self._said = Path(tempfile.mkdtemp(prefix="biotune-"))
            weakref.finalize(self, shutil.rmtree, self._said, ignore_errors=True)
        return self._said

    def started(self, word: str) -> Start:
        """Tell how far the start is that `start` gave this word."""
        with self._lock:
            if word in self._starts:
                return self._starts[word]
            recorder = self._recorders.get(word)
        if recorder is None:
            return Start(problem=UsageError("that recording was started by an earlier dashboard"))
        ended = recorder.process.poll() is not None  # asked before reading, so that nothing said is missed
        said = recorder.said.read_text(encoding="utf-8", errors="replace")
        found = _SESSION.search(said)
        if not found and not ended:
            return Start()
        start = Start(found[1]) if found else Start(problem=_problem(said, "The recording could not be started"))
        with self._lock:
            self._starts[word] = start
        with suppress(OSError):  # Windows removes no file that is written to
            recorder.said.unlink()
        return start

    @property
    def pending(self) -> str | None:
        """The word of the latest start that is not decided yet, for a page that was reloaded meanwhile."""
        since_s = time.monotonic() - _START_PATIENCE_S
        with self._lock:
            undecided = [
                word for word, each in self._recorders.items() if word not in self._starts and each.began_s > since_s
            ]
        return undecided[-1] if undecided else None

    # ------------------------------------------------------------ signal checks

    @property
    def check(self) -> Check:
        """How the latest signal check stands."""
        with self._lock:
            return self._check

    def begin_check(self, *, strap: str = "", profile: str = "") -> None:
        """Listen to a strap for a minute in the background; a check that runs is given up for it.

        Raises
        ------
        UsageError
            Where the strap's name cannot be one.
        """
        command = [*_BIOTUNE, "check", _source(strap, profile), f"--seconds={CHECK_S:g}", "--json"]
        self.end_check()
        self.end_scan()
        process = subprocess.Popen(  # noqa: S603 - this program itself
            command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            **_DETACHED,
        )
        with self._lock:
            self._checking = process
            self._check = Check(running=True)
        threading.Thread(target=self._follow_check, args=(process,), daemon=True).start()

    def end_check(self) -> None:
        """Give up the check that runs, and wait until it has let go of the strap."""
        with self._lock:
            process, self._checking = self._checking, None
            self._check = Check()
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _follow_check(self, process: "subprocess.Popen[str]") -> None:
        said: list[str] = []
        with process:  # closes its pipes
            for line in process.stderr or ():
                said.append(line.rstrip("\n"))
                self._tell_check(process, Check(running=True, told=tuple(said)))
            document = process.stdout.read() if process.stdout else ""
        with self._lock:
            if self._checking is not process:
                return  # given up
        if document.strip().startswith("{"):
            self._tell_check(process, Check(told=tuple(said), found=json.loads(document)))
        else:
            problem = _problem("\n".join(said), "The signal could not be checked")
            self._tell_check(process, Check(told=tuple(said), problem=problem))

    def _tell_check(self, process: "subprocess.Popen[str]", check: Check) -> None:
        """Take a check's news, unless another has taken its place."""
        with self._lock:
            if self._checking is process:
                self._check = check

    # ------------------------------------------------------------ scanning

    @property
    def scan(self) -> Scan:
        """What the scan has heard so far."""
        with self._lock:
            return self._scan

    def begin_scan(self) -> None:
        """Listen for straps in the background for half a minute; nothing where that goes on already."""
        with self._lock:
            if self._scan.running:
                return
            self._scan = Scan(running=True, ever=True)
        threading.Thread(target=self._listen, daemon=True).start()

    def end_scan(self) -> None:
        """Listen no longer than the round that runs."""
        with self._lock:
            self._scan = Scan(self._scan.straps, running=False, ever=self._scan.ever, problem=self._scan.problem)

    def _listen(self) -> None:
        heard: dict[str, NearbyStrap] = {}
        for number in range(_ROUNDS):
            problem = self._listen_once(heard)
            running = problem is None and number + 1 < _ROUNDS
            straps = tuple(sorted(heard.values(), key=lambda strap: (not strap.known, -strap.rssi)))
            with self._lock:
                running = running and self._scan.running
                self._scan = Scan(straps, running=running, ever=True, problem=problem)
            if not running:
                return

    def _listen_once(self, heard: dict[str, NearbyStrap]) -> BiotuneError | None:
        command = [*_BIOTUNE, "scan", "--json", f"--seconds={_SCAN_S:g}"]
        try:
            done = subprocess.run(  # noqa: S603 - this program itself
                command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SCAN_PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return BiotuneError("Bluetooth does not answer", hint="Switch Bluetooth off and on again.")
        if done.returncode:
            return _problem(done.stderr.decode("utf-8", "replace"), "Straps could not be looked for")
        for row in json.loads(done.stdout)["straps"]:
            strap = NearbyStrap(row["name"], row["address"], row["rssi"], row["known"])
            heard[strap.address] = strap
        return None


def _source(strap: str, profile: str) -> str:
    """Return the option that says where packets come from."""
    if strap and not _STRAP.fullmatch(strap):
        raise UsageError("this strap has a name that cannot be used", hint="Choose another strap.")
    return f"--strap={strap}" if strap else f"--simulate={profile}"


def _problem(said: str, otherwise: str) -> BiotuneError:
    """Return what the command line said went wrong: what, why, what next."""
    _, begins, told = said.rpartition(f"\n{_PROGRAM}") if f"\n{_PROGRAM}" in said else said.rpartition(_PROGRAM)
    lines = told.strip().splitlines() if begins else []
    if not lines:
        logger.error("%s: %s", otherwise, said.strip())
        return BiotuneError(otherwise, why=said.strip().splitlines()[-1] if said.strip() else "")
    return BiotuneError(lines[0], why=" ".join(lines[1:2]), hint=" ".join(lines[2:]))


_BIOTUNE: Sequence[str] = (sys.executable, "-m", "biotune")

_DETACHED: dict[str, Any]
if sys.platform == "win32":
    _DETACHED = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
else:
    _DETACHED = {"start_new_session": True}  # Ctrl-C in the dashboard's window is not for the recorder
