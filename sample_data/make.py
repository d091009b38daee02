"""Makes the sample sessions anew: the simulator, recorded by the product's own recorder.

Run ``python sample_data/make.py``. Nothing is left to chance or to the day: the files come out the
same, byte for byte, but for the version of biotune that is written into each log.
"""

import argparse
import asyncio
import json
import math
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from biotune.domain import (
    NS_PER_S,
    Entry,
    LogLine,
    MusicAct,
    MusicEvent,
    PhaseEnded,
    PhaseKind,
    PhaseStarted,
    RatingGiven,
    Session,
    Stamp,
)
from biotune.formats import log
from biotune.sensor.simulator import SimulatedSource, Stretch, Truth
from biotune.sensor.source import VirtualClock
from biotune.session import protocol
from biotune.session.protocol import Protocol
from biotune.session.recorder import record
from biotune.storage.store import Store

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Sample:
    """One session to be made.

    Attributes
    ----------
    name : str
        Of its files.
    client, protocol, profile : str
        Whose it is, what the sitting consists of, how the simulated person behaves.
    seed : int
        Of the simulator.
    started : datetime
        When the sitting is said to have begun.
    shows : str
        What it is there to show.
    intended : dict of str to str
        Verdict by metric, baseline against recovery; and what else is expected of it.
    music : tuple of (str, str)
        Key and title of what is played live throughout the intervention; empty where nothing is.
    tension : tuple of (float, float), optional
        The client's own rating of tension, before and after.
    """

    name: str
    client: str
    protocol: str
    profile: str
    seed: int
    started: datetime
    shows: str
    intended: dict[str, str] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()
    music: tuple[str, str] = ("", "")
    tension: tuple[float, float] | None = None


def _on(month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


SAMPLES = (
    Sample(
        "responds",
        "A01",
        "listening",
        "responds",
        11,
        _on(9, 8, 15, 2),
        "a clear response: the heart is slower after the music, and RMSSD has doubled",
        {"mean_hr": "clear", "rmssd": "clear"},
    ),
    Sample(
        "quiet-rest",
        "A01",
        "quiet-rest",
        "quiet-rest",
        12,
        _on(9, 15, 15, 4),
        "the same person's control: as long a sitting in silence, with the drift of resting alone",
        {"mean_hr": "none", "rmssd": "none"},
    ),
    Sample(
        "no-response",
        "B02",
        "listening",
        "no-response",
        13,
        _on(9, 22, 10, 31),
        "music, and no change",
        {"mean_hr": "none", "rmssd": "none"},
    ),
    Sample(
        "slow-breathing",
        "B02",
        "relaxation",
        "slow-breathing",
        14,
        _on(10, 6, 10, 28),
        "breathing alone became slower: RMSSD changes clearly, and says nothing of vagal tone",
        {"mean_hr": "none", "rmssd": "clear"},
        ("breathing-changed",),
    ),
    Sample(
        "drumming",
        "B02",
        "drumming",
        "no-response",
        15,
        _on(10, 20, 10, 30),
        "movement in the intervention: only the quiet recovery may be compared",
        {"mean_hr": "none", "rmssd": "none"},
    ),
    Sample(
        "noisy",
        "C03",
        "listening",
        "noisy",
        16,
        _on(10, 27, 17, 45),
        "a poor contact, and no change behind it: artefacts throughout, the strap lost for 20 s and silent for 8 s",
        {"mean_hr": "none", "rmssd": "none"},
    ),
    Sample(
        "irregular",
        "C03",
        "listening",
        "irregular",
        17,
        _on(11, 10, 17, 40),
        "a rhythm too irregular for HRV: heart rate is shown, the rest withheld",
        {"rmssd": "not-comparable"},
        ("irregular-rhythm",),
    ),
    Sample(
        "weeks-1",
        "D04",
        "quiet-rest",
        "quiet-rest",
        21,
        _on(8, 3, 16, 1),
        "one of three sittings in silence: from here on this person's own day-to-day differences are known",
        {"rmssd": "none"},
        tension=(48.0, 45.0),
    ),
    Sample(
        "weeks-2",
        "D04",
        "quiet-rest",
        "quiet-rest",
        22,
        _on(8, 10, 16, 2),
        "one of three sittings in silence: from here on this person's own day-to-day differences are known",
        {"rmssd": "none"},
        tension=(55.0, 52.0),
    ),
    Sample(
        "weeks-3",
        "D04",
        "quiet-rest",
        "quiet-rest",
        23,
        _on(8, 17, 16, 3),
        "one of three sittings in silence: from here on this person's own day-to-day differences are known",
        {"rmssd": "none"},
        tension=(50.0, 49.0),
    ),
    Sample(
        "weeks-4",
        "D04",
        "listening",
        "responds",
        24,
        _on(8, 24, 16, 4),
        "a slower heart after the harp",
        {"mean_hr": "clear", "rmssd": "clear"},
        music=("live:harp", "Harp, played by the therapist"),
        tension=(62.0, 35.0),
    ),
    Sample(
        "weeks-5",
        "D04",
        "listening",
        "no-response",
        25,
        _on(8, 31, 16, 5),
        "the guitar, and no change",
        {"mean_hr": "none", "rmssd": "none"},
        music=("live:guitar", "Guitar, played by the therapist"),
        tension=(51.0, 47.0),
    ),
    Sample(
        "weeks-6",
        "D04",
        "listening",
        "responds",
        26,
        _on(9, 7, 16, 6),
        "a slower heart after the harp",
        {"mean_hr": "clear", "rmssd": "clear"},
        music=("live:harp", "Harp, played by the therapist"),
        tension=(58.0, 30.0),
    ),
    Sample(
        "weeks-7",
        "D04",
        "listening",
        "no-response",
        27,
        _on(9, 14, 16, 7),
        "the guitar, and no change",
        {"mean_hr": "none", "rmssd": "none"},
        music=("live:guitar", "Guitar, played by the therapist"),
        tension=(54.0, 50.0),
    ),
    Sample(
        "weeks-8",
        "D04",
        "listening",
        "responds",
        28,
        _on(9, 21, 16, 8),
        "a slower heart after the harp",
        {"mean_hr": "clear", "rmssd": "clear"},
        music=("live:harp", "Harp, played by the therapist"),
        tension=(60.0, 28.0),
    ),
)


def make(sample: Sample) -> tuple[str, str]:
    """Return the text of a sample's log and of its truth."""
    plan = protocol.load(sample.protocol)
    stretches = [Stretch(phase.kind, phase.seconds, phase.activity, phase.breaths_per_min) for phase in plan.phases]
    start = Stamp(f"virtual-{sample.name}", 0, int(sample.started.timestamp()) * NS_PER_S)
    source = SimulatedSource(sample.profile, stretches, seed=sample.seed, clock=VirtualClock(start, speed=math.inf))
    with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/samples.db") as store:
        session_id = asyncio.run(record(store, source, plan, client=sample.client))
        session = store.session(session_id)
    truth = _describe(sample, plan, source)
    return log.write(
        _with_what_people_did(_without_process(session), sample)
    ), f"{json.dumps(truth, ensure_ascii=False, indent=1)}\n"


def _without_process(session: Session) -> Session:
    """Leave out the number of the process that wrote it: it differs each time."""
    recordings = tuple(
        replace(recording, lines=tuple(replace(line, writer="recorder") for line in recording.lines))
        for recording in session.recordings
    )
    return replace(session, recordings=recordings)


def _with_what_people_did(session: Session, sample: Sample) -> Session:
    """Put the music and the client's ratings where they happened, and number the lines anew."""
    return replace(
        session, recordings=tuple(replace(each, lines=_joined(each.lines, sample)) for each in session.recordings)
    )


def _joined(lines: tuple[LogLine, ...], sample: Sample) -> tuple[LogLine, ...]:
    did = list(_did(lines, sample))
    if not did:
        return lines
    merged = sorted([*lines, *did], key=lambda line: (line.stamp.monotonic_ns, line.seq))
    return tuple(replace(line, seq=seq) for seq, line in enumerate(merged, start=1))


def _did(lines: tuple[LogLine, ...], sample: Sample) -> Iterator[LogLine]:
    """Yield what people did, each numbered as the line before it."""

    def at(line: LogLine, seconds: float, entry: Entry) -> LogLine:
        stamp = line.stamp
        moved_ns = round(seconds * NS_PER_S)
        return LogLine(
            line.seq,
            "dashboard",
            replace(stamp, monotonic_ns=stamp.monotonic_ns + moved_ns, utc_ns=stamp.utc_ns + moved_ns),
            0,
            entry,
        )

    phases = [line for line in lines if isinstance(line.entry, PhaseStarted)]
    last = next(line for line in lines if isinstance(line.entry, PhaseEnded))
    if sample.tension:
        yield at(phases[0], 1, RatingGiven("tension", sample.tension[0], "before"))
        yield at(last, -1, RatingGiven("tension", sample.tension[1], "after"))
    key, title = sample.music
    for begins, ends in pairwise([*phases, last]):
        if key and isinstance(begins.entry, PhaseStarted) and begins.entry.kind is PhaseKind.INTERVENTION:
            yield at(begins, 2, MusicEvent(MusicAct.PLAY, key, title))
            yield at(ends, -2, MusicEvent(MusicAct.ENDED, key, title))


def _describe(sample: Sample, plan: Protocol, source: SimulatedSource) -> dict[str, Any]:
    truth, phases, start_s = source.truth, [], 0.0
    for phase, level in zip(plan.phases, source.levels, strict=True):
        end_s = start_s + phase.seconds
        phases.append(
            {
                "name": phase.name,
                "kind": phase.kind.value,
                "start_s": start_s,
                "end_s": end_s,
                "settles_at": asdict(level),
                "last_5_min": _window(truth, max(start_s, end_s - 300.0), end_s),
            }
        )
        start_s = end_s
    beats, sent = truth.time_s < start_s, truth.arrival_s < start_s
    return {
        "schema": "biotune.truth/1",
        "sample": sample.name,
        "shows": sample.shows,
        "profile": sample.profile,
        "seed": sample.seed,
        "intended": {"verdicts": sample.intended, "caveats": list(sample.caveats)},
        "phases": phases,
        "artefacts": [
            {"time_s": round(each.time_s, 4), "class": each.artefact_class.value}
            for each in truth.artefacts
            if each.time_s < start_s
        ],
        "gaps": [{"start_s": gap.start_s, "end_s": gap.end_s, "reason": gap.reason.value} for gap in truth.gaps],
        "true_beats": {"time_s": _rounded(truth.time_s[beats], 4), "rr_ms": _rounded(truth.rr_ms[beats], 2)},
        "sent": {"peak_s": _rounded(truth.peak_s[sent], 6), "rr_ticks": truth.ticks[sent].tolist()},
    }


def _window(truth: Truth, start_s: float, end_s: float) -> dict[str, float]:
    """Return what the true beats of a window come to, without any strap between."""
    inside = (truth.time_s >= start_s) & (truth.time_s < end_s)
    rr_ms = truth.rr_ms[inside]
    return {
        "mean_hr": round(float(60_000.0 / rr_ms.mean()), 3),
        "rmssd": round(float(np.sqrt(np.mean(np.diff(rr_ms) ** 2))), 3),
        "sdnn": round(float(rr_ms.std(ddof=1)), 3),
        "breathing_rate": round(float(truth.breathing_per_min[inside].mean()), 3),
    }


def _rounded(values: np.ndarray[Any, np.dtype[np.float64]], digits: int) -> list[float]:
    return [round(float(value), digits) for value in values]


def main() -> None:
    """Write all samples, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these samples")
    parser.add_argument("--into", type=Path, default=FOLDER, metavar="DIR", help="another folder")
    args = parser.parse_args()
    (args.into / "truth").mkdir(parents=True, exist_ok=True)
    for sample in SAMPLES:
        if args.names and sample.name not in args.names:
            continue
        log_text, truth_text = make(sample)
        (args.into / f"{sample.name}.biotune.jsonl").write_text(log_text, encoding="utf-8", newline="\n")
        (args.into / "truth" / f"{sample.name}.json").write_text(truth_text, encoding="utf-8", newline="\n")
        print(f"{sample.name}: {len(log_text) / 1024:.0f} kB")


if __name__ == "__main__":
    main()
