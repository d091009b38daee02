"""The therapist's music: pieces with and without a file, and playlists."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import biotune.errors as _errors

LIVE = "live:"  # how the key of music begins that people make
LONGEST_TITLE = 200  # characters
SLOWEST_BPM, FASTEST_BPM = 20.0, 300.0  # what a person may set
MOST_PIECES = 500  # in one playlist


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of music: a file known by its content, or music that people make (who plays what).

    Attributes
    ----------
    key : str
        SHA-256 of the file's content, so that one that was moved is known again; ``live:`` and a word without a file.
    title, performer : str
        From the file's tags, or its name; as the therapist typed them for live music.
    path : str
        Where the file was found last; empty for live music.
    size, changed_ns : int
        Of that file: while both stand, its content is not read again.
    duration_s : float or None
        Length.
    measured_bpm : float or None
        The tempo that was measured; None where there is no steady beat or nothing was measured.
    candidates : tuple of (float, float)
        What the beat may be: beats a minute, and strength from 0 to 1; the best first.
    steadiness : float
        The share of the piece that keeps the beat.
    loudness_lufs : float or None
        Integrated loudness (BS.1770-4).
    set_bpm : float or None
        The tempo a person set, which stands before the measured one.
    version : int
        Of the analysis that measured; 0 where nothing was measured yet.
    problem : str
        Why the file cannot be played or measured, in words; empty where it can.
    playable : bool
        Whether it is offered to the player.
    missing : bool
        The last look into the folders did not find it.
    """

    key: str
    title: str
    performer: str = ""
    path: str = ""
    size: int = 0
    changed_ns: int = 0
    duration_s: float | None = None
    measured_bpm: float | None = None
    candidates: tuple[tuple[float, float], ...] = ()
    steadiness: float = 0.0
    loudness_lufs: float | None = None
    set_bpm: float | None = None
    version: int = 0
    problem: str = ""
    playable: bool = True
    missing: bool = False

    @property
    def live(self) -> bool:
        """People make this music: there is no file."""
        return self.key.startswith(LIVE)

    @property
    def bpm(self) -> float | None:
        """The tempo that holds: what a person set, else what was measured."""
        return self.set_bpm if self.set_bpm is not None else self.measured_bpm

    def to_dict(self) -> dict[str, Any]:
        """Return the document that is kept, without the key."""
        document = dataclasses.asdict(self)
        del document["key"]
        return document

    @classmethod
    def from_dict(cls, key: str, document: Mapping[str, Any]) -> "Piece":
        """Read what `to_dict` wrote, by this version or another: what is not known is passed over."""
        known = {name: document[name] for name in _PIECE if name in document}
        candidates = tuple((float(bpm), float(strength)) for bpm, strength in known.pop("candidates", ()))
        return cls(key=key, candidates=candidates, **{"title": "", **known})


_PIECE = tuple(each.name for each in dataclasses.fields(Piece) if each.name != "key")


@dataclass(frozen=True, slots=True)
class Playlist:
    """Pieces in the order in which they are played."""

    key: str
    title: str
    pieces: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a list without a title or without measure.

        Raises
        ------
        UsageError
            For either.
        """
        if not 0 < len(self.title) <= LONGEST_TITLE:
            raise _errors.UsageError(
                f"a playlist's title has 1 to {LONGEST_TITLE} characters", hint="Give it a short name."
            )
        if len(self.pieces) > MOST_PIECES:
            raise _errors.UsageError(f"a playlist has at most {MOST_PIECES} pieces", hint="Make two of it.")

    def with_piece(self, piece: str) -> "Playlist":
        """Return it with one more piece at its end."""
        return dataclasses.replace(self, pieces=(*self.pieces, piece))

    def without(self, place: int) -> "Playlist":
        """Return it without the piece at a place, counted from 0."""
        return dataclasses.replace(self, pieces=self.pieces[:place] + self.pieces[place + 1 :])

    def moved(self, place: int, by: int) -> "Playlist":
        """Return it with the piece at a place moved up (-1) or down (1); as it is where it is at the end already.

        Examples
        --------
        >>> Playlist("p", "Evening", ("a", "b", "c")).moved(2, -1).pieces
        ('a', 'c', 'b')
        """
        there = place + by
        if not (0 <= place < len(self.pieces) and 0 <= there < len(self.pieces)):
            return self
        pieces = list(self.pieces)
        pieces[place], pieces[there] = pieces[there], pieces[place]
        return dataclasses.replace(self, pieces=tuple(pieces))


def tempo_set(bpm: float | None) -> float | None:
    """Return a tempo that a person sets; None takes it back.

    Raises
    ------
    UsageError
        Where no music has it.
    """
    if bpm is not None and not SLOWEST_BPM <= bpm <= FASTEST_BPM:
        raise _errors.UsageError(
            f"a tempo lies between {SLOWEST_BPM:g} and {FASTEST_BPM:g} beats a minute",
            why=f"This is {bpm:g}.",
            hint="Tap along with the piece, or leave it empty to use what was measured.",
        )
    return bpm
