"""What a therapist does while a sitting runs, in a real browser beside a real recorder with a simulated strap."""

import itertools
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hindrances import DESK, LARGE, PHONE, nothing_hinders
from playwright.sync_api import Browser, expect
from recorders import recorded

from biotune.domain import (
    NS_PER_S,
    Activity,
    Entry,
    MarkerCorrected,
    MarkerSet,
    PacerSet,
    PacketReceived,
    PhaseKind,
    PhaseStarted,
    RatingGiven,
    RecorderStarted,
    Stamp,
    StrapChange,
    StrapEvent,
    StrapIdentity,
)
from biotune.errors import StorageError
from biotune.library import Library
from biotune.sensor.source import SystemClock
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT

if TYPE_CHECKING:
    from conftest import Visit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def session(library: Library) -> Iterator[str]:
    """A session of muscle relaxation that is recorded in a process of its own."""
    asked = ("--simulate=slow-breathing", "--client=K-950", "--protocol=muscle-relaxation-short")
    with recorded(library, *asked) as identity:
        yield identity


def entries(library: Library, session: str, kind: type[Entry]) -> list[Entry]:
    return [line.entry for line in library.store.lines(session) if isinstance(line.entry, kind)]


def test_markers_by_key_and_foot_switch_and_taken_back(visit: "Visit", library: Library, session: str) -> None:
    page = visit.page
    visit.go(f"/live/{session}")
    listed = page.locator("#live-markers")
    legend = page.get_by_role("button", name="Spoke").locator(".bt-key")
    expect(legend).to_have_text("1")
    page.keyboard.press("1")
    expect(listed).to_contain_text("Spoke")
    page.keyboard.press("3")  # the protocol's own first marker
    expect(listed).to_contain_text("Pain")

    page.get_by_text("Keys, foot switch, remote").click()
    page.get_by_role("button", name="Set key: Marker 2").click()
    page.keyboard.press("Tab")
    expect(page.locator(".bt-key-said")).to_contain_text("needed for the page itself")
    page.keyboard.press("PageDown")
    expect(page.get_by_role("button", name="Movement").locator(".bt-key")).to_have_text("Page ↓")
    page.reload()  # what was taught is kept in this browser
    expect(page.get_by_role("button", name="Movement").locator(".bt-key")).to_have_text("Page ↓")
    page.keyboard.press("PageDown")
    expect(listed).to_contain_text("Movement")
    page.keyboard.press("2")  # no longer a key
    page.get_by_role("textbox", name="Note").fill("")
    page.keyboard.type("1 sip of water")
    page.keyboard.press("Enter")
    expect(listed).to_contain_text("1 sip of water")
    labels = [each.label for each in entries(library, session, MarkerSet) if isinstance(each, MarkerSet)]
    assert labels == ["Spoke", "Pain", "Movement", "1 sip of water"]

    page.locator("h1").click()
    page.keyboard.press("0")
    expect(page.locator("#live-undo-said")).to_contain_text("Taken back: 1 sip of water")
    expect(listed).not_to_contain_text("sip of water")
    page.get_by_role("button", name="Take back the last marker").click()
    expect(listed).not_to_contain_text("Movement")
    taken = [each.label for each in entries(library, session, MarkerCorrected) if isinstance(each, MarkerCorrected)]
    assert taken == ["1 sip of water", "Movement"]

    page.get_by_text("Keys, foot switch, remote").click()
    page.get_by_role("button", name="Usual keys").click()
    page.get_by_role("button", name="Keys are on").click()
    page.locator("h1").click()
    page.keyboard.press("1")
    expect(page.get_by_role("button", name="Keys are off")).to_be_visible()
    page.get_by_role("button", name="Keys are off").click()
    page.keyboard.press("1")
    expect(listed.get_by_role("listitem").filter(has_text="Spoke")).to_have_count(2)
    assert visit.complaints == []


def test_the_clients_own_words_at_any_moment(visit: "Visit", library: Library, session: str) -> None:
    page = visit.page
    visit.go(f"/live/{session}")
    page.get_by_role("button", name="How is it now?").focus()
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog")
    expect(drawer).to_be_visible()
    page.get_by_role("button", name="Keep").click()
    expect(drawer).to_contain_text("No slider was moved")
    page.get_by_role("slider", name="Tension").focus()
    page.keyboard.press("End")
    expect(drawer.locator(".bt-rating-value").first).to_have_text("100")
    page.keyboard.press("1")  # in a drawer, keys set no markers
    page.get_by_role("button", name="Keep").focus()
    page.keyboard.press("Enter")
    expect(drawer).to_be_hidden()
    expect(page.locator("#live-say-told")).to_have_text("Kept: Tension 100.")
    expect(page.locator("#live-markers")).to_contain_text("Tension 100")
    assert entries(library, session, RatingGiven) == [RatingGiven("tension", 100.0, "")]
    page.get_by_role("button", name="How is it now?").click()
    expect(drawer.locator(".bt-rating-value").first).to_have_text("not given")  # each answer is a new one
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    assert visit.complaints == []


def test_the_pacer_is_in_the_log_and_every_window_shows_it(
    visit: "Visit", browser: Browser, library: Library, session: str
) -> None:
    page = visit.page
    visit.go(f"/live/{session}")
    switch = page.locator("#live-pacer-switch")
    expect(switch).to_have_text(re.compile("^Start the pacer"), use_inner_text=True)
    expect(page.locator(".bt-pacer")).to_be_hidden()
    breath = page.locator("#live-pacer-breath")
    expect(breath).to_have_text("6 a minute · 4 s in, 6 s out")
    switch.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".bt-pacer-word")).to_have_text(re.compile("In|Out"))
    expect(switch).to_have_text(re.compile("^Stop the pacer"), use_inner_text=True)
    expect(switch).to_be_focused()
    expect(breath).to_be_hidden()  # told with the pacer
    page.get_by_role("slider", name="Breaths a minute").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#live-pacer")).to_contain_text("6.5 breaths a minute")
    expect(page.get_by_role("slider", name="Breaths a minute")).to_be_focused()

    context = browser.new_context(reduced_motion="reduce")
    second = context.new_page()
    second.goto(f"{visit.address}/live/{session}")
    expect(second.locator(".bt-pacer-word")).to_have_text(re.compile(r"(In|Out) \d"))  # a bar and a count instead
    expect(second.locator(".bt-pacer-disc")).to_be_hidden()
    expect(second.locator(".bt-pacer-bar")).to_be_visible()
    second.locator("#live-pacer-switch").click()
    expect(page.locator(".bt-pacer")).to_be_hidden()
    context.close()
    assert entries(library, session, PacerSet) == [
        PacerSet(on=True, per_min=6.0, inhale=0.4),
        PacerSet(on=True, per_min=6.5, inhale=0.4),
        PacerSet(on=False, per_min=6.5, inhale=0.4),
    ]
    assert visit.complaints == []


@contextmanager
def written(library: Library, protocol: str, *, ago_s: float = 0.0) -> Iterator[tuple[str, Callable[..., None]]]:
    """A session whose log the test writes, as a recorder would."""
    store, clock = library.store, SystemClock()
    session = store.create_session(client="K-951", protocol=protocol, started=datetime.now(UTC))
    store.add_recording(session, label="Strap 7")

    def log(*happened: Entry, ago_s: float = 0.0) -> None:
        now, ago_ns = clock.now(), round(ago_s * NS_PER_S)
        stamp = Stamp(now.boot_id, now.monotonic_ns - ago_ns, now.utc_ns - ago_ns)
        for entry in happened:
            store.append(session, f"recorder:{os.getpid()}", stamp, entry, recording=1)

    connected = StrapEvent(StrapChange.CONNECTED, strap=StrapIdentity("Strap 7"))
    with store.recording_now(session):
        log(RecorderStarted("strap", "0.1.0"), connected, PhaseStarted("settling", PhaseKind.SETTLING), ago_s=ago_s)
        yield session, log


def test_a_paced_phase_leads_at_its_own_rate_and_is_shaded(visit: "Visit", browser: Browser, library: Library) -> None:
    page = visit.page
    with written(library, "resonance") as (session, log):
        log(PacketReceived(HEART_RATE_MEASUREMENT, bytes([0, 70])))
        visit.go(f"/live/{session}")
        second = browser.new_page()
        second.goto(f"{visit.address}/live/{session}")  # two windows write it once
        expect(second.locator("#live-rate")).to_contain_text("70")
        log(PhaseStarted("baseline", PhaseKind.BASELINE), PacketReceived(HEART_RATE_MEASUREMENT, bytes([0, 71])))
        expect(page.locator("#live-phase")).to_contain_text("Baseline")
        assert entries(library, session, PacerSet) == []
        log(PhaseStarted("breathing-7.0", PhaseKind.INTERVENTION, Activity.PACED_BREATHING, paced=True))
        log(PacketReceived(HEART_RATE_MEASUREMENT, bytes([0, 72])))
        expect(page.locator("#live-pacer")).to_contain_text("7 breaths a minute")
        expect(page.locator(".bt-prompt[aria-current]")).to_contain_text("The pacer now leads 7 breaths")
        expect(page.locator(".bt-prompt-next")).to_have_text(re.compile(r"Next in (1:00|0:5\d)"))
        expect(second.locator("#live-pacer")).to_contain_text("7 breaths a minute")
        log(PhaseStarted("recovery", PhaseKind.RECOVERY), PacketReceived(HEART_RATE_MEASUREMENT, bytes([0, 73])))
        expect(page.locator(".bt-pacer")).to_be_hidden()
        expect(second.locator(".bt-pacer")).to_be_hidden()
        led = [(each.on, each.per_min) for each in entries(library, session, PacerSet) if isinstance(each, PacerSet)]
        assert led == [(True, 7.0), (False, 7.0)]
        page.wait_for_function(
            "() => (document.querySelector('#live-heart-rate .js-plotly-plot').layout.shapes || []).length >= 3"
        )
        second.close()
    assert visit.complaints == []


@pytest.mark.usefixtures("axe")
def test_everything_open_hinders_nobody(visit: "Visit", session: str) -> None:
    page = visit.page
    visit.go(f"/live/{session}")
    page.get_by_role("switch").check()
    expect(page.locator("#live-feedback")).to_contain_text("Breathing rate")
    page.locator("#live-keys summary").click()
    page.locator("#live-pacer-switch").click()
    expect(page.locator(".bt-pacer-word")).to_have_text(re.compile("In|Out"))
    for phase in ("Baseline", "Tensing"):
        page.get_by_role("button", name="End phase").click()
        expect(page.locator("#live-phase h2")).to_contain_text(phase)
    expect(page.locator(".bt-prompt[aria-current]")).to_have_count(1)
    nothing_hinders(page, looks=(PHONE, DESK, LARGE), least=5)
    page.get_by_role("button", name="How is it now?").click()
    nothing_hinders(page, least=5)
    page.keyboard.press("Escape")
    page.locator("#live-pacer-switch").click()

    page.get_by_role("button", name="Aa: large print").click()
    shown = page.locator("main").get_by_role("button").filter(visible=True)
    expect(shown).to_have_text(["End phase", "Stop and save", "Music, markers and pacer: show"])
    expect(page.locator(".bt-timer-text")).to_be_visible()
    expect(page.locator("#live-rate")).to_be_visible()
    page.get_by_role("button", name="Music, markers and pacer: show").click()
    expect(page.get_by_role("button", name="Spoke")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Spoke")).to_be_visible()  # the choice is kept in this browser
    page.get_by_role("button", name="Music, markers and pacer: hide").click()
    expect(page.get_by_role("button", name="Spoke")).to_be_hidden()
    assert visit.complaints == []


@pytest.mark.usefixtures("axe")
@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_calm_screen_moves_slowly_and_tells_no_number(
    motion: str, visit: "Visit", browser: Browser, session: str
) -> None:
    reduced = motion == "reduce"
    visit.go(f"/live/{session}")
    link = visit.page.get_by_role("link", name="Open the calm screen for the client")
    assert link.get_attribute("target") == "_blank"
    context = browser.new_context(reduced_motion="reduce" if reduced else "no-preference")
    page = context.new_page()
    page.goto(visit.address + (link.get_attribute("href") or ""))
    screen = page.locator(".bt-calm")
    expect(screen).to_have_attribute("data-state", "follows")
    seen = page.evaluate(
        """async () => {
            const screen = document.querySelector(".bt-calm"), seen = [];
            for (let tick = 0; tick < 30; tick += 1) {
                await new Promise((done) => window.setTimeout(done, 100));
                const style = getComputedStyle(screen);
                const read = (name) => Number(style.getPropertyValue(name));
                seen.push([performance.now() / 1000, read("--bt-size"), read("--bt-tone")]);
            }
            return seen;
        }"""
    )
    for (before_s, size, tone), (after_s, next_size, next_tone) in itertools.pairwise(seen):
        passed_s = max(after_s - before_s, 0.1)
        assert abs(next_size - size) <= 0.2 * passed_s  # never more than a fifth of itself a second
        assert abs(next_tone - tone) <= 0.2 * passed_s
    sizes, tones = {each[1] for each in seen}, {each[2] for each in seen}
    assert len(tones) > 10  # it follows something
    assert (len(sizes) == 1) is reduced
    assert not re.search(r"\d", page.locator("body").inner_text())
    expect(page.get_by_role("link").filter(visible=True)).to_have_count(0)
    expect(page.get_by_role("navigation").filter(visible=True)).to_have_count(0)
    if not reduced:
        nothing_hinders(page, least=5)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Full screen")).to_be_focused()
    context.close()
    assert visit.complaints == []


def test_the_calm_screen_comes_to_rest_when_the_strap_is_lost(visit: "Visit", library: Library) -> None:
    with written(library, "listening", ago_s=30.0) as (session, log):
        for beat in range(30):
            log(
                PacketReceived(HEART_RATE_MEASUREMENT, bytes([0x10, 60]) + (1024).to_bytes(2, "little")),
                ago_s=29 - beat,
            )
        visit.page.goto(f"{visit.address}/live/{session}/client")
        screen = visit.page.locator(".bt-calm")
        expect(screen).to_have_attribute("data-state", "follows")
        log(StrapEvent(StrapChange.LOST, "the connection ended"))
        expect(screen).to_have_attribute("data-state", "calm")
        assert "lost" not in visit.page.locator("body").inner_text().lower()  # nothing that alarms
    assert visit.complaints == []


def test_a_log_that_cannot_be_read_for_a_moment_is_told_and_made_up_for(
    visit: "Visit", library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object, **__: object) -> None:
        raise StorageError("the log is locked", hint="It is tried again.")

    page = visit.page
    with written(library, "listening") as (session, log):
        visit.go(f"/live/{session}")
        expect(page.locator("#live-phase")).to_contain_text("Settling")
        with monkeypatch.context() as broken:
            broken.setattr(library.live, "tail", locked)
            expect(page.locator("#live-trouble")).to_contain_text("The log is locked")
            log(PacketReceived(HEART_RATE_MEASUREMENT, bytes([0, 70])), PhaseStarted("baseline", PhaseKind.BASELINE))
        expect(page.locator("#live-phase")).to_contain_text("Baseline")
        expect(page.locator("#live-rate")).to_contain_text("70")
        expect(page.locator("#live-trouble")).to_be_empty()
    assert visit.complaints == []
