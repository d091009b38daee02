"""``biotune import``."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from biotune.errors import BiotuneError, StorageError


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("import", help="bring in other people's files")
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a file with RR intervals, or a session's log"
    )
    parser.add_argument("--format", metavar="NAME", help="its format, where the content does not tell")
    parser.add_argument("--client", metavar="CODE", help="whose it is")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from contextlib import ExitStack

    from biotune.cli.naming import code_named, note_on
    from biotune.errors import UsageError
    from biotune.formats import importer, registry
    from biotune.formats.text import shown
    from biotune.settings import Settings
    from biotune.storage.store import Store

    if args.format is not None and args.format not in registry.names():
        raise UsageError(f"there is no format {args.format!r}", hint=f"Choose one of: {', '.join(registry.names())}.")
    client = None if args.client is None else code_named(args.client, args.home)
    imported: list[dict[str, Any]] = []
    failed: list[tuple[Path, BiotuneError]] = []
    with ExitStack() as stack:
        store: Store | None = None
        for path in args.files:
            try:
                file = importer.read(path, format_name=args.format)
                # Opened once something can be stored: a file that cannot be read leaves nothing behind.
                if store is None:
                    store = stack.enter_context(Store.open(Settings.read(home=args.home).database))
                    note_on(client, store)
                done = importer.store(store, file, client=client)
            except StorageError:
                raise
            except BiotuneError as error:
                failed.append((path, error))
                continue
            imported.append(
                {
                    "file": shown(path),
                    "format": file.format_name,
                    "session": done.session,
                    "duplicate_of": done.duplicate_of or None,
                    "date_of_file": done.date_of_file,
                }
            )
    _say(imported, failed, as_json=args.json)
    return _exit_code(imported, [error for _, error in failed])


def _exit_code(imported: list[dict[str, Any]], errors: list[BiotuneError]) -> int:
    """1 where a file could not be used; 2 where there was nothing but wrong names."""
    if not errors:
        return 0
    return 1 if imported else max(1, min(error.exit_code for error in errors))


def _say(imported: list[dict[str, Any]], failed: list[tuple[Path, BiotuneError]], *, as_json: bool) -> None:
    from biotune.formats.text import shown

    if as_json:
        document = {
            "schema": "biotune.import/1",
            "imported": imported,
            "failed": [{"file": shown(path), "error": str(error)} for path, error in failed],
        }
        print(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1))
    else:
        for each in imported:
            how = (
                "was there already and is left as it was"
                if each["duplicate_of"]
                else f"imported, read as {each['format']}"
            )
            if each["date_of_file"]:
                how += "; its date is the date of the file, which does not say when it was recorded"
            print(f"{each['session']}  {each['file']}  {how}")
    for _, error in failed:
        print(f"biotune: {error}", file=sys.stderr)
