"""One parser for all commands; errors become one to three lines and an exit code."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from biotune.cli.terminal import guarded
from biotune.errors import BiotuneError

_GROUPS = (
    "demo",
    "app",
    "scan",
    "check",
    "record",
    "sessions",
    "protocols",
    "importing",
    "analysing",
    "progress",
    "cohort",
    "plan",
    "reporting",
    "exporting",
    "erasing",
    "correct",
    "doctor",
    "conformance",
)

_DESCRIPTION = """\
Before and after of a music-assisted relaxation session, from a Bluetooth chest strap.
biotune is not a medical device: it measures and compares, it does not diagnose."""


class _Parser(argparse.ArgumentParser):
    """An argparse parser whose complaint is two lines."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where to read on; exit code 2."""
        self.exit(2, f"{self.prog}: {message}\nSee '{self.prog} --help'.\n")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
    parser = _Parser(prog="biotune", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    parser.set_defaults(run=None, home=None, debug=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for group in _GROUPS:
        importlib.import_module(f"biotune.cli.{group}").add_parser(commands)
    for each in (parser, *commands.choices.values()):
        each.add_argument(
            "--home", type=Path, metavar="DIR", default=argparse.SUPPRESS, help="the data folder (or BIOTUNE_HOME)"
        )
        each.add_argument(
            "--debug", action="store_true", default=argparse.SUPPRESS, help="show a traceback where something fails"
        )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments without the program's name; `sys.argv` by default.

    Returns
    -------
    int
        0 done, 1 the work could not be done, 2 the call was wrong.
    """
    with guarded():
        return _main(argv)


def _main(argv: Sequence[str] | None) -> int:
    parser = build_parser()
    args = parser.parse_args(argv)
    if args.version:
        from importlib.metadata import version

        print(f"biotune {version('biotune')}")
        return 0
    if args.run is None:
        parser.print_help()
        return 2
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of a pipe went away: nobody is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (Exception, KeyboardInterrupt) as error:
        if args.debug:
            raise
        print(f"biotune: {_in_words(error)}", file=sys.stderr)
        return error.exit_code if isinstance(error, BiotuneError) else 1
    return code


def _in_words(error: BaseException) -> str:
    if isinstance(error, BiotuneError):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return "stopped."
    return (
        f"something went wrong that should not ({type(error).__name__}: {error})\n"
        "Nothing recorded is lost. Run the same command with --debug and report what it prints."
    )
