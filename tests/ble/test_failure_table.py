"""What real straps and systems do, one row each, and the tests that show it.

`ROWS` is the table. A row's tests are here where the whole sitting matters (strap to log to beats), and
elsewhere where they already stood: ``test_strap.py`` plays on Bumble behind Bleak's ``backend=`` and on
Bleak's BlueZ code, ``test_bluez.py`` on the latter alone, ``test_real_bluez.py`` on a real bluetoothd and
kernel, ``test_strap_seams.py`` where no machine here has the part.
"""

import ast
import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from scenes import STRAP, numbered, numbers, play, source

from biotune.analysis import phases, timeline
from biotune.domain import (
    GapReason,
    PhaseKind,
    Reason,
    Stamp,
    StrapChange,
    StrapEvent,
)
from biotune.session.protocol import PlannedPhase, Protocol
from biotune.session.recorder import Listeners, record
from biotune.storage.store import Store
from biotune.wire.heart_rate import HeartRate, encode

if TYPE_CHECKING:
    from lab import BluezLab

HERE = Path(__file__).parent
Near = Callable[..., Any]

ROWS = {
    "after a drop without disconnect, every later notification comes twice": (
        "ble/test_strap.py::test_a_dropped_strap_is_had_back_and_each_packet_comes_once",
        "ble/test_bluez.py::test_a_client_that_does_not_disconnect_after_a_drop_would_get_packets_twice",
        "ble/vm/guest.py::after_drops_nobody_disconnected_from_each_packet_comes_once",
        "ble/vm/guest.py::a_client_that_does_not_disconnect_would_get_packets_twice",
    ),
    "the recorder is killed: BlueZ keeps the link and the strap no longer advertises": (
        "ble/test_bluez.py::test_a_strap_held_for_a_killed_program_is_found_again",
        "ble/test_record_killed.py::test_a_killed_recorder_loses_nothing_it_acknowledged_and_goes_on_with_the_session",
        "ble/vm/guest.py::a_strap_held_for_a_killed_program_is_found_again",
    ),
    "bluetoothd dies: no callback, and disconnecting times out": (
        "ble/test_bluez.py::test_a_bluetooth_service_that_crashes_and_returns_is_survived",
        "ble/test_bluez.py::test_a_disconnection_that_hangs_is_not_waited_for",
        "ble/vm/guest.py::bluetoothd_killed_and_restarted_is_survived",
    ),
    "silence without a disconnection": (
        "ble/test_strap.py::test_silence_is_noticed_and_the_strap_connected_anew",
        "ble/vm/guest.py::silence_without_a_disconnection_is_noticed_and_mended",
    ),
    "out of range": (
        "ble/test_strap.py::test_a_strap_out_of_range_is_waited_for_with_a_line_for_each_step_of_the_pause",
        "ble/test_failure_table.py::test_out_of_range_is_a_gap_and_the_same_recording_goes_on",
    ),
    "flat battery: the strap is gone for good": (
        "ble/test_failure_table.py::test_flat_battery_the_session_goes_on_waiting_and_can_be_stopped",
    ),
    "strap absent": (
        "ble/test_strap.py::test_a_strap_that_is_not_there_is_said_to_be_so_in_time",
        "ble/test_failure_table.py::test_strap_absent_is_scanned_for_first_and_connected_by_what_the_scan_found",
        "ble/vm/guest.py::a_strap_taken_off_for_good_is_not_found_and_said_to_be_so",
    ),
    "device object expired": (
        "ble/test_failure_table.py::test_device_object_expired_between_scan_and_connection_is_scanned_for_again",
        "ble/test_failure_table.py::test_device_object_expired_while_the_strap_was_away_is_no_obstacle",
        "ble/vm/guest.py::a_device_that_bluez_forgot_is_scanned_for_again",
    ),
    "macOS gives no address, but a UUID of its own": (
        "sensor/test_strap_seams.py::test_on_a_mac_a_strap_is_known_by_the_uuid_that_stands_for_its_address",
        "ble/test_failure_table.py::test_macos_a_strap_is_scanned_for_by_its_service",
        "ble/test_failure_table.py::test_macos_a_strap_is_known_again_by_name_and_serial_whatever_its_address",
    ),
    "macOS and Windows have errors of their own": (
        "sensor/test_strap_seams.py::test_each_systems_error_has_its_meaning",
        "sensor/test_strap_seams.py::test_a_person_is_told_what_why_and_what_next_on_any_system",
        "sensor/test_strap_seams.py::test_switched_off_is_remedied_where_that_system_has_its_switch",
    ),
    "an encrypted read with no pairing agent hangs": (
        "ble/test_bluez.py::test_reads_that_are_refused_or_hang_do_not_hold_up_the_packets",
    ),
    "the strap is already taken by a watch or phone": (
        "ble/test_strap.py::test_a_strap_that_is_not_there_is_said_to_be_so_in_time",
        "ble/test_bluez.py::test_a_strap_that_will_not_be_subscribed_to_is_refused_with_advice",
        "ble/test_bluez.py::test_a_strap_that_another_program_took_is_not_fought_over",
    ),
    "InProgress": (
        "ble/test_bluez.py::test_a_scan_in_progress_elsewhere_is_waited_out",
        "ble/test_bluez.py::test_a_connection_refused_at_first_is_tried_again",
    ),
    "adapter off in mid-session": (
        "ble/test_strap.py::test_bluetooth_off_in_mid_session_is_waited_out",
        "ble/vm/guest.py::an_adapter_switched_off_and_on_is_waited_out",
    ),
    "no bus, no daemon, no permission": (
        "ble/test_bluez.py::test_bluetooth_that_cannot_be_had_is_said_with_its_remedy",
        "ble/test_scan_command.py::test_without_bluetooth_it_fails_in_three_lines",
    ),
    "RR in 1/1024 s, never rounded": (
        "analysis/test_timeline.py::test_intervals_come_out_as_they_went_in_whatever_the_packets_look_like",
        "wire/test_heart_rate.py::test_a_packet_made_by_hand_is_read_in_full",
    ),
    "0 to 9 RR in a packet, odd trailing byte": (
        "ble/test_failure_table.py::test_0_to_9_intervals_in_a_packet_and_an_odd_trailing_byte_all_become_beats",
        "wire/test_heart_rate.py::test_an_odd_byte_at_the_end_is_passed_over",
    ),
    "no RR at all": ("ble/test_failure_table.py::test_packets_without_rr_give_a_heart_rate_and_no_hrv_and_say_why",),
    "16-bit heart rate": ("ble/test_failure_table.py::test_a_16_bit_heart_rate_is_read_as_what_it_is",),
    "equal packets in a row": (
        "ble/test_strap.py::test_equal_packets_in_a_row_are_all_kept",
        "ble/test_failure_table.py::test_equal_packets_in_a_row_are_as_many_beats",
    ),
    "heart rate 0, no contact, contact bit absent": (
        "ble/test_failure_table.py::test_contact_lost_gives_a_gap_and_no_beats_however_plausible",
        "ble/test_failure_table.py::test_heart_rate_0_is_no_beat_and_a_missing_contact_bit_is_no_fault",
        "analysis/test_timeline.py::test_intervals_sent_without_contact_are_no_beats",
    ),
    "a thousand notifications": (
        "ble/test_strap.py::test_a_thousand_packets_come_whole_once_and_in_order",
        "ble/vm/guest.py::a_thousand_packets_come_whole_once_and_in_order",
    ),
    "the clock is set by an hour": ("session/test_ledger.py::test_a_clock_that_is_set_is_told_and_moves_nothing",),
    "summer time begins or ends": ("session/test_ledger.py::test_summer_time_begins_and_ends_unnoticed",),
    "RR and heart rate disagree by 2.4 %: milliseconds": (
        "analysis/test_rr_unit.py::test_milliseconds_are_noticed_however_the_rate_is_rounded_and_smoothed",
        "analysis/test_rr_unit.py::test_a_strap_that_keeps_to_the_standard_is_not_suspected",
    ),
    "Windows refuses the ECG control point without pairing": (
        "ble/test_polar.py::test_windows_is_asked_to_pair_for_ecg_and_only_then",
        "ble/test_polar.py::test_a_system_that_would_not_pair_is_asked_without_it_the_next_time",
    ),
    "Polar ECG: 3-byte signed samples, 19 to 73 in a frame by MTU, stamp of the last": (
        "ble/test_polar.py::test_ecg_and_accelerometer_are_begun_recorded_raw_and_stopped",
        "wire/test_polar.py::test_an_ecg_frame_made_by_hand",
        "wire/test_polar.py::test_a_stamp_seen_on_a_real_h10_lies_where_its_clock_starts",
        "wire/test_polar.py::test_how_many_samples_a_connection_carries",
    ),
    "Polar ECG: the true rate is fitted, frames that jump are left out": (
        "analysis/test_ecg.py::test_the_true_rate_is_fitted_and_no_sample_is_changed",
        "analysis/test_ecg.py::test_a_frame_whose_stamp_jumps_is_left_out_as_a_gap",
        "analysis/test_ecg.py::test_each_connection_is_anchored_anew",
    ),
    "the control point answers F0, and BlueZ echoes reads as notifications": (
        "ble/test_polar.py::test_ecg_and_accelerometer_are_begun_recorded_raw_and_stopped",
        "ble/test_polar.py::test_an_answer_that_never_comes_holds_up_nothing",
        "wire/test_polar.py::test_anything_else_is_no_answer",
    ),
    "already in state; firmware without ECG; ECG and accelerometer together drop": (
        "ble/test_polar.py::test_a_stream_that_a_killed_program_left_on_is_stopped_and_begun_anew",
        "ble/test_polar.py::test_a_strap_without_ecg_is_recorded_all_the_same",
        "ble/test_polar.py::test_a_connection_lost_to_both_streams_has_ecg_only_the_next_time_and_in_the_end_neither",
    ),
    "mtu_size reads 23 on BlueZ": (
        "ble/test_polar.py::test_a_connection_of_small_packets_has_heart_rate_and_the_reason",
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_each_row_has_its_tests(row: str) -> None:
    for test in ROWS[row]:
        file, _, name = test.partition("::")
        parsed = ast.parse((HERE.parent / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in parsed.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


# ---------------------------------------------------------------- a sitting, strap to log to beats


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'biotune.db'}") as store:
        yield store


class Sitting:
    """A recording under way, on a stage."""

    def __init__(self, store: Store, stage: Any) -> None:
        self.store = store
        self.stage = stage
        self.told: list[str] = []
        self.acknowledged = 0
        self._beat_s = 0.0

    def changes(self) -> list[StrapChange]:
        entries = (line.entry for line in self.store.lines("S1", kinds=["strap"]))
        return [entry.change for entry in entries if isinstance(entry, StrapEvent)]

    def packets(self) -> int:
        return len(self.store.lines("S1", kinds=["packet"]))

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not (self.acknowledged and true()):  # noqa: ASYNC110 - the log is looked at, as a dashboard does
                await asyncio.sleep(0.02)

    async def send(self, *packets: bytes) -> None:
        """Send packets once the strap is heard; each is in the log when this returns."""
        await self.until(lambda: self.changes()[-1] not in {StrapChange.LOST, StrapChange.WAITING})
        while not await self.stage.heard():  # noqa: ASYNC110 - a stage has no event for it
            await asyncio.sleep(0.02)
        before = self.packets()
        for packet in packets:
            await self.stage.send(packet)
        await self.until(lambda: self.packets() >= before + len(packets))

    async def beat(self, count: int, **fields: Any) -> None:
        """Let a heart beat that often, 50 ms apart or what the machine makes of it: the strap tells the truth."""
        await self.send()
        before = self.packets()
        for _ in range(count):
            await asyncio.sleep(0.05)
            now_s = time.monotonic()
            ticks, self._beat_s = round(1024 * (now_s - (self._beat_s or now_s - 0.05))), now_s
            await self.stage.send(encode(HeartRate(60, (ticks,), **fields)))
        await self.until(lambda: self.packets() >= before + count)

    async def drop(self) -> None:
        """Lose the link, and a few beats with it."""
        await self.stage.drop()
        self._beat_s = 0.0


@asynccontextmanager
async def sitting(store: Store, stage: Any, **patience: float) -> AsyncIterator[Sitting]:
    """Record what the body of the block lets happen, then stop."""
    under_way, stop = Sitting(store, stage), asyncio.Event()

    def acknowledged(seq: int) -> None:
        under_way.acknowledged = seq

    strap = source(stage, **{"silence_s": 2.0, **patience})
    hour = Protocol("mine", "", "", (PlannedPhase("music", PhaseKind.INTERVENTION, None, 3600),))
    listeners = Listeners(announce=under_way.told.append, acknowledged=acknowledged)
    async with asyncio.TaskGroup() as group:
        group.create_task(record(store, strap, hour, client="K1", listeners=listeners, stop=stop))
        try:
            yield under_way
        finally:
            stop.set()


def laid(store: Store) -> timeline.Timeline:
    session = store.session("S1")
    assert session.finished
    assert len(session.recordings) == 1
    return timeline.build(session.recording())


def test_out_of_range_is_a_gap_and_the_same_recording_goes_on(near: Near, store: Store) -> None:
    async def scene() -> None:
        async with near(STRAP) as stage, sitting(store, stage) as under_way:
            await under_way.beat(20)
            await under_way.drop()
            await under_way.until(lambda: under_way.changes().count(StrapChange.CONNECTED) == 2)
            await under_way.beat(20)

    play(scene)
    found = laid(store)
    assert [gap.reason for gap in found.gaps] == [GapReason.STRAP_LOST]
    assert len(found.beats) == 40


def test_flat_battery_the_session_goes_on_waiting_and_can_be_stopped(near: Near, store: Store) -> None:
    stopped_s = 0.0

    async def scene() -> None:
        nonlocal stopped_s
        async with near(STRAP) as stage:
            async with sitting(store, stage, scan_s=0.3) as under_way:
                await under_way.beat(20)
                await stage.strap_off()
                await under_way.until(lambda: StrapChange.WAITING in under_way.changes())
                await asyncio.sleep(1.5)
                assert not store.session("S1").finished
                stopped_s = time.monotonic()
            stopped_s = time.monotonic() - stopped_s

    play(scene)
    assert stopped_s < 2
    found = laid(store)
    assert len(found.beats) == 20
    assert [gap.reason for gap in found.gaps] == [GapReason.STRAP_LOST]
    assert found.gaps[0].end_s == pytest.approx(found.duration_s, abs=0.1)


def test_contact_lost_gives_a_gap_and_no_beats_however_plausible(near: Near, store: Store) -> None:
    async def scene() -> None:
        async with near(STRAP) as stage, sitting(store, stage) as under_way:
            for contact in (True, False, True):
                await under_way.beat(18, contact=contact)

    play(scene)
    found = laid(store)
    assert len(found.beats) == 36
    assert [gap.reason for gap in found.gaps] == [GapReason.NO_CONTACT]
    assert found.gaps[0].end_s - found.gaps[0].start_s > 0.8
    assert store.sessions()[0].packets == 54  # and every packet is in the log


def test_heart_rate_0_is_no_beat_and_a_missing_contact_bit_is_no_fault(near: Near, store: Store) -> None:
    async def scene() -> None:
        async with near(STRAP) as stage, sitting(store, stage) as under_way:
            await under_way.beat(5)
            await under_way.send(*[encode(HeartRate(0))] * 5)
            await under_way.beat(5)

    play(scene)
    found = laid(store)
    assert len(found.beats) == 10
    assert 0 not in found.heart_rate.bpm


def test_packets_without_rr_give_a_heart_rate_and_no_hrv_and_say_why(near: Near, store: Store) -> None:
    async def scene() -> None:
        async with near(STRAP) as stage, sitting(store, stage) as under_way:
            await under_way.send(*[encode(HeartRate(71))] * 5)

    play(scene)
    found = laid(store)
    assert not found.has_rr
    assert set(found.heart_rate.bpm) == {71}
    (music,) = phases.analyse(store.session("S1").recording()).phases
    assert music.metrics["rmssd"].unavailable is Reason.NO_RR


def test_a_16_bit_heart_rate_is_read_as_what_it_is(near: Near, store: Store) -> None:
    async def scene() -> None:
        async with near(STRAP) as stage, sitting(store, stage) as under_way:
            await under_way.send(bytes.fromhex("11 2c01 6600"))  # flags, 300/min, 102 ticks: by hand

    play(scene)
    found = laid(store)
    assert list(found.heart_rate.bpm) == [300]
    assert list(found.beats.rr_ms) == [102 * 1000 / 1024]


def test_0_to_9_intervals_in_a_packet_and_an_odd_trailing_byte_all_become_beats(near: Near, store: Store) -> None:
    ticks = [[700 + 10 * count + each for each in range(count)] for count in range(10)]
    packets = [encode(HeartRate(60, tuple(each))) for each in ticks]

    async def scene() -> None:
        async with near(STRAP) as stage, sitting(store, stage) as under_way:
            await under_way.send(*packets[:-1], packets[-1] + b"\x07")

    play(scene)
    rr_ms = [each * 1000 / 1024 for packet in ticks for each in packet]
    assert list(laid(store).beats.rr_ms) == rr_ms
    assert store.lines("S1", kinds=["packet"])[-1].entry.data == packets[-1] + b"\x07"  # the log has what came


def test_equal_packets_in_a_row_are_as_many_beats(near: Near, store: Store) -> None:
    async def scene() -> None:
        async with near(STRAP) as stage, sitting(store, stage) as under_way:
            await under_way.send(*[encode(HeartRate(60, (1024,)))] * 7)

    play(scene)
    assert len(laid(store).beats) == 7


# ---------------------------------------------------------------- devices


def test_strap_absent_is_scanned_for_first_and_connected_by_what_the_scan_found() -> None:
    pytest.importorskip("bumble")
    from bleak.backends.device import BLEDevice

    from biotune.sensor.discovery import Radio
    from biotune.sensor.strap import Patience, StrapSource
    from biotune.sensor.virtual import VirtualAir, VirtualStrap
    from biotune.sensor.virtual_adapter import VirtualClient

    given: list[tuple[object, float]] = []

    class Watched(VirtualClient):
        def __init__(self, device: BLEDevice | str, **kwargs: Any) -> None:
            super().__init__(device, **kwargs)
            given.append((device, self._timeout))

    async def scene() -> None:
        async with VirtualAir() as air, VirtualStrap(air.link, STRAP) as strap:
            radio = Radio(air.radio.scanner, {"backend": Watched, "air": air})
            observations = StrapSource(STRAP.address, radio=radio, patience=Patience(pause_s=0.1)).observe()
            await anext(observations)
            strap.drop()
            while len(given) < 2:
                await anext(observations)
            await observations.aclose()

    play(scene)
    assert all(isinstance(device, BLEDevice) and timeout == 20 for device, timeout in given)
    assert given[0][0] is not given[1][0]  # none is kept


@pytest.mark.dbus
def test_device_object_expired_between_scan_and_connection_is_scanned_for_again(bluez: "BluezLab") -> None:
    stop_discovery, forgotten = bluez.bluez.on_StopDiscovery, []

    async def and_forget(message: Any) -> None:
        await stop_discovery(message)
        if not forgotten:
            forgotten.append(bluez.bluez.forget_devices())

    bluez.bluez.on_StopDiscovery = and_forget  # type: ignore[method-assign]

    async def scene() -> None:
        observations = source().observe()
        while (await anext(observations)).entry.change is not StrapChange.BATTERY:
            pass
        bluez.send(numbered(6))
        assert await numbers(observations, 1) == [6]
        await observations.aclose()

    play(scene)
    assert forgotten == [1]


@pytest.mark.dbus
def test_device_object_expired_while_the_strap_was_away_is_no_obstacle(bluez: "BluezLab") -> None:
    async def scene() -> None:
        observations = source().observe()
        while (await anext(observations)).entry.change is not StrapChange.BATTERY:
            pass
        bluez.drop()
        while (await anext(observations)).entry.change is not StrapChange.LOST:
            pass
        bluez.loop.call_soon_threadsafe(bluez.bluez.forget_devices)
        while (await anext(observations)).entry.change is not StrapChange.BATTERY:
            pass
        bluez.send(numbered(8))
        assert await numbers(observations, 1) == [8]
        await observations.aclose()

    play(scene)


# ---------------------------------------------------------------- macOS, at the seam


def test_macos_a_strap_is_scanned_for_by_its_service() -> None:
    """Not seen on that system: what Core Bluetooth is given, which hears nothing of a scan without a service."""
    pytest.importorskip("bumble")
    from biotune.sensor.discovery import Radio, scan
    from biotune.sensor.virtual import VirtualAir, VirtualStrap
    from biotune.sensor.virtual_adapter import VirtualScanner

    given: list[object] = []

    class Watched(VirtualScanner):
        def __init__(self, callback: Any, service_uuids: Any, *rest: Any, **kwargs: Any) -> None:
            given.append(service_uuids)
            super().__init__(callback, service_uuids, *rest, **kwargs)

    async def scene() -> None:
        async with VirtualAir() as air, VirtualStrap(air.link, STRAP):
            await scan(0.3, radio=Radio({"backend": Watched, "air": air}))

    play(scene)
    assert given == [["0000180d-0000-1000-8000-00805f9b34fb"]]


@pytest.mark.parametrize(("serial", "session"), [("0001", "S1"), ("0002", "S2")])
def test_macos_a_strap_is_known_again_by_name_and_serial_whatever_its_address(
    store: Store, serial: str, session: str
) -> None:
    """Not seen on that system: two addresses for one strap, as two Macs have them, and two straps of one name."""
    from biotune.domain import RecorderStarted
    from biotune.storage.continuing import latest_unfinished

    def mac(number: int, serial: str) -> Any:
        return dataclasses.replace(STRAP, address=f"8F1C4B7E-0000-4D41-9C5A-00000000000{number}", serial=serial)

    store.create_session(client="K1", protocol="listening", started=datetime.now(UTC))
    stamp = Stamp("boot", 1, 1)
    for entry in (RecorderStarted("strap", "1"), StrapEvent(StrapChange.CONNECTED, strap=mac(1, "0001"))):
        store.append("S1", "test", stamp, entry, recording=1)
    again = latest_unfinished(store, client="K1", strap=mac(2, serial), source="strap", now=stamp)
    assert (again.session_id if again else "S2") == session
