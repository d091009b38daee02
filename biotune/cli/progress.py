"""``biotune progress``."""

import argparse
import json


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("progress", help="a client over sessions, and what the client responds to")
    parser.add_argument("client", metavar="CLIENT", help="the client's code, such as K-204")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from biotune.cli.naming import client_named
    from biotune.library import open_library
    from biotune.report import progress as text

    client = client_named(args.client, args.home)
    with open_library(args.home) as library:
        progress, responses = library.progress(client), library.responses(client)
    if args.json:
        document = {**progress.to_dict(), "responses": responses.to_dict()}
        print(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1))
    else:
        print(text.progress(progress, responses))
    return 0
