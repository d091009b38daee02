"""Polar's ECG and accelerometer on both stages: begun, done without, stopped."""

import asyncio
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from scenes import STRAP, connected, numbered, play

from biotune.domain import PacketReceived, StrapChange, StrapEvent
from biotune.sensor.strap import Patience, StrapSource
from biotune.wire import polar
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT
from biotune.wire.polar import EcgFrame, Operation, Status, Stream

if TYPE_CHECKING:
    from biotune.sensor.virtual import VirtualPolar

Near = Callable[..., Any]
BEGUN = ["ECG 130 Hz", "accelerometer 50 Hz"]


@pytest.fixture(autouse=True)
def _needs_bumble(require: Callable[[object, str], None]) -> None:
    from importlib.util import find_spec

    require(find_spec("bumble"), "bumble (pip install 'biotune[sim]')")


def side(**options: Any) -> "VirtualPolar":
    from biotune.sensor.virtual import VirtualPolar

    return VirtualPolar(**options)


def source(stage: Any, **patience: float) -> StrapSource:
    patience = {"pause_s": 0.1, "silence_s": 10.0, **patience}
    return StrapSource(STRAP.address, radio=stage.radio, patience=Patience(**patience), ecg=True)


async def told(observations: Any, count: int) -> list[str]:
    """The next lines about streams, whatever comes between."""
    found: list[str] = []
    while len(found) < count:
        entry = (await anext(observations)).entry
        if isinstance(entry, StrapEvent) and entry.change is StrapChange.STREAM:
            found.append(entry.detail)
    return found


async def packets(observations: Any, count: int) -> list[PacketReceived]:
    found: list[PacketReceived] = []
    while len(found) < count:
        entry = (await anext(observations)).entry
        if isinstance(entry, PacketReceived):
            found.append(entry)
    return found


@pytest.mark.parametrize("mtu", [70, 232])
def test_ecg_and_accelerometer_are_begun_recorded_raw_and_stopped(near: Near, mtu: int) -> None:
    """19 and 73 samples a frame."""

    async def scene() -> None:
        strap = side(mtu=mtu)
        async with near(STRAP, polar=strap) as stage:
            observations = source(stage).observe()
            await connected(observations)
            assert await told(observations, 2) == BEGUN
            samples = polar.samples_a_frame(Stream.ECG, mtu)
            sent = [EcgFrame(599_616 * 10**12 + k, tuple(range(samples))) for k in range(50)]
            for frame in sent:
                await stage.run(strap.send(frame))
                await stage.send(numbered(1))
            seen = await packets(observations, 100)
            assert [each.data for each in seen[::2]] == [polar.encode(frame) for frame in sent]
            assert {each.characteristic for each in seen[::2]} == {"fb005c82-02e7-f387-1cad-8acd2d8df0c8"}
            assert {each.characteristic for each in seen[1::2]} == {HEART_RATE_MEASUREMENT}
            assert strap.streaming == {Stream.ECG, Stream.ACCELEROMETER}
            await observations.aclose()
            assert strap.commands[-2:] == [(Operation.STOP, Stream.ECG), (Operation.STOP, Stream.ACCELEROMETER)]
            assert not strap.streaming

    play(scene)


def test_heart_rate_alone_is_asked_for_where_nobody_wants_ecg(near: Near) -> None:
    async def scene() -> None:
        strap = side()
        async with near(STRAP, polar=strap) as stage:
            observations = StrapSource(STRAP.address, radio=stage.radio).observe()
            await connected(observations)
            await stage.send(numbered(1))
            await packets(observations, 1)
            await observations.aclose()
            assert strap.commands == []

    play(scene)


def test_a_stream_that_a_killed_program_left_on_is_stopped_and_begun_anew(near: Near) -> None:
    async def scene() -> None:
        strap = side()
        strap.refusals[Operation.START, Stream.ECG].append(Status.ALREADY_IN_STATE)
        strap.streaming.add(Stream.ECG)
        async with near(STRAP, polar=strap) as stage:
            observations = source(stage).observe()
            await connected(observations)
            assert await told(observations, 2) == BEGUN
            about_ecg = [operation.name for operation, stream in strap.commands if stream is Stream.ECG]
            assert about_ecg == ["SETTINGS", "START", "STOP", "START"]
            await observations.aclose()

    play(scene)


def test_a_connection_of_small_packets_has_heart_rate_and_the_reason(near: Near) -> None:
    async def scene() -> None:
        async with near(STRAP, polar=side(mtu=64)) as stage:
            observations = source(stage).observe()
            await connected(observations)
            ecg, accelerometer = await told(observations, 2)
            assert ecg == "no ECG: the connection's packets are too small (64 bytes, and 70 are needed)"
            assert accelerometer.startswith("no accelerometer: the connection's packets are too small")
            await stage.send(numbered(1))
            assert (await packets(observations, 1))[0].data == numbered(1)
            await observations.aclose()

    play(scene)


@pytest.mark.parametrize(
    ("polar_side", "words"),
    [
        (lambda: None, ["no ECG: this strap streams none"]),
        (
            lambda: side(offers={Stream.ACCELEROMETER}),
            ["no ECG: the strap's firmware does not offer it", "accelerometer 50 Hz"],
        ),
        (
            lambda: side(offers=()),
            [
                "no ECG: the strap's firmware does not offer it",
                "no accelerometer: the strap's firmware does not offer it",
            ],
        ),
    ],
    ids=["another maker's", "accelerometer only", "neither"],
)
def test_a_strap_without_ecg_is_recorded_all_the_same(near: Near, polar_side: Any, words: list[str]) -> None:
    async def scene() -> None:
        async with near(STRAP, polar=polar_side()) as stage:
            observations = source(stage).observe()
            await connected(observations)
            assert await told(observations, len(words)) == words
            await stage.send(numbered(4))
            assert (await packets(observations, 1))[0].data == numbered(4)
            await observations.aclose()

    play(scene)


def test_an_answer_that_never_comes_holds_up_nothing(near: Near) -> None:
    async def scene() -> None:
        strap = side()
        strap.refusals[Operation.START, Stream.ECG].append(None)
        async with near(STRAP, polar=strap) as stage:
            observations = source(stage, answer_s=1.0).observe()
            await connected(observations)
            while (Operation.START, Stream.ECG) not in strap.commands:  # noqa: ASYNC110 - the strap has no event for it
                await asyncio.sleep(0.02)
            await stage.send(numbered(1))
            assert (await packets(observations, 1))[0].data == numbered(1)  # while the answer is waited for
            assert await told(observations, 2) == ["no ECG: the strap did not answer in time", "accelerometer 50 Hz"]
            await observations.aclose()

    play(scene)


def test_a_stream_that_the_strap_stops_by_itself_is_told(near: Near) -> None:
    async def scene() -> None:
        strap = side()
        async with near(STRAP, polar=strap) as stage:
            observations = source(stage).observe()
            await connected(observations)
            await told(observations, 2)
            await stage.run(strap.stop(Stream.ECG))
            assert await told(observations, 1) == ["no ECG any more: the strap stopped it"]
            await stage.run(strap.tell(b"\x0f\x05\x00"))  # as a read looks on BlueZ: no answer, no harm
            await stage.send(numbered(1))
            await packets(observations, 1)
            await observations.aclose()
            assert (Operation.STOP, Stream.ECG) not in strap.commands

    play(scene)


def test_a_connection_lost_to_both_streams_has_ecg_only_the_next_time_and_in_the_end_neither(near: Near) -> None:
    async def scene() -> None:
        async with near(STRAP, polar=side()) as stage:
            observations = source(stage).observe()
            await connected(observations)
            assert await told(observations, 2) == BEGUN
            for _ in range(2):
                await stage.drop()
                assert await told(observations, 1) == ["ECG 130 Hz"]
                await stage.send(numbered(1))
                await packets(observations, 1)
            await stage.drop()
            assert await told(observations, 1) == ["no ECG: the connection was lost with it again and again"]
            await stage.send(numbered(2))
            assert (await packets(observations, 1))[0].data == numbered(2)
            await observations.aclose()

    play(scene)


def test_a_drop_after_streams_ran_well_begins_both_again(near: Near, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("biotune.sensor.polar.QUICK_S", 0.0)

    async def scene() -> None:
        strap = side()
        async with near(STRAP, polar=strap) as stage:
            observations = source(stage).observe()
            await connected(observations)
            assert await told(observations, 2) == BEGUN
            await stage.drop()
            assert await told(observations, 2) == BEGUN
            await stage.run(strap.send(EcgFrame(1, (5,))))
            (frame,) = await packets(observations, 1)  # once, not twice
            await stage.send(numbered(1))
            assert (await packets(observations, 1))[0].data == numbered(1)
            assert polar.decode(frame.data) == EcgFrame(1, (5,))
            await observations.aclose()

    play(scene)


@pytest.mark.parametrize(("platform", "ecg", "pairs"), [("win32", True, True), ("win32", False, False)])
def test_windows_is_asked_to_pair_for_ecg_and_only_then(
    monkeypatch: pytest.MonkeyPatch, *, platform: str, ecg: bool, pairs: bool
) -> None:
    """Not seen on Windows: the argument that Bleak is given."""
    monkeypatch.setattr(sys, "platform", platform)
    assert StrapSource("HRM", ecg=ecg)._pair is pairs
    monkeypatch.setattr(sys, "platform", "linux")
    assert StrapSource("HRM", ecg=ecg)._pair is False


def test_a_system_that_would_not_pair_is_asked_without_it_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not seen on Windows: what Bleak does there where pairing fails, played over the virtual adapter."""
    from bleak.exc import BleakError
    from stages import backend_stage

    from biotune.sensor.discovery import Radio
    from biotune.sensor.virtual_adapter import VirtualClient

    asked: list[bool] = []

    class WindowsClient(VirtualClient):
        async def connect(self, pair: bool, **rest: object) -> None:  # noqa: FBT001 - Bleak's own signature
            asked.append(pair)
            if pair:
                raise BleakError("Could not pair with device: 19: FAILED")
            await super().connect(pair, **rest)

    async def scene() -> None:
        async with backend_stage(STRAP, polar=side()) as stage:
            radio = Radio(stage.radio.scanner, {**stage.radio.client, "backend": WindowsClient})
            monkeypatch.setattr(sys, "platform", "win32")
            strap = StrapSource(STRAP.address, radio=radio, patience=Patience(pause_s=0.1), ecg=True)
            monkeypatch.undo()
            observations = strap.observe()
            await connected(observations)
            assert asked == [True, False]
            await observations.aclose()

    play(scene)


def test_only_an_answer_to_what_was_asked_is_taken_for_one(near: Near) -> None:
    async def scene() -> None:
        strap = side()
        strap.refusals[Operation.START, Stream.ECG].append(None)
        async with near(STRAP, polar=strap) as stage:
            observations = source(stage).observe()
            await connected(observations)
            while (Operation.START, Stream.ECG) not in strap.commands:  # noqa: ASYNC110 - the strap has no event for it
                await asyncio.sleep(0.02)
            await stage.run(strap.tell(b"\x0f\x05\x00"))  # as a read looks on BlueZ
            await stage.run(strap.tell(b"\xf0\x03\x00\x06"))  # to a stop that somebody else asked for
            await stage.run(strap.tell(b"\xf0\x02\x00\x0c"))
            assert await told(observations, 2) == ["no ECG: it cannot do so now", "accelerometer 50 Hz"]
            await observations.aclose()

    play(scene)


def test_a_strap_that_answers_no_stop_is_let_go_of_all_the_same(near: Near) -> None:
    async def scene() -> None:
        strap = side()
        async with near(STRAP, polar=strap) as stage:
            observations = source(stage, answer_s=1.0).observe()
            await connected(observations)
            await told(observations, 2)
            strap.refusals[Operation.STOP, Stream.ECG].append(None)
            async with asyncio.timeout(2.5):
                await observations.aclose()
            assert not await stage.heard()

    play(scene)


def test_a_list_of_streams_that_cannot_be_read_is_no_obstacle(near: Near, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("biotune.wire.polar._FEATURES", 0x1F)

    async def scene() -> None:
        async with near(STRAP, polar=side()) as stage:
            observations = source(stage).observe()
            await connected(observations)
            assert await told(observations, 1) == ["no ECG: This is not a list of Polar's streams"]
            await stage.send(numbered(1))
            await packets(observations, 1)
            await observations.aclose()

    play(scene)


@pytest.mark.dbus
@pytest.mark.usefixtures("needs_bluez")
def test_the_service_dies_while_ecg_streams_and_both_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    from lab import bluez_lab

    monkeypatch.setattr("biotune.sensor.polar.QUICK_S", 0.0)

    async def scene() -> None:
        strap = side()
        with bluez_lab(STRAP, polar=strap) as lab, lab.in_this_process():
            patience = Patience(pause_s=0.1, silence_s=0.5, answer_s=1.0)
            observations = StrapSource(STRAP.address, patience=patience, ecg=True).observe()
            await connected(observations)
            assert await told(observations, 2) == BEGUN
            await asyncio.to_thread(lab.daemon_dies)
            await asyncio.sleep(1.0)
            await asyncio.to_thread(lab.daemon_returns)
            assert await told(observations, 2) == BEGUN
            await observations.aclose()
            assert not strap.streaming

    play(scene)
