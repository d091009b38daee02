"""A thousand sessions of half an hour, quickly: resting hearts with waves, drift and noise, into one database."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from biotune.domain import Entry, IntervalImported, PhaseEnded, PhaseStarted, Stamp, kind_of_phase
from biotune.storage.store import Store

CLIENTS = 100
APPROACHES = ("listening", "quiet-rest", "relaxation")
_PHASES = (("baseline", 0.0), ("", 600.0), ("recovery", 1200.0))  # the middle one is the approach
_END_S = 1800.0


def beats(rng: np.random.Generator, slower_ms: float) -> tuple[np.ndarray, np.ndarray]:
    """Return beat times (seconds) and intervals (milliseconds) of half an hour, slower after the first ten minutes."""
    n = 2700
    level = rng.uniform(760, 1000)
    at_s = level / 1000 * np.arange(n)
    breath_hz, breath_ms = rng.uniform(0.18, 0.3), rng.uniform(15, 45)
    rr_ms = level + breath_ms * np.sin(2 * np.pi * breath_hz * at_s) + 20 * np.sin(2 * np.pi * 0.09 * at_s)
    rr_ms += np.cumsum(rng.normal(0, 0.4, n)) + rng.normal(0, 6, n) + slower_ms * (at_s > 600)
    times_s = np.cumsum(rr_ms) / 1000
    inside = times_s < _END_S
    return times_s[inside], rr_ms[inside]


def entries(rng: np.random.Generator, approach: str) -> list[Entry]:
    """Return one session as an imported file's lines."""
    times_s, rr_ms = beats(rng, rng.normal({"listening": 25, "relaxation": 20}.get(approach, 5), 15))
    made: list[Entry] = []
    starts = {start_s: (name or approach) for name, start_s in _PHASES}
    for time_s, interval_ms in zip(times_s, rr_ms, strict=True):
        while starts and time_s >= (start_s := min(starts)):
            name = starts.pop(start_s)
            kind, activity = kind_of_phase("rest" if name == "quiet-rest" else name)
            made.append(PhaseStarted(name, kind, activity, at_s=start_s))
        made.append(IntervalImported(f"{interval_ms:.3f}", "ms", f"{time_s:.4f}"))
    return [*made, PhaseEnded(at_s=_END_S)]


def fill(store: Store, sessions: int, *, clients: int = CLIENTS, seed: int = 0) -> None:
    """Put that many sessions of a hundred clients into a database."""
    stamp = Stamp("made", 0, 0)
    for number in range(sessions):
        rng = np.random.default_rng([seed, number])
        approach = APPROACHES[number // clients % len(APPROACHES)]
        with store.together():
            session = store.create_session(
                client=f"K-{number % clients:03d}",
                protocol=approach,
                started=datetime(2026, 1, 1, 9, tzinfo=UTC) + timedelta(hours=7 * number),
            )
            store.add_recording(session, label=f"{number}.csv")
            store.append_many(session, "import", [(stamp, entry, 1) for entry in entries(rng, approach)])
            store.add_import(session, f"{number}.csv", "biotune-csv", f"{seed}-{number}")


if __name__ == "__main__":
    with Store.open(f"sqlite:///{Path(sys.argv[1]).absolute()}") as opened:
        fill(opened, int(sys.argv[2]))
