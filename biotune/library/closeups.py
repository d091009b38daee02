"""The detailed view's curves and clouds, computed when somebody asks for them and kept while they are looked at."""

import threading
from collections import OrderedDict

from biotune.analysis import phases, portrait
from biotune.analysis.portrait import Closeup
from biotune.analysis.results import Analysis
from biotune.domain import Recording

_REMEMBERED = 8  # a few megabytes


class Closeups:
    """Closeups of recordings, the latest few remembered."""

    def __init__(self) -> None:
        self._made: OrderedDict[str, Closeup] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, recording: Recording, analysis: Analysis) -> Closeup:
        """Return the closeup of a recording.

        Parameters
        ----------
        recording : Recording
            What `analysis` was made from.
        analysis : Analysis
            Under the default options; its log's hash is the key.

        Raises
        ------
        AnalysisError
            As `phases.prepare`.
        """
        key = f"{recording.source} {analysis.provenance.log_sha256}"
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
        made = portrait.draw(recording, analysis, phases.prepare(recording))
        with self._lock:
            self._made[key] = made
            while len(self._made) > _REMEMBERED:
                self._made.popitem(last=False)
        return made

    def forget(self) -> None:
        """Let go of everything, since something was erased."""
        with self._lock:
            self._made.clear()
