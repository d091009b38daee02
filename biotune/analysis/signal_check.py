"""Is the strap's signal good enough to begin with: a minute of it, judged.

The beats that came are held against those the strap's own heart rate lets one expect; artefacts, contact, gaps and
the battery are looked at besides. The limits are those of a phase's quality (`biotune.settings.Limits`).
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from biotune.analysis import artefacts, rhythm, rr_unit, timeline
from biotune.analysis.results import Notice
from biotune.domain import Gap, NoticeKind, PacketReceived, Readiness, Recording, Rhythm, StrapChange, StrapEvent
from biotune.errors import WireError
from biotune.settings import Limits
from biotune.wire.heart_rate import HEART_RATE_MEASUREMENT, HeartRate, decode

LOW_BATTERY_PCT = 15  # a coin cell's reading falls fast from there

_SILENCE_S = 3.0  # packets come once a second

MOISTEN = "Moisten the electrodes and the skin under them."
TIGHTEN = "Tighten the strap so that it does not slip; it sits just below the chest muscles."
SIT_STILL = "Sit still for the check: movement and tensed muscles look like beats."
RHYTHM = "If it stays so with good contact, the rhythm itself may be irregular; HRV means little then (no diagnosis)."
COME_NEARER = "Bring the strap nearer to this machine, with neither a body nor metal between them."
NO_RR = "It sends no RR intervals: heart rate can be recorded, HRV cannot."
WEAR = "Put the strap on; most send only while they are worn."


@dataclass(frozen=True, slots=True)
class SignalCheck:
    """What a stretch of signal is like.

    Attributes
    ----------
    readiness : Readiness
        Whether a session may begin.
    seconds : float
        How long it was listened to, from the first heartbeat.
    beats, expected : int
        RR intervals that came, and those that the strap's own heart rate lets one expect.
    flagged_pct : float
        Share of the beats that are artefacts.
    no_contact_pct : float or None
        Share of the packets that report no contact; None where the strap does not say.
    battery_pct : int or None
        None where it was not told.
    gaps : tuple of Gap
        Stretches without trustworthy beats.
    has_rr : bool
        Whether RR intervals came at all.
    advice : tuple of str
        What to do, the most useful first.
    notices : tuple of Notice
        What else to decide about.
    wave : tuple of (float, float)
        Each beat: seconds from the first line on, and the interval that it ends, milliseconds.
    """

    readiness: Readiness
    seconds: float
    beats: int
    expected: int
    flagged_pct: float
    no_contact_pct: float | None
    battery_pct: int | None
    gaps: tuple[Gap, ...]
    has_rr: bool
    advice: tuple[str, ...]
    notices: tuple[Notice, ...]
    wave: tuple[tuple[float, float], ...] = ()

    @property
    def words(self) -> str:
        """One line: the numbers, and what they come to."""
        return f"{', '.join(self._facts())}: {self.readiness.value.replace('-', ' ')}"

    def _facts(self) -> list[str]:
        if self.has_rr:
            facts = [f"{self.beats} of {self.expected} expected beats", f"{self.flagged_pct:.0f} % artefacts"]
        else:
            facts = ["heart rate, but no RR intervals" if self.expected else "no heartbeat"]
        if self.no_contact_pct:
            facts.append(f"no contact for {self.no_contact_pct:.0f} % of the time")
        if self.gaps:
            facts.append(f"{len(self.gaps)} gap{'s' if len(self.gaps) > 1 else ''}")
        if self.battery_pct is not None:
            facts.append(f"battery {self.battery_pct} %")
        return facts

    def to_dict(self) -> dict[str, Any]:
        """Return the document ``biotune.check/1``, but for the strap's name."""
        return {
            "schema": "biotune.check/1",
            "readiness": self.readiness.value,
            "seconds": self.seconds,
            "beats": self.beats,
            "expected": self.expected,
            "flagged_pct": self.flagged_pct,
            "no_contact_pct": self.no_contact_pct,
            "battery_pct": self.battery_pct,
            "gaps": [{"start_s": gap.start_s, "end_s": gap.end_s, "reason": gap.reason.value} for gap in self.gaps],
            "rr": self.has_rr,
            "words": self.words,
            "advice": list(self.advice),
            "notices": [notice.to_dict() for notice in self.notices],
            "wave": [[round(time_s, 3), round(rr_ms, 1)] for time_s, rr_ms in self.wave],
        }


def check(recording: Recording, *, seconds: float | None = None, limits: Limits | None = None) -> SignalCheck:
    """Judge a stretch of signal.

    Parameters
    ----------
    recording : Recording
        A minute of packets, or any other stretch.
    seconds : float, optional
        How long it was listened to from its first line on; to its last line by default. What is missing at the end
        counts as missing.
    limits : Limits, optional
        When the signal is poor.

    Returns
    -------
    SignalCheck
    """
    limits = limits or Limits()
    lines = list(recording.times_s())
    packets = [(time_s, told) for time_s, line in lines if (told := _measured(line.entry)) is not None]
    end_s = max(seconds or 0.0, lines[-1][0] if lines else 0.0)
    start_s = next((time_s for time_s, told in packets if told.bpm or told.rr_ticks), end_s)
    felt = [(time_s, told) for time_s, told in packets if told.contact is not False and time_s >= start_s]
    laid = timeline.build(recording)
    flagged = artefacts.classify(laid.beats).flagged
    contacts = [told.contact for _, told in packets if told.contact is not None]
    suspicion = rr_unit.suspect(recording)
    found = SignalCheck(
        readiness=Readiness.READY,
        seconds=end_s - start_s,
        beats=sum(len(told.rr_ticks) for time_s, told in felt if time_s > start_s),  # the first one's came before
        expected=round(_rate_bpm(felt, laid) * (end_s - start_s) / 60),
        flagged_pct=100 * float(np.mean(flagged)) if len(flagged) else 0.0,
        no_contact_pct=100 * contacts.count(False) / len(contacts) if contacts else None,
        battery_pct=_battery_pct(recording),
        gaps=laid.gaps,
        has_rr=laid.has_rr,
        advice=(),
        notices=(Notice(NoticeKind.RR_UNIT, suspicion.words),) if suspicion else (),
        wave=tuple(zip(laid.beats.time_s.tolist(), laid.beats.rr_ms.tolist(), strict=True)),
    )
    silent = not packets or end_s - packets[-1][0] > _SILENCE_S
    irregular = rhythm.assess(laid.beats, flagged) is Rhythm.IRREGULAR
    return _judged(found, limits, silent=silent, heard=bool(packets), irregular=irregular)


def _judged(found: SignalCheck, limits: Limits, *, silent: bool, heard: bool, irregular: bool) -> SignalCheck:
    lost = max(0, found.expected - found.beats) if found.has_rr else 0
    missing_pct = 100 * lost / found.expected if found.expected else 0.0
    no_contact_pct = found.no_contact_pct or 0.0
    worst_pct = max(missing_pct, no_contact_pct)
    # As many beats as the strap itself counts, and yet out of step: then it is the rhythm rather than the contact.
    counted = abs(found.beats - found.expected) <= limits.warn_flagged_pct / 100 * found.expected
    out_of_step = found.flagged_pct > limits.max_flagged_pct and not (irregular and counted)
    unusable = worst_pct > limits.max_gap_pct or out_of_step
    clean = worst_pct <= limits.warn_flagged_pct and found.flagged_pct <= limits.warn_flagged_pct
    if not found.expected or silent or unusable:
        readiness = Readiness.NOT_READY
    else:
        readiness = Readiness.READY if clean and found.has_rr else Readiness.DOUBTFUL
    poor_contact = not clean or not found.expected
    flagged = found.flagged_pct > limits.warn_flagged_pct
    low = found.battery_pct is not None and found.battery_pct <= LOW_BATTERY_PCT
    advice = {
        WEAR: not heard,
        MOISTEN: poor_contact,
        TIGHTEN: poor_contact,
        COME_NEARER: silent or missing_pct > limits.warn_flagged_pct,
        SIT_STILL: flagged,
        RHYTHM: flagged,
        NO_RR: bool(found.expected) and not found.has_rr,
        f"Its battery is at {found.battery_pct} %: change it before a long session.": low,
    }
    return replace(found, readiness=readiness, advice=tuple(words for words, fits in advice.items() if fits))


def _measured(entry: object) -> HeartRate | None:
    if not isinstance(entry, PacketReceived) or entry.characteristic != HEART_RATE_MEASUREMENT:
        return None
    try:
        return decode(entry.data)
    except WireError:
        return None


def _rate_bpm(felt: list[tuple[float, HeartRate]], laid: timeline.Timeline) -> float:
    """Return the strap's own heart rate, or the intervals' where it gives none; 0 where there is no heartbeat."""
    rates = [told.bpm for _, told in felt if told.bpm]
    if rates:
        return float(np.mean(rates))
    return float(60_000 / np.median(laid.beats.rr_ms)) if laid.has_rr else 0.0


def _battery_pct(recording: Recording) -> int | None:
    told = [
        line.entry.detail
        for line in recording.lines
        if isinstance(line.entry, StrapEvent) and line.entry.change is StrapChange.BATTERY
    ]
    return int(told[-1]) if told and told[-1].isdecimal() else None
