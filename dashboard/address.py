"""What a page's address says beside its path."""

from urllib.parse import parse_qs


def asked(search: str | None, name: str) -> str:
    """Return what an address says under a name; empty where it says nothing.

    Examples
    --------
    >>> asked("?a=S1&b=S2", "b"), asked(None, "b")
    ('S2', '')
    """
    return parse_qs((search or "").removeprefix("?")).get(name, [""])[0]


def is_detailed(search: str | None) -> bool:
    """Tell whether an address asks for the detailed view.

    Examples
    --------
    >>> is_detailed("?view=detailed"), is_detailed("?view=client"), is_detailed(None)
    (True, False, False)
    """
    return asked(search, "view") == "detailed"
