"""``biotune demo``: the sample sessions in a data folder of their own, one replayed as if live."""

import argparse
import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from biotune.cli import app
from biotune.errors import BiotuneError

if TYPE_CHECKING:
    from biotune.analysis.series import FloatArray
    from biotune.library import Library

_FIRST = "responds"  # the sample that is opened, and replayed as if live
_REPLAY_SPEED = 10
_REPLAY_CLIENT = "LIVE"
_GRACE_S = 10.0
_PIECE_S, _PIECE_HZ = 120.0, 22_050


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("demo", help="open the dashboard on sample sessions, one replayed as if live")
    app.add_server_arguments(parser)
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    app.check(args)
    from biotune.library import Library
    from biotune.settings import Settings
    from biotune.storage.store import Store

    folder = Settings.read(home=args.home).home / "demo"
    settings = Settings.read(home=folder, environment={})
    samples = sample_files()
    print(
        f"The demo's own data folder is {folder}.\n"
        f'The same on the command line: biotune sessions --home "{folder}"\n'
        f"One session is replayed {_REPLAY_SPEED} times as fast as it happened: it stands first in the list.",
        file=sys.stderr,
    )
    _start_afresh(settings.database, folder, samples)
    with Library(Store.open(settings.database), limits=settings.limits, home=settings.home) as library:
        sessions = {sample.name: library.import_file(sample) for sample in samples}
        threading.Thread(target=_bring_music, args=(library, folder / "music"), daemon=True).start()
        first = next(sample for sample in samples if sample.name.startswith(_FIRST))
        with _replaying(first, folder):
            app.serve(library, args, path=f"session/{sessions[first.name]}")
    return 0


def _bring_music(library: "Library", folder: Path) -> None:
    """Make three pieces of music and a playlist of them, so that the player can be tried; made by biotune itself."""
    import soundfile

    from biotune.analysis import made_sound

    pieces: dict[str, Callable[[], FloatArray]] = {
        "Pads at 60": lambda: made_sound.pads(60.0, _PIECE_S, rate_hz=_PIECE_HZ),
        "Frame drum at 72": lambda: 0.5 * made_sound.drums(72.0, _PIECE_S, pattern="frame", rate_hz=_PIECE_HZ),
        "Drone": lambda: made_sound.drone(_PIECE_S, rate_hz=_PIECE_HZ),
    }
    with suppress(BiotuneError, OSError):  # the demo is a demo without it too
        folder.mkdir(parents=True, exist_ok=True)
        for title, make in pieces.items():
            if not (folder / f"{title}.flac").exists():
                soundfile.write(folder / f"{title}.flac", make(), _PIECE_HZ)
        if library.music.folders():
            return
        library.music.add_folder(str(folder))
        library.music.wait()
        playlist = library.music.add_playlist("Made by biotune")
        for piece in library.music.pieces():
            playlist = library.music.save_playlist(playlist.with_piece(piece.key))


def _start_afresh(database: str, folder: Path, samples: list[Path]) -> None:
    """Forget earlier demos, unless somebody has brought something of their own into this folder, or a demo runs."""
    from biotune.storage.store import Store

    with Store.open(database) as store:
        ours = {store.import_of(hashlib.sha256(sample.read_bytes()).hexdigest()) for sample in samples}
        sessions = store.sessions()
        own = [each for each in sessions if each.id not in ours and each.client != _REPLAY_CLIENT]
        running = any(store.is_recorded_now(each.id) for each in sessions)
    if sessions and not own and not running:
        for file in folder.glob("biotune.db*"):
            file.unlink()


def sample_files() -> list[Path]:
    """Return the sample sessions that biotune brings with it, by name.

    Raises
    ------
    BiotuneError
        Where this installation lacks them.
    """
    package = Path(__file__).parents[1]
    for folder in (package / "_sample_data", package.parent / "sample_data"):  # installed, or in a checkout
        found = sorted(folder.glob("*.biotune.jsonl"))
        if found:
            return found
    raise BiotuneError("the sample sessions are missing from this installation", hint="Install biotune again.")


@contextmanager
def _replaying(sample: Path, home: Path) -> Iterator[None]:
    """Replay a sample into the demo's folder as if it were happening now, until the demo ends."""
    command = [sys.executable, "-m", "biotune", "record", "--replay", str(sample), "--speed", str(_REPLAY_SPEED)]
    command += ["--client", _REPLAY_CLIENT, "--home", str(home)]
    environment = {name: value for name, value in os.environ.items() if name != "BIOTUNE_DATABASE"}
    recorder = subprocess.Popen(  # noqa: S603 - this program itself
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the dashboard; the recorder is then asked to end in good order
    )
    try:
        yield
    finally:
        recorder.terminate()
        try:
            recorder.wait(timeout=_GRACE_S)
        except subprocess.TimeoutExpired:
            recorder.kill()
            recorder.wait()
