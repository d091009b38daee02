"""One column of RR intervals, in seconds or milliseconds: what most programs can write.

Lines that begin with ``#`` are comments (Kubios and others put a header there); one line that names
the column may come first; blank lines are passed over. An index column under the header ``,rr`` is
passed over too. Whether the numbers are seconds or milliseconds is told by their median.
"""

import itertools
import re
import statistics
from typing import TYPE_CHECKING

from biotune.domain import IntervalImported
from biotune.errors import FormatError
from biotune.formats.text import LEAST_INTERVALS, Content, TextFile, imported_log, interval_ms, number

if TYPE_CHECKING:
    from biotune.formats.material import Material  # which knows the analysis; readers do without

NAME = "rr-text"
PLAIN = "one column of RR intervals, in seconds or milliseconds"

_HEADER = re.compile(r'"?(?:rr|rri|ibi|nn|nni|r-r)(?:[ _-]?intervals?)?(?:[ _]?[\[(]?(?:ms|s)[\])]?)?"?', re.IGNORECASE)
_INDEXED = ",rr"
_TOUCHING_S = 0.001  # a gap begins with the beat before it
_SECONDS = (0.2, 3.0)  # 300 to 20 beats a minute
_MILLISECONDS = (200.0, 3000.0)


def sniff(file: TextFile) -> bool:
    """Whether the file may be one of these: it begins with a comment, a number or the column's name."""
    first = file.first
    return first.startswith("#") or first[:1] in set("0123456789.-+") or _is_header(first)


def read(file: TextFile) -> Content:
    """Read the intervals.

    Raises
    ------
    FormatError
        Where a line is no interval, the unit cannot be told, or the numbers are beat times.
    """
    rows = _rows(file)
    values = [(line, text, number(file, line, text, "an RR interval")) for line, text in rows]
    if len(values) < LEAST_INTERVALS:
        raise FormatError(
            f"{file.source} has too few intervals: {len(values) or 'none'}",
            why=f"At least {LEAST_INTERVALS} are needed to speak of a rhythm at all.",
            hint="Export the whole recording.",
        )
    for line, _, value in values:
        if value < 0:
            interval_ms(file, line, value, unit="ms")
    if all(before < after for (*_, before), (*_, after) in itertools.pairwise(values)):
        raise FormatError(
            f"{file.source} holds beat times, not RR intervals",
            why="Every number is larger than the one before it.",
            hint="Export the intervals between the beats, or a file with the header time_s,rr_ms.",
        )
    unit = _unit(file, values)
    for line, _, value in values:
        interval_ms(file, line, value, unit=unit)
    return Content(imported_log([IntervalImported(text, unit) for _, text, _ in values]))


def write(material: "Material") -> bytes:
    """Return the intervals as Kubios reads them: one a line, milliseconds, below lines that begin with ``#``.

    Such a file has no times, so a gap cannot stand among the intervals: the head says after which one it lies.
    """
    laid, beats = material.raw, material.raw.beats
    head = [
        "# RR intervals in milliseconds, as sent, artefacts included; exported by biotune",
        f"# Beats: {len(beats)}; gaps: {len(laid.gaps)}",
    ]
    for gap in laid.gaps:
        before = int((beats.time_s <= gap.start_s + _TOUCHING_S).sum())
        head.append(
            f"# Gap of {gap.end_s - gap.start_s:.3f} s after interval {before} ({gap.reason.value}): "
            "analyse the parts before and after it apart"
        )
    return "\n".join([*head, *(f"{rr_ms:.3f}" for rr_ms in beats.rr_ms.tolist()), ""]).encode()


def _is_header(text: str) -> bool:
    return text == _INDEXED or _HEADER.fullmatch(text) is not None


def _rows(file: TextFile) -> list[tuple[int, str]]:
    """Line number and text of every interval."""
    indexed = file.first == _INDEXED
    rows: list[tuple[int, str]] = []
    fresh = True
    for line, raw in enumerate(file.lines, start=1):
        text = raw.strip()
        if not text or text.startswith("#"):
            continue
        if fresh and _is_header(text):
            fresh = False
            continue
        fresh = False
        if indexed:
            index, comma, text = text.partition(",")
            number(file, line, index, "a row's number")
            if not comma:
                file.refuse(line, "there is no interval beside the row's number")
        rows.append((line, text.strip()))
    return rows


def _unit(file: TextFile, values: list[tuple[int, str, float]]) -> str:
    median = statistics.median(value for *_, value in values)
    if _SECONDS[0] <= median <= _SECONDS[1]:
        return "s"
    if _MILLISECONDS[0] <= median <= _MILLISECONDS[1]:
        return "ms"
    raise FormatError(
        f"{file.source} does not look like RR intervals",
        why=f"Half of its numbers lie below {median:g}; people's intervals lie around 0.8 s or 800 ms.",
        hint="Name a file with RR intervals in seconds or milliseconds.",
    )
