"""Which client a command is about, and what is said of a new code that looks like a name."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from biotune.storage.store import Store


def code_named(text: str, home: Path | None) -> str:
    """Return the code of the client that somebody named: one that is kept here, or one that can be.

    Raises
    ------
    UsageError
        Where it is neither.
    """
    from contextlib import suppress

    from biotune.domain import client_code
    from biotune.errors import UsageError

    with suppress(UsageError):
        if client_code(text) == text:
            return text  # the library costs a recorder half a second of its start
    from biotune.library.clients import code_in
    from biotune.settings import Settings

    return code_in(Settings.read(home=home).database, text)


def client_named(text: str, home: Path | None) -> str:
    """Return the code of the client that a command is about.

    Raises
    ------
    UsageError
        Where none is named, or as `code_named`.
    """
    from biotune.domain.clients import require_named

    require_named(text)
    return code_named(text, home)


def note_on(code: str | None, store: "Store") -> None:
    """Say on stderr that a new code looks like a name; nothing is refused."""
    from biotune.domain.clients import LIKE_A_NAME, looks_like_a_name

    if not code or not looks_like_a_name(code):
        return
    from biotune.library.clients import Clients

    if Clients(store).is_new_name(code):
        print(f"note: {code}: {LIKE_A_NAME}", file=sys.stderr, flush=True)
