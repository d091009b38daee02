"""The product's CSV: what its phases are."""

from pathlib import Path

import pytest

from biotune.domain import PhaseEnded, PhaseStarted
from biotune.formats import registry


def test_what_lies_between_two_phases_belongs_to_neither(tmp_path: Path) -> None:
    rows = [f"{0.8 * k:.1f},800,baseline" for k in range(1, 376)] + [
        f"{600 + 0.8 * k:.1f},800,recovery" for k in range(1, 376)
    ]
    path = tmp_path / "before-and-after.csv"
    path.write_text("time_s,rr_ms,phase\n" + "\n".join(rows) + "\n")
    recording = registry.read(path)
    starts = [line.entry.at_s for line in recording.lines if isinstance(line.entry, PhaseStarted)]
    ends = [line.entry.at_s for line in recording.lines if isinstance(line.entry, PhaseEnded)]
    assert starts == pytest.approx([0.0, 600.0], abs=0.01)
    assert ends == pytest.approx([300.0, 900.0], abs=0.01)
