"""How often the tests of experiments and groups err where nothing differs, and how often their intervals hold.

    python tests/soak/experiments.py --table          the tables of docs/statistics.md (minutes)
    python tests/soak/experiments.py --runs 200       fewer

Experiments: an order is drawn, and a series of outcomes made in which the conditions differ by nothing or by a
constant, with independent noise, with AR(1) noise of 0.6 from session to session, or with a trend. Groups: clients
with means of their own, several sessions each, and approaches that change nothing.
"""

import argparse
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from biotune.analysis import assignments, effect_size, mixed, single_case
from biotune.analysis.assignments import Rules
from biotune.domain import Design

LEVEL = 0.05
DESIGNS = {
    "alternating, 12 sessions, 2 in a row": Rules(Design.ALTERNATING, 2, 12, 2),
    "alternating, 16 sessions, 2 in a row": Rules(Design.ALTERNATING, 2, 16, 2),
    "three conditions, 15 sessions, 2 in a row": Rules(Design.ALTERNATING, 3, 15, 2),
    "ABAB, 24 sessions, 3 a phase": Rules(Design.ABAB, 2, 24, least_phase=3),
    "ABAB, 12 sessions, 2 a phase": Rules(Design.ABAB, 2, 12, least_phase=2),
}
NOISES = ("independent", "AR(1) 0.6", "trend")
EFFECTS = (0.0, 1.0, 2.0)  # in standard deviations of the noise


@dataclass(slots=True)
class Row:
    """What became of one design with one kind of noise."""

    design: str
    noise: str
    size: float
    coverage: float
    power: dict[float, float]
    width: float


def noise(kind: str, n: int, rng: np.random.Generator) -> np.ndarray:
    """Make one series of outcomes in which nothing was done."""
    e = rng.normal(size=n)
    if kind == "AR(1) 0.6":
        for index in range(1, n):
            e[index] = 0.6 * e[index - 1] + math.sqrt(1 - 0.36) * e[index]
    if kind == "trend":
        e += np.linspace(-1.5, 1.5, n)
    return e


def experiments(runs: int, seed: int) -> Iterator[Row]:
    """Run every design with every noise."""
    for (name, rules), kind in ((each, kind) for each in DESIGNS.items() for kind in NOISES):
        rng = np.random.default_rng([seed, len(name), len(kind)])
        found: dict[float, list[tuple[bool, bool]]] = {effect: [] for effect in EFFECTS}
        widths = []
        for run in range(runs):
            order = assignments.draw(rules, int(rng.integers(2**31)))
            base = noise(kind, rules.sessions, rng)
            for effect in EFFECTS:
                y = base + effect * (np.array(order) == 0)
                made = single_case.examine(y.tolist(), order, rules, seed=run)[0]
                low = -math.inf if made.low is None else made.low
                high = math.inf if made.high is None else made.high
                found[effect].append((made.p <= LEVEL, low <= effect <= high))
                if effect == 0.0 and math.isfinite(high - low):
                    widths.append(high - low)
        power = {effect: float(np.mean([each[0] for each in found[effect]])) for effect in EFFECTS}
        covered = float(np.mean([each[1] for each in found[1.0]]))
        yield Row(name, kind, power[0.0], covered, power, float(np.median(widths)) if widths else math.inf)


def groups(runs: int, seed: int) -> Iterator[tuple[str, float, float]]:
    """Size of the model's two questions where nothing changes, by number of clients and sessions."""
    for clients, each, spread in ((6, 4, 0.0), (6, 4, 1.0), (12, 2, 1.0), (12, 6, 0.5), (30, 3, 1.0)):
        rng = np.random.default_rng([seed, clients, each])
        own, against = [], []
        for _ in range(runs):
            means = rng.normal(0, spread, clients)
            client = [str(n) for n in range(clients) for _ in range(each)]
            approach = [("quiet-rest", "listening")[k % 2] for _ in range(clients) for k in range(each)]
            y = np.repeat(means, each) + rng.normal(size=clients * each)
            terms = {(t.approach, t.against): t.p for t in mixed.fit(y.tolist(), approach, client).terms}
            own.append(terms["listening", ""] <= LEVEL)
            against.append(terms["listening", "quiet-rest"] <= LEVEL)
        yield (
            f"{clients} clients, {each} sessions each, spread of clients {spread:g}",
            float(np.mean(own)),
            float(np.mean(against)),
        )


def effect_sizes(runs: int, seed: int) -> Iterator[tuple[str, float]]:
    """Coverage of the interval of g, by number of clients and correlation."""
    for n, r in ((5, 0.7), (8, 0.3), (8, 0.9), (20, 0.7), (40, 0.9)):
        rng = np.random.default_rng([seed, n, round(10 * r)])
        held = []
        for true in (0.0, 0.5, 1.0):
            for _ in range(runs):
                before = rng.normal(size=n)
                after = r * before + math.sqrt(1 - r**2) * rng.normal(size=n) + true
                g = effect_size.paired(before.tolist(), after.tolist())
                held.append(g is not None and g.low <= true <= g.high)
        yield f"{n} clients, correlation {r:g}", float(np.mean(held))


def tables(runs: int, seed: int) -> str:
    """Write all three tables."""
    lines = [
        "| experiment | noise | finds a difference where none is | interval holds | finds 1 SD | finds 2 SD |",
        "|---|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row.design} | {row.noise} | {100 * row.size:.1f} % | {100 * row.coverage:.1f} % "
        f"| {100 * row.power[1.0]:.0f} % | {100 * row.power[2.0]:.0f} % |"
        for row in experiments(runs, seed)
    ]
    lines += [
        "",
        "| group | finds a change where none is | finds a difference from quiet rest where none is |",
        "|---|---:|---:|",
    ]
    lines += [f"| {name} | {100 * own:.1f} % | {100 * against:.1f} % |" for name, own, against in groups(runs, seed)]
    lines += ["", "| Hedges' g | interval holds |", "|---|---:|"]
    lines += [f"| {name} | {100 * held:.1f} % |" for name, held in effect_sizes(runs, seed)]
    return "\n".join(lines)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="How often the tests of experiments and groups err.")
    parser.add_argument("--runs", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--table", action="store_true", help="print only the tables")
    args = parser.parse_args()
    made = tables(args.runs, args.seed)
    if not args.table:
        sys.stdout.write(f"{args.runs} runs, seed {args.seed}\n\n")
    sys.stdout.write(made + "\n")


if __name__ == "__main__":
    main()
