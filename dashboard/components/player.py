"""Where the player stands in the live page, what it is offered, and who plays live."""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from biotune.domain.music import MOST_PIECES, Piece, Playlist
from biotune.library import Library
from biotune.library.music import Offer
from dashboard import ids, regional
from dashboard.components.panel import panel

EVERYTHING = "everything"
_LOOK_MS = 3000  # how soon a page that is open knows what changed about its pieces and its client


def region(library: Library, session_id: str) -> Component:
    """Return the player's card; ``assets/player.js`` draws the player itself."""
    pieces = library.music.pieces()
    files = [each for each in pieces if not each.live]
    return panel(
        "Music",
        dcc.Store(id=ids.PLAYER_SESSION, data=session_id),
        dcc.Store(id=ids.PLAYER_OFFER),
        dcc.Store(id=ids.PLAYER_REVISION, data=revision(library, session_id)),
        dcc.Interval(id=ids.PLAYER_LOOK, interval=_LOOK_MS),
        _lists(library.music.playlists(), files),
        html.Div(id=ids.PLAYER, className="bt-player"),
        html.Div(who_plays(library, session_id), id=ids.PLAYER_LIVE),
        html.Div(id=ids.said(ids.PLAYER_LIVE), role="status"),
        html.Div(id=ids.said(ids.PLAYER_LIST), role="status"),
    )


def rest(session_id: str) -> Component:
    """Return where ``assets/rest.js`` asks what is to become of music that sounds when a rest begins."""
    of: Any = {"data-session": session_id}
    return html.Div(id=ids.LIVE_REST, **of)


def _lists(playlists: Sequence[Playlist], files: Sequence[Piece]) -> Component:
    if not files:
        return dmc.Text(["There is no music yet. ", dmc.Anchor("Add a folder", href="/music"), " of your own first."])
    choices = [{"value": each.key, "label": f"{each.title} ({len(each.pieces)})"} for each in playlists]
    every = "Every piece" if len(files) <= MOST_PIECES else "The first pieces"
    return dmc.Select(
        id=ids.PLAYER_LIST,
        label="Playlist",
        data=[*choices, {"value": EVERYTHING, "label": f"{every} ({min(len(files), MOST_PIECES)})"}],
        value=EVERYTHING,  # what was chosen once is kept
        allowDeselect=False,
        persistence=True,
        persistence_type="session",
        maw=420,
    )


def who_plays(library: Library, session_id: str) -> Component | None:
    """Return the buttons of the music that people make, as it stands now."""
    people = [each for each in library.music.pieces() if each.live]
    return live_music(people, library.playing.sounding(session_id))


def live_music(people: Sequence[Piece], sounding: frozenset[str]) -> Component | None:
    """Return a button for each music that people make: it says whether it sounds."""
    if not people:
        return None
    return dmc.Stack([html.H3("Live music"), dmc.Group([_person(each, each.key in sounding) for each in people])])


def _person(piece: Piece, sounds: bool) -> Component:  # noqa: FBT001 - one of two states
    pressed: Any = {"aria-pressed": "true" if sounds else "false"}
    return dmc.Button(
        f"{'Stop' if sounds else 'Start'}: {piece.title} ({piece.performer})",
        id=ids.live_music(piece.key, "stop" if sounds else "start"),
        variant="filled" if sounds else "default",
        className=regional.OWN,
        **pressed,
    )


def revision(library: Library, session_id: str) -> str:
    """Return a word that changes whenever what may be offered does: pieces, playlists, clients, settings, who plays."""
    of_documents = library.store.documents.revision
    sounding = sorted(library.playing.sounding(session_id))
    return " ".join([library.music.revision(), of_documents("client"), of_documents("setting"), *sounding])


def offer(library: Library, session_id: str, chosen: str) -> dict[str, Any]:
    """Return what the player is offered, as ``assets/player.js`` reads it."""
    client = library.store.head(session_id).client
    pieces = library.music.pieces()
    everything = [each.key for each in pieces if not each.live]
    keys = everything[:MOST_PIECES] if chosen == EVERYTHING else library.music.playlist(chosen).pieces
    settings = library.music.player
    return {
        "session": session_id,
        "delay_ms": settings.delay_ms,
        "fade_s": settings.fade_s,
        "fade_at_rest": settings.fade_at_rest,
        "pieces": [_offered(each) for each in library.music.offers(client, keys) if not each.piece.live],
    }


def _offered(made: Offer) -> dict[str, Any]:
    piece = made.piece
    return {
        "key": piece.key,
        "title": piece.title,
        "performer": piece.performer,
        "bpm": f"{piece.bpm:.0f} bpm" if piece.bpm else "",
        "duration_s": piece.duration_s,
        "refusal": made.refusal,
    }
