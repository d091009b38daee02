"""What is printed is told, never obeyed: control characters in other people's names do nothing to a terminal."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from typing import Any, TextIO, cast

from biotune.domain.plain_text import escaped


class _Told:
    """A stream that writes control characters as their numbers; else as the stream behind it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write text; a carriage return at its very beginning is our own progress, and may be."""
        anew = text[:1] == "\r"
        self._stream.write("\r" * anew + escaped(text[anew:], lines=True))
        return len(text)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a stream has
        return getattr(self._stream, name)


@contextmanager
def guarded() -> Iterator[None]:
    """Guard both streams for the length of the block, whatever is printed in it."""
    with ExitStack() as stack:
        for stream, redirect in ((sys.stdout, redirect_stdout), (sys.stderr, redirect_stderr)):
            if stream is not None:  # started without a console, there is none
                stack.enter_context(redirect(cast("TextIO", _Told(stream))))
        yield
