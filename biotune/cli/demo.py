"""``biotune demo``: the sample sessions in a data folder of their own, one replayed as if live."""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from biotune.cli import app

if TYPE_CHECKING:
    from biotune.library import Library

_FIRST = "responds"  # the sample that is opened, and replayed as if live
_REPLAY_SPEED = 10
_REPLAY_CLIENT = "LIVE"


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
    print(f"The demo's own data folder is {folder}.", file=sys.stderr)
    with Library(Store.open(settings.database), limits=settings.limits) as library:
        opened = [_bring_in(library, sample) for sample in samples]
        first = next(index for index, sample in enumerate(samples) if sample.name.startswith(_FIRST))
        with _replaying(samples[first], folder):
            app.serve(library, args, path=f"session/{opened[first]}")
    return 0
