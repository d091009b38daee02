"""What a player is told of the phase that runs, from a log that is recorded now."""

from datetime import UTC, datetime

import pytest

from biotune.domain import (
    Activity,
    Entry,
    MusicAct,
    MusicEvent,
    PhaseEnded,
    PhaseKind,
    PhaseStarted,
    SessionFinished,
    Stamp,
)
from biotune.errors import SessionNotFound
from biotune.library import Library, resting
from biotune.library.resting import RestNow

MUSIC = PhaseStarted("music", PhaseKind.INTERVENTION, Activity.LISTENING)
RECOVERY = PhaseStarted("recovery", PhaseKind.RECOVERY, Activity.REST)
PLAYS = MusicEvent(MusicAct.PLAY, "live:1", "Guitar (therapist)")
STOPS = MusicEvent(MusicAct.PAUSE, "live:1", "Guitar (therapist)")
FILE = MusicEvent(MusicAct.PLAY, "f" * 64, "Sea", tab="t", number=1)


def told(library: Library, *entries: Entry, recorded: bool = True) -> RestNow:
    session = library.store.create_session(client="", protocol="listening", started=datetime.now(UTC))
    for number, entry in enumerate(entries):
        library.store.append(session, "test", Stamp("boot", number * 10**9, number * 10**9), entry)
    if not recorded:
        return resting.now(library.store, session)
    with library.store.recording_now(session):
        return resting.now(library.store, session)


def test_a_phase_of_rest_is_told_with_the_live_music_that_goes_on_into_it(library: Library) -> None:
    now = told(library, MUSIC, PLAYS, FILE, RECOVERY)
    assert now == RestNow(2, "recovery", rests=True, still_live=(("live:1", "Guitar (therapist)"),))


def test_live_music_that_stopped_or_was_begun_in_the_rest_itself_is_not_asked_about(library: Library) -> None:
    assert told(library, MUSIC, PLAYS, STOPS, RECOVERY).still_live == ()
    assert told(library, MUSIC, RECOVERY, PLAYS).still_live == ()


@pytest.mark.parametrize(
    ("kind", "activity", "rests"),
    [
        (PhaseKind.INTERVENTION, Activity.LISTENING, False),
        (PhaseKind.INTERVENTION, Activity.PACED_BREATHING, False),
        (PhaseKind.OTHER, Activity.REST, True),
        (PhaseKind.BASELINE, None, True),
        (PhaseKind.OTHER, None, False),
        (PhaseKind.RECOVERY, Activity.RELAXATION, False),  # a recovery to music, of a protocol of one's own
    ],
)
def test_what_the_client_does_says_whether_it_is_a_rest(
    library: Library, kind: PhaseKind, activity: Activity | None, *, rests: bool
) -> None:
    assert told(library, PhaseStarted("now", kind, activity)).rests is rests


def test_nothing_is_asked_where_no_phase_runs_or_nobody_records(library: Library) -> None:
    assert told(library, MUSIC, PLAYS, RECOVERY, PhaseEnded()) == RestNow()
    assert told(library, MUSIC, PLAYS, RECOVERY, SessionFinished()) == RestNow()
    assert told(library, MUSIC, PLAYS, RECOVERY, recorded=False) == RestNow()
    with pytest.raises(SessionNotFound):
        resting.now(library.store, "S99")
