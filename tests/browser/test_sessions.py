"""The list of sessions: ready-made days, and filters that live in the address."""

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Visit

pytestmark = pytest.mark.browser


def _expected(today: date, name: str, first_weekday: int) -> tuple[date, date]:
    monday = today - timedelta(days=(today.weekday() - first_weekday) % 7)
    month = today.replace(day=1)
    return {
        "Today": (today, today),
        "This week": (monday, monday + timedelta(days=6)),
        "Last week": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "This month": (month, (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)),
    }[name]


@pytest.mark.parametrize(
    ("visit", "first_weekday"), [({"locale": "en-GB"}, 0), ({"locale": "en-US"}, 6)], indirect=["visit"]
)
def test_a_range_of_days_is_one_click(visit: "Visit", first_weekday: int) -> None:
    page = visit.page
    visit.go("/")
    rows = page.locator("tbody tr")
    expect(page.get_by_role("radio", name="All")).to_be_checked()
    expect(rows).to_have_count(2)
    for name in ("Today", "This week", "Last week", "This month"):
        page.get_by_text(name, exact=True).click()
        expect(rows).to_have_count(0 if name == "Last week" else 2)
        today = datetime.now().astimezone().date()
        since, until = _expected(today, name, first_weekday)
        expect(page).to_have_url(re.compile(f"from={since}&to={until}$"))
        expect(page.get_by_label("From", exact=True)).to_have_value(f"{since}")
        expect(page.get_by_label("To", exact=True)).to_have_value(f"{until}")
    page.get_by_label("From", exact=True).fill("2020-02-03")
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)  # days of one's own are no range
    page.get_by_text("All", exact=True).click()
    expect(page.get_by_label("From", exact=True)).to_have_value("")
    expect(page).to_have_url(re.compile(r"/$"))
    expect(rows).to_have_count(2)
    assert visit.complaints == []


def test_what_was_asked_for_survives_reload_and_the_way_back(visit: "Visit") -> None:
    page = visit.page
    visit.go("/")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    page.get_by_role("textbox", name="Search").fill("k-117")
    page.get_by_role("textbox", name="Order").click()
    page.get_by_role("option", name="Oldest first").click()
    expect(page).to_have_url(re.compile(r"/\?q=k-117&order=oldest$"))
    expect(rows).to_have_count(1)

    def is_kept() -> None:
        expect(page.get_by_role("textbox", name="Search")).to_have_value("k-117")
        expect(page.get_by_role("textbox", name="Order")).to_have_value("Oldest first")
        expect(rows).to_have_count(1)
        expect(page).to_have_url(re.compile(r"/\?q=k-117&order=oldest$"))

    page.reload()
    is_kept()
    rows.get_by_role("link").click()
    page.get_by_role("link", name="All sessions").click()
    is_kept()
    rows.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("K-117")
    page.go_back()
    is_kept()
    page.get_by_role("link", name="Clients", exact=True).click()
    page.get_by_role("link", name="Sessions", exact=True).press("Enter")
    is_kept()
    page.get_by_role("button", name="Show all", exact=True).click()
    expect(page).to_have_url(re.compile(r"/$"))
    expect(rows).to_have_count(2)
    assert visit.complaints == []


def test_an_address_that_asks_for_nonsense_is_a_list_all_the_same(visit: "Visit") -> None:
    visit.go("/?from=yesterday&to=2026-99-99&order=loudest&page=0x&client=<b>nobody</b>&q=%00")
    expect(visit.page.get_by_label("From", exact=True)).to_have_value("")
    expect(visit.page.get_by_role("textbox", name="Client")).to_have_value("<b>nobody</b>")
    expect(visit.page.locator("main")).to_contain_text("No session matches")
    visit.page.get_by_role("button", name="Show all", exact=True).click()
    expect(visit.page.locator("tbody tr")).to_have_count(2)


def test_placeholders_are_not_cut(visit: "Visit") -> None:
    visit.go("/")
    for name in ("Client", "Approach"):
        field = visit.page.get_by_role("textbox", name=name)
        width = field.evaluate(
            """field => { const pen = document.createElement('canvas').getContext('2d');
            const look = getComputedStyle(field); pen.font = look.font;
            return field.clientWidth - parseFloat(look.paddingLeft) - parseFloat(look.paddingRight)
                - pen.measureText(field.placeholder).width; }"""
        )
        assert width >= 0, name
