"""How a session is called: ``S12``, and ``S12/2`` for its second recording."""

import re
from dataclasses import dataclass

from biotune.errors import SessionNotFound

_REFERENCE = re.compile(r"[Ss](\d{1,18})(?:/(\d{1,9}))?")


@dataclass(frozen=True, slots=True)
class SessionReference:
    """What a person means by ``S12`` or ``S12/2``: a session's number and a recording of it."""

    number: int
    recording: int = 1

    @classmethod
    def parse(cls, text: str) -> "SessionReference | None":
        """Read ``S12``, ``s12`` or ``S12/2``; None where the text has another form.

        Examples
        --------
        >>> SessionReference.parse("s12/2")
        SessionReference(number=12, recording=2)
        >>> SessionReference.parse("S12.csv") is None
        True
        """
        match = _REFERENCE.fullmatch(text.strip())
        return cls(int(match[1]), int(match[2] or 1)) if match else None


def number_of(session_id: str) -> int:
    """Return a session's number.

    Raises
    ------
    SessionNotFound
        Where no session is called like that.
    """
    reference = SessionReference.parse(session_id)
    if reference is None:
        raise SessionNotFound(
            f"{session_id!r} is not a session", hint="A session is called S and a number; see: biotune sessions"
        )
    return reference.number


def not_found(session_id: str) -> SessionNotFound:
    """Return the error that says that a session is not there."""
    return SessionNotFound(f"there is no session {session_id}", hint="See what there is: biotune sessions")
