"""Where a folder of music may be chosen, with real folders and links."""

import os
from pathlib import Path

import pytest

from biotune.errors import UsageError
from biotune.library.places import Place, Places, usual_places


@pytest.fixture
def music(tmp_path: Path) -> Path:
    made = tmp_path / "Music"
    for name in ("Album 10", "Album 2", "Été", ".trash", "Album 2/Deep"):
        (made / name).mkdir(parents=True)
    (tmp_path / "private").mkdir()
    for name in ("one.mp3", "two.FLAC", "cover.jpg"):
        (made / name).touch()
    (made / "Album 2" / "three.ogg").touch()
    (made / "outside").symlink_to(tmp_path / "private")
    (made / "within").symlink_to(made / "Album 2")
    (made / "round").symlink_to(made / "round")
    return made


@pytest.fixture
def places(music: Path) -> Places:
    return Places((Place("Music", str(music)),))


def test_folders_are_listed_and_nothing_else(places: Places, music: Path) -> None:
    assert places.look().folders == (Place("Music", str(music)),)
    found = places.look(str(music))
    assert found.here == Place("Music", str(music))
    # no file, nothing hidden, no link that leads outside or to itself; numbers as people count
    assert [each.title for each in found.folders] == ["Album 2", "Album 10", "within", "Été"]
    assert found.audio == 2
    deep = places.look(str(music / "Album 2" / "Deep"))
    assert [each.title for each in deep.above] == ["Music", "Album 2"]
    assert deep.folders == ()


@pytest.mark.parametrize("path", ["/etc", "/", "outside", "../private", "nowhere", "one.mp3", "round", "nul\0l"])
def test_what_lies_outside_or_is_no_folder_is_refused(places: Places, music: Path, path: str) -> None:
    with pytest.raises(UsageError):
        places.look(str(music / path))


def test_thousands_of_folders_are_told_in_part(places: Places, music: Path) -> None:
    for number in range(400):
        (music / "Album 10" / f"{number}").mkdir()
    found = places.look(str(music / "Album 10"))
    assert [each.title for each in found.folders[:3]] == ["0", "1", "2"]
    assert len(found.folders) + found.more == 400


def test_the_desktops_own_word_for_the_folder_of_music_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, require
) -> None:
    require(os.name == "posix", "a desktop that keeps user-dirs.dirs")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "Musik").mkdir()
    assert usual_places()[0] == Place("Home", str(tmp_path))
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config" / "user-dirs.dirs").write_text('XDG_MUSIC_DIR="$HOME/Musik"\n')
    assert usual_places()[:2] == (Place("Music", str(tmp_path / "Musik")), Place("Home", str(tmp_path)))
