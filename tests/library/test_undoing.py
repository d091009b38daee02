"""Undoing goes back step by step, and never forward again by itself."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from biotune.domain import IntervalImported, PhaseKind, PhaseStarted, Stamp
from biotune.errors import UsageError
from biotune.library.corrections import Corrections
from biotune.storage.store import Store


@pytest.fixture
def corrections(tmp_path: Path) -> Iterator[Corrections]:
    with Store.open(f"sqlite:///{tmp_path / 'biotune.db'}") as store:
        store.create_session(client="K", protocol="", started=datetime(2026, 5, 1, tzinfo=UTC))
        store.add_recording("S1", label="file")
        stamp = Stamp("file", 0, 0)
        lines = [(stamp, IntervalImported("800", "ms", f"{0.8 * k:.1f}"), 1) for k in range(1, 400)]
        begun = [
            (stamp, PhaseStarted("baseline", PhaseKind.BASELINE, at_s=0.0), 0),
            (stamp, PhaseStarted("music", PhaseKind.INTERVENTION, at_s=150.0), 0),
        ]
        store.append_many("S1", "import", [*begun, *lines])
        yield Corrections(store)


def _stands(corrections: Corrections) -> list[tuple[str, float]]:
    return [(each.label, each.time_s) for each in corrections.markers("S1")]


def test_each_undo_takes_back_one_more_step(corrections: Corrections) -> None:
    line = corrections.set_marker("S1", "cough", 20.0).seq
    corrections.correct_marker("S1", line, label="sneeze")
    corrections.correct_marker("S1", line, at_s=30.0)
    corrections.move_phase("S1", "music", 160.0)
    seen = [_stands(corrections)]
    for _ in range(4):
        corrections.undo_last("S1", of_beats=False)
        seen.append(_stands(corrections))
    assert seen == [
        [("sneeze", 30.0)],
        [("sneeze", 30.0)],  # the phase went back
        [("sneeze", 20.0)],
        [("cough", 20.0)],
        [],
    ]
    assert [each.start_s for each in corrections.phases("S1")][-1] == pytest.approx(150.0)
    with pytest.raises(UsageError, match="nothing to take back"):
        corrections.undo_last("S1", of_beats=False)


def test_what_is_done_after_an_undo_is_what_the_next_undo_takes_back(corrections: Corrections) -> None:
    corrections.set_marker("S1", "first", 20.0)
    corrections.set_marker("S1", "second", 40.0)
    corrections.undo_last("S1", of_beats=False)
    corrections.set_marker("S1", "third", 60.0)
    corrections.undo_last("S1", of_beats=False)
    assert _stands(corrections) == [("first", 20.0)]
    corrections.undo_last("S1", of_beats=False)
    assert _stands(corrections) == []
