"""What people set right afterwards: through the real log, with values worked out by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from biotune.domain import (
    NS_PER_S,
    Activity,
    BeatJudgement,
    LogLine,
    MarkerSet,
    PacketReceived,
    PhaseEnded,
    PhaseKind,
    PhaseStarted,
    RecorderStarted,
    SessionFinished,
    Stamp,
)
from biotune.errors import BiotuneError, SessionNotFound, UsageError
from biotune.formats import log as log_format
from biotune.formats import registry
from biotune.library import Library, open_library
from biotune.sensor.replay import ReplaySource
from biotune.sensor.source import SystemClock
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, HeartRate, encode

TICKS = 1024
BEATS = 400
MISSED_AT = 150  # this interval is two seconds long: a beat was missed in the middle of it
HALF = TICKS // 2


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with open_library(home) as opened:
        yield opened


def ticks() -> np.ndarray:
    """A heart at 60 bpm whose intervals alternate by 8/1024 s either way, and one missed beat."""
    rr = np.full(BEATS, TICKS)
    rr[::2] += 8
    rr[1::2] -= 8
    rr[MISSED_AT] = 2 * TICKS
    return rr


def record(library: Library, *, finished: bool = True) -> str:
    """One recording of 401 s: baseline from 0, music from 100, a hole from 300, recovery from 310 s."""
    session = library.store.create_session(client="K-1", protocol="listening", started=datetime(2026, 5, 1, tzinfo=UTC))
    library.store.add_recording(session, label="strap")
    entries: list[tuple[float, object, int]] = [
        (0.0, RecorderStarted("strap", "0.1.0"), 1),
        (0.0, PhaseStarted("baseline", PhaseKind.BASELINE, Activity.REST), 0),
        (50.0, MarkerSet("a door"), 0),
        (100.0, PhaseStarted("music", PhaseKind.INTERVENTION, Activity.LISTENING), 0),
        (300.0, PhaseEnded(), 0),
        (310.0, PhaseStarted("recovery", PhaseKind.RECOVERY, Activity.REST), 0),
    ]
    at_s = 0.0
    for each in ticks().tolist():
        at_s += each / TICKS
        entries.append((at_s, PacketReceived(HEART_RATE_MEASUREMENT, encode(HeartRate(60, rr_ticks=(each,)))), 1))
    entries += [(at_s, PhaseEnded(), 0), *([(at_s, SessionFinished(), 0)] if finished else [])]
    entries.sort(key=lambda each: each[0])
    start_ns = 1_777_593_600 * NS_PER_S
    lines = [(Stamp("b", round(s * NS_PER_S), start_ns + round(s * NS_PER_S)), e, r) for s, e, r in entries]
    library.store.append_many(session, "recorder:1", lines)  # type: ignore[arg-type]
    return session


def whole(library: Library, session: str) -> tuple[int, float, list[float]]:
    """Beats, mean NN of the phase with the missed beat (ms), and the times of what is flagged."""
    made = library.analyse(session, any_length=True)
    phase = made.phase("music")
    return phase.beats, phase.metrics["mean_nn"].value, [round(each.time_s, 3) for each in made.artefacts]


def missed_time_s() -> float:
    return float(np.cumsum(ticks())[MISSED_AT] / TICKS)


# ---------------------------------------------------------------- beats


def test_a_missed_beat_is_accepted_added_and_left_to_the_method_again(library: Library) -> None:
    session, at_s = record(library), missed_time_s()
    beats, mean_ms, flagged = whole(library, session)
    assert flagged == [round(at_s, 3)]
    assert mean_ms == pytest.approx(1000, abs=0.1)

    library.corrections.judge_beat(session, at_s, BeatJudgement.ACCEPTED, by="Ann")
    assert whole(library, session)[2] == []
    assert whole(library, session)[1] == pytest.approx(
        1000 * (beats + 1) / beats, abs=0.1
    )  # two seconds count as one beat

    library.corrections.judge_beat(session, at_s, BeatJudgement.UNDECIDED, by="Ben")
    assert whole(library, session) == (beats, mean_ms, flagged)

    library.corrections.judge_beat(session, at_s - 1.0, BeatJudgement.ADDED, by="Ben")
    added = whole(library, session)
    assert added[0] == beats + 1
    assert added[1] == pytest.approx(1000, abs=0.1)
    assert added[2] == []

    library.corrections.judge_beat(session, at_s - 1.0, BeatJudgement.REJECTED)  # it was not there after all
    assert whole(library, session) == (beats, mean_ms, flagged)
    told = [(each.by, each.words) for each in library.corrections.history(session)]
    assert [by for by, _ in told] == ["Ann", "Ben", "Ben", ""]
    assert told[2][1] == f"beat at {at_s - 1:.2f} s: added"
    assert all(each.made is not None for each in library.corrections.history(session))


def test_a_rejected_beat_is_left_out_and_says_who_did_it(library: Library) -> None:
    session = record(library)
    times = np.cumsum(ticks()) / TICKS
    before = library.analyse(session, any_length=True)
    library.corrections.judge_beat(session, float(times[200]) + 0.004, BeatJudgement.REJECTED, by="Ann")
    after = library.analyse(session, any_length=True)
    by_hand = [each for each in after.artefacts if each.decided]
    assert len(after.artefacts) == len(before.artefacts) + 1
    assert [round(each.time_s, 3) for each in by_hand] == [round(float(times[200]), 3)]
    document = after.to_dict()
    told = next(each for each in document["artefacts"] if "by" in each)
    assert (told["by"], told["judgement"], set(told) >= {"time_s", "rr_ms", "class"}) == ("Ann", "rejected", True)
    assert [(each["judgement"], each["by"]) for each in document["decisions"]] == [("rejected", "Ann")]
    assert "decisions" not in before.to_dict()
    assert after.provenance.log_sha256 != before.provenance.log_sha256


@pytest.mark.parametrize(
    ("time_s", "judgement"),
    [
        (50.4, BeatJudgement.ACCEPTED),  # between two beats
        (1e9, BeatJudgement.REJECTED),
        (float("nan"), BeatJudgement.REJECTED),
        (50.1, BeatJudgement.ADDED),  # a tenth of a second after a beat
        (1e9, BeatJudgement.ADDED),
        (50.0, BeatJudgement.UNDECIDED),  # nobody decided anything
    ],
)
def test_where_no_beat_can_be_meant_nothing_is_written(
    library: Library, time_s: float, judgement: BeatJudgement
) -> None:
    session = record(library)
    with pytest.raises(UsageError) as refused:
        library.corrections.judge_beat(session, time_s, judgement)
    assert refused.value.what
    assert library.corrections.history(session) == ()


def test_a_file_is_decided_about_as_a_strap_is(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "rr.csv"
    rr_ms = 1000 * ticks() / TICKS
    rows = [f"{time_s:.3f},{rr:.3f}" for time_s, rr in zip(np.cumsum(rr_ms) / 1000, rr_ms, strict=True)]
    file.write_text("\n".join(["time_s,rr_ms", *rows]), encoding="utf-8")
    session = library.import_file(file)
    (flagged,) = library.analyse(session).artefacts
    library.corrections.judge_beat(session, flagged.time_s - 1, BeatJudgement.ADDED)
    assert library.analyse(session).artefacts == ()
    assert library.analyse(session).phases[0].beats == BEATS + 1


# ---------------------------------------------------------------- markers


def test_a_marker_is_renamed_moved_removed_and_brought_back(library: Library) -> None:
    session, corrections = record(library), library.corrections
    (door,) = corrections.markers(session)
    assert (door.time_s, door.label) == (50.0, "a door")
    corrections.correct_marker(session, door.line, label="the  door", at_s=48.5, by="Ann")
    late = corrections.set_marker(session, "coughed", 20.25)
    assert [(each.time_s, each.label) for each in corrections.markers(session)] == [
        (20.25, "coughed"),
        (48.5, "the door"),
    ]
    assert library.live.tail(session).markers == ((20.25, "coughed"), (48.5, "the door"))
    gone = corrections.remove_marker(session, late.seq)
    assert library.live.tail(session).markers == ((48.5, "the door"),)
    corrections.undo(session, gone.seq)
    assert len(library.live.tail(session).markers) == 2
    for label in ("", "x" * 201, "\x1b[31mred"):
        with pytest.raises(UsageError):
            corrections.set_marker(session, label, 10)
    for wrong in (lambda: corrections.set_marker(session, "x", 9999), lambda: corrections.remove_marker(session, 1)):
        with pytest.raises(UsageError):
            wrong()


# ---------------------------------------------------------------- phases


def spans(library: Library, session: str) -> list[tuple[str, float, float]]:
    made = library.analyse(session, any_length=True)
    return [(each.name, each.phase.start_s, each.phase.end_s) for each in made.phases]


def test_a_phase_begins_at_another_time_and_its_neighbour_follows(library: Library) -> None:
    session, corrections = record(library), library.corrections
    end_s = spans(library, session)[-1][2]
    moved = corrections.move_phase(session, "music", 90.0, by="Ann")
    assert spans(library, session) == [("baseline", 0, 90), ("music", 90, 300), ("recovery", 310, end_s)]
    corrections.move_phase(session, "recovery", 290.0)  # before the music was said to end
    assert spans(library, session) == [("baseline", 0, 90), ("music", 90, 290), ("recovery", 290, end_s)]
    replayed = ReplaySource(library.recording(session), clock=SystemClock()).phases
    assert [(phase.name, seconds) for phase, seconds in replayed][:2] == [("baseline", 90.0), ("music", 200.0)]
    assert [(each.start_s, each.corrected) for each in corrections.phases(session)][:2] == [(0.0, False), (90.0, True)]
    corrections.undo(session, moved.seq)
    assert spans(library, session)[1] == ("music", 100, 290)


@pytest.mark.parametrize(
    ("phase", "at_s"),
    [
        ("music", 0.5),
        ("music", -3.0),
        ("music", 299.9),
        ("recovery", 100.0),
        ("baseline", -1.0),
        ("recovery", 1e6),
        ("tea", 5),
    ],
)
def test_phases_keep_their_order_and_a_length(library: Library, phase: str, at_s: float) -> None:
    session = record(library)
    before = spans(library, session)
    with pytest.raises(UsageError) as refused:
        library.corrections.move_phase(session, phase, at_s)
    assert refused.value.why or refused.value.hint
    assert spans(library, session) == before


# ---------------------------------------------------------------- the client


def test_the_session_is_another_clients_in_every_list_and_the_log_knows_both(library: Library) -> None:
    session = record(library)
    line = library.corrections.change_client(session, " K-2 ", by="Ann")
    assert [each.id for each in library.sessions("K-2")] == [session]
    assert library.sessions("K-1") == ()
    assert (library.session(session).client, library.recording(session).client) == ("K-2", "K-2")
    (told,) = library.corrections.history(session)
    assert told.words == "client K-2 instead of K-1"
    library.corrections.undo(session, line.seq)
    assert [each.client for each in library.sessions()] == ["K-1"]
    library.corrections.change_client(session, "")
    assert [each.client for each in library.sessions()] == [""]
    for wrong in ("", "<b>"):
        with pytest.raises(UsageError):
            library.corrections.change_client(session, wrong)


# ---------------------------------------------------------------- all of them


def test_what_was_corrected_again_is_undone_from_its_end(library: Library) -> None:
    session, corrections = record(library), library.corrections
    first = corrections.move_phase(session, "music", 95.0)
    second = corrections.move_phase(session, "music", 90.0)
    with pytest.raises(UsageError, match="no longer holds"):
        corrections.undo(session, first.seq)
    corrections.undo(session, second.seq)
    assert spans(library, session)[1][1] == 95
    with pytest.raises(UsageError):
        corrections.undo(session, 1)


def test_a_running_session_is_corrected_and_becomes_no_longer(library: Library) -> None:
    session = record(library, finished=False)
    before = library.sessions()[0]
    with library.store.recording_now(session) as held:
        assert held
        library.corrections.judge_beat(session, missed_time_s(), BeatJudgement.ACCEPTED)
        library.corrections.move_phase(session, "music", 90.0)
        library.corrections.set_marker(session, "x", 5.0)
    after = library.sessions()[0]
    assert (after.duration_s, after.beats, after.finished) == (before.duration_s, before.beats, before.finished)
    assert len(library.corrections.history(session)) == 3


def test_corrections_go_out_and_in_with_the_log(library: Library, tmp_path: Path) -> None:
    session = record(library)
    library.corrections.judge_beat(session, missed_time_s() - 1, BeatJudgement.ADDED, by="Ann")
    library.corrections.move_phase(session, "music", 90.0)
    library.corrections.change_client(session, "K-2")
    file = tmp_path / "session.biotune.jsonl"
    file.write_text(log_format.write(library.session(session)), encoding="utf-8")
    back = registry.read(file)
    assert back.log_sha256 == library.recording(session).log_sha256
    again = library.import_file(file)
    assert library.session(again).client == "K-2"
    assert spans(library, again) == spans(library, session)
    assert library.corrections.history(again)[0].by == "Ann"


def test_who_corrects_is_a_short_word_and_the_session_must_exist(library: Library) -> None:
    session = record(library)
    with pytest.raises(UsageError):
        library.corrections.set_marker(session, "x", 5.0, by="y" * 61)
    with pytest.raises(SessionNotFound):
        library.corrections.set_marker("S99", "x", 5.0)
    with pytest.raises(SessionNotFound):
        library.corrections.change_client("S99", "K-2")
    empty = library.store.create_session(client="", protocol="", started=datetime(2026, 5, 1, tzinfo=UTC))
    library.store.add_recording(empty, label="x")
    with pytest.raises(BiotuneError):
        library.corrections.change_client(empty, "K-2")
    assert library.session(empty).client == ""


def test_the_line_says_who_wrote_it(library: Library) -> None:
    session = record(library)
    line: LogLine = library.corrections.set_marker(session, "x", 5.0, by="Ann")
    assert line.writer.startswith("dashboard:")
    assert line.stamp == library.store.lines(session)[-2].stamp
