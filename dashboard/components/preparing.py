"""A session before it begins, told: its steps, the client, the signal check."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from biotune.domain import Readiness
from biotune.domain.clients import Client
from biotune.domain.self_report import CIRCUMSTANCES
from biotune.library.drafts import Draft
from biotune.live import Protocol
from dashboard import ids
from dashboard.components import notices
from dashboard.jobs import CHECK_S, Check

_CHECK = 3  # the step whose mark tells how it ended
_LEFT_OUT = "left out"
STEPS = ("Strap", "Client and protocol", "Signal check", "Before it begins")
_READINESS = {
    Readiness.READY: ("Ready", "The signal is good enough to begin."),
    Readiness.DOUBTFUL: ("Doubtful", "It can begin; some of the signal may be unusable."),
    Readiness.NOT_READY: ("Not ready", "Mend this first: little of such a signal can be used."),
}
_IRREGULAR = (
    "An irregular rhythm is common at this age or with this condition. biotune recognises one and then "
    "compares the heart rate alone; that is no diagnosis. The short form of a protocol asks less of the client."
)


def steps(draft: Draft, plans: Mapping[str, Protocol]) -> Component:
    """Return the four steps with what was chosen in each; those behind and the next can be gone to."""
    told = (_strap(draft), _who(draft, plans), draft.check, _said(draft))
    return html.Ol(
        [_step(number, title, told[number - 1], draft) for number, title in enumerate(STEPS, 1)],
        className="bt-steps",
        **notices.named("Steps"),
    )


def _step(number: int, title: str, told: str, draft: Draft) -> Component:
    behind = number < draft.step
    done = behind and (number != _CHECK or is_ready(draft.check))
    told = told or (_LEFT_OUT if behind and number == _CHECK else "")
    current: Any = {"aria-current": "step"} if number == draft.step else {}
    mark = html.Span("✓" if done else "–" if behind else str(number), className="bt-step-number", **notices.UNSEEN)
    return html.Li(
        html.Button(
            [
                mark,
                html.Span(title, className="bt-step-title"),
                html.Span(told or " ", className="bt-step-told"),
            ],
            id=ids.new_head(number),
            className="bt-step bt-step-done" if done else "bt-step",
            type="button",
            disabled=number > draft.step,
            **current,
        )
    )


def _strap(draft: Draft) -> str:
    return f"simulated, {draft.profile}" if draft.simulated else draft.strap_name or draft.strap


def _who(draft: Draft, plans: Mapping[str, Protocol]) -> str:
    if draft.step <= 2:  # noqa: PLR2004 - not chosen yet
        return ""
    plan = plans.get(draft.protocol)
    short = "short form" if plan and plan.short and draft.short else ""
    return " · ".join(part for part in (draft.client, plan.title if plan else "", short) if part)


def _said(draft: Draft) -> str:
    count = len(draft.ratings) + sum(1 for said in draft.context.values() if said)
    return f"{count} given" if count else ""


def about_client(client: Client | None, plans: Mapping[str, Protocol]) -> Component | None:
    """Tell what is planned with a client, what they want, and what to keep away from them."""
    if client is None:
        return None
    wishes = client.preferences
    planned = plans.get(client.plan.approach)
    approach = planned.title if planned else client.plan.approach
    facts = {
        "Planned": ", ".join(part for part in (approach, client.plan.how_often) if part),
        "Plan": client.plan.notes,
        **{f"{domain.value.capitalize()} goal": words for domain, words in client.goals.items()},
        "Likes": ", ".join((*wishes.genres, *wishes.instruments, *wishes.activities, *wishes.loved)),
        "To avoid": ", ".join(wishes.avoid),
        "Conditions": client.conditions,
        "Medication": client.medication,
    }
    known = [(title, words) for title, words in facts.items() if words]
    parts: list[Component] = []
    if known:
        parts.append(
            html.Dl([part for title, words in known for part in (html.Dt(title), html.Dd(words))], className="bt-facts")
        )
    if client.irregular_rhythm_is_common:
        parts.append(notices.notice("Irregular rhythm", _IRREGULAR))
    return dmc.Stack(parts, gap="xs") if parts else None


def check(now: Check) -> Component:
    """Tell how the signal check stands."""
    if now.problem is not None:
        return notices.of_error(now.problem)
    if now.running:
        latest = now.told[-1] if now.told else "looking for the strap …"
        return dmc.Group([dmc.Loader(size="sm"), dmc.Text(f"Listening for {CHECK_S:.0f} s: {latest}")], gap="sm")
    if now.found is None:
        return dmc.Text(
            f"{CHECK_S:.0f} seconds of listening tell whether the strap sits well. Sit still; it can be left out.",
            c="dimmed",
        )
    return _found(now.found)


def _found(found: Mapping[str, Any]) -> Component:
    readiness = Readiness(found["readiness"])
    word, meaning = _READINESS[readiness]
    variant = {Readiness.READY: "filled", Readiness.DOUBTFUL: "outline", Readiness.NOT_READY: "default"}[readiness]
    advice = [*found["advice"], *(notice["words"] for notice in found["notices"])]
    facts = str(found["words"]).rpartition(":")[0]
    return dmc.Stack(
        [
            dmc.Group(
                [dmc.Badge(word, variant=variant, color="cyan", size="lg", className="bt-verdict"), dmc.Text(meaning)]
            ),
            dmc.Text(facts[:1].upper() + facts[1:]),
            html.Ul([html.Li(each) for each in advice]) if advice else None,
        ],
        gap="xs",
    )


def check_words(now: Check) -> str:
    """Return what the check came to, in a few words for the step's head; empty before that."""
    if now.found is None:
        return ""
    return f"{_READINESS[Readiness(now.found['readiness'])][0]}, {now.found['flagged_pct']:.0f} % artefacts"


def is_ready(said: str) -> bool:
    """Tell from `check_words` whether the check ended well.

    Examples
    --------
    >>> is_ready("Ready, 0 % artefacts"), is_ready("Not ready, 31 % artefacts"), is_ready("")
    (True, False, False)
    """
    return said.startswith(_READINESS[Readiness.READY][0])


def circumstances(given: Mapping[str, str]) -> Component:
    """Return a field for each circumstance, each of which may stay empty."""
    return html.Div(
        [
            dmc.Select(
                id=ids.new_context(each.key),
                label=each.title,
                placeholder="not said",
                data=_with(each.choices, given.get(each.key)),
                value=given.get(each.key) or None,
                clearable=True,
                clearButtonProps={"aria-label": f"Take back {each.title.lower()}"},
            )  # fmt: skip - a control's properties read as one
            for each in CIRCUMSTANCES
        ],
        className="bt-fields",
    )


def _with(choices: Sequence[str], given: str | None) -> list[str]:
    """Offer what was said elsewhere too."""
    return [*choices, given] if given and given not in choices else list(choices)


def last_time(context: Mapping[str, str]) -> str:
    """Tell in a line what was said last time."""
    titles = {each.key: each.title.lower() for each in CIRCUMSTANCES}
    return "; ".join(f"{titles.get(item, item)} {said}" for item, said in context.items())


def being_recorded(session_ids: Sequence[str]) -> Component | None:
    """Say that a session runs already."""
    if not session_ids:
        return None
    links = [dmc.Anchor(f"Follow {each}", href=f"/live/{each}") for each in session_ids]
    return dmc.Alert(
        dmc.Group(links),
        title="A session is being recorded",
        icon=notices.icon("info"),
        color="gray",
        variant="outline",
    )


def now() -> str:
    """Write this minute, with its zone."""
    return datetime.now().astimezone().isoformat(timespec="minutes")
