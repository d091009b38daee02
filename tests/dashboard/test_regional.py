"""What is shown is written as the reader writes it; what is not shown, and what people named, is left alone.

The forms are CLDR's (https://cldr.unicode.org), written out by hand.
"""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from dash import Input, Output, dcc, html
from flask import Flask
from plotly.utils import PlotlyJSONEncoder

from biotune.domain import MusicAct, MusicEvent, MusicReported, Stamp
from biotune.library import open_library
from biotune.library.listing import Listing
from biotune.storage.store import Store
from dashboard import regional, theme
from dashboard.components import music, music_record, whose
from dashboard.pages import live as live_page
from dashboard.pages import sessions

GERMAN = regional.Form("de-DE", ",", ".")


@pytest.fixture
def flask() -> Flask:
    return Flask("any")


def _asking(flask: Flask, languages: str, cookie: str = "") -> Any:
    cookies = {"Cookie": f"{regional.COOKIE}={cookie}"} if cookie else {}
    return flask.test_request_context(headers={"Accept-Language": languages, **cookies})


@pytest.mark.parametrize(
    ("languages", "day", "hour", "decimal"),
    [
        ("en-GB,en;q=0.9", "Thu, 14 May 2026", "22:02", "."),
        ("en-US,en;q=0.9", "Thu, May 14, 2026", "10:02 PM", "."),
        ("de-DE,de;q=0.9,en;q=0.8", "Do., 14. Mai 2026", "22:02", ","),
        ("fr-FR", "jeu. 14 mai 2026", "22:02", ","),
        ("xx-YY,de;q=0.5", "Do., 14. Mai 2026", "22:02", ","),
        ("*", "Thu, 14 May 2026", "22:02", "."),
        ("../../etc/passwd", "Thu, 14 May 2026", "22:02", "."),
        ("", "Thu, 14 May 2026", "22:02", "."),
    ],
)
def test_a_browser_gets_its_own_form(flask: Flask, languages: str, day: str, hour: str, decimal: str) -> None:
    when = datetime(2026, 5, 14, 22, 2).astimezone()  # this machine's own zone
    with _asking(flask, languages):
        assert regional.long_day(when) == day
        assert regional.hour(when).replace("\u202f", " ") == hour
        assert regional.form().decimal == decimal


def test_a_choice_in_settings_counts_more_than_the_browser(flask: Flask) -> None:
    with _asking(flask, "en-GB", cookie="de-DE"):
        assert regional.form().tag == "de-DE"
    with _asking(flask, "en-GB", cookie="no-such-place"):
        assert regional.form().tag == "en-GB"


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("×1.58 (95 % interval 1.41 to 1.77).", "×1,58 (95 % interval 1,41 to 1,77)."),
        ("p < 0.001; p = 0.031", "p < 0,001; p = 0,031"),
        ("−0.2 to +1.6 bpm", "−0,2 to +1,6 bpm"),
        ("1,234 sessions, 7,300.5 MB", "1.234 sessions, 7.300,5 MB"),
        ("0.04–0.15 Hz", "0,04–0,15 Hz"),
        ("12.5%", "12,5%"),
    ],
)
def test_numbers_in_words_take_the_form(english: str, german: str) -> None:
    assert regional.number(english, GERMAN) == german


@pytest.mark.parametrize(
    "words",
    [
        "biotune 0.1.0, NeuroKit2 0.2.13",
        "take-2.5.mp3",
        "doi:10.1038/tp.2016.73",
        "http://127.0.0.1:8050/session/S1",
        "10:02.5",
        "2026-05-14",
        "14.5.2026",
        "S1,234",
        "K-2.5",
        "1, 2, 3",
        "v2.5",
        "user@1.5",
    ],
)
def test_what_only_looks_like_a_number_is_left_alone(words: str) -> None:
    assert regional.number(words, GERMAN) == words


def test_what_is_shown_is_rewritten_and_what_was_given_is_not(flask: Flask) -> None:
    figure = go.Figure(go.Scatter(x=[0.5], y=[1.5], hovertemplate="level 1.5: %{y:.1f}"))
    figure.update_layout(xaxis={"tickvals": [0.5], "ticktext": ["×0.5"]})
    given = html.Div(
        [
            html.P("rose by 12.5 bpm", id="a"),
            html.P("Étude 2.1", className="bt-caption bt-own"),
            html.Div([html.Span("2.5"), dcc.Graph(figure=figure)]),
            dcc.Store(id="kept", data="12.5"),
            dcc.Input(value="12.5"),
        ],
        id="at-12.5",
    )
    with _asking(flask, "de-DE"):
        shown: Any = regional.written(given)
    words, own, nested, store, typed = shown.children
    assert words.children == "rose by 12,5 bpm"
    assert own.children == "Étude 2.1"
    assert nested.children[0].children == "2,5"
    drawn = nested.children[1].figure
    assert drawn["layout"]["separators"] == ",."
    assert drawn["layout"]["xaxis"]["ticktext"] == ["×0,5"]
    assert drawn["layout"]["xaxis"]["tickvals"] == [0.5]
    assert drawn["data"][0]["hovertemplate"] == "level 1,5: %{y:.1f}"
    assert (store.data, typed.value, shown.id) == ("12.5", "12.5", "at-12.5")
    original: Any = given.children
    assert original[0].children == "rose by 12.5 bpm"
    assert original[2].children[1].figure.layout.separators is None
    with _asking(flask, "en-GB"):
        assert regional.written(given) is given


def test_a_callback_shows_the_form_and_hands_on_data_as_it_is() -> None:
    app = regional.App("any")
    app.layout = html.Div(id="a")

    @app.callback(Output("a", "children"), Output("b", "data"), Output("c", "value"), Input("d", "value"))
    def show(_value: str) -> tuple[str, str, str]:
        return "12.5", "12.5", "12.5"

    asked = {
        "output": "..a.children...b.data...c.value..",
        "outputs": [{"id": one, "property": what} for one, what in (("a", "children"), ("b", "data"), ("c", "value"))],
        "inputs": [{"id": "d", "property": "value", "value": ""}],
        "changedPropIds": ["d.value"],
    }
    given = app.server.test_client().post(
        "/_dash-update-component", json=asked, headers={"Accept-Language": "de-DE"}
    )  # fmt: skip - one request
    response = given.get_json()["response"]
    assert response == {"a": {"children": "12,5"}, "b": {"data": "12.5"}, "c": {"value": "12.5"}}


def test_a_search_in_the_readers_own_months_is_one_in_english(flask: Flask) -> None:
    with _asking(flask, "de-DE"):
        assert regional.in_english("14. Mai") == "14 May"
        assert regional.in_english("Oktober K-204") == "Oct K-204"  # codespell:ignore
    with _asking(flask, "en-GB"):
        assert regional.in_english("14. Mai") == "14. Mai"


def test_every_field_for_a_number_takes_comma_and_point() -> None:
    typed = theme.mantine(",")["components"]["NumberInput"]["defaultProps"]
    assert typed == {"decimalSeparator": ",", "allowedDecimalSeparators": [".", ","]}


def test_a_client_whose_code_is_a_weekday_elsewhere_is_found_by_it(flask: Flask, tmp_path: Path) -> None:
    """MO is Monday to a German reader, and Max O. as well."""
    with Store.open(f"sqlite:///{tmp_path / 'biotune.db'}") as store:
        for client, day in (("MO", 1), ("K-1", 4), ("K-1", 5)):  # a Friday, a Monday and a Tuesday
            store.create_session(client=client, protocol="listening", started=datetime(2026, 5, day, 12, tzinfo=UTC))
        listing = Listing(store, zone=UTC)
        with flask.test_request_context(headers={"Accept-Language": "de-DE"}):
            found = listing.page(sessions._asked("MO", None, None, None, None, None)).sessions
            other = listing.page(sessions._asked("4. Mai", None, None, None, None, None)).sessions
    assert [each.id for each in found] == ["S2", "S1"]
    assert [each.id for each in other] == ["S2"]


def test_names_paths_and_what_people_wrote_keep_their_own_form_on_the_pages_they_stand_on(
    flask: Flask, home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "Disk 2.5"
    folder.mkdir()
    with open_library(home) as library:
        session = library.store.create_session(client="K 2.5", protocol="listening", started=datetime.now(tz=UTC))
        library.music.add_folder(str(folder))
        live = library.music.add_live("Cello 2.5 take", "J. 2.5 Doe")
        library.store.add_recording(session, label="made")
        stamp = Stamp("boot", 0, 0)
        entries = [
            MusicEvent(MusicAct.PLAY, live.key, "Cello 2.5 take"),
            MusicReported("performers", "J. 2.5 Doe", live.key),
            MusicReported("rationale", "as in 2.5 others", ""),
        ]
        library.store.append_many(session, "test", [(stamp, each, 0) for each in entries])
        with _asking(flask, "de-DE"):
            made = [
                music.folders(library.music.folders()),
                music.people([live]),
                music_record.shown(library.music_records.of(session)),
                whose.section(library, session),
                live_page.layout(library, session),
            ]
            shown = json.dumps(regional.written(html.Div(made)), cls=PlotlyJSONEncoder, ensure_ascii=False)
    assert re.findall(r".{60}2,5.{30}", shown) == []
    for kept in (str(folder), "Cello 2.5 take · J. 2.5 Doe", "as in 2.5 others", "Client K 2.5"):
        assert kept in shown
