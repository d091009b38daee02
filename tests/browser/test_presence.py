"""A live page whose dashboard goes away and comes back, and the end of a session that is out of sight."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hindrances import PHONE, nothing_hinders
from playwright.sync_api import Browser, Locator, Page, expect
from recorders import recorded, serve, wait

from biotune.domain import MarkerSet, Request
from biotune.library import Library, open_library

pytestmark = pytest.mark.browser
NEWER = "before => document.querySelector('#live-heart-rate .js-plotly-plot').data[0].x.at(-1) > before"
LAST = "document.querySelector('#live-heart-rate .js-plotly-plot').data[0].x.at(-1)"


class Dashboard:
    """The dashboard in a process of its own, which is killed and started again at the same address."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._process, self.address = serve(home)

    def kill(self) -> None:
        """End it as a crash does."""
        self._process.kill()
        self._process.communicate()

    def again(self) -> None:
        self._process, address = serve(self._home, int(self.address.strip("/").rpartition(":")[2]))
        assert address == self.address


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def library(home: Path) -> Iterator[Library]:
    with open_library(home) as opened:
        yield opened


@pytest.fixture(scope="module")
def dashboard(home: Path, library: Library) -> Iterator[Dashboard]:
    assert library.store
    served = Dashboard(home)
    yield served
    served.kill()


@pytest.fixture
def session(library: Library) -> Iterator[str]:
    with recorded(library, "--simulate=resting", "--client=K-1", "--protocol=listening") as identity:
        yield identity


@pytest.fixture
def page(browser: Browser, dashboard: Dashboard, session: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 900})
    context.set_default_timeout(20_000)
    made = context.new_page()
    made.goto(f"{dashboard.address}live/{session}")
    expect(made.locator("#live-rate")).to_have_text(re.compile(r"\d{2,3}\s*bpm"))
    yield made
    context.close()


def _told(page: Page) -> Locator:
    return page.locator(".bt-told")


def _marked(library: Library, session: str) -> list[str]:
    return [line.entry.label for line in library.store.lines(session) if isinstance(line.entry, MarkerSet)]


@pytest.mark.usefixtures("axe")
def test_a_page_whose_dashboard_is_killed_says_so_refuses_and_goes_on_by_itself(
    page: Page, dashboard: Dashboard, library: Library, session: str
) -> None:
    page.evaluate("window.sameLoading = true")
    usual = page.locator("#live-rate .bt-now").evaluate("number => getComputedStyle(number).color")
    dashboard.kill()
    try:
        expect(_told(page)).to_contain_text("biotune does not answer.", timeout=8000)
        expect(_told(page)).to_contain_text("The recording goes on by itself; start biotune again.")
        assert page.locator("#live-rate .bt-now").evaluate("number => getComputedStyle(number).color") != usual
        page.keyboard.press("1")
        expect(_told(page)).to_contain_text("“Spoke” was not taken up. Do it again once biotune answers.")
        page.get_by_role("textbox", name="Note").fill("asked for water")
        page.keyboard.press("Enter")
        expect(_told(page)).to_contain_text("The note was not taken up.")
        nothing_hinders(page, "a dashboard that is gone")
        page.get_by_role("button", name="End phase").click()
        library.live.end_phase(session, 1)  # as from another window
        wait(lambda: (now := library.live.tail(session).phase) and now.number == 2)
        before = page.evaluate(LAST)
    finally:
        dashboard.again()
    expect(_told(page)).to_contain_text(
        re.compile("biotune answers again. *“End phase” was not taken up. Do it again.")
    )
    expect(page.locator("#live-phase h2")).to_contain_text("Baseline")
    page.wait_for_function(NEWER, arg=before)
    assert page.evaluate("window.sameLoading")  # what was typed or opened is still there
    expect(page.get_by_role("textbox", name="Note")).to_have_value("asked for water")
    _told(page).get_by_role("button", name="Close").click()
    expect(_told(page)).to_have_count(0)
    page.get_by_role("button", name="Spoke").click()
    wait(lambda: _marked(library, session) == ["Spoke"])
    page.get_by_role("button", name="End phase").click()
    wait(lambda: (now := library.live.tail(session).phase) and now.number == 3)


def test_a_marker_that_nobody_heard_is_told_at_once(page: Page, dashboard: Dashboard) -> None:
    dashboard.kill()
    try:
        page.get_by_role("button", name="Movement").click()
        expect(_told(page)).to_contain_text("“Movement” may not have been taken up.", timeout=4000)
    finally:
        dashboard.again()
    expect(_told(page)).to_contain_text("biotune answers again.")


def test_a_page_without_its_network_says_so_and_goes_on(page: Page, library: Library, session: str) -> None:
    page.context.set_offline(offline=True)
    expect(_told(page)).to_contain_text("biotune does not answer.", timeout=8000)
    page.get_by_role("button", name="Spoke").click()
    expect(_told(page)).to_contain_text("“Spoke” was not taken up.")
    before = page.evaluate(LAST)
    page.context.set_offline(offline=False)
    expect(_told(page)).to_contain_text("biotune answers again.")
    page.wait_for_function(NEWER, arg=before)
    assert _marked(library, session) == []


@pytest.mark.usefixtures("axe")
def test_the_end_of_a_session_is_told_where_one_has_scrolled_to(page: Page, library: Library, session: str) -> None:
    page.set_viewport_size({"width": PHONE[0], "height": 900})
    page.get_by_role("heading", name="Markers").scroll_into_view_if_needed()
    page.mouse.wheel(0, 4000)
    expect(page.locator("#live-notice")).not_to_be_in_viewport()
    library.live.request(session, Request.STOP)
    expect(page.locator("#live-notice")).to_contain_text("The session is over")
    page.mouse.wheel(0, 4000)
    expect(_told(page)).to_contain_text("The session is over")
    nothing_hinders(page, "the end, told below", looks=(PHONE,))
    _told(page).get_by_role("link", name="Ratings and readings after it").click()
    page.wait_for_url(f"**/session/{session}#ratings")
    expect(_told(page)).to_have_count(0)
