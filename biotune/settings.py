"""Where the data lives, which database holds it, and the limits of quality.

Read once at the door (the command line, `biotune.open_library`) and passed down.
"""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from biotune.errors import UsageError

_URL = re.compile(r"[a-z][a-z0-9+.-]+:[/\\]", re.IGNORECASE)  # a drive of Windows has one letter


@dataclass(frozen=True, slots=True)
class Limits:
    """When a phase's signal is too poor to speak of.

    Source: the PhysioNet Cardiovascular Signal Toolbox's limits for the upper two.
    """

    warn_flagged_pct: float = 5.0
    max_flagged_pct: float = 20.0
    max_gap_pct: float = 15.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person may set from outside.

    Attributes
    ----------
    home : Path
        The data folder.
    database : str
        A SQLAlchemy URL.
    limits : Limits
        Limits of signal quality.
    """

    home: Path
    database: str
    limits: Limits = Limits()

    @property
    def protocols(self) -> Path:
        """Where the user's own protocols lie."""
        return self.home / "protocols"

    @classmethod
    def read(cls, *, home: Path | None = None, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read ``--home``, ``BIOTUNE_HOME`` and ``BIOTUNE_DATABASE``, in that order of precedence.

        Raises
        ------
        UsageError
            Where the folder is the address of something else.
        """
        env = os.environ if environment is None else environment
        folder = home or (Path(env["BIOTUNE_HOME"]) if env.get("BIOTUNE_HOME") else _user_data_folder(env))
        if _URL.match(str(folder)):
            raise UsageError(
                f"{str(folder)[:200]} is an address, not a folder",
                hint="Name the data folder; a database is named by BIOTUNE_DATABASE.",
            )
        folder = folder.expanduser().absolute()
        file = quote(str(folder / "biotune.db"), safe="/\\: ")  # a folder's name may hold % and ?
        return cls(home=folder, database=env.get("BIOTUNE_DATABASE") or f"sqlite:///{file}")


def _user_data_folder(env: Mapping[str, str]) -> Path:
    if sys.platform == "win32":
        return Path(env.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "biotune"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "biotune"
    return Path(env.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "biotune"
