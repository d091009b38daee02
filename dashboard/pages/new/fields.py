"""What was said on the page, read as a draft."""

from typing import Any

from dash import ALL, Input, State

from biotune.domain.self_report import CIRCUMSTANCES, READINGS
from biotune.library import Library
from biotune.library.drafts import Draft
from dashboard import ids
from dashboard.components import new_session, preparing, ratings
from dashboard.jobs import Jobs

GROUP = "before"  # the sliders that stand on this page


def of_page(kind: type[Input | State]) -> list[Any]:
    """Return everything that a draft is read from, in the order in which `draft_of` reads it."""
    return [
        kind(ids.NEW_STEP, "data"),
        kind(ids.NEW_STRAP, "value"),
        kind(ids.NEW_PROFILE, "value"),
        kind(ids.NEW_ECG, "checked"),
        kind(ids.NEW_CLIENT, "value"),
        kind(ids.NEW_PROTOCOL, "value"),
        kind(ids.NEW_SHORT, "checked"),
        kind(ids.new_context(ALL), "value"),
        kind(ids.rating_given(GROUP, ALL), "data"),
        kind(ids.new_reading(ALL), "value"),
        kind(ids.NEW_SCORE, "value"),
        kind(ids.NEW_SCORE_VALUE, "value"),
    ]


def draft_of(library: Library, jobs: Jobs, marks: list[dict[str, str]], values: tuple[Any, ...]) -> Draft:
    """Read the draft from the page's fields."""
    step, strap, profile, ecg, client, protocol, short, context, rated, readings, score, score_value = values
    before = library.drafts.read()
    address = new_session.strap_of(strap)
    names = {each.address: each.name for each in jobs.scan.straps} | {before.strap: before.strap_name}
    measured = {
        quantity.key: float(value)
        for quantity, value in zip(READINGS, readings, strict=True)
        if isinstance(value, int | float)
    }
    named = " ".join((score or "").split())
    return Draft(
        step=step,
        strap=address,
        strap_name=names.get(address, "") if address else "",
        simulated=strap == new_session.SIMULATED,
        profile=profile,
        protocol=protocol,
        short=bool(short),
        ecg=bool(ecg),
        client=" ".join((client or "").split()),
        check="" if jobs.check.problem else preparing.check_words(jobs.check) or before.check,
        context={each.key: said for each, said in zip(CIRCUMSTANCES, context, strict=True) if said},
        ratings=ratings.given_of(rated, marks),
        readings=measured,
        score=(named, float(score_value)) if named and isinstance(score_value, int | float) else None,
        taken=(before.taken or preparing.now()) if measured else "",
    )
