"""The pieces that were ever found, read again only where they changed: a list is drawn while thousands are measured."""

import threading
from collections.abc import Mapping

from biotune.domain.music import Piece
from biotune.storage.store import Store

_PIECE = "piece"
_LATE_NS = 10_000_000_000  # how much later than it is dated a change may be written: another one may hold the database


class KnownPieces:
    """The pieces of one database, as they stand whenever somebody asks.

    Parameters
    ----------
    store : Store
        Where they are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._pieces: dict[str, Piece] = {}
        self._latest_ns = 0

    def now(self) -> Mapping[str, Piece]:
        """Return every piece by its key."""
        with self._lock:
            if not self._catch_up(max(0, self._latest_ns - _LATE_NS)):
                self._pieces = {}  # some were removed
                self._catch_up(0)
            return dict(self._pieces)

    def _catch_up(self, since_ns: int) -> bool:
        """Read what changed since an instant; tell whether that is all there is."""
        documents, count, self._latest_ns = self._store.documents.since(_PIECE, since_ns)
        self._pieces |= {key: Piece.from_dict(key, document) for key, document in documents.items()}
        return len(self._pieces) == count
