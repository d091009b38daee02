"""What happens to a strap, on both stages: the same scenario, the same observations."""

import asyncio
import dataclasses
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from scenes import STRAP, connected, numbered, numbers, play, source, take

from biotune.domain import PacketReceived, StrapChange, StrapEvent, StrapIdentity
from biotune.errors import StrapNotFound, UsageError

OTHER = dataclasses.replace(STRAP, address="C0:FF:EE:00:00:02")
Near = Callable[..., Any]


def test_a_scan_lists_what_offers_heart_rate_and_nothing_else(near: Near) -> None:
    from biotune.sensor.discovery import scan

    async def scene() -> None:
        async with near(STRAP) as stage:
            await stage.add_stranger()
            told: list[str] = []
            found = await scan(0.5, radio=stage.radio, on_found=lambda strap: told.append(strap.name))
        assert [(strap.name, strap.address) for strap in found] == [("Strap 0001", "C0:FF:EE:00:00:01")]
        assert -127 < found[0].rssi < 0
        assert told == ["Strap 0001"]

    play(scene)


def test_a_strap_tells_who_it_is(near: Near) -> None:
    async def scene() -> None:
        async with near(STRAP, battery_pct=42) as stage:
            strap = source(stage, "strap 0001")
            assert strap.strap.name == "strap 0001"
            observations = strap.observe()
            first, battery = await take(observations, 2)
            assert (first.change, first.strap) == (StrapChange.CONNECTED, STRAP)
            assert re.fullmatch(r"signal -\d+ dBm", first.detail)
            assert battery == StrapEvent(StrapChange.BATTERY, "42")
            assert strap.strap == STRAP
            await observations.aclose()

    play(scene)


def test_a_strap_that_tells_nothing_is_recorded_all_the_same(near: Near) -> None:
    mute = StrapIdentity("HRM", STRAP.address)

    async def scene() -> None:
        async with near(mute, battery_pct=None) as stage:
            observations = source(stage, "hrm").observe()
            first = await anext(observations)
            assert (first.entry.change, first.entry.strap) == (StrapChange.CONNECTED, mute)
            await stage.send(numbered(7))
            assert await numbers(observations, 1) == [7]
            await observations.aclose()

    play(scene)


def test_a_thousand_packets_come_whole_once_and_in_order(near: Near) -> None:
    async def scene() -> None:
        async with near(STRAP) as stage:
            observations = source(stage).observe()
            await connected(observations)
            for number in range(1000):
                await stage.send(numbered(number))
            seen = [await anext(observations) for _ in range(1000)]
            assert all(isinstance(each.entry, PacketReceived) for each in seen)
            assert [each.entry.data for each in seen] == [numbered(number) for number in range(1000)]
            assert {each.entry.characteristic for each in seen} == {"00002a37-0000-1000-8000-00805f9b34fb"}
            stamps = [each.stamp.monotonic_ns for each in seen]
            assert stamps == sorted(stamps)
            await observations.aclose()

    play(scene)


def test_equal_packets_in_a_row_are_all_kept(near: Near) -> None:
    async def scene() -> None:
        async with near(STRAP) as stage:
            observations = source(stage).observe()
            await connected(observations)
            for _ in range(5):
                await stage.send(numbered(1))
            assert await numbers(observations, 5) == [1] * 5
            await observations.aclose()

    play(scene)


def test_a_dropped_strap_is_had_back_and_each_packet_comes_once(near: Near) -> None:
    async def scene() -> None:
        async with near(STRAP) as stage:
            observations = source(stage, silence_s=0.6).observe()
            await connected(observations)
            for drop in range(3):
                await stage.send(numbered(drop))
                assert await numbers(observations, 1) == [drop]
                await stage.drop()
                began = time.monotonic()
                (lost,) = await take(observations, 1)
                assert lost.change is StrapChange.LOST
                assert time.monotonic() - began < 0.5
                assert await connected(observations) == STRAP
            for number in range(20):
                await stage.send(numbered(number))
            assert await numbers(observations, 20) == list(range(20))
            (silent,) = await take(observations, 1)  # a second copy of any packet would come before
            assert silent.change is StrapChange.SILENT
            await observations.aclose()

    play(scene)


def test_silence_is_noticed_and_the_strap_connected_anew(near: Near) -> None:
    async def scene() -> None:
        async with near(STRAP) as stage:
            observations = source(stage, silence_s=0.5).observe()
            await connected(observations)
            began = time.monotonic()
            (silent,) = await take(observations, 1)
            assert silent.change is StrapChange.SILENT
            assert 0.4 < time.monotonic() - began < 1.5
            await connected(observations)
            await stage.send(numbered(3))
            assert await numbers(observations, 1) == [3]
            await observations.aclose()

    play(scene)


def test_a_strap_out_of_range_is_waited_for_with_a_line_for_each_step_of_the_pause(near: Near) -> None:
    async def scene() -> None:
        async with near(STRAP) as stage:
            observations = source(stage, scan_s=0.2, pause_s=0.05, longest_pause_s=0.1).observe()
            await connected(observations)
            await stage.strap_off()
            lost, waiting = await take(observations, 2)
            assert lost.change is StrapChange.LOST
            assert waiting == StrapEvent(StrapChange.WAITING, "Strap 0001 does not answer")
            (longer,) = await take(observations, 1)
            assert longer == StrapEvent(StrapChange.WAITING, "Strap 0001 does not answer (2 attempts)")
            with pytest.raises(TimeoutError):  # nothing more is said while it stays away
                await asyncio.wait_for(anext(observations), 0.8)


def test_a_strap_found_again_says_at_which_attempt(near: Near) -> None:
    async def scene() -> None:
        async with near(STRAP) as stage:
            observations = source(stage, scan_s=0.3).observe()
            await connected(observations)
            await stage.switch(on=False)
            lost, waiting = await take(observations, 2)
            assert (lost.change, waiting.change) == (StrapChange.LOST, StrapChange.WAITING)
            await stage.switch(on=True)
            (again,) = await take(observations, 1)
            while again.change is StrapChange.WAITING:
                (again,) = await take(observations, 1)
            assert again.change is StrapChange.CONNECTED
            assert re.fullmatch(r"signal -\d+ dBm, found at attempt \d+", again.detail)
            await observations.aclose()

    play(scene)


def test_the_battery_is_read_again_and_again(near: Near) -> None:
    async def scene() -> None:
        async with near(STRAP, battery_pct=9) as stage:
            observations = source(stage, battery_s=0.2, silence_s=0.9).observe()
            await connected(observations)
            again = await take(observations, 4)  # which is no sign of life: packets are
            assert again[:3] == [StrapEvent(StrapChange.BATTERY, "9")] * 3
            more = again[3:]
            while more[-1].change is StrapChange.BATTERY:
                more += await take(observations, 1)
            assert more[-1].change is StrapChange.SILENT
            await observations.aclose()

    play(scene)


def test_only_the_strap_that_answered_first_is_had_back(near: Near) -> None:
    async def scene() -> None:
        async with near(STRAP) as stage:
            observations = source(stage, "Strap 0001", scan_s=0.5).observe()
            await connected(observations)
            await stage.add_strap(OTHER)  # somebody else's, of the same name
            await stage.strap_off()
            lost, waiting = await take(observations, 2)
            assert lost.change is StrapChange.LOST
            assert waiting.change is StrapChange.WAITING
            await observations.aclose()

    play(scene)


def test_two_straps_of_one_name_are_not_guessed_between(near: Near) -> None:
    async def scene() -> None:
        async with near(STRAP) as stage:
            await stage.add_strap(dataclasses.replace(OTHER, name="Strap 0002"))
            with pytest.raises(UsageError, match="More than one strap") as error:
                await anext(source(stage, "strap").observe())
            assert STRAP.address in error.value.why
            assert OTHER.address in error.value.why
            observations = source(stage, "STRAP 0002").observe()
            assert (await connected(observations)).address == OTHER.address
            await observations.aclose()

    play(scene)


def test_a_strap_that_is_not_there_is_said_to_be_so_in_time(near: Near) -> None:
    async def scene() -> None:
        async with near(STRAP) as stage:
            await stage.strap_off()
            began = time.monotonic()
            with pytest.raises(StrapNotFound, match="Strap 0001") as error:
                await anext(source(stage, "Strap 0001", search_s=1.0).observe())
            assert time.monotonic() - began < 3
            assert "moist" in error.value.hint
            assert "Polar" in error.value.hint

    play(scene)


def test_closing_lets_go_of_the_strap_at_once(near: Near) -> None:
    from biotune.sensor.discovery import scan

    async def scene() -> None:
        async with near(STRAP) as stage:
            observations = source(stage).observe()
            await connected(observations)
            assert await stage.heard()
            began = time.monotonic()
            await observations.aclose()
            assert time.monotonic() - began < 1
            assert not await stage.heard()
            assert await scan(0.5, radio=stage.radio)  # it advertises again: others may have it

    play(scene)


def test_a_cancelled_reader_lets_go_of_the_strap(near: Near) -> None:
    async def scene() -> None:
        async with near(STRAP) as stage:
            observations = source(stage).observe()
            await connected(observations)
            reader = asyncio.create_task(anext(observations))  # type: ignore[arg-type]
            await asyncio.sleep(0.1)
            reader.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reader
            assert not await stage.heard()

    play(scene)


def test_bluetooth_off_in_mid_session_is_waited_out(near: Near) -> None:
    async def scene() -> None:
        async with near(STRAP) as stage:
            observations = source(stage).observe()
            await connected(observations)
            await stage.switch(on=False)
            lost, waiting = await take(observations, 2)
            assert lost.change is StrapChange.LOST
            assert waiting == StrapEvent(StrapChange.WAITING, "Bluetooth is switched off")
            await stage.switch(on=True)
            await connected(observations)
            await stage.send(numbered(5))
            assert await numbers(observations, 1) == [5]
            await observations.aclose()

    play(scene)
