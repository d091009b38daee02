"""Opens sessions and files, analyses them, and remembers what it computed.

The one place that knows where recordings come from and that calls the analysis. The
dashboard, the reports and the command line all ask here.
"""

from biotune.library.measuring import analyse, compare, find_recording, is_session_id, read, sliding
from biotune.library.opened import Library, open_library
from biotune.library.overview import Overview, strap_name
from biotune.library.strips import EcgStrip

__all__ = [
    "EcgStrip",
    "Library",
    "Overview",
    "analyse",
    "compare",
    "find_recording",
    "is_session_id",
    "open_library",
    "read",
    "sliding",
    "strap_name",
]
