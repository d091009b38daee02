"""The record of a session's music, on the session's page: what was played, what is told, what is still needed."""

from collections.abc import Mapping

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from biotune.analysis import music_record, music_words
from biotune.analysis.music_record import Answer, Item, MusicRecord
from biotune.library import Library
from dashboard import ids, regional, theme
from dashboard.components import notices, opening
from dashboard.components.panel import panel

_FORM = "music-record"


def section(library: Library, session_id: str) -> Component:
    """Return the record and the way to complete it."""
    return panel(
        "The music",
        dcc.Store(id=ids.RECORD_SESSION, data=session_id),
        html.Div(shown(library.music_records.of(session_id)), id=ids.RECORD_SHOWN),
        opening.part("Complete the record of the music", _FORM),
        html.Div(id=ids.RECORD_SAID, role="status"),
        html.Details(
            [
                html.Summary("For researchers: heart, breath and tempo"),
                dmc.Button("Look", id=ids.RECORD_EXPLORE, variant="default", my="xs"),
                html.Div(id=ids.RECORD_EXPLORED, role="status"),
            ],
            className="bt-more bt-noprint bt-detailed-only",
        ),
        identity="music",
    )


def shown(record: MusicRecord) -> Component:
    """Tell in a sentence what sounded; the detailed reading tells what was played when, and what is still needed."""
    if record.is_empty:
        return dmc.Text("No music is in this session's log.", c="dimmed", className="bt-nothing")
    part = 100 * record.told / len(record.answers)
    lacking = [html.Li(f"{each.item.title} {each.lacking}".strip(), className=regional.OWN) for each in record.lacking]
    needed = [dmc.Text("A publication would still need:"), html.Ul(lacking, className="bt-phases")] if lacking else []
    told = [each for each in record.answers if each.value]
    answers = html.Dl(
        [part for each in told for part in (html.Dt(each.item.title), html.Dd(each.value, className=_whose(each)))],
        className="bt-glossary",
    )
    said = music_record.sentence(record) or music_record.WRITTEN_ONLY
    detailed = dmc.Stack(
        [
            _played(record) if record.rows else None,
            dmc.Text(music_record.words(record)),
            dmc.Progress(value=part, **notices.named("How complete the record of the music is")),
            *needed,
            html.Details([html.Summary("What is told"), answers], className="bt-numbers") if told else None,
        ],
        gap="sm",
        className="bt-detailed-only",
    )
    return dmc.Stack([dmc.Text(said, className=regional.OWN), detailed], gap="sm")


def _whose(answer: Answer) -> str | None:
    """Return the class of people's own words: names, and what is not counted by the log."""
    named = {music_record.TITLES.key, music_record.PERFORMERS.key}
    return None if answer.logged and answer.item.key not in named else regional.OWN


def _played(record: MusicRecord) -> Component:
    head = dmc.TableTr([dmc.TableTh(each) for each in ("From", "To", "Piece", "Performer", "Tempo", "Loudness")])
    rows = [
        dmc.TableTr(
            [
                dmc.TableTd(theme.clock(row.play.start_s)),
                dmc.TableTd(music_words.end(row.play, theme.clock(row.play.end_s))),
                *(dmc.TableTd(each or "–", className=regional.OWN) for each in (row.play.title, row.performer)),
                *(dmc.TableTd(each or "–") for each in (row.tempo, row.loudness)),
            ]
        )
        for row in record.rows
    ]
    return html.Div(
        dmc.Table([dmc.TableThead(head), dmc.TableTbody(rows)], className="bt-table"),
        className="bt-numbers-table",
        tabIndex="0",
        **notices.named("What was played", role="region"),
    )


def form(library: Library, session_id: str, more: Mapping[str, str]) -> Component:
    """Return a field for every item; `more` fills in what nobody wrote yet."""
    record = library.music_records.of(session_id)
    return dmc.SimpleGrid(
        [
            _field(each.item, more.get(each.item.key, "") if each.logged or not each.value else each.value, each.value)
            for each in record.answers
        ],
        cols={"base": 1, "sm": 2},
        my="sm",
    )


def _field(item: Item, value: str, known: str) -> Component:
    described = f"From the log: {known}" if known and not value else item.question
    return dmc.Autocomplete(
        id=ids.record_item(item.key),
        label=item.title,
        description=described,
        data=list(item.choices),
        value=value,
        debounce=True,
    )


def register(app: Dash, library: Library) -> None:
    """Connect the section."""

    @app.callback(
        Output(ids.opened(_FORM), "children"),
        Input(ids.opening(_FORM), "data"),
        State(ids.RECORD_SESSION, "data"),
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def complete(_opened: object, session_id: str) -> list[Component]:
        buttons = [
            dmc.Button("Keep the record", id=ids.RECORD_KEEP),
            dmc.Button("Fill in as last time", id=ids.RECORD_AGAIN, variant="default"),
        ]
        return [html.Div(form(library, session_id, {}), id=ids.RECORD_FORM), dmc.Group(buttons)]

    @app.callback(
        Output(ids.RECORD_SHOWN, "children"),
        Output(ids.RECORD_SAID, "children"),
        Input(ids.RECORD_KEEP, "n_clicks"),
        State(ids.record_item(ALL), "value"),
        State(ids.record_item(ALL), "id"),
        State(ids.RECORD_SESSION, "data"),
        prevent_initial_call=True,
        on_error=lambda error: (no_update, notices.of_error(error)),
    )
    def keep(
        _clicks: int, values: list[str | None], marks: list[dict[str, str]], session_id: str
    ) -> tuple[Component, Component]:
        told = {mark["item"]: value or "" for mark, value in zip(marks, values, strict=True)}
        count = library.music_records.write(session_id, told)
        said = "Nothing was changed." if not count else f"Kept: {count} item{'' if count == 1 else 's'}."
        return shown(library.music_records.of(session_id)), dmc.Text(said)

    @app.callback(
        Output(ids.RECORD_FORM, "children"),
        Input(ids.RECORD_AGAIN, "n_clicks"),
        State(ids.RECORD_SESSION, "data"),
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def again(_clicks: int, session_id: str) -> Component:
        return form(library, session_id, library.music_records.as_last_time(session_id))

    @app.callback(
        Output(ids.RECORD_EXPLORED, "children"),
        Input(ids.RECORD_EXPLORE, "n_clicks"),
        State(ids.RECORD_SESSION, "data"),
        prevent_initial_call=True,
        on_error=notices.of_error,
    )
    def explore(_clicks: int, session_id: str) -> Component:
        return dmc.Stack([dmc.Text(each) for each in library.music_records.explored(session_id)], gap="xs")
