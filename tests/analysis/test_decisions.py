"""Decisions about beats on series small enough to work out by hand."""

import numpy as np
import pytest

from biotune.analysis import artefacts, decisions
from biotune.analysis.artefacts import Classified
from biotune.analysis.series import BeatSeries
from biotune.domain import (
    ArtefactClass,
    BeatJudged,
    BeatJudgement,
    LogLine,
    MarkerAdded,
    Stamp,
)

ADDED, ACCEPTED, REJECTED, UNDECIDED = (
    BeatJudgement.ADDED,
    BeatJudgement.ACCEPTED,
    BeatJudgement.REJECTED,
    BeatJudgement.UNDECIDED,
)


def series(*rr_ms: float) -> BeatSeries:
    rr = np.array(rr_ms, dtype=float)
    return BeatSeries(np.cumsum(rr) / 1000, rr, np.zeros(len(rr), dtype=np.int64))


def log(*said: tuple[float, BeatJudgement], recording: int = 1) -> list[LogLine]:
    stamp = Stamp("b", 0, 0)
    entries = [BeatJudged(time_s, judgement, by=f"p{n}") for n, (time_s, judgement) in enumerate(said)]
    return [LogLine(n + 1, "cli:1", stamp, recording, entry) for n, entry in enumerate(entries)]


def none_flagged(beats: BeatSeries) -> Classified:
    return Classified(np.zeros(len(beats), dtype=bool), ())


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ([(1.0, ACCEPTED), (1.0, REJECTED)], [(REJECTED, False)]),
        ([(1.0, ACCEPTED), (1.003, UNDECIDED)], []),
        ([(1.0, ADDED), (1.0, ACCEPTED)], [(ACCEPTED, True)]),
        ([(1.0, ADDED), (1.0, REJECTED)], []),
        ([(1.0, ADDED), (1.0, UNDECIDED)], []),
        ([(1.0, REJECTED), (1.01, REJECTED)], [(REJECTED, False), (REJECTED, False)]),
        ([(float("inf"), REJECTED)], []),
    ],
)
def test_the_last_word_about_a_beat_holds(
    said: list[tuple[float, BeatJudgement]], holds: list[tuple[BeatJudgement, bool]]
) -> None:
    assert [(each.judgement, each.added) for each in decisions.of(log(*said))] == holds


def test_two_recordings_of_one_sitting_are_decided_about_apart() -> None:
    lines = [*log((1.0, REJECTED)), *log((1.0, UNDECIDED), recording=2)]
    assert [each.recording for each in decisions.of(lines)] == [1]


def test_an_added_peak_splits_its_interval_and_nothing_else() -> None:
    split = decisions.add_peaks(series(800, 1700, 800), decisions.of(log((1.6, ADDED))))
    assert split.rr_ms == pytest.approx([800, 800, 900, 800])
    assert split.time_s == pytest.approx([0.8, 1.6, 2.5, 3.3])
    for nowhere_s in (0.05, 0.9, 2.4, 99.0):  # within a fifth of a second of a beat, and beyond the end
        assert not decisions.can_be_split(series(800, 1700, 800), nowhere_s)


def test_a_beat_that_moved_a_little_while_the_session_grew_is_found_again() -> None:
    beats = series(*[1000.0] * 5)
    held = decisions.of(log((3.1, REJECTED)))
    classified, found = decisions.apply(beats, none_flagged(beats), held)
    assert classified.flagged.tolist() == [False, False, True, False, False]
    assert [each.by for each in found] == ["p0"]
    assert decisions.apply(beats, none_flagged(beats), decisions.of(log((3.4, REJECTED))))[1] == ()


def test_a_rejected_beat_keeps_the_methods_class_or_is_called_long_or_short() -> None:
    beats = series(800, 800, 900, 700, 800)
    held = decisions.of(log((2.5, REJECTED), (3.2, REJECTED)))
    classified, _ = decisions.apply(beats, none_flagged(beats), held)
    assert [each.artefact_class for each in classified.artefacts] == [ArtefactClass.LONG, ArtefactClass.SHORT]
    missed = series(*[800.0] * 20, 1600, *[800.0] * 20)
    flagged = artefacts.classify(missed)
    rejected, _ = decisions.apply(missed, flagged, decisions.of(log((17.6, REJECTED))))
    assert [(each.artefact_class, each.decided is not None) for each in rejected.artefacts] == [
        (ArtefactClass.MISSED, True)
    ]


def test_other_lines_decide_nothing() -> None:
    stamp = Stamp("b", 0, 0)
    assert decisions.of([LogLine(1, "cli:1", stamp, 1, MarkerAdded("x", 1.0))]) == ()
    empty = series()
    assert decisions.apply(empty, none_flagged(empty), decisions.of(log((1.0, REJECTED))))[1] == ()
