"""Which protocols can be chosen."""

from biotune.errors import UsageError
from biotune.library import Library
from biotune.live import Protocol


def offered(library: Library) -> dict[str, Protocol]:
    """Return every protocol by its name."""
    return {each.name: each for each in library.live.plans()}


def chosen(library: Library, name: str, *, short: bool) -> Protocol:
    """Return what is to be run.

    Raises
    ------
    UsageError
        Where it is not here any more.
    """
    plan = offered(library).get(name)
    if plan is None:
        raise UsageError(f"there is no protocol {name!r} any more", hint="Choose another one.")
    return plan.short if short and plan.short else plan
