"""What a researcher's paper has besides: every metric and change, the signal, the settings, the methods paragraph."""

import importlib.metadata
import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from biotune.analysis import words
from biotune.analysis.metrics import CATALOGUE
from biotune.analysis.results import Analysis, Comparison, Metric, MetricValue, PhaseAnalysis, Unavailable
from biotune.domain import Flag, ReadingGiven, Recording, ScoreGiven
from biotune.library.subjects import Subject
from biotune.report import graph, music, naming
from biotune.report.blocks import Block, Heading, Paragraph, Table
from biotune.report.text import change_cells, number, streamed

_MOST_COLUMNS = 5  # phases beside one another; more go into a table of their own
_MOST_ARTEFACTS = 60  # listed one by one; the spreadsheet has them all
_MARKS = {
    Flag.ULTRA_SHORT: "*",
    Flag.BELOW_LEAST_LENGTH: "§",
    Flag.NOT_INTERPRETABLE: "†",
    Flag.LOW_CONFIDENCE: "‡",
}


def blocks(subject: Subject) -> Iterator[Block]:
    """Yield everything, in the order in which it is asked for."""
    overview, recording = subject.overview, subject.recording
    analysis = overview.analysis
    yield from _changes((overview.comparison, overview.during, overview.after))
    yield from _metrics(analysis)
    yield from _signal(analysis)
    yield from _typed_in(recording)
    yield from music.blocks(subject.music)
    yield from _provenance(subject)
    yield from _methods(subject)


def _changes(comparisons: Sequence[Comparison | None]) -> Iterator[Block]:
    head = ("Metric", "Unit", "Before", "After", "Change", "95 % interval", "Detectable", "Verdict", "Caveats")
    told: set[tuple[float, ...]] = set()
    for made in comparisons:
        if made is None:
            continue
        windows = (made.before.start_s, made.before.end_s, made.after.start_s, made.after.end_s)
        if windows in told:
            continue
        if not told:
            yield Heading("Changes")
        told.add(windows)
        caption = (
            f"{naming.phase_title(made.before)} ({made.before.start_s:.0f}–{made.before.end_s:.0f} s) against "
            f"{naming.phase_title(made.after)} ({made.after.start_s:.0f}–{made.after.end_s:.0f} s)"
        )
        yield Table(caption, head, tuple(_change_rows(made)), numbers_from=2, words_from=7, small=True)
        if made.reason:
            yield Paragraph(made.reason, small=True)
    if told:
        yield Paragraph(
            "×: ratio, after over before. Detectable: how large a change must be to exceed what two resting "
            "measurements of one person differ by.",
            small=True,
        )


def _change_rows(made: Comparison) -> Iterator[tuple[str, ...]]:
    for key, change in made.changes.items():
        times = "×" if change.kind.value == "ratio" else ""
        interval = (
            "–" if change.low is None or change.high is None else f"{number(change.low)} to {number(change.high)}"
        )
        yield (
            CATALOGUE[key].name,
            change.unit,
            *change_cells(key, change, missing="–"),
            interval,
            "–" if change.smallest_detectable is None else f"{times}{number(change.smallest_detectable)}",
            words.verdict_label(change.verdict),
            ", ".join(caveat.value.replace("-", " ") for caveat in change.caveats) or "–",
        )


def _metrics(analysis: Analysis) -> Iterator[Block]:
    yield Heading("Every metric")
    phases = analysis.phases
    for first in range(0, len(phases), _MOST_COLUMNS):
        shown = phases[first : first + _MOST_COLUMNS]
        rows = tuple(
            (
                definition.name,
                shown[0].metrics[key].unit,
                *(_metric(each.metrics[key]) for each in shown),
            )
            for key, definition in CATALOGUE.items()
        )
        head = ("Metric", "Unit", *(naming.phase_title(each.phase) for each in shown))
        caption = f"Convention {analysis.convention.value}"
        yield Table(caption, head, rows, numbers_from=2, small=True)
    given = [m for each in phases for m in each.metrics.values() if isinstance(m, MetricValue)]
    marks = [f"{mark} {flag.value}" for flag, mark in _MARKS.items() if any(flag in metric.flags for metric in given)]
    yield Paragraph("; ".join([*marks, "–: unavailable, with the reason"]) + ".", small=True)


def _metric(metric: Metric) -> str:
    if isinstance(metric, Unavailable):
        needs = f", needs {metric.needs}" if metric.needs else ""
        return f"– ({metric.unavailable.value.replace('-', ' ')}{needs})"
    return number(metric.value) + "".join(_MARKS[flag] for flag in metric.flags)


def _signal(analysis: Analysis) -> Iterator[Block]:
    yield Heading("The signal")
    head = ("Phase", "Kind", "Activity", "Posture", "Length", "Beats", "Flagged", "In gaps", "Rhythm", "HRV")
    rows = tuple(_signal_row(each) for each in analysis.phases)
    yield Table("Each phase", head, rows, numbers_from=4, words_from=8, small=True)
    for notice in analysis.notices:
        yield Paragraph(notice.words)
    if analysis.decisions:
        yield Paragraph(f"People decided about {len(analysis.decisions)} beats; the method found the others.")
    if analysis.ecg:
        yield Paragraph(streamed(analysis.ecg))
    counts = Counter(each.artefact_class.value for each in analysis.artefacts)
    if counts:
        classes = tuple((name, str(count)) for name, count in sorted(counts.items()))
        yield Table("Artefacts by class", ("Class", "Beats"), classes, small=True)
        told = "; ".join(
            f"{each.time_s:.2f} s {each.artefact_class.value} ({each.rr_ms:.0f} ms)"
            for each in analysis.artefacts[:_MOST_ARTEFACTS]
        )
        more = len(analysis.artefacts) - _MOST_ARTEFACTS
        rest = f" and {more} more, all of them in the spreadsheet of 'biotune export'" if more > 0 else ""
        yield Paragraph(f"Artefacts, with their intervals: {told}{rest}.", small=True)
        parts = sum(each.joined for each in analysis.artefacts)
        if parts:
            yield Paragraph(
                f"{parts} of them are parts of intervals that an extra beat cut; they were added up, and nothing is "
                "lost by them.",
                small=True,
            )
    else:
        yield Paragraph("No beat was flagged as an artefact.", small=True)
    if analysis.gaps:
        gaps = tuple(
            (f"{gap.start_s:.1f}", f"{gap.end_s:.1f}", f"{gap.end_s - gap.start_s:.1f}", gap.reason.value)
            for gap in analysis.gaps
        )
        yield Table(
            "Gaps", ("From (s)", "To (s)", "Length (s)", "Reason"), gaps, numbers_from=0, words_from=3, small=True
        )
    else:
        yield Paragraph("There is no gap.", small=True)


def _signal_row(each: PhaseAnalysis) -> tuple[str, ...]:
    phase, quality = each.phase, each.quality
    return (
        naming.phase_title(phase),
        phase.kind.value,
        f"{phase.activity.value if phase.activity else '–'}{', paced' if phase.paced else ''}",
        phase.posture or "not recorded",
        f"{phase.duration_s:.0f} s",
        str(each.beats),
        f"{quality.flagged_pct:.1f} %",
        f"{quality.gap_pct:.1f} %",
        quality.rhythm.value,
        "given" if quality.usable else "withheld",
    )


def _typed_in(recording: Recording) -> Iterator[Block]:
    """Tell scores and readings: numbers only, no free text."""
    entries = [line.entry for line in recording.lines]
    rows = [
        (entry.questionnaire, f"{entry.value:g}", "", entry.when) for entry in entries if isinstance(entry, ScoreGiven)
    ] + [
        (entry.quantity, f"{entry.value:g}", entry.unit, entry.taken)
        for entry in entries
        if isinstance(entry, ReadingGiven)
    ]
    if rows:
        yield Table("Scores and readings", ("What", "Value", "Unit", "When"), tuple(rows), small=True)


def _provenance(subject: Subject) -> Iterator[Block]:
    made, summary = subject.overview.analysis.provenance, subject.overview.summary
    rows = [
        ("session", subject.recording.source if subject.is_stored else subject.name),
        ("client", summary.client or "–"),
        ("protocol", summary.protocol or "–"),
        ("started", naming.moment(summary.started) or "not recorded"),
        ("strap", subject.overview.strap or "none: imported from a file"),
        ("packets", str(summary.packets)),
        ("log SHA-256", made.log_sha256),
        ("biotune", made.biotune),
        ("NeuroKit2", made.neurokit2),
        ("NumPy", importlib.metadata.version("numpy")),
        ("SciPy", importlib.metadata.version("scipy")),
        ("Python", platform.python_version()),
        *((key.replace("_", " "), _setting(value)) for key, value in made.parameters.items()),
    ]
    yield Heading("Settings and provenance")
    yield Table("What made these numbers", ("What", "Value"), tuple(rows), numbers_from=2, small=True)


def _setting(value: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " to ".join(_setting(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _methods(subject: Subject) -> Iterator[Block]:
    overview = subject.overview
    methods = graph.write(
        subject.recording,
        overview.analysis,
        overview.comparison,
        started=naming.moment(overview.summary.started),
        about=subject.known,
    )
    yield Heading("Methods, ready to paste")
    for heading, told in methods.sections:
        yield Paragraph(f"{heading}. {told}")
    yield Heading("References")
    for reference in methods.references:
        yield Paragraph(reference, small=True)
    if methods.missing:
        yield Paragraph(f"For you to add: {'; '.join(methods.missing)}.")
