"""One walk through the dashboard in a real browser: list, session, verdict, and nothing leaves the machine."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from biotune.analysis.words import verdict_label
from biotune.domain import Verdict
from biotune.library import Library

if TYPE_CHECKING:
    from conftest import Visit

pytestmark = pytest.mark.browser
LABELS = [verdict_label(verdict) for verdict in Verdict]


def _stayed_home(visit: "Visit") -> None:
    assert visit.complaints == []
    assert visit.asked
    assert {url.split("/")[2] for url in visit.asked if not url.startswith(("data:", "blob:"))} == {
        visit.address.removeprefix("http://")
    }


def test_from_the_list_to_the_verdict(visit: "Visit") -> None:
    visit.go("/")
    row = visit.page.locator("tbody tr", has_text="K-204")
    expect(row).to_contain_text("79 → 66 bpm")
    assert any(label in row.inner_text() for label in LABELS)
    row.get_by_role("link").click()

    visit.page.wait_for_url("**/session/S*")
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text("K-204")
    words = visit.page.locator(".bt-words")
    expect(words).to_contain_text("Heart rate fell")
    heart_rate = visit.page.locator(".bt-headline").first
    expect(heart_rate).to_contain_text("79")
    assert any(label in heart_rate.inner_text() for label in LABELS)
    expect(visit.page.locator("#before-during-after-rmssd svg").first).to_be_visible()
    expect(visit.page).to_have_title("Session S1 · Client K-204 · biotune")
    _stayed_home(visit)


def test_the_line_stops_where_the_signal_did(visit: "Visit") -> None:
    visit.go("/session/S1")
    smoothed = visit.page.locator("#tachogram .scatterlayer .trace").nth(1).locator("path.js-line")
    expect(smoothed).to_have_count(2)
    assert [(line.get_attribute("d") or "").count("M") for line in smoothed.all()] == [1, 1]
    expect(visit.page.locator("main")).to_contain_text("1 gap without signal: 8:")


def test_other_windows_can_be_compared(visit: "Visit") -> None:
    visit.go("/session/S2")
    first = visit.page.locator(".bt-headline").first
    expect(first).to_contain_text("Baseline → Recovery")
    visit.page.locator("#compare-after").click()
    visit.page.get_by_role("option", name="Music").click()
    expect(first).to_contain_text("Baseline → Music")
    _stayed_home(visit)


def test_the_list_can_be_searched(visit: "Visit") -> None:
    visit.go("/")
    rows = visit.page.locator("tbody tr")
    expect(rows.filter(has_text="K-204")).to_have_count(1)
    visit.page.get_by_label("Search").fill("k-117")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("K-117")
    visit.page.get_by_label("Search").fill("nobody")
    expect(visit.page.locator("main")).to_contain_text("No session matches")


def test_dark_stays_dark(visit: "Visit") -> None:
    visit.go("/")
    page = visit.page.locator("html")
    expect(page).to_have_attribute("data-mantine-color-scheme", "light")
    visit.page.get_by_role("button", name="Switch between light and dark").click()
    expect(page).to_have_attribute("data-mantine-color-scheme", "dark")
    visit.go("/session/S1")
    expect(page).to_have_attribute("data-mantine-color-scheme", "dark")
    _stayed_home(visit)


@pytest.mark.parametrize("visit", [{"width": 390}], indirect=True)
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/session/S1",
        "/session/S1?view=detailed",
        "/help",
        "/nowhere",
        "/compare?a=S1&b=S2",
        "/replay/S1",
        "/settings",
    ],
)
def test_a_phone_never_scrolls_sideways(visit: "Visit", path: str) -> None:
    visit.go(path)
    visit.page.wait_for_load_state("networkidle")
    if path.endswith("?view=detailed"):
        visit.page.locator("#time-frequency .main-svg").first.wait_for()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("visit", [{"width": 390}], indirect=True)
def test_a_phone_reaches_every_page(visit: "Visit") -> None:
    visit.go("/")
    link = visit.page.get_by_role("link", name="How to read it")
    expect(link).not_to_be_in_viewport()
    visit.page.get_by_role("button", name="Menu").click()
    link.click()
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("How to read biotune")
    expect(link).not_to_be_in_viewport()
    _stayed_home(visit)


def test_an_unknown_session_is_told_as_one(visit: "Visit") -> None:
    visit.go("/session/S99")
    expect(visit.page.locator("main")).to_contain_text("S99")
    expect(visit.page.locator("main")).not_to_contain_text("biotune sessions")  # a link, no command
    expect(visit.page.get_by_role("link", name="Go to the list of sessions")).to_be_visible()
    visit.page.get_by_role("link", name="Skip to the page").focus()
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("main")).to_be_focused()
    visit.page.get_by_role("link", name="Go to the list of sessions").click()
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Sessions")
    _stayed_home(visit)


def test_paper_carries_the_session_and_no_controls(visit: "Visit") -> None:
    visit.go("/session/S1")
    visit.page.locator(".bt-words").wait_for()
    visit.page.emulate_media(media="print")
    expect(visit.page.get_by_role("button", name="Switch between light and dark")).to_be_hidden()
    expect(visit.page.locator("#compare-after")).to_be_hidden()
    expect(visit.page.locator(".bt-words")).to_be_visible()


@pytest.mark.parametrize("visit", [{"scheme": "dark"}], indirect=True)
def test_printing_uses_white_paper_and_fits_figures_to_it(visit: "Visit") -> None:
    visit.go("/session/S1")
    figure = visit.page.locator("#tachogram .main-svg").first
    figure.wait_for()
    page = visit.page.locator("html")
    on_screen = figure.evaluate("figure => figure.clientWidth")
    visit.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(page).to_have_attribute("data-mantine-color-scheme", "light")
    assert figure.evaluate("figure => figure.clientWidth") < 900 < on_screen
    visit.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(page).to_have_attribute("data-mantine-color-scheme", "dark")
    visit.page.wait_for_function(
        "wide => document.querySelector('#tachogram .main-svg').clientWidth === wide", arg=on_screen
    )


_WIDTHS = """() => [...document.querySelectorAll('main .bt-graph')].filter((each) => each.clientWidth)
    .map((each) => [each.id, each.clientWidth, (each.querySelector('.main-svg') || each).clientWidth])"""


@pytest.mark.parametrize("visit", [{"scheme": "dark", "width": 1366}, {"width": 390}], indirect=True)
@pytest.mark.parametrize(
    ("path", "drawn"),
    [("/session/S1?view=detailed", "#time-frequency .main-svg"), ("/client/K-204", "#over-sessions .main-svg")],
)
def test_a_printed_page_is_a_clean_sheet_and_the_screen_is_afterwards_as_before(
    visit: "Visit", path: str, drawn: str
) -> None:
    visit.go(path)
    visit.page.locator(drawn).first.wait_for()
    scheme = visit.page.locator("html").get_attribute("data-mantine-color-scheme")
    visit.page.wait_for_load_state("networkidle")
    before = visit.page.evaluate(_WIDTHS)
    assert before
    assert len(visit.page.pdf(format="A4")) > 10_000  # the browser tells the page before and after
    visit.page.wait_for_function(f"before => JSON.stringify(({_WIDTHS})()) === JSON.stringify(before)", arg=before)
    expect(visit.page.locator("html")).to_have_attribute("data-mantine-color-scheme", str(scheme))
    expect(visit.page.locator(".bt-printed")).to_have_count(0)
    visit.page.set_viewport_size({"width": 688, "height": 1016})  # A4 within its margins
    visit.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    visit.page.emulate_media(media="print")
    expect(visit.page.locator(".bt-printed")).to_contain_text("biotune · printed")
    expect(visit.page.locator("main h1")).to_contain_text("K-204")
    for control in ("button:visible", "input:visible", "textarea:visible", "summary:visible"):
        expect(visit.page.locator(f"main {control}")).to_have_count(0)
    over = "() => [...document.querySelectorAll('main .bt-graph, main table, main p')].filter((each) => {"
    over += "const at = each.getBoundingClientRect(); return at.width && at.right > innerWidth + 1; }).length"
    assert visit.page.evaluate(over) == 0


def test_what_is_recorded_meanwhile_appears_by_itself(
    visit: "Visit", library: Library, bring_in: Callable[..., None]
) -> None:
    visit.go("/")
    expect(visit.page.locator("tbody tr", has_text="K-204")).to_have_count(1)
    bring_in(library, "K-999", seed=3)
    expect(visit.page.locator("tbody tr", has_text="K-999")).to_have_count(1)
    _stayed_home(visit)
