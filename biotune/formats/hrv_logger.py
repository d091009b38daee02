"""The app HRV Logger's RR file: ``timestamp, rr, since_start``, all in milliseconds.

``since_start`` is the running sum of the intervals: free of jitter, but it closes over whatever was
lost, so that a beat after a loss stands too early. ``timestamp`` is when the phone heard of the beat:
up to a second or two late, packet by packet, but no loss can hide from it. Beat times here are
``since_start``, moved later for good wherever the arrivals stay later for good: from a loss
on, every beat arrives later than its running sum says, also the promptest of them.
"""

import re
from datetime import UTC, datetime

from biotune.domain import IntervalImported
from biotune.errors import FormatError
from biotune.formats.text import (
    LEAST_INTERVALS,
    Content,
    TextFile,
    imported_log,
    interval_ms,
    number,
    seconds_text,
)

NAME = "hrv-logger"
PLAIN = "the app HRV Logger's RR intervals, with the header timestamp, rr, since_start"

_HEADER = re.compile(r"timestamp\s*,\s*rr\s*,\s*since_start\s*")
_COLUMNS = 3
_AROUND = 20  # beats on either side whose promptest arrivals are compared: some hear of their packet at once
_LOST_MS = 1200  # a step of this much is a lost packet: packets come once a second and are late by less


def sniff(file: TextFile) -> bool:
    """Whether the file begins with the app's header."""
    return _HEADER.fullmatch(file.first) is not None


def read(file: TextFile) -> Content:
    """Read intervals and rebuild beat times.

    Raises
    ------
    FormatError
        Where a row is not three numbers, or no interval.
    """
    rows = _rows(file)
    if len(rows) < LEAST_INTERVALS:
        raise FormatError(
            f"{file.source} has too few intervals: {len(rows) or 'none below its header'}",
            why=f"At least {LEAST_INTERVALS} are needed to speak of a rhythm at all.",
            hint="Export the whole recording.",
        )
    lost_ms = _lost_ms([arrival - beat for arrival, _, beat in rows])
    entries = [
        IntervalImported(rr, "ms", seconds_text(beat + lost)) for (_, rr, beat), lost in zip(rows, lost_ms, strict=True)
    ]
    first_arrival, _, first_beat = rows[0]
    return Content(imported_log([*entries]), started=_moment(first_arrival - first_beat))


def _rows(file: TextFile) -> list[tuple[int, str, int]]:
    """Arrival (ms since 1970), the interval's text, and running sum (ms) of every row."""
    rows: list[tuple[int, str, int]] = []
    for line, raw in enumerate(file.lines, start=1):
        if not raw.strip() or sniff(TextFile(file.source, (raw,))):
            continue
        cells = [cell.strip() for cell in raw.split(",")]
        if len(cells) != _COLUMNS:
            file.refuse(line, f"{len(cells)} cells stand below a header of {_COLUMNS}")
        arrival, rr, beat = (number(file, line, cell, "a number of milliseconds") for cell in cells)
        interval_ms(file, line, rr, unit="ms")
        if rows and beat <= rows[-1][2]:
            file.refuse(line, "since_start does not go forward", hint="Export the recording again.")
        rows.append((round(arrival), cells[1], round(beat)))
    return rows


def _lost_ms(lag_ms: list[int]) -> list[int]:
    """How much later than its running sum each beat was, for all that had been lost before it.

    Parameters
    ----------
    lag_ms : list of int
        Arrival minus running sum of each beat.
    """
    lost: list[int] = []
    total, since = 0, 0
    for index in range(len(lag_ms)):
        before = lag_ms[max(since, index - _AROUND) : index]
        after = lag_ms[index : index + _AROUND]
        if len(before) >= _AROUND // 2 and len(after) >= _AROUND // 2:
            step = min(after) - min(before)
            if step > _LOST_MS:
                total += step
                since = index
        lost.append(total)
    return lost


def _moment(milliseconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(milliseconds / 1000.0, tz=UTC)
    except (OverflowError, ValueError, OSError):
        return None
