"""Sittings written into a real database, with a heart whose course is known."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from biotune.domain import (
    NS_PER_S,
    TICKS_PER_S,
    Activity,
    Entry,
    MusicAct,
    MusicEvent,
    PacketReceived,
    PhaseKind,
    PhaseStarted,
    RatingGiven,
    SessionFinished,
    Stamp,
)
from biotune.library import Library
from biotune.library import open_library as open_folder
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, HeartRate, encode

FIRST_DAY = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
PHASES = (
    ("settling", PhaseKind.SETTLING, 120.0),
    ("baseline", PhaseKind.BASELINE, 300.0),
    ("music", PhaseKind.INTERVENTION, 600.0),
    ("recovery", PhaseKind.RECOVERY, 300.0),
)
MUSIC_S = 420.0  # where the intervention begins


@dataclass(frozen=True)
class Piece:
    """Music from `start_s` of the intervention on, and the heart rate while it sounds."""

    title: str
    start_s: float
    seconds: float
    bpm: float


@dataclass(frozen=True)
class Sitting:
    """What happens in it: heart rate in the baseline, the intervention and the recovery.

    `settles_bpm`: by how much the heart rate is higher at the very start; that is gone when the music begins.
    """

    bpm: tuple[float, float, float] = (70.0, 70.0, 70.0)
    activity: Activity = Activity.LISTENING
    pieces: Sequence[Piece] = ()
    ratings: dict[str, tuple[float, float]] = field(default_factory=dict)
    client: str = "A01"
    day: int = 0
    finished: bool = True
    posture: str = "seated"
    breaths: float = 15.0
    music_s: float = 600.0
    settles_bpm: float = 0.0


Write = Callable[..., str]


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with open_folder(home) as opened:
        yield opened


@pytest.fixture
def write(library: Library) -> Write:
    """Write a `Sitting` of those properties; pieces as (title, start, seconds, bpm)."""

    def work(*, pieces: Sequence[tuple[str, float, float, float]] = (), **properties: Any) -> str:
        sitting = Sitting(pieces=[Piece(*each) for each in pieces], **properties)
        started = FIRST_DAY + timedelta(days=sitting.day)
        session = library.store.create_session(client=sitting.client, protocol="listening", started=started)
        library.store.add_recording(session, label="H10 simulated")
        library.store.append_many(session, "recorder", sorted_lines(sitting, started))
        return session

    return work


def sorted_lines(sitting: Sitting, started: datetime) -> list[tuple[Stamp, Entry, int]]:
    boot, utc_ns = f"b{sitting.day}", int(started.timestamp()) * NS_PER_S

    def at(time_s: float, entry: Entry, recording: int = 0) -> tuple[Stamp, Entry, int]:
        return (Stamp(boot, round(time_s * NS_PER_S), utc_ns + round(time_s * NS_PER_S)), entry, recording)

    lines, start_s = [], 0.0
    for name, kind, planned_s in PHASES:
        seconds = sitting.music_s if kind is PhaseKind.INTERVENTION else planned_s
        activity = sitting.activity if kind is PhaseKind.INTERVENTION else Activity.REST
        lines.append(at(start_s, PhaseStarted(name, kind, activity, sitting.posture)))
        start_s += seconds
    for scale, (before, after) in sitting.ratings.items():
        lines += [at(5.0, RatingGiven(scale, before, "before")), at(start_s - 5, RatingGiven(scale, after, "after"))]
    for piece in sitting.pieces:
        begins_s = MUSIC_S + piece.start_s
        key = f"sha-{piece.title}"
        lines.append(at(begins_s, MusicEvent(MusicAct.PLAY, key, piece.title)))
        lines.append(at(begins_s + piece.seconds, MusicEvent(MusicAct.ENDED, key, piece.title, piece.seconds)))
    lines += [at(time_s, packet, 1) for time_s, packet in packets(sitting, start_s)]
    if sitting.finished:
        lines.append(at(start_s, SessionFinished()))
    return sorted(lines, key=lambda line: line[0].monotonic_ns)


def rate_at(sitting: Sitting, time_s: float) -> float:
    for piece in sitting.pieces:
        if 0 <= time_s - MUSIC_S - piece.start_s < piece.seconds:
            return piece.bpm
    baseline, music, recovery = sitting.bpm
    if time_s < MUSIC_S:
        return baseline + sitting.settles_bpm * (1 - time_s / MUSIC_S)
    return music if time_s < MUSIC_S + sitting.music_s else recovery


def packets(sitting: Sitting, ends_s: float) -> Iterator[tuple[float, PacketReceived]]:
    """One packet a second with the beats of that second; breathing moves them by 30 ms."""
    rng = np.random.default_rng(sitting.day)
    time_s, second, pending = 0.0, 1, list[int]()
    while time_s < ends_s:
        rr_s = (
            60 / rate_at(sitting, time_s)
            + 0.03 * math.sin(2 * math.pi * time_s * sitting.breaths / 60)
            + rng.normal(0, 0.006)
        )
        time_s += rr_s
        while second < time_s:
            data = encode(HeartRate(bpm=70, rr_ticks=tuple(pending), contact=None, energy_kj=None))
            yield float(second), PacketReceived(HEART_RATE_MEASUREMENT, data)
            pending, second = [], second + 1
        pending.append(round(rr_s * TICKS_PER_S))
