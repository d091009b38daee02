"""The record of the music: what the log fills in, what people write, what is still needed."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import soundfile

import biotune
from biotune.analysis import made_sound, music_record
from biotune.domain import NS_PER_S, MusicAct, MusicEvent, MusicReported, RecorderStarted, SessionFinished, Stamp
from biotune.errors import UsageError
from biotune.formats import exporting
from biotune.formats import material as formats_material
from biotune.library import Library, open_library, subjects
from biotune.report import papers, text
from biotune.report.blocks import Paragraph, Table
from biotune.report.papers import Audience


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
    river = next(each for each in library.music.pieces() if not each.live)
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


def test_the_log_alone_rebuilds_the_whole_record(library: Library, write: Callable[..., str], tmp_path: Path) -> None:
    (river,) = library.music.pieces()
    guitar = library.music.add_live("Guitar", "therapist")
    identity = write(finished=False)
    heard = [
        MusicEvent(MusicAct.PLAY, river.key, "River", browser_ms=60_000, tab="t", number=1),
        MusicEvent(MusicAct.ENDED, river.key, "River", position_s=12.0, browser_ms=72_000, tab="t", number=2),
        MusicEvent(MusicAct.PLAY, river.key, "River", browser_ms=80_000, tab="t", number=3),
    ]
    with library.store.recording_now(identity):
        library.playing.log(identity, heard)
        library.playing.log(identity, heard)  # sent again
        library.playing.start(identity, guitar)
        library.playing.stop(identity, guitar)
    library.music_records.write(identity, {"rationale": "his wedding song", "facilitator": "qualified music therapist"})
    told = library.music_records.of(identity)
    assert told.rows[0].performer == "K. at the piano"
    assert told.rows[0].tempo == "62.5 bpm"
    assert told.rows[0].loudness.endswith("LUFS")

    file = tmp_path / "log.json"
    material = subjects.material(subjects.of_session(library, identity), with_notes=True)
    file.write_bytes(exporting.write(material, "json")[""])
    bare = [line.entry for line in formats_material.without_notes(library.session(identity)).recordings[0].lines]
    told_bare = {each.item: each.value for each in bare if isinstance(each, MusicReported)}
    assert told_bare["tempo"] == "62.5 bpm"  # measured, not typed
    assert told_bare["performers"] == told_bare["rationale"] == ""
    for key in (river.key, guitar.key):
        library.store.documents.remove("piece", key)
    assert library.music_records.of(identity) == told
    assert music_record.of(biotune.read(file)) == told
    lines = [line.entry for line in library.store.lines(identity) if isinstance(line.entry, MusicReported)]
    assert [each.item for each in lines if each.piece == river.key] == ["performers", "tempo", "loudness"]


def test_what_the_library_knows_today_stands_before_what_was_known_on_the_day(library: Library) -> None:
    (river,) = library.music.pieces()
    identity = session(library, (1.0, MusicEvent(MusicAct.PLAY, river.key, "River", tab="t", number=1)))
    library.store.append(identity, "cli", Stamp("boot", 0, 0), MusicReported("tempo", "125 bpm", river.key))
    assert answers(library, identity)["tempo"].value == "62.5 bpm"
    library.music.set_tempo(river.key, 63.0)
    assert answers(library, identity)["tempo"].value == "63 bpm, set by hand"


@pytest.fixture
def heard(library: Library, write: Callable[..., str]) -> str:
    """A session with a heart, two minutes of music, and a word about it."""
    identity = write(pieces=[("River", 30.0, 120.0, 66.0)], client="K-1")
    library.store.append(identity, "cli", Stamp("b0", 0, 0), MusicReported("tempo", "62.5 bpm", "sha-River"))
    library.music_records.write(identity, {"rationale": "his wedding song"})
    return identity


def test_an_analysis_tells_the_music_in_words_and_as_a_document(library: Library, heard: str) -> None:
    analysis = library.analyse(heard)
    told = text.analysis(analysis)
    assert "River" in told
    assert "7:30" in told  # the intervention begins at 7:00
    assert "62.5 bpm" in told
    assert "Rationale: his wedding song" in told
    assert "of 15 items of the reporting guideline are told." in told
    assert "A publication would still need: Selected by; " in told
    document = json.loads(json.dumps(analysis.to_dict(), allow_nan=False))["music"]
    (play,) = document["plays"]
    assert (play["title"], play["start_s"], play["end_s"], play["live"]) == ("River", 450.0, 570.0, False)
    assert (play["tempo"], play["performer"], play["volume"]) == ("62.5 bpm", None, 1.0)
    items = {each["item"]: each for each in document["items"]}
    assert document["asked"] == len(items) == 15
    assert items["rationale"] == {
        "item": "rationale",
        "title": "Rationale",
        "value": "his wedding song",
        "from": "written",
        "lacking": None,
    }
    assert items["tempo"]["from"] == "log"
    assert document["told"] == len(items) - len(document["lacking"])
    assert "selected-by" in document["lacking"]


def test_the_papers_tell_the_music_each_for_its_reader(library: Library, heard: str) -> None:
    subject = subjects.of_session(library, heard)
    client, researcher = (papers.write(subject, each).blocks for each in (Audience.CLIENT, Audience.RESEARCHER))
    sentence = "Music sounded for 2 min: “River”."
    assert sum(isinstance(each, Paragraph) and each.text == sentence for each in client) == 1
    assert not any(isinstance(each, Paragraph) and "guideline" in each.text for each in client)
    (items,) = (each for each in researcher if isinstance(each, Table) and "reporting guideline" in each.caption)
    assert ("Rationale", "his wedding song") in items.rows
    assert ("Tempo", "62.5 bpm") in items.rows
    assert ("Start and stop times", "1 stretch, 2.0 min of music") in items.rows
    assert [each.caption for each in client if isinstance(each, Table)].count("The music") == 1
    assert "The music" not in [each.caption for each in researcher if isinstance(each, Table)]  # told once
    needed = [each.text for each in researcher if isinstance(each, Paragraph) and "would still need" in each.text]
    assert len(needed) == 1
    assert "Selected by" in needed[0]


def test_without_music_nothing_is_said_of_it(library: Library, write: Callable[..., str]) -> None:
    identity = write()
    assert "music" not in library.analyse(identity).to_dict()
    assert "Music:" not in text.analysis(library.analyse(identity))
    blocks = papers.write(subjects.of_session(library, identity), Audience.RESEARCHER).blocks
    assert not any(getattr(each, "text", "") == "The record of the music" for each in blocks)


def test_a_piece_knows_how_often_it_was_played_and_where(library: Library) -> None:
    (river,) = library.music.pieces()
    assert library.music.played_in(river.key) == {}
    first, second = played(library), played(library)
    assert library.music.played_in(river.key) == {first: 1, second: 1}
    assert library.music.times_played()[river.key] == 2
