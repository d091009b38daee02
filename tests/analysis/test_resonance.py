"""The rate at which heart rate swings widest: found where it is known, and not claimed where chance decides."""

import math
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from biotune.analysis import made, resonance
from biotune.analysis.series import NNSeries
from biotune.domain import NS_PER_S, Activity, Entry, LogLine, PacerSet, PhaseKind, PhaseStarted, Recording, Stamp
from biotune.sensor.physiology import PROFILES, Body, Stretch
from biotune.session import protocol

RATES = (7.0, 6.5, 6.0, 5.5, 5.0, 4.5)
LEVEL_MS = 850.0


def _assessment(swings_bpm: Mapping[float, float], *, noise_ms: float = 4.0, names: str = "breathing-{}") -> Recording:
    """Two minutes at each rate; interval by interval, heart rate is a sine of that rate, trough to peak as given."""
    random = np.random.default_rng(11)
    entries: list[Entry] = []
    rows_ms: list[float] = []
    now_s = 0.0
    for rate, swing_bpm in swings_bpm.items():
        name = names.format(rate)
        entries.append(
            PhaseStarted(name, PhaseKind.INTERVENTION, Activity.PACED_BREATHING, paced=True, at_s=now_s + 1e-3)
        )
        begins_s = now_s
        while now_s - begins_s < 120:
            bpm = 60_000 / LEVEL_MS + swing_bpm / 2 * math.sin(2 * math.pi * rate / 60 * now_s)
            rr_ms = 60_000 / bpm + random.normal(0, noise_ms)
            now_s += rr_ms / 1000
            rows_ms.append(rr_ms)
    times_s = np.cumsum(rows_ms) / 1000
    entries += made._intervals(np.array(rows_ms), times_s)
    lines = [LogLine(k + 1, "import", Stamp("made", 0, 0), 1, entry) for k, entry in enumerate(entries)]
    return Recording("made", tuple(lines), protocol="resonance")


def test_a_heart_that_swings_widest_at_five_and_a_half_is_told_so_with_how_wide() -> None:
    found = resonance.assess(_assessment({7.0: 6, 6.5: 7, 6.0: 8, 5.5: 14, 5.0: 9, 4.5: 6}))
    assert found is not None
    assert found.per_min == 5.5
    assert found.alike == ()
    for each in found.swings:
        true = {7.0: 6, 6.5: 7, 6.0: 8, 5.5: 14, 5.0: 9, 4.5: 6}[each.per_min]
        assert each.bpm == pytest.approx(true, rel=0.06), each.per_min
    assert found.words[0].startswith("Heart rate swung widest at 5.5 breaths a minute: 1")


def test_two_rates_within_error_are_not_told_apart() -> None:
    found = resonance.assess(_assessment({7.0: 5, 6.5: 6, 6.0: 12.0, 5.5: 11.8, 5.0: 7, 4.5: 5}, noise_ms=12))
    assert found is not None
    assert found.per_min is None
    assert {found.widest.per_min if found.widest else 0, *found.alike} == {6.0, 5.5}
    assert "not distinguishable" in found.words[1]


def test_a_heart_without_a_resonance_is_not_given_one() -> None:
    """Sixty simulated people whose arrhythmia is equally wide at every rate: at most a few may look otherwise."""
    planned = protocol.load("resonance").phases
    stretches = [Stretch(phase.kind, phase.seconds, phase.activity, phase.breaths_per_min) for phase in planned]
    claimed = 0
    for seed in range(60):
        beats = []
        for beat in Body(PROFILES["resting"], stretches, np.random.default_rng(seed)).beats():
            if beat.time_s > sum(phase.seconds for phase in planned):
                break
            beats.append((beat.time_s, beat.rr_ms))
        time_s, rr_ms = np.array(beats).T
        nn = NNSeries(time_s, rr_ms, np.zeros(len(time_s), dtype=np.int64), np.arange(len(time_s)))
        begins_s, swings = 0.0, []
        for phase in planned:
            if phase.breaths_per_min:
                end_s = begins_s + phase.seconds
                if found := resonance.swing(nn, begins_s + resonance.SETTLE_S, end_s, phase.breaths_per_min):
                    swings.append(found)
            begins_s += phase.seconds
        claimed += resonance.choose(swings).per_min is not None
    assert claimed <= 3  # 5 %


def test_who_does_not_follow_the_pacer_is_left_out() -> None:
    recording = _assessment({7.0: 8, 6.0: 9})
    lines = [
        LogLine(line.seq, line.writer, line.stamp, line.recording, PhaseStarted(**{**_fields(entry), "name": name}))
        if isinstance(entry := line.entry, PhaseStarted) and (name := entry.name.replace("7.0", "4.5"))
        else line
        for line in recording.lines
    ]  # breathes 7 a minute where 4.5 is paced
    found = resonance.assess(Recording("made", tuple(lines)))
    assert found is not None
    assert found.left_out == (4.5,)
    assert found.widest is None
    assert "fewer than two breathing rates" in found.words[0]
    assert "Left out: 4.5 a minute" in found.words[1]


def _fields(entry: PhaseStarted) -> dict[str, object]:
    return {name: getattr(entry, name) for name in PhaseStarted.__dataclass_fields__}


def test_the_rate_is_the_pacers_where_it_was_set_by_hand() -> None:
    recording = _assessment({7.0: 6, 6.0: 12}, names="breathing-9.0")
    other = [line for line in recording.lines if isinstance(line.entry, PhaseStarted)]
    assert {line.entry.name for line in other} == {"breathing-9.0"}
    paced = [
        LogLine(0, "dashboard", Stamp("made", round(at_s * NS_PER_S), 0), 0, PacerSet(on=True, per_min=rate))
        for at_s, rate in ((1, 7.0), (121, 6.0))
    ]
    lines = sorted([*recording.lines, *paced], key=lambda line: line.stamp.monotonic_ns)
    found = resonance.assess(Recording("made", tuple(lines)))
    assert found is not None
    assert [each.per_min for each in found.swings] == [7.0, 6.0]
    assert found.per_min == 6.0


def test_another_session_is_no_assessment() -> None:
    assert resonance.assess(made.before_and_after("x", made.waves(300), made.waves(300))) is None


def test_the_command_tells_it_in_analyse_and_compare(home: Path) -> None:
    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "biotune", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    run("record", "--simulate", "resting", "--protocol", "resonance", "--speed", "max", "--seed", "3")
    assert (home / "biotune.db").exists()
    for command in ("analyse", "compare"):
        assert "Heart rate swung widest at" in run(command, "S1")
