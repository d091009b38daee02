"""What is chosen before a session: a strap near by or none, a protocol."""

import itertools

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from biotune.domain.quiet import rests
from biotune.errors import BiotuneError
from biotune.library.drafts import Draft
from biotune.live import PlannedPhase, Protocol
from dashboard import theme
from dashboard.components import notices
from dashboard.jobs import Scan

SIMULATED = "simulated"
_STRAP = "strap:"
_STRONG_DBM = -65
_FAIR_DBM = -80
_NOTHING_HEARD = (
    ("Is it worn?", "A chest strap sends only while it feels skin. Put it on, snug below the chest muscles."),
    ("Is it moist?", "Dry electrodes feel no skin. Wet both with water or gel."),
    ("Has something else taken it?", "A watch, a phone or a gym machine may hold the connection. Close its app there."),
    ("Is Bluetooth on, and allowed?", "Look in this machine's settings: switched on, and this program permitted."),
    ("Is it near enough, and is its battery good?", "Come within three metres; a coin cell lasts about a year."),
)


def strap_choices(scan: Scan, draft: Draft | None = None) -> list[Component]:
    """Return what can be chosen: every strap heard, those recorded before first, the one chosen before, and none."""
    heard = [
        dmc.Radio(
            value=f"{_STRAP}{strap.address}",
            label=strap.name or strap.address,
            description=f"{strength(strap.rssi)}{' · recorded before' if strap.known else ''}",
        )
        for strap in scan.straps
    ]
    without = dmc.Radio(
        value=SIMULATED,
        label="Try without a strap",
        description="A simulated person wears a simulated strap. Everything else is as in a real session.",
    )
    before: list[Component] = []
    if draft and draft.strap and draft.strap not in {strap.address for strap in scan.straps}:
        before.append(
            dmc.Radio(
                value=f"{_STRAP}{draft.strap}", label=draft.strap_name or draft.strap, description="chosen before"
            )
        )
    return [*heard, *before, without]


def strap_value(draft: Draft) -> str | None:
    """Return which of the choices a draft has made; None for none yet."""
    return SIMULATED if draft.simulated else f"{_STRAP}{draft.strap}" if draft.strap else None


def can_ecg(name: str, *, simulated: bool) -> bool:
    """Tell whether a strap streams its ECG: a Polar H10 does, and the simulated one.

    Examples
    --------
    >>> can_ecg("Polar H10 A1B2C3", simulated=False), can_ecg("TICKR 1F", simulated=False)
    (True, False)
    """
    return simulated or name.startswith("Polar")


def protocol_label(protocol: Protocol) -> str:
    """Name a protocol with its length, that of its short form, and whose it is."""
    short = f", short form {protocol.short.seconds / 60:g} min" if protocol.short else ""
    whose = ", your own" if protocol.own else ""
    return f"{protocol.title} ({protocol.seconds / 60:g} min{short}{whose})"


def strap_of(value: str | None) -> str:
    """Return the address that was chosen; empty for none.

    Examples
    --------
    >>> strap_of("strap:C0:FF:EE:00:00:01"), strap_of("simulated"), strap_of(None)
    ('C0:FF:EE:00:00:01', '', '')
    """
    return (value or "").removeprefix(_STRAP) if (value or "").startswith(_STRAP) else ""


def strength(rssi: int) -> str:
    """Tell a signal's strength.

    Examples
    --------
    >>> strength(-50), strength(-75), strength(-90)
    ('signal strong (-50 dBm)', 'signal fair (-75 dBm)', 'signal weak (-90 dBm)')
    """
    word = "strong" if rssi >= _STRONG_DBM else "fair" if rssi >= _FAIR_DBM else "weak"
    return f"signal {word} ({rssi} dBm)"


def scan_words(scan: Scan) -> Component | None:
    """Say how the scan stands; where nothing was heard, why that may be."""
    if scan.problem is not None:
        return notices.of_error(scan.problem)
    count = len(scan.straps)
    if scan.running:
        return dmc.Group([dmc.Loader(size="xs"), dmc.Text(f"Listening … {_straps(count)}")], gap="xs")
    if not scan.ever:
        return dmc.Text("Press “Look for straps” while the strap is worn.", c="dimmed")
    if count:
        return dmc.Text(f"{_straps(count).capitalize()}.", c="dimmed")
    why = html.Ul([html.Li([html.B(question), " ", answer]) for question, answer in _NOTHING_HEARD])
    return dmc.Alert(why, title="No strap was heard", icon=notices.icon("info"), color="gray", variant="outline")


def _straps(count: int) -> str:
    return "no strap heard so far" if not count else f"{count} {'strap' if count == 1 else 'straps'} heard"


def starting(problem: BiotuneError | None) -> Component:
    """Say that a recording is being started, or why it cannot be."""
    if problem is not None:
        return notices.of_error(problem)
    return dmc.Text("Starting. A strap that is worn answers within half a minute.")


def plan(protocol: Protocol) -> Component:
    """Tell what a protocol is for, what to heed, and its phases with their lengths."""
    phases = [
        html.Li(
            [
                html.Div(
                    [
                        html.Span(
                            theme.MARKS[phase.kind].glyph,
                            className="bt-glyph",
                            style={"color": theme.MARKS[phase.kind].colour},
                            **notices.UNSEEN,
                        ),
                        html.B(theme.title(phase.name)),
                        f" · {phase.seconds / 60:g} min{_how(phase)}",
                    ]
                ),
                dmc.Text(phase.explanation, size="sm", c="dimmed"),
                _prompts(phase),
            ]
        )
        for phase in protocol.phases
    ]
    heed = notices.notice("Please heed", protocol.caution) if protocol.caution else None
    minutes = f"{protocol.seconds / 60:g} minute{'' if protocol.seconds == 60 else 's'}"  # noqa: PLR2004 - one
    return html.Div(
        [html.P(f"{protocol.description} {minutes} in all."), heed, html.Ol(phases)],
        className="bt-plan",
    )


def leads_into_rest(protocol: Protocol) -> bool:
    """Tell whether a phase that may have music is followed by one in which the client rests."""
    return any(
        rests(then.kind, then.activity) and not rests(now.kind, now.activity)
        for now, then in itertools.pairwise(protocol.phases)
    )


def _how(phase: PlannedPhase) -> str:
    """Tell posture and pacer, and whether the phase may be compared with rest."""
    pacer = f"pacer {phase.breaths_per_min:g} a minute" if phase.breaths_per_min else ""
    pacer = pacer or ("pacer if wanted" if phase.pacer == "optional" else "")
    told = (phase.posture, pacer, "" if phase.comparable else "not compared")
    return "".join(f" · {words}" for words in told if words)


def _prompts(phase: PlannedPhase) -> Component | None:
    """Return what the therapist reads out in a phase; opened on request."""
    if not phase.prompts:
        return None
    read = [html.Li([html.B(theme.clock(prompt.at_s)), " ", prompt.say]) for prompt in phase.prompts]
    return html.Details([html.Summary("To read out"), html.Ul(read)], className="bt-more")
