"""A session's page before any script is there, and the moment in which Dash takes over."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Visit
    from playwright.sync_api import Route

    from biotune.library import Library

pytestmark = pytest.mark.browser
# what a reader's eye rests on, from the top of the page to its end
_PARTS = (
    "main h1",
    ".bt-switch",
    ".bt-files summary",
    ".bt-words",
    ".bt-headline",
    ".bt-headline .bt-verdict",
    ".bt-phases",
    ".bt-at-once",
    ".bt-headlines",
    ".bt-figure figcaption",
    "h3:not(.bt-headline h3)",
    "nav a",
)
_PLACES = """parts => Object.fromEntries(parts.map((part) => {
  const box = document.querySelector(part).getBoundingClientRect();
  return [part, [box.x, box.y, box.width].map(Math.round)];
}))"""


def _hold_scripts_back(visit: "Visit") -> None:
    visit.page.route("**/_dash-component-suites/**", lambda route: route.abort())
    visit.page.goto(visit.address + "/session/S2", wait_until="domcontentloaded")


@pytest.mark.parametrize("visit", [{"width": 1366}, {"width": 390, "scheme": "dark"}], indirect=True)
def test_all_is_read_without_a_script_and_nothing_moves_when_they_come(visit: "Visit") -> None:
    _hold_scripts_back(visit)
    page = visit.page
    expect(page.get_by_role("heading", level=1)).to_contain_text("K-117")
    said, cards = page.locator(".bt-words").inner_text(), page.locator(".bt-headlines").inner_text()
    assert "Heart rate fell" in said
    assert "66" in cards
    expect(page.locator(".bt-at-once path").first).to_be_visible()
    expect(page.get_by_text("Loading...")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    parts = [part for part in _PARTS if page.viewport_size["width"] > 800 or part != "nav a"]  # type: ignore[index]
    before = page.evaluate(_PLACES, parts)
    page.unroute_all()
    visit.go("/session/S2")
    page.locator("#react-entry-point .bt-at-once path").first.wait_for(state="attached")
    assert page.locator("#first").count() == 0
    assert (page.locator(".bt-words").inner_text(), page.locator(".bt-headlines").inner_text()) == (said, cards)
    assert page.evaluate(_PLACES, parts) == before


def test_the_page_without_scripts_hinders_nobody(visit: "Visit", axe: None) -> None:  # noqa: ARG001 - it is there
    _hold_scripts_back(visit)
    visit.nothing_hinders("before any script")


def test_what_was_reached_and_opened_stays_so_when_dash_takes_over(visit: "Visit") -> None:
    page = visit.page
    held: list[Route] = []
    page.route("**/dash_renderer*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright wants Python's own
    page.goto(visit.address + "/session/S2", wait_until="commit")
    files = page.locator("details.bt-files summary")
    files.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Print or save as PDF")).to_be_disabled()
    for route in held:
        route.continue_()
    page.locator("#react-entry-point details.bt-files[open]").wait_for()
    expect(files).to_be_focused()
    expect(page.get_by_role("button", name="Print or save as PDF")).to_be_enabled()
    assert visit.complaints == []


def test_a_drawing_of_the_server_is_saved_as_a_picture_that_stands_alone(visit: "Visit", tmp_path: Path) -> None:
    page = visit.page
    visit.go("/session/S2")
    for form, begins in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with page.expect_download() as saved:
            page.get_by_role("button", name=f"Save the figure before during after rmssd as {form}").click()
        file = tmp_path / saved.value.suggested_filename
        saved.value.save_as(file)
        assert file.name == f"S2-before-during-after-rmssd.{form.lower()}"
        assert file.read_bytes().startswith(begins)
    told = (tmp_path / "S2-before-during-after-rmssd.svg").read_text(encoding="utf-8")
    assert "var(" not in told
    assert ">Baseline<" in told
    alone = page.context.new_page()
    alone.goto((tmp_path / "S2-before-during-after-rmssd.svg").as_uri())
    assert alone.evaluate("document.querySelectorAll('path').length") >= 4
    alone.close()


@pytest.mark.parametrize("visit", [{"width": 390}], indirect=True)
def test_plotly_is_not_loaded_before_somebody_comes_near_its_figure(visit: "Visit") -> None:
    visit.go("/session/S2")
    page = visit.page
    page.wait_for_load_state("networkidle")
    assert not any("plotly.min" in url for url in visit.asked)
    page.locator(".bt-at-once").scroll_into_view_if_needed()
    expect(page.locator("#tachogram .main-svg").first).to_be_visible()
    assert visit.complaints == []


def test_a_session_that_cannot_be_told_at_once_is_left_to_dash(
    visit: "Visit", library: "Library", bring_in: "Callable[..., None]"
) -> None:
    bring_in(library, "<b>K&amp;1", seed=5)
    session = library.sessions()[0].id
    for path in ("/session/S99", "/"):
        visit.page.goto(visit.address + path, wait_until="commit")
        visit.page.locator("#react-entry-point main h1").wait_for()
    visit.page.route("**/_dash-component-suites/**", lambda route: route.abort())
    visit.page.goto(f"{visit.address}/session/{session}", wait_until="domcontentloaded")
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text("<b>K&amp;1")  # as words, never as a tag
