"""The product's own CSV: ``time_s,rr_ms`` and, where there are phases, ``phase``.

``time_s`` is the time of the R peak that ends the interval, kept as given. A phase lasts as long as
its name stands in the third column; where the next row has another name, the boundary lies halfway
between the two beats. Where rows are left out between the two, the first phase ends with its last beat
and the second begins with its first interval: nobody said what the hole belongs to.
"""

import csv
import io
from typing import TYPE_CHECKING

from biotune.domain import Entry, IntervalImported, PhaseEnded, PhaseStarted, kind_of_phase
from biotune.errors import FormatError
from biotune.formats.text import (
    LEAST_INTERVALS,
    Content,
    TextFile,
    imported_log,
    inert,
    interval_ms,
    number,
    quoted,
)

if TYPE_CHECKING:
    from biotune.formats.material import Material  # which knows the analysis; readers do without

NAME = "biotune-csv"
PLAIN = "biotune's own CSV with the header time_s,rr_ms or time_s,rr_ms,phase"

_HEADERS = (["time_s", "rr_ms"], ["time_s", "rr_ms", "phase"])
_HOLE_S = 3.0  # longer than an interval and a missed beat
_PAST_LAST_S = 0.001  # a phase is open at its end, and its last beat belongs to it

_Row = tuple[float, IntervalImported, str]


def sniff(file: TextFile) -> bool:
    """Whether the file begins with the header."""
    return _cells(file.first) in _HEADERS


def read(file: TextFile) -> Content:
    """Read intervals, times and phases.

    Raises
    ------
    FormatError
        Where a row is no interval with its time, or time goes back.
    """
    rows = _rows(file)
    if len(rows) < LEAST_INTERVALS:
        raise FormatError(
            f"{file.source} has too few intervals: {len(rows) or 'none below its header'}",
            why=f"At least {LEAST_INTERVALS} are needed to speak of a rhythm at all.",
            hint="Export the whole recording.",
        )
    entries: list[Entry] = []
    running = ""
    for index, (time_s, interval, phase) in enumerate(rows):
        if phase != running:
            before_s = rows[index - 1][0] if index else None
            at_s = _first_phase_s(time_s, interval)
            if before_s is not None and at_s - before_s > _HOLE_S and running:
                entries.append(PhaseEnded(at_s=before_s + _PAST_LAST_S))
            elif before_s is not None and at_s - before_s <= _HOLE_S:
                at_s = (before_s + time_s) / 2.0
            entries.append(_started(phase, at_s) if phase else PhaseEnded(at_s=at_s))
            running = phase
        entries.append(interval)
    if running:
        entries.append(PhaseEnded(at_s=rows[-1][0] + _PAST_LAST_S))
    return Content(imported_log(entries))


def write(material: "Material") -> bytes:
    """Return every interval as sent, with its time and phase; read again, it gives the same beats in the same phases.

    A phase's kind and activity are known again by its name only. A name that a spreadsheet would take for a formula
    gets an apostrophe in front.
    """
    beats = material.raw.beats
    names = material.phase_of(beats)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADERS[1] if material.phases else _HEADERS[0])
    for time_s, rr_ms, name in zip(beats.time_s.tolist(), beats.rr_ms.tolist(), names, strict=True):
        row = [repr(time_s), repr(rr_ms)]
        writer.writerow([*row, inert(name)] if material.phases else row)
    return out.getvalue().encode()


def _cells(line: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], skipinitialspace=True), [])]
    except csv.Error:
        return []


def _first_phase_s(time_s: float, interval: IntervalImported) -> float:
    """Where a phase begins that names the file's first interval: with that interval, not before the file's own zero."""
    start_s = time_s - float(interval.text) / 1000.0
    return max(0.0, start_s) if time_s >= 0.0 else start_s


def _started(phase: str, at_s: float) -> PhaseStarted:
    kind, activity = kind_of_phase(phase)
    return PhaseStarted(phase, kind, activity, at_s=at_s)


def _rows(file: TextFile) -> list[_Row]:
    rows: list[_Row] = []
    columns = 0
    for line, raw in enumerate(file.lines, start=1):
        if not raw.strip():
            continue
        cells = _cells(raw)
        if not columns:
            if cells not in _HEADERS:
                file.refuse(line, "the header time_s,rr_ms is missing")
            columns = len(cells)
            continue
        if not len(_HEADERS[0]) <= len(cells) <= columns:
            file.refuse(line, f"{len(cells)} cells stand below a header of {columns}")
        time_s = number(file, line, cells[0], "a time in seconds")
        interval_ms(file, line, number(file, line, cells[1], "an interval in milliseconds"), unit="ms")
        if rows and time_s <= rows[-1][0]:
            file.refuse(
                line,
                "time does not go forward",
                why=f"This beat is at {cells[0]} s, the one before it at {rows[-1][1].time_text} s.",
                hint="Sort the rows by time_s and remove doubled ones.",
            )
        phase = "".join(cells[2:])
        if not phase.isprintable():
            file.refuse(line, f"{quoted(phase)} is not the name of a phase")
        rows.append((time_s, IntervalImported(cells[1], "ms", cells[0]), phase))
    return rows
