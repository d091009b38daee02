"""The methods paragraph after GRAPH, written from what a recording and its analysis say of themselves.

GRAPH (Quintana et al., Transl Psychiatry 6:e803, 2016) asks for four things: whom, how the intervals were collected,
how they were prepared, how the variability was computed. Every number here comes from the analysis or the log; what
they do not say is named as not recorded, and is the author's to add.
"""

import importlib.metadata
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from biotune.analysis.results import Analysis, Comparison, MetricValue, PhaseAnalysis
from biotune.domain import (
    ArtefactHandling,
    ContextGiven,
    Convention,
    Flag,
    IntervalImported,
    PacerSet,
    RecorderStarted,
    Recording,
    Rhythm,
    RrUnitSet,
    StrapEvent,
    StrapIdentity,
)
from biotune.report.references import Reference
from biotune.report.text import duration, number

_CONTEXT = ("caffeine", "food", "exercise", "sleep", "medication", "smoking")  # GRAPH's, as far as a sitting has them


@dataclass(frozen=True, slots=True)
class Methods:
    """The paragraph, by GRAPH's four headings, and the references it cites.

    Attributes
    ----------
    sections : tuple of (str, str)
        Heading and text.
    missing : tuple of str
        What GRAPH asks for and nothing here says.
    references : tuple of str
        In alphabetical order.
    """

    sections: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    references: tuple[str, ...]

    def text(self) -> str:
        """Return everything as plain text, ready to paste."""
        told = [f"{heading}. {words}" for heading, words in self.sections]
        return "\n\n".join([*told, "References", "\n".join(self.references)])


class _Cited:
    """Collects what is cited."""

    def __init__(self) -> None:
        self.found: set[Reference] = set()

    def __call__(self, *references: Reference) -> str:
        self.found.update(references)
        return f"({'; '.join(each.short for each in references)})"


def write(
    recording: Recording,
    analysis: Analysis,
    comparison: Comparison | None = None,
    *,
    started: str = "",
    about: Sequence[str] = (),
) -> Methods:
    """Write the paragraph.

    Parameters
    ----------
    recording : Recording
        What `analysis` was made from.
    analysis : Analysis
        Under any convention and options.
    comparison : Comparison, optional
        Where changes are reported too.
    started : str
        Day and hour of the sitting; empty where a file does not say.
    about : sequence of str
        What is recorded of the client (``age band``, ``sex``, …); their values are the author's to give.
    """
    cite = _Cited()
    missing: list[str] = []
    sections = (
        ("Participants and setting", " ".join(_participants(recording, about, started, missing, cite))),
        ("Collection of interbeat intervals", " ".join(_collection(recording, analysis, missing))),
        ("Preparation of the data", " ".join(_preparation(analysis, cite))),
        ("Computation of heart rate variability", " ".join(_computation(analysis, comparison, cite))),
    )
    return Methods(sections, tuple(missing), tuple(sorted(each.full for each in cite.found)))


# ---------------------------------------------------------------- whom and where


def _participants(
    recording: Recording, about: Sequence[str], started: str, missing: list[str], cite: _Cited
) -> Iterator[str]:
    yield f"This section follows GRAPH {cite(Reference.QUINTANA_2016)}."
    wanted = ["age band", "sex", "conditions", *_CONTEXT]
    entries = [line.entry for line in recording.lines if isinstance(line.entry, ContextGiven)]
    said = {entry.item: entry.value for entry in entries}
    kept = [item for item in wanted if said.get(item) or item in about]
    lacking = [item for item in wanted if item not in kept]
    if kept:
        yield f"Recorded for the participant or the sitting: {_listed(kept)}."
    if lacking:
        yield f"Not recorded: {_listed(lacking)}."
        missing += lacking
    missing += ["how participants were selected", "body mass index and physical fitness"]
    yield "How participants were selected, body mass index and physical fitness: not recorded."
    if started:
        yield f"The recording began on {started}."
    else:
        missing.append("time of day")
        yield "Time of day: not recorded."


# ---------------------------------------------------------------- how they were collected


def _collection(recording: Recording, analysis: Analysis, missing: list[str]) -> Iterator[str]:
    entries = [line.entry for line in recording.lines]
    yield _device(recording, analysis, missing)
    phases = "; ".join(f"{each.name} {duration(each.phase.duration_s)}" for each in analysis.phases)
    total = sum(each.phase.duration_s for each in analysis.phases)
    yield f"The recording has {duration(total)} in {len(analysis.phases)} phase(s): {phases}."
    postures = sorted({each.phase.posture for each in analysis.phases if each.phase.posture})
    if postures:
        yield f"Posture: {_listed(postures)}."
    else:
        missing.append("posture")
        yield "Posture: not recorded."
    paced = [each.name for each in analysis.phases if each.phase.paced]
    if paced or any(isinstance(entry, PacerSet) and entry.on for entry in entries):
        where = f" in {_listed(paced)}" if paced else ""
        rates = sorted({entry.per_min for entry in entries if isinstance(entry, PacerSet) and entry.on})
        at = f" at {_listed([f'{rate:g}' for rate in rates])} breaths a minute" if rates else ""
        yield f"Breathing was paced{where}{at}."
    else:
        yield "Breathing was spontaneous as far as the log says."
    yield _breathing(analysis)


def _device(recording: Recording, analysis: Analysis, missing: list[str]) -> str:
    entries = [line.entry for line in recording.lines]
    if any(isinstance(entry, IntervalImported) for entry in entries):
        missing += ["device", "sampling rate of the ECG"]
        units = {entry.unit for entry in entries if isinstance(entry, IntervalImported)}
        return (
            f"Interbeat intervals were imported from a file, in {_listed(sorted(units))}; device and sampling rate of "
            "the ECG behind them: not recorded."
        )
    sources = {entry.source for entry in entries if isinstance(entry, RecorderStarted)}
    if "simulator" in sources:
        return "The intervals were made by biotune's simulator; they are no person's."
    straps = [entry.strap for entry in entries if isinstance(entry, StrapEvent) and entry.strap]
    unit = next((entry.unit for entry in reversed(entries) if isinstance(entry, RrUnitSet)), None)
    resolution = "1 ms" if unit and unit.value == "ms" else "1/1024 s"
    told = f"Interbeat intervals were sent by {_strap(straps[-1]) if straps else 'a chest strap (name not recorded)'} "
    told += f"over the Bluetooth heart rate service, at a resolution of {resolution}"
    if not straps:
        missing.append("device")
    if analysis.ecg and analysis.ecg.rate_hz:
        return f"{told}; its ECG was recorded at {analysis.ecg.rate_hz:.1f} Hz."
    missing.append("sampling rate of the ECG")
    return f"{told}; the sampling rate of the ECG inside it: not recorded."


def _strap(strap: StrapIdentity) -> str:
    model = " ".join(part for part in (strap.manufacturer, strap.model) if part)
    name = f"a {strap.name}" + (f" ({model})" if model else "")
    return f"{name}, firmware {strap.firmware}," if strap.firmware else f"{name}, firmware not recorded,"


def _breathing(analysis: Analysis) -> str:
    rates = [
        f"{each.name} {number(metric.value)}"
        for each in analysis.phases
        if isinstance(metric := each.metrics.get("breathing_rate"), MetricValue)
    ]
    if not rates:
        return "Breathing rate: not available."
    return f"Breathing rate, estimated, in breaths a minute: {'; '.join(rates)}."


# ---------------------------------------------------------------- how they were prepared


def _preparation(analysis: Analysis, cite: _Cited) -> Iterator[str]:
    made, settings = analysis.provenance, analysis.provenance.parameters
    beats = sum(each.beats for each in analysis.phases)
    if not settings.get("correct", True):
        yield "Artefacts were not excluded."
    elif beats:
        flagged = sum(each.quality.flagged_pct / 100 * each.beats for each in analysis.phases)
        shares = "; ".join(f"{each.name} {each.quality.flagged_pct:.1f} %" for each in analysis.phases)
        yield (
            f"Artefacts were classified within each stretch without gaps ({settings.get('artefacts', 'see settings')}) "
            f"and {_handled(settings)}: {flagged:.0f} of {beats} intervals "
            f"({100 * flagged / beats:.1f} %; {shares}).{_added_up(analysis)}"
        )
        if "Lipponen" in str(settings.get("artefacts")):
            cite(Reference.LIPPONEN)
    if analysis.gaps:
        lost = sum(gap.end_s - gap.start_s for gap in analysis.gaps)
        yield (
            f"{len(analysis.gaps)} gap(s), {duration(lost)} in all, were kept as gaps: nothing was differenced or "
            "interpolated across them."
        )
    else:
        yield "There was no gap."
    if "max_flagged_pct" in settings:
        yield (
            f"No variability is reported above {settings['max_flagged_pct']:g} % flagged intervals or "
            f"{settings['max_gap_pct']:g} % missing time {cite(Reference.VEST)}, or where the rhythm is irregular "
            f"{cite(Reference.SARKAR)}{_withheld(analysis.phases)}."
        )
    yield from _detrending(analysis, cite)
    yield (
        f"Software: biotune {made.biotune} on Python {platform.python_version()}, NumPy {_version('numpy')} and SciPy "
        f"{_version('scipy')}; log {made.log_sha256}."
    )


def _handled(settings: Mapping[str, Any]) -> str:
    if settings.get("artefact_handling") == ArtefactHandling.REPLACE:
        return "replaced by interpolated intervals"
    return "left out, not interpolated"


def _added_up(analysis: Analysis) -> str:
    """Tell of the parts of invented beats, over the whole recording; nothing where there are none."""
    parts = sum(each.joined for each in analysis.artefacts)
    if not parts:
        return ""
    return (
        f" In the whole recording, {parts} of the flagged intervals were parts that an extra R peak had cut: they "
        "were added up to the interval between the true ones and kept."
    )


def _withheld(phases: Sequence[PhaseAnalysis]) -> str:
    irregular = [each.name for each in phases if each.quality.rhythm is Rhythm.IRREGULAR]
    poor = [each.name for each in phases if not each.quality.usable and each.quality.rhythm is not Rhythm.IRREGULAR]
    told = [
        f"for the signal: {_listed(poor)}" if poor else "",
        f"for the rhythm: {_listed(irregular)}" if irregular else "",
    ]
    said = "; ".join(each for each in told if each)
    return f" (withheld {said})" if said else ""


def _detrending(analysis: Analysis, cite: _Cited) -> Iterator[str]:
    settings = analysis.provenance.parameters
    if analysis.convention is Convention.NEUROKIT2:
        return
    smoothing = settings["detrending"]
    if smoothing:
        yield (
            f"The intervals were interpolated at {settings['resampling_hz']:g} Hz ({settings['interpolation']}) and "
            f"detrended by smoothness priors with λ = {smoothing:g} {cite(Reference.TARVAINEN)}; mean interval and "
            "heart rate come from the series before detrending."
        )
    else:
        yield "The intervals were not detrended; the mean was removed before the spectrum."


# ---------------------------------------------------------------- how it was computed


def _computation(analysis: Analysis, comparison: Comparison | None, cite: _Cited) -> Iterator[str]:
    if analysis.convention is Convention.NEUROKIT2:
        yield (
            f"Metrics are the stock output of NeuroKit2 {analysis.provenance.neurokit2} {cite(Reference.MAKOWSKI)} at "
            "its own defaults, in its own units."
        )
    else:
        yield (
            f"Metrics follow the definitions of 1996 {cite(Reference.TASK_FORCE)} under biotune's convention "
            f"“{analysis.convention.value}”."
        )
        yield from _spectrum(analysis.provenance.parameters)
        yield from _lengths(analysis, cite)
    if analysis.ecg and analysis.ecg.r_peaks:
        yield f"R peaks of the ECG were found by NeuroKit2 {analysis.provenance.neurokit2} {cite(Reference.MAKOWSKI)}."
    if _has(analysis, "hf"):
        yield (
            "HF is interpreted as vagal modulation only where breathing lay between 9 and 24 a minute "
            f"{cite(Reference.QUINTANA_2014)}, and LF/HF as no balance {cite(Reference.BILLMAN)}."
        )
    if comparison:
        yield from _changes(comparison, cite)


def _spectrum(settings: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    def band(key: str) -> str:
        low, high = settings[key]
        return f"{low:g}-{high:g}"

    yield (
        f"Power was estimated by Welch's method ({settings['welch_taper'].capitalize()} window of "
        f"{settings['welch_window_s']:g} s, {100 * settings['welch_overlap']:.0f} % overlap, at "
        f"{settings['resampling_hz']:g} Hz) and integrated by the trapezoidal rule in ms²: VLF {band('vlf_hz')}, "
        f"LF {band('lf_hz')}, HF {band('hf_hz')} Hz."
    )
    one, two = settings["dfa_alpha1_beats"], settings["dfa_alpha2_beats"]
    yield (
        f"DFA used {one[0]} to {one[1]} beats for α1 and {two[0]} to {two[1]} for α2; sample entropy m = "
        f"{settings['entropy_m']}, r = {settings['entropy_r']:g} standard deviations. lnRMSSD is the natural "
        "logarithm; no other metric was transformed."
    )


def _lengths(analysis: Analysis, cite: _Cited) -> Iterator[str]:
    if analysis.provenance.parameters.get("any_length"):
        yield "Metrics are given whatever the length of a phase, and marked where it is below the least."
    else:
        yield (
            "A metric is given only where the phase is long enough for it (RMSSD 60 s, SDNN 120 s "
            f"{cite(Reference.MUNOZ)}; HF 67 s, LF 250 s, ten cycles of the band's lower edge "
            f"{cite(Reference.TASK_FORCE)})."
        )
    short = [
        each.name
        for each in analysis.phases
        if any(isinstance(metric, MetricValue) and Flag.ULTRA_SHORT in metric.flags for metric in each.metrics.values())
    ]
    if short:
        yield f"Shorter than five minutes, hence ultra-short {cite(Reference.SHAFFER)}: {_listed(short)}."


def _changes(comparison: Comparison, cite: _Cited) -> Iterator[str]:
    before, after = comparison.before, comparison.after
    yield (
        f"Changes compare {duration(comparison.window_s)} of {before.name} "
        f"({before.start_s:.0f}-{before.end_s:.0f} s) with {duration(comparison.window_s)} of {after.name} "
        f"({after.start_s:.0f}-{after.end_s:.0f} s), each with a 95 % interval from the spectrum of the windows."
    )
    if any(change.smallest_detectable is not None for change in comparison.changes.values()):
        yield (
            "A change is called clear where the interval excludes no change and the change exceeds the smallest "
            f"detectable one, from the retest error of two resting measurements {cite(Reference.CIPRYAN)}."
        )


def _has(analysis: Analysis, key: str) -> bool:
    return any(isinstance(each.metrics.get(key), MetricValue) for each in analysis.phases)


def _listed(words: Sequence[str]) -> str:
    """Write a list as people do.

    Examples
    --------
    >>> _listed(["a", "b", "c"])
    'a, b and c'
    """
    *rest, last = words
    return f"{', '.join(rest)} and {last}" if rest else last


def _version(package: str) -> str:
    return importlib.metadata.version(package)
