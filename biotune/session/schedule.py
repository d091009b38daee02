"""Which phase runs, and when it ends: pure, in nanoseconds of the recorder's clock."""

from collections.abc import Sequence
from dataclasses import dataclass

from biotune.domain import NS_PER_S, LogLine, PhaseStarted, session_times
from biotune.session.protocol import PlannedPhase


@dataclass(slots=True)
class Schedule:
    """Where a sitting stands in its protocol.

    Attributes
    ----------
    phases : sequence of PlannedPhase
        In order. Without any, the sitting goes on until somebody ends it.
    index : int
        Which of them runs; their number when the last one is over.
    ends_ns : int
        When the running one ends.
    """

    phases: Sequence[PlannedPhase]
    index: int
    ends_ns: int

    @classmethod
    def begin(cls, phases: Sequence[PlannedPhase], at_ns: int) -> "Schedule":
        """Begin with the first phase."""
        return cls(phases, 0, at_ns + (_length_ns(phases[0]) if phases else 0))

    @classmethod
    def resume(cls, phases: Sequence[PlannedPhase], at_ns: int, lines: Sequence[LogLine]) -> "Schedule":
        """Go on where a log breaks off: the phase that ran there gets what it still lacks.

        Time in which nothing was recorded does not count, so that the phase is recorded at its planned length.
        """
        begun_s = [time_s for time_s, line in session_times(lines) if isinstance(line.entry, PhaseStarted)]
        if not phases or not begun_s:
            return cls.begin(phases, at_ns)
        index = len(begun_s) - 1
        if index >= len(phases):
            return cls(phases, len(phases), at_ns)
        last_s = max(time_s for time_s, _ in session_times(lines))
        done_ns = round((last_s - begun_s[-1]) * NS_PER_S)
        return cls(phases, index, at_ns + max(0, _length_ns(phases[index]) - done_ns))

    @property
    def running(self) -> PlannedPhase | None:
        """The phase that runs; None where there is none, or none any more."""
        return self.phases[self.index] if self.index < len(self.phases) else None

    @property
    def is_over(self) -> bool:
        """Whether every phase has run."""
        return bool(self.phases) and self.running is None

    def is_due(self, now_ns: int) -> bool:
        """Tell whether the running phase has reached its end."""
        return self.running is not None and now_ns >= self.ends_ns

    def next_phase(self, at_ns: int) -> PlannedPhase | None:
        """End the running phase at that instant; return the one that begins there, if any is left."""
        self.index += 1
        if self.running is not None:
            self.ends_ns = at_ns + _length_ns(self.running)
        return self.running


def _length_ns(phase: PlannedPhase) -> int:
    return round(phase.seconds * NS_PER_S)
