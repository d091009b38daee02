"""How much of the signal could be used, in words and in numbers."""

from collections.abc import Sequence

from biotune.analysis.results import PhaseAnalysis
from biotune.domain import Gap
from biotune.report import naming


def gap_sentence(gaps: Sequence[Gap]) -> str:
    """Tell the gaps in words; empty where there is none.

    Examples
    --------
    >>> from biotune.domain import GapReason
    >>> gap_sentence([Gap(100.0, 108.9, GapReason.STRAP_LOST)])
    '1 gap without signal: 1:40–1:49 (strap lost).'
    """
    if not gaps:
        return ""
    told = "; ".join(
        f"{naming.clock(gap.start_s)}–{naming.clock(gap.end_s)} ({gap.reason.value.replace('-', ' ')})" for gap in gaps
    )
    return f"{len(gaps)} {'gap' if len(gaps) == 1 else 'gaps'} without signal: {told}."


def signal_pct(phases: Sequence[PhaseAnalysis]) -> float | None:
    """Share of the phases' time that gave beats which were not flagged, per cent; None where there are no phases.

    A phase counts by its length; of its time, gaps are taken off first and then the share of beats flagged.
    """
    total_s = sum(each.phase.duration_s for each in phases)
    if total_s <= 0:
        return None
    usable = sum(
        each.phase.duration_s * (1 - each.quality.gap_pct / 100) * (1 - each.quality.flagged_pct / 100)
        for each in phases
    )
    return 100 * usable / total_s
