"""The therapist's folders, with real audio files made here, and everything that can be wrong with a file."""

import dataclasses
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from biotune.analysis import made_sound
from biotune.domain.clients import Client, Preferences
from biotune.domain.music import Piece
from biotune.errors import StorageError, UsageError
from biotune.library import Library, audio, open_library
from biotune.library.music import Music

RATE_HZ = 22_050
FORMATS = ("wav", "flac", "ogg", "mp3")


def write(path: Path, bpm: float = 72.0, seconds: float = 12.0, **tags: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with soundfile.SoundFile(path, "w", RATE_HZ, 1) as file:
        for name, value in tags.items():
            setattr(file, name, value)
        file.write(0.5 * made_sound.drums(bpm, seconds, rate_hz=RATE_HZ))
    return path


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "Music"
    made.mkdir()
    return made


@pytest.fixture
def look(library: Library, folder: Path) -> Callable[[], dict[str, Piece]]:
    """Look into the folder and return its pieces by the name of their file."""

    def work() -> dict[str, Piece]:
        if library.music.folders():
            library.music.scan()
        else:
            library.music.add_folder(str(folder))
        assert library.music.wait()
        return {Path(each.path).name: each for each in library.music.pieces()}

    return work


def told(library: Library) -> dict[str, str]:
    return {Path(path).name: words for path, words in library.music.scanning.problems}


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_of_each_format_is_measured(look, folder: Path, kind: str) -> None:
    write(folder / f"evening.{kind}", 72.0)
    piece = look()[f"evening.{kind}"]
    assert piece.bpm == pytest.approx(72.0, rel=0.01)
    assert piece.duration_s == pytest.approx(12.0, abs=0.1)
    assert piece.loudness_lufs is not None
    assert -40 < piece.loudness_lufs < -5
    assert (piece.title, piece.problem, piece.playable) == ("evening", "", True)


def test_tags_give_title_and_performer(look, folder: Path) -> None:
    write(folder / "01.flac", title="Clair de lune", artist="Debussy, played by K.")
    piece = look()["01.flac"]
    assert (piece.title, piece.performer) == ("Clair de lune", "Debussy, played by K.")


@pytest.mark.parametrize(
    "name", ["静かな朝.wav", "أغنية.wav", "Ärger im Café – “live”.wav", "𝄞 🎵.wav", "a" * 200 + ".wav"]
)
def test_a_name_in_any_script_is_a_name(look, library: Library, folder: Path, name: str) -> None:
    write(folder / name, seconds=9.0)
    piece = look()[name]
    assert piece.title == Path(name).stem
    assert library.music.file(piece.key) == folder / name


def test_a_text_file_with_a_music_files_name_is_told(look, library: Library, folder: Path) -> None:
    (folder / "notes.mp3").write_text("Buy milk.\n" * 500)
    piece = look()["notes.mp3"]
    assert not piece.playable
    assert "no audio file" in told(library)["notes.mp3"]
    with pytest.raises(StorageError, match="cannot be played"):
        library.music.file(piece.key)


def test_a_flac_that_was_cut_off_is_told(look, library: Library, folder: Path) -> None:
    whole = write(folder / "whole.flac").read_bytes()
    (folder / "cut.flac").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.ogg").write_bytes(b"")
    pieces = look()
    assert not pieces["cut.flac"].playable
    assert "cut off" in told(library)["cut.flac"]
    assert "empty" in told(library)["empty.ogg"]
    assert pieces["whole.flac"].playable


def test_an_m4a_is_played_and_not_measured(look, folder: Path) -> None:
    (folder / "song.m4a").write_bytes(b"\0\0\0\x18ftypM4A \0\0\0\0" + bytes(400))
    piece = look()["song.m4a"]
    assert piece.playable
    assert piece.bpm is None
    assert "cannot measure" in piece.problem


def test_a_link_that_leads_outside_is_refused(look, library: Library, folder: Path, tmp_path: Path) -> None:
    secret = write(tmp_path / "elsewhere" / "secret.wav", seconds=9.0)
    (folder / "link.wav").symlink_to(secret)
    (folder / "folder").symlink_to(secret.parent, target_is_directory=True)
    (folder / "loop.wav").symlink_to(folder / "loop.wav")
    assert look() == {}
    assert "leads out" in told(library)["link.wav"]
    assert "not followed" in told(library)["folder"]


def test_a_file_replaced_by_a_link_is_not_given_out(look, library: Library, folder: Path, tmp_path: Path) -> None:
    piece_path = write(folder / "a.wav", seconds=9.0)
    key = look()["a.wav"].key
    outside = tmp_path / "outside.wav"
    piece_path.rename(outside)
    piece_path.symlink_to(outside)
    with pytest.raises(StorageError, match="none of the folders"):
        library.music.file(key)


def test_a_file_that_moved_is_known_again_and_not_measured_again(
    look, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(folder / "a.wav", seconds=9.0)
    before = look()["a.wav"]
    (folder / "deeper").mkdir()
    path.rename(folder / "deeper" / "b.wav")
    monkeypatch.setattr(audio, "listen", lambda *_: pytest.fail("it was measured already"))
    (after,) = look().values()
    assert after == dataclasses.replace(before, path=str(folder / "deeper" / "b.wav"))


def test_a_file_that_is_gone_is_said_and_is_back_when_it_is(look, library: Library, folder: Path) -> None:
    path = write(folder / "a.wav", seconds=9.0)
    key = look()["a.wav"].key
    content = path.read_bytes()
    path.unlink()
    with pytest.raises(StorageError, match="gone"):
        library.music.file(key)
    assert look()["a.wav"].missing
    assert "gone" in told(library)["a.wav"]
    assert library.music.offers("", [key])[0].refusal == "The file is gone."
    path.write_bytes(content)
    assert not look()["a.wav"].missing
    assert library.music.file(key) == path


def test_a_folder_that_is_taken_away_takes_its_pieces_along(look, library: Library, folder: Path) -> None:
    write(folder / "a.wav", seconds=9.0)
    key = look()["a.wav"].key
    library.music.remove_folder(str(folder))
    assert library.music.pieces() == ()
    with pytest.raises(StorageError, match="none of the folders"):
        library.music.file(key)


def test_five_thousand_files_can_be_looked_through_and_stopped(library: Library, folder: Path) -> None:
    sound = write(folder / "0.wav", seconds=8.5).read_bytes()
    for number in range(1, 5000):
        (folder / f"{number}.wav").write_bytes(sound[:44] + number.to_bytes(4, "little") + bytes(400))
    library.music.add_folder(str(folder))
    deadline = time.monotonic() + 30
    while library.music.scanning.found < 5000 and time.monotonic() < deadline:
        time.sleep(0.02)
    asked = time.monotonic()
    library.music.cancel()
    assert library.music.wait(10)
    assert time.monotonic() - asked < 5
    assert library.music.scanning.cancelled
    assert library.music.scanning.found == 5000


def test_three_hours_take_no_memory_of_their_own(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "long.flac"
    block = (0.3 * np.random.default_rng(1).standard_normal(4000 * 60)).astype(np.float32)
    with soundfile.SoundFile(path, "w", 4000, 1) as file:
        for _ in range(180):
            file.write(block)
    tracemalloc.start()
    sound = audio.listen(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sound.duration_s == 3 * 3600
    assert peak < 120e6  # all of it as numbers would be 345 MB


@pytest.mark.parametrize(
    ("typed", "word"),
    [("", "full path"), ("Music", "full path"), ("/no/such/folder", "There is no folder /no/such/folder")],
)
def test_a_folder_that_cannot_be_one_is_refused(library: Library, typed: str, word: str) -> None:
    with pytest.raises(UsageError, match=word):
        library.music.add_folder(typed)


def test_a_file_is_no_folder_and_a_folder_within_one_is_there_already(library: Library, folder: Path) -> None:
    with pytest.raises(UsageError, match="is a file"):
        library.music.add_folder(str(write(folder / "a.wav", seconds=8.5)))
    library.music.add_folder(str(folder))
    (folder / "deeper").mkdir()
    with pytest.raises(UsageError, match="already"):
        library.music.add_folder(str(folder / "deeper"))


def test_a_tempo_that_was_set_stands_until_it_is_taken_back(look, library: Library, folder: Path) -> None:
    write(folder / "a.wav", 72.0)
    key = look()["a.wav"].key
    assert library.music.set_tempo(key, 36.0).bpm == 36.0
    assert look()["a.wav"].bpm == 36.0
    assert library.music.set_tempo(key, None).bpm == pytest.approx(72.0, rel=0.01)
    with pytest.raises(UsageError, match="between 20 and 300"):
        library.music.set_tempo(key, 1000.0)


def test_what_a_client_is_kept_away_from_is_refused_with_the_reason(look, library: Library, folder: Path) -> None:
    write(folder / "ave.flac", seconds=8.5, title="AVE MARIA", artist="choir")
    write(folder / "b.flac", seconds=8.6, title="Morning")
    keys = [each.key for each in look().values()]
    library.clients.save(Client("K-1", preferences=Preferences(avoid=("Ave Maria",))))
    refused = {each.piece.title: each.refusal for each in library.music.offers("K-1", keys)}
    assert refused == {"AVE MARIA": "K-1 is to be kept away from “Ave Maria”.", "Morning": ""}
    assert [each.refusal for each in library.music.offers("", keys)] == ["", ""]


def test_music_that_people_make_is_a_piece_without_a_file(library: Library) -> None:
    piece = library.music.add_live("Guitar, improvised", "therapist")
    assert piece.live
    assert library.music.pieces() == (piece,)
    with pytest.raises(StorageError, match="has no file"):
        library.music.file(piece.key)
    with pytest.raises(UsageError, match="who plays it"):
        library.music.add_live("Guitar", " ")
    library.music.remove_live(piece.key)
    assert library.music.pieces() == ()


def test_a_playlist_keeps_its_order(library: Library) -> None:
    made = library.music.add_playlist("  Evening   calm ")
    assert made.title == "Evening calm"
    for key in "abc":
        made = library.music.save_playlist(made.with_piece(key))
    library.music.save_playlist(made.moved(2, -1).without(0))
    assert library.music.playlist(made.key).pieces == ("c", "b")
    with pytest.raises(UsageError, match="already"):
        library.music.add_playlist("evening calm")
    library.music.remove_playlist(made.key)
    assert library.music.playlists() == ()


def test_the_player_keeps_its_settings(library: Library) -> None:
    assert (library.music.player.delay_ms, library.music.player.fade_s) == (0.0, 8.0)
    library.music.set_player(delay_ms=180.0, fade_s=4.0)
    assert library.music.player.delay_ms == 180.0
    with pytest.raises(UsageError):
        library.music.set_player(delay_ms=-1.0, fade_s=4.0)


def test_the_list_is_after_every_change_as_one_who_comes_new_reads_it(library: Library, tmp_path: Path) -> None:
    documents, now_ns = library.store.documents, time.time_ns()
    old_ns = now_ns - 3_600_000_000_000
    pieces = {key: Piece(key, key.upper(), path=str(tmp_path / "Music" / f"{key}.mp3")) for key in "abc"}
    (tmp_path / "Music").mkdir()
    (tmp_path / "Music and more").mkdir()
    pieces["d"] = Piece(
        "d", "A", path=str(tmp_path / "Music and more" / "d.mp3")
    )  # no folder of this name is looked into
    documents.put("folder", str(tmp_path / "Music"), {}, utc_ns=old_ns)
    documents.put_many("piece", {key: each.to_dict() for key, each in pieces.items()}, utc_ns=old_ns)

    def require_as_read_anew(expected: str) -> None:
        listed = library.music.pieces()
        assert " ".join(each.title for each in listed) == expected
        assert listed == Music(library.store, library.clients).pieces()

    require_as_read_anew("A B C")
    guitar = library.music.add_live("Guitar", "therapist")
    require_as_read_anew("A B C Guitar")
    library.music.remove_live(guitar.key)
    library.music.add_live("Voice", "therapist")  # as many as before
    require_as_read_anew("A B C Voice")
    # another program dates its change, waits for the database, and writes it after one that is dated later
    before_ns = now_ns - 5_000_000_000
    documents.put("piece", "a", dataclasses.replace(pieces["a"], title="Anew").to_dict(), utc_ns=before_ns)
    library.music.set_tempo("c", 61.0)
    require_as_read_anew("Anew B C Voice")
    assert [each.bpm for each in library.music.pieces()] == [None, None, 61.0, None]
    documents.put("folder", str(tmp_path / "Music and more"), {}, utc_ns=time.time_ns())
    require_as_read_anew("A Anew B C Voice")


def test_many_short_files_are_measured_to_their_end_through_a_stop_each_once(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "Many"
    for number in range(60):  # tests/soak/music_folder.py has thousands
        album = folder / f"Album {number // 20}"
        album.mkdir(parents=True, exist_ok=True)
        file = album / f"{number:02d}.{('wav', 'ogg', 'flac')[number % 3]}"
        if number % 20 == 7:
            file.with_suffix(".mp3").write_text(f"milk, {number}")
        elif number % 20 == 14:
            file.with_suffix(".wav").write_bytes((folder / "Album 0" / "00.wav").read_bytes())
        else:
            soundfile.write(file, 0.3 * np.sin(np.arange(4000) * (0.05 + 0.01 * number)), 8000)
    measured: list[str] = []
    stops = [20]
    measure = audio.measured

    def counted(piece: Piece, path: Path, goes_on: Callable[[], bool]) -> Piece:
        if stops and len(measured) == stops[0]:
            stops.clear()
            library.music.cancel()
        found = measure(piece, path, goes_on)
        measured.append(found.key)
        return found

    monkeypatch.setattr(audio, "measured", counted)
    library.music.add_folder(str(folder))
    assert library.music.wait()
    assert library.music.scanning.cancelled
    known = [each for each in library.music.pieces() if each.version]
    assert len(known) == len(measured)  # what was measured is kept, although it was stopped
    for each in known[:1]:
        library.music.set_tempo(each.key, 72.0)
    library.music.scan()
    assert library.music.wait()
    assert len(measured) == len(set(measured)) == 57  # the copies are no pieces of their own
    pieces = library.music.pieces()
    assert sum(each.playable for each in pieces) == 54
    assert sum(each.set_bpm == 72.0 for each in pieces) == 1
    scan = library.music.scanning
    assert len(scan.problems) == 3
    assert scan.unusable == 3
    useless = 3 - sum(bool(each.problem) for each in known)  # of those that were new
    assert scan.measured == 57 - len(known) - useless
