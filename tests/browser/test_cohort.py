"""The cohort and an experiment in a real browser: gathered, filtered, fetched, drawn, given up."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from biotune.library import Library

if TYPE_CHECKING:
    from conftest import Visit

pytestmark = pytest.mark.browser
PATIENCE_MS = 20_000


@pytest.fixture(scope="module", autouse=True)
def more(library: Library, bring_in: Callable[..., None]) -> None:
    """Five clients more: seven in all, who all slow from 79 to 66 bpm."""
    for number in range(5):
        bring_in(library, f"M-{number}", seed=20 + number)


def fetched(visit: "Visit", name: str) -> list[dict[str, str]]:
    with visit.page.expect_download() as download:
        visit.page.get_by_role("button", name=name).click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def test_a_group_is_gathered_filtered_and_fetched(visit: "Visit") -> None:
    page = visit.page
    visit.go("/cohort")
    expect(page.locator("#cohort-body")).to_contain_text("7 sessions of 7 clients", timeout=PATIENCE_MS)
    words = page.locator(".bt-words")
    expect(words).to_contain_text("Listening (7 clients, 7 sessions), before to after: mean heart rate −13")
    expect(words).to_contain_text("no quiet-rest sessions")
    expect(page.locator("#cohort-lines-mean_hr .main-svg").first).to_be_visible()
    rows = fetched(visit, "Download CSV")
    assert len(rows) == 21
    assert {row["client"] for row in rows} >= {"K-204", "K-117", "M-0"}
    codebook = fetched(visit, "Download the codebook")
    assert [row["column"] for row in codebook] == list(rows[0])

    page.get_by_role("textbox", name="Clients").click()
    page.get_by_role("option", name="M-1").click()
    expect(page.locator("#cohort-body")).to_contain_text("1 session of 1 client", timeout=PATIENCE_MS)
    page.keyboard.press("Escape")
    page.get_by_role("textbox", name="Approaches").click()
    page.get_by_role("option", name="Drumming").click()
    expect(page.locator("#cohort-body")).to_contain_text("There is no session to put into a group", timeout=PATIENCE_MS)
    assert visit.complaints == []


def test_an_experiment_is_drawn_changed_and_given_up(visit: "Visit") -> None:
    page = visit.page
    visit.go("/client/M-2")
    page.get_by_role("tab", name="Experiment").click()
    page.get_by_role("button", name="Draw the order").click()
    body = page.locator("#plan-body")
    expect(body).to_contain_text("0 of 12 sessions so far", timeout=PATIENCE_MS)
    expect(body).to_contain_text("never more than 2 in a row")
    expect(body.get_by_role("row")).to_have_count(2)  # the head and what is next: nobody sees what comes after
    body.get_by_text("Show the whole order").click()
    expect(body.get_by_role("row")).to_have_count(15)
    body.get_by_text("Show the whole order").click()

    body.get_by_text("Change a place by hand").click()
    body.get_by_role("button", name="Will not take place").click()
    expect(body.get_by_role("row").nth(1)).to_contain_text("will not take place", timeout=PATIENCE_MS)
    body.get_by_text("Change a place by hand").click()
    body.get_by_role("button", name="As it was").click()
    expect(body.get_by_role("row").nth(1)).to_contain_text("next", timeout=PATIENCE_MS)
    body.get_by_text("Change a place by hand").click()
    body.get_by_role("button", name="Put it there").click()
    expect(page.locator("#plan-said")).to_contain_text("Which session?", timeout=PATIENCE_MS)

    page.reload()
    page.get_by_role("tab", name="Experiment").click()
    expect(body).to_contain_text("0 of 12 sessions so far", timeout=PATIENCE_MS)
    body.get_by_text("Give this experiment up").click()
    body.get_by_role("button", name="Give it up for good").click()
    expect(body).to_contain_text("Given up after 0 of 12 sessions", timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Draw the order")).to_be_visible()
    assert visit.complaints == []
