"""A recording as a spreadsheet: phases and metrics, changes, beats, artefacts, gaps, provenance, and a codebook.

Text is always text: nothing that begins with ``=``, ``+``, ``-`` or ``@`` becomes a formula.
"""

import io
import re
from collections.abc import Iterator, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from biotune.analysis.metrics import CATALOGUE
from biotune.analysis.results import MetricValue, Unavailable
from biotune.errors import ExportError
from biotune.formats.material import Material

NAME = "xlsx"
_MOST_ROWS = 1_048_575  # of a sheet, below its head
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what XML has no way to write

Cell = str | float | int | bool | None
Rows = Iterator[Sequence[Cell]]
_PHASE = {
    "phase": "its name",
    "kind": "what it is for",
    "activity": "what the client did",
    "posture": "as the protocol says",
    "paced": "whether breathing was paced",
    "start_s": "begin, seconds since the session's first line, or the file's own",
    "duration_s": "length, seconds",
    "beats": "RR intervals in it",
    "flagged_pct": "share of the beats flagged as artefacts, per cent",
    "gap_pct": "share of the time in gaps, per cent",
    "rhythm": "whether HRV means anything here",
    "usable": "whether HRV is given",
}
_SHEETS: dict[str, dict[str, str]] = {
    "phases": _PHASE,
    "metrics": {
        "phase": "its name",
        "metric": "key of the metric",
        "value": "in its unit; empty where unavailable",
        "unit": "of the value",
        "flags": "what must be said beside it",
        "unavailable": "why there is none",
        "needs": "what would have been enough",
    },
    "changes": {
        "before": "name of the first window",
        "after": "name of the second window",
        "window_s": "length of each, seconds",
        "metric": "key of the metric",
        "kind": "ratio (after / before) or difference (after - before)",
        "value_before": "the metric in the first window",
        "value_after": "the metric in the second window",
        "unit": "of both",
        "estimate": "the change",
        "low": "lower end of its 95 % interval",
        "high": "upper end of its 95 % interval",
        "smallest_detectable": "how large a change must be to exceed retest error",
        "verdict": "what may be said",
        "caveats": "what must be said beside it",
    },
    "beats": {
        "time_s": "of the R peak that ends the interval, seconds",
        "rr_ms": "the interval, milliseconds",
        "phase": "in which it lies",
        "stretch": "number of the gap-free stretch, from 0",
        "artefact": "class; empty for an interval that is used as it is",
    },
    "artefacts": {
        "time_s": "of the R peak, seconds",
        "rr_ms": "its interval as sent, milliseconds",
        "class": "how it is wrong",
        "joined": "1 where it is used all the same: it adds up with those beside it to one interval (an invented beat)",
    },
    "gaps": {"start_s": "begin, seconds", "end_s": "end, seconds", "reason": "why"},
    "markers": {"time_s": "seconds", "label": "what it says; only with notes"},
    "provenance": {"what": "setting or version", "value": "its value"},
}


def write(material: Material) -> bytes:
    """Return the file.

    Raises
    ------
    ExportError
        Where there are more beats than a sheet has rows.
    """
    book = Workbook(write_only=True)
    rows = {
        "phases": _phases(material),
        "metrics": _metrics(material),
        "changes": _changes(material),
        "beats": _beats(material),
        "artefacts": (
            (each.time_s, each.rr_ms, each.artefact_class.value, int(each.joined))
            for each in material.analysis.artefacts
        ),
        "gaps": ((gap.start_s, gap.end_s, gap.reason.value) for gap in material.analysis.gaps),
        "markers": ((mark.time_s, mark.label) for mark in material.markers),
        "provenance": _provenance(material),
    }
    for name, columns in _SHEETS.items():
        head = [*columns, *CATALOGUE] if name == "phases" else list(columns)
        _fill(book, name, head, rows[name])
    _fill(book, "codebook", ["sheet", "column", "unit", "meaning"], _codebook(material))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(book: Workbook, name: str, head: Sequence[str], rows: Rows) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    titles = [WriteOnlyCell(sheet, value=title) for title in head]
    for title in titles:
        title.font = Font(bold=True)
    sheet.append(titles)
    for number, row in enumerate(rows):
        if number >= _MOST_ROWS:
            raise ExportError(
                f"the sheet {name} would have more than {_MOST_ROWS:,} rows",
                why="No spreadsheet has more.",
                hint="Export it as csv instead.",
            )
        sheet.append([_cell(sheet, value) if isinstance(value, str) else value for value in row])


def _cell(sheet: object, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=_ILLEGAL.sub(" ", text))
    cell.data_type = "s"  # openpyxl makes a formula of what begins with =
    return cell


def _phases(material: Material) -> Rows:
    for each in material.analysis.phases:
        phase, quality = each.phase, each.quality
        values: list[Cell] = [
            metric.value if isinstance(metric, MetricValue) else None
            for metric in (each.metrics[key] for key in CATALOGUE)
        ]
        yield [
            phase.name,
            phase.kind.value,
            phase.activity.value if phase.activity else "",
            phase.posture,
            phase.paced,
            phase.start_s,
            phase.duration_s,
            each.beats,
            quality.flagged_pct,
            quality.gap_pct,
            quality.rhythm.value,
            quality.usable,
            *values,
        ]


def _metrics(material: Material) -> Rows:
    for each in material.analysis.phases:
        for key, metric in each.metrics.items():
            if isinstance(metric, Unavailable):
                yield [each.name, key, None, metric.unit, "", metric.unavailable.value, metric.needs]
            else:
                yield [each.name, key, metric.value, metric.unit, ", ".join(metric.flags), "", ""]


def _changes(material: Material) -> Rows:
    for made in material.comparisons:
        for key, change in made.changes.items():
            yield [
                made.before.name,
                made.after.name,
                made.window_s,
                key,
                change.kind.value,
                change.before,
                change.after,
                change.unit,
                change.estimate,
                change.low,
                change.high,
                change.smallest_detectable,
                change.verdict.value,
                ", ".join(change.caveats),
            ]


def _beats(material: Material) -> Rows:
    beats = material.prepared.timeline.beats
    columns = (beats.time_s.tolist(), beats.rr_ms.tolist(), material.phase_of(beats), beats.stretch.tolist())
    for time_s, rr_ms, phase, stretch, artefact in zip(*columns, material.class_of_beats(), strict=True):
        yield [time_s, rr_ms, phase, stretch, artefact.value if artefact else ""]


def _provenance(material: Material) -> Rows:
    made = material.analysis.provenance
    yield ["session", material.session.id]
    yield ["client", material.session.client]
    yield ["protocol", material.session.protocol]
    yield ["started", material.session.started.isoformat()]
    yield ["convention", material.analysis.convention.value]
    yield ["biotune", made.biotune]
    yield ["neurokit2", made.neurokit2]
    yield ["log_sha256", made.log_sha256]
    for key, value in made.parameters.items():
        yield [key, value if isinstance(value, str | float | int | bool) else ", ".join(map(str, value))]


def _codebook(material: Material) -> Rows:
    for sheet, columns in _SHEETS.items():
        for column, meaning in columns.items():
            yield [sheet, column, "", meaning]
    units = material.analysis.phases[0].metrics
    for key, definition in CATALOGUE.items():
        yield [
            "phases",
            key,
            units[key].unit,
            f"{definition.plain} {definition.definition} Source: {definition.source}.",
        ]
