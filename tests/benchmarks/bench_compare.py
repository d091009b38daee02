"""`biotune.compare` of a 30-minute session, every interval included, against one `nk.hrv` on it.

biotune's side goes the whole way from the log: it lays the packets out in time, classifies every beat, measures both
windows and computes the interval of all eight changes. NeuroKit2's side is given the R peaks and computes its metrics
once over the session, without an interval. The second row leaves the way from the log out, which a page that
compares several windows of a session goes once.
"""

import warnings

import numpy as np
from side_by_side import HEAD, compare

from biotune.analysis import comparison, made, phases

warnings.simplefilter("ignore")
import neurokit2 as nk  # noqa: E402 - it warns while it is imported

SECONDS, RATE_HZ = 1800, 1000
BEFORE, AFTER = "0-300", "1500-1800"


def main() -> None:
    recording = made.file("half an hour at rest", made.resting(SECONDS + 5))
    prepared = phases.prepare(recording)
    found = comparison.compare(recording, before=BEFORE, after=AFTER)
    assert all(change.low is not None for change in found.changes.values())
    inside = prepared.timeline.beats.time_s <= SECONDS
    peaks = np.round(prepared.timeline.beats.time_s[inside] * RATE_HZ).astype(int)
    print(HEAD)
    compare(
        "`compare`, from the log to the verdicts / one `nk.hrv`",
        lambda: comparison.compare(recording, before=BEFORE, after=AFTER),
        lambda: nk.hrv(peaks, sampling_rate=RATE_HZ),
        runs=3,
        asked=10,
    )
    compare(
        "`compare` of a session that is laid out / one `nk.hrv`",
        lambda: comparison.compare(recording, before=BEFORE, after=AFTER, prepared=prepared),
        lambda: nk.hrv(peaks, sampling_rate=RATE_HZ),
        runs=3,
        asked=10,
    )


if __name__ == "__main__":
    main()
