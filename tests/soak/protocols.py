"""Every protocol, and every short form, run to its end by the recorder at the highest speed.

    python tests/soak/protocols.py                                    all of them (about two minutes)
    python tests/soak/protocols.py --only quick-check,listening-short

Of each: that every phase runs in its order and for its planned length, that the session ends by itself, and that what
is called comparable can be compared.
"""

import argparse
import asyncio
import math
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise

from biotune.cli.record import virtual_clock
from biotune.domain import PhaseEnded, PhaseStarted, session_times
from biotune.errors import AnalysisError
from biotune.library import compare
from biotune.sensor.simulator import SimulatedSource, Stretch
from biotune.session import protocol
from biotune.session.protocol import Protocol
from biotune.session.recorder import record
from biotune.storage.store import Store

OFF_BY_S = 0.01


def everything() -> list[str]:
    """Return every protocol's name, and its short form's."""
    whole = [protocol.load(name) for name in protocol.names()]
    return [each.name for one in whole for each in (one, one.short) if each is not None]


def run(store: Store, plan: Protocol) -> list[str]:
    """Record one protocol with a simulated person who responds; return what is wrong with it."""
    stretches = [Stretch(each.kind, each.seconds, each.activity, each.breaths_per_min) for each in plan.phases]
    source = SimulatedSource("responds", stretches, seed=1, clock=virtual_clock(math.inf))
    session = asyncio.run(record(store, source, plan, client="K-1", new=True))
    timed = list(session_times(store.lines(session)))
    begun = [(at_s, line.entry) for at_s, line in timed if isinstance(line.entry, PhaseStarted)]
    ends_s = [*(at_s for at_s, _ in begun), next(at_s for at_s, line in timed if isinstance(line.entry, PhaseEnded))]
    wrong = []
    if [entry for _, entry in begun] != [phase.started() for phase in plan.phases]:
        wrong.append("other phases than planned")
    lengths_s = [end_s - start_s for start_s, end_s in pairwise(ends_s)]
    if any(abs(length - phase.seconds) > OFF_BY_S for length, phase in zip(lengths_s, plan.phases, strict=False)):
        wrong.append(f"lengths {[round(length, 2) for length in lengths_s]}")
    if not store.head(session).finished:
        wrong.append("not finished")
    if len(plan.phases) > 1:
        try:
            made = compare(store.session(session))
        except AnalysisError as error:
            wrong.append(str(error))
        else:
            named = {phase.name: phase for phase in plan.phases}
            wrong += [f"{each.name} compared" for each in (made.before, made.after) if not named[each.name].comparable]
    return wrong


def main(argv: Sequence[str] | None = None) -> int:
    """Run them and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="names, with commas between them")
    args = parser.parse_args(argv)
    failed = 0
    with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/biotune.db") as store:
        for name in args.only.split(",") if args.only else everything():
            plan, began_s = protocol.load(name), time.perf_counter()
            wrong = run(store, plan)
            failed += bool(wrong)
            took_s = time.perf_counter() - began_s
            print(f"{name:<24} {plan.seconds / 60:5.1f} min in {took_s:5.1f} s   {'; '.join(wrong) or 'as planned'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
