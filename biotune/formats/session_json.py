"""A whole session as one JSON document: its log without loss, and what was computed of it.

::

    {"schema": "biotune.session/1", "log": {"schema": "biotune.log/1", …}, "lines": [
    {"seq": 1, …},
    …
    ],
    "analysis": {"schema": "biotune.analysis/1", …},
    "comparisons": [{"schema": "biotune.comparison/1", …}]}

Read again, only the log counts: what was computed is computed anew. With its notes the log has its own hash again.
"""

import json
from typing import TYPE_CHECKING, Any

from biotune.errors import FormatError
from biotune.formats import log
from biotune.formats.text import Content, TextFile

if TYPE_CHECKING:
    from biotune.formats.material import Material  # which knows the analysis; readers do without

NAME = "biotune-json"
PLAIN = "a biotune session as one JSON document"
SCHEMA = "biotune.session/1"


def sniff(file: TextFile) -> bool:
    """Whether the first line begins such a document."""
    return file.first.startswith("{") and f'"{SCHEMA.partition("/")[0]}/' in file.first


def read(file: TextFile) -> Content:
    """Read the session's log.

    Raises
    ------
    FormatError
        Where it is no such document, or a line of its log is not what it should be.
    """
    try:
        document = json.loads("\n".join(file.lines))
    except (ValueError, RecursionError) as error:
        raise FormatError(
            f"{file.source} is not JSON",
            why="The file may have been cut off or edited.",
            hint="Export the session again.",
        ) from error
    header, lines = document.get("log"), document.get("lines")
    if document.get("schema") != SCHEMA or not isinstance(header, dict) or not isinstance(lines, list):
        raise FormatError(
            f"{file.source} is not a session as this version writes it",
            why=f"Its schema is {str(document.get('schema'))[:40]!r}.",
            hint="It may come from a newer version of biotune.",
        )
    return log.read(TextFile(file.source, tuple(json.dumps(each, ensure_ascii=False) for each in (header, *lines))))


def write(material: "Material") -> bytes:
    """Return the document."""
    header, *lines = log.write(material.session).splitlines()
    computed: dict[str, Any] = {
        "analysis": material.analysis.to_dict(),
        "comparisons": [each.to_dict() for each in material.comparisons],
    }
    rest = json.dumps(computed, ensure_ascii=False, allow_nan=False, indent=1)
    begin = f'{{"schema": "{SCHEMA}", "log": {header}, "lines": [\n'
    return (begin + ",\n".join(lines) + "\n],\n" + rest.removeprefix("{\n") + "\n").encode()
