"""One recording, phase by phase: quality first, then the metrics that quality allows.

A phase whose rhythm is irregular, or whose signal is poorer than the limits, keeps its heart rate and loses
everything else, with the reason.
"""

import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from biotune.analysis import (
    artefact_runs,
    artefact_shapes,
    artefacts,
    conventions,
    decisions,
    ecg_timeline,
    hrv,
    replacing,
    respiration,
    rhythm,
    rr_unit,
    timeline,
)
from biotune.analysis.artefacts import Classified
from biotune.analysis.breathing import Breathing, Source
from biotune.analysis.metrics import CATALOGUE
from biotune.analysis.respiration import Chest
from biotune.analysis.results import (
    Analysis,
    Metric,
    MetricValue,
    Notice,
    PhaseAnalysis,
    Provenance,
    Quality,
    Unavailable,
)
from biotune.analysis.series import BeatSeries, BoolArray, NNSeries, Options
from biotune.analysis.timeline import MAX_LAG_S, Timeline
from biotune.domain import (
    ArtefactHandling,
    BeatDecision,
    Convention,
    Flag,
    Gap,
    NoticeKind,
    Phase,
    PhaseKind,
    Reason,
    Recording,
    Rhythm,
    RrUnit,
)
from biotune.errors import AnalysisError, UsageError
from biotune.settings import Limits

_LEAST_SEEN = 0.85  # of a phase by the beats of an ECG that speaks for it: as much as a phase must have
HEART_RATE_KEYS = frozenset({"mean_hr", "mean_nn"})  # what remains where HRV is withheld


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A recording ready to be measured.

    Attributes
    ----------
    timeline : Timeline
        Beats, gaps (those of long runs of artefacts among them) and phases.
    classified : Classified
        Which of the beats are flagged, and why.
    nn : NNSeries
        The beats that were kept.
    decisions : tuple of BeatDecision
        What people decided about beats.
    chest : Chest
        What ECG and accelerometer tell, where they were recorded.
    from_ecg : bool
        Whether the beats are the ECG's, because the strap sent no intervals.
    """

    timeline: Timeline
    classified: Classified
    nn: NNSeries
    decisions: tuple[BeatDecision, ...] = ()
    chest: Chest = field(default_factory=Chest)
    from_ecg: bool = False

    def beats_in(self, phase: Phase) -> slice:
        """Return which of the timeline's beats lie in [start_s, end_s) of a phase."""
        first, end = np.searchsorted(self.timeline.beats.time_s, [phase.start_s, phase.end_s], side="left")
        return slice(int(first), int(end))


def prepare(recording: Recording, *, correct: bool = True, handling: str = ArtefactHandling.EXCLUDE) -> Prepared:
    """Lay a recording out in time, classify its beats, and leave out the flagged ones (or replace them).

    A beat that was certainly invented is left out by adding up the intervals on either side: nothing is lost then.

    Parameters
    ----------
    recording : Recording
        Packets or imported intervals.
    correct : bool
        Whether flagged beats are left out.
    handling : str
        ``replace`` to put interpolated intervals in their place; never across a gap, nor for ten seconds or more.

    Raises
    ------
    AnalysisError
        Where an imported file's intervals or times are impossible.
    UsageError
        Where `handling` is unknown.
    """
    if handling not in list(ArtefactHandling):
        raise UsageError(f"flagged beats cannot be {str(handling)!r}", hint=f"Known: {', '.join(ArtefactHandling)}.")
    decided = decisions.of(recording.lines)
    laid, chest = timeline.build(recording), respiration.read(recording)
    from_ecg = False
    if chest.beats is not None and ecg_timeline.can_stand_in(laid, chest.beats):
        laid, from_ecg = ecg_timeline.lay(laid, chest.beats), True
    beats = decisions.add_peaks(laid.beats, decided)
    laid = replace(laid, beats=beats)
    classified, held = decisions.apply(beats, artefacts.classify(beats), decided)
    if not correct:
        classified = classified.without_joins(beats, np.ones(len(beats), dtype=bool))
        return Prepared(laid, classified, NNSeries.from_beats(beats), held, chest, from_ecg)
    poor = artefacts.poor_stretches(beats, classified.flagged)
    gaps = tuple(sorted([*laid.gaps, *poor], key=lambda gap: gap.start_s))
    passed = np.searchsorted([gap.end_s for gap in poor], beats.time_s, side="left")
    classified = classified.without_joins(beats, _within(poor, beats))
    apart, left = artefacts.add_up(BeatSeries(beats.time_s, beats.rr_ms, beats.stretch + passed), classified)
    if handling == ArtefactHandling.REPLACE:
        nn = replacing.replace(apart, left, unless=_within(poor, apart))
    else:
        nn = NNSeries.from_beats(apart, ~left)
    return Prepared(replace(laid, gaps=gaps), classified, nn, held, chest, from_ecg)


def _within(gaps: Sequence[Gap], beats: BeatSeries) -> BoolArray:
    """Tell which beats lie in one of those gaps; shape (n_beats,)."""
    inside = np.zeros(len(beats), dtype=bool)
    for gap in gaps:
        inside |= (beats.time_s > gap.start_s) & (beats.time_s <= gap.end_s)
    return inside


def analyse(
    recording: Recording,
    options: Options | None = None,
    *,
    limits: Limits | None = None,
    prepared: Prepared | None = None,
) -> Analysis:
    """Measure every phase of a recording.

    Phases that can be compared share one Welch window: the shortest one's length, at most the convention's own
    (docs/method.md). Settling, and phases too short for HF, neither shorten it nor are compared.

    Parameters
    ----------
    recording : Recording
        Packets or imported intervals.
    options : Options, optional
        How; the `kubios` convention by default.
    limits : Limits, optional
        When the signal is too poor.
    prepared : Prepared, optional
        The recording as `prepare` made it with the same `correct`, for a caller that asks more than once.

    Returns
    -------
    Analysis

    Raises
    ------
    AnalysisError
        Where there is neither an interval nor a heart rate in the recording.
    UsageError
        Where an option is impossible.
    """
    options = options or Options()
    limits = limits or Limits()
    prepared = prepared or prepare(recording, correct=options.correct, handling=options.artefacts)
    laid = prepared.timeline
    if not laid.has_rr and not len(laid.heart_rate.time_s):
        raise AnalysisError(
            f"there is nothing to analyse in {recording.source}",
            why="It has no heartbeat and no heart rate.",
            hint="Check that the strap's electrodes were moist and had contact, or that this is the right file.",
        )
    window_s = common_window_s(laid.phases, options)
    made_by = provenance(
        recording, options, limits, welch_window_s=window_s, from_ecg=prepared.from_ecg
    )  # refuses impossible options
    return Analysis(
        source=recording.source,
        convention=Convention(options.convention),
        provenance=made_by,
        phases=tuple(measure_phase(prepared, phase, options, limits, welch_window_s=window_s) for phase in laid.phases),
        artefacts=prepared.classified.artefacts,
        gaps=laid.gaps,
        notices=_notices(recording),
        decisions=prepared.decisions,
    )


def _notices(recording: Recording) -> tuple[Notice, ...]:
    suspicion = rr_unit.suspect(recording)
    return (Notice(NoticeKind.RR_UNIT, suspicion.words),) if suspicion else ()


def common_window_s(phases: Sequence[Phase], options: Options) -> float | None:
    """Return the Welch window that phases of unequal length share; None where the caller or convention has its own."""
    least_s = CATALOGUE["hf"].least.seconds
    lengths_s = [p.duration_s for p in phases if p.kind is not PhaseKind.SETTLING and p.duration_s >= least_s]
    if options.welch_window_s is not None or options.convention == Convention.NEUROKIT2 or not lengths_s:
        return None
    return min(conventions.WELCH_WINDOW_S, *lengths_s)


def quality(prepared: Prepared, phase: Phase, limits: Limits) -> Quality:
    """Say how far a phase's signal can be trusted.

    Parameters
    ----------
    prepared : Prepared
        The recording.
    phase : Phase
        A phase of it, or any other window.
    limits : Limits
        When the signal is too poor.

    Returns
    -------
    Quality
        `flagged_pct` of its beats; `gap_pct` of its time, in gaps or outside the beats' own time altogether (by more
        than the lag of arrival). Without any beat the rhythm is unknown and the whole phase a gap.
    """
    inside = prepared.beats_in(phase)
    flagged = prepared.classified.flagged[inside]
    if not len(flagged):
        return Quality(flagged_pct=0.0, gap_pct=100.0, rhythm=Rhythm.UNKNOWN, usable=False)
    beats = prepared.timeline.beats
    part = BeatSeries(beats.time_s[inside], beats.rr_ms[inside], beats.stretch[inside])
    found = _rhythm(part, flagged, prepared.chest, phase)
    flagged_pct = 100 * float(np.mean(flagged))
    gap_pct = 100 * _missing_s(prepared.timeline, phase) / phase.duration_s
    clean = flagged_pct <= limits.max_flagged_pct and gap_pct <= limits.max_gap_pct
    return Quality(flagged_pct, gap_pct, found, usable=clean and found is not Rhythm.IRREGULAR)


def _rhythm(beats: BeatSeries, flagged: BoolArray, chest: Chest, phase: Phase) -> Rhythm:
    """Judge the intervals' rhythm, and where they do not say that it is regular ask the ECG, if it was read.

    What spoils either may make a regular rhythm look irregular, hardly an irregular one regular.
    """
    found = rhythm.assess(beats, flagged)
    if found is Rhythm.REGULAR or chest.beats is None:
        return found
    seen = chest.beats.intervals
    inside = (seen.time_s >= phase.start_s) & (seen.time_s < phase.end_s)
    if np.sum(seen.rr_ms[inside]) < _LEAST_SEEN * phase.duration_s * 1000:
        return found
    by_ecg = rhythm.assess(seen.take(inside), chest.odd[inside])
    return found if by_ecg is Rhythm.UNKNOWN else by_ecg


def _missing_s(laid: Timeline, phase: Phase) -> float:
    """Length of a phase's time without trustworthy beats, seconds."""
    begins_s = float(laid.beats.time_s[0] - laid.beats.rr_ms[0] / 1000)
    ends_s = float(laid.beats.time_s[-1])
    missing = [(gap.start_s, gap.end_s) for gap in laid.gaps]
    if begins_s - phase.start_s > MAX_LAG_S:
        missing.append((phase.start_s, begins_s))
    if phase.end_s - ends_s > MAX_LAG_S:
        missing.append((ends_s, phase.end_s))
    total_s, reached_s = 0.0, phase.start_s
    for start_s, end_s in sorted(missing):
        until_s = min(end_s, phase.end_s)
        total_s += max(0.0, until_s - max(start_s, reached_s))
        reached_s = max(reached_s, until_s)
    return total_s


def measure_phase(
    prepared: Prepared, phase: Phase, options: Options, limits: Limits, *, welch_window_s: float | None = None
) -> PhaseAnalysis:
    """Measure one phase, or any other window of a recording.

    Parameters
    ----------
    prepared : Prepared
        The recording.
    phase : Phase
        The window.
    options, limits
        As for `analyse`.
    welch_window_s : float, optional
        The window shared with other phases; the convention's own by default.

    Returns
    -------
    PhaseAnalysis
        With every key of the catalogue: a value, or why there is none.
    """
    inside = prepared.beats_in(phase)
    found = quality(prepared, phase, limits)
    n_beats = inside.stop - inside.start
    if not n_beats:
        breath = respiration.estimate(None, prepared.chest, phase.start_s, phase.end_s)
        return PhaseAnalysis(phase, 0, found, _without_rr(prepared.timeline, phase, options, breath))
    kept = prepared.nn
    if found.rhythm is Rhythm.IRREGULAR:  # what is flagged there is the rhythm itself, and counts in its heart rate
        kept = NNSeries.from_beats(prepared.timeline.beats, artefacts.possible(prepared.timeline.beats))
    nn = kept.between(phase.start_s, phase.end_s)
    breath = respiration.estimate(nn if found.usable else None, prepared.chest, phase.start_s, phase.end_s)
    metrics: Mapping[str, Metric] = hrv.measure(
        nn,
        duration_s=phase.duration_s,
        options=options,
        breathing=breath,
        welch_window_s=welch_window_s,
    )
    metrics = {**metrics, "breathing_rate": _breathing_rate(metrics["breathing_rate"], breath, phase, options)}
    if not found.usable:
        reason = Reason.IRREGULAR_RHYTHM if found.rhythm is Rhythm.IRREGULAR else Reason.POOR_SIGNAL
        kept_keys = (
            HEART_RATE_KEYS | {"breathing_rate"} if breath else HEART_RATE_KEYS
        )  # the chest breathes all the same
        metrics = {
            key: metric if key in kept_keys else Unavailable(reason, metric.unit) for key, metric in metrics.items()
        }
    return PhaseAnalysis(phase, n_beats, found, metrics)


def _without_rr(laid: Timeline, phase: Phase, options: Options, breath: Breathing | None) -> dict[str, Metric]:
    """All that a phase without intervals has: the heart rate that the strap itself computed, and the chest's breath."""
    metrics: dict[str, Metric] = {key: Unavailable(Reason.NO_RR, each.unit) for key, each in CATALOGUE.items()}
    metrics["breathing_rate"] = _breathing_rate(metrics["breathing_rate"], breath, phase, options)
    rates = laid.heart_rate
    bpm = rates.bpm[(rates.time_s >= phase.start_s) & (rates.time_s < phase.end_s)]
    least = CATALOGUE["mean_hr"].least
    enough = phase.duration_s >= least.seconds
    if len(bpm) and not (enough or options.any_length):
        metrics["mean_hr"] = Unavailable(Reason.TOO_SHORT, CATALOGUE["mean_hr"].unit, str(least))
    elif len(bpm):
        flags = _flags_of_length(phase, enough=enough)
        metrics["mean_hr"] = MetricValue(float(bpm.mean()), CATALOGUE["mean_hr"].unit, flags)
    return metrics


def _flags_of_length(phase: Phase, *, enough: bool) -> tuple[Flag, ...]:
    holds = {Flag.ULTRA_SHORT: phase.duration_s < hrv.ULTRA_SHORT_S, Flag.BELOW_LEAST_LENGTH: not enough}
    return tuple(flag for flag, applies in holds.items() if applies)


def _breathing_rate(of_beats: Metric, breath: Breathing | None, phase: Phase, options: Options) -> Metric:
    """Say from what the breathing rate was read; what ECG and accelerometer tell needs no intervals."""
    if breath is None:
        return of_beats
    if breath.source is Source.RR:
        return replace(of_beats, source=breath.source.value) if isinstance(of_beats, MetricValue) else of_beats
    least, unit = CATALOGUE["breathing_rate"].least, CATALOGUE["breathing_rate"].unit
    enough = phase.duration_s >= least.seconds
    if not (enough or options.any_length):
        return Unavailable(Reason.TOO_SHORT, unit, str(least))
    unsure = (Flag.LOW_CONFIDENCE,) if breath.confidence < hrv.LOW_CONFIDENCE else ()
    return MetricValue(
        breath.rate_per_min, unit, (*_flags_of_length(phase, enough=enough), *unsure), breath.source.value
    )


def provenance(
    recording: Recording,
    options: Options,
    limits: Limits,
    *,
    welch_window_s: float | None = None,
    from_ecg: bool = False,
) -> Provenance:
    """Record what a result is made by and from: software, every parameter, and the log's hash."""
    unit = rr_unit.of(recording)
    return Provenance(
        biotune=importlib.metadata.version("biotune"),
        neurokit2=importlib.metadata.version("neurokit2"),
        parameters={
            **conventions.parameters(options, welch_window_s=welch_window_s),
            "artefacts": "suspected by Lipponen & Tarvainen 2019 in one pass, judged by shape, read in runs",
            "artefact_least_step": artefacts.LEAST_STEP,
            "artefact_least_ectopic_step": artefacts.LEAST_ECTOPIC_STEP,
            "artefact_least_deviation": artefacts.LEAST_DEVIATION,
            **artefact_shapes.PARAMETERS,
            **artefact_runs.PARAMETERS,
            "artefact_handling": options.artefacts if options.correct else "keep",
            **({"artefact_extra": "joined"} if options.correct else {}),
            **({} if unit is RrUnit.TICKS else {"rr_unit": unit.value}),
            **({"beats_from": "ecg"} if from_ecg else {}),
            **asdict(limits),
        },
        log_sha256=recording.log_sha256,
    )
