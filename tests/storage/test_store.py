"""The log keeps what it acknowledged, in order, and never changes it."""

import multiprocessing
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from biotune.domain import (
    IntervalImported,
    MarkerSet,
    PacketReceived,
    RecorderStarted,
    SessionFinished,
    Stamp,
    StrapChange,
    StrapEvent,
    StrapIdentity,
)
from biotune.errors import SessionNotFound, StorageError
from biotune.storage.continuing import Unfinished, latest_unfinished
from biotune.storage.store import SessionReference, Store

STARTED = datetime(2026, 11, 22, 11, 0, 0, 123456, tzinfo=UTC)
HEART_RATE_MEASUREMENT = "00002a37-0000-1000-8000-00805f9b34fb"
TWO_BEATS = PacketReceived(HEART_RATE_MEASUREMENT, bytes.fromhex("103c0004e803"))
STRAP = StrapIdentity("Polar H10 0A1B2C3D", serial="0A1B2C3D")
HOUR_S = 3600


def at(second: float, *, boot: str = "boot", wall_step_s: float = 0) -> Stamp:
    return Stamp(boot, round(second * 1e9), round((1_800_000_000 + second + wall_step_s) * 1e9))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'data' / 'biotune.db'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url) as store:
        yield store


@pytest.fixture
def session(store: Store) -> str:
    session_id = store.create_session(client="C07", protocol="listening", started=STARTED)
    assert store.add_recording(session_id, label=STRAP.name) == 1
    return session_id


def test_lines_are_numbered_from_one_and_come_back_as_they_were(store: Store, session: str) -> None:
    first = store.append(session, "recorder:7", at(0), TWO_BEATS, recording=1)
    second = store.append(session, "dashboard:8", at(1), MarkerSet("a door — ü"))
    assert (first.seq, second.seq) == (1, 2)
    assert store.lines(session) == (first, second)
    assert store.lines(session, after=1) == (second,)
    assert store.lines(session, kinds=["packet"]) == (first,)


def test_a_line_is_on_the_disk_when_append_returns(store: Store, session: str, url: str) -> None:
    store.append(session, "recorder:7", at(0), TWO_BEATS, recording=1)
    with sqlite3.connect(url.removeprefix("sqlite:///")) as other:
        assert other.execute("SELECT data FROM line").fetchall() == [(TWO_BEATS.data,)]
    with store._transactions.reading() as connection:  # what makes it hold when the power goes, too
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


@pytest.mark.parametrize("change", ["UPDATE line SET writer = 'x'", "DELETE FROM line"])
def test_the_database_itself_refuses_to_change_a_line(store: Store, session: str, url: str, change: str) -> None:
    store.append(session, "recorder:7", at(0), TWO_BEATS, recording=1)
    with sqlite3.connect(url.removeprefix("sqlite:///")) as other, pytest.raises(sqlite3.Error, match="append-only"):
        other.execute(change)


def _append_markers(url: str, session: str, name: str, count: int) -> None:
    with Store.open(url) as store:
        for number in range(count):
            store.append(session, name, at(number), MarkerSet(f"{name} {number}"))


def test_several_processes_write_at_once_without_holes_and_each_in_order(store: Store, session: str, url: str) -> None:
    start = multiprocessing.get_context("spawn")
    writers = [start.Process(target=_append_markers, args=(url, session, name, 60)) for name in ("a", "b", "c")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    lines = store.lines(session)
    assert [line.seq for line in lines] == list(range(1, 181))
    for name in ("a", "b", "c"):
        own = [line.entry for line in lines if line.writer == name]
        assert own == [MarkerSet(f"{name} {number}") for number in range(60)]


def test_many_lines_are_written_all_or_none(store: Store, session: str) -> None:
    assert store.append_many(session, "import:1", [(at(0), MarkerSet(str(n)), 0) for n in range(500)]) == 500

    def break_off() -> None:
        with store.together():
            store.append(session, "import:1", at(1), MarkerSet("lost"))
            store.create_session(client="new", protocol="", started=STARTED)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert [line.seq for line in store.lines(session)] == list(range(1, 501))
    assert len(store.sessions()) == 1


def test_a_session_gives_each_recording_its_own_lines_and_the_sessions(store: Store, session: str) -> None:
    assert store.add_recording(session, label="another strap") == 2
    one = store.append(session, "recorder:7", at(0), TWO_BEATS, recording=1)
    shared = store.append(session, "dashboard:8", at(1), MarkerSet("music"))
    two = store.append(session, "recorder:9", at(2), TWO_BEATS, recording=2)
    found = store.session(session.lower())
    assert (found.id, found.client, found.protocol, found.started) == (session, "C07", "listening", STARTED)
    assert not found.finished
    assert [recording.lines for recording in found.recordings] == [(one, shared), (shared, two)]
    assert [recording.source for recording in found.recordings] == ["S1", "S1/2"]


@pytest.mark.parametrize(
    ("text", "number", "recording"), [("S12", 12, 1), ("s12", 12, 1), ("S12/2", 12, 2), (" S1 ", 1, 1)]
)
def test_a_session_is_called_by_s_and_its_number(text: str, number: int, recording: int) -> None:
    assert SessionReference.parse(text) == SessionReference(number, recording)


@pytest.mark.parametrize("text", ["12", "S", "S1/", "S1.csv", "S1/2/3", "", "S" + 30 * "9", "S²"])
def test_what_has_another_form_is_no_session(text: str, store: Store) -> None:
    assert SessionReference.parse(text) is None
    with pytest.raises(SessionNotFound):
        store.session(text)


def test_a_session_that_is_not_there_is_said_so(store: Store) -> None:
    for ask in (store.session, lambda name: store.append(name, "cli:1", at(0), MarkerSet("x"))):
        with pytest.raises(SessionNotFound, match="no session S99"):
            ask("S99")


def test_the_list_counts_packets_beats_and_length_and_grows_with_the_log(store: Store, session: str) -> None:
    store.append(session, "recorder:7", at(0), TWO_BEATS, recording=1)
    store.append(session, "recorder:7", at(59), PacketReceived(HEART_RATE_MEASUREMENT, b"\x10"), recording=1)
    (summary,) = store.sessions()
    assert (summary.packets, summary.beats, summary.duration_s, summary.recordings) == (2, 2, 59.0, 1)
    store.append(session, "recorder:7", at(60), TWO_BEATS, recording=1)
    store.append(session, "recorder:7", at(61), SessionFinished())
    (summary,) = store.sessions("C07")
    assert (summary.packets, summary.beats, summary.duration_s, summary.finished) == (3, 4, 61.0, True)
    assert store.sessions() == (summary,)  # the second time from the cache
    assert store.sessions("") == ()


def test_the_newest_session_comes_first(store: Store, session: str) -> None:
    older = store.create_session(client="", protocol="", started=STARTED - timedelta(days=1))
    newer = store.create_session(client="", protocol="", started=STARTED + timedelta(days=1))
    assert [summary.id for summary in store.sessions()] == [newer, session, older]
    assert [summary.id for summary in store.sessions("")] == [newer, older]


@pytest.mark.parametrize(
    ("intervals", "length_s"),
    [
        ([IntervalImported("812", "ms"), IntervalImported("0.788", "s"), IntervalImported("1024", "1/1024 s")], 2.6),
        ([IntervalImported("800", "ms", "100.8"), IntervalImported("800", "ms", "101.6")], 1.6),
    ],
)
def test_an_imported_file_is_as_long_as_its_intervals(
    store: Store, session: str, intervals: list[IntervalImported], length_s: float
) -> None:
    store.append_many(session, "import:1", [(at(0), interval, 1) for interval in intervals])
    (summary,) = store.sessions()
    assert summary.beats == len(intervals)
    assert summary.duration_s == pytest.approx(length_s)


def test_a_file_is_known_again_by_its_content(store: Store, session: str) -> None:
    assert store.import_of("ab12") is None
    store.add_import(session, "rr.txt", "rr-text", "ab12")
    assert store.import_of("ab12") == session
    assert store.sessions()[0].finished


def test_an_hour_of_wall_clock_changes_no_session_time(store: Store, session: str) -> None:
    for second in range(4):
        step_s = -HOUR_S if second > 1 else 0
        store.append(session, "recorder:7", at(second, wall_step_s=step_s), TWO_BEATS, recording=1)
    assert [time_s for time_s, _ in store.session(session).recording().times_s()] == [0, 1, 2, 3]
    assert store.sessions()[0].duration_s == 3


def test_straps_once_seen_are_remembered_once_each(store: Store, session: str) -> None:
    renamed = StrapIdentity(STRAP.name, address="another machine's", serial=STRAP.serial)
    for second, strap in enumerate([STRAP, StrapIdentity("TICKR"), renamed]):
        store.append(session, "recorder:7", at(second), StrapEvent(StrapChange.CONNECTED, strap=strap), recording=1)
    assert [(strap.name, strap.address) for strap in store.known_straps()] == [
        (STRAP.name, "another machine's"),
        ("TICKR", ""),
    ]


def test_the_revision_changes_with_every_line_and_session(store: Store, session: str) -> None:
    seen = {store.revision()}
    store.append(session, "recorder:7", at(0), TWO_BEATS, recording=1)
    seen.add(store.revision())
    store.create_session(client="", protocol="", started=STARTED)
    seen.add(store.revision())
    store.append(session, "recorder:7", at(0), SessionFinished())
    seen.add(store.revision())
    assert len(seen) == 4


def test_what_was_computed_is_kept_by_its_key(store: Store) -> None:
    assert store.kept("analysis/1") is None
    store.keep("analysis/1", "{}")
    store.keep("analysis/1", '{"a": 1}')
    assert store.kept("analysis/1") == '{"a": 1}'


def test_a_full_disk_is_said_so_and_takes_nothing_away(store: Store, session: str, url: str) -> None:
    written = store.append(session, "recorder:7", at(0), TWO_BEATS, recording=1)
    with Store.open(url) as full:
        event.listen(full._engine, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count = 1"))
        full._engine.dispose()
        with pytest.raises(StorageError, match="the disk is full"):
            full.append_many(session, "recorder:7", [(at(n), MarkerSet("x" * 500), 0) for n in range(500)])
    assert store.lines(session) == (written,)
    assert store.append(session, "recorder:7", at(1), TWO_BEATS, recording=1).seq == 2


# ---------------------------------------------------------------- which session is continued


@pytest.fixture
def unfinished(store: Store, session: str) -> Unfinished:
    store.append(session, "recorder:7", at(0), RecorderStarted("strap", "0.1.0"), recording=1)
    store.append(session, "recorder:7", at(0), StrapEvent(StrapChange.CONNECTED, strap=STRAP), recording=1)
    store.append(session, "recorder:7", at(100), TWO_BEATS, recording=1)
    return Unfinished(session, 1, "listening")


@pytest.mark.parametrize(
    ("now", "continues"),
    [
        (at(101), True),
        (at(1000), True),
        (at(1001), False),
        (at(101, wall_step_s=HOUR_S), True),  # somebody set the clock
        (at(1001, wall_step_s=-HOUR_S), False),
        (at(500, boot="another"), True),  # restarted: only UTC is left
        (at(1001, boot="another"), False),
    ],
)
def test_a_session_is_continued_for_fifteen_minutes(
    store: Store, unfinished: Unfinished, now: Stamp, *, continues: bool
) -> None:
    found = latest_unfinished(store, client="C07", strap=STRAP, source="strap", now=now)
    assert found == (unfinished if continues else None)


@pytest.mark.parametrize(
    ("client", "strap", "source", "continues"),
    [
        ("C07", StrapIdentity(STRAP.name), "strap", True),  # it would not tell its serial this time
        ("C07", StrapIdentity(STRAP.name, serial="other"), "strap", False),
        ("C07", StrapIdentity("TICKR", serial=STRAP.serial), "strap", False),
        ("C08", STRAP, "strap", False),
        ("", STRAP, "strap", False),
        ("C07", STRAP, "simulator", False),
    ],
)
def test_a_session_is_continued_with_its_own_client_and_strap(
    store: Store, unfinished: Unfinished, client: str, strap: StrapIdentity, source: str, *, continues: bool
) -> None:
    found = latest_unfinished(store, client=client, strap=strap, source=source, now=at(101))
    assert found == (unfinished if continues else None)


def test_a_finished_session_is_not_continued(store: Store, unfinished: Unfinished) -> None:
    store.append(unfinished.session_id, "recorder:7", at(100), SessionFinished())
    assert latest_unfinished(store, client="C07", strap=STRAP, source="strap", now=at(101)) is None


def test_a_session_that_another_process_records_is_not_continued_until_it_is_killed(
    store: Store, unfinished: Unfinished, url: str
) -> None:
    program = (
        "import sys, time; from biotune.storage.store import Store\n"
        "with Store.open(sys.argv[1]).recording_now(sys.argv[2]) as held:\n"
        "    print(held, flush=True); time.sleep(60)"
    )
    recorder = subprocess.Popen(
        [sys.executable, "-c", program, url, unfinished.session_id], stdout=subprocess.PIPE, text=True
    )
    with recorder:
        assert recorder.stdout
        assert recorder.stdout.readline().strip() == "True"
        assert store.is_recorded_now(unfinished.session_id)
        assert latest_unfinished(store, client="C07", strap=STRAP, source="strap", now=at(101)) is None
        recorder.kill()
    assert not store.is_recorded_now(unfinished.session_id)
    assert latest_unfinished(store, client="C07", strap=STRAP, source="strap", now=at(101)) == unfinished
    with store.recording_now(unfinished.session_id) as held:
        assert held
