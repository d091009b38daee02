"""The page Music in a real browser, with real files: from nothing to a playlist."""

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import soundfile
from playwright.sync_api import expect

from biotune.analysis import made_sound
from biotune.domain.music import Piece
from biotune.library import Library

if TYPE_CHECKING:
    from conftest import Visit
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser


@pytest.mark.usefixtures("axe")
def test_from_nothing_to_a_playlist(visit: "Visit", library: Library, tmp_path: Path) -> None:
    for name, bpm in (("River", 62.5), ("Drum", 84.0)):
        soundfile.write(tmp_path / f"{name}.flac", 0.3 * made_sound.drums(bpm, 12.0, rate_hz=22_050), 22_050)
    (tmp_path / "list.mp3").write_text("milk")
    page, main = visit.page, visit.page.locator("main")
    visit.go("/")
    page.get_by_role("link", name="Music").click()
    expect(main).to_contain_text("No piece yet. Add a folder above.")

    page.get_by_role("textbox", name="Full path of a folder").fill("/no/such")
    page.keyboard.press("Enter")
    expect(main).to_contain_text("There is no folder /no/such")
    page.get_by_role("textbox", name="Full path of a folder").fill(str(tmp_path))
    page.get_by_role("button", name="Add folder").click()
    expect(main).to_contain_text("2 audio files found, 2 of them newly measured; 1 more cannot be used.")
    expect(page.locator("#music-pager")).to_have_text("2 pieces, 1 file that cannot be used")
    expect(main).to_contain_text("1 file needs a look")
    expect(page.locator("#music-table tr", has_text="River")).to_contain_text("62.5 bpm")

    page.get_by_role("textbox", name="Search").fill("dru")
    expect(page.locator("#music-pager")).to_have_text("1 piece")
    page.get_by_role("button", name="Drum: listen").click()
    expect(page.locator("#music-piece audio")).to_have_attribute("src", re.compile("/media/[0-9a-f]{64}"))
    tempo = page.get_by_role("textbox", name="Tempo in beats a minute")
    tempo.fill("1000")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(main).to_contain_text("A tempo lies between 20 and 300 beats a minute")
    tap = page.get_by_role("button", name="Tap the beat")
    for _ in range(5):
        tap.click()
        time.sleep(0.5)
    expect(page.locator("#music-tapped")).to_contain_text("over 5 taps")
    assert 60 < float(tempo.input_value()) < 125
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("#music-table tr", has_text="Drum")).to_contain_text("set by hand")
    page.get_by_role("button", name="Use what was measured").click()
    expect(page.locator("#music-table tr", has_text="Drum")).to_contain_text("84 bpm")

    _makes_a_playlist(page, main)
    _adds_live_music(page, main)

    visit.nothing_hinders("the music")
    assert library.music.playlists()[0].title == "Evening"
    page.reload()
    expect(page.locator("#music-table tr", has_text="River")).to_contain_text("62.5 bpm")
    page.get_by_role("button", name=re.compile(r"^Remove .* its files stay")).click()
    expect(main).to_contain_text("No piece yet")
    assert (tmp_path / "River.flac").exists()
    assert visit.complaints == []


def test_a_page_is_turned_after_a_search_and_a_search_begins_at_the_first(
    visit: "Visit", library: Library, tmp_path: Path
) -> None:
    documents, now_ns = library.store.documents, time.time_ns()
    pieces = [Piece(f"{k:064x}", f"Piece {k:03d}", path=str(tmp_path / f"{k}.mp3")) for k in range(120)]
    documents.put("folder", str(tmp_path), {}, utc_ns=now_ns)
    documents.put_many("piece", {each.key: each.to_dict() for each in pieces}, utc_ns=now_ns)
    page, pager = visit.page, visit.page.locator("#music-pager")
    visit.go("/music")
    search = page.get_by_role("textbox", name="Search")
    expect(pager).to_have_text("120 pieces, page 1 of 3")
    search.fill("117")
    expect(pager).to_have_text("1 piece")
    search.fill("")
    expect(pager).to_have_text("120 pieces, page 1 of 3")
    page.get_by_role("button", name="Next page").click()
    expect(pager).to_have_text("120 pieces, page 2 of 3")
    expect(page.locator("#music-table tbody tr").first).to_contain_text("Piece 050")
    page.get_by_role("button", name="Next page").click()
    expect(pager).to_have_text("120 pieces, page 3 of 3")
    search.fill("piece")
    expect(pager).to_have_text("120 pieces, page 1 of 3")
    library.music.remove_folder(str(tmp_path))


def _makes_a_playlist(page: "Page", main: "Locator") -> None:
    page.get_by_role("textbox", name="Name of a new playlist").fill("Evening")
    page.keyboard.press("Enter")
    expect(main).to_contain_text("It is empty: open a piece above and press “")
    page.get_by_role("button", name="Evening", exact=True).click()
    page.get_by_role("textbox", name="Search").fill("")
    page.get_by_role("button", name="River: listen").click()
    expect(page.locator("#music-piece h3")).to_have_text("River")
    page.get_by_role("button", name="Evening", exact=True).click()
    entries = page.locator("#music-entries li")
    expect(entries).to_have_text([re.compile("^Drum"), re.compile("^River")])
    page.get_by_role("button", name="Up: River").click()
    expect(entries).to_have_text([re.compile("^River"), re.compile("^Drum")])
    page.get_by_role("button", name="Take out River").click()
    expect(entries).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(entries).to_have_count(2)


def _adds_live_music(page: "Page", main: "Locator") -> None:
    page.get_by_role("textbox", name="What is played").fill("Guitar")
    page.get_by_role("button", name="Add live music").click()
    expect(main).to_contain_text("Live music needs a name and who plays it")
    page.get_by_role("textbox", name="Who plays it").fill("therapist")
    page.get_by_role("button", name="Add live music").click()
    expect(page.locator("#music-people")).to_contain_text("Guitar · therapist")


@pytest.mark.usefixtures("axe")
def test_a_folder_is_chosen_with_the_keyboard_alone(
    visit: "Visit", library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm = tmp_path / "Music" / "Calm"
    calm.mkdir(parents=True)
    (tmp_path / "Music" / "Brisk").mkdir()
    soundfile.write(calm / "Brook.flac", 0.3 * made_sound.drums(70.0, 4.0, rate_hz=22_050), 22_050)
    monkeypatch.setenv("HOME", str(tmp_path))
    page = visit.page
    dialog, focused = page.locator("#folder-dialog"), page.locator("#folder-dialog .bt-folder:focus")
    visit.go("/music")
    page.get_by_role("button", name="Choose a folder").focus()
    page.keyboard.press("Enter")
    expect(focused).to_have_text("Music")  # where music usually is comes first
    expect(dialog.get_by_role("button", name="Add this folder")).to_be_disabled()
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text(str(calm.parent))
    expect(focused).to_have_text("Brisk")
    page.keyboard.press("c")
    expect(focused).to_have_text("Calm")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("1 audio file in it")
    visit.nothing_hinders("choosing a folder")
    page.keyboard.press("Backspace")
    expect(focused).to_have_text("Brisk")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("No folder in it.")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert str(calm) not in library.music.folders()
    page.get_by_role("button", name="Choose a folder").click()
    dialog.get_by_role("button", name="Music", exact=True).click()
    dialog.get_by_role("button", name="Calm", exact=True).click()
    expect(dialog).to_contain_text(str(calm))
    dialog.get_by_role("button", name="Add this folder").press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#music-table")).to_contain_text("Brook")
    page.get_by_role("button", name="Choose a folder").click()
    dialog.get_by_role("button", name="Home", exact=True).click()
    dialog.get_by_role("button", name="Music", exact=True).click()
    dialog.get_by_role("button", name="Calm", exact=True).click()
    dialog.get_by_role("button", name="Add this folder").click()
    expect(dialog).to_contain_text("is looked into already")
    dialog.get_by_role("button", name="Cancel").click()
    library.music.remove_folder(str(calm))
    assert visit.complaints == []


def test_the_record_of_the_music_is_completed_and_filled_in_as_last_time(visit: "Visit", library: Library) -> None:
    page = visit.page
    visit.go("/session/S1")
    section = page.locator("#music")
    expect(section).to_contain_text("No music is in this session's log")
    section.get_by_text("Complete the record of the music").click()
    section.get_by_role("textbox", name="Facilitator").fill("qualified music therapist")
    section.get_by_role("textbox", name="Setting").fill("a quiet room")
    section.get_by_role("button", name="Keep the record").click()
    expect(section).to_contain_text("Kept: 2 items.")
    meter = section.get_by_text("2 of 15 items of the reporting guideline are told.")
    expect(meter).to_be_hidden()  # for who publishes: in the detailed reading
    expect(section).to_contain_text("what is written of its music is in the detailed reading")
    page.locator("[data-view=detailed]").click()
    expect(meter).to_be_visible()
    assert library.music_records.of("S1").told == 2
    section.get_by_text("For researchers: heart, breath and tempo").click()
    section.get_by_role("button", name="Look").click()
    expect(section).to_contain_text("Exploratory, for researchers")

    visit.go("/session/S2")
    section.get_by_text("Complete the record of the music").click()
    section.get_by_role("button", name="Fill in as last time").click()
    expect(section.get_by_role("textbox", name="Facilitator")).to_have_value("qualified music therapist")
    visit.nothing_hinders("the music")
