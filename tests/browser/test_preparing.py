"""Preparing a sitting: four steps, a signal check, what was said; and back again after a crash of the browser."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from biotune.domain import ContextGiven, RatingGiven, ReadingGiven, Request, ScoreGiven
from biotune.domain.clients import Client, GoalDomain, Plan, Preferences
from biotune.library import Library
from biotune.library.drafts import Draft
from biotune.live import Standing

if TYPE_CHECKING:
    from conftest import Visit

pytestmark = pytest.mark.browser
EVIL = "<script>document.title = 'owned'</script>"


@pytest.fixture(autouse=True)
def busy_machines_are_waited_for(library: Library, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("dashboard.jobs.CHECK_S", 10)
    monkeypatch.setattr("dashboard.components.preparing.CHECK_S", 10)
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)
    library.drafts.clear()
    for session, standing in library.live.standings().items():
        if standing is Standing.RECORDED:
            library.live.request(session, Request.STOP)


def _choose(visit: "Visit") -> None:
    page = visit.page
    visit.go("/new")
    page.get_by_role("radio", name="Try without a strap").check()
    expect(page.get_by_text("Record the ECG and the accelerometer too")).to_be_visible()
    page.get_by_role("button", name="Continue").click()

    page.get_by_role("textbox", name="Client code").fill("<b>x</b>")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#new-refused")).to_contain_text("cannot be a client's code")
    page.get_by_role("textbox", name="Client code").fill("K-950")
    page.keyboard.press("Tab")
    expect(page.locator("#new-about")).to_contain_text("Ave Maria")
    expect(page.locator("#new-about")).to_contain_text(EVIL)  # as words
    expect(page.locator("#new-about")).to_contain_text("An irregular rhythm is common at this age")
    page.get_by_role("button", name="Take what is planned").click()
    expect(page.locator("#new-plan")).to_contain_text("Music · 6 min")
    expect(page.locator("#new-plan")).to_contain_text("Please heed")
    visit.nothing_hinders("client and protocol")
    page.get_by_role("button", name="Continue").click()


def _check_the_signal_and_crash(visit: "Visit") -> None:
    page = visit.page
    page.get_by_role("button", name="Check the signal").click()
    expect(page.locator("#new-check")).to_contain_text("Listening for 10 s")
    expect(page.locator("#new-check")).to_contain_text("Ready", timeout=40_000)
    expect(page.locator("#signal-check .main-svg").first).to_be_visible()
    expect(page.get_by_role("button", name="Again", exact=True)).to_be_visible()

    visit.go("/new")  # the browser crashed: everything is where it was
    expect(page.get_by_role("heading", name="3 · Signal check")).to_be_visible()
    expect(page.locator("#new-head")).to_contain_text("Ready, 0 % artefacts")
    page.get_by_role("button", name="Continue").click()


def _say_and_start(visit: "Visit") -> str:
    page = visit.page
    expect(page.locator("#new-heading-4")).to_be_focused()  # a step that comes takes the focus a moment later
    tension = page.get_by_role("slider", name="Tension")
    tension.focus()
    told = page.locator(".bt-rating-value")
    for _ in range(3):
        before = told.first.inner_text()
        page.keyboard.press("ArrowRight")
        expect(told.first).not_to_have_text(before)
    expect(told.first).to_have_text(re.compile(r"5[34]"))
    mood = page.get_by_role("slider", name="Mood")
    mood.focus()
    page.keyboard.press("Home")
    expect(told.nth(1)).to_have_text("0")
    page.get_by_role("button", name="Take back mood").click()
    expect(told.nth(1)).to_have_text("not given")
    page.get_by_role("textbox", name="Caffeine").click()
    page.get_by_role("option", name="none today").click()
    page.get_by_text("Blood pressure, cortisol, a questionnaire").click()
    page.get_by_role("textbox", name="Blood pressure, upper").fill("128")
    page.get_by_role("textbox", name="Questionnaire").fill("STAI-6")
    page.get_by_role("textbox", name="Score").fill("44")
    visit.nothing_hinders("before it begins")
    page.get_by_role("button", name="Start session").click()
    page.wait_for_url("**/live/S*")
    return page.url.rpartition("/")[2]


def _is_in_the_log(library: Library, session: str) -> None:
    entries = [line.entry for line in library.store.lines(session, kinds=["rating", "context", "reading", "score"])]
    rating = next(entry for entry in entries if isinstance(entry, RatingGiven))
    assert (rating.scale, rating.when) == ("tension", "before")
    assert rating.value in {53, 54}
    assert [entry for entry in entries if isinstance(entry, ContextGiven)] == [ContextGiven("caffeine", "none today")]
    assert ScoreGiven("STAI-6", 44, "before") in entries
    assert [(each.quantity, each.value) for each in entries if isinstance(each, ReadingGiven)] == [("systolic", 128)]
    assert len(entries) == 4
    assert library.store.head(session).protocol == "relaxation-short"
    assert library.drafts.read() == Draft()


def _prepare_the_next_as_last_time(visit: "Visit") -> None:
    page = visit.page
    visit.go("/new")
    expect(page.locator("main")).to_contain_text("A session is being recorded")
    page.get_by_role("radio", name="Try without a strap").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="Client code").fill("K-950")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="3 · Signal check").wait_for()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#new-last-told")).to_contain_text("caffeine none today")
    page.get_by_role("button", name="As last time").click()
    expect(page.get_by_role("textbox", name="Caffeine")).to_have_value("none today")
    page.get_by_role("button", name="Begin again from nothing").click()
    expect(page.get_by_role("heading", name="1 · Strap")).to_be_visible()


def _rate_afterwards(visit: "Visit", session: str) -> None:
    page = visit.page
    visit.go(f"/live/{session}")
    expect(page.locator("#live-notice")).to_contain_text("The session is over")
    page.get_by_role("link", name="Ratings and readings after it").click()
    page.wait_for_url(f"**/session/{session}#ratings")
    part = page.locator("#ratings")
    expect(part).to_contain_text("Tension")
    expect(part.locator("#ratings-shown table")).to_be_hidden()  # the answer before would draw the one after
    expect(part.locator("#ratings-shown")).to_contain_text("comes back when the ratings are kept")
    part.locator("#ratings-form > summary").click()
    expect(part.locator("#ratings-shown table")).to_be_visible()
    part.locator("#ratings-form > summary").click()
    part.get_by_role("button", name="Keep the ratings").click()  # open already, and in view
    expect(part).to_contain_text("No slider was moved")
    part.get_by_role("slider", name="Tension").focus()
    page.keyboard.press("Home")
    expect(part.locator(".bt-rating-value").first).to_have_text("0")
    part.get_by_role("button", name="Keep the ratings").click()
    expect(part.locator("#ratings-shown")).to_contain_text(re.compile(r"−5[34]"))
    expect(part.locator("#ratings-shown table")).to_be_visible()
    part.get_by_role("textbox", name="Questionnaire").fill(EVIL)
    part.get_by_role("textbox", name="Score").fill("3")
    part.get_by_role("button", name="Keep the score").click()
    expect(part.locator("#ratings-said")).to_contain_text("has 1 to 40 characters")
    part.get_by_role("textbox", name="Value").fill("900")
    part.get_by_role("button", name="Keep the reading").click()
    expect(part.locator("#ratings-said")).to_contain_text("lies between 40 and 300")
    part.get_by_role("textbox", name="Value").fill("117")
    part.get_by_label("Taken at").fill("2026-05-14T10:02")
    part.get_by_role("button", name="Keep the reading").click()
    expect(part.locator("#ratings-shown")).to_contain_text(
        re.compile(r"Blood pressure, upper 117 mmHg, taken May 14, 2026, 10:02\sAM")
    )
    visit.nothing_hinders("session")


@pytest.mark.usefixtures("axe")
def test_a_sitting_is_prepared_survives_a_crash_and_what_was_said_is_in_its_log(
    visit: "Visit", library: Library
) -> None:
    library.clients.save(
        Client(
            "K-950",
            age_band="70–79",
            goals={GoalDomain.SOCIAL: EVIL},
            preferences=Preferences(avoid=("Ave Maria",)),
            plan=Plan("relaxation-short", "once a week"),
        )
    )
    _choose(visit)
    _check_the_signal_and_crash(visit)
    session = _say_and_start(visit)
    _is_in_the_log(library, session)
    _prepare_the_next_as_last_time(visit)
    library.live.request(session, Request.STOP)
    _rate_afterwards(visit, session)
    assert visit.page.title() != "owned"
    assert visit.complaints == []
