"""``biotune plan``: one client's experiment in random order."""

import argparse
import json
import secrets
from typing import TYPE_CHECKING

from biotune.domain import Alternative, Design

if TYPE_CHECKING:
    from biotune.library.plans import Plans

_MOST_SEED = 2**31
_DEFAULT_SESSIONS = 12


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "plan",
        help="an experiment with one client: conditions in random order, and what they show",
        epilog="Sessions recorded after the draw are put in their places by client and protocol. "
        "The result is told once all have taken place; a session that is moved after that leaves no p-value.",
    )
    parser.add_argument("client", metavar="CLIENT", help="the client's code")
    drawing = parser.add_argument_group("to draw one")
    drawing.add_argument("--design", choices=[each.value for each in Design], help="in any order, or in four phases")
    drawing.add_argument(
        "--conditions", metavar="A,B", help="protocols; with a word of the music where it matters: listening:ADAGIO"
    )
    drawing.add_argument("--sessions", type=int, metavar="N", help=f"how many ({_DEFAULT_SESSIONS})")
    drawing.add_argument(
        "--most-repeats", type=int, metavar="N", help="alternating: as often in a row at most (2; 0 for any number)"
    )
    drawing.add_argument("--seed", type=int, metavar="N", help="of the draw; any by default, and kept")
    drawing.add_argument("--metric", metavar="KEY", help="what is looked at: rmssd (default) or mean_hr")
    drawing.add_argument(
        "--alternative", choices=[each.value for each in Alternative], help="differences looked for, first minus second"
    )
    changing = parser.add_argument_group("to change the newest one").add_mutually_exclusive_group()
    changing.add_argument("--assign", metavar="PLACE=SESSION", help="a session into a place by hand (3=S12; 3= undoes)")
    changing.add_argument("--missed", type=int, metavar="PLACE", help="this planned session will not take place")
    changing.add_argument("--stop", action="store_true", help="give it up; it stays on record, without a result")
    parser.add_argument(
        "--order", action="store_true", help="show the whole order to come, not the next condition alone"
    )
    parser.add_argument("--result", action="store_true", help="leave the schedule out")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from biotune.analysis import experiment
    from biotune.cli.naming import client_named
    from biotune.library import Library
    from biotune.report import plan as report
    from biotune.settings import Settings
    from biotune.storage.store import Store

    client = client_named(args.client, args.home)
    _check(args)
    settings = Settings.read(home=args.home)
    with Library(Store.open(settings.database), limits=settings.limits, home=settings.home) as library:
        if args.design:
            _draw(args, client, library.plans, [each.name for each in library.live.plans()])
        else:
            _change(args, client, library.plans)
        found = library.plans.of(client)
    if args.json:
        document = experiment.document(client, found)
        print(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1))
    else:
        print(report.as_text(client, found, result_only=args.result, whole_order=args.order))
    return 0


def _check(args: argparse.Namespace) -> None:
    from biotune.errors import UsageError

    drawing = (args.conditions, args.sessions, args.most_repeats, args.seed, args.metric, args.alternative)
    if args.design and (args.assign or args.missed is not None or args.stop):
        raise UsageError("draw an experiment, or change one: not both")
    if args.design and not args.conditions:
        raise UsageError("which conditions?", hint="For example --conditions listening,quiet-rest")
    if not args.design and any(each is not None for each in drawing):
        raise UsageError("to draw an experiment, say its design", hint="--design alternating or --design abab")


def _draw(args: argparse.Namespace, client: str, plans: "Plans", protocols: list[str]) -> None:
    from biotune.analysis.assignments import usual_repeats
    from biotune.analysis.experiment import METRICS, Condition

    design = Design(args.design)
    conditions = [Condition.parse(word) for word in args.conditions.split(",")]
    sessions = _DEFAULT_SESSIONS if args.sessions is None else args.sessions
    repeats = args.most_repeats
    if repeats is None:
        repeats = usual_repeats(design, len(conditions), sessions)
    plans.draw(
        client,
        conditions,
        design=design,
        sessions=sessions,
        seed=secrets.randbelow(_MOST_SEED) if args.seed is None else args.seed,
        known_protocols=protocols,
        most_repeats=None if repeats == 0 else repeats,
        metric=args.metric or METRICS[0],
        alternative=Alternative(args.alternative or Alternative.TWO_SIDED),
    )


def _change(args: argparse.Namespace, client: str, plans: "Plans") -> None:
    from biotune.errors import UsageError

    if args.assign:
        place, equals, session = args.assign.partition("=")
        if not equals or not place.strip().isdecimal():
            raise UsageError(f"{args.assign!r} names no place", hint="Write PLACE=SESSION, such as 3=S12.")
        plans.assign(client, int(place), session.strip())
    elif args.missed is not None:
        plans.miss(client, args.missed)
    elif args.stop:
        plans.stop(client)
