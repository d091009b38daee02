"""Cases whose answers follow from what was spoilt, left out or changed."""

import math
from collections.abc import Iterator

import numpy as np

from biotune.analysis import made
from biotune.analysis.closed_forms import (
    ALL_FOUND,
    BREATHING,
    DESPITE_ARTEFACTS,
    ECTOPIC_FOUND,
    GAP,
    MEAN,
    POWER,
    TIME_DOMAIN,
    WRONGED,
    kept_by_detrending,
    rate,
    rmssd_of,
    sdnn_of,
    word,
)
from biotune.analysis.conformance import Case, Expectation
from biotune.analysis.series import FloatArray, Options
from biotune.domain import TICKS_PER_S


def cases() -> tuple[Case, ...]:
    """Make them, in the order of the table."""
    return (*_spoilt(), *_broken(), *_withheld(), *_compared())


# ---------------------------------------------------------------- artefacts


def _artefacts(name: str, what: str, clean_ms: FloatArray, spoilt: made.Spoilt, *, tolerance: float) -> Case:
    return Case(
        name,
        what,
        made.file(name, spoilt.rr_ms),
        (
            Expectation("rmssd", rmssd_of(clean_ms), "the clean series'", DESPITE_ARTEFACTS),
            Expectation("sdnn", sdnn_of(clean_ms), "the clean series'", DESPITE_ARTEFACTS),
            rate(clean_ms),
            Expectation("artefacts_found", 100, "every spoilt interval flagged", tolerance),
            Expectation("beats_wronged", 0, "no clean interval flagged", WRONGED, scale=100),
        ),
        spoilt=spoilt.spoilt,
    )


def _spoilt() -> Iterator[Case]:
    clean_ms = made.resting(900)
    at_rest = "A quarter of an hour at rest: breathing at 15/min, waves at 0.1 and 0.012 Hz, 5 ms of noise."
    sighing = "A quarter of an hour of 15 breaths a minute, every 40th three times as deep, and a wave at 0.1 Hz."
    for name, what, rr_ms in (("clean", at_rest, clean_ms), ("sighs", sighing, made.sighing(900))):
        yield Case(
            name,
            what,
            made.file(name, rr_ms),
            (
                Expectation("rmssd", rmssd_of(rr_ms), "by its formula", TIME_DOMAIN),
                Expectation("sdnn", sdnn_of(rr_ms), "by its formula", TIME_DOMAIN),
                Expectation("beats_wronged", 0, "no interval flagged", WRONGED, scale=100),
                word("rhythm", "regular", "as built"),
            ),
        )
    about = "of the peaks of a quarter of an hour at rest"
    for share in (0.01, 0.05):
        at, pct = made.places(len(clean_ms), share=share), f"{share:.0%}".replace("%", " %")
        missed, invented = made.spoil(clean_ms, missed=at), made.spoil(clean_ms, invented=at)
        early = made.spoil(clean_ms, early=at)
        mixed = made.spoil(clean_ms, missed=at[::3], invented=at[1::3], early=at[2::3])
        yield _artefacts(f"missed, {pct}", f"{pct} {about} missed.", clean_ms, missed, tolerance=ALL_FOUND)
        yield _artefacts(f"extra, {pct}", f"One more after {pct} {about}.", clean_ms, invented, tolerance=ALL_FOUND)
        yield _artefacts(
            f"ectopic, {pct}", f"{pct} {about} early, with a pause.", clean_ms, early, tolerance=ECTOPIC_FOUND
        )
        yield _artefacts(f"mixed, {pct}", f"{pct} {about}, a third of each.", clean_ms, mixed, tolerance=ECTOPIC_FOUND)
    at = made.places(len(clean_ms), share=0.005)
    runs = made.spoil(
        clean_ms,
        missed=[k + j for k in at[::2] for j in range(3)],
        early=[k + 2 * j for k in at[1::2] for j in range(3)],
    )
    yield _artefacts(
        "runs",
        "Three peaks in a row missed, and three beats in a row followed by an early one.",
        clean_ms,
        runs,
        tolerance=ECTOPIC_FOUND,
    )
    short_ms = made.resting(300)
    ends = made.spoil(short_ms, early=[2, len(short_ms) - 2])
    yield _artefacts(
        "ends", "Five minutes at rest; the third and the third last beat early.", short_ms, ends, tolerance=ALL_FOUND
    )


# ---------------------------------------------------------------- gaps


def _broken() -> Iterator[Case]:
    clean_ms, lost_s, found_s = made.resting(600), 300, 330
    ends_s = np.cumsum(clean_ms) / 1000
    ticks_s = np.cumsum(np.round(clean_ms * TICKS_PER_S / 1000)) / TICKS_PER_S
    first, after = (
        int(np.searchsorted(ticks_s, lost_s, side="right")),
        int(np.searchsorted(ticks_s, found_s, side="right")),
    )
    yield Case(
        "strap lost",
        "A strap that is out of reach for 30 of 600 seconds, at rest; one packet a second.",
        made.strap("strap lost", clean_ms, away_s=(lost_s, found_s)),
        (
            Expectation("gaps", 1, "as built", MEAN),
            word("gap_reason", "strap-lost", "as built"),
            Expectation(
                "gap_length", float(ticks_s[after - 1] - ticks_s[first - 1]), "the intervals that never came", GAP
            ),
            Expectation("rmssd", rmssd_of(clean_ms[:first], clean_ms[after:]), "both parts' own steps", TIME_DOMAIN),
        ),
    )
    keep = (ends_s < lost_s) | (ends_s > found_s)
    first, after = int(np.argmin(keep)), len(keep) - int(np.argmin(keep[::-1]))
    parts = clean_ms[:first], clean_ms[after:]
    yield Case(
        "hole in a file",
        "A file with times of its own in which the intervals of 30 seconds are missing.",
        made.file("hole in a file", clean_ms[keep], ends_s[keep]),
        (
            Expectation("gaps", 1, "as built", MEAN),
            Expectation("gap_length", float(ends_s[after - 1] - ends_s[first - 1]), "the intervals left out", GAP),
            Expectation("rmssd", rmssd_of(*parts), "both parts' own steps", TIME_DOMAIN),
        ),
    )
    lost_ms = float(clean_ms[first:after].sum())
    joined_ms = np.concatenate((parts[0], [lost_ms], parts[1]))
    yield Case(
        "dropout in a file",
        "The same file without times: the dropout is one interval of 30 seconds.",
        made.file("dropout in a file", joined_ms),
        (
            Expectation("gaps", 1, "as built", MEAN),
            word("gap_reason", "artefacts", "as built"),
            Expectation("rmssd", rmssd_of(*parts), "both parts' own steps", DESPITE_ARTEFACTS),
        ),
        spoilt=joined_ms == lost_ms,
    )


# ---------------------------------------------------------------- what must not be said


def _withheld() -> Iterator[Case]:
    short_ms, two_minutes_ms, irregular_ms = made.resting(50), made.resting(125), made.fibrillating(300)
    yield Case(
        "50 seconds",
        "At rest, too short for any HRV.",
        made.file("50 seconds", short_ms),
        (rate(short_ms), word("rmssd", "too-short", "needs 60 s"), word("hf", "too-short", "needs 67 s")),
    )
    yield Case(
        "two minutes",
        "At rest, long enough for RMSSD and HF, too short for LF.",
        made.file("two minutes", two_minutes_ms),
        (
            Expectation("rmssd", rmssd_of(two_minutes_ms), "by its formula", TIME_DOMAIN),
            word("lf", "too-short", "needs 250 s"),
            word("lf_hf", "too-short", "needs LF"),
            word("sample_entropy", "too-few-beats", "needs 200 beats"),
        ),
    )
    yield Case(
        "irregular",
        "Intervals from 450 to 1050 ms, none depending on another, 5 minutes.",
        made.file("irregular", irregular_ms),
        (
            word("rhythm", "irregular", "as built"),
            word("rmssd", "irregular-rhythm", "HRV means nothing here"),
            word("hf", "irregular-rhythm", "HRV means nothing here"),
            rate(irregular_ms),
        ),
    )
    yield Case(
        "a fifth missing",
        "A strap that is out of reach for 60 of 300 seconds.",
        made.strap("a fifth missing", made.resting(300), away_s=(100, 160)),
        (word("rmssd", "poor-signal", "more than 15 % missing"), word("rhythm", "regular", "as built")),
    )


# ---------------------------------------------------------------- before and after


def _compared() -> Iterator[Case]:
    def case(name: str, what: str, before_ms: FloatArray, after_ms: FloatArray, *known: Expectation) -> Case:
        return Case(name, what, made.before_and_after(name, before_ms, after_ms), known, Options(), compared=True)

    rest_ms = made.resting(301)
    yield case(
        "no change",
        "The same five minutes at rest, twice.",
        rest_ms,
        rest_ms,
        Expectation("rmssd.change", 1, "the same series", TIME_DOMAIN),
        word("rmssd.verdict", "none", "the same series"),
        word("mean_hr.verdict", "none", "the same series"),
    )
    shallow_ms, deep_ms = made.waves(301, (0.25, 20.0)), made.waves(301, (0.25, 60.0))
    yield case(
        "larger waves",
        "20 ms at 0.25 Hz, then 60 ms.",
        shallow_ms,
        deep_ms,
        Expectation("rmssd.change", rmssd_of(deep_ms) / rmssd_of(shallow_ms), "by its formula", TIME_DOMAIN),
        Expectation("hf.change", 9, "(60/20)²", POWER),
        word("rmssd.verdict", "clear", "beyond ×1.70"),
    )
    slow_ms = made.resting(301) + 200
    yield case(
        "slower heart",
        "At rest at 800 ms, then every interval 200 ms longer.",
        rest_ms,
        slow_ms,
        Expectation("mean_hr.change", -15, "60 - 75", TIME_DOMAIN),
        word("mean_hr.verdict", "clear", "beyond 10 bpm"),
    )
    quick_ms, calm_ms = made.waves(301, (0.25, 40.0)), made.waves(301, (0.1, 40.0))
    left = math.sqrt(kept_by_detrending(0.1) / kept_by_detrending(0.25))
    ratio = left * rmssd_of(calm_ms) / rmssd_of(quick_ms)
    yield case(
        "slower breathing alone",
        "40 ms at 0.25 Hz, then 40 ms at 0.1 Hz.",
        quick_ms,
        calm_ms,
        Expectation("rmssd.change", ratio, "by its formula · what smoothness priors leave of both", TIME_DOMAIN),
        Expectation("breathing_rate.change", -9, "6 - 15", BREATHING),
        word("rmssd.caveats", "breathing-changed, settling-short", "by 9 a minute; and nothing came before"),
    )
