"""Hand-made results, so that what a page says of them can be checked by reading."""

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest

from biotune.analysis.results import Analysis, Change, Comparison, MetricValue, PhaseAnalysis, Provenance, Quality
from biotune.analysis.tachogram import Tachogram
from biotune.domain import (
    Activity,
    ChangeKind,
    Convention,
    Gap,
    GapReason,
    Phase,
    PhaseKind,
    Rhythm,
    SessionSummary,
    Verdict,
)
from biotune.library import Overview

BASELINE = Phase("baseline", PhaseKind.BASELINE, Activity.REST, 0.0, 300.0)
MUSIC = Phase("guided-imagery", PhaseKind.INTERVENTION, Activity.GUIDED_IMAGERY, 300.0, 1200.0)
RECOVERY = Phase("recovery", PhaseKind.RECOVERY, Activity.REST, 1200.0, 1500.0)
PROVENANCE = Provenance("0.1.0", "0.2.13", {}, "0123456789abcdef")


def _change(kind: ChangeKind, values: tuple[float, float], ends: tuple[float, float], unit: str) -> Change:
    before, after = values
    estimate = after / before if kind is ChangeKind.RATIO else after - before
    return Change(kind, before, after, estimate, *ends, 10.4, Verdict.POSSIBLE, (), unit)


@pytest.fixture
def phases() -> tuple[Phase, ...]:
    return (BASELINE, MUSIC, RECOVERY)


@pytest.fixture
def gap() -> Gap:
    return Gap(600.0, 660.0, GapReason.STRAP_LOST)


@pytest.fixture
def tachogram() -> Tachogram:
    """Ten beats in two stretches, a minute apart; the third is flagged and reads 180."""
    bpm = np.array([70.0, 71.0, 180.0, 72.0, 71.0, 65.0, 64.0, 66.0, 65.0, 64.0])
    time_s = np.concatenate([np.arange(595.0, 600.0), np.arange(660.0, 665.0)])
    stretch = np.repeat([0, 1], 5)
    return Tachogram(time_s, bpm, stretch, bpm > 100, time_s, np.where(bpm > 100, np.nan, bpm))


@pytest.fixture
def during() -> Comparison:
    changes = {
        "mean_hr": _change(ChangeKind.DIFFERENCE, (79.0, 69.0), (-12.0, -8.0), "bpm"),
        "rmssd": _change(ChangeKind.RATIO, (20.0, 34.0), (1.5, 1.9), "ms"),
        "breathing_rate": _change(ChangeKind.DIFFERENCE, (15.0, 10.0), (-6.0, -4.0), "1/min"),
    }
    return Comparison("S7", BASELINE, MUSIC, 300.0, changes, ("Heart rate fell by 10 bpm.",), PROVENANCE)


@pytest.fixture
def comparison() -> Comparison:
    changes = {
        "mean_hr": _change(ChangeKind.DIFFERENCE, (79.0, 70.0), (-11.0, -7.0), "bpm"),
        "rmssd": _change(ChangeKind.RATIO, (20.0, 32.0), (1.4, 1.8), "ms"),
        "breathing_rate": _change(ChangeKind.DIFFERENCE, (15.0, 11.0), (-5.0, -3.0), "1/min"),
    }
    words = ("Heart rate fell by 9 bpm (95 % interval 7 to 11).", "One session shows a response, not an effect.")
    return Comparison("S7", BASELINE, RECOVERY, 300.0, changes, words, PROVENANCE)


@pytest.fixture
def analysis(phases: tuple[Phase, ...], gap: Gap) -> Analysis:
    quality = Quality(flagged_pct=10.0, gap_pct=0.0, rhythm=Rhythm.REGULAR, usable=True)
    metrics = {"mean_hr": MetricValue(71.5, "bpm")}
    measured = tuple(PhaseAnalysis(phase, 400, quality, metrics) for phase in phases)
    return Analysis("S7", Convention.KUBIOS, PROVENANCE, measured, (), (gap,))


@pytest.fixture
def summary() -> Callable[..., SessionSummary]:
    def make(
        session_id: str = "S7",
        client: str = "K-204",
        protocol: str = "guided-imagery",
        day: int = 14,
        duration_s: float = 1500.0,
        *,
        finished: bool = True,
    ) -> SessionSummary:  # fmt: skip - one row of values
        started = datetime(2026, 5, day, 10, 2, tzinfo=UTC)
        return SessionSummary(session_id, client, protocol, started, duration_s, 1, 1500, 1800, finished)

    return make


@pytest.fixture
def overview(
    summary: Callable[..., SessionSummary],
    analysis: Analysis,
    tachogram: Tachogram,
    comparison: Comparison,
    during: Comparison,
) -> Overview:
    return Overview(summary(), analysis, tachogram, comparison, during, None, "", "Polar H10 A1B2C3", running=False)
