"""Heart and breath beside the music's tempo: exploratory, for researchers, and no result of a session.

Two things only: heart rate and breathing as ratios to the tempo, and the mean change of heart rate at the starts of
music. Phase synchrony and cross-correlation are left out on purpose: naive tests of them find coupling in 64 to 97 % of
hearts that never heard the music (docs/music.md).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from biotune.analysis import breathing
from biotune.analysis.played import Play
from biotune.analysis.series import NNSeries
from biotune.analysis.timeline import MAX_LAG_S

EXPLORATORY = (
    "Exploratory, for researchers: neither a ratio near a whole number nor a change at a start shows a coupling or an "
    "effect."
)
WINDOW_S = 30.0  # before and after a start
LEAST_STARTS = 3
LEAST_PLAY_S = 60.0
_LEAST_COVERED = 0.8  # of a window, by beats that were kept
_TRUSTED = 0.5  # `breathing.Breathing.confidence`


@dataclass(frozen=True, slots=True)
class Ratio:
    """A stretch of music, and heart and breath beside its tempo.

    Attributes
    ----------
    title : str
        The piece.
    bpm : float
        Its tempo.
    heart_bpm : float
        Mean heart rate while it sounded.
    heart_to_tempo : float
        Heartbeats to a beat of the music.
    beats_per_breath : float or None
        Beats of the music to a breath; None where breathing could not be told.
    """

    title: str
    bpm: float
    heart_bpm: float
    heart_to_tempo: float
    beats_per_breath: float | None


@dataclass(frozen=True, slots=True)
class AtStarts:
    """The mean change of heart rate from the 30 s before a start to the 30 s after it, over several starts.

    Attributes
    ----------
    starts : int
        How many could be used.
    change_bpm, low_bpm, high_bpm : float or None
        Their mean and its 95 % interval (t over starts); None below three.
    """

    starts: int
    change_bpm: float | None = None
    low_bpm: float | None = None
    high_bpm: float | None = None


@dataclass(frozen=True, slots=True)
class Coupling:
    """What this page explores of a session."""

    ratios: tuple[Ratio, ...]
    at_starts: AtStarts


def of(nn: NNSeries, played: Sequence[Play], bpm: Mapping[str, float]) -> Coupling:
    """Return heart and breath beside the music.

    Parameters
    ----------
    nn : NNSeries
        The beats that were kept.
    played : sequence of Play
        What was played when.
    bpm : mapping of str to float
        Tempo by piece; pieces without a steady beat are not in it.
    """
    ratios = [made for each in played if each.piece in bpm and (made := _ratio(nn, each, bpm[each.piece]))]
    return Coupling(tuple(ratios), at_starts(nn, quiet_starts(played)))


def quiet_starts(played: Sequence[Play]) -> tuple[float, ...]:
    """Return when music began after at least half a minute without any, and lasted as long; session time."""
    found = []
    for play in played:
        quiet = all(other.end_s <= play.start_s - WINDOW_S for other in played if other.start_s < play.start_s)
        if quiet and not play.open_ended and play.duration_s >= WINDOW_S + MAX_LAG_S:
            found.append(play.start_s)
    return tuple(found)


def at_starts(nn: NNSeries, starts_s: Sequence[float]) -> AtStarts:
    """Return the mean change of heart rate at those times.

    A beat may be placed up to 4 s late (`timeline.MAX_LAG_S`): so much is left out after each start.

    Parameters
    ----------
    nn : NNSeries
        The beats that were kept.
    starts_s : sequence of float
        Session time.
    """
    changes = []
    for start_s in starts_s:
        before = _rate_bpm(nn, start_s - WINDOW_S, start_s)
        after = _rate_bpm(nn, start_s + MAX_LAG_S, start_s + MAX_LAG_S + WINDOW_S)
        if before is not None and after is not None:
            changes.append(after - before)
    count = len(changes)
    if count < LEAST_STARTS:
        return AtStarts(count)
    mean, spread = float(np.mean(changes)), float(np.std(changes, ddof=1))
    half = float(stats.t.ppf(0.975, count - 1)) * spread / math.sqrt(count)
    return AtStarts(count, mean, mean - half, mean + half)


def _ratio(nn: NNSeries, play: Play, bpm: float) -> Ratio | None:
    start_s, end_s = play.start_s + MAX_LAG_S, play.end_s - MAX_LAG_S
    heart_bpm = _rate_bpm(nn, start_s, end_s) if end_s - start_s >= LEAST_PLAY_S else None
    if heart_bpm is None:
        return None
    tempo = bpm * play.rate
    breath = breathing.estimate(nn.between(start_s, end_s))
    beats_per_breath = tempo / breath.rate_per_min if breath and breath.confidence >= _TRUSTED else None
    return Ratio(play.title, tempo, heart_bpm, heart_bpm / tempo, beats_per_breath)


def _rate_bpm(nn: NNSeries, start_s: float, end_s: float) -> float | None:
    """Return the mean heart rate in a window; None where its beats do not cover it."""
    found = nn.between(start_s, end_s)
    covered_s = float(found.nn_ms.sum()) / 1000
    if not len(found) or covered_s < _LEAST_COVERED * (end_s - start_s):
        return None
    return 60_000 / float(found.nn_ms.mean())


def words(found: Coupling) -> tuple[str, ...]:
    """Tell it in sentences, the first of which says what it is."""
    told = [EXPLORATORY]
    for each in found.ratios:
        breath = f", {each.beats_per_breath:.1f} beats of music to a breath" if each.beats_per_breath else ""
        told.append(
            f"{each.title} ({each.bpm:.0f} bpm): heart rate {each.heart_bpm:.0f} bpm, {each.heart_to_tempo:.2f} "
            f"heartbeats to a beat of music{breath}."
        )
    starts = found.at_starts
    if starts.change_bpm is None:
        told.append(f"Starts of music after half a minute without any: {starts.starts}; {LEAST_STARTS} are needed.")
    else:
        told.append(
            f"At {starts.starts} starts of music, heart rate moved by {starts.change_bpm:+.1f} bpm on average "
            f"(95 % interval {starts.low_bpm:+.1f} to {starts.high_bpm:+.1f}), from the half minute before to the one "
            "after.".replace("-", "−")
        )
    return tuple(told)
