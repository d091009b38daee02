"""A session's log as a file: what goes out comes in again, and a damaged one says where."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biotune.domain import (
    Activity,
    Entry,
    MarkerSet,
    PacketReceived,
    PhaseEnded,
    PhaseKind,
    PhaseStarted,
    RatingGiven,
    RecorderStarted,
    Request,
    RequestMade,
    Session,
    SessionFinished,
    Stamp,
    StrapChange,
    StrapEvent,
    StrapIdentity,
)
from biotune.errors import FormatError
from biotune.formats import importer, log, registry
from biotune.storage.store import Store
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, HeartRate, encode

STARTED = datetime(2026, 9, 3, 10, 0, tzinfo=UTC)


def packet(*rr_ticks: int) -> PacketReceived:
    return PacketReceived(HEART_RATE_MEASUREMENT, encode(HeartRate(70, rr_ticks)))


SAID: list[tuple[int, Entry]] = [
    (1, RecorderStarted("strap", "0.1.0")),
    (0, PhaseStarted("baseline", PhaseKind.BASELINE, Activity.REST, posture="seated")),
    (1, StrapEvent(StrapChange.CONNECTED, strap=StrapIdentity("Polar H10 Ä", "AA:BB", serial="7"))),
    (1, packet(880)),
    (2, packet(900, 910)),
    (1, packet(870, 860)),
    (0, MarkerSet("a door, “loud”\nand again")),
    (0, RatingGiven("tension", 62.5)),
    (0, RequestMade(Request.END_PHASE)),
    (0, PhaseEnded()),
    (0, SessionFinished()),
]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    with Store.open(f"sqlite:///{tmp_path / 'one.db'}") as store:
        name = store.create_session(client="C07", protocol="listening", started=STARTED)
        for label in ("Polar H10 Ä", "another"):
            store.add_recording(name, label=label)
        for index, (recording, entry) in enumerate(SAID):
            writer = "dashboard:9" if isinstance(entry, MarkerSet | RatingGiven | RequestMade) else "recorder:8"
            stamp = Stamp("boot", index * 700_000_000, 1_788_429_600_000_000_000 + index * 700_000_000)
            store.append(name, writer, stamp, entry, recording=recording)
        return store.session(name)


def written(session: Session, folder: Path) -> Path:
    path = folder / "session.biotune.jsonl"
    path.write_text(log.write(session), encoding="utf-8")
    return path


def test_a_session_comes_back_whole(session: Session, tmp_path: Path) -> None:
    path = written(session, tmp_path)
    back = registry.read_session(path)
    assert (back.client, back.protocol, back.started, back.finished) == ("C07", "listening", STARTED, True)
    assert [each.lines for each in back.recordings] == [each.lines for each in session.recordings]
    assert [each.log_sha256 for each in back.recordings] == [each.log_sha256 for each in session.recordings]
    first = registry.read(path)
    assert first.lines == session.recordings[0].lines
    assert first.source == str(path)


def test_an_imported_session_has_the_log_of_the_one_it_came_from(session: Session, tmp_path: Path) -> None:
    path = written(session, tmp_path)
    with Store.open(f"sqlite:///{tmp_path / 'other.db'}") as store:
        done = importer.store(store, importer.read(path))
        again = store.session(done.session)
    assert [each.lines for each in again.recordings] == [each.lines for each in session.recordings]
    assert again == replace(session, recordings=again.recordings)


def test_every_line_of_the_file_is_one_line_of_the_log(session: Session) -> None:
    documents = [json.loads(line) for line in log.write(session).splitlines()]
    assert documents[0]["schema"] == "biotune.log/1"
    assert [each["seq"] for each in documents[1:]] == list(range(1, len(SAID) + 1))
    assert documents[4]["entry"] == {"characteristic": HEART_RATE_MEASUREMENT, "data": "10467003"}


DAMAGE = {
    "cut off in a line": (lambda text: text[:-40], "is not JSON"),
    "a line left out": (lambda text: "\n".join(text.split("\n")[:4] + text.split("\n")[5:]), "line 4 of the log was"),
    "another kind": (lambda text: text.replace('"marker"', '"sneeze"'), "unknown kind 'sneeze'"),
    "odd bytes": (lambda text: text.replace("10467003", "1046700"), "line 5: a log line of the kind 'packet'"),
    "a word for a number": (lambda text: text.replace('"seq": 3', '"seq": "3"'), "line 4: seq is missing or is not"),
    "a recording too many": (lambda text: text.replace('"recordings": 2', '"recordings": 1'), "no recording 2"),
    "no recordings": (lambda text: text.replace('"recordings": 2', '"recordings": 0'), "not a number of recordings"),
    "a list for a line": (lambda text: text.replace("\n", "\n[1]\n", 1), "line 2: this is not a line of a log"),
    "no date": (lambda text: text.replace("2026-09-03T10:00:00+00:00", "soon"), "'soon' is not a date"),
    "no time zone": (lambda text: text.replace("10:00:00+00:00", "10:00:00"), "no time zone"),
    "a client without a word": (lambda text: text.replace('"C07"', "7"), "client is not a word"),
    "a client that is no word": (
        lambda text: text.replace('"C07"', r'"\u001b[2J"'),
        "client is not a word",
    ),
    "half a character": (lambda text: text.replace('"boot": "boot"', r'"boot": "\ud800"'), "boot is missing or is not"),
    "a stamp beyond": (lambda text: text.replace('"monotonic_ns": 0', f'"monotonic_ns": {10**30}'), "all clocks"),
    "the header alone": (lambda text: text.split("\n")[0], "without a heartbeat"),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_a_damaged_log_is_refused_with_the_line(case: str, session: Session) -> None:
    damage, expected = DAMAGE[case]
    text = damage(log.write(session))
    assert text != log.write(session)
    with pytest.raises(FormatError) as caught:
        registry.recording_in(text.encode(), "x.jsonl")
    assert expected in str(caught.value)
    assert "x.jsonl" in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 3


VALUES = st.none() | st.integers() | st.text(max_size=5) | st.floats() | st.lists(st.integers(), max_size=2)
KEYS = ("seq", "writer", "boot", "monotonic_ns", "utc_ns", "recording", "kind", "entry")


@given(st.sampled_from(KEYS), VALUES, st.dictionaries(st.sampled_from(["text", "unit", "time_text"]), VALUES))
def test_any_value_in_any_place_is_read_or_refused(key: str, value: object, entry: dict[str, object]) -> None:
    header = {"schema": "biotune.log/1", "started": "2026-01-01T00:00:00+00:00", "recordings": 1}
    sound = ["w", "b", 0, 0, 1, "interval", entry]
    line = dict(zip(KEYS, [1, *sound], strict=True)) | {key: value}
    try:
        registry.recording_in(f"{json.dumps(header)}\n{json.dumps(line)}\n".encode(), "x.jsonl")
    except FormatError as error:
        assert "line 2" in str(error)  # noqa: PT017 - the property is about both ways out
