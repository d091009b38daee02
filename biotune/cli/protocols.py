"""``biotune protocols``."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from biotune.session.protocol import PlannedPhase, Protocol


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("protocols", help="what can be run")
    parser.description = (
        "What can be run: biotune's own protocols, and yours: TOML files in the data folder's 'protocols'. "
        "NAME-short is the short form of those that have one."
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="tell everything about this one (or about a file)")
    parser.add_argument("--check", metavar="FILE", help="tell whether a protocol of your own can be run")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from biotune.errors import UsageError
    from biotune.session import protocol
    from biotune.settings import Settings

    folder = Settings.read(home=args.home).protocols
    if args.name and args.check:
        raise UsageError("a name or a file to check, not both")
    if args.check:
        chosen = [protocol.read(args.check)]
        print(f"{args.check} can be run.", file=sys.stderr)
        if chosen[0].name in protocol.names():
            print(f"As {chosen[0].name} is a protocol of biotune's, this one is run by its path only.", file=sys.stderr)
    elif args.name:
        chosen = [protocol.load(args.name, folder)]
    else:
        own, faults = protocol.own(folder)
        chosen = [*map(protocol.load, protocol.names()), *own]
        for fault in faults:
            print(f"biotune: {fault.what}", file=sys.stderr)
    if args.json:
        document = {"schema": "biotune.protocols/1", "protocols": [_document(each) for each in chosen]}
        print(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1))
    elif args.name or args.check:
        print(_details(chosen[0]))
    else:
        width = max(len(each.name) for each in chosen)
        for each in chosen:
            short = f"; {each.name}{protocol.SHORT} {each.short.seconds / 60:g} min" if each.short else ""
            whose = " (your own)" if each.own else ""
            print(f"{each.name:<{width}}  {each.seconds / 60:3.0f} min  {each.title}{whose}{short}")
    return 0


def _document(protocol: "Protocol") -> dict[str, Any]:
    return {
        "name": protocol.name,
        "title": protocol.title,
        "description": protocol.description,
        "duration_s": protocol.seconds,
        "short": protocol.short.name if protocol.short else None,
        "caution": protocol.caution,
        "ratings": list(protocol.ratings),
        "markers": list(protocol.markers),
        "own": protocol.own,
        "phases": [
            {
                "name": phase.name,
                "kind": phase.kind.value,
                "activity": phase.activity.value if phase.activity else None,
                "duration_s": phase.seconds,
                "posture": phase.posture,
                "comparable": phase.comparable,
                "paced": phase.paced,
                "pacer": phase.pacer.value,
                "breaths_per_min": phase.breaths_per_min,
                "explanation": phase.explanation,
                "short_duration_s": phase.short_seconds,
                "ratings": list(phase.ratings),
                "markers": list(phase.markers),
                "prompts": [{"at_s": prompt.at_s, "say": prompt.say} for prompt in phase.prompts],
            }
            for phase in protocol.phases
        ],
    }


def _details(protocol: "Protocol") -> str:
    lines = [f"{protocol.title} ({protocol.name}, {protocol.seconds / 60:g} min)", protocol.description]
    if protocol.caution:
        lines.append(f"Caution: {protocol.caution}")
    if protocol.short:
        lines.append(f"Short form: {protocol.short.name}, {protocol.short.seconds / 60:g} min")
    for words, told in (("Ratings before and after", protocol.ratings), ("Markers", protocol.markers)):
        if told:
            lines.append(f"{words}: {', '.join(told)}")
    return "\n".join([*lines, "", *map(_phase, protocol.phases)])


def _phase(phase: "PlannedPhase") -> str:
    pacer = f"pacer {phase.breaths_per_min:g} a minute" if phase.breaths_per_min else ""
    pacer = pacer or ("pacer if wanted" if phase.pacer.value == "optional" else "")
    compared = "comparable" if phase.comparable else ""
    activity = phase.activity.value if phase.activity else ""
    about = ", ".join(filter(None, (phase.kind.value, activity, phase.posture, pacer, compared)))
    lines = [f"{phase.seconds / 60:4g} min  {phase.name} ({about})", f"          {phase.explanation}"]
    lines += [f"          {_clock(prompt.at_s)}  “{prompt.say}”" for prompt in phase.prompts]
    return "\n".join(lines)


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{round(seconds % 60):02d}"
