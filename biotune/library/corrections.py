"""What people set right after the fact: beats, markers, the beginnings of phases, whose session it is.

Nothing is changed in the log: every correction is one more line, with who made it and when, and so is its undoing.
A correction has the stamp of the line before it, so that one made a week later makes no session longer.
"""

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from biotune.analysis import decisions, phases, timeline
from biotune.domain import (
    NS_PER_S,
    BeatDecision,
    BeatJudged,
    BeatJudgement,
    ClientCorrected,
    Entry,
    LogLine,
    Marker,
    MarkerAdded,
    MarkerCorrected,
    PhaseCorrected,
    Recording,
    marker_label,
    markers,
)
from biotune.domain.plain_text import listed
from biotune.errors import StorageError, UsageError
from biotune.library import meant
from biotune.library.clients import code_of
from biotune.library.undoing import Correcting, same_thing, standing, undoing, words
from biotune.storage.store import SessionReference, Store

LONGEST_NAME = 60
LEAST_PHASE_S = 1.0


@dataclass(frozen=True, slots=True)
class Correction:
    """One line of the log that corrects another, in words.

    Attributes
    ----------
    line : int
        Its number in the log; `Corrections.undo` takes it.
    recording : int
        Which recording it is about; 0 for the session as a whole.
    made : datetime or None
        When; None where the log does not say.
    by : str
        Who; empty where nobody said.
    words : str
        What was set right.
    entry : BeatJudged, MarkerCorrected, MarkerAdded, PhaseCorrected, ClientCorrected or RrUnitSet
        The line itself.
    """

    line: int
    recording: int
    made: datetime | None
    by: str
    words: str
    entry: Correcting


class Corrections:
    """Corrections of one data folder's sessions, finished and running.

    Parameters
    ----------
    store : Store
        Where their logs are.
    writer : str, optional
        Who writes the lines, as in `LogLine.writer`.

    Notes
    -----
    A session is named as everywhere: ``S12``, or ``S12/2`` for the beats of its second recording. `by` is who decides.
    Every method that corrects returns the line it appended, and raises `UsageError` for what cannot be, with what, why
    and what next; nothing is then written.
    """

    def __init__(self, store: Store, *, writer: str = "") -> None:
        self._store = store
        self._writer = writer or f"dashboard:{os.getpid()}"

    # ------------------------------------------------------------ what stands

    def markers(self, session_id: str) -> tuple[Marker, ...]:
        """Return the session's markers as they stand, by time."""
        return markers(self._recording(session_id).times_s())

    def phases(self, session_id: str) -> tuple[meant.PhaseStart, ...]:
        """Return the session's phases as they stand, named as an analysis names them."""
        recording = self._recording(session_id)
        return meant.phases(recording, timeline.build(recording).phases)

    def decisions(self, session_id: str) -> tuple[BeatDecision, ...]:
        """Return what people decided about the beats of a recording, by time."""
        return decisions.of(self._recording(session_id).lines)

    def history(self, session_id: str) -> tuple[Correction, ...]:
        """Return every correction ever made of the session, in the order of the log.

        Raises
        ------
        SessionNotFound
            Where there is no such session.
        """
        session = self._store.session(session_id)
        lines = {line.seq: line for recording in session.recordings for line in recording.lines}
        ordered = [lines[seq] for seq in sorted(lines)]
        return tuple(
            Correction(
                line.seq,
                line.recording,
                _made(line.entry),
                getattr(line.entry, "by", ""),
                words(line, ordered),
                line.entry,
            )
            for line in ordered
            if isinstance(line.entry, Correcting)
        )

    # ------------------------------------------------------------ beats

    def judge_beat(self, session_id: str, time_s: float, judgement: BeatJudgement, *, by: str = "") -> LogLine:
        """Decide about one beat.

        Parameters
        ----------
        session_id : str
            ``S12`` or ``S12/2``.
        time_s : float
            Session time of the beat's R peak (the time beside it in an analysis), or where one is to be added.
        judgement : BeatJudgement
            ``accepted``: use its interval though it is flagged; ``rejected``: leave its interval out; ``added``: there
            is an R peak here that was missed; ``undecided``: back to what the method says.
        by : str
            Who decides.

        Raises
        ------
        UsageError
            Where there is no beat to decide about, or none can be added.
        """
        recording, number = self._recording_and_number(session_id)
        beats = phases.prepare(recording).timeline.beats
        at_s = meant.beat_time(recording, beats, meant.finite(time_s), judgement)
        return self._append(session_id, BeatJudged(at_s, judgement, *self._signed(by)), recording=number)

    # ------------------------------------------------------------ markers

    def set_marker(self, session_id: str, label: str, at_s: float, *, by: str = "") -> LogLine:
        """Set a marker afterwards, at that session time; its line's number is the marker's."""
        recording = self._recording(session_id)
        at_s = meant.within(recording, at_s, "a marker")
        return self._append(session_id, MarkerAdded(marker_label(label), at_s, *self._signed(by)))

    def correct_marker(
        self, session_id: str, line: int, *, label: str | None = None, at_s: float | None = None, by: str = ""
    ) -> LogLine:
        """Rename or move the marker that line `line` set; bring it back where it was removed."""
        recording = self._recording(session_id)
        marker = meant.marker(recording, session_id, line)
        new_label = marker.label if label is None else marker_label(label)
        new_s = marker.time_s if at_s is None else meant.within(recording, at_s, "a marker")
        return self._append(session_id, MarkerCorrected(line, new_label, new_s, False, *self._signed(by)))

    def remove_marker(self, session_id: str, line: int, *, by: str = "") -> LogLine:
        """Take a marker back; `correct_marker` or `undo` brings it back again."""
        marker = meant.marker(self._recording(session_id), session_id, line)
        return self._append(session_id, MarkerCorrected(line, marker.label, marker.time_s, True, *self._signed(by)))

    def remove_last_marker(self, session_id: str, *, by: str = "") -> Marker:
        """Take back the marker that was set last, and return it; asked again, the one before it.

        Raises
        ------
        UsageError
            Where there is none.
        """
        standing_now = self.markers(session_id)
        if not standing_now:
            raise UsageError("there is no marker to take back", why="None is set.")
        last = max(standing_now, key=lambda each: each.line)
        self.remove_marker(session_id, last.line, by=by)
        return last

    # ------------------------------------------------------------ phases

    def move_phase(self, session_id: str, phase: str | int, at_s: float, *, by: str = "") -> LogLine:
        """Let a phase begin at another session time; the one before it then ends there.

        Parameters
        ----------
        session_id : str
            Such as ``S12``.
        phase : str or int
            Its name as an analysis has it (``music-2``), or the line that began it.
        at_s : float
            Session time.
        by : str
            Who decides.

        Raises
        ------
        UsageError
            Where the session has no such phase, or a phase would become shorter than `LEAST_PHASE_S` or change places
            with another.

        Notes
        -----
        A recorder that is at work keeps to the times it began its phases at: what is corrected is the record.
        """
        recording = self._recording(session_id)
        laid = timeline.build(recording)
        known = meant.phases(recording, laid.phases)
        index = next((k for k, each in enumerate(known) if phase in {each.name, each.line}), None)
        if index is None:
            names = listed([each.name for each in known])
            raise UsageError(
                f"{session_id} has no phase {str(phase)[:60]!r}", why=f"It has: {names}." if names else "It has none."
            )
        first_s = min(0.0, known[0].start_s) if recording.lines else 0.0
        earliest_s = known[index - 1].start_s + LEAST_PHASE_S if index else first_s
        latest_s = known[index].end_s - LEAST_PHASE_S
        if not earliest_s <= meant.finite(at_s) <= latest_s:
            raise UsageError(
                f"{known[index].name} cannot begin at {at_s:g} s",
                why="Phases keep their order, and none gets shorter than a second.",
                hint=f"It can begin from {earliest_s:.1f} to {latest_s:.1f} s.",
            )
        return self._append(session_id, PhaseCorrected(known[index].line, at_s, *self._signed(by)))

    # ------------------------------------------------------------ the client

    def change_client(self, session_id: str, client: str, *, by: str = "") -> LogLine:
        """Give the session to another client; an empty code gives it to nobody."""
        head = self._store.head(session_id)
        code = code_of(self._store, client)
        if code == head.client:
            raise UsageError(f"{head.id} is {code or 'nobody'}'s already", hint="Give another client's code.")
        return self._append(session_id, ClientCorrected(code, head.client, *self._signed(by)))

    # ------------------------------------------------------------ undoing

    def undo(self, session_id: str, line: int, *, by: str = "") -> LogLine:
        """Append what brings back how a thing stood before the correction on that line.

        Raises
        ------
        UsageError
            Where that line corrects nothing, or a later correction of the same thing holds now.
        """
        session = self._store.session(session_id)
        lines = sorted({each.seq: each for r in session.recordings for each in r.lines}.values(), key=lambda x: x.seq)
        undone = next((each for each in lines if each.seq == line and isinstance(each.entry, Correcting)), None)
        if undone is None:
            raise UsageError(f"line {line} of {session_id} corrects nothing", hint="See the list of corrections.")
        if any(each.seq > line and same_thing(each, undone) for each in lines):
            raise UsageError(
                f"the correction on line {line} no longer holds",
                why="The same thing was corrected again later.",
                hint="Undo the later correction first.",
            )
        before = [each for each in lines if each.seq < line]
        entry = undoing(undone, before, self._signed(by))
        return self._append(session_id, entry, recording=undone.recording)

    def undo_last(self, session_id: str, *, of_beats: bool, by: str = "") -> str:
        """Take back the last correction that nobody took back yet, and tell which; asked again, the one before it.

        Parameters
        ----------
        session_id : str
            Such as ``S12``.
        of_beats : bool
            Whether the last decision about a beat is meant, or the last correction of anything else.
        by : str
            Who undoes it.

        Raises
        ------
        UsageError
            Where there is none.
        """
        session = self._store.session(session_id)
        lines = sorted({each.seq: each for r in session.recordings for each in r.lines}.values(), key=lambda x: x.seq)
        found = [each for each in standing(lines) if isinstance(each.entry, BeatJudged) is of_beats]
        if not found:
            raise UsageError("there is nothing to take back", why="No correction of this session stands.")
        last = found[-1]
        before = [each for each in lines if each.seq < last.seq]
        self._append(session_id, undoing(last, before, self._signed(by)), recording=last.recording)
        return words(last, lines)

    # ------------------------------------------------------------ inside

    def _recording(self, session_id: str) -> Recording:
        return self._recording_and_number(session_id)[0]

    def _recording_and_number(self, session_id: str) -> tuple[Recording, int]:
        session = self._store.session(session_id)
        reference = SessionReference.parse(session_id)
        number = reference.recording if reference else 1
        return session.recording(number), number

    def _append(self, session_id: str, entry: Entry, *, recording: int = 0) -> LogLine:
        stamp = self._store.last_stamp(session_id)
        if stamp is None:
            raise StorageError(f"there is nothing in {session_id} to correct", why="Its log is empty.")
        return self._store.append(session_id, self._writer, stamp, entry, recording=recording)

    def _signed(self, by: str) -> tuple[str, int]:
        who = " ".join(by.split())
        if len(who) > LONGEST_NAME or not who.isprintable():
            raise UsageError(f"who corrects is told in at most {LONGEST_NAME} characters")
        return who, time.time_ns()


def _made(entry: Correcting) -> datetime | None:
    made_ns = getattr(entry, "made_utc_ns", 0)
    return datetime.fromtimestamp(made_ns / NS_PER_S, tz=UTC) if made_ns else None
