"""Every error biotune raises on purpose, in one tree.

::

    BiotuneError                     the work could not be done        exit code 1
    ├── UsageError                   the call was wrong                exit code 2
    │   └── ProtocolError            a protocol file that cannot be run
    ├── SensorError
    │   ├── BluetoothUnavailable     no adapter, no daemon, no permission, switched off
    │   ├── StrapNotFound            nothing with that name or address answers
    │   └── StrapRefused             found, but it would not be connected or read
    ├── WireError                    bytes that are not what the characteristic promises
    ├── StorageError                 the log cannot be read or written
    │   └── SessionNotFound
    ├── FormatError                  a file that no reader can use
    ├── ExportError                  a file that cannot be written
    ├── AnalysisError                nothing usable in the recording
    └── Cancelled                    somebody did not want to wait for it

An error says what happened, why, and what to do next; the command line prints
these as one to three lines. A traceback reaches a user only with ``--debug``.
"""


class BiotuneError(Exception):
    """The work could not be done.

    Parameters
    ----------
    what : str
        What happened, as one sentence without a full stop at its end.
    why : str, optional
        The reason, where it is known.
    hint : str, optional
        What the person can do next.
    """

    exit_code = 1

    def __init__(self, what: str, *, why: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.hint = hint

    def __str__(self) -> str:
        """Return the one to three lines a person reads."""
        return "\n".join(line for line in (self.what, self.why, self.hint) if line)

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way back from a worker process."""
        return (_rebuild, (type(self), self.what, self.why, self.hint))


def _rebuild(cls: type[BiotuneError], what: str, why: str, hint: str) -> BiotuneError:
    return cls(what, why=why, hint=hint)


class UsageError(BiotuneError):
    """The call was wrong: an unknown name, an impossible value."""

    exit_code = 2


class ProtocolError(UsageError):
    """A protocol that cannot be run; says file, line and reason."""


class SensorError(BiotuneError):
    """Something between the strap and this machine."""


class BluetoothUnavailable(SensorError):
    """No adapter, no Bluetooth service, no permission, or switched off."""


class StrapNotFound(SensorError):
    """No strap answers to that name or address."""


class StrapRefused(SensorError):
    """The strap was found but would not be connected or read."""


class WireError(BiotuneError):
    """Bytes that are not what their characteristic promises."""


class StorageError(BiotuneError):
    """The log cannot be opened, read or written."""


class SessionNotFound(StorageError):
    """No session or recording has that id."""


class FormatError(BiotuneError):
    """A file that no reader can use."""


class Cancelled(BiotuneError):
    """Somebody did not want to wait for it."""


class ExportError(BiotuneError):
    """A file that cannot be written."""


class AnalysisError(BiotuneError):
    """Nothing in the recording that the question can be asked of."""
