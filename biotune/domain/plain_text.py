"""Text that others wrote (names in files, tags, what a strap calls itself), made fit to be kept and to be shown.

A terminal obeys control characters: an escape sequence in a name could move the cursor, clear the screen, or make one
line look like another. Marks that turn the direction of writing around do the same to what is read.
"""

import re
from collections.abc import Sequence

_OTHERS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_LONGEST_NAME = 60  # characters of a name in a list
_CONTROLS = re.compile(f"[\t\n\r{_OTHERS}]")
_WITHIN_LINES = re.compile(f"[{_OTHERS}]|\r(?!\n)")


def plain(text: str) -> str:
    r"""Return text in one line, without control characters: what is kept of a name that came from elsewhere.

    Examples
    --------
    >>> plain(" K\x1b[2J\n204 ")
    'K [2J 204'
    """
    return " ".join(_CONTROLS.sub(" ", text).split())


def without_controls(text: str) -> str:
    r"""Return text as it is, lines and tabs too, without control characters: what is kept of a note from elsewhere.

    Examples
    --------
    >>> without_controls("calm\x1b[2J\nagain")
    'calm[2J\nagain'
    """
    return _WITHIN_LINES.sub("", text)


def listed(names: Sequence[str], *, most: int = 12) -> str:
    """Return names in a row; of many, the first ones and how many more there are.

    Examples
    --------
    >>> listed(["baseline", "music"]), listed([f"music-{n}" for n in range(2, 40)], most=2)
    ('baseline, music', 'music-2, music-3 and 36 more')
    """
    shown = ", ".join(name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…" for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def escaped(text: str, *, lines: bool = False) -> str:
    r"""Return text whose control characters are told, not obeyed; with `lines`, ends of lines and tabs stay.

    They are written as JSON writes them, so that a JSON document stays the same document.

    Examples
    --------
    >>> print(escaped("K\x1b[2J\n204"))
    K\u001b[2J\u000a204
    >>> print(escaped("K\x1b[2J\n204", lines=True))
    K\u001b[2J
    204
    """
    return (_WITHIN_LINES if lines else _CONTROLS).sub(lambda found: f"\\u{ord(found[0]):04x}", text)
