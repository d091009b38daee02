"""Artefacts put into clean recordings of people at rest: what is found, and what becomes of RMSSD.

    python tests/soak/artefacts.py                              the tables (minutes)
    python tests/soak/artefacts.py --page > docs/artefacts.md   the page
    python tests/soak/artefacts.py --draws 1                    fewer draws of each kind and rate

NeuroKit2 gets the same series in the same run: its classifier in one pass for what it finds
(`iterative=False`: the other one reports its last pass only), and its stock correction, iterative, for RMSSD.
"""

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import product
from pathlib import Path

import numpy as np

from biotune.analysis import artefacts, replacing
from biotune.analysis.series import BeatSeries, BoolArray, FloatArray, NNSeries

REFERENCE = Path(__file__).parents[3] / "shared" / "reference"
KINDS = ("missed", "extra", "premature", "mixed")
LAYOUTS = ("apart", "runs", "ends")
RATES = (0.001, 0.01, 0.02, 0.05, 0.1)
DRAWS = 8
APART_BEATS = 5
SHARES = ((0.10, 0.15), (0.15, 0.20), (0.20, 0.25), (0.25, 0.40))
TASKS = ("maths", "walking")
PREMATURE = (0.15, 0.40)  # of its interval
EXTRA = (0.2, 0.8)


# ---------------------------------------------------------------- recordings


def resting(folder: Path, lead: str = "cs") -> dict[str, FloatArray]:
    """Return the clean recordings of people at rest: intervals in milliseconds by name."""
    found = gudb(folder, "sitting", lead)
    if lead == "cs":
        for name in ("hrvpkg_rest_rri", "pyhrv_short_nn_ms", "systole_rr_ms"):
            found[name] = np.loadtxt(folder / "rr_reference" / f"{name}.txt")
    return found


def logged(folder: Path) -> dict[str, FloatArray]:
    """Return what HRV Logger recorded of a chest strap, intervals in milliseconds."""
    files = sorted((folder / "rr_reference" / "hrv_logger").glob("*_RRIntervals.csv"))
    return {path.stem: np.loadtxt(path, delimiter=",", skiprows=1, usecols=1) for path in files}


def lasting(folder: Path) -> dict[str, FloatArray]:
    """Return the recordings that last a quarter of an hour and an hour."""
    return {
        name: np.loadtxt(folder / "rr_reference" / f"{name}.txt") for name in ("hrvpkg_rest_rri", "pyhrv_long_nn_ms")
    }


def gudb(folder: Path, task: str, lead: str) -> dict[str, FloatArray]:
    """Return a task's hand-corrected recordings: R peaks at 250 Hz, so that every interval is a true one."""
    files = sorted((folder / "rr_raw" / "gudb").glob(f"*_{task}_{lead}.tsv"))
    return {path.stem: np.diff(np.loadtxt(path)) * 4 for path in files}


def beats(rr_ms: FloatArray) -> BeatSeries:
    """Lay intervals end to end."""
    return BeatSeries(np.cumsum(rr_ms) / 1000, rr_ms, np.zeros(len(rr_ms), dtype=np.int64))


def rmssd(rr_ms: FloatArray, keep: BoolArray | None = None) -> float:
    """RMSSD of what is kept, differencing neighbours only."""
    return rmssd_of(NNSeries.from_beats(beats(rr_ms), keep))


def rmssd_of(nn: NNSeries) -> float:
    """RMSSD of a series, differencing neighbours only."""
    return float(np.sqrt(np.mean(nn.differences_ms() ** 2)))


# ---------------------------------------------------------------- what is put in


@dataclass(frozen=True)
class Spoilt:
    """A recording with artefacts; `events` are the first and last interval that each of them spoils."""

    rr_ms: FloatArray
    events: tuple[tuple[int, int], ...]

    @property
    def spoilt(self) -> BoolArray:
        """Which intervals are wrong."""
        wrong = np.zeros(len(self.rr_ms), dtype=bool)
        for first, last in self.events:
            wrong[first : last + 1] = True
        return wrong


def places(rng: np.random.Generator, n: int, count: int, layout: str) -> list[int]:
    """Draw where artefacts begin: at least five beats apart, in runs of two to four, or next to either end."""
    if layout == "ends":
        return sorted({int(rng.integers(0, 4)), n - 2 - int(rng.integers(0, 4))})
    taken: set[int] = set()
    for start in rng.permutation(np.arange(0, n - 10)).tolist():
        if len(taken) >= count:
            break
        run = [start + 2 * step for step in range(int(rng.integers(2, 5)) if layout == "runs" else 1)]
        if all(abs(place - other) >= APART_BEATS for place in run for other in taken):
            taken |= set(run[: count - len(taken)])
    return sorted(taken)


def spoil(
    rr_ms: FloatArray,
    rng: np.random.Generator,
    *,
    kind: str,
    rate: float,
    layout: str = "apart",
    premature: tuple[float, float] = PREMATURE,
) -> Spoilt:
    """Put artefacts into a recording: beats missed, invented, or premature with a compensatory pause."""
    at = set(places(rng, len(rr_ms), max(1, round(rate * len(rr_ms))), layout))
    out: list[float] = []
    events: list[tuple[int, int]] = []
    k = 0
    while k < len(rr_ms):
        chosen = str(rng.choice(KINDS[:3])) if kind == "mixed" else kind
        rr, following, here = rr_ms[k], rr_ms[min(k + 1, len(rr_ms) - 1)], len(out)
        if k not in at or k + 1 == len(rr_ms):
            out.append(rr)
        elif chosen == "missed":
            out.append(rr + following)
            events.append((here, here))
            k += 1
        elif chosen == "extra":
            share = rng.uniform(*EXTRA)
            out += [share * rr, (1 - share) * rr]
            events.append((here, here + 1))
        else:
            early_ms = rng.uniform(*premature) * rr
            out += [rr - early_ms, following + early_ms]
            events.append((here, here + 1))
            k += 1
        k += 1
    return Spoilt(np.array(out), tuple(events))


# ---------------------------------------------------------------- what is found


def ours(rr_ms: FloatArray) -> BoolArray:
    """Which intervals biotune flags."""
    return artefacts.classify(beats(rr_ms)).flagged


def mended(rr_ms: FloatArray) -> tuple[BoolArray, float, float]:
    """Which intervals biotune flags, and RMSSD: as it is by default, and with interpolated intervals in place."""
    classified = artefacts.classify(beats(rr_ms))
    series, left = artefacts.add_up(beats(rr_ms), classified)
    filled = replacing.replace(series, left, unless=np.zeros(len(series), dtype=bool))
    return classified.flagged, rmssd_of(NNSeries.from_beats(series, ~left)), rmssd_of(filled)


def classifier_alone(rr_ms: FloatArray) -> BoolArray:
    """Which intervals the classifier suspects before their shape is looked at."""
    flagged = np.zeros(len(rr_ms), dtype=bool)
    flagged[list(artefacts._by_interval(rr_ms / 1000))] = True
    return flagged


def neurokit(rr_ms: FloatArray) -> tuple[BoolArray, float]:
    """Which intervals NeuroKit2 calls artefacts, and the RMSSD of its own corrected output."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import neurokit2

        peaks = np.round(np.cumsum(np.r_[0, rr_ms])).astype(np.int64)
        found, _ = neurokit2.signal_fixpeaks(peaks, 1000, iterative=False, method="Kubios")
        _, corrected = neurokit2.signal_fixpeaks(peaks, 1000, method="Kubios")
    named = [k for kind in ("ectopic", "missed", "extra", "longshort") for k in found[kind]]
    flagged = np.zeros(len(rr_ms), dtype=bool)
    flagged[[k - 1 for k in named if k > 0]] = True
    return flagged, rmssd(np.diff(np.asarray(corrected, dtype=float)))


@dataclass
class Tally:
    """What became of many spoilt recordings."""

    found: int = 0
    events: int = 0
    flagged: int = 0
    rightly: int = 0
    errors: list[float] = field(default_factory=list)

    def add(self, spoilt: Spoilt, flagged: BoolArray, error: float) -> None:
        """Count one: an artefact is found where an interval of it is flagged; one beat beside it is not wrong."""
        self.events += len(spoilt.events)
        near = np.zeros(len(flagged), dtype=bool)
        for first, last in spoilt.events:
            self.found += bool(flagged[first : last + 1].any())
            near[max(first - 1, 0) : last + 2] = True
        self.flagged += int(flagged.sum())
        self.rightly += int((flagged & near).sum())
        self.errors.append(error)

    @property
    def sensitivity(self) -> float:
        """Share of the artefacts that were found, per cent."""
        return 100 * self.found / max(self.events, 1)

    @property
    def precision(self) -> float:
        """Share of the flagged intervals that were artefacts or beside one, per cent."""
        return 100 * self.rightly / max(self.flagged, 1)

    @property
    def bias(self) -> float:
        """Mean error of RMSSD, per cent."""
        return 100 * float(np.mean(self.errors))

    def within(self, share: float) -> float:
        """Error of RMSSD, either way, that this share of the recordings stays within, per cent."""
        return 100 * float(np.quantile(np.abs(self.errors), share))


METHODS = ("biotune", "replaced", "known", "neurokit2")
COMPARED = ("biotune", "known", "neurokit2")
AIM = 2.0  # per cent: how far RMSSD may be off
_WHO = {"biotune": "biotune", "known": "known", "NeuroKit2": "neurokit2"}
LONG_RATE = 0.05
LONG_LAYOUTS = ("apart", "runs")
Cell = tuple[str, str, float]


def measure(
    recordings: Mapping[str, FloatArray],
    *,
    draws: int,
    with_neurokit: bool = True,
    layouts: tuple[str, ...] = LAYOUTS,
    rates: tuple[float, ...] = RATES,
) -> dict[Cell, dict[str, Tally]]:
    """Spoil every recording in every way; `known` leaves out exactly what was put in."""
    told: dict[Cell, dict[str, Tally]] = {}
    for layout, kind, rate in product(layouts, KINDS, rates):
        if layout == "ends" and rate != rates[0]:
            continue  # one at each end, whatever the rate
        tallies = told.setdefault((layout, kind, rate), {method: Tally() for method in METHODS})
        for rr_ms, draw in product(recordings.values(), range(draws)):
            seed = [draw, len(rr_ms), round(1000 * rate), KINDS.index(kind), LAYOUTS.index(layout)]
            spoilt = spoil(rr_ms, np.random.default_rng(seed), kind=kind, rate=rate, layout=layout)
            for method, flagged, value in _by_method(spoilt, with_neurokit=with_neurokit):
                tallies[method].add(spoilt, flagged, value / rmssd(rr_ms) - 1)
    return told


def _by_method(spoilt: Spoilt, *, with_neurokit: bool) -> Iterator[tuple[str, BoolArray, float]]:
    flagged, by_default, replaced = mended(spoilt.rr_ms)
    yield "biotune", flagged, by_default
    yield "replaced", flagged, replaced
    yield "known", spoilt.spoilt, rmssd(spoilt.rr_ms, ~spoilt.spoilt)
    if with_neurokit:
        yield "neurokit2", *neurokit(spoilt.rr_ms)


def early(recordings: Mapping[str, FloatArray], find: Callable[[FloatArray], BoolArray], draws: int) -> list[float]:
    """Return the share of premature beats that is found, per cent, by how early they are."""
    found = []
    for shares in SHARES:
        tally = Tally()
        for rr_ms, draw in product(recordings.values(), range(draws)):
            rng = np.random.default_rng([draw, len(rr_ms)])
            spoilt = spoil(rr_ms, rng, kind="premature", rate=0.03, premature=shares)
            tally.add(spoilt, find(spoilt.rr_ms), 0.0)
        found.append(tally.sensitivity)
    return found


# ---------------------------------------------------------------- tables


def row(*cells: object) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(map(str, cells))} |"


def clean_table(folder: Path) -> str:
    """What is flagged in recordings without any artefact."""
    rows = [
        row("recording", "beats", "RMSSD", "biotune", "RMSSD", "classifier alone", "RMSSD", "NeuroKit2", "RMSSD"),
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, rr_ms in {**resting(folder), **resting(folder, "cables")}.items():
        true_ms = rmssd(rr_ms)
        told: list[str] = []
        theirs, corrected_ms = neurokit(rr_ms)
        flags = (ours(rr_ms), classifier_alone(rr_ms), theirs)
        values = (*(rmssd(rr_ms, ~flagged) for flagged in flags[:2]), corrected_ms)
        for flagged, value in zip(flags, values, strict=True):
            told += [f"{100 * flagged.mean():.2f} %", f"{100 * (value / true_ms - 1):+.1f} %"]
        rows.append(row(name, len(rr_ms), f"{true_ms:.1f} ms", *told))
    return "\n".join(rows)


def others_table(folder: Path) -> str:
    """What is flagged where people calculate and walk: recordings that no limit was chosen by."""
    rows = [row("recordings", "beats", "flagged by biotune", "by NeuroKit2"), "|---|---:|---:|---:|"]
    groups = {f"{task}, {lead}": gudb(folder, task, lead) for task, lead in product(TASKS, ("cs", "cables"))}
    groups["HRV Logger, four recordings"] = logged(folder)
    groups["an hour (pyhrv_long_nn_ms)"] = {"": lasting(folder)["pyhrv_long_nn_ms"]}
    for name, recordings in groups.items():
        each = recordings.values()
        total = sum(map(len, each))
        flagged = sum(int(ours(rr_ms).sum()) for rr_ms in each)
        theirs = sum(int(neurokit(rr_ms)[0].sum()) for rr_ms in each)
        rows.append(row(name, total, f"{100 * flagged / total:.2f} %", f"{100 * theirs / total:.2f} %"))
    return "\n".join(rows)


def unspoilt(rr_ms: FloatArray) -> str:
    """Say what becomes of a recording into which nothing was put."""
    (flagged, ours_ms, _), (theirs, theirs_ms), true_ms = mended(rr_ms), neurokit(rr_ms), rmssd(rr_ms)
    return (
        f"biotune flags {100 * flagged.mean():.2f} % and changes RMSSD by {100 * (ours_ms / true_ms - 1):+.1f} %,\n"
        f"NeuroKit2 {100 * theirs.mean():.2f} % and {100 * (theirs_ms / true_ms - 1):+.1f} %"
    )


def injected_table(told: Mapping[Cell, Mapping[str, Tally]]) -> str:
    """What is found of what was put in, and the error of RMSSD."""
    rows = [
        row(
            "artefacts",
            "share",
            "found: biotune",
            "NeuroKit2",
            "right: biotune",
            "NeuroKit2",
            "RMSSD, mean: biotune",
            "replaced",
            "known",
            "NeuroKit2",
            "RMSSD, median: biotune",
            "known",
            "NeuroKit2",
            "RMSSD, 9 in 10 within: biotune",
            "replaced",
            "known",
            "NeuroKit2",
        ),
        f"|---|{'---:|' * 16}",
    ]  # fmt: skip - a table's head reads as one
    for (layout, kind, rate), tallies in told.items():
        us, them = tallies["biotune"], tallies["neurokit2"]
        rows.append(
            row(
                _named(layout, kind),
                "2 beats" if layout == "ends" else f"{100 * rate:g} %",
                *(f"{each.sensitivity:.1f} %" for each in (us, them)),
                *(f"{each.precision:.1f} %" for each in (us, them)),
                *(f"{tallies[method].bias:+.1f} %" for method in METHODS),
                *(f"{tallies[method].within(0.5):.1f} %" for method in COMPARED),
                *(f"{tallies[method].within(0.9):.1f} %" for method in METHODS),
            )
        )
    return "\n".join(rows)


def _named(layout: str, kind: str) -> str:
    return {"apart": kind, "runs": f"{kind}, in runs", "ends": f"{kind}, at the ends"}[layout]


def long_table(told: Mapping[str, Mapping[Cell, Mapping[str, Tally]]]) -> str:
    """Errors of RMSSD in recordings that are longer, with as many artefacts for their length."""
    heads = [
        f"{what}: {who}"
        for what, who in product(("mean", "median", "9 in 10 within"), ("biotune", "known", "NeuroKit2"))
    ]
    rows = [row("recording", "artefacts", *heads), f"|---|---|{'---:|' * 9}"]
    for name, cells in told.items():
        for (layout, kind, _), tallies in cells.items():
            compared = [tallies[method] for method in COMPARED]
            rows.append(
                row(
                    name,
                    _named(layout, kind),
                    *(f"{each.bias:+.1f} %" for each in compared),
                    *(f"{each.within(0.5):.1f} %" for each in compared),
                    *(f"{each.within(0.9):.1f} %" for each in compared),
                )
            )
    return "\n".join(rows)


def early_table(folder: Path, draws: int) -> str:
    """How early a premature beat must be to be found."""
    heads = [f"{100 * low:.0f} to {100 * high:.0f} % early" for low, high in SHARES]
    finders = {"biotune": ours, "classifier alone": classifier_alone, "NeuroKit2": lambda rr_ms: neurokit(rr_ms)[0]}
    rows = [row("found", *heads), f"|---|{'---:|' * len(heads)}"]
    for name, find in finders.items():
        rows.append(row(name, *(f"{share:.1f} %" for share in early(resting(folder), find, draws))))
    return "\n".join(rows)


_PAGE = """\
# Artefacts

Which beats are left out, how that is decided, and how well it works. Made by `python tests/soak/artefacts.py --page >
docs/artefacts.md` with biotune {biotune} and NeuroKit2 {neurokit2}, on the recordings that `../shared/reference`
names. Both tools get the same series in the same run, which takes about {minutes} minutes.

## How it is decided

1. Within each gap-free stretch, the classifier of Lipponen & Tarvainen (J Med Eng Technol 43:173-181, 2019) suspects
   beats by their difference from the one before and from the local median. It finds the very peaks that NeuroKit2's
   finds (a test holds it to them); a step of less than 7.5 % of the local median is no suspicion.
2. A suspect is held against its neighbours. A strap that misses, invents or misplaces a beat keeps the time: two
   intervals become one, one becomes two, or one is as much too short as the next is too long; a premature beat and
   its pause do almost the same. Breathing lengthens the interval at one stroke and takes it back over several beats,
   so the beats beside a step lie on the same wave. Flagged is what has an artefact's shape:
    - an interval half as long again as its neighbours, or more than 28 % shorter;
    - two neighbouring intervals, one too short and one too long, that together deviate by 28 % or more from the line
      between the beats beside them (by 22 % where the classifier calls both ectopic), each by 7 % or more; less in a
      heart that varies less, where the classifier suspects them as well;
    - two neighbouring intervals, the first shorter and the second longer than both beats beside them, each by 3 % or
      more, together by 17 %: a heart at rest lengthens its beat without shortening it first;
    - beside an artefact, an interval that deviates by 18 %: they come in runs.
3. The other part of an invented beat and the pause of a premature one are flagged with it.
4. Each flagged stretch is then read as a whole. It is cut into good intervals, parts of one, intervals that hold
   several beats, pairs that share their time wrongly and what nothing explains; the reading that leaves the smoothest
   course with the fewest faults counts. What was flagged only because it lay beside an artefact is good again.

The limits were chosen by the recordings at rest below and by the annotated premature beats of MIT-BIH 100 and of a
two-hour Holter (nsr001), of which all 68 intervals, and 131 of 132, are found (the one that is not is two R peaks 8
ms apart); the prices of step 4 by other draws of the artefacts than those of the tables.

A beat that was **missed** or came **out of its place** takes the true intervals with it: they are left out, and no
difference is taken across them. A beat that was **invented** takes nothing: its parts add up to the interval that the
heart made. Where a reading says so, and the sum is within 18 % of the good intervals beside it, they are added up.
Leaving both out, as is usual, loses three differences of a short series; adding up differs from a strict exclusion, and
provenance says `artefact_extra: joined`. Both parts are flagged and counted all the same. Nothing is made up by
default: `analyse --artefacts replace` puts interpolated intervals in place of what is left out, `--no-correction` keeps
everything as sent. A person's decision about a beat goes before all this (`biotune correct`): nothing is added up of
which somebody accepted, rejected or added a part.

## Recordings without an artefact

The aim: no more than 0.2 % of the beats of anybody at rest flagged. "Classifier alone" is step 1. RMSSD: the change
by what was left out (NeuroKit2: by its stock correction).

{clean}

Recordings that no limit was chosen by: the same people with a breath or a word in between and in motion, others with
a strap and a phone, and an hour of one (whose spoilt copies had a say in the prices of step 4):

{others}

## Artefacts put into the {n} recordings at rest (chest strap)

Missed beats, extra ones (at 20 to 80 % of an interval), premature ones with a compensatory pause (15 to 40 % early),
and all three; each at least five beats from the next, in runs of two to four, or one next to either end; {draws}
draws of each. "Found": share of the artefacts of which an interval is flagged. "Right": share of the flagged
intervals that are an artefact or beside one. RMSSD: its mean error over all recordings and draws, the median size of a
single recording's error, and the size that nine in ten stay within. "Known" leaves out exactly what was put in: no
method that leaves out can do better, since a recording of two minutes from which 5 % of the beats are missing
has another RMSSD by chance. Better is only what loses nothing, as adding up does.

{injected}

The spread is mostly the shortness of two minutes, where {long_rate:g} % are seven beats. The same share in a recording
of 16 minutes (hrvpkg_rest_rri) makes single errors about half as large, in one of an hour (pyhrv_long_nn_ms) about a
quarter. Of the hour, with nothing put in, {hour}.
This heart lengthens single beats by 20 to 40 %, and its RMSSD hangs on them: beside an artefact some are taken for one,
which is why "known" is nearer there.

{long}

How early a premature beat is (3 % of the beats):

{early}

## What is reached, and what is not

{verdict}
"""


def verdict(told: Mapping[Cell, Mapping[str, Tally]], folder: Path) -> str:
    """Hold the tables to their aims, in words."""
    flagged = {name: 100 * float(ours(rr_ms).mean()) for name, rr_ms in resting(folder).items()}
    flagged |= {name: 100 * float(ours(rr_ms).mean()) for name, rr_ms in resting(folder, "cables").items()}
    over = {name: share for name, share in flagged.items() if share > 0.2}
    first = (
        f"- Clean beats at rest, at most 0.2 % flagged: {'reached in all' if not over else 'not reached in'} "
        f"{len(flagged) if not over else ', '.join(f'{name} ({share:.2f} %)' for name, share in over.items())}"
        f"{' recordings' if not over else ''}; the most is {max(flagged.values()):.2f} %."
    )
    upto = {cell: tallies for cell, tallies in told.items() if cell[2] <= 0.05}
    biased = {cell: t["biotune"].bias for cell, t in upto.items() if abs(t["biotune"].bias) > 2}
    worst = max((abs(t["biotune"].bias) for t in upto.values()), default=0.0)
    named = ", ".join(
        f"{kind} ({layout}) at {100 * rate:g} %: {bias:+.1f} %" for (layout, kind, rate), bias in biased.items()
    )
    second = "- RMSSD within 2 % at up to 5 % artefacts, on average over recordings and draws: " + (
        f"reached; the largest mean error is {worst:.1f} %." if not biased else f"not reached for {named}."
    )
    third = _rows_within(upto)
    low = ", ".join(
        f"{kind} {layout} {100 * rate:g} %: {t['biotune'].sensitivity:.1f} %"
        for (layout, kind, rate), t in told.items()
        if t["biotune"].sensitivity < 99
    )
    fourth = f"- Found less than 99 in 100: {low or 'nowhere'}."
    fifth = (
        "- A premature beat less than 15 % early, in a person whose breathing alone moves the interval by as much, is "
        "not told from a breath. That is the price of leaving breaths alone; it can be rejected by hand."
    )
    return f"{first}\n{second}\n{third}\n{fourth}\n{fifth}"


def _rows_within(upto: Mapping[Cell, Mapping[str, Tally]]) -> str:
    """Say in how many rows the error stays within 2 %: by its mean, its median, and in nine of ten recordings."""
    by = {
        "by the mean error": lambda each: abs(each.bias),
        "by the median recording": lambda each: each.within(0.5),
        "in nine of ten recordings": lambda each: each.within(0.9),
    }
    told = [
        f"{what} {', '.join(f'{who} {_reached(upto, method, size)}' for who, method in _WHO.items())}"
        for what, size in by.items()
    ]
    beyond = [
        _named(cell[0], cell[1]) + f" {100 * cell[2]:g} %"
        for cell, each in upto.items()
        if each["biotune"].within(0.9) > AIM >= each["known"].within(0.9)
    ]
    missed = [each["known"].within(0.9) > AIM for each in upto.values() if each["biotune"].within(0.9) > AIM]
    return (
        f"- Rows within 2 %, of {len(upto)} up to 5 %: {'; '.join(told)}.\n"
        f"- Not within 2 % in nine of ten: {len(missed)} rows, in {sum(missed)} of which not even leaving out exactly "
        f"what was put in is: most of these recordings last two minutes. The others: {', '.join(beyond) or 'none'}."
    )


def _long_within(told: Mapping[str, Mapping[Cell, Mapping[str, Tally]]]) -> str:
    """Say in how many rows of the longer recordings nine of ten draws stay within 2 %."""
    cells = {(name, *cell): tallies for name, by_cell in told.items() for cell, tallies in by_cell.items()}
    counts = ", ".join(
        f"{who} {sum(each[method].within(0.9) <= AIM for each in cells.values())}" for who, method in _WHO.items()
    )
    return (
        f"- In 16 minutes and in an hour, at 5 %: within 2 % in nine of ten in so many of {len(cells)} rows: {counts}."
    )


def _reached(upto: Mapping[Cell, Mapping[str, Tally]], method: str, size: Callable[[Tally], float]) -> int:
    return sum(size(each[method]) <= AIM for each in upto.values())


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Artefacts put into clean recordings: what is found.")
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--page", action="store_true", help="print docs/artefacts.md")
    args = parser.parse_args()
    if not (REFERENCE / "MANIFEST.json").exists():
        sys.exit(f"the reference recordings are not at {REFERENCE.name} beside the project")
    began_s = time.monotonic()
    recordings, long = resting(REFERENCE), lasting(REFERENCE)
    told = measure(recordings, draws=args.draws)
    in_long = {
        name: measure({name: rr_ms}, draws=args.draws, layouts=LONG_LAYOUTS, rates=(LONG_RATE,))
        for name, rr_ms in long.items()
    }
    parts = {
        "clean": clean_table(REFERENCE),
        "others": others_table(REFERENCE),
        "injected": injected_table(told),
        "long": long_table(in_long),
        "early": early_table(REFERENCE, args.draws),
        "verdict": f"{verdict(told, REFERENCE)}\n{_long_within(in_long)}",
    }
    if args.page:
        versions = {name: version(name) for name in ("biotune", "neurokit2")}
        minutes = max(1, round((time.monotonic() - began_s) / 60))
        hour = unspoilt(long["pyhrv_long_nn_ms"])
        counts = {"n": len(recordings), "draws": args.draws, "minutes": minutes, "long_rate": 100 * LONG_RATE}
        sys.stdout.write(_PAGE.format(**parts, **versions, **counts, hour=hour))
    else:
        sys.stdout.write("\n\n".join(parts.values()) + "\n")


if __name__ == "__main__":
    main()
