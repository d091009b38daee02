"""What every writer is given: one recording of a session, with what was computed of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from biotune.analysis import phases, played, timeline
from biotune.analysis.phases import Prepared
from biotune.analysis.played import Play
from biotune.analysis.results import Analysis, Comparison
from biotune.analysis.series import BeatSeries
from biotune.analysis.timeline import Timeline
from biotune.domain import (
    ArtefactClass,
    BeatJudged,
    ClientCorrected,
    ContextGiven,
    Entry,
    Marker,
    MarkerAdded,
    MarkerCorrected,
    MarkerSet,
    MusicReported,
    Phase,
    PhaseCorrected,
    PhaseKind,
    Recording,
    Session,
    markers,
)


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """One recording to be written.

    Attributes
    ----------
    session : Session
        Without its notes, unless they were asked for.
    recording : Recording
        The one that is meant.
    number : int
        Which of the session's recordings that is, counted from 1.
    prepared : Prepared
        Beats, gaps and phases, corrections of people included.
    raw : Timeline
        The same with the intervals as they were sent.
    analysis : Analysis
        Metrics, artefacts and provenance.
    comparisons : tuple of Comparison
        What was compared.
    markers : tuple of Marker
        As they stand; their labels are empty without notes.
    plays : tuple of Play
        What music sounded when.
    with_notes : bool
        Whether free text is in it.
    """

    session: Session
    recording: Recording
    number: int
    prepared: Prepared
    raw: Timeline
    analysis: Analysis
    comparisons: tuple[Comparison, ...]
    markers: tuple[Marker, ...]
    plays: tuple[Play, ...]
    with_notes: bool

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases that people marked; empty where nobody did."""
        named = self.prepared.timeline.phases
        return () if len(named) == 1 and named[0].kind is PhaseKind.WHOLE else named

    def phase_of(self, beats: BeatSeries) -> list[str]:
        """Return the phase of each of some beats by its name; empty for a beat in none."""
        found = [""] * len(beats)
        for phase in self.phases:
            first, end = np.searchsorted(beats.time_s, [phase.start_s, phase.end_s], side="left").tolist()
            found[first:end] = [phase.name] * (end - first)
        return found

    def class_of_beats(self) -> list[ArtefactClass | None]:
        """Return how each beat is wrong; None for a beat that is used."""
        beats = self.prepared.timeline.beats
        found: list[ArtefactClass | None] = [None] * len(beats)
        for artefact in self.analysis.artefacts:
            nearest = int(np.argmin(np.abs(beats.time_s - artefact.time_s)))
            found[nearest] = artefact.artefact_class
        return found


_MEASURED = ("tempo", "loudness")  # of a piece that sounded: no words of anybody


def gather(
    session: Session,
    number: int,
    analysis: Analysis,
    comparisons: Sequence[Comparison] = (),
    *,
    with_notes: bool = False,
) -> Material:
    """Gather what the writers need.

    Parameters
    ----------
    session : Session
        Whole.
    number : int
        Which of its recordings.
    analysis, comparisons
        Of that recording.
    with_notes : bool
        Whether free text (notes, circumstances, who corrected something) leaves the house too.
    """
    kept, told = session, tuple(comparisons)
    if not with_notes:
        kept, told = without_notes(session), tuple(map(_bare_comparison, comparisons))
        analysis = replace(analysis, decisions=tuple(replace(each, by="") for each in analysis.decisions))
    recording = kept.recording(number)
    return Material(
        session=kept,
        recording=recording,
        number=number,
        prepared=phases.prepare(recording),
        raw=timeline.build(recording),
        analysis=analysis,
        comparisons=told,
        markers=markers(recording.times_s()),
        plays=played.plays(recording),
        with_notes=with_notes,
    )


def without_notes(session: Session) -> Session:
    """Return a session without what people typed freely: notes, circumstances, the record of the music, who corrected.

    Nor does it name another client that it was taken for at first.

    What was typed into fields of their own (ratings, scores, readings) stays: those are numbers.
    """
    return replace(
        session,
        recordings=tuple(
            replace(
                recording,
                lines=tuple(replace(line, entry=_bare(line.entry, session.client)) for line in recording.lines),
            )
            for recording in session.recordings
        ),
    )


def _bare_comparison(comparison: Comparison) -> Comparison:
    said = comparison.self_report
    return replace(comparison, self_report=replace(said, context={})) if said else comparison


def _bare(entry: Entry, client: str) -> Entry:
    if isinstance(entry, MarkerSet):
        return replace(entry, label="")
    if isinstance(entry, MarkerAdded | MarkerCorrected):
        return replace(entry, label="", by="")
    if isinstance(entry, ContextGiven | MusicReported):
        is_measured = isinstance(entry, MusicReported) and entry.piece and entry.item in _MEASURED
        return entry if is_measured else replace(entry, value="")
    if isinstance(entry, BeatJudged | PhaseCorrected):
        return replace(entry, by="")
    if isinstance(entry, ClientCorrected):  # whose it was taken for at first is somebody else
        return replace(entry, client=client if entry.client == client else "", was="", by="")
    return entry
