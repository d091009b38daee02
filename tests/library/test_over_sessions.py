"""A client's sessions in a real database: own yardstick, drift, progress, responses, and what is remembered."""

import json
import math
import statistics
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from biotune.analysis import phases, played, response
from biotune.cli.main import main
from biotune.domain import (
    NS_PER_S,
    Activity,
    MarkerSet,
    MusicAct,
    MusicEvent,
    PhaseKind,
    PhaseStarted,
    Stamp,
    Trend,
    Verdict,
    Yardstick,
)
from biotune.errors import SessionNotFound
from biotune.library import Library
from biotune.library import progress as over_sessions

Write = Callable[..., str]
T2 = 4.303  # t(0.975) with 2 degrees of freedom, from a printed table


def rest(write: Write, falls: float, **more: object) -> str:
    """Write a quiet-rest session whose heart rate falls by so much."""
    return write(bpm=(70.0, 70.0 - falls / 2, 70.0 - falls), activity=Activity.REST, **more)


@pytest.fixture
def music(write: Write) -> str:
    return write(bpm=(72.0, 69.0, 64.0), day=0)


# ---------------------------------------------------------------- the client's own yardstick


def test_three_quiet_rest_sessions_replace_the_published_yardstick(library: Library, write: Write, music: str) -> None:
    assert library.compare(music).changes["mean_hr"].smallest_detectable_source is Yardstick.PUBLISHED
    for day, falls in ((1, 0.0), (2, 1.0)):
        rest(write, falls, day=day)
    assert library.compare(music).changes["mean_hr"].smallest_detectable_source is Yardstick.PUBLISHED
    rest(write, 2.0, day=3)
    change = library.compare(music).changes["mean_hr"]
    assert (change.smallest_detectable_source, change.smallest_detectable_sessions) == (Yardstick.OWN, 3)
    assert change.smallest_detectable == pytest.approx(T2 * 1.0 * math.sqrt(4 / 3), abs=0.4)  # falls of 0, 1, 2: SD 1
    assert change.verdict is Verdict.CLEAR  # 8 bpm: by the published figure it would be only possible


def test_a_session_that_was_brought_in_twice_counts_once(library: Library) -> None:
    samples = Path(__file__).parents[2] / "sample_data"
    quiet = [library.import_file(samples / f"weeks-{number}.biotune.jsonl") for number in (1, 2, 3)]
    music = library.import_file(samples / "weeks-4.biotune.jsonl")
    change = library.compare(music).changes["mean_hr"]
    library.remove(quiet[1])
    again = library.import_file(samples / "weeks-2.biotune.jsonl")
    library.restore(quiet[1])
    assert again not in quiet
    twice = library.compare(music).changes["mean_hr"]
    assert twice.smallest_detectable_sessions == 3
    assert twice.smallest_detectable == pytest.approx(change.smallest_detectable)
    beside = library.compare(quiet[1]).beside_quiet_rest  # and its copy is no control of the session itself
    assert beside
    assert beside.sessions == (quiet[0], quiet[2])


def test_a_recording_that_is_there_twice_is_one_visit_and_the_other_says_so(library: Library) -> None:
    samples = Path(__file__).parents[2] / "sample_data"
    sessions = [library.import_file(samples / f"weeks-{number}.biotune.jsonl") for number in range(1, 7)]
    client = library.session(sessions[0]).client
    once = library.progress(client)
    heard = library.responses(client)
    library.remove(sessions[3])
    again = library.import_file(samples / "weeks-4.biotune.jsonl")
    library.restore(sessions[3])
    twice = library.progress(client)
    assert [visit.session for visit in twice.visits if visit.problem == f"the same recording as {sessions[3]}"] == [
        again
    ]
    assert twice.words[0] == f"{once.words[0]} {again} is the same recording as {sessions[3]} and is not counted."
    assert twice.words[1:] == once.words[1:]
    assert twice.baselines == once.baselines
    assert twice.responses == once.responses
    assert library.responses(client).approaches == heard.approaches
    assert library.responses(client).pieces == heard.pieces
    library.remove(sessions[3])  # alone again, the copy counts
    assert not any("same recording" in visit.problem for visit in library.progress(client).visits)


def test_the_document_names_the_yardstick_and_the_sessions_it_stands_on(
    library: Library, write: Write, music: str
) -> None:
    quiet = [rest(write, falls, day=day) for day, falls in ((1, 0.0), (2, 1.0), (3, 2.0))]
    document = library.compare(music).to_dict()
    assert document["changes"]["mean_hr"]["smallest_detectable_source"] == "own"
    assert document["beside_quiet_rest"]["sessions"] == quiet
    assert document["provenance"]["parameters"]["quiet_rest"] == quiet
    logs = [library.recording(session).log_sha256 for session in quiet]
    assert document["provenance"]["parameters"]["quiet_rest_log_sha256"] == logs
    beside = document["beside_quiet_rest"]["changes"]["mean_hr"]
    assert beside["drift"]["estimate"] == pytest.approx(-1.0, abs=0.3)
    assert beside["beyond"]["estimate"] == pytest.approx(-7.0, abs=0.4)
    json.dumps(document, allow_nan=False)


def test_a_quiet_rest_session_is_no_control_of_itself(library: Library, write: Write) -> None:
    quiet = [rest(write, falls, day=day) for day, falls in ((1, 0.0), (2, 1.0), (3, 2.0))]
    beside = library.compare(quiet[0]).beside_quiet_rest
    assert beside is not None
    assert beside.sessions == tuple(quiet[1:])


def test_who_is_no_control(library: Library, write: Write, music: str) -> None:
    rest(write, 1.0, day=1, client="B02")  # another client
    rest(write, 1.0, day=2, client="")  # nobody knows whose
    rest(write, 1.0, day=4, pieces=[("Background", 0.0, 300.0, 70.0)])  # music sounded
    aside = rest(write, 1.0, day=5)
    library.store.remove_session(aside, utc_ns=1)
    assert library.compare(music).beside_quiet_rest is None
    library.store.restore_session(aside)
    beside = library.compare(music).beside_quiet_rest
    assert beside is not None
    assert beside.sessions == (aside,)


def test_another_posture_is_said(library: Library, write: Write, music: str) -> None:
    quiet = [rest(write, float(day), day=day, posture="lying" if day > 1 else "seated") for day in (1, 2, 3)]
    made = library.compare(music)
    assert made.changes["mean_hr"].smallest_detectable_source is Yardstick.OWN
    assert made.beside_quiet_rest is not None
    assert made.beside_quiet_rest.other_posture == tuple(quiet[1:])
    assert made.beside_quiet_rest.words[-1].startswith("In 2 of them the client sat or lay otherwise")


def test_a_session_of_nobody_is_held_against_nobody(library: Library, write: Write) -> None:
    for day in (1, 2, 3):
        rest(write, float(day), day=day, client="")
    session = write(bpm=(72.0, 69.0, 64.0), day=0, client="")
    assert library.compare(session).beside_quiet_rest is None


def test_a_recording_and_a_file_are_never_held_against_a_client(library: Library, write: Write, music: str) -> None:
    for day in (1, 2, 3):
        rest(write, float(day), day=day)
    assert library.compare(library.session(music)).beside_quiet_rest is not None
    assert library.compare(library.session(music).recording()).beside_quiet_rest is None


def test_the_same_windows_are_taken_of_the_quiet_rest(library: Library, write: Write, music: str) -> None:
    """The heart rate falls by 2 from the baseline to the rest, and by 4 to the recovery."""
    for day in (1, 2, 3):
        rest(write, 4.0, day=day)

    def drift(before: str | None, after: str | None) -> float:
        beside = library.compare(music, before=before, after=after).beside_quiet_rest
        assert beside is not None
        return beside.changes["mean_hr"].drift.estimate

    assert drift(None, None) == pytest.approx(-4.0, abs=0.3)
    assert drift("baseline", "music") == pytest.approx(-2.0, abs=0.3)
    assert drift("music", "recovery") == pytest.approx(-2.0, abs=0.3)
    assert drift("120-300", "1020-1200") == pytest.approx(-4.0, abs=0.3)  # a span: as far from the baseline's start


def test_the_page_of_a_session_notices_a_new_quiet_rest(library: Library, write: Write, music: str) -> None:
    first = library.overview(music)
    assert first.comparison is not None
    assert first.comparison.beside_quiet_rest is None
    rest(write, 1.0, day=1)
    later = library.overview(music)
    assert later.comparison is not None
    assert later.comparison.beside_quiet_rest is not None
    assert later.during is not None
    assert later.during.beside_quiet_rest is not None


# ---------------------------------------------------------------- progress


def test_progress_tells_each_session_with_its_approach_and_its_ratings(library: Library, write: Write) -> None:
    write(day=0, activity=Activity.DRUMMING, bpm=(70.0, 90.0, 66.0), ratings={"tension": (60.0, 35.0)})
    rest(write, 1.0, day=7)
    made = library.progress("A01")
    assert [visit.approach for visit in made.visits] == ["drumming", "quiet-rest"]
    assert made.visits[0].windows == ("baseline", "recovery")
    assert made.visits[0].changes["mean_hr"].estimate == pytest.approx(-4, abs=0.3)
    assert made.visits[0].baseline["mean_hr"].value == pytest.approx(70, abs=0.3)
    answer = made.visits[0].ratings["tension"]
    assert (answer.before, answer.after) == (60.0, 35.0)


def test_a_course_over_sessions_is_found_and_told(library: Library, write: Write) -> None:
    for number in range(6):
        write(day=7 * number, bpm=(76.0 - 2 * number, 70.0, 70.0 - 2 * number))
    made = library.progress("A01")
    assert made.baselines["mean_hr"].trend is Trend.FALLING
    assert made.baselines["mean_hr"].total is not None
    assert made.baselines["mean_hr"].total.estimate == pytest.approx(-10, abs=0.7)
    assert made.responses["mean_hr"].trend is Trend.NONE  # each session's own change stays −6


def test_nobody_is_an_error_and_a_client_without_sessions_is_not(library: Library) -> None:
    with pytest.raises(SessionNotFound, match="no session of 'nobody'"):
        library.progress("nobody")
    library.clients.add("N07")
    assert library.progress("N07").visits == ()
    assert library.responses("N07").words == ()


def test_what_is_kept_is_used_and_given_up_when_the_log_grows(
    library: Library, music: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = library.progress("A01").to_dict()
    computed = []
    work = over_sessions.of_recording

    def watched(*args: object) -> object:
        computed.append(args)
        return work(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(over_sessions, "of_recording", watched)
    assert library.progress("A01").to_dict() == first
    assert computed == []
    library.store.append(music, "dashboard", Stamp("b0", 1500 * NS_PER_S, 1500 * NS_PER_S), MarkerSet("late"))
    library.progress("A01")
    assert len(computed) == 1


def test_a_sitting_that_runs_is_not_in_it_yet(library: Library, write: Write) -> None:
    running = write(day=0, finished=False)
    with library.store.recording_now(running):
        assert library.progress("A01").visits == ()
    assert len(library.progress("A01").visits) == 1


def test_a_sitting_in_which_nothing_was_received_stops_nothing(library: Library, write: Write, music: str) -> None:
    bare = library.store.create_session(client="A01", protocol="listening", started=datetime(2026, 5, 1, tzinfo=UTC))
    silent = library.store.create_session(client="A01", protocol="listening", started=datetime(2026, 5, 2, tzinfo=UTC))
    library.store.add_recording(silent, label="H10")
    phase = PhaseStarted("rest", PhaseKind.INTERVENTION, Activity.REST)
    library.store.append(silent, "recorder", Stamp("x", 0, 0), phase)
    rest(write, 1.0, day=1)
    made = library.progress("A01")
    problems = {visit.session: visit.problem for visit in made.visits}
    assert problems[bare] == "nothing was recorded"
    assert problems[silent]
    assert problems[music] == ""
    beside = library.compare(music).beside_quiet_rest
    assert beside is not None
    assert silent not in beside.sessions
    assert library.responses("A01").plays == 0


# ---------------------------------------------------------------- responses


def test_pieces_are_put_in_order_by_what_the_heart_did_in_their_minutes(library: Library, write: Write) -> None:
    slow, fast = [-6.0, -5.0, -7.0, -6.0], [4.0, 3.0, 5.0, 4.0]
    for day, (down, up) in enumerate(zip(slow, fast, strict=True)):
        write(day=day, pieces=[("Slow", 10.0, 200.0, 70.0 + down), ("Fast", 240.0, 180.0, 70.0 + up)])
    write(day=9, pieces=[("New", 10.0, 200.0, 50.0)])
    made = library.responses("A01")
    ranking = made.pieces["mean_hr"]
    assert [each.title for each in ranking.responses] == ["Slow", "Fast", "New"]
    by_title = {each.title: each for each in ranking.responses}
    assert by_title["Slow"].sessions == 4
    assert by_title["Slow"].estimate.low < statistics.mean(slow) < by_title["Slow"].estimate.high
    assert by_title["Fast"].estimate.low < statistics.mean(fast) < by_title["Fast"].estimate.high
    assert not by_title["New"].enough  # one play, however far the heart rate fell in it
    assert by_title["New"].estimate.estimate > -20  # and that one play is drawn to the client's mean
    assert made.plays == 9


def test_a_play_is_measured_inside_what_the_clocks_leave_uncertain(library: Library, write: Write) -> None:
    session = write(day=0, pieces=[("Slow", 100.0, 200.0, 60.0)])
    (heard,) = [
        response.measure(
            library.recording(session),
            phases.prepare(library.recording(session)),
            play,
            session=session,
            limits=library._limits,
        )
        for play in played.plays(library.recording(session))
    ]
    assert (heard.start_s, heard.end_s) == pytest.approx((420 + 104, 420 + 296), abs=0.01)
    assert heard.changes["mean_hr"].moved == pytest.approx(-10, abs=0.3)


def test_live_music_whose_end_nobody_logged_is_no_play_to_learn_from(library: Library, write: Write) -> None:
    session = write(day=0)
    begins = Stamp("b0", 500 * NS_PER_S, 0)
    library.store.append(session, "dashboard", begins, MusicEvent(MusicAct.PLAY, "live:1", "Guitar"))
    assert dict(library.responses("A01").left_out) == {"its end was not logged": 1}


def test_short_plays_are_left_out_and_counted(library: Library, write: Write) -> None:
    write(day=0, pieces=[("Snippet", 10.0, 50.0, 60.0), ("Whole", 100.0, 200.0, 68.0)])
    made = library.responses("A01")
    assert made.plays == 1
    assert made.left_out == {"it sounded for less than a minute": 1}
    assert any("1 play is left out: it sounded for less than a minute." in words for words in made.words)
    assert any("not enough plays yet" in words for words in made.words)


def test_of_a_piece_played_twice_in_a_session_the_longer_play_counts(library: Library, write: Write) -> None:
    for day in range(3):
        write(day=day, pieces=[("Again", 10.0, 100.0, 60.0), ("Again", 200.0, 200.0, 66.0)])
    (found,) = library.responses("A01").pieces["mean_hr"].responses
    assert found.sessions == 3
    assert found.estimate.estimate == pytest.approx(-4, abs=0.6)


def test_music_while_the_client_drums_is_not_compared_with_rest(library: Library, write: Write) -> None:
    write(day=0, activity=Activity.DRUMMING, pieces=[("Beat", 10.0, 200.0, 90.0)])
    made = library.responses("A01")
    assert made.pieces == {}
    assert made.left_out == {"its minutes cannot be compared with the baseline": 1}


def test_approaches_are_compared_by_what_changed_in_their_sessions(library: Library, write: Write) -> None:
    for day in range(3):
        write(day=day, activity=Activity.LISTENING, bpm=(70.0, 68.0, 64.0 + 0.3 * day))
        write(day=10 + day, activity=Activity.SINGING, bpm=(70.0, 80.0, 69.0 + 0.3 * day))
        rest(write, 1.0, day=20 + day)
    ranking = library.responses("A01").approaches["mean_hr"]
    assert [each.title for each in ranking.responses] == ["Listening", "Singing"]  # quiet rest is the control
    assert all(each.enough for each in ranking.responses)


# ---------------------------------------------------------------- the command


def test_the_command_tells_a_client_in_text_and_in_json(
    write: Write, music: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(day=3, pieces=[("Gymnopédie", 10.0, 200.0, 60.0)], ratings={"tension": (60.0, 35.0)})
    assert main(["progress", "A01"]) == 0
    told = capsys.readouterr().out
    assert "2 sessions." in told
    assert "Gymnopédie" in told
    assert "60 → 35" in told
    assert "not enough plays yet" in told
    assert "not a medical device" in told
    assert main(["progress", " A01 ", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "biotune.progress/1"
    assert [each["id"] for each in document["sessions"]] == [music, "S2"]
    assert document["sessions"][0]["changes"]["mean_hr"]["estimate"] == pytest.approx(-8, abs=0.3)
    assert document["trends"]["baseline"]["mean_hr"]["trend"] == "too-few"
    assert document["responses"]["pieces"]["mean_hr"]["order"][0]["title"] == "Gymnopédie"


@pytest.mark.usefixtures("home")
def test_an_unknown_client_is_one_clear_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["progress", "nobody"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("biotune: there is no session of 'nobody'")
    assert main(["progress", "no/../good<x>"]) == 2


def test_compare_of_a_session_is_held_against_the_clients_own_rest(
    write: Write, music: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for day in (1, 2, 3):
        rest(write, 0.5 * day, day=day)
    assert main(["compare", music, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["changes"]["mean_hr"]["smallest_detectable_source"] == "own"
    assert main(["compare", music]) == 0
    told = capsys.readouterr().out
    assert "two resting measurements of this very client (3 quiet-rest sessions)" in told
    assert "Beside quiet rest:" in told
