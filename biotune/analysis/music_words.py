"""A piece's tempo and loudness in words, and the music that sounded where rest was to be compared."""

from collections.abc import Sequence

from biotune.analysis.played import Play
from biotune.analysis.tempo import AMBIGUOUS_FROM
from biotune.analysis.timeline import MAX_LAG_S
from biotune.domain import Activity, Phase
from biotune.domain.music import Piece

NO_STEADY_BEAT = "no steady beat"
END_NOT_LOGGED = "end not logged"
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


def end(play: Play, at: str) -> str:
    """Tell when a play ended; `at` is its end as it is written there.

    The end of a file that nobody logged is known by the player's last sign of life. People give none.

    Examples
    --------
    >>> end(Play("live:a", "Guitar", 60.0, 900.0, end_logged=False), "15:00")
    'end not logged'
    >>> end(Play("a", "Sea", 60.0, 245.0, end_logged=False), "4:05")
    '4:05 or so'
    """
    if play.end_logged:
        return at
    return END_NOT_LOGGED if play.live else f"{at} or so"


def place(plays: Sequence[Play]) -> str:
    """Tell how well it is known where plays lie along a session; empty where there are none.

    Examples
    --------
    >>> place([Play("a", "Sea", 60.0, 245.0)])
    'its place is known to within 4 seconds'
    >>> place([Play("a", "Sea", 60.0, 245.0), Play("live:b", "Guitar", 60.0, 900.0, end_logged=False)])
    'its place is known to within 4 seconds, but for the end of Guitar, which was not logged'
    """
    if not plays:
        return ""
    open_ended = list(dict.fromkeys(each.title or "a piece" for each in plays if not each.end_logged))
    known = f"its place is known to within {MAX_LAG_S:.0f} seconds"
    return f"{known}, but for the end of {', '.join(open_ended)}, which was not logged" if open_ended else known


def at_rest(plays: Sequence[Play], *windows: Phase) -> tuple[str, ...]:
    """Tell for how long music sounded in windows in which the client rests, a sentence each; none where it did not.

    Music shorter than the strap's own delay is not told: whether it fell into the window, nobody knows. Of music that
    people made and whose end nobody logged, that is what is told.

    Examples
    --------
    >>> from biotune.domain import PhaseKind
    >>> rest = Phase("recovery", PhaseKind.RECOVERY, Activity.REST, 600.0, 900.0)
    >>> at_rest([Play("a", "Sea", 300.0, 647.0)], rest)
    ('Music sounded for 47 s of the recovery.',)
    >>> at_rest([Play("live:a", "Guitar", 300.0, 900.0, end_logged=False)], rest)
    ('Whether Guitar sounded in the recovery is not known: its end was not logged.',)
    """
    told: list[str] = []
    for window in (each for each in windows if each.activity is Activity.REST):
        name = window.name if window.name[:1].isdigit() else f"the {window.name}"
        known = [each for each in plays if not each.open_ended]
        open_ended = [each for each in plays if each.open_ended and each.start_s < window.end_s]
        if (sounded_s := _sounded_s(known, window)) > MAX_LAG_S:
            told.append(f"Music sounded for {_length(sounded_s)} of {name}.")
        told += dict.fromkeys(_open_ended(each, window, name) for each in open_ended)
    return tuple(told)


def _open_ended(play: Play, window: Phase, name: str) -> str:
    title = play.title or "live music"
    if play.start_s < window.start_s:
        return f"Whether {title} sounded in {name} is not known: its end was not logged."
    return f"{title} sounded in {name}; for how long is not known: its end was not logged."


def _sounded_s(plays: Sequence[Play], window: Phase) -> float:
    """Return for how many seconds of a window any music sounded; what sounded together counts once."""
    total_s, until_s = 0.0, window.start_s
    for play in sorted(plays, key=lambda each: each.start_s):
        end_s = min(play.end_s, window.end_s)
        total_s += max(0.0, end_s - max(play.start_s, until_s))
        until_s = max(until_s, end_s)
    return total_s


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return " ".join(part for part in (f"{minutes} min" * bool(minutes), f"{rest} s" * bool(rest)) if part)
