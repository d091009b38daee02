"""A simulated strap on a simulated body, as a source of packets, with the truth beside them.

`physiology.Body` beats; here a strap finds its R peaks (with timing noise, and with what it misses
or invents), counts intervals in ticks of 1/1024 s, and sends them once a second. Everything is
drawn from one seed: the same seed gives the same bytes at the same times, at any speed.
"""

import itertools
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from biotune.analysis.series import FloatArray, IntArray
from biotune.domain import (
    NS_PER_S,
    TICKS_PER_S,
    ArtefactClass,
    GapReason,
    PacketReceived,
    PhaseKind,
    StrapChange,
    StrapEvent,
    StrapIdentity,
)
from biotune.errors import UsageError
from biotune.sensor.chest import Chest
from biotune.sensor.physiology import LEAST_SPACING, PROFILES, Body, Level, Outage, Profile, Stretch, TrueBeat, level_in
from biotune.sensor.source import Clock, Observation
from biotune.wire import polar
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, HeartRate, encode

__all__ = ["PROFILES", "SimulatedSource", "Stretch", "TrueArtefact", "TrueGap", "Truth"]

PROCESSING_S = 0.45  # from R peak to the strap's knowing of it
RADIO_S = 0.015  # from the strap's sending to this machine's hearing of it, at least
NOTICE_LOST_S = 2.0  # a link is given up this long after the last packet
NOTICE_SILENCE_S = 5.0  # as the watchdog of a real strap
PEAK_NOISE_S = 0.001  # a chest strap's R peaks lie within a millisecond or two of an ECG's
FRAME_S = 1.2  # from a frame's last sample to its arrival; beats are known to the strap long before
STREAMS = ("ECG 130 Hz", "accelerometer 50 Hz")
AVERAGED_BEATS = 8  # a strap's own heart rate is an average over the last few beats


_Happening = tuple[float, PacketReceived | StrapEvent]


@dataclass(frozen=True, slots=True)
class TrueArtefact:
    """A beat that is wrong in the packets: when, and how."""

    time_s: float
    artefact_class: ArtefactClass


@dataclass(frozen=True, slots=True)
class TrueGap:
    """A stretch in which nothing was sent."""

    start_s: float
    end_s: float
    reason: GapReason


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What really happened, as far as the source has been observed. Times count from its first observation.

    Attributes
    ----------
    time_s, rr_ms : ndarray, shape (n_beats,)
        Every true beat, and the interval it ends.
    heart_rate_bpm, rsa_ms, breathing_per_min : ndarray, shape (n_beats,)
        The level behind each interval.
    peak_s : ndarray, shape (n_sent,)
        R peaks whose intervals were sent, as the strap saw them.
    ticks : ndarray of int, shape (n_sent,)
        The intervals sent, 1/1024 s.
    arrival_s : ndarray, shape (n_sent,)
        When the packet with that interval arrived.
    artefacts : tuple of TrueArtefact
        Premature beats, beats the strap missed, peaks it invented.
    gaps : tuple of TrueGap
        Outages of the strap.
    """

    time_s: FloatArray
    rr_ms: FloatArray
    heart_rate_bpm: FloatArray
    rsa_ms: FloatArray
    breathing_per_min: FloatArray
    peak_s: FloatArray
    ticks: IntArray
    arrival_s: FloatArray
    artefacts: tuple[TrueArtefact, ...]
    gaps: tuple[TrueGap, ...]


@dataclass(slots=True)
class _Journal:
    """Where the truth is kept while it happens."""

    beats: list[TrueBeat] = field(default_factory=list)
    sent: list[tuple[float, int, float]] = field(default_factory=list)
    artefacts: list[TrueArtefact] = field(default_factory=list)
    gaps: list[TrueGap] = field(default_factory=list)

    def truth(self) -> Truth:
        levels = [beat.level for beat in self.beats]
        peak_s, ticks, arrival_s = np.array(self.sent, dtype=np.float64).reshape(-1, 3).T
        return Truth(
            time_s=np.array([beat.time_s for beat in self.beats]),
            rr_ms=np.array([beat.rr_ms for beat in self.beats]),
            heart_rate_bpm=np.array([level.heart_rate_bpm for level in levels]),
            rsa_ms=np.array([level.rsa_ms for level in levels]),
            breathing_per_min=np.array([level.breathing_per_min for level in levels]),
            peak_s=peak_s,
            ticks=ticks.astype(np.int64),
            arrival_s=arrival_s,
            artefacts=tuple(self.artefacts),
            gaps=tuple(self.gaps),
        )


class SimulatedSource:
    """A simulated strap.

    Parameters
    ----------
    profile : str
        One of `PROFILES`.
    phases : sequence of (PhaseKind, float) or of Stretch
        The session's phases in order: kind, seconds, and the activity where it matters to the body.
        The simulated person goes on after the last one.
    seed : int
        Where chance starts.
    clock : Clock
        The clock by which it stamps.
    ecg : bool
        Whether the strap streams its ECG and accelerometer too. The heartbeat is the same with and without.

    Raises
    ------
    UsageError
        Where no profile has that name.
    """

    kind = "simulator"

    def __init__(
        self,
        profile: str,
        phases: Sequence[tuple[PhaseKind, float] | Stretch] = (),
        *,
        seed: int = 0,
        clock: Clock,
        ecg: bool = False,
    ) -> None:
        if profile not in PROFILES:
            raise UsageError(
                f"there is no simulator profile {profile!r}", hint=f"Choose one of: {', '.join(PROFILES)}."
            )
        self.profile: Profile = PROFILES[profile]
        self.strap = StrapIdentity(f"Simulated strap ({profile})", address=f"simulated:{profile}")
        self.clock = clock
        self._stretches = tuple(Stretch(*phase) for phase in phases)
        self.ecg = ecg
        self._seed = seed
        self._journal = _Journal()

    @property
    def truth(self) -> Truth:
        """What has really happened in the latest observation so far."""
        return self._journal.truth()

    @property
    def levels(self) -> tuple[Level, ...]:
        """Where the rhythm settles in each of the phases."""
        return tuple(level_in(self.profile, stretch) for stretch in self._stretches)

    async def observe(self) -> AsyncGenerator[Observation, None]:
        """Yield packets and the strap's changes without end, each when the clock has come to it."""
        self._journal = _Journal()
        start_ns = self.clock.now().monotonic_ns
        happenings = self._happenings(self._journal)
        for at_s, entry in self._with_frames(happenings, self._journal) if self.ecg else happenings:
            at_ns = start_ns + round(at_s * NS_PER_S)
            await self.clock.sleep_until(at_ns)
            yield Observation(self.clock.at(at_ns), entry)

    def _happenings(self, journal: _Journal) -> Iterator[_Happening]:
        """Yield what the strap does, with the session time of its arrival."""
        for_body, for_strap, for_radio = np.random.default_rng(self._seed).spawn(3)
        body = Body(self.profile, self._stretches, for_body)
        peaks = _intervals(_peaks(body.beats(), self.profile, journal, for_strap))
        yield 0.0, StrapEvent(StrapChange.CONNECTED, strap=self.strap)
        yield 0.0, StrapEvent(StrapChange.BATTERY, detail="90")
        outages = deque(self._outages())
        first_bpm = (self.levels or (self.profile.baseline,))[0].heart_rate_bpm
        recent = deque([60 * TICKS_PER_S / first_bpm], maxlen=AVERAGED_BEATS)
        peak_s, ticks = next(peaks)
        send_s = for_radio.uniform(0.0, 1.0)
        heard_s = 0.0
        while True:
            send_s += 1.0
            if outages and send_s >= outages[0].start_s:
                gap = outages.popleft()
                journal.gaps.append(gap)
                while peak_s <= gap.end_s:
                    peak_s, ticks = next(peaks)
                send_s = max(send_s, gap.end_s)
                yield from self._away(gap, heard_s)
            ready: list[int] = []
            heard_s = send_s + RADIO_S + min(0.2, for_radio.exponential(0.01))
            while peak_s + PROCESSING_S <= send_s:
                ready.append(ticks)
                journal.sent.append((peak_s, ticks, heard_s))
                peak_s, ticks = next(peaks)
            recent.extend(ready)
            bpm = min(255, round(60 * TICKS_PER_S * len(recent) / sum(recent)))
            measured = HeartRate(bpm=bpm, rr_ticks=tuple(ready), contact=None, energy_kj=None)
            yield heard_s, PacketReceived(HEART_RATE_MEASUREMENT, encode(measured))

    def _with_frames(self, happenings: Iterator[_Happening], journal: _Journal) -> Iterator[_Happening]:
        """Put the frames of ECG and accelerometer between the packets; none arrives in an outage."""
        chest = Chest(journal.beats, self._stretches, np.random.default_rng(self._seed).spawn(4)[3])
        for at_s, entry in happenings:
            for last_s, frame in chest.frames(at_s - FRAME_S):
                arrives_s = last_s + FRAME_S
                if not any(gap.start_s <= arrives_s < gap.end_s for gap in journal.gaps):
                    yield arrives_s, PacketReceived(polar.POLAR_DATA, polar.encode(frame))
            yield at_s, entry
            if isinstance(entry, StrapEvent) and entry.change is StrapChange.CONNECTED:
                yield from ((at_s, StrapEvent(StrapChange.STREAM, words)) for words in STREAMS)

    def _outages(self) -> list[TrueGap]:
        """Place the profile's outages, each in the first phase of its kind."""
        ends_s = itertools.accumulate(stretch.seconds for stretch in self._stretches)
        gaps: dict[Outage, TrueGap] = {}
        for end_s, stretch in zip(ends_s, self._stretches, strict=True):
            for outage in self.profile.outages:
                if outage.kind is stretch.kind and outage not in gaps:
                    at_s = end_s - (1.0 - outage.share) * stretch.seconds
                    reason = GapReason.STRAP_LOST if outage.lost else GapReason.SILENT
                    gaps[outage] = TrueGap(at_s, at_s + outage.seconds, reason)
        return sorted(gaps.values(), key=lambda gap: gap.start_s)

    def _away(self, gap: TrueGap, heard_s: float) -> Iterator[tuple[float, StrapEvent]]:
        """Yield how a recorder would come to know of an outage, and of its end."""
        back_s = gap.end_s
        if gap.reason is GapReason.STRAP_LOST:
            yield min(heard_s + NOTICE_LOST_S, back_s), StrapEvent(StrapChange.LOST)
            yield back_s, StrapEvent(StrapChange.CONNECTED, strap=self.strap)
        elif heard_s + NOTICE_SILENCE_S < back_s:
            yield heard_s + NOTICE_SILENCE_S, StrapEvent(StrapChange.SILENT)
            yield back_s, StrapEvent(StrapChange.HEARD_AGAIN)


def _peaks(beats: Iterator[TrueBeat], profile: Profile, journal: _Journal, rng: np.random.Generator) -> Iterator[float]:
    """Yield the R peaks that the strap sees, seconds; write down beats and what is wrong with them."""
    quiet = 0
    for beat in beats:
        journal.beats.append(beat)
        quiet += 1
        if beat.premature:
            journal.artefacts.append(TrueArtefact(beat.time_s, ArtefactClass.ECTOPIC))
            quiet = 0
        chance = rng.random()
        settled = quiet > LEAST_SPACING
        if settled and chance < profile.missed:
            journal.artefacts.append(TrueArtefact(beat.time_s, ArtefactClass.MISSED))
            quiet = 0
            continue
        if settled and chance < profile.missed + profile.extra:
            # A T wave or a twitch taken for an R peak, somewhere in the interval that this beat ends.
            extra_s = beat.time_s - beat.rr_ms / 1000.0 * rng.uniform(0.35, 0.65)
            journal.artefacts.append(TrueArtefact(extra_s, ArtefactClass.EXTRA))
            quiet = 0
            yield extra_s
        yield beat.time_s + PEAK_NOISE_S * rng.standard_normal()


def _intervals(peaks: Iterator[float]) -> Iterator[tuple[float, int]]:
    """Yield each R peak that ends an interval, on the strap's own grid, with the interval in ticks."""
    before: int | None = None
    for peak_s in peaks:
        tick = round(peak_s * TICKS_PER_S)
        if before is not None and tick > 0:
            yield tick / TICKS_PER_S, tick - before
        before = tick
