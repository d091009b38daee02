"""``biotune app``: the dashboard, served on this machine only."""

import argparse
import http.client
import logging
import os
import signal
import sys
import threading
import time
import webbrowser
from types import FrameType
from typing import TYPE_CHECKING, Any

from biotune.errors import BiotuneError, UsageError

if TYPE_CHECKING:
    from biotune.library import Library

_LOOPBACK = ("127.0.0.1", "localhost")
_DEFAULT_PORT = 8050
_HIGHEST_PORT = 65535
_THREADS = 8


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("app", help="open the dashboard on your own data")
    add_server_arguments(parser)
    parser.set_defaults(run=_run)


def add_server_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `serve` needs."""
    parser.add_argument("--host", default=_LOOPBACK[0], help="127.0.0.1: only this machine may ask")
    parser.add_argument("--port", type=int, default=None, help=f"BIOTUNE_PORT or {_DEFAULT_PORT}; 0 for any free one")
    parser.add_argument("--no-browser", action="store_true", help="open no browser (or BIOTUNE_NO_BROWSER=1)")


def _run(args: argparse.Namespace) -> int:
    check(args)
    from biotune.library import open_library

    with open_library(args.home) as library:
        serve(library, args)
    return 0


def check(args: argparse.Namespace) -> None:
    """Refuse an address or a port that cannot be served, before anything is opened.

    Raises
    ------
    UsageError
        For any host but this machine, and for a number that is no port.
    """
    if args.host not in _LOOPBACK:
        raise UsageError(
            f"the dashboard is not served on {args.host}",
            why="It shows private health data and has no access control yet, so only this machine may ask for it.",
            hint=f"Leave --host away, or use --host {_LOOPBACK[0]}.",
        )
    if not 0 <= port_of(args) <= _HIGHEST_PORT:
        raise UsageError(f"{port_of(args)} is not a port", hint="Use a number from 0 to 65535.")


def port_of(args: argparse.Namespace) -> int:
    """Return the port asked for by ``--port`` or ``BIOTUNE_PORT``.

    Raises
    ------
    UsageError
        Where the variable is no number.
    """
    if args.port is not None:
        return int(args.port)
    asked = os.environ.get("BIOTUNE_PORT") or str(_DEFAULT_PORT)
    try:
        return int(asked)
    except ValueError:
        raise UsageError(f"BIOTUNE_PORT is {asked!r}, which is not a number") from None


def serve(library: "Library", args: argparse.Namespace, *, path: str = "") -> None:
    """Serve the dashboard until Ctrl-C or a termination signal.

    Parameters
    ----------
    library : Library
        What it shows.
    args : argparse.Namespace
        With the arguments of `add_server_arguments`.
    path : str
        The page to open first, without its leading slash.

    Raises
    ------
    BiotuneError
        Where the port is taken.
    """
    import waitress

    from dashboard.app import create_app

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a page asks for several things at once
    app = create_app(library)
    port = port_of(args)
    try:
        server: Any = waitress.create_server(app.server, host=_LOOPBACK[0], port=port, threads=_THREADS, ident=None)
    except OSError as error:
        raise BiotuneError(
            f"port {port} cannot be used",
            why=f"{error.strerror or error}.",
            hint=f"Another program may have it; choose one with --port, such as --port {port + 1}.",
        ) from error
    bound = int(server.effective_port)
    browse = not (args.no_browser or os.environ.get("BIOTUNE_NO_BROWSER"))
    threading.Thread(target=_announce, args=(bound, path, browse), daemon=True).start()
    # SIGINT too: a shell that starts a command in the background leaves it ignored
    previous = {number: signal.signal(number, _interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run()
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        server.close()
    print("biotune: the dashboard is closed.", file=sys.stderr)


def _announce(port: int, path: str, browse: bool) -> None:  # noqa: FBT001 - a thread's arguments
    """Print the address once it answers, then open it."""
    while not _answers(port):
        time.sleep(0.05)
    url = f"http://{_LOOPBACK[0]}:{port}/{path}"
    print(f"biotune is at {url}", flush=True)
    print("Press Ctrl-C here to close it.", file=sys.stderr, flush=True)
    if browse:
        webbrowser.open(url)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(_LOOPBACK[0], port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == http.client.OK
    except (TimeoutError, OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
