"""The record of the music: what the log fills in, what people write, what is still needed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import soundfile

from biotune.analysis import made_sound, music_record
from biotune.domain import NS_PER_S, MusicAct, MusicEvent, RecorderStarted, SessionFinished, Stamp
from biotune.errors import UsageError
from biotune.library import Library, open_library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "home") as opened:
        (tmp_path / "Music").mkdir()
        with soundfile.SoundFile(tmp_path / "Music" / "a.flac", "w", 22_050, 1) as file:
            file.title, file.artist = "River", "K. at the piano"
            file.write(0.3 * made_sound.drums(62.5, 12.0, rate_hz=22_050))
        opened.music.add_folder(str(tmp_path / "Music"))
        assert opened.music.wait()
        yield opened


def session(library: Library, *events: tuple[float, MusicEvent]) -> str:
    identity = library.store.create_session(
        client="K-1", protocol="listening", started=datetime(2026, 9, 14, tzinfo=UTC)
    )
    library.store.add_recording(identity, label="strap")
    timed = [(0.0, RecorderStarted("strap", "0.1.0")), *events, (600.0, SessionFinished())]
    stamped = [(Stamp("boot", round(at_s * NS_PER_S), round(at_s * NS_PER_S)), entry, 0) for at_s, entry in timed]
    library.store.append_many(identity, "cli", stamped)
    return identity


def played(library: Library) -> str:
    (river,) = library.music.pieces()
    guitar = library.music.add_live("Guitar", "therapist")
    begin = MusicEvent(MusicAct.PLAY, river.key, "River", browser_ms=60_000, tab="t", number=1)
    end = MusicEvent(MusicAct.ENDED, river.key, "River", position_s=12.0, browser_ms=72_000, tab="t", number=2)
    return session(
        library,
        (60.0, begin),
        (72.0, end),
        (80.0, MusicEvent(MusicAct.PLAY, guitar.key, "Guitar (therapist)")),
        (140.0, MusicEvent(MusicAct.PAUSE, guitar.key, "Guitar (therapist)")),
    )


def answers(library: Library, identity: str) -> dict[str, music_record.Answer]:
    return {each.item.key: each for each in library.music_records.of(identity).answers}


def test_what_the_player_logged_is_filled_in(library: Library) -> None:
    identity = played(library)
    record = library.music_records.of(identity)
    assert [(row.play.title, row.play.start_s, row.play.end_s) for row in record.rows] == [
        ("River", 60.0, 72.0),
        ("Guitar (therapist)", 80.0, 140.0),
    ]
    found = answers(library, identity)
    assert found["titles"].value == "River; Guitar (therapist)"
    assert found["performers"].value == "K. at the piano; therapist"
    assert found["delivery"].value == "recorded and live"
    assert found["times"].value == "2 stretches, 1.2 min of music"
    assert all(found[key].logged and found[key].told for key in ("titles", "performers", "delivery", "times"))


def test_what_is_known_of_some_pieces_only_is_not_told(library: Library) -> None:
    found = answers(library, played(library))
    assert found["tempo"].value == "62.5 bpm"
    assert not found["tempo"].told
    assert found["tempo"].lacking == "of Guitar (therapist)"


def test_a_record_grows_by_what_people_write_until_nothing_is_needed(library: Library) -> None:
    identity = played(library)
    record = library.music_records.of(identity)
    assert 0 < record.told < len(record.answers)
    lacking = {each.item.key: f"answer to {each.item.key}" for each in record.lacking}
    assert library.music_records.write(identity, lacking) == len(lacking)
    assert library.music_records.write(identity, lacking) == 0  # nothing new
    assert library.music_records.of(identity).lacking == ()
    library.music_records.write(identity, {"rationale": ""})
    assert [each.item.key for each in library.music_records.of(identity).lacking] == ["rationale"]


def test_a_line_written_later_makes_the_session_no_longer(library: Library) -> None:
    identity = played(library)
    before = library.sessions()[0].duration_s
    library.music_records.write(identity, {"setting": "a quiet room"})
    assert library.sessions()[0].duration_s == before


def test_the_log_outlives_the_library(library: Library) -> None:
    identity = session(library, (1.0, MusicEvent(MusicAct.PLAY, "f" * 64, "Lost", tab="t", number=1, browser_ms=1)))
    found = answers(library, identity)
    assert found["titles"].value == "Lost"
    assert not found["performers"].told


def test_what_stays_from_day_to_day_is_offered_again(library: Library) -> None:
    first = played(library)
    library.music_records.write(first, {"facilitator": "qualified music therapist", "rationale": "for today only"})
    second = session(library)
    assert library.music_records.as_last_time(second) == {"facilitator": "qualified music therapist"}
    assert library.music_records.as_last_time(first) == {}


def test_a_session_without_music_has_an_empty_record(library: Library) -> None:
    assert library.music_records.of(session(library)).is_empty


def test_what_is_no_item_is_refused(library: Library) -> None:
    identity = session(library)
    with pytest.raises(UsageError, match="no item"):
        library.music_records.write(identity, {"mood": "good"})
    with pytest.raises(UsageError, match="characters"):
        library.music_records.write(identity, {"setting": "x" * 1001})
