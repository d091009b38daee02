"""``biotune scan``: which straps are near."""

import argparse
import asyncio
import json
import sys
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from biotune.sensor.discovery import FoundStrap

NOTHING_HEARD = """\
No strap was heard.
A strap sends only while it is worn: moisten its electrodes and put it on.
One that a phone, a watch or another program is connected to keeps silent: close those apps
(a Polar strap can serve two, once its second connection is enabled in Polar's app).
One that a recording was using when it was cut short is taken back by `biotune record`.
What else may be wrong with this machine: `biotune doctor`."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser("scan", help="straps nearby", description="List the heart rate straps nearby.")
    parser.add_argument("--seconds", type=seconds, default=10.0, metavar="S", help="how long to listen (default 10)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Scan and print.

    Raises
    ------
    BluetoothUnavailable
        Where this machine cannot scan.
    """
    from biotune.sensor.discovery import scan
    from biotune.settings import Settings
    from biotune.storage.store import Store

    print(f"Listening for straps for {args.seconds:g} s …", file=sys.stderr)
    straps = asyncio.run(scan(args.seconds, on_found=_tell))
    with Store.open(Settings.read(home=args.home).database) as store:
        known = {strap.name for strap in store.known_straps()}
    straps = tuple(sorted(straps, key=lambda strap: strap.name not in known))  # seen before first, then the strongest
    print(as_json(straps, known) if args.json else as_table(straps, known))
    return 0


def as_json(straps: "Collection[FoundStrap]", known: Collection[str]) -> str:
    """Return the document ``biotune.scan/1``; `known` are the names of straps recorded before."""
    rows = [
        {"name": strap.name, "address": strap.address, "rssi": strap.rssi, "known": strap.name in known}
        for strap in straps
    ]
    return json.dumps({"schema": "biotune.scan/1", "straps": rows}, ensure_ascii=False, allow_nan=False)


def as_table(straps: "Collection[FoundStrap]", known: Collection[str]) -> str:
    """Return what a person reads: a line a strap, or why there may be none."""
    if not straps:
        return NOTHING_HEARD
    name_width = max(4, *(len(strap.name) for strap in straps))
    address_width = max(7, *(len(strap.address) for strap in straps))
    lines = [f"{'name':{name_width}}  {'address':{address_width}}  signal"]
    for strap in straps:
        note = "  recorded before" if strap.name in known else ""
        lines.append(f"{strap.name:{name_width}}  {strap.address:{address_width}}  {strap.rssi} dBm{note}")
    return "\n".join(lines)


def _tell(strap: "FoundStrap") -> None:
    print(f"heard {strap.name or strap.address}", file=sys.stderr)


def seconds(text: str) -> float:
    """Read ``--seconds``; argparse shows this function's name where it is no number."""
    value = float(text)
    if not 0 < value <= 3600:  # noqa: PLR2004 - an hour is a slip of the keyboard
        raise argparse.ArgumentTypeError("must be above 0 and at most 3600")
    return value
