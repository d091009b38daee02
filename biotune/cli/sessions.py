"""``biotune sessions``."""

import argparse
import json


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("sessions", help="what is recorded")
    parser.add_argument("--client", metavar="CODE", help="only this client's")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from biotune.report import text
    from biotune.settings import Settings
    from biotune.storage.store import Store

    with Store.open(Settings.read(home=args.home).database) as store:
        sessions = store.sessions(args.client)
    if args.json:
        rows = [
            {
                "id": each.id,
                "client": each.client,
                "protocol": each.protocol,
                "started": each.started.isoformat(),
                "duration_s": each.duration_s,
                "recordings": each.recordings,
                "packets": each.packets,
                "beats": each.beats,
                "finished": each.finished,
            }
            for each in sessions
        ]
        print(
            json.dumps(
                {"schema": "biotune.sessions/1", "sessions": rows}, ensure_ascii=False, allow_nan=False, indent=1
            )
        )
    else:
        print(text.sessions(sessions, client=args.client))
    return 0
