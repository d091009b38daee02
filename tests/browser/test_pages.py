"""The pages beyond the walk: two readings, beats, replay, two sessions, settings; by mouse and by keyboard alone."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from biotune.domain import BeatJudgement
from biotune.library import Library

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Visit

pytestmark = pytest.mark.browser
PATIENCE_MS = 15_000


def _stayed_home(visit: "Visit") -> None:
    assert visit.complaints == []
    assert {url.split("/")[2] for url in visit.asked if not url.startswith(("data:", "blob:"))} == {
        visit.address.removeprefix("http://")
    }


def test_the_detailed_reading_has_an_address_and_its_figures_can_be_saved(visit: "Visit", tmp_path: Path) -> None:
    page = visit.page
    visit.go("/session/S2")
    page.locator(".bt-words").wait_for()
    expect(page.locator("#spectrum")).to_have_count(0)
    page.get_by_role("link", name="Detailed").press("Enter")
    page.wait_for_url("**/session/S2?view=detailed")
    expect(page.get_by_role("link", name="Detailed")).to_have_attribute("aria-current", "page")
    for figure in ("spectrum", "poincare", "trace-breathing_rate", "trace-rmssd", "trace-hf", "time-frequency"):
        expect(page.locator(f"#{figure} .main-svg").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("main")).to_contain_text("DFA α1")
    expect(page.locator("main")).to_contain_text("too short, needs 3000 s")
    assert page.locator("#spectrum .js-plotly-plot").evaluate("plot => plot._fullLayout.yaxis.type") == "linear"
    page.get_by_text("Logarithmic").click()
    page.wait_for_function("document.querySelector('#spectrum .js-plotly-plot')._fullLayout.yaxis.type === 'log'")
    for form, begins in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with page.expect_download(timeout=PATIENCE_MS) as saved:
            page.get_by_role("button", name=f"Save the figure spectrum as {form}").click()
        file = tmp_path / saved.value.suggested_filename
        saved.value.save_as(file)
        assert file.name == f"S2-spectrum.{form.lower()}"
        assert file.read_bytes().startswith(begins)
    page.go_back()
    expect(page.get_by_role("link", name="Client", exact=True)).to_have_attribute("aria-current", "page")
    expect(page.locator("#spectrum")).to_have_count(0, timeout=PATIENCE_MS)
    _stayed_home(visit)


def test_a_beat_is_left_out_and_taken_back_by_keys_alone(visit: "Visit", library: Library) -> None:
    page = visit.page
    visit.go("/session/S2?view=detailed")
    beats = page.get_by_role("group", name="Beats one by one")
    beats.wait_for(timeout=PATIENCE_MS)
    beats.focus()
    for key in ("ArrowRight", "x"):
        before = page.locator("#beats-shown").inner_text()
        page.keyboard.press(key)
        expect(page.locator("#beats-shown")).not_to_have_text(before, timeout=PATIENCE_MS)
    expect(page.locator("#beats-shown")).to_contain_text("left out, as a person decided", timeout=PATIENCE_MS)
    assert [each.judgement for each in library.corrections.decisions("S2")] == [BeatJudgement.REJECTED]
    beats.focus()
    page.keyboard.press("z")
    expect(page.locator("#beats-said")).to_contain_text("Taken back", timeout=PATIENCE_MS)
    assert [each.judgement for each in library.corrections.decisions("S2")] in ([], [BeatJudgement.UNDECIDED])
    _stayed_home(visit)


def test_a_session_is_removed_brought_back_and_found_by_its_approach(visit: "Visit", library: Library) -> None:
    page = visit.page
    visit.go("/")
    rows = page.locator("tbody tr")
    expect(rows.filter(has_text="K-117")).to_have_count(1)
    page.get_by_role("button", name="Remove session S2 from the list").press("Enter")
    expect(rows.filter(has_text="K-117")).to_have_count(0, timeout=PATIENCE_MS)
    assert [each.id for each in library.removed()] == ["S2"]
    page.get_by_role("button", name="Undo").click()
    expect(rows.filter(has_text="K-117")).to_have_count(1, timeout=PATIENCE_MS)
    expect(page.locator("#sessions-removed")).to_be_empty(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Remove session S2 from the list").press("Enter")
    expect(rows.filter(has_text="K-117")).to_have_count(0, timeout=PATIENCE_MS)
    page.reload()  # the notice with its Undo is gone, the way back is not
    expect(page.locator("#sessions-removed")).to_have_text("1 removed session · bring it back", timeout=PATIENCE_MS)
    page.get_by_role("link", name="bring it back").click()
    page.get_by_role("button", name="Bring it back").click()
    expect(page.locator("#removed")).to_contain_text("No session was removed", timeout=PATIENCE_MS)
    page.get_by_role("link", name="Sessions").first.click()
    expect(rows.filter(has_text="K-117")).to_have_count(1, timeout=PATIENCE_MS)
    page.get_by_label("From", exact=True).fill("2999-01-01")
    expect(page.locator("main")).to_contain_text("No session matches", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Show all", exact=True).click()
    expect(rows.filter(has_text="K-117")).to_have_count(1, timeout=PATIENCE_MS)
    _stayed_home(visit)


def test_files_are_imported_and_appear_in_the_list(visit: "Visit", tmp_path: Path) -> None:
    page = visit.page
    good, bad = tmp_path / "walk.csv", tmp_path / "notes.txt"
    rows = "\n".join(f"{0.75 * k:.2f},{750 + k % 5}" for k in range(1, 400))
    good.write_text(f"time_s,rr_ms\n{rows}\n")
    bad.write_text("milk, eggs")
    visit.go("/")
    page.get_by_text("Import files").press("Enter")
    page.get_by_role("textbox", name="Whose").fill("K-import")
    page.keyboard.press("Tab")
    page.locator(".bt-drop input").set_input_files([good, bad])
    expect(page.locator("#import-said")).to_contain_text("1 session came in", timeout=PATIENCE_MS)
    expect(page.locator("#import-said")).to_contain_text("notes.txt could not be read")
    expect(page.locator("tbody tr", has_text="K-import")).to_have_count(1, timeout=PATIENCE_MS)
    expect(page.locator("#import-said")).to_contain_text("S3: its date is that of the file")
    page.locator(".bt-drop input").set_input_files([good])
    expect(page.locator("#import-said")).to_contain_text("walk.csv is here already (S3)", timeout=PATIENCE_MS)
    visit.go("/session/S3")
    expect(page.locator("main")).to_contain_text("The date is that of the file", timeout=PATIENCE_MS)
    _stayed_home(visit)


def test_the_usual_windows_are_named_from_when_to_when(visit: "Visit") -> None:
    page = visit.page
    visit.go("/session/S2")
    before, after = (page.get_by_role("textbox", name=name, exact=True) for name in ("Before", "After"))
    expect(before).to_have_attribute("placeholder", "Baseline, 0:01–5:01")  # from the first beat on
    expect(after).to_have_attribute("placeholder", "Recovery, 15:01–20:01")
    page.get_by_role("button", name="Aa: large print").click()
    for field in (before, after):
        field.evaluate("field => { field.value = field.placeholder; }")
        assert field.evaluate("field => field.scrollWidth <= field.clientWidth")  # not cut
    page.get_by_role("button", name="Aa: large print").click()
    assert visit.complaints == []


def test_two_sessions_beside_one_another(visit: "Visit") -> None:
    page = visit.page
    visit.go("/session/S1")
    page.get_by_role("link", name="Compare with another session").click()
    page.wait_for_url("**/compare?a=S1")
    expect(page.locator("main")).to_contain_text("Choose two sessions")
    page.locator("#two-second").click()
    page.get_by_role("option", name="S2").click()
    expect(page.locator(".bt-words")).to_contain_text("different clients", timeout=PATIENCE_MS)
    expect(page.locator("#two-courses .main-svg").first).to_be_visible(timeout=PATIENCE_MS)
    assert page.url.endswith("/compare?a=S1&b=S2")
    assert "Clear change" not in page.locator("main").inner_text()  # two sittings never tell that
    page.reload()
    expect(page.locator(".bt-words")).to_contain_text("different clients", timeout=PATIENCE_MS)
    _stayed_home(visit)


def test_a_session_is_replayed_by_keys_and_a_marker_is_set_at_the_cursor(visit: "Visit", library: Library) -> None:
    page = visit.page
    visit.go("/replay/S2")
    time, phase = page.locator('[data-now="time"]'), page.locator('[data-now="phase"]')
    expect(page.locator("#replay .main-svg").first).to_be_visible(timeout=PATIENCE_MS)
    for _ in range(6):
        page.keyboard.press("PageDown")
    expect(phase).to_have_text("Music")
    expect(page.locator('[data-now="rate"]')).to_contain_text("bpm")
    at = time.inner_text()
    page.get_by_role("textbox", name="New marker").fill("eyes closed")
    page.get_by_role("button", name="Set it at the cursor").click()
    expect(page.locator("#replay-said")).to_contain_text("A marker was set", timeout=PATIENCE_MS)
    assert [(each.label, f"{each.time_s / 60:.0f}") for each in library.corrections.markers("S2")] == [
        ("eyes closed", "6")
    ]
    expect(page.get_by_role("button", name=f"Go to {at}")).to_be_visible()
    page.get_by_text("60×").click()
    page.locator("main h1").click()
    page.keyboard.press(" ")
    expect(time).not_to_have_text(at)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press(" ")
    page.get_by_role("slider", name="Where in the session").press("Home")
    expect(time).to_have_text("0:00")
    page.get_by_role("button", name="Undo the last correction").click()
    expect(page.locator("#replay-said")).to_contain_text("Taken back", timeout=PATIENCE_MS)
    assert library.corrections.markers("S2") == ()
    _stayed_home(visit)


def test_large_print_stays_and_days_follow_the_browser(visit: "Visit") -> None:
    page = visit.page
    visit.go("/settings")
    page.get_by_role("button", name="Large print", exact=True).click()
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "22px"
    visit.go("/")
    assert page.evaluate("document.documentElement.classList.contains('bt-large')")
    page.get_by_role("button", name="Aa: large print").press("Enter")
    assert not page.evaluate("document.documentElement.classList.contains('bt-large')")
    day = page.locator("tbody time").first
    told = day.evaluate(
        "each => new Intl.DateTimeFormat(navigator.language, {weekday: 'short', day: 'numeric', month: 'short', "
        "year: 'numeric'}).format(new Date(each.dateTime + 'T12:00'))"
    )
    expect(day).to_have_text(told)
    _stayed_home(visit)


def test_a_client_is_erased_only_once_the_code_was_typed(
    visit: "Visit", library: Library, bring_in: "Callable[..., None]"
) -> None:
    page = visit.page
    bring_in(library, "K-gone", seed=9)
    visit.go("/settings")
    page.locator("#erase-client").click()
    page.get_by_role("option", name="K-gone").click()
    expect(page.locator("#erase-leaving")).to_contain_text("Would be erased: 1 session", timeout=PATIENCE_MS)
    typed = page.get_by_role("textbox", name="Type the code to confirm")
    typed.fill("K-other")
    page.get_by_role("button", name="Erase for good").click()
    expect(page.locator("#erase-said")).to_contain_text("Nothing was erased", timeout=PATIENCE_MS)
    assert "K-gone" in library.listing.clients()
    typed.fill("K-gone")
    page.get_by_role("button", name="Erase for good").click()
    expect(page.locator("#erase-said")).to_contain_text("Everything of K-gone was erased", timeout=PATIENCE_MS)
    assert "K-gone" not in library.listing.clients()
    expect(page.locator("#settings-deeds")).to_contain_text("erased", timeout=PATIENCE_MS)
    _stayed_home(visit)


def test_a_session_leaves_as_a_file(visit: "Visit", tmp_path: Path) -> None:
    page = visit.page
    visit.go("/settings")
    page.locator("#export-session").click()
    page.get_by_role("option", name="S2").click()
    with page.expect_download(timeout=PATIENCE_MS) as saved:
        page.get_by_role("button", name="Save as a file").click()
    file = tmp_path / "saved"
    saved.value.save_as(file)
    assert file.stat().st_size > 1000
    _stayed_home(visit)
