"""Before and after: what changed, how sure that is, and what else may explain it.

A change is compared with two yardsticks. Its 95 % interval says what chance within this session could
do (`intervals`); the smallest detectable change says how far two resting measurements of one person
lie apart anyway. **Clear** is what exceeds both, **possible** what exceeds the first alone.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from biotune.analysis import influence, music_words, pairing, phases, played, retest, scales, words, words_beside_rest
from biotune.analysis.intervals import LEVEL, PINK, SLOW, Exponent, Track, half_width, standard_error
from biotune.analysis.pairing import Pair
from biotune.analysis.phases import Prepared
from biotune.analysis.quiet_rest import QuietRest, QuietRestBeside, beside
from biotune.analysis.results import Change, Comparison, Level, Metric, MetricValue, PhaseAnalysis
from biotune.analysis.retest import OwnRetest
from biotune.analysis.series import Options
from biotune.domain import Caveat, ChangeKind, Flag, Phase, Recording, Rhythm, Verdict, Yardstick
from biotune.errors import AnalysisError
from biotune.settings import Limits

BREATHING_CHANGED_PER_MIN = 2.0  # slower breathing alone changes HRV: Quintana & Heathers, Front Psychol 5:805, 2014
NOTHING = 1e-6  # ms or ms²: far below a strap's 1/1024 s
INTERVAL = {"interval_pct": 95, "interval_by": "spectrum of the windows, extrapolated"}


@dataclass(frozen=True, slots=True)
class _Compared:
    """How one metric is compared.

    Attributes
    ----------
    kind : ChangeKind
        Ratio or difference.
    exponent : Exponent
        What its track's spectrum is expected to do below the lowest frequency seen.
    power : float
        The metric is its track's mean to this power: 1 for a power, 1/2 for the root of a mean square.
    hrv : bool
        Whether breathing and rhythm decide what it means.
    """

    kind: ChangeKind
    exponent: Exponent
    power: float
    hrv: bool


_METRICS: Mapping[str, _Compared] = {
    "mean_hr": _Compared(ChangeKind.DIFFERENCE, PINK, 1.0, hrv=False),
    "rmssd": _Compared(ChangeKind.RATIO, LEVEL, 0.5, hrv=True),
    "breathing_rate": _Compared(ChangeKind.DIFFERENCE, SLOW, 1.0, hrv=False),
    "sdnn": _Compared(ChangeKind.RATIO, LEVEL, 0.5, hrv=True),
    "lf": _Compared(ChangeKind.RATIO, SLOW, 1.0, hrv=True),
    "hf": _Compared(ChangeKind.RATIO, LEVEL, 1.0, hrv=True),
    "total_power": _Compared(ChangeKind.RATIO, LEVEL, 1.0, hrv=True),
    "dfa_alpha1": _Compared(ChangeKind.DIFFERENCE, LEVEL, 1.0, hrv=True),
}


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One window, measured."""

    measured: PhaseAnalysis
    tracks: Mapping[str, Track]

    def metric(self, key: str) -> Metric:
        return self.measured.metrics[key]

    def whole(self, limits: Limits) -> bool:
        """Whether enough of the window's signal is there for a clear verdict."""
        quality = self.measured.quality
        if not self.measured.beats:  # a strap that sends its own rate and no intervals
            return True
        return quality.gap_pct <= limits.max_gap_pct and quality.flagged_pct <= limits.max_flagged_pct

    def value(self, key: str) -> float | None:
        metric = self.metric(key)
        return metric.value if isinstance(metric, MetricValue) else None


def compare(
    recording: Recording,
    *,
    before: str | None = None,
    after: str | None = None,
    seed: int = 0,
    limits: Limits | None = None,
    prepared: Prepared | None = None,
    quiet_rest: QuietRest | None = None,
) -> Comparison:
    """Compare two windows of a recording.

    Parameters
    ----------
    recording : Recording
        Packets or imported intervals.
    before, after : str, optional
        A phase's name, or ``START-END`` in seconds; `pairing.choose` says what is taken by default.
    seed : int
        Kept in the provenance. The intervals of today draw no random numbers, so every seed gives the same numbers.
    limits : Limits, optional
        When the signal is too poor.
    prepared : Prepared, optional
        The recording as `phases.prepare` made it, for a caller that compares several windows of it.
    quiet_rest : QuietRest, optional
        What the client's quiet rest does between the same windows. From three sessions on it gives the smallest
        detectable changes in place of the published ones; from one on, the changes are put beside it.

    Returns
    -------
    Comparison
        Every key that is compared, with a verdict; ``not-comparable`` where a window has no such value, or where voice
        or movement makes the windows differ.

    Raises
    ------
    UsageError
        Where there is no such phase, or a span is impossible.
    AnalysisError
        Where there are no two windows to compare, or one of them holds no heartbeat.
    """
    limits = limits or Limits()
    prepared = prepared or phases.prepare(recording)
    pair = pairing.choose(prepared.timeline, before, after)
    sides = (
        _measure(prepared, pair.before, pair.window_s, limits),
        _measure(prepared, pair.after, pair.window_s, limits),
    )
    caveats = _caveats(pair, *sides, limits)
    own = {key: quiet_rest.own(key) if quiet_rest else None for key in _METRICS}
    whole = sides[0].whole(limits) and sides[1].whole(limits)
    changes = {key: judged(key, _change(key, pair, *sides, caveats), own[key], whole=whole) for key in _METRICS}
    provenance = phases.provenance(
        recording, Options(), limits, welch_window_s=_welch_s(pair.window_s), from_ecg=prepared.from_ecg
    )
    parameters = {**provenance.parameters, **INTERVAL, "seed": seed, **_made_of(quiet_rest)}
    made = Comparison(
        source=recording.source,
        before=pair.before,
        after=pair.after,
        window_s=pair.window_s,
        changes=changes,
        words=(),
        provenance=replace(provenance, parameters=parameters),
        reason=pair.reason,
        caveats=caveats,
        beside_quiet_rest=_beside(changes, quiet_rest),
        whole=whole,
    )
    music = music_words.at_rest(played.plays(recording), made.before, made.after)
    return replace(made, words=(*words.sentences(made), *music))


def _made_of(quiet_rest: QuietRest | None) -> dict[str, list[str]]:
    """Name the quiet-rest sessions a result stands on."""
    if quiet_rest is None or not quiet_rest.sessions:
        return {}
    return {"quiet_rest": list(quiet_rest.sessions), "quiet_rest_log_sha256": list(quiet_rest.log_sha256)}


def _beside(changes: Mapping[str, Change], quiet_rest: QuietRest | None) -> QuietRestBeside | None:
    if quiet_rest is None:
        return None
    found = {key: beside(key, change, quiet_rest.changes.get(key, ())) for key, change in changes.items()}
    changed = {key: each for key, each in found.items() if each is not None}
    made = QuietRestBeside(quiet_rest.sessions, changed, other_posture=quiet_rest.other_posture)
    return replace(made, words=words_beside_rest.sentences(made)) if made.changes else None


def smallest_detectable(key: str, before: float, *, falls: bool, own: OwnRetest | None = None) -> float | None:
    """Return how large a change must be to exceed the difference between two resting measurements.

    Parameters
    ----------
    key : str
        A metric's key.
    before : float
        Its value in the first window.
    falls : bool
        Whether the change is a fall, which needs less than a rise does where it is a difference.
    own : OwnRetest, optional
        The client's own, in place of the published one.

    Returns
    -------
    float or None
        A ratio above 1, or a positive difference in the metric's unit; None where nobody has published how far two
        resting measurements lie apart.

    Examples
    --------
    From 79 bpm the heart must slow by 10.4 bpm; RMSSD must change by a factor of 1.7.

    >>> round(smallest_detectable("mean_hr", 79.0, falls=True), 1)
    10.4
    >>> round(smallest_detectable("rmssd", 22.0, falls=False), 2)
    1.7
    """
    return retest.smallest_detectable(key, _METRICS[key].kind, before, falls=falls, own=own)


def level(prepared: Prepared, window: Phase, limits: Limits | None = None) -> dict[str, Level]:
    """Measure one window, with how far chance within the session moves its values.

    The error is that of the difference between the window and a neighbour of its length, over √2: what is slower than
    both is no noise of this session but where the session lies, and is left in.

    Parameters
    ----------
    prepared : Prepared
        The recording.
    window : Phase
        Of whole length, such as the first window of a comparison.
    limits : Limits, optional
        When the signal is too poor.

    Returns
    -------
    dict of str to Level
        By the key of each metric that is compared; without those that are unavailable.

    Raises
    ------
    AnalysisError
        Where there is no heart rate in the window.
    """
    side = _measure(prepared, window, window.duration_s, limits or Limits())
    found = {}
    for key, how in _METRICS.items():
        value, track = side.value(key), side.tracks.get(key)
        if value is None or track is None or _no_ratio(how, value, value):
            continue
        if how.kind is ChangeKind.RATIO:
            track = track.relative()
        between = standard_error(track, track, apart_s=window.duration_s, exponent=how.exponent)
        half = half_width(how.power * between / math.sqrt(2))
        moved = scales.moved(how.kind, value)
        low, high = (scales.told(how.kind, end) for end in (moved - half, moved + half))
        found[key] = Level(how.kind, value, low, high, side.metric(key).unit)
    return found


# ---------------------------------------------------------------- measuring


def _welch_s(window_s: float) -> float:
    return min(window_s, pairing.WINDOW_S)


def _measure(prepared: Prepared, window: Phase, window_s: float, limits: Limits) -> _Side:
    measured = phases.measure_phase(prepared, window, Options(), limits, welch_window_s=_welch_s(window_s))
    mean_hr = measured.metrics["mean_hr"]
    if not isinstance(mean_hr, MetricValue):
        raise AnalysisError(
            f"there is no heart rate in {window.name} ({window.start_s:.0f} to {window.end_s:.0f} s)",
            why="The strap sent nothing that can be used there.",
            hint="Choose another window with --before or --after START-END in seconds.",
        )
    seconds = round(window_s)
    nn = prepared.nn.between(window.start_s, window.end_s)
    tracks = influence.tracks(nn, start_s=window.start_s, seconds=seconds)
    rates = prepared.timeline.heart_rate
    inside = (rates.time_s >= window.start_s) & (rates.time_s < window.end_s)
    if "mean_nn" in tracks:
        tracks["mean_hr"] = influence.heart_rate(tracks["mean_nn"])
    elif inside.any():
        tracks["mean_hr"] = influence.received(rates.time_s[inside] - window.start_s, rates.bpm[inside], seconds)
    breathing = measured.metrics["breathing_rate"]
    if isinstance(breathing, MetricValue):
        tracks |= influence.breathing(nn, breathing.value, start_s=window.start_s, seconds=seconds)
    return _Side(measured, tracks)


# ---------------------------------------------------------------- judging


def _change(key: str, pair: Pair, first: _Side, second: _Side, caveats: tuple[Caveat, ...]) -> Change:
    """Return the change and its interval; what it is worth is for `judged` to say."""
    how = _METRICS[key]
    before, after = first.value(key), second.value(key)
    unknown = key == "breathing_rate" and Caveat.BREATHING_UNKNOWN in caveats
    error = None if unknown or not pair.comparable else _error(key, pair, first, second)
    estimate, low, high = None, None, None
    if before is not None and after is not None and error is not None and not _no_ratio(how, before, after):
        kind, width = how.kind, half_width(error)
        moved = math.log(after) - math.log(before) if kind is ChangeKind.RATIO else after - before
        estimate, low, high = (scales.told(kind, end) for end in (moved, moved - width, moved + width))
    return Change(
        kind=how.kind,
        before=before,
        after=after,
        estimate=estimate,
        low=low,
        high=high,
        smallest_detectable=None,
        verdict=Verdict.NOT_COMPARABLE,
        caveats=_of_metric(how, key, caveats),
        unit=first.metric(key).unit,
    )


def judged(key: str, change: Change, own: OwnRetest | None, *, whole: bool) -> Change:
    """Hold a change against its interval and the smallest detectable change.

    Parameters
    ----------
    key : str
        The metric's key.
    change : Change
        Its own verdict and smallest detectable change are not looked at.
    own : OwnRetest or None
        The client's own smallest detectable change; None for the published one.
    whole : bool
        Whether enough of both windows' signal is there for a clear verdict.
    """
    if change.moved is None or change.half_width is None or change.before is None:
        return replace(change, verdict=Verdict.NOT_COMPARABLE)
    needed = smallest_detectable(key, change.before, falls=change.moved < 0, own=own)
    verdict = judge(change.moved, change.half_width, None if needed is None else scales.moved(change.kind, needed))
    if verdict is Verdict.CLEAR and not whole:
        verdict = Verdict.POSSIBLE  # the intervals' coverage was never measured on windows so full of holes
    explained = own is not None and verdict is not Verdict.NONE and own.explains(change.moved, change.half_width)
    if verdict is Verdict.CLEAR and explained:
        verdict = Verdict.POSSIBLE  # it exceeds what rest does, but not where rest lies
    return replace(
        change,
        verdict=verdict,
        smallest_detectable=needed,
        smallest_detectable_source=None if needed is None else Yardstick.OWN if own else Yardstick.PUBLISHED,
        smallest_detectable_sessions=own.n if own and needed is not None else 0,
        rest_explains=explained,
    )


def _no_ratio(how: _Compared, before: float, after: float) -> bool:
    """Whether a ratio is asked for where nothing varies but the last digit."""
    return how.kind is ChangeKind.RATIO and min(before, after) < NOTHING


def judge(moved: float, half_width: float, needed: float | None) -> Verdict:
    """Return what may be said of a change.

    Parameters
    ----------
    moved : float
        The change: a difference, or the logarithm of a ratio.
    half_width : float
        Half of its 95 % interval, on the same scale.
    needed : float or None
        The smallest detectable change, on the same scale; None where it is unknown.
    """
    if abs(moved) <= half_width:
        return Verdict.NONE
    return Verdict.CLEAR if needed is not None and abs(moved) > needed else Verdict.POSSIBLE


def _error(key: str, pair: Pair, first: _Side, second: _Side) -> float | None:
    """Return the standard error of the change, on the scale of `judge`; None where a window has no track of it."""
    how = _METRICS[key]
    before, after = first.tracks.get(key), second.tracks.get(key)
    if before is None or after is None:
        return None
    if how.kind is ChangeKind.RATIO:
        before, after = before.relative(), after.relative()
    apart_s = pair.after.start_s - pair.before.start_s
    return how.power * standard_error(before, after, apart_s=apart_s, exponent=how.exponent)


# ---------------------------------------------------------------- caveats


def _caveats(pair: Pair, first: _Side, second: _Side, limits: Limits) -> tuple[Caveat, ...]:
    if not pair.comparable:
        return pair.caveats  # nothing is compared that anything else could explain
    qualities = [side.measured.quality for side in (first, second)]
    found = set(pair.caveats) | _of_breathing(first, second)
    if any(max(quality.flagged_pct, quality.gap_pct) > limits.warn_flagged_pct for quality in qualities):
        found.add(Caveat.POOR_SIGNAL)
    if any(quality.rhythm is Rhythm.IRREGULAR for quality in qualities):
        found.add(Caveat.IRREGULAR_RHYTHM)
    return tuple(caveat for caveat in Caveat if caveat in found)


def _of_breathing(first: _Side, second: _Side) -> set[Caveat]:
    if all(side.metric("rmssd").unavailable is not None for side in (first, second)):
        return set()  # no HRV is compared that breathing could explain
    rates = [side.metric("breathing_rate") for side in (first, second)]
    sure = [rate.value for rate in rates if isinstance(rate, MetricValue) and Flag.LOW_CONFIDENCE not in rate.flags]
    if len(sure) < len(rates):
        return {Caveat.BREATHING_UNKNOWN}
    return {Caveat.BREATHING_CHANGED} if abs(sure[1] - sure[0]) > BREATHING_CHANGED_PER_MIN else set()


def _of_metric(how: _Compared, key: str, caveats: tuple[Caveat, ...]) -> tuple[Caveat, ...]:
    of_hrv = {Caveat.BREATHING_CHANGED, Caveat.BREATHING_UNKNOWN, Caveat.IRREGULAR_RHYTHM}
    own = {Caveat.BREATHING_UNKNOWN, Caveat.IRREGULAR_RHYTHM} if key == "breathing_rate" else set()
    return tuple(caveat for caveat in caveats if how.hrv or caveat not in of_hrv or caveat in own)
