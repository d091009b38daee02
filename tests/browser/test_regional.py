"""Numbers and dates as a reader in Germany and one in Britain write them; what is downloaded stays the same."""

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Visit

    from biotune.library import Library

pytestmark = pytest.mark.browser
GERMANY = pytest.mark.parametrize("visit", [{"locale": "de-DE"}], indirect=True)
BRITAIN = pytest.mark.parametrize("visit", [{"locale": "en-GB"}], indirect=True)
# a decimal point in a number of its own: 0.1.0, 2.5.mp3 and addresses are none, nor is a German 62.284
POINT = re.compile(r"(?<![\w./:-])(?:\d+\.\d{1,2}|0\.\d+)(?![\w./-])")
COMMA = re.compile(r"(?<![\w,])\d+,\d{1,2}(?![\w,])")
DAYS = {
    "de-DE": re.compile(r"(Mo|Di|Mi|Do|Fr|Sa|So)\., \d{1,2}\. \w+\.? \d{4}"),
    "en-GB": re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} \w{3,4} \d{4}"),
}
_MONTHS = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"  # codespell:ignore
SHORT_DAYS = {"de-DE": re.compile(r"\d{1,2}\. \w+\.?\s\d{4}"), "en-GB": re.compile(r"\d{1,2} \w{3,4}\s\d{4}")}


def _read(visit: "Visit", path: str, ready: str) -> str:
    visit.go(path)
    visit.page.locator(ready).first.wait_for()
    for each in visit.page.locator("main details.bt-numbers summary").all():
        each.click()
    return visit.page.locator("main").inner_text()


def _drawn(visit: "Visit") -> str:
    return " ".join(visit.page.locator("main svg text").all_text_contents())


@pytest.mark.parametrize("visit", [{"locale": "de-DE"}, {"locale": "en-GB"}], indirect=True, ids=["de-DE", "en-GB"])
def test_list_session_and_client_are_written_in_the_readers_form(
    visit: "Visit", request: pytest.FixtureRequest
) -> None:
    locale = request.node.callspec.id
    mine, other = (COMMA, POINT) if locale == "de-DE" else (POINT, COMMA)
    told = _read(visit, "/", "tbody .bt-verdict")
    assert DAYS[locale].search(told)
    assert not other.search(told)
    told = _read(visit, "/session/S1?view=detailed", "#time-frequency .main-svg")
    assert DAYS[locale].search(told)
    settings = visit.page.locator(".bt-own").all_inner_texts()  # what is to be quoted or computed again
    for part in settings:
        told = told.replace(part, "")
    assert len(mine.findall(told)) > 50
    assert not other.search(told)
    assert mine.search(_drawn(visit))
    assert not other.search(_drawn(visit))
    told = _read(visit, "/client/K-204", "#over-sessions")
    assert SHORT_DAYS[locale].search(told)
    assert mine.search(told)
    assert not other.search(told)
    assert visit.complaints == []


@pytest.mark.parametrize("visit", [{"locale": "de-DE"}, {"locale": "en-GB"}], indirect=True, ids=["de-DE", "en-GB"])
@pytest.mark.parametrize("typed", ["12,5", "12.5"])
def test_a_field_takes_comma_and_point_alike(visit: "Visit", library: "Library", typed: str) -> None:
    visit.go("/session/S2")
    visit.page.get_by_text("Add or change ratings").click()
    part = visit.page.locator("#ratings")
    name = f"own {typed[2]}"
    part.get_by_role("textbox", name="Questionnaire").fill(name)
    part.get_by_role("textbox", name="Score").press_sequentially(typed)
    part.get_by_role("button", name="Keep the score").click()
    german = visit.page.evaluate("navigator.language") == "de-DE"
    expect(part.locator("#ratings-said")).to_contain_text("12,5" if german else "12.5")
    kept = {each.name: each.after for each in library.self_report("S2").scores}
    assert kept[name] == 12.5


@BRITAIN
def test_a_choice_in_settings_is_kept_by_the_browser_and_changes_no_download(visit: "Visit") -> None:
    visit.go("/settings")
    report = visit.page.request.get(f"{visit.address}/download/S1/client.html").text()
    visit.page.get_by_role("textbox", name="Numbers and dates").click()
    with visit.page.expect_navigation():
        visit.page.get_by_role("option", name="Deutsch (Deutschland): 1.234,5 · 14. Mai 2026").click()
    told = _read(visit, "/session/S1", "#before-during-after-rmssd")
    assert DAYS["de-DE"].search(told)
    assert COMMA.search(told)
    assert visit.page.request.get(f"{visit.address}/download/S1/client.html").text() == report
    visit.go("/settings")
    field = visit.page.get_by_role("textbox", name="Numbers and dates")
    expect(field).to_have_value(re.compile("Deutsch"))
    field.click()
    with visit.page.expect_navigation():
        visit.page.get_by_role("option", name="As the browser does").click()
    assert DAYS["en-GB"].search(_read(visit, "/session/S1", "#before-during-after-rmssd"))


@GERMANY
def test_the_list_is_searched_in_the_readers_own_months(visit: "Visit", library: "Library") -> None:
    begun = library.store.summary("S1").started.astimezone()
    months = _MONTHS.split()
    visit.go("/")
    rows = visit.page.locator("tbody tr")
    expect(rows).to_have_count(2)
    visit.page.get_by_role("textbox", name="Search").fill(f"{begun.day}. {months[begun.month - 1]}")
    expect(rows).to_have_count(2)
    visit.page.get_by_role("textbox", name="Search").fill(months[begun.month % 12])
    expect(rows).to_have_count(0)
