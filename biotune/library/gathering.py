"""Groups that are gathered in the background, for pages that must not wait."""

import hashlib
import threading
from collections import OrderedDict

from biotune.library.cohort import Cohorts, Grouped, Query

_REMEMBERED = 4  # groups, the newest ones


class Gathering:
    """A group that is gathered in a thread of its own, for a page that must not wait.

    Parameters
    ----------
    cohorts : Cohorts
        Whose sessions.
    query : Query
        Which.
    """

    def __init__(self, cohorts: Cohorts, query: Query) -> None:
        self.query = query
        self._cohorts = cohorts
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._progress = (0, 0)
        self._result: Grouped | None = None
        self._problem: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def progress(self) -> tuple[int, int]:
        """How many of how many are done."""
        with self._lock:
            return self._progress

    @property
    def running(self) -> bool:
        """Whether there is neither a result nor a problem yet."""
        with self._lock:
            return self._result is None and self._problem is None

    def cancel(self) -> None:
        """Stop as soon as the sessions in hand are done."""
        self._stop.set()

    def result(self, *, timeout_s: float | None = None) -> Grouped | None:
        """Return the group once it is there, after at most that long.

        Raises
        ------
        Exception
            Whatever went wrong; `Cancelled` where it was stopped.
        """
        self._thread.join(timeout_s)
        with self._lock:
            if self._problem is not None:
                raise self._problem
            return self._result

    def _run(self) -> None:
        try:
            made = self._cohorts.gather(self.query, told=self._tell, cancelled=self._stop.is_set)
        except Exception as error:  # noqa: BLE001 - whoever asks for the result is told
            with self._lock:
                self._problem = error
            return
        with self._lock:
            self._result = made

    def _tell(self, done: int, total: int) -> None:
        with self._lock:
            self._progress = (done, total)


class Gatherings:
    """The groups that pages asked for, each known by a word; who asks for the same gets the same.

    Parameters
    ----------
    cohorts : Cohorts
        Whose sessions.
    """

    def __init__(self, cohorts: Cohorts) -> None:
        self._cohorts = cohorts
        self._found: OrderedDict[str, Gathering] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, query: Query, *, instead_of: str = "") -> str:
        """Gather a group, unless that was done since anything changed; return its word.

        Parameters
        ----------
        query : Query
            Which.
        instead_of : str
            The word of a group that nobody waits for any more.
        """
        word = hashlib.sha256(f"{self._cohorts.revision()} {query!r}".encode()).hexdigest()[:16]
        with self._lock:
            if instead_of != word and instead_of in self._found and self._found[instead_of].running:
                self._found.pop(instead_of).cancel()
            if word not in self._found:
                self._found[word] = Gathering(self._cohorts, query)
            self._found.move_to_end(word)
            while len(self._found) > _REMEMBERED:
                self._found.popitem(last=False)[1].cancel()
        return word

    def get(self, word: str) -> Gathering | None:
        """Return the group of that word; None where it was stopped, or is not remembered any more."""
        with self._lock:
            return self._found.get(word)

    def stop(self, word: str) -> None:
        """Stop a group, and forget it."""
        with self._lock:
            found = self._found.pop(word, None)
        if found is not None:
            found.cancel()

    def forget(self) -> None:
        """Stop and forget every group: somebody who was in one is erased."""
        with self._lock:
            found, self._found = self._found, OrderedDict()
        for each in found.values():
            each.cancel()
