"""Where things are, what made them, and who did what with people's data."""

import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from biotune.domain import NS_PER_S
from biotune.storage.store import Store

_PACKAGES = ("biotune", "neurokit2", "numpy", "scipy", "dash", "plotly", "bleak")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the data is.

    Attributes
    ----------
    database : str
        The database's address, without a password.
    folder : Path or None
        The data folder; None for a database server's.
    size_bytes : int
        Of the database's files; 0 where they are not here.
    """

    database: str
    folder: Path | None
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Deed:
    """One row of the audit log."""

    when: datetime
    who: str
    what: str
    about: str


def place(store: Store) -> Place:
    """Tell where a store's data is."""
    file = store.finding.file()
    if file is None:
        return Place(store.finding.address(), None, 0)
    files = [each for each in file.parent.glob(f"{file.name}*") if each.is_file()]
    return Place(store.finding.address(), file.parent, sum(each.stat().st_size for each in files))


def deeds(store: Store, *, most: int = 200) -> tuple[Deed, ...]:
    """Return the newest rows of the audit log, the newest first."""
    return tuple(
        Deed(datetime.fromtimestamp(utc_ns / NS_PER_S, tz=UTC), who, what, about)
        for utc_ns, who, what, about in store.finding.audit(most=most)
    )


def versions() -> dict[str, str]:
    """Return the versions that matter to a result, by name."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
