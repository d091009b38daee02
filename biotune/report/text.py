"""Results as plain text for a terminal."""

from collections import Counter
from collections.abc import Sequence

from biotune.analysis import music_record, results, window_words, words
from biotune.analysis.ecg import EcgAssessment
from biotune.analysis.metrics import CATALOGUE
from biotune.analysis.music_record import MusicRecord
from biotune.domain import BeatDecision, ChangeKind, Flag, PhaseKind, SessionSummary
from biotune.domain.plain_text import escaped
from biotune.report.music import HEAD, cells

_SOURCES = {"rr": "intervals", "ecg": "ECG", "accelerometer": "accelerometer"}
NOT_MEDICAL = "biotune is not a medical device; it measures and compares, it does not diagnose."
_SURE = 0.5  # of a breathing rate: below, it is not to be relied on
MARKS = {
    Flag.ULTRA_SHORT: "*",
    Flag.BELOW_LEAST_LENGTH: "§",
    Flag.NOT_INTERPRETABLE: "†",
    Flag.LOW_CONFIDENCE: "‡",
}
_DECIMALS_BELOW = ((1.0, 3), (10.0, 2), (100.0, 1))


def number(value: float) -> str:
    """Write a value with three significant figures or so, never in scientific notation.

    Examples
    --------
    >>> number(0.4213), number(42.13), number(1234.5)
    ('0.421', '42.1', '1234')
    """
    decimals = next((decimals for below, decimals in _DECIMALS_BELOW if abs(value) < below), 0)
    return f"{value:.{decimals}f}"


def duration(seconds: float) -> str:
    """Write a length of time as people do.

    Examples
    --------
    >>> duration(42), duration(93), duration(1320), duration(7265)
    ('42 s', '1:33 min', '22 min', '2 h 1 min')
    """
    minutes = round(seconds / 60)
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.0f} s"
    if minutes < 60:  # noqa: PLR2004 - an hour
        return window_words.rounded(seconds)
    return f"{minutes // 60} h {minutes % 60} min"


def table(rows: Sequence[Sequence[str]], *, numbers_from: int = 1) -> str:
    """Align rows in columns; the first row is the head. Columns from `numbers_from` on are right-aligned.

    A cell is one line, whatever somebody's name for a thing holds.
    """
    rows = [[escaped(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.rjust(width) if column >= numbers_from else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def sessions(summaries: Sequence[SessionSummary], *, client: str | None = None) -> str:
    """List sessions, newest first; `client` is the one they were asked for, if any."""
    if not summaries and client:
        return f"There is no session of {client!r}. 'biotune sessions' lists all clients' sessions."
    if not summaries:
        return (
            "No sessions yet.\n"
            "Record one with 'biotune record --strap NAME', bring one in with 'biotune import FILE',\n"
            "or look at the sample sessions with 'biotune demo'."
        )
    rows = [("session", "started", "client", "protocol", "length", "beats", "state")]
    rows += [
        (
            each.id,
            each.started.astimezone().strftime("%Y-%m-%d %H:%M"),
            each.client or "-",
            each.protocol or "-",
            duration(each.duration_s),
            str(each.beats),
            "finished" if each.finished else "open",
        )
        for each in summaries
    ]
    return table(rows, numbers_from=len(rows[0]))


def analysis(analysis: results.Analysis) -> str:
    """Tell the metrics of every phase, with the reason beside each that is missing."""
    heads = [f"{each.name} ({duration(each.phase.duration_s)})" for each in analysis.phases]
    rows: list[tuple[str, ...]] = [("", "", *heads), ("beats", "", *(str(each.beats) for each in analysis.phases))]
    rows.append(("flagged as artefacts", "%", *(number(each.quality.flagged_pct) for each in analysis.phases)))
    rows.append(("time in gaps", "%", *(number(each.quality.gap_pct) for each in analysis.phases)))
    rows.append(("rhythm", "", *(each.quality.rhythm.value for each in analysis.phases)))
    for key, definition in CATALOGUE.items():
        metrics = [each.metrics[key] for each in analysis.phases]
        rows.append((definition.name, metrics[0].unit, *(_metric(metric) for metric in metrics)))
    sources = [getattr(each.metrics["breathing_rate"], "source", "") for each in analysis.phases]
    if any(source not in {"", "rr"} for source in sources):
        rows.append(("Breathing read from", "", *(_SOURCES.get(source, "-") for source in sources)))
    notes = [f"{analysis.source} · convention {analysis.convention.value}", "", table(rows, numbers_from=2)]
    given = [m for each in analysis.phases for m in each.metrics.values() if isinstance(m, results.MetricValue)]
    flags = [flag for flag in MARKS if any(flag in metric.flags for metric in given)]
    if flags:
        notes += ["", "; ".join(f"{MARKS[flag]} {flag.value}" for flag in flags) + "."]
    irregular = [each.phase for each in analysis.phases if each.quality.rhythm.value == "irregular"]
    if irregular:
        where = "" if irregular[0].kind is PhaseKind.WHOLE else f"In {', '.join(phase.name for phase in irregular)}: "
        notes += ["", f"{where}the rhythm was too irregular for HRV; this is not a diagnosis."]
    notes += _beside(analysis)
    made = analysis.provenance
    notes += ["", f"biotune {made.biotune}, neurokit2 {made.neurokit2}; log {made.log_sha256[:12]}.", NOT_MEDICAL]
    return "\n".join(notes)


def _beside(analysis: results.Analysis) -> list[str]:
    """Tell what there is besides metrics: notices, decisions, gaps, what else was streamed, the music."""
    notes: list[str] = []
    for notice in analysis.notices:
        notes += ["", notice.words]
    parts = sum(each.joined for each in analysis.artefacts)
    if parts:
        notes += ["", f"{parts} flagged intervals are parts that an extra beat cut: they were added up and used."]
    if analysis.decisions:
        notes += ["", decided(analysis.decisions)]
    if analysis.gaps:
        notes += [
            "",
            "Gaps: " + "; ".join(f"{g.start_s:.1f}-{g.end_s:.1f} s ({g.reason.value})" for g in analysis.gaps) + ".",
        ]
    if analysis.ecg:
        notes += ["", streamed(analysis.ecg)]
    if analysis.resonance:
        notes += ["", *analysis.resonance.words]
    if analysis.music and not analysis.music.is_empty:
        notes += ["", music(analysis.music)]
    return notes


def music(record: MusicRecord) -> str:
    """Tell the music: what sounded when, what is written of it, and what a publication would still need."""
    lines = ["Music:", ""]
    if record.rows:
        lines += [table([HEAD, *map(cells, record.rows)], numbers_from=len(HEAD)), ""]
    lines += [f"{each.item.title}: {each.value}" for each in record.answers if each.value and not each.logged]
    lines.append(music_record.words(record))
    if lacking := music_record.needed(record):
        lines.append(f"A publication would still need: {'; '.join(lacking)}.")
    return "\n".join(lines)


def decided(decisions: Sequence[BeatDecision]) -> str:
    """Tell how many beats people decided about, and how.

    Examples
    --------
    >>> from biotune.domain import BeatJudgement
    >>> decided([BeatDecision(81.3, BeatJudgement.REJECTED, False, 9, 1, "Ann")])
    'Beats decided by hand: 1 rejected (Ann).'
    """
    kinds = Counter("added" if each.added else each.judgement.value for each in decisions)
    who = ", ".join(dict.fromkeys(each.by for each in decisions if each.by))
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    return f"Beats decided by hand: {told}{f' ({who})' if who else ''}."


def comparison(comparison: results.Comparison) -> str:
    """Tell what changed: sentences first, then the numbers."""
    before, after = comparison.before, comparison.after
    rows = [("", "unit", before.name, after.name, "change", "95 % interval", "detectable", "verdict")]
    for key, change in comparison.changes.items():
        times = "×" if change.kind.value == "ratio" else ""
        interval = (
            "-" if change.low is None or change.high is None else f"{number(change.low)} to {number(change.high)}"
        )
        rows.append(
            (
                CATALOGUE[key].name,
                change.unit,
                *change_cells(key, change),
                interval,
                "-" if change.smallest_detectable is None else times + number(change.smallest_detectable),
                words.verdict_label(change.verdict),
            )
        )
    head = (
        f"{comparison.source}: {before.name} ({before.start_s:.0f}-{before.end_s:.0f} s) against "
        f"{after.name} ({after.start_s:.0f}-{after.end_s:.0f} s)"
    )
    told = [comparison.reason, *comparison.words] if comparison.reason else comparison.words
    beside: list[str] = []
    if comparison.resonance:
        beside += ["", *comparison.resonance.words]
    if comparison.self_report and not comparison.self_report.is_empty:
        beside += ["", "What the client said, and what was measured by hand:", *comparison.self_report.words]
    rest = comparison.beside_quiet_rest
    at_rest = ["", "Beside quiet rest:", *rest.words] if rest and rest.words else []
    return "\n".join([head, "", *told, *at_rest, "", table(rows, numbers_from=2), *beside, "", NOT_MEDICAL])


def streamed(found: EcgAssessment) -> str:
    """Tell in a line each what ECG and accelerometer say."""
    told = []
    if found.rate_hz:
        words = f"ECG: {duration(found.duration_s)} at {found.rate_hz:.1f} Hz, {found.r_peaks} R peaks"
        if found.noisy:
            words += f"; {number(found.noisy_pct)} % too noisy to be read"
        if same := found.agreement:
            words += f"; {same.matched} of {same.beats} intervals of the strap matched, median difference "
            words += f"{same.median_ms:.1f} ms, 95 % below {same.p95_ms:.1f} ms"
        told.append(f"{words}.")
    phases = []
    for each in found.motion:
        words = f"{each.name} {each.moving_pct:.0f} % moving"
        if each.breathing and each.breathing.confidence >= _SURE:
            words += f", {each.breathing.rate_per_min:.1f} breaths a minute"
        phases.append(words)
    if phases:
        told.append(f"Accelerometer: {'; '.join(phases)}.")
    return "\n".join(told)


def _metric(metric: results.Metric) -> str:
    if isinstance(metric, results.Unavailable):
        return f"- (needs {metric.needs})" if metric.needs else f"- ({metric.unavailable.value})"
    return number(metric.value) + "".join(MARKS[flag] for flag in metric.flags)


def change_cells(key: str, change: results.Change, *, missing: str = "-") -> tuple[str, str, str]:
    """Write before, after and change; a difference with so many decimals that they add up as they are read."""
    values = (change.before, change.after, change.estimate)
    if change.kind is ChangeKind.RATIO or None in values:
        before, after, moved = (missing if value is None else number(value) for value in values)
        times = "×" if change.kind is ChangeKind.RATIO and change.estimate is not None else ""
        return before, after, times + moved
    decimals = words.decimals_shown(key, change, least=1)
    before, after, moved = ("" if value is None else f"{round(value, decimals):.{decimals}f}" for value in values)
    return before, after, moved
