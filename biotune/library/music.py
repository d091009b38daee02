"""The therapist's music: folders, pieces, playlists, and what may be played for whom.

Looking into folders and measuring runs in a thread of its own, with progress, and stops when asked. What was measured
is kept under the content's hash: a file that was moved or renamed is known again without being measured again.
"""

import os
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from biotune.analysis.played import plays
from biotune.domain import Recording
from biotune.domain.music import LIVE, LONGEST_TITLE, Piece, Playlist, tempo_set
from biotune.errors import StorageError, UsageError
from biotune.library.clients import Clients
from biotune.library.known_pieces import KnownPieces
from biotune.library.scanning import Scan, Scanner, inside
from biotune.storage.store import Store

__all__ = ["Music", "Offer", "PlayerSettings", "Scan"]

_PIECE, _FOLDER, _PLAYLIST, _SETTING = "piece", "folder", "playlist", "setting"
_PLAYER = "player"
_MOST_DELAY_MS = 5000.0
_LONGEST_FADE_S = 60.0


@dataclass(frozen=True, slots=True)
class Offer:
    """A piece as it is offered for one client: `refusal` says why it is not to be played; empty where it may be."""

    piece: Piece
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class PlayerSettings:
    """How the player behaves on this machine.

    Attributes
    ----------
    delay_ms : float
        From the browser to the ear: wireless loudspeakers take 100 to 300 ms. It is added to every logged time.
    fade_s : float
        How long a fade lasts.
    fade_at_rest : bool
        Music that sounds when a rest begins fades out by itself; otherwise the page asks.
    """

    delay_ms: float = 0.0
    fade_s: float = 8.0
    fade_at_rest: bool = False


class Music:
    """The music of one data folder.

    Parameters
    ----------
    store : Store
        Where folders, pieces and playlists are kept.
    clients : Clients
        Who wants what kept away from them.
    """

    def __init__(self, store: Store, clients: Clients) -> None:
        self._store = store
        self._clients = clients
        self._scanner = Scanner(store)
        self._plays: dict[str, tuple[int, Mapping[str, int]]] = {}
        self._counts: tuple[str, Mapping[str, Mapping[str, int]]] | None = None
        self._pieces: tuple[str, tuple[Piece, ...]] | None = None
        self._known = KnownPieces(store)

    # ------------------------------------------------------------ folders

    def folders(self) -> tuple[str, ...]:
        """Return the folders in which music is looked for."""
        return tuple(self._store.documents.all(_FOLDER))

    def add_folder(self, text: str) -> str:
        """Add a folder, begin to look into it, and return its full path.

        Raises
        ------
        UsageError
            Where it is no folder that can be read, or lies within one that is there.
        """
        typed = text.strip().strip('"')
        folder = Path(typed).expanduser()
        if not typed or not folder.is_absolute():
            raise UsageError(
                "A folder is named by its full path", why=f"This is {text[:200]!r}.", hint="Such as /home/me/Music."
            )
        try:
            folder = folder.resolve(strict=True)
            is_folder = folder.is_dir()
            if is_folder:
                next(folder.iterdir(), None)  # a folder that may not be read says so here
        except FileNotFoundError as error:
            raise UsageError(f"There is no folder {typed[:200]}", hint="Look at its spelling.") from error
        except (OSError, RuntimeError) as error:
            why = getattr(error, "strerror", "") or str(error)
            raise UsageError(
                f"{typed[:200]} cannot be opened", why=f"{why}.", hint="Look at its spelling and its permissions."
            ) from error
        if not is_folder:
            raise UsageError(f"{typed[:200]} is a file", hint="Name the folder that it is in.")
        for known in map(Path, self.folders()):
            if folder == known or known in folder.parents:
                raise UsageError(f"{folder} is looked into already", why=f"As part of {known}.")
        self._store.documents.put(_FOLDER, str(folder), {"added_utc_ns": time.time_ns()}, utc_ns=time.time_ns())
        self.scan()
        return str(folder)

    def remove_folder(self, folder: str) -> None:
        """Look into a folder no longer; its files stay where they are, and what was measured is kept."""
        self._store.documents.remove(_FOLDER, folder)

    def scan(self) -> None:
        """Look into every folder in the background; nothing where that goes on already."""
        self._scanner.begin(self.folders())

    @property
    def scanning(self) -> Scan:
        """How far looking and measuring is."""
        return self._scanner.now

    def cancel(self) -> None:
        """Stop looking and measuring; what is measured stays measured."""
        self._scanner.cancel()

    def wait(self, seconds: float = 60.0) -> bool:
        """Wait until looking and measuring is over; tell whether it is."""
        return self._scanner.wait(seconds)

    def close(self) -> None:
        """Stop whatever runs in the background, before the database goes."""
        self.cancel()
        self.wait()

    # ------------------------------------------------------------ pieces

    def pieces(self) -> tuple[Piece, ...]:
        """Return every piece of the folders that are looked into, and the live music; by title."""
        revision = self.revision()
        if self._pieces and self._pieces[0] == revision:
            return self._pieces[1]
        folders = tuple(os.path.join(folder, "") for folder in self.folders())  # noqa: PTH118 - with its separator
        found = [each for each in self._known.now().values() if each.live or each.path.startswith(folders)]
        pieces = tuple(sorted(found, key=lambda each: (each.title.casefold(), each.performer.casefold(), each.key)))
        self._pieces = (revision, pieces)
        return pieces

    def piece(self, key: str) -> Piece:
        """Return a piece.

        Raises
        ------
        StorageError
            Where none has that key.
        """
        document = self._store.documents.get(_PIECE, key)
        if document is None:
            raise StorageError("this piece is not in the library", hint="See the page Music.")
        return Piece.from_dict(key, document)

    def known(self, keys: Sequence[str]) -> Mapping[str, Piece]:
        """Return those pieces that are known, by key, wherever their files are now."""
        kept = self._store.documents.some(_PIECE, keys)
        return {key: Piece.from_dict(key, kept[key]) for key in keys if key in kept}

    def set_tempo(self, key: str, bpm: float | None) -> Piece:
        """Set a piece's tempo by hand, which stands before the measured one; None takes it back.

        Raises
        ------
        UsageError
            Where no music has that tempo.
        """
        return self._keep(replace(self.piece(key), set_bpm=tempo_set(bpm)))

    def add_live(self, title: str, performer: str) -> Piece:
        """Add music that people make: what is played, and who plays it.

        Raises
        ------
        UsageError
            Where either is empty or too long.
        """
        told = [" ".join(each.split()) for each in (title, performer)]
        if not all(0 < len(each) <= LONGEST_TITLE for each in told):
            raise UsageError(
                f"Live music needs a name and who plays it, each of at most {LONGEST_TITLE} characters",
                hint="Such as “Guitar, improvised” by “therapist”.",
            )
        return self._keep(Piece(f"{LIVE}{secrets.token_hex(6)}", told[0], told[1]))

    def remove_live(self, key: str) -> None:
        """Take live music off the list; logs that name it stay as they are."""
        if key.startswith(LIVE):
            self._store.documents.remove(_PIECE, key)

    def file(self, key: str) -> Path:
        """Return the file of a piece, to be played.

        Raises
        ------
        StorageError
            Where it is not in the library, gone, changed, unreadable, or outside the folders that are looked into.
        """
        piece = self.piece(key)
        if piece.live:
            raise StorageError(f"{piece.title} has no file", why="People make this music.")
        if not piece.playable:
            raise StorageError(f"{piece.title} cannot be played", why=piece.problem)
        path = Path(piece.path)
        if not any(inside(path, Path(folder)) for folder in self.folders()):
            raise StorageError(f"{piece.title} is in none of the folders", hint="Add its folder on the page Music.")
        try:
            found = path.stat()
        except OSError as error:
            raise StorageError(
                f"{piece.title} is gone", why=f"{path} is no longer there.", hint="Go on with another piece."
            ) from error
        if (found.st_size, found.st_mtime_ns) != (piece.size, piece.changed_ns):
            raise StorageError(f"{piece.title} was changed on disk", hint="Look into the folders again, on Music.")
        return path

    def offers(self, client: str, keys: Sequence[str]) -> tuple[Offer, ...]:
        """Return those pieces as they may be offered to a client, each with the reason where it may not.

        Parameters
        ----------
        client : str
            A client's code; empty for nobody in particular.
        keys : sequence of str
            The pieces' keys; those that are not in the library are left out.
        """
        known = {each.key: each for each in self.pieces()}
        person = self._clients.find(client) if client else None
        made = []
        for piece in (known[key] for key in keys if key in known):
            entry = person.preferences.avoided(piece.title, piece.performer, Path(piece.path).stem) if person else ""
            refusal = f"{client} is to be kept away from “{entry}”." if entry else _unplayable(piece)
            made.append(Offer(piece, refusal))
        return tuple(made)

    def times_played(self) -> Mapping[str, int]:
        """Return how often each piece was played, over every session, as the logs tell."""
        total: dict[str, int] = {}
        for counts in self._counted().values():
            for piece, count in counts.items():
                total[piece] = total.get(piece, 0) + count
        return total

    def played_in(self, key: str) -> Mapping[str, int]:
        """Return how often a piece was played in which session, the newest first."""
        return {session: counts[key] for session, counts in self._counted().items() if counts.get(key)}

    def _counted(self) -> Mapping[str, Mapping[str, int]]:
        """Return how often each piece was played in each session; a log that did not grow is not read again."""
        revision = self._store.revision()
        if self._counts and self._counts[0] == revision:
            return self._counts[1]
        found: dict[str, Mapping[str, int]] = {}
        for session in self._store.sessions():
            last = self._store.last_line(session.id)
            seq = last.seq if last else 0
            kept = self._plays.get(session.id)
            if kept is None or kept[0] != seq:
                counts: dict[str, int] = {}
                for play in plays(Recording(session.id, self._store.lines(session.id, kinds=["music"]))):
                    begun = play.position_s < 1.0  # taken up again after a pause is the same time
                    counts[play.piece] = counts.get(play.piece, 0) + begun
                kept = self._plays[session.id] = (seq, counts)
            found[session.id] = kept[1]
        self._counts = (revision, found)
        return found

    # ------------------------------------------------------------ playlists

    def playlists(self) -> tuple[Playlist, ...]:
        """Return the playlists, by title."""
        kept = self._store.documents.all(_PLAYLIST)
        made = [Playlist(key, each["title"], tuple(each.get("pieces", ()))) for key, each in kept.items()]
        return tuple(sorted(made, key=lambda each: each.title.casefold()))

    def playlist(self, key: str) -> Playlist:
        """Return a playlist.

        Raises
        ------
        StorageError
            Where none has that key.
        """
        document = self._store.documents.get(_PLAYLIST, key)
        if document is None:
            raise StorageError("this playlist is no longer there", hint="Choose another.")
        return Playlist(key, document["title"], tuple(document.get("pieces", ())))

    def add_playlist(self, title: str) -> Playlist:
        """Begin a playlist.

        Raises
        ------
        UsageError
            Where its title is empty, too long, or taken.
        """
        words = " ".join(title.split())
        if any(each.title.casefold() == words.casefold() for each in self.playlists()):
            raise UsageError(f"there is a playlist {words} already", hint="Choose another name.")
        return self.save_playlist(Playlist(secrets.token_hex(6), words))

    def save_playlist(self, playlist: Playlist) -> Playlist:
        """Keep a playlist in place of what was kept under its key."""
        document = {"title": playlist.title, "pieces": list(playlist.pieces)}
        self._store.documents.put(_PLAYLIST, playlist.key, document, utc_ns=time.time_ns())
        return playlist

    def remove_playlist(self, key: str) -> None:
        """Forget a playlist; its pieces stay."""
        self._store.documents.remove(_PLAYLIST, key)

    # ------------------------------------------------------------ the player

    @property
    def player(self) -> PlayerSettings:
        """How the player behaves on this machine."""
        kept = self._store.documents.get(_SETTING, _PLAYER) or {}
        return PlayerSettings(
            float(kept.get("delay_ms", 0.0)), float(kept.get("fade_s", 8.0)), kept.get("fade_at_rest") is True
        )

    def set_player(
        self, *, delay_ms: float | None = None, fade_s: float | None = None, fade_at_rest: bool | None = None
    ) -> PlayerSettings:
        """Keep how the player behaves; what nothing is said of stays as it is.

        Raises
        ------
        UsageError
            Where a time is impossible.
        """
        now = self.player
        made = PlayerSettings(
            now.delay_ms if delay_ms is None else delay_ms,
            now.fade_s if fade_s is None else fade_s,
            now.fade_at_rest if fade_at_rest is None else fade_at_rest,
        )
        if not (0 <= made.delay_ms <= _MOST_DELAY_MS and 0 <= made.fade_s <= _LONGEST_FADE_S):
            raise UsageError(
                f"the output's delay lies between 0 and {_MOST_DELAY_MS:g} ms, a fade between 0 and "
                f"{_LONGEST_FADE_S:g} s"
            )
        self._store.documents.put(_SETTING, _PLAYER, asdict(made), utc_ns=time.time_ns())
        return made

    def revision(self) -> str:
        """Return a word that changes whenever folders, pieces or playlists do."""
        return "/".join(self._store.documents.revision(kind) for kind in (_FOLDER, _PIECE, _PLAYLIST))

    def _keep(self, piece: Piece) -> Piece:
        self._store.documents.put(_PIECE, piece.key, piece.to_dict(), utc_ns=time.time_ns())
        return piece


def _unplayable(piece: Piece) -> str:
    if piece.missing:
        return "The file is gone."
    return "" if piece.playable else piece.problem
