"""``biotune erase``."""

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from biotune.library.erasing import Leaving

_MOST = 30  # places that are named one by one


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "erase",
        help="everything of one client, for good",
        description="Erase everything of one client for good: sessions, notes, name, plans, and exported files that "
        "are still as they were written. Nothing of it can be read in the database's files afterwards. Copies and "
        "backups made elsewhere are not known here. Without --yes, only what would go is told.",
    )
    parser.add_argument("client", metavar="CLIENT", help="the client's code")
    parser.add_argument("--yes", action="store_true", help="do it; there is no way back")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from biotune.domain.clients import require_named
    from biotune.errors import StorageError
    from biotune.library import open_library

    require_named(args.client)
    with open_library(args.home) as library:
        code = library.eraser.code(args.client)
        if not args.yes:
            print("\n".join(_told(code, library.eraser.leaving(client=code), done=False)))
            print("Nothing was changed. Give --yes to erase it.", file=sys.stderr)
            return 2
        cleaned = library.eraser.finish_cleaning()  # an earlier erasing that another program held up
        try:
            gone = library.erase_client(code)
        except StorageError:
            if cleaned and not library.eraser.is_known(code):
                print("What was erased before is now gone from the database's files, too.")
                return 0
            raise
    print("\n".join(_told(code, gone, done=True)))
    return 0


def _told(code: str, leaving: "Leaving", *, done: bool) -> list[str]:
    sessions = f"{len(leaving.sessions)} {'session' if len(leaving.sessions) == 1 else 'sessions'}"
    listed = f" ({', '.join(leaving.sessions)})" if leaving.sessions else ""
    told = [f"{'Erased' if done else 'Would erase'} of {code}: {sessions}{listed}, {leaving.lines} lines of log"]
    if leaving.has_name:
        told.append("  name and contact")
    if leaving.documents:
        told.append(f"  {leaving.documents} {'document' if leaving.documents == 1 else 'documents'} about the client")
    told += [f"  {each.path}" for each in leaving.deleted]
    told += [
        f"  not {each.path}: it was changed since it was written, or tells of others too. Look for yourself."
        for each in leaving.left
        if each.path
    ]
    fetched = [each.name for each in leaving.left if each.path is None]
    if fetched:
        told.append(f"  not what a browser saved, wherever that is: {', '.join(fetched)}. Delete it yourself.")
    if leaving.mentions:
        word = "These still mention" if done else "These would still mention"
        told += [f"{word} {code}, and are yours to change:", *(f"  {each}" for each in leaving.mentions[:_MOST])]
        more = len(leaving.mentions) - _MOST
        told += [f"  and {more} more"] if more > 0 else []
    return told
