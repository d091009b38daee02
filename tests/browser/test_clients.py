"""Clients in the browser: added, described, found again; what was typed is kept, and what cannot be is said so."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from biotune.domain.clients import GoalDomain
from biotune.library import Library

if TYPE_CHECKING:
    from conftest import Visit

pytestmark = pytest.mark.browser
EVIL = "<script>document.title = 'owned'</script>"
LONG = "sleep " * 400


@pytest.fixture(autouse=True)
def busy_machines_are_waited_for() -> Iterator[None]:
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.mark.usefixtures("axe")
def test_a_client_is_added_described_and_found_again(visit: "Visit", library: Library) -> None:
    page = visit.page
    visit.go("/clients")
    expect(page.locator("#clients-list")).to_contain_text("K-204")  # has a session, and no document
    expect(page.locator("#clients-said")).to_be_empty()
    code = page.get_by_role("textbox", name="New client's code")
    code.fill(EVIL)
    page.keyboard.press("Enter")
    expect(page.locator("#clients-said")).to_contain_text("cannot be a client's code")
    code.fill("k-204")
    page.get_by_role("button", name="Add client").click()
    expect(page.locator("#clients-said")).to_contain_text("K-204 is there already")
    code.fill("Maria Müller")
    page.keyboard.press("Enter")
    expect(page.locator("#clients-said")).to_contain_text("That looks like a name")
    expect(page.get_by_role("button", name="Use “Maria Müller” anyway")).to_be_visible()
    visit.nothing_hinders("a name is asked about")
    assert "Maria Müller" not in library.clients.codes()
    code.fill("K/9 01")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Client K/9 01")

    _describe(visit)
    kept = library.clients.get("K/9 01")
    assert kept.goals == {GoalDomain.EMOTIONAL: EVIL}
    assert kept.preferences.avoid == ("Ave Maria, by anyone",)
    assert (kept.plan.how_often, kept.plan.notes) == ("every full moon", "evenings")
    assert kept.consented == date(2026, 9, 14)
    assert library.clients.name("K/9 01").name == "Zoë Müller"
    _find_again(visit)
    assert page.title() != "owned"
    assert visit.complaints == []


def _describe(visit: "Visit") -> None:
    page = visit.page
    saved = page.locator("#client-said")
    page.get_by_role("textbox", name="Emotional").fill(EVIL)
    expect(saved).to_contain_text("Saved at")
    page.get_by_role("textbox", name="Pieces to avoid").fill("Ave Maria, by anyone")
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="How often").fill("every full moon")
    page.get_by_role("textbox", name="Notes on the plan").fill(LONG)
    expect(saved).to_contain_text("at most 2000 characters")
    page.get_by_role("textbox", name="Notes on the plan").fill("evenings")
    expect(saved).to_contain_text("Saved at")
    visit.nothing_hinders("wishes")
    page.get_by_role("tab", name="Profile and name").click()
    page.get_by_role("textbox", name="Agreed to recording on").fill("soon")
    page.keyboard.press("Tab")
    expect(saved).to_contain_text("is no date")
    page.get_by_role("textbox", name="Agreed to recording on").fill("2026-09-14")
    page.keyboard.press("Tab")
    expect(saved).to_contain_text("Saved at")
    page.get_by_role("textbox", name="Name", exact=True).fill("Zoë Müller")
    page.get_by_role("button", name="Keep the name").click()
    expect(page.locator("#client-name-said")).to_have_text("Kept.")


def _find_again(visit: "Visit") -> None:
    page = visit.page
    visit.go("/clients")
    expect(page.locator("#clients-list")).to_contain_text("every full moon")
    expect(page.locator("#clients-list")).not_to_contain_text("Zoë")  # the screen may face the client
    page.get_by_role("switch", name="Show names").check()
    page.get_by_role("textbox", name="Search").fill("zoë")
    expect(page.locator("#clients-list tbody tr")).to_have_count(1)
    page.get_by_role("link", name="K/9 01").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Client K/9 01")
    expect(page.get_by_role("textbox", name="Emotional")).to_have_value(EVIL)
    page.get_by_role("link", name="New session").last.click()
    expect(page.locator("#new-client")).to_have_value("K/9 01")
    visit.go("/client/NOBODY")
    expect(page.locator("main")).to_contain_text("There is no client NOBODY")


def test_a_clients_sessions_are_told_together_and_one_is_given_to_somebody_else(
    visit: "Visit", library: Library
) -> None:
    page = visit.page
    visit.go("/client/K-117")
    expect(page.locator("tbody tr").first).to_contain_text("bpm")
    page.locator("#over-sessions").wait_for()
    expect(page.locator("#over-sessions")).to_contain_text("bpm")
    session = library.sessions("K-117")[0].id
    visit.go(f"/session/{session}")
    page.get_by_text("Whose session this is").click()
    page.get_by_role("textbox", name="Another client's code").fill("<b>")
    page.get_by_role("button", name="Change whose it is").click()
    expect(page.locator("#whose-said")).to_contain_text("cannot be a client's code")
    page.get_by_role("textbox", name="Another client's code").fill("K-118")
    page.get_by_role("button", name="Change whose it is").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("K-118")
    assert [each.id for each in library.sessions("K-118")] == [session]
    library.corrections.change_client(session, "K-117")
    assert visit.complaints == []


def test_a_name_is_taken_as_a_code_only_on_request_and_asked_about_once(visit: "Visit", library: Library) -> None:
    page = visit.page
    visit.go("/clients")
    page.get_by_role("textbox", name="New client's code").fill("Group Thursday")
    page.get_by_role("button", name="Add client").click()
    page.get_by_role("button", name="Use “Group Thursday” anyway").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Client Group Thursday")

    visit.go("/new")
    page.get_by_role("radio", name="Try without a strap").check()
    page.get_by_role("button", name="Continue").click()
    client, step_3 = page.get_by_role("textbox", name="Client code"), page.get_by_role("heading", name="3 · Signal")
    client.fill("Maria Müller")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#new-refused")).to_contain_text("A code such as K-204 is safer")
    expect(step_3).to_be_hidden()
    page.get_by_role("button", name="Use “Maria Müller” anyway").click()
    expect(step_3).to_be_visible()
    page.get_by_role("button", name="Back").click()
    expect(client).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(step_3).to_be_visible()  # that was answered
    page.get_by_role("button", name="Back").click()
    expect(client).to_be_visible()
    client.fill("Group Thursday")  # is here already
    page.get_by_role("button", name="Continue").click()
    expect(step_3).to_be_visible()
    assert visit.complaints == []
    library.drafts.clear()
