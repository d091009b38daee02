"""What the commands say of a new client's code that looks like a name."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from biotune.storage.store import Store


def note_on(code: str | None, store: "Store") -> None:
    """Say on stderr that a new code looks like a name; nothing is refused."""
    from biotune.domain.clients import LIKE_A_NAME, looks_like_a_name

    if not code or not looks_like_a_name(code):
        return
    from biotune.library.clients import Clients

    if Clients(store).is_new_name(code):
        print(f"note: {code}: {LIKE_A_NAME}", file=sys.stderr, flush=True)
