"""All writers, and the choice among them by name."""

import importlib
from dataclasses import dataclass
from typing import Any

from biotune.errors import UsageError
from biotune.formats.material import Material


@dataclass(frozen=True, slots=True)
class Writer:
    """One format.

    Attributes
    ----------
    name : str
        The word that ``--format`` takes.
    plain : str
        What it is, for people.
    module : str
        Where its `write` is.
    ending : str
        Of its file's name; empty for a folder of files.
    media_type : str
        For a browser.
    """

    name: str
    plain: str
    module: str
    ending: str
    media_type: str = "application/octet-stream"

    @property
    def is_folder(self) -> bool:
        """Whether it writes a folder of files."""
        return not self.ending


_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WRITERS = {
    writer.name: writer
    for writer in (
        Writer("csv", "every interval with its time and phase", "biotune_csv", ".csv", "text/csv"),
        Writer(
            "kubios", "RR intervals in milliseconds, one a line, as Kubios reads them", "rr_text", ".txt", "text/plain"
        ),
        Writer("bids", "a BIDS data set: a folder", "bids", ""),
        Writer("edf", "EDF+ with RR, ECG and annotations", "edf", ".edf"),
        Writer("xlsx", "a spreadsheet with a codebook", "xlsx", ".xlsx", _SHEET),
        Writer("json", "the log and what was computed of it", "session_json", ".json", "application/json"),
    )
}


def writer(name: str) -> Writer:
    """Return the writer of that name.

    Raises
    ------
    UsageError
        Where there is none.
    """
    if name not in WRITERS:
        raise UsageError(f"there is no format {name!r} to export to", hint=f"Choose one of: {', '.join(WRITERS)}.")
    return WRITERS[name]


def write(material: Material, name: str) -> dict[str, bytes]:
    """Return the files of a format by their path within its folder; a single file's path is empty.

    Raises
    ------
    UsageError
        Where there is no such format.
    ExportError
        Where the recording does not fit into it.
    """
    module: Any = importlib.import_module(f"biotune.formats.{writer(name).module}")
    made: bytes | dict[str, bytes] = module.write(material)
    return made if isinstance(made, dict) else {"": made}
