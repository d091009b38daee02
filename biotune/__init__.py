"""Before and after of a music-assisted relaxation session, honestly.

The public API in the order of the data's way, each part imported when first used:

`open_library`, `read`
    a recording or a session, from the data folder or from any importable file
`analyse`
    its metrics, phase by phase
`compare`
    before and after: what changed, how sure that is, and what else may explain it
`sliding`
    the same metrics along a recording, in windows

Examples
--------
>>> import biotune
>>> recording = biotune.read("session.csv")  # doctest: +SKIP
>>> biotune.analyse(recording).phases[0].metrics["rmssd"].value  # doctest: +SKIP
42.1
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from biotune.analysis.results import Analysis, Comparison
    from biotune.domain import Recording, Session
    from biotune.errors import BiotuneError
    from biotune.library import Library, analyse, compare, open_library, read, sliding

__version__ = "0.1.0"

_HOME = {
    "open_library": "biotune.library",
    "read": "biotune.library",
    "analyse": "biotune.library",
    "compare": "biotune.library",
    "sliding": "biotune.library",
    "Library": "biotune.library",
    "Recording": "biotune.domain",
    "Session": "biotune.domain",
    "Analysis": "biotune.analysis.results",
    "Comparison": "biotune.analysis.results",
    "BiotuneError": "biotune.errors",
}

__all__ = [
    "Analysis",
    "BiotuneError",
    "Comparison",
    "Library",
    "Recording",
    "Session",
    "analyse",
    "compare",
    "open_library",
    "read",
    "sliding",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the public name is
    """Import a public name when it is first used, so that ``import biotune`` costs nothing."""
    if name not in _HOME:
        raise AttributeError(f"module 'biotune' has no attribute {name!r}")
    import importlib  # noqa: PLC0415 - as above

    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value
