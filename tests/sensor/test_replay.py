"""A replay is the same bytes at the same spacing; a file's intervals become the packets a strap would have sent."""

import asyncio
import math
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biotune.domain import (
    NS_PER_S,
    Entry,
    IntervalImported,
    LogLine,
    PacketReceived,
    PhaseEnded,
    PhaseKind,
    PhaseStarted,
    Recording,
    Stamp,
    StrapChange,
    StrapEvent,
    StrapIdentity,
)
from biotune.errors import FormatError
from biotune.sensor.replay import ReplaySource
from biotune.sensor.source import VirtualClock
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, decode

START = Stamp("virtual", 5 * NS_PER_S, 1_800_000_000 * NS_PER_S)
STRAP = StrapIdentity("Polar H10 0A1B2C3D")
BASELINE = PhaseStarted("baseline", PhaseKind.BASELINE)
MUSIC = PhaseStarted("music", PhaseKind.INTERVENTION)


def packet(ticks: str) -> PacketReceived:
    return PacketReceived(HEART_RATE_MEASUREMENT, bytes.fromhex("103c" + ticks))


def recording(*happenings: tuple[float, Entry]) -> Recording:
    lines = (
        LogLine(seq, "recorder:1", Stamp("boot", round(at_s * NS_PER_S), round(at_s * NS_PER_S)), 1, entry)
        for seq, (at_s, entry) in enumerate(happenings, 1)
    )
    return Recording("S1", tuple(lines))


def replay(source: Recording) -> ReplaySource:
    return ReplaySource(source, clock=VirtualClock(START, speed=math.inf))


def played(source: ReplaySource) -> list[tuple[float, Entry]]:
    async def run() -> list[tuple[float, Entry]]:
        async with aclosing(source.observe()) as observations:
            return [
                ((each.stamp.monotonic_ns - START.monotonic_ns) / NS_PER_S, each.entry) async for each in observations
            ]

    return asyncio.run(run())


def test_packets_and_strap_events_come_as_they_came() -> None:
    lost = StrapEvent(StrapChange.LOST, "out of range")
    happenings: list[tuple[float, Entry]] = [
        (100.0, StrapEvent(StrapChange.CONNECTED, strap=STRAP)),
        (100.0, BASELINE),
        (100.25, packet("0004")),
        (101.5, packet("")),
        (103.0, lost),
        (140.0, packet("00040004")),
    ]
    source = replay(recording(*happenings))
    assert source.strap == STRAP
    assert played(source) == [(at_s - 100, entry) for at_s, entry in happenings if entry is not BASELINE]


def test_a_recordings_phases_fill_the_replay() -> None:
    source = replay(
        recording(
            (0, packet("0004")), (2, BASELINE), (5, PhaseEnded()), (6, MUSIC), (9, packet("0004")), (11, PhaseEnded())
        )
    )
    assert [(phase.name, seconds) for phase, seconds in source.phases] == [
        ("unmarked", 2),
        ("baseline", 3),
        ("unmarked", 1),
        ("music", 5),
    ]


def test_a_recording_without_phases_has_none() -> None:
    assert replay(recording((0, packet("0004")))).phases == ()


def test_a_files_intervals_become_packets_at_their_r_peaks() -> None:
    source = replay(
        recording(
            (0, IntervalImported("1000", "ms")),
            (0, IntervalImported("0.5", "s")),
            (0, IntervalImported("768", "1/1024 s")),
        )
    )
    (connected_s, connected), *packets = played(source)
    assert (connected_s, connected) == (0.0, StrapEvent(StrapChange.CONNECTED, strap=StrapIdentity("Replay of S1")))
    assert [at_s for at_s, _ in packets] == [1.0, 1.5, 2.25]
    decoded = [decode(entry.data) for _, entry in packets if isinstance(entry, PacketReceived)]
    assert [measured.rr_ticks for measured in decoded] == [(1024,), (512,), (768,)]
    assert [measured.bpm for measured in decoded] == [60, 120, 80]


def test_a_files_own_times_and_phases_are_kept() -> None:
    marks = [
        PhaseStarted("baseline", PhaseKind.BASELINE, at_s=100.0),
        PhaseStarted("music", PhaseKind.INTERVENTION, at_s=102.0),
    ]
    beats = [IntervalImported("800", "ms", "100.8"), IntervalImported("800", "ms", "103.2")]
    source = replay(recording(*((0, entry) for entry in (marks[0], beats[0], marks[1], beats[1]))))
    assert [round(at_s, 9) for at_s, _ in played(source)] == [0.0, 0.8, 3.2]
    assert [(phase.name, round(seconds, 9)) for phase, seconds in source.phases] == [("baseline", 2.0), ("music", 1.2)]


def test_an_interval_too_long_for_a_packet_passes_in_silence() -> None:
    source = replay(recording((0, IntervalImported("70", "s")), (0, IntervalImported("1", "s"))))
    assert [at_s for at_s, _ in played(source)] == [0.0, 71.0]


@given(st.lists(st.floats(min_value=100, max_value=60_000), min_size=1))
def test_no_interval_is_rounded_by_more_than_half_a_tick(intervals_ms: list[float]) -> None:
    source = replay(recording(*((0.0, IntervalImported(repr(rr_ms), "ms")) for rr_ms in intervals_ms)))
    packets = [entry for _, entry in played(source) if isinstance(entry, PacketReceived)]
    sent_ms = [decode(entry.data).rr_ticks[0] * 1000 / 1024 for entry in packets]
    assert all(abs(sent - given) <= 1000 / 2048 + 1e-9 for sent, given in zip(sent_ms, intervals_ms, strict=True))


@pytest.mark.parametrize(
    "entry", [IntervalImported("soon", "ms"), IntervalImported("1", "days"), IntervalImported("nan", "s")]
)
def test_what_is_no_interval_is_refused(entry: IntervalImported) -> None:
    with pytest.raises(FormatError, match="S1 cannot be replayed"):
        replay(recording((0, entry)))


def test_nothing_to_replay_is_said_so() -> None:
    with pytest.raises(FormatError, match="nothing to replay in S1"):
        replay(recording((0, BASELINE)))
