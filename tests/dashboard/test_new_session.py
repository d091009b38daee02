"""What is chosen before a session, and what the live page says: read as a person reads it."""

from dataclasses import replace
from typing import Any

import dash_mantine_components as dmc
import pytest

from biotune.domain import PhaseKind
from biotune.errors import BluetoothUnavailable
from biotune.library.drafts import Draft
from biotune.live import PacerNow, PhaseNow, PhaseSpan, Point, Standing, StrapNow, StrapState, Tail, profiles
from biotune.session import protocol as protocols
from dashboard.components import live, new_session, preparing
from dashboard.figures import live_heart_rate
from dashboard.jobs import NearbyStrap, Scan

KNOWN = NearbyStrap("H10 7", "C0:FF:EE:00:00:07", -84, known=True)
STRONG = NearbyStrap("", "C0:FF:EE:00:00:08", -48, known=False)

PHASE = PhaseNow("guided-imagery", PhaseKind.INTERVENTION, "Imagine.", 2, 3, 60.0, 540.0, 600.0, following=None)
TAIL = Tail(
    session="S7",
    client="K-1",
    protocol="guided-imagery",
    cursor=9,
    now_s=400.0,
    points=(),
    bpm=64,
    phase=PHASE,
    strap=StrapNow("H10 7", StrapState.HEARD, 0.0, "", "81"),
    markers=((65.0, "Spoke"), (125.0, "Movement")),
    standing=Standing.RECORDED,
)


def text_of(part: Any) -> str:
    if part is None or isinstance(part, str):
        return part or ""
    if isinstance(part, list | tuple):
        return " ".join(map(text_of, part))
    words = [getattr(part, name, None) for name in ("title", "label", "description", "children")]
    return " ".join(
        text_of(each) for each in words if isinstance(each, str | list | tuple) or hasattr(each, "to_plotly_json")
    )


def test_what_becomes_of_music_at_a_rest_is_asked_only_where_a_rest_follows_music() -> None:
    listening = protocols.load("listening")  # baseline, listening, recovery
    assert new_session.leads_into_rest(listening)
    assert not new_session.leads_into_rest(replace(listening, phases=listening.phases[:2]))


def test_straps_are_offered_with_their_strength_and_trying_without_one_comes_last() -> None:
    offered = [text_of(each) for each in new_session.strap_choices(Scan((KNOWN, STRONG), ever=True))]
    assert offered[0] == "H10 7 signal weak (-84 dBm) · recorded before"
    assert offered[1] == "C0:FF:EE:00:00:08 signal strong (-48 dBm)"
    assert offered[2].startswith("Try without a strap")


def test_an_empty_list_is_explained() -> None:
    told = text_of(new_session.scan_words(Scan(ever=True)))
    for word in ("worn", "moist", "watch", "phone", "Bluetooth on", "permitted", "battery"):
        assert word in told
    told = text_of(new_session.scan_words(Scan(ever=True, problem=BluetoothUnavailable("Off", hint="Turn it on."))))
    assert "Turn it on." in told


@pytest.mark.parametrize("protocol", list(map(protocols.load, protocols.names())), ids=lambda protocol: protocol.name)
def test_every_protocol_tells_its_phases_before_it_is_chosen(protocol: Any) -> None:
    told = text_of(new_session.plan(protocol))
    for phase in protocol.phases:
        assert f"{phase.seconds / 60:g} min" in told
        assert phase.explanation in told
        assert all(prompt.say in told for prompt in phase.prompts)
    assert told.count("not compared") == sum(not phase.comparable for phase in protocol.phases)
    assert protocol.caution in told


def test_a_simulated_person_of_every_kind_can_be_chosen() -> None:
    assert {"resting", "responds", "no-response", "slow-breathing", "noisy", "irregular", "quiet-rest"} == set(
        profiles()
    )


def test_the_phase_is_named_with_what_happens_in_it() -> None:
    told = text_of(live.phase(PHASE))
    for words in ("Guided imagery", "phase 2 of 3", "Imagine.", "the last phase"):
        assert words in told
    clock = {"elapsed_s": 60.0, "left_s": 540.0, "length_s": 600.0, "runs": True, "now_s": 400.0, "bpm": 64}
    assert live.timer(TAIL) == clock
    assert live.news(TAIL)[2:] == [*clock.values(), []]  # in the order in which `assets/live.js` reads them
    assert live.timer(replace(TAIL, standing=Standing.INTERRUPTED))["runs"] is False


@pytest.mark.parametrize("state", [state for state in StrapState if state is not StrapState.HEARD])
def test_what_is_wrong_with_the_strap_comes_with_what_to_do(state: StrapState) -> None:
    told = text_of(live.notice(replace(TAIL, strap=replace(TAIL.strap, state=state, since_s=385.0))))
    assert "since 6:25" in told
    assert "moist" in told.lower()
    assert "Everything recorded so far is safe." in told


def test_an_interrupted_recording_says_how_it_goes_on() -> None:
    assert live.notice(TAIL) is None
    assert "within 15 minutes" in text_of(live.notice(replace(TAIL, standing=Standing.INTERRUPTED)))
    assert "within 15 minutes" not in text_of(live.notice(replace(TAIL, standing=Standing.LEFT)))
    assert "See the comparison" in text_of(live.notice(replace(TAIL, standing=None)))


def test_a_region_is_sent_again_only_when_it_changed() -> None:
    def changed(tail: Tail) -> list[bool]:
        return [one != other for one, other in zip(live.shown(TAIL), live.shown(tail), strict=True)]

    def regions(*names: str) -> list[bool]:
        return [name in names for name in ("phase", "strap", "notice", "happened", "marks", "pacer", "shades", "rate")]

    assert changed(replace(TAIL, now_s=401.0, cursor=11, bpm=65)) == regions()
    next_phase = replace(TAIL, phase=replace(PHASE, number=3, name="recovery"))
    assert changed(next_phase) == regions("phase", "pacer")
    lost = replace(TAIL.strap, state=StrapState.LOST, since_s=390.0)
    assert changed(replace(TAIL, strap=lost)) == regions("strap", "notice")
    assert changed(replace(TAIL, markers=(*TAIL.markers, (399.0, "Spoke")))) == regions("happened")
    assert changed(replace(TAIL, ratings=((399.0, "tension", 40.0),))) == regions("happened")
    assert changed(replace(TAIL, buttons=("Tears",))) == regions("marks")
    assert changed(replace(TAIL, pacer=PacerNow(on=True, set_s=399.0))) == regions("pacer")
    assert changed(replace(TAIL, phases=(PhaseSpan("music", PhaseKind.INTERVENTION, 0, None),))) == regions("shades")


def test_the_line_grows_by_new_points_and_breaks_where_nothing_was_heard() -> None:
    new, traces, most = live_heart_rate.extension([Point(3661.25, 64), Point(3664.0, None)])
    assert new == {"x": [["1970-01-01T01:01:01.250", "1970-01-01T01:01:04.000"]], "y": [[64, None]]}
    assert (traces, most) == ([0], 185)
    assert live_heart_rate.figure([]).data[0].connectgaps is False


@pytest.mark.parametrize("times_s", [[], [600.0], [600.0, 601.0, 602.0]])
def test_the_first_beats_are_drawn_into_a_minute_that_stands_there_already(times_s: list[float]) -> None:
    layout = live_heart_rate.figure([Point(each, 64) for each in times_s], now_s=600.0).layout
    assert list(layout.xaxis.range) == ["1970-01-01T00:10:00.000", "1970-01-01T00:11:00.000"]
    assert (layout.yaxis.range is None) is bool(times_s)  # the usual rates, until there is one


def test_a_minute_later_the_axis_follows_the_line() -> None:
    assert live_heart_rate.figure([Point(0.0, 64), Point(61.0, 65)]).layout.xaxis.range is None


@pytest.mark.parametrize(
    ("check", "mark", "told"),
    [
        ("Ready, 0 % artefacts", "✓", "Ready"),
        ("Doubtful, 8 % artefacts", "–", "Doubtful"),
        ("Not ready, 40 % artefacts", "–", "Not ready"),
        ("", "–", "left out"),
    ],
)
def test_a_signal_check_has_its_tick_only_where_it_ended_well(check: str, mark: str, told: str) -> None:
    head = preparing.steps(Draft(step=4, check=check, simulated=True), {})
    said = text_of(head.children[2])
    assert said.startswith(f"{mark} Signal check {told}")
    assert [text_of(step)[0] for step in head.children] == ["✓", "✓", mark, "4"]
    assert text_of(preparing.steps(Draft(step=3, simulated=True), {}).children[2]).strip() == "3 Signal check"


def test_a_short_form_is_told_with_its_own_lengths_and_in_plain_words() -> None:
    listening = protocols.load("listening")
    assert new_session.protocol_label(listening) == "Listening to music (23 min, short form 12 min)"
    told = text_of(new_session.plan(protocols.load("listening-short")))
    assert "12 minutes in all" in told
    assert "Music  · 5 min" in told
    for word in ("Ten minutes", "23 min", "LF", "HRV", "ultra-short"):
        assert word not in told


def test_the_way_to_a_session_that_runs_stands_in_its_notice() -> None:
    assert preparing.being_recorded([]) is None
    told = preparing.being_recorded(["S7"])
    assert isinstance(told, dmc.Alert)
    assert text_of(told) == "A session is being recorded Follow S7"


def test_the_steps_tell_that_a_short_form_was_chosen() -> None:
    plan = protocols.load("listening")
    draft = Draft(step=3, client="K-1", protocol=plan.name, short=True)
    assert "short form" in text_of(preparing.steps(draft, {plan.name: plan}))
    assert "short form" not in text_of(preparing.steps(replace(draft, short=False), {plan.name: plan}))


def test_a_minute_is_one() -> None:
    plan = protocols.load("listening")
    assert " 1 minute in all" in text_of(
        new_session.plan(replace(plan, phases=(replace(plan.phases[0], seconds=60.0),)))
    )
