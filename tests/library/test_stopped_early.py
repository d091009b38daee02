"""Whether a sitting was ended before its plan was over: what a page says of it."""

import pytest

from biotune.domain import Entry, LogLine, PhaseStarted, RecorderStarted, Recording, Request, RequestMade, Stamp
from biotune.library.overview import stopped_early
from biotune.session import protocol as protocols

PLANNED = protocols.load("listening").phases


def _recording(*, begun: int, stop_s: float | None, protocol: str = "listening") -> Recording:
    """Let `begun` phases begin, each planned length after the one before, and a stop so long after the last began."""
    entries: list[tuple[float, Entry]] = [(0.0, RecorderStarted("strap", "0"))]
    at_s = 0.0
    for phase in PLANNED[:begun]:
        entries.append((at_s, PhaseStarted(phase.name, phase.kind, phase.activity)))
        at_s += phase.seconds
    if stop_s is not None:
        last_s = entries[-1][0]
        entries.append((last_s + stop_s, RequestMade(Request.STOP)))
    lines = [LogLine(k + 1, "r", Stamp("b", round(s * 1e9), 0), 0, entry) for k, (s, entry) in enumerate(entries)]
    return Recording("S1", tuple(lines), protocol=protocol)


@pytest.mark.parametrize(
    ("begun", "stop_s", "early"),
    [
        (len(PLANNED), None, False),
        (len(PLANNED), PLANNED[-1].seconds + 1, False),  # stopped when all was over
        (len(PLANNED), PLANNED[-1].seconds - 60, True),
        (len(PLANNED) - 1, 10.0, True),
        (1, None, True),
        (0, None, False),  # nothing that could be judged
    ],
)
def test_a_plan_that_was_not_finished_is_told(begun: int, stop_s: float | None, *, early: bool) -> None:
    assert stopped_early(_recording(begun=begun, stop_s=stop_s)) is early


def test_a_protocol_of_somebodys_own_is_not_judged() -> None:
    assert not stopped_early(_recording(begun=1, stop_s=5.0, protocol="my-own"))
