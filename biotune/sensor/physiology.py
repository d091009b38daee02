"""A simulated heart: beats whose true levels are known.

Each interval is the sum of what shapes a resting heart's rhythm: a mean level, respiratory
sinus arrhythmia at the breathing rate, slow waves around 0.1 Hz, 1/f-like drift and the scatter
of the sinus node. Levels follow the phases of a session with a time constant each; a profile
says to which levels. The model is made to test and to show the program, not to explain a heart.

The waves and the drift are Ornstein-Uhlenbeck processes (the waves rotating ones), whose
spectra and variances are known in closed form; a sum of such processes with time constants
spread over decades has a 1/f spectrum (Hausdorff and Peng 1996).
"""

import cmath
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from biotune.domain import Activity, PhaseKind

MS_PER_MIN = 60_000.0
HEART_TIME_CONSTANT_S = 40.0  # heart rate and vagal level settle within two to three minutes
BREATH_TIME_CONSTANT_S = 8.0  # a new breathing rate is taken up within a few breaths
BREATH_WANDER = 0.05  # the breathing rate's own scatter, as a share; docs/method.md
LEAST_SPACING = 6  # beats between two artefacts: each stays an event of its own
SHORTEST_MS = 330.0  # no sinus or conducted beat follows sooner


class Stretch(NamedTuple):
    """A planned stretch of a session, as far as a body takes notice of it.

    `breaths_per_min` is a pacer's rate, where one sets the breathing.
    """

    kind: PhaseKind
    seconds: float
    activity: Activity | None = None
    breaths_per_min: float | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """Where a body's rhythm settles.

    Attributes
    ----------
    heart_rate_bpm : float
        60000 / mean interval.
    rsa_ms : float
        Amplitude of respiratory sinus arrhythmia: intervals swing by plus and minus this much.
    breathing_per_min : float
        Breathing rate.
    """

    heart_rate_bpm: float
    rsa_ms: float
    breathing_per_min: float


@dataclass(frozen=True, slots=True)
class Outage:
    """The strap falls away: `seconds` long, beginning at this share of the phase of that kind."""

    kind: PhaseKind
    share: float
    seconds: float
    lost: bool = True


@dataclass(frozen=True, slots=True)
class Profile:
    """How a simulated person and their strap behave.

    Attributes
    ----------
    name, plain : str
        The profile's name, and what it shows in one sentence.
    baseline, intervention, recovery : Level
        Where the rhythm settles in each kind of phase.
    arrives_bpm : float
        How much faster the heart beats at the start, before it settles.
    scatter : float
        Irregularity of conduction as a share of the mean interval; 0 for a sinus rhythm.
    ectopic, missed, extra : float
        Chance of each per beat.
    outages : tuple of Outage
        When the strap falls away.
    """

    name: str
    plain: str
    baseline: Level
    intervention: Level
    recovery: Level
    arrives_bpm: float = 4.0
    scatter: float = 0.0
    ectopic: float = 0.0
    missed: float = 0.0
    extra: float = 0.0
    outages: tuple[Outage, ...] = ()


def _profiles() -> dict[str, Profile]:
    rest = Level(66.0, 32.0, 15.0)
    even = Level(72.0, 30.0, 14.0)
    deep = Level(70.0, 40.0, 15.0)
    slow = replace(deep, breathing_per_min=6.0)
    af = Level(84.0, 0.0, 15.0)
    worn = Level(74.0, 28.0, 15.0)
    drops = (Outage(PhaseKind.INTERVENTION, 0.5, 20.0), Outage(PhaseKind.RECOVERY, 0.25, 8.0, lost=False))
    made = (
        Profile("resting", "sits and stays as they are", rest, rest, rest, arrives_bpm=0.0),
        Profile(
            "responds",
            "slower heart and more vagal modulation in the intervention, mostly kept in the recovery",
            Level(78.0, 21.0, 14.0),
            Level(62.0, 43.0, 14.0),
            Level(63.5, 40.0, 14.0),
        ),
        Profile("no-response", "nothing changes", even, even, even),
        Profile("slow-breathing", "breathing alone becomes slower, and stays so", deep, slow, slow),
        Profile(
            "noisy",
            "nothing changes but the strap: a poor contact, and it falls away twice",
            worn,
            worn,
            worn,
            ectopic=0.006,
            missed=0.006,
            extra=0.006,
            outages=drops,
        ),
        Profile("irregular", "no interval is like the last, as in atrial fibrillation", af, af, af, scatter=0.22),
        Profile(
            "quiet-rest",
            "rests in silence, and drifts a little as people do",
            even,
            Level(71.0, 31.0, 14.0),
            Level(70.5, 31.0, 14.0),
        ),
    )
    return {profile.name: profile for profile in made}


PROFILES = _profiles()

# What the body does while people move or sing: heart rate (bpm more), RSA (share left), breathing (per minute more).
EFFORT: dict[Activity, tuple[float, float, float]] = {
    Activity.DRUMMING: (16.0, 0.5, 5.0),
    Activity.PLAYING: (8.0, 0.7, 3.0),
    Activity.SINGING: (9.0, 0.8, -6.0),
    Activity.MUSCLE_RELAXATION: (3.0, 0.9, 0.0),
}


@dataclass(frozen=True, slots=True)
class TrueBeat:
    """One beat of the simulated heart.

    Attributes
    ----------
    time_s : float
        When it beat, counted from the start of the session.
    rr_ms : float
        The interval that it ends.
    premature : bool
        Whether it came from outside the sinus node, too early.
    level : Level
        The heart rate, arrhythmia and breathing behind that interval.
    """

    time_s: float
    rr_ms: float
    premature: bool
    level: Level


class _Wave:
    """A rotating Ornstein-Uhlenbeck process: standard deviation `sd_ms`, spectrum centred on `frequency_hz`.

    Its autocovariance is sd² · exp(-|Δt| / coherence) · cos(2π · frequency · Δt); frequency 0 is plain drift.
    """

    def __init__(self, frequency_hz: float, sd_ms: float, coherence_s: float, rng: np.random.Generator) -> None:
        self._rate = complex(-1.0 / coherence_s, 2.0 * math.pi * frequency_hz)
        self._sd_ms = sd_ms
        self._rng = rng
        self._state = self._kick(1.0)

    def _kick(self, share: float) -> complex:
        real, imaginary = self._rng.standard_normal(2)
        return self._sd_ms * share * complex(real, imaginary)

    def step(self, seconds: float) -> float:
        """Move on and return the value, milliseconds."""
        carried = cmath.exp(self._rate * seconds)
        self._state = self._state * carried + self._kick(math.sqrt(1.0 - abs(carried) ** 2))
        return self._state.real


def level_in(profile: Profile, stretch: Stretch) -> Level:
    """Return where the rhythm settles in that stretch."""
    level = {PhaseKind.INTERVENTION: profile.intervention, PhaseKind.RECOVERY: profile.recovery}.get(
        stretch.kind, profile.baseline
    )
    if stretch.activity in EFFORT:
        faster_bpm, rsa_share, breaths = EFFORT[stretch.activity]
        level = Level(level.heart_rate_bpm + faster_bpm, level.rsa_ms * rsa_share, level.breathing_per_min + breaths)
    return replace(level, breathing_per_min=stretch.breaths_per_min or level.breathing_per_min)


class Body:
    """A simulated heart that beats for as long as it is asked.

    Parameters
    ----------
    profile : Profile
        How the person behaves.
    stretches : sequence of Stretch
        The session's phases in order. After the last the body stays as it is; without any it rests.
    rng : numpy.random.Generator
        Where chance comes from.
    """

    def __init__(self, profile: Profile, stretches: Sequence[Stretch], rng: np.random.Generator) -> None:
        self._profile = profile
        self._rng = rng
        ends_s = itertools.accumulate(stretch.seconds for stretch in stretches)
        self._plan = [(end_s, level_in(profile, stretch)) for end_s, stretch in zip(ends_s, stretches, strict=True)]
        start = self._target(0.0)
        self._level = replace(start, heart_rate_bpm=start.heart_rate_bpm + profile.arrives_bpm)
        self._breath = rng.uniform(0.0, 2.0 * math.pi)
        self._wander = _Wave(0.0, BREATH_WANDER, 15.0, rng)
        self._waves = (
            _Wave(0.1, 16.0, 12.0, rng),  # the 0.1 Hz rhythm of blood pressure
            _Wave(0.0, 6.0, 6.0, rng),
            _Wave(0.0, 7.0, 35.0, rng),
            _Wave(0.0, 7.0, 200.0, rng),
        )

    def _target(self, time_s: float) -> Level:
        for end_s, level in self._plan:
            if time_s < end_s:
                return level
        return self._plan[-1][1] if self._plan else self._profile.baseline

    def _interval_ms(self, time_s: float, since_s: float) -> float:
        """Move the body on by `since_s` seconds to `time_s` and return the interval it makes there."""
        target, level = self._target(time_s), self._level
        slow = 1.0 - math.exp(-since_s / HEART_TIME_CONSTANT_S)
        quick = 1.0 - math.exp(-since_s / BREATH_TIME_CONSTANT_S)
        level = Level(
            level.heart_rate_bpm + slow * (target.heart_rate_bpm - level.heart_rate_bpm),
            level.rsa_ms + slow * (target.rsa_ms - level.rsa_ms),
            level.breathing_per_min + quick * (target.breathing_per_min - level.breathing_per_min),
        )
        self._level = level
        breathing_hz = level.breathing_per_min / 60.0 * (1.0 + self._wander.step(since_s))
        self._breath += 2.0 * math.pi * breathing_hz * since_s
        mean_ms = MS_PER_MIN / level.heart_rate_bpm
        if self._profile.scatter:
            return max(SHORTEST_MS, mean_ms * (1.0 + self._profile.scatter * self._rng.standard_normal()))
        waves_ms = sum(wave.step(since_s) for wave in self._waves)
        scatter_ms = 2.5 * self._rng.standard_normal()
        return max(SHORTEST_MS, mean_ms + level.rsa_ms * math.sin(self._breath) + waves_ms + scatter_ms)

    def beats(self) -> Iterator[TrueBeat]:
        """Yield beats in order, without end; the first ends an interval that began before the session did."""
        time_s = -self._rng.uniform(0.0, 0.3)
        since_s, quiet = 0.0, 0
        while True:
            rr_ms = self._interval_ms(time_s, since_s)
            quiet += 1
            if self._profile.ectopic and quiet > LEAST_SPACING and self._rng.random() < self._profile.ectopic:
                # A premature beat leaves the sinus node's own rhythm as it was: a full compensatory pause follows.
                early_ms = rr_ms * self._rng.uniform(0.55, 0.75)
                yield TrueBeat(time_s + early_ms / 1000.0, early_ms, premature=True, level=self._level)
                since_s, quiet = 2.0 * rr_ms / 1000.0, 0
                time_s += since_s
                yield TrueBeat(time_s, 2.0 * rr_ms - early_ms, premature=False, level=self._level)
            else:
                since_s = rr_ms / 1000.0
                time_s += since_s
                yield TrueBeat(time_s, rr_ms, premature=False, level=self._level)
