"""A piece's tempo and loudness in words."""

from biotune.analysis.tempo import AMBIGUOUS_FROM
from biotune.domain.music import Piece

NO_STEADY_BEAT = "no steady beat"
_A_HALF = 0.1  # beats a minute: so near to a half, it is one


def tempo(piece: Piece, *, alternative: bool = True) -> str:
    """Tell a piece's tempo, and the next best answer where it is nearly as good; empty where nothing was measured.

    Examples
    --------
    >>> tempo(Piece("a", "A", measured_bpm=72.04, candidates=((72.04, 1.0), (144.1, 0.7), (48.0, 0.4)), version=1))
    '72 bpm, or 144'
    >>> tempo(Piece("a", "A", measured_bpm=62.5, candidates=((62.5, 1.0),), version=1))
    '62.5 bpm'
    >>> tempo(Piece("a", "A", set_bpm=55.0, measured_bpm=110.0, version=1))
    '55 bpm, set by hand'
    >>> tempo(Piece("a", "A", duration_s=60.0, version=1))
    'no steady beat'
    """
    if piece.set_bpm is not None:
        return f"{rounded(piece.set_bpm)} bpm, set by hand"
    if piece.measured_bpm is not None:
        others = [bpm for bpm, strength in piece.candidates[1:] if strength >= AMBIGUOUS_FROM][:alternative]
        return ", or ".join([f"{rounded(piece.measured_bpm)} bpm", *(rounded(each) for each in others)])
    measured = piece.version and piece.duration_s is not None and not piece.problem
    return NO_STEADY_BEAT if measured and not piece.live else ""


def rounded(bpm: float) -> str:
    """Write beats a minute: to a half where it is one, else whole.

    Examples
    --------
    >>> rounded(62.49), rounded(72.04), rounded(99.7)
    ('62.5', '72', '100')
    """
    half = round(bpm * 2) / 2
    return f"{half:g}" if abs(bpm - half) < _A_HALF else f"{bpm:.0f}"


def loudness(piece: Piece) -> str:
    """Tell a piece's loudness; empty where nothing was measured.

    Examples
    --------
    >>> loudness(Piece("a", "A", loudness_lufs=-18.04))
    '−18 LUFS'
    """
    return "" if piece.loudness_lufs is None else f"{piece.loudness_lufs:.0f} LUFS".replace("-", "−")


def ambiguity(piece: Piece) -> str:
    """Tell what the measured tempo leaves open, in a sentence; empty where nothing."""
    others = [bpm for bpm, strength in piece.candidates[1:] if strength >= AMBIGUOUS_FROM]
    if piece.measured_bpm is None and piece.candidates and piece.version:
        return (
            f"The beat is not steady: {piece.steadiness:.0%} of the piece keeps one. "
            "Tap along if you hear it otherwise, or leave it as it is."
        )
    if not others:
        return ""
    told = " or ".join(rounded(each) for each in others)
    return (
        f"It could as well be heard as {told} beats a minute: half, double or a group of beats is often as good an "
        "answer. Choose what you would tap to."
    )
