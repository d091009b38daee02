"""The player in a real browser: real audio files, every event in the log once, and what goes wrong in between."""

import dataclasses
import itertools
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import waitress
from chromium import CHROMIUM, FLAGS
from hindrances import LARGE, PHONE, nothing_hinders
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from recorders import recorded, wait

from biotune.analysis import made_sound
from biotune.analysis.played import plays
from biotune.domain import MusicAct, MusicEvent, Recording, Request
from biotune.domain.clients import Client, Preferences
from biotune.library import Library, open_library
from dashboard.app import create_app

pytestmark = pytest.mark.browser
RATE_HZ = 22_050


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("Music")
    for name, bpm, seconds in (("Long", 60.0, 90.0), ("Short", 80.0, 4.0), ("Ave Maria", 70.0, 4.0)):
        soundfile.write(made / f"{name}.flac", 0.3 * made_sound.drums(bpm, seconds, rate_hz=RATE_HZ), RATE_HZ)
    # more than a browser takes in at once
    vast = np.repeat(0.1 * made_sound.clicks(60.0, 60.0, rate_hz=96_000)[:, None], 2, axis=1)
    soundfile.write(made / "Vast.wav", vast, 96_000, subtype="FLOAT")
    return made


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[Library]:
    with open_library(tmp_path_factory.mktemp("home")) as opened:
        opened.clients.save(Client("K-1", preferences=Preferences(avoid=("Ave Maria",))))
        opened.music.add_folder(str(folder))
        assert opened.music.wait()
        keys = {each.title: each.key for each in opened.music.pieces()}
        evening = opened.music.add_playlist("Evening")
        for title in ("Short", "Ave Maria", "Long", "Vast"):
            evening = opened.music.save_playlist(evening.with_piece(keys[title]))
        opened.music.add_live("Guitar", "therapist")
        opened.music.set_player(delay_ms=0.0, fade_s=1.0)
        yield opened


@dataclass(frozen=True)
class Sitting:
    """A session, from a line of its log on: each test begins where the one before it left off."""

    library: Library
    session: str
    after: int

    @property
    def recording(self) -> Recording:
        return Recording(self.session, self.library.store.lines(self.session, after=self.after))

    @property
    def events(self) -> list[MusicEvent]:
        return [line.entry for line in self.recording.lines if isinstance(line.entry, MusicEvent)]

    @property
    def acts(self) -> list[str]:
        """What happened, without the signs of life."""
        return [each.act.value for each in self.events if each.act is not MusicAct.SYNC]


_WHO = ("--simulate=resting", "--client=K-1")


@pytest.fixture(scope="module")
def session(library: Library) -> Iterator[str]:
    with recorded(library, *_WHO) as identity:
        yield identity


@pytest.fixture
def sitting(library: Library, session: str) -> Sitting:
    last = library.store.last_line(session)
    return Sitting(library, session, last.seq if last else 0)


class Served:
    """The dashboard, which may go away and come back on the same port."""

    def __init__(self, library: Library) -> None:
        self._app = create_app(library).server
        self._port = 0
        self.begin()

    def begin(self) -> None:
        self._server: Any = waitress.create_server(self._app, host="127.0.0.1", port=self._port, threads=8)
        self._port = self._server.effective_port
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._port}"

    def end(self) -> None:
        """Go away, and let go of the connections that browsers keep open."""
        self._server.close()
        ends = time.monotonic() + 10
        while self._thread.is_alive() and time.monotonic() < ends:
            for channel in list(self._server.active_channels.values()):
                channel.will_close = True
            self._thread.join(0.1)


@pytest.fixture(scope="module")
def served(library: Library) -> Iterator[Served]:
    server = Served(library)
    yield server
    server.end()


@pytest.fixture(params=[[]], ids=[""])
def browser(require: Callable[[object, str], None], request: pytest.FixtureRequest) -> Iterator[Browser]:
    require(CHROMIUM.exists(), "Chromium in /usr/bin/chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *request.param])
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser) -> BrowserContext:
    made = browser.new_context(viewport={"width": 1366, "height": 1000})
    made.set_default_timeout(20_000)
    return made


def visit(context: BrowserContext, served: Served, sitting: Sitting) -> Page:
    page = context.new_page()
    page.goto(f"{served.address}/live/{sitting.session}")
    page.locator(".bt-player-piece").first.wait_for()
    evening(page)
    return page


def evening(page: Page) -> None:
    """Choose the playlist; until then every piece is offered."""
    page.locator("#player-list").click()
    page.get_by_role("option", name="Evening (4)").click()
    expect(page.locator(".bt-player-piece").first).to_contain_text("Short")


def press(page: Page, words: str) -> None:
    page.locator("#player").get_by_role("button", name=words, exact=True).click()


# after a reload music goes on by itself only where the browser lets it, which it may not on a slow machine
LETS = pytest.mark.parametrize(
    "browser", [["--autoplay-policy=no-user-gesture-required"]], indirect=True, ids=["allowed"]
)


def test_a_sitting_with_music_is_in_the_log_whole(context: BrowserContext, served: Served, sitting: Sitting) -> None:
    page = visit(context, served, sitting)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    refused = page.locator(".bt-player-list li", has_text="Ave Maria")
    expect(refused).to_contain_text("K-1 is to be kept away from “Ave Maria”.")
    expect(refused.get_by_role("button")).to_be_disabled()

    page.locator(".bt-player-piece", has_text="Long").click()
    wait(lambda: sitting.acts == ["play"])
    page.get_by_role("slider", name="Volume").fill("0.5")
    wait(lambda: sitting.acts == ["play", "volume"])
    wait(lambda: sum(each.act is MusicAct.SYNC for each in sitting.events) >= 2)
    page.get_by_role("slider", name="Position").evaluate(
        "(slider) => { slider.value = 70; slider.dispatchEvent(new Event('change')); }"
    )
    wait(lambda: sitting.acts[-1] == "seek")
    press(page, "Pause")
    wait(lambda: sitting.acts[-1] == "pause")
    press(page, "Play")
    wait(lambda: sitting.acts[-1] == "play")
    page.locator(".bt-player-piece", has_text="Short").click()
    wait(lambda: sitting.acts[-2:] == ["next", "play"])
    wait(lambda: sitting.acts[-2:] == ["ended", "play"])  # the next one, past the refused one
    press(page, "Fade out")
    wait(lambda: sitting.acts[-2:] == ["fade", "pause"])
    expect(page.get_by_role("slider", name="Volume")).to_have_value("0.5")

    events = sitting.events
    assert sorted(each.number for each in events) == list(range(1, len(events) + 1))  # each, and each once
    assert len({each.tab for each in events}) == 1
    assert {each.volume for each in events if each.act is MusicAct.VOLUME} == {0.5}
    assert complaints == []

    # position against the clock, from the play to the jump: sound that plays moves with the time
    first = [each for each in events if each.act in {MusicAct.PLAY, MusicAct.SYNC}][:3]
    assert [each.act.value for each in first] == ["play", "sync", "sync"]
    for begin, end in itertools.pairwise(first):
        passed_ms = end.browser_ms - begin.browser_ms
        assert 1000 * (end.position_s - begin.position_s) == pytest.approx(passed_ms, abs=20)

    found = plays(sitting.recording)
    assert [each.title for each in found] == ["Long", "Long", "Short", "Long"]
    assert [each.complete for each in found] == [False, False, True, False]
    assert found[2].duration_s == pytest.approx(4.0, abs=0.15)


@LETS
def test_a_reload_and_a_dashboard_that_is_away_lose_and_double_nothing(
    context: BrowserContext, served: Served, sitting: Sitting
) -> None:
    page = visit(context, served, sitting)
    page.locator(".bt-player-piece", has_text="Long").click()
    wait(lambda: sitting.acts == ["play"])
    served.end()
    page.wait_for_timeout(5500)  # a sign of life falls into it
    press(page, "Pause")
    press(page, "Play")
    page.wait_for_timeout(600)
    served.begin()
    wait(lambda: sitting.acts == ["play", "pause", "play"], 30)
    page.reload()
    page.locator(".bt-player-piece").first.wait_for()
    # it goes on where it was, by itself where the browser lets it
    wait(lambda: sitting.acts[:4] == ["play", "pause", "play", "pause"])
    wait(lambda: sitting.acts == ["play", "pause", "play", "pause", "play"])
    press(page, "Pause")
    wait(lambda: sitting.acts[-2:] == ["play", "pause"])
    events = sitting.events
    tabs = list(dict.fromkeys(each.tab for each in events))
    assert len(tabs) == 2
    for tab in tabs:
        numbers = [each.number for each in events if each.tab == tab]
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
    first, second, third = plays(sitting.recording)
    assert first.duration_s > 5  # placed by the browser's clock, although it was logged after the dashboard came back
    assert second.start_s - first.end_s < 1.5
    assert third.position_s == pytest.approx(second.end_position_s, abs=0.5)


def test_a_second_window_says_that_the_player_is_in_the_first(
    context: BrowserContext, served: Served, sitting: Sitting
) -> None:
    first = visit(context, served, sitting)
    first.locator(".bt-player-piece", has_text="Long").click()
    wait(lambda: sitting.acts == ["play"])
    second = visit(context, served, sitting)
    expect(second.locator("#player")).to_contain_text("The player is in another window of this browser.")
    expect(second.locator(".bt-player-title")).to_have_text("In the other window: Long")
    second.locator(".bt-player-piece", has_text="Short").click()
    second.wait_for_timeout(500)
    assert sitting.acts == ["play"]
    second.get_by_role("button", name="Play here instead").click()
    wait(lambda: sitting.acts == ["play", "pause"])
    expect(first.locator("#player")).to_contain_text("The player went to another window")
    expect(second.locator(".bt-player-title")).not_to_contain_text("In the other window")
    press(second, "Play")
    wait(lambda: sitting.acts == ["play", "pause", "play"])


def test_what_ends_while_it_fades_is_not_said_to_fade_and_no_next_piece_begins(
    context: BrowserContext, served: Served, library: Library, sitting: Sitting
) -> None:
    library.music.set_player(delay_ms=0.0, fade_s=30.0)
    try:
        page = visit(context, served, sitting)
        page.locator(".bt-player-piece", has_text="Short").click()
        wait(lambda: sitting.acts == ["play"])
        press(page, "Fade out")
        expect(page.get_by_role("button", name="Fading")).to_be_disabled()
        wait(lambda: sitting.acts == ["play", "fade", "ended"])
        expect(page.locator("#player")).to_contain_text("the next piece waits for Next")
        expect(page.get_by_role("button", name="Fade out")).to_be_disabled()
        press(page, "Next")
        wait(lambda: sitting.acts == ["play", "fade", "ended", "play"])
        expect(page.get_by_role("button", name="Fade out")).to_be_enabled()
        assert sitting.events[-1].volume == 1
    finally:
        library.music.set_player(delay_ms=0.0, fade_s=1.0)


POLICY = "--autoplay-policy"
SAYS = """
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  const promise = play.call(this);
  promise.then(() => console.info("it plays"), (error) => console.info("refused: " + error.name));
  return promise;
};
"""


@pytest.mark.parametrize(
    ("browser", "said"),
    [
        (["--autoplay-policy=document-user-activation-required"], "refused"),
        (["--autoplay-policy=no-user-gesture-required"], "it plays"),
    ],
    indirect=["browser"],
    ids=["refused", "allowed"],
)
def test_a_browser_that_refuses_to_begin_by_itself_is_asked_for_a_press(
    context: BrowserContext, served: Served, library: Library, sitting: Sitting, said: str
) -> None:
    long = next(each for each in library.music.pieces() if each.title == "Long")
    left = f'{{piece: "{long.key}", position_s: 30, at_ms: Date.now(), session: "{sitting.session}"}}'
    context.add_init_script(SAYS + f"sessionStorage.setItem('biotune-music-resume', JSON.stringify({left}))")
    page = context.new_page()
    with page.expect_console_message(lambda message: message.text.startswith(("refused", "it plays"))) as told:
        page.goto(f"{served.address}/live/{sitting.session}")  # and no question to the page: that counts as a gesture
    assert told.value.text.startswith(said)
    if said == "refused":
        expect(page.locator("#player")).to_contain_text("Press Play")
        assert sitting.acts == []
        press(page, "Play")
    wait(lambda: sitting.acts == ["play"])
    assert sitting.events[0].position_s == pytest.approx(30, abs=0.3)
    expect(page.locator("#player")).not_to_contain_text("Press Play")


def test_a_file_that_is_deleted_while_it_plays_is_said_and_the_session_goes_on(
    context: BrowserContext, served: Served, sitting: Sitting, folder: Path
) -> None:
    page = visit(context, served, sitting)
    page.locator(".bt-player-piece", has_text="Vast").click()
    wait(lambda: sitting.acts == ["play"])
    kept = folder / "Vast.wav"
    away = folder.parent / "Vast.away"
    kept.rename(away)
    try:
        page.get_by_role("slider", name="Position").evaluate(
            "(slider) => { slider.value = 55; slider.dispatchEvent(new Event('change')); }"
        )
        wait(lambda: "failed" in sitting.acts)
        expect(page.locator("#player")).to_contain_text("Vast cannot be played. Vast is gone")
        expect(page.locator("#live-strap")).to_contain_text("Strap connected")
        page.locator(".bt-player-piece", has_text="Long").click()
        wait(lambda: sitting.acts[-1] == "play")
    finally:
        away.rename(kept)


def test_music_that_people_make_is_started_and_stopped_by_hand(
    context: BrowserContext, served: Served, sitting: Sitting
) -> None:
    page = visit(context, served, sitting)
    page.get_by_role("button", name="Start: Guitar (therapist)").click()
    page.get_by_role("button", name="Stop: Guitar (therapist)").click()
    expect(page.get_by_role("button", name="Start: Guitar (therapist)")).to_be_visible()
    assert sitting.acts == ["play", "pause"]
    (play,) = plays(sitting.recording)
    assert play.live
    assert play.title == "Guitar (therapist)"


@pytest.fixture
def also_avoids(library: Library) -> Iterator[Callable[[str], None]]:
    """Write down one more piece to avoid, as in another window; it is forgotten after the test."""
    before = library.clients.get("K-1")

    def avoid(title: str) -> None:
        library.clients.save(dataclasses.replace(before, preferences=Preferences(avoid=("Ave Maria", title))))

    yield avoid
    library.clients.save(before)


def test_what_is_to_be_avoided_from_now_on_fades_out_of_a_page_that_is_open(
    context: BrowserContext, served: Served, sitting: Sitting, also_avoids: Callable[[str], None]
) -> None:
    page = visit(context, served, sitting)
    page.locator(".bt-player-piece", has_text="Long").click()
    wait(lambda: sitting.acts == ["play"])
    also_avoids("long")
    expect(page.locator("#player")).to_contain_text(
        "Long fades out. K-1 is to be kept away from “long”.", timeout=15000
    )
    wait(lambda: sitting.acts == ["play", "fade", "pause"])
    expect(page.locator(".bt-player-list li", has_text="Long").get_by_role("button")).to_be_disabled()
    press(page, "Play")  # it is still the piece that is loaded
    expect(page.locator("#player")).to_contain_text("Long is not played. K-1 is to be kept away from “long”.")
    assert sitting.acts == ["play", "fade", "pause"]


def test_what_is_to_be_avoided_does_not_play_although_the_page_still_offers_it(
    context: BrowserContext, served: Served, sitting: Sitting, also_avoids: Callable[[str], None]
) -> None:
    page = visit(context, served, sitting)
    page.route("**/_dash-update-component", lambda route: route.abort())  # the page hears of nothing
    also_avoids("Short")
    page.locator(".bt-player-piece", has_text="Short").click()
    expect(page.locator("#player")).to_contain_text("Short is not played. K-1 is to be kept away from “Short”.")
    expect(page.locator(".bt-player-list li", has_text="Short").get_by_role("button")).to_be_disabled()
    press(page, "Play")  # the first piece that may be played
    wait(lambda: sitting.acts == ["play"])
    assert [each.title for each in sitting.events][:1] == ["Long"]


def test_only_pieces_of_the_library_are_given_out_and_only_to_this_page(
    context: BrowserContext, served: Served, library: Library, sitting: Sitting, folder: Path
) -> None:
    page = visit(context, served, sitting)
    long = next(each for each in library.music.pieces() if each.title == "Long")
    ave = next(each for each in library.music.pieces() if each.title == "Ave Maria")
    ask = """async ([where, range]) => {
        const answer = await fetch(where, {headers: range ? {Range: range} : {}});
        return [answer.status, answer.headers.get("Content-Range"), (await answer.arrayBuffer()).byteLength];
    }"""
    size = (folder / "Long.flac").stat().st_size
    assert page.evaluate(ask, [f"/media/{long.key}", "bytes=100-199"]) == [206, f"bytes 100-199/{size}", 100]
    assert page.evaluate(ask, [f"/media/{long.key}", ""])[0::2] == [200, size]
    for wrong in ("0" * 64, "passwd", "live:1", f"{ave.key}?session={sitting.session}"):
        assert page.evaluate(ask, [f"/media/{wrong}", ""])[0] == 404, wrong
    tell = "async (headers) => (await fetch('/media/event', {method: 'POST', headers, body: '{}'})).status"
    assert page.evaluate(tell, {"Content-Type": "application/json"}) == 403
    token = re.search(r"_csrf_token=([^;]+)", page.evaluate("document.cookie"))
    assert token
    assert page.evaluate(tell, {"Content-Type": "application/json", "X-CSRFToken": token[1]}) == 400


# ---------------------------------------------------------------- music, and the rest that follows


@pytest.fixture(scope="module")
def taking_turns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A protocol in which music and rest take turns whenever somebody ends a phase."""
    turns = [("music", "intervention", "listening"), ("rest", "recovery", "rest")] * 8
    phases = [
        f'[[phase]]\nname = "{name}"\nkind = "{kind}"\nactivity = "{activity}"\nminutes = 30\nexplanation = "A turn."'
        for name, kind, activity in turns
    ]
    told = "\n".join(['title = "In turn"', 'description = "Music and rest."', 'posture = "seated"', *phases])
    file = tmp_path_factory.mktemp("protocols") / "in-turn.toml"
    file.write_text(told, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def in_turn(library: Library, taking_turns: Path) -> Iterator[str]:
    """A session of that protocol."""
    with recorded(library, *_WHO, f"--protocol={taking_turns}") as identity:
        yield identity


@pytest.fixture
def turns(library: Library, in_turn: str) -> Sitting:
    """That session, from a phase with music on."""
    if _phase(library, in_turn) != "music":
        next_phase(library, in_turn)
    last = library.store.last_line(in_turn)
    return Sitting(library, in_turn, last.seq if last else 0)


def _phase(library: Library, session: str) -> str:
    now = library.live.tail(session).phase
    return now.name if now else ""


def next_phase(library: Library, session: str) -> None:
    before = _phase(library, session)
    library.live.request(session, Request.END_PHASE)
    wait(lambda: _phase(library, session) not in {"", before})


def begins_to_play(page: Page, sitting: Sitting) -> None:
    page.locator(".bt-player-piece", has_text="Long").click()
    wait(lambda: sitting.acts == ["play"])


ASKED = "The rest begins: fade the music out?"


@LETS
def test_where_a_rest_begins_the_music_is_asked_about_and_fades_when_that_is_wanted(
    context: BrowserContext, served: Served, library: Library, turns: Sitting
) -> None:
    page = visit(context, served, turns)
    question = page.locator(".bt-rest")
    begins_to_play(page, turns)
    next_phase(library, turns.session)
    expect(question).to_contain_text(ASKED)
    expect(question).to_contain_text("Phase: Rest. Playing: Long.")
    assert turns.acts == ["play"]  # nothing happens by itself
    page.reload()
    expect(question).to_contain_text(ASKED)  # the music goes on after a reload, and so does the question
    wait(lambda: turns.acts == ["play", "pause", "play"])
    page.locator(".mantine-NavLink-root", has_text="Clients").click()
    page.get_by_role("heading", name="Clients").wait_for()
    expect(question).to_contain_text(ASKED)  # and wherever the therapist looks meanwhile
    question.get_by_role("button", name="Fade out now").focus()
    page.keyboard.press("Enter")
    wait(lambda: turns.acts == ["play", "pause", "play", "fade", "pause"])
    expect(question).to_have_count(0)
    fade, pause = turns.events[-2:]
    assert pause.position_s - fade.position_s == pytest.approx(1.0, abs=0.4)
    assert pause.volume < 0.2 < fade.volume
    page.go_back()
    page.locator(".bt-player-piece", has_text="Short").click()  # wanted in the rest: nobody asks
    wait(lambda: turns.acts[-1] == "play")
    wait(lambda: turns.acts[-2:] == ["ended", "play"])
    assert question.count() == 0


def test_the_fade_at_a_rest_is_set_where_a_session_is_prepared_and_stands_on_every_page(
    context: BrowserContext, served: Served, library: Library
) -> None:
    page, words = context.new_page(), "Fade the music out when a rest begins"
    page.goto(f"{served.address}/new")
    page.get_by_text("Try without a strap").click()
    page.get_by_role("button", name="Continue").first.click()
    try:
        page.get_by_role("switch", name=words).click()
        expect(page.locator("#sound-at-rest-said")).to_have_text("Kept.")
        before = library.music.player
        assert before.fade_at_rest
        page.goto(f"{served.address}/music")
        expect(page.get_by_role("switch", name=words)).to_be_checked()
        page.get_by_label("Fade (seconds)").fill("3")
        page.get_by_role("button", name="Keep", exact=True).click()
        expect(page.locator("#sound-said")).to_have_text("Kept.")
        assert library.music.player == dataclasses.replace(before, fade_s=3.0)  # one does not undo the other
        page.goto(f"{served.address}/settings")
        page.get_by_role("switch", name=words).click()
        expect(page.locator("#sound-at-rest-said")).to_have_text("Kept.")
        assert library.music.player == dataclasses.replace(before, fade_s=3.0, fade_at_rest=False)
    finally:
        library.music.set_player(delay_ms=0.0, fade_s=1.0, fade_at_rest=False)


@LETS
def test_music_that_is_let_play_is_not_asked_about_again_and_an_open_question_begins_no_next_piece(
    context: BrowserContext, served: Served, library: Library, turns: Sitting
) -> None:
    page = visit(context, served, turns)
    question = page.locator(".bt-rest")
    page.locator(".bt-player-piece", has_text="Short").click()
    wait(lambda: turns.acts == ["play"])
    next_phase(library, turns.session)
    expect(question).to_contain_text("Playing: Short.")
    wait(lambda: turns.acts == ["play", "ended"])
    expect(page.locator("#player")).to_contain_text("the next piece waits for Next")
    next_phase(library, turns.session)
    press(page, "Next")
    wait(lambda: turns.acts == ["play", "ended", "play"])
    next_phase(library, turns.session)
    expect(question).to_contain_text("Playing: Long.")
    question.get_by_role("button", name="Let it play").focus()
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    page.reload()
    wait(lambda: turns.acts[-2:] == ["pause", "play"])
    page.wait_for_timeout(2500)  # two looks at the phase
    assert question.count() == 0
    assert "fade" not in turns.acts


def test_music_fades_by_itself_where_that_is_set_and_only_once_with_two_windows_open(
    context: BrowserContext, served: Served, library: Library, turns: Sitting
) -> None:
    library.music.set_player(delay_ms=0.0, fade_s=2.0, fade_at_rest=True)
    try:
        page, other = visit(context, served, turns), visit(context, served, turns)
        page.bring_to_front()
        begins_to_play(page, turns)
        next_phase(library, turns.session)
        expect(page.locator(".bt-rest")).to_contain_text("The rest begins: the music fades out")
        assert other.locator(".bt-rest").count() == 0
        wait(lambda: turns.acts == ["play", "fade", "pause"])
        next_phase(library, turns.session)
        press(page, "Play")
        wait(lambda: turns.acts[-1] == "play")
        next_phase(library, turns.session)
        page.get_by_role("button", name="Let it play").click()
        wait(lambda: turns.acts[-3:] == ["play", "fade", "volume"])
        assert turns.events[-1].volume == 1.0
        expect(page.locator(".bt-rest")).to_have_count(0)
    finally:
        library.music.set_player(delay_ms=0.0, fade_s=1.0, fade_at_rest=False)


def test_the_question_of_a_rest_goes_with_the_recorder(
    context: BrowserContext, served: Served, library: Library, taking_turns: Path
) -> None:
    with recorded(library, *_WHO, f"--protocol={taking_turns}") as session:
        sitting = Sitting(library, session, 0)
        page = visit(context, served, sitting)
        begins_to_play(page, sitting)
        next_phase(library, session)
        expect(page.locator(".bt-rest")).to_contain_text(ASKED)
        page.get_by_role("button", name="Let it play").focus()
    expect(page.locator(".bt-rest")).to_have_count(0)
    assert page.evaluate("document.activeElement !== document.body")  # who had the question does not start over
    assert page.evaluate("window.biotunePlayer.sounds()")  # the music is the therapist's: nobody wanted it to stop


@pytest.mark.usefixtures("axe")
def test_of_live_music_the_rest_asks_whether_it_has_stopped(
    context: BrowserContext, served: Served, library: Library, turns: Sitting
) -> None:
    page, other = visit(context, served, turns), visit(context, served, turns)
    page.get_by_role("button", name="Start: Guitar (therapist)").click()
    expect(other.get_by_role("button", name="Stop: Guitar (therapist)")).to_be_visible()
    next_phase(library, turns.session)
    for each in (page, other):
        expect(each.locator(".bt-rest")).to_contain_text("Logged as sounding: Guitar (therapist).")
    nothing_hinders(page, "what a rest asks", looks=(PHONE, LARGE))
    page.get_by_role("button", name="Stops now: Guitar (therapist)").click()
    wait(lambda: turns.acts == ["play", "pause"])
    expect(other.locator(".bt-rest")).to_have_count(0)
    expect(other.get_by_role("button", name="Start: Guitar (therapist)")).to_be_visible()
    assert turns.acts == ["play", "pause"]


# What a browser does to a window that nobody looks at: the page's own clocks strike once a minute.
UNSEEN = """
Object.defineProperty(document, "hidden", { get: () => true });
const own = window.setInterval;
window.setInterval = (act, ms, ...more) => own(act, Math.max(ms || 0, 60000), ...more);
"""


def test_in_a_window_nobody_looks_at_signs_of_life_the_phase_and_the_fade_keep_time(
    context: BrowserContext, served: Served, library: Library, turns: Sitting
) -> None:
    library.music.set_player(delay_ms=0.0, fade_s=1.0, fade_at_rest=True)
    try:
        context.add_init_script(UNSEEN)
        page = visit(context, served, turns)
        begins_to_play(page, turns)
        wait(lambda: any(each.act is MusicAct.SYNC for each in turns.events))
        begun, sign = turns.events[:2]
        assert sign.browser_ms - begun.browser_ms < 8000
        next_phase(library, turns.session)
        expect(page.locator("#live-phase h2")).to_contain_text("Rest")
        wait(lambda: turns.acts == ["play", "fade", "pause"])
        fade, pause = turns.events[-2:]
        assert pause.browser_ms - fade.browser_ms < 4000
    finally:
        library.music.set_player(delay_ms=0.0, fade_s=1.0, fade_at_rest=False)
