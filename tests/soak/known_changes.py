"""Whether `compare` tells a change that is known: coverage of its intervals, power, false alarms.

    python tests/soak/known_changes.py                    the tables of docs/calibration.md (12,000 sessions; minutes)
    python tests/soak/known_changes.py --sessions 100     fewer of each kind
    python tests/soak/known_changes.py --reference DIR    and adjacent windows of real people at rest
    python tests/soak/known_changes.py --reference DIR --page docs/calibration.md    every table of the page anew

The people are those of calibration.py. In the second of two five-minute windows, adjacent in every other session and 15
minutes apart else, one thing differs: the heart rate, the strength of all that varies (which multiplies RMSSD and SDNN
by as much and powers by its square), or the breathing rate with unchanged waves. Clients at quiet rest drift
without any music; three such sessions are put beside a fourth. What truly happened to the mean heart rate is what
would be counted in the long run, see `heart_rate`.
"""

import argparse
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import calibration
import numpy as np
from calibration import Rest, beat, draw, recording

from biotune.analysis import comparison, phases, quiet_rest, retest
from biotune.analysis.quiet_rest import RestChange
from biotune.analysis.results import Change
from biotune.domain import Caveat, ChangeKind, Recording, Verdict

SESSIONS = 1000
WINDOW_S = 300
BREAKS_S = (0, 900)
HEART_RATES = (-2.0, -5.0, -10.0, -15.0)
STRENGTHS = (1.2, 1.5, 2.0)
BREATHS_HZ = (15 / 60, 6 / 60)
MOVED_BY = {"rmssd": 1, "sdnn": 1, "lf": 2, "hf": 2, "total_power": 2}  # power of the strength
HELD_BY = {Caveat.BREATHING_CHANGED, Caveat.BREATHING_UNKNOWN}
# Clients at quiet rest: heart rate drifts from one window to the next by -2 bpm, and by 1.5 more or less a session.
DRIFT_BPM, DRIFT_SPREAD_BPM = -2.0, 1.5
QUIET_SESSIONS = 3


@dataclass(slots=True)
class Row:
    """One line of the table: what happened to one metric in one kind of session."""

    held: list[bool] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    named: list[bool] = field(default_factory=list)

    def add(self, change: Change, truth: float) -> None:
        """Count one change."""
        self.verdicts.append(change.verdict)
        self.named.append(bool(HELD_BY & set(change.caveats)))
        if change.low is not None and change.high is not None:
            self.held.append(change.low <= truth <= change.high)

    def share(self, verdict: Verdict) -> float:
        """Share of the sessions with that verdict."""
        return float(np.mean([each is verdict for each in self.verdicts]))

    @property
    def coverage(self) -> float:
        """Share of the intervals that hold the truth."""
        return float(np.mean(self.held))

    @property
    def clear_unnamed(self) -> int:
        """How many were called clear without a word about breathing."""
        return sum(v is Verdict.CLEAR and not named for v, named in zip(self.verdicts, self.named, strict=True))


Course = Callable[[Rest, float], tuple[float, float, float]]
Tables = dict[tuple[str, str], Row]


def spans(number: int) -> tuple[str, str, float]:
    """Return the windows of a session, and where its second one begins."""
    start_s = WINDOW_S + BREAKS_S[number % 2]
    return f"0-{WINDOW_S}", f"{start_s}-{start_s + WINDOW_S}", start_s


def simulate(course: Course, number: int, rng: np.random.Generator, rest: Rest) -> Recording:
    """Let one session happen."""
    return recording(beat(rest, rng, spans(number)[2] + WINDOW_S + 5, course=course), f"session {number}")


def compared(session: Recording, number: int) -> dict[str, Change]:
    """Compare its two windows."""
    before, after, _ = spans(number)
    return dict(comparison.compare(session, before=before, after=after, prepared=phases.prepare(session)).changes)


def shift(at_s: float, *, bpm: float = 0.0, strength: float = 1.0, breath_hz: float | None = None) -> Course:
    """Return a course in which something differs from the first interval on that ends after `at_s`."""

    def course(rest: Rest, time_s: float) -> tuple[float, float, float]:
        if time_s + rest.level_ms / 1000 < at_s:
            return rest.level_ms, 1.0, rest.breath_hz
        level_ms = 60_000 / (60_000 / rest.level_ms + bpm)
        return level_ms, strength, rest.breath_hz if breath_hz is None else breath_hz

    return course


def heart_rate(rest: Rest, course: Course, time_s: float) -> float:
    """Beats a minute in the long run, if all stayed as it is at `time_s`.

    Not quite 60000 through the level: a wave shortens some intervals and lengthens others by as much, but while they
    are short there are more of them. To second order a wave of amplitude a (s) and f (Hz) about a level of L (s) makes
    the mean interval shorter by a²/4·ω/tan(ωL/2), ω = 2πf, which for slow waves is their variance over L: at 70 bpm
    0.1 bpm, and four times as much where all waves double.
    """
    level_ms, strength, breath_hz = course(rest, time_s)
    wave_s = strength * np.r_[rest.breath_ms, rest.slow_ms] / 1000
    turns = 2 * math.pi * np.r_[breath_hz, rest.slow_hz]
    level_s = level_ms / 1000
    return float(60 / (level_s - np.sum(wave_s**2 / 4 * turns / np.tan(turns * level_s / 2))))


def heart_rate_moved(rest: Rest, number: int, course: Course) -> float:
    """By how much the mean heart rate truly changed in a session (bpm)."""
    return heart_rate(rest, course, spans(number)[2]) - heart_rate(rest, course, 0.0)


def run(sessions: int, *, seed: int = 32) -> Tables:
    """Simulate and compare that many sessions of each kind.

    Returns
    -------
    dict
        Rows by kind of session and metric key.
    """
    tables: Tables = {}

    def count(kind: str, key: str, change: Change, truth: float) -> None:
        tables.setdefault((kind, key), Row()).add(change, truth)

    for number, child in enumerate(np.random.SeedSequence(seed).spawn(sessions)):
        rng = np.random.default_rng(child)
        at_s = spans(number)[2]
        for bpm in HEART_RATES:
            rest, course = draw(rng), shift(at_s, bpm=bpm)
            changes = compared(simulate(course, number, rng, rest), number)
            count(f"heart rate {bpm:+.0f} bpm", "mean_hr", changes["mean_hr"], heart_rate_moved(rest, number, course))
        for strength in STRENGTHS:
            rest, course = draw(rng), shift(at_s, strength=strength)
            changes = compared(simulate(course, number, rng, rest), number)
            for key, power in MOVED_BY.items():
                count(f"RMSSD ×{strength:g}", key, changes[key], strength**power)
            count(f"RMSSD ×{strength:g}", "mean_hr", changes["mean_hr"], heart_rate_moved(rest, number, course))
        fast, slow = BREATHS_HZ
        rest, course = replace(draw(rng), breath_hz=fast), shift(at_s, breath_hz=slow)
        changes = compared(simulate(course, number, rng, rest), number)
        count("breathing 15 → 6", "mean_hr", changes["mean_hr"], heart_rate_moved(rest, number, course))
        count("breathing 15 → 6", "breathing_rate", changes["breathing_rate"], 60 * (slow - fast))
        for key in MOVED_BY:
            count("breathing 15 → 6", key, changes[key], math.nan)
    return tables


# ---------------------------------------------------------------- drift only


@dataclass(slots=True)
class Drift:
    """What became of clients whose heart rate drifts at rest, and to whom nothing else happens."""

    within: list[bool] = field(default_factory=list)
    mean: list[bool] = field(default_factory=list)
    beyond: list[bool] = field(default_factory=list)
    clear_published: int = 0
    clear_own: int = 0
    clients: int = 0


def drift_only(clients: int, *, quiet: int = QUIET_SESSIONS, seed: int = 33) -> Drift:
    """Simulate clients with that many quiet-rest sessions, and one session more in which no more happens either."""
    found = Drift()
    for child in np.random.SeedSequence(seed).spawn(clients):
        rng = np.random.default_rng(child)
        person = draw(rng)
        drawn = rng.normal(DRIFT_BPM, DRIFT_SPREAD_BPM, quiet + 1)
        changes = []
        for bpm in drawn:
            rest = draw(rng)
            today = Rest(
                person.level_ms, person.breath_ms, person.breath_hz, rest.slow_ms, rest.slow_hz, rest.slow_phase
            )
            session = simulate(shift(spans(1)[2], bpm=float(bpm)), 1, rng, today)
            changes.append(compared(session, 1)["mean_hr"])
        *at_rest, music = [each for each in changes if each.moved is not None]
        if len(at_rest) < quiet or music.low is None or music.high is None:
            continue
        found.clients += 1
        found.within.append(music.low <= drawn[-1] <= music.high)
        control = [RestChange("", each.moved or 0.0, each.half_width or 0.0) for each in at_rest]
        beside = quiet_rest.beside("mean_hr", music, control)
        assert beside is not None
        found.mean.append(beside.drift.low <= DRIFT_BPM <= beside.drift.high)
        if beside.beyond:
            found.beyond.append(beside.beyond.low <= 0 <= beside.beyond.high)
        own = retest.own([each.moved for each in control])
        found.clear_published += music.verdict is Verdict.CLEAR
        found.clear_own += comparison.judged("mean_hr", music, own, whole=True).verdict is Verdict.CLEAR
    return found


# ---------------------------------------------------------------- real people at rest

# Of the reference recordings, those of one posture in which nothing is given to the client. RR in ms, one a line.
RESTING = ("rr_reference/hrvpkg_rest_rri.txt", "rr_reference/pyhrv_long_nn_ms.txt", "rr_reference/systole_rr_ms.txt")
SITTING = "rr_raw/gudb/*_sitting_cs.tsv"  # R peaks in samples at 250 Hz, two minutes each
REAL_WINDOWS_S = (60, 120, 180, 240, 300)


def real_rest(folder: Path) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the intervals (ms) of real people at rest, with the file's name."""
    for name in RESTING:
        yield name, np.loadtxt(folder / name)
    for place in sorted(folder.glob(SITTING)):
        yield place.name, np.diff(np.loadtxt(place)) * 1000 / 250


def adjacent(rr_ms: np.ndarray, window_s: int) -> Iterator[dict[str, Change]]:
    """Compare each window with the one that follows it, pair after pair."""
    times_s = np.cumsum(rr_ms) / 1000
    whole = recording(iter(zip(times_s.tolist(), rr_ms.tolist(), strict=True)), "at rest")
    prepared = phases.prepare(whole)
    for start_s in range(0, int(times_s[-1]) - 2 * window_s + 1, 2 * window_s):
        middle_s = start_s + window_s
        before, after = f"{start_s}-{middle_s}", f"{middle_s}-{middle_s + window_s}"
        yield dict(comparison.compare(whole, before=before, after=after, prepared=prepared).changes)


def of_real_rest(folder: Path) -> dict[int, Row]:
    """Return every change of a real person at rest, by the length of the windows."""
    rows: dict[int, Row] = {}
    for _, rr_ms in real_rest(folder):
        for window_s in REAL_WINDOWS_S:
            for changes in adjacent(rr_ms, window_s):
                for change in changes.values():
                    if change.estimate is not None:
                        none = 1.0 if change.kind is ChangeKind.RATIO else 0.0
                        rows.setdefault(window_s, Row()).add(change, none)
    return rows


# ---------------------------------------------------------------- tables


def table(tables: Tables) -> str:
    """Write the table of known changes."""
    rows = [
        "| what changed | metric | sessions | coverage | clear | possible | no clear change | clear, caveat missing |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for (kind, key), row in tables.items():
        known = bool(row.held) and not (kind.startswith("breathing") and key in MOVED_BY)
        shares = (row.share(each) for each in (Verdict.CLEAR, Verdict.POSSIBLE, Verdict.NONE))
        coverage = f"{100 * row.coverage:.1f} %" if known else "–"
        cells = " | ".join(f"{100 * share:.1f} %" for share in shares)
        unnamed = str(row.clear_unnamed) if kind.startswith("breathing") else "–"
        rows.append(f"| {kind} | `{key}` | {len(row.verdicts)} | {coverage} | {cells} | {unnamed} |")
    return "\n".join(rows)


def drift_table(drifts: Sequence[tuple[int, Drift]]) -> str:
    """Write the table of clients who drift."""
    rows = [
        (
            "| quiet-rest sessions | clients | change of the session | mean drift | beyond the drift (truth: 0) | "
            "clear, published | clear, own |"
        ),
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for quiet, found in drifts:
        held = (100 * float(np.mean(each)) for each in (found.within, found.mean, found.beyond))
        cells = " | ".join(f"{share:.1f} %" for share in held)
        clear = " | ".join(f"{100 * n / found.clients:.1f} %" for n in (found.clear_published, found.clear_own))
        rows.append(f"| {quiet} | {found.clients} | {cells} | {clear} |")
    return "\n".join(rows)


def rest_table(rows: dict[int, Row]) -> str:
    """Write the table of real people at rest."""
    lines = ["| windows | changes | clear | possible | interval includes no change |", "|---:|---:|---:|---:|---:|"]
    for window_s, row in rows.items():
        shares = (row.share(Verdict.CLEAR), row.share(Verdict.POSSIBLE), row.coverage)
        cells = " | ".join(f"{100 * share:.1f} %" for share in shares)
        lines.append(f"| {window_s // 60} min | {len(row.verdicts)} | {cells} |")
    return "\n".join(lines)


def renew(page: str, tables: Sequence[str]) -> str:
    """Put tables in the place of those in a page that have the same head.

    Raises
    ------
    ValueError
        Where the page has no table with that head.
    """
    for made in tables:
        lines, head = page.split("\n"), made.split("\n", 1)[0]
        if head not in lines:
            raise ValueError(f"the page has no table {head}")
        first = lines.index(head)
        end = next(at for at in range(first, len(lines)) if not lines[at].startswith("|"))
        page = "\n".join([*lines[:first], *made.split("\n"), *lines[end:]])
    return page


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Whether a change that is known is told.")
    parser.add_argument("--sessions", type=int, default=SESSIONS, help="of each kind")
    parser.add_argument("--seed", type=int, default=32)
    parser.add_argument("--reference", type=Path, help="the folder of real recordings")
    parser.add_argument(
        "--page", type=Path, help="renew every table of this page, and run calibration.py for it as well"
    )
    args = parser.parse_args()
    drifts = ((quiet, drift_only(args.sessions // 4, quiet=quiet)) for quiet in (1, QUIET_SESSIONS, 5))
    made = [table(run(args.sessions, seed=args.seed)), drift_table(list(drifts))]
    if args.reference:
        made.append(rest_table(of_real_rest(args.reference)))
    if args.page:
        made.append(calibration.table(calibration.run(3 * args.sessions // 2)))
        args.page.write_text(renew(args.page.read_text(encoding="utf-8"), made), encoding="utf-8")
    sys.stdout.write("\n\n".join(made) + "\n")


if __name__ == "__main__":
    main()
