"""Gives the player its music, and takes its events, in plain routes beside Dash."""

from typing import Any

from flask import Flask, Response, jsonify, request, send_file

from biotune.errors import BiotuneError, SessionNotFound, StorageError, UsageError
from biotune.library import Library, resting
from biotune.library.audio import MIME_TYPES
from biotune.library.playing import event
from biotune.live import Standing
from biotune.report import naming

_MOST_EVENTS = 500  # in one request


def register(server: Flask, library: Library) -> None:
    """Add the routes.

    Parameters
    ----------
    server : Flask
        The server behind the Dash app; `security.protect` checks these requests like every other.
    library : Library
        Whose music it is.
    """

    @server.get("/media/<key>")
    def piece(key: str) -> Response:
        """Send a piece, or the part of it that is asked for; only files of the library, within their folders."""
        try:
            path = library.music.file(key)
            _require_allowed(library, key, request.args.get("session", ""))
            sent = send_file(path, mimetype=MIME_TYPES[path.suffix.lower()], conditional=True, etag=True, max_age=0)
        except (StorageError, UsageError) as error:
            return _told(str(error), 404)
        except OSError:  # it went between the look and the sending
            return _told("The file is gone.", 404)
        return sent

    @server.get("/media/<key>/allowed")
    def allowed(key: str) -> Response:
        """Say whether a piece may be played in this session now: what a page was offered may have changed since."""
        try:
            _require_allowed(library, key, request.args.get("session", ""))
        except (SessionNotFound, UsageError) as error:
            return _told(str(error), 403)
        return _told("It may be played.", 200)

    _register_events(server, library)
    _register_rest(server, library)


def _register_events(server: Flask, library: Library) -> None:
    @server.post("/media/event")
    def heard() -> Response:
        """Write the player's events into the session's log; what is answered with 200 needs not be sent again."""
        told: Any = request.get_json(silent=True)
        try:
            session_id, events = _events(told)
            standing = library.playing.log(session_id, events)
        except UsageError as error:
            return _told(str(error), 400)
        except SessionNotFound as error:
            return _told(str(error), 410)
        except BiotuneError as error:
            return _told(str(error), 503)
        if standing is None:
            return _told("This session is over.", 410)
        if standing is not Standing.RECORDED:
            return _told("This session is not being recorded at the moment.", 503)
        return jsonify({"logged": [[each.tab, each.number] for each in events]})


def _register_rest(server: Flask, library: Library) -> None:
    @server.get("/media/now")
    def now() -> Response:
        """Tell the phase that runs, whether the client rests in it, and who made music before it and still does."""
        try:
            told = resting.now(library.store, request.args.get("session", ""))
        except SessionNotFound as error:
            return _told(str(error), 410)
        live = [{"key": key, "title": title} for key, title in told.still_live]
        made = jsonify({"phase": told.phase, "title": naming.title(told.name), "rests": told.rests, "live": live})
        made.headers["Cache-Control"] = "no-store"
        return made

    @server.post("/media/stop")
    def stop() -> Response:
        """Write that people stop making a music; nothing where they have."""
        told: Any = request.get_json(silent=True)
        named = told if isinstance(told, dict) else {}
        try:
            piece = library.music.piece(str(named.get("key", ""))[:100])
            library.playing.stop(str(named.get("session", ""))[:20], piece)
        except UsageError as error:
            return _told(str(error), 400)
        except BiotuneError as error:
            return _told(str(error), 409)
        return _told("Its end is logged.", 200)


def _events(told: Any) -> tuple[str, list[Any]]:  # noqa: ANN401 - whatever a request holds
    if not isinstance(told, dict) or not isinstance(told.get("events"), list) or len(told["events"]) > _MOST_EVENTS:
        raise UsageError("these are no events of the player")
    if not all(isinstance(each, dict) for each in told["events"]):
        raise UsageError("these are no events of the player")
    return str(told.get("session", ""))[:20], [event(each) for each in told["events"]]


def _require_allowed(library: Library, key: str, session_id: str) -> None:
    """Refuse a piece that the session's client is to be kept away from."""
    if not session_id:
        return
    client = library.store.head(session_id).client
    (offer,) = library.music.offers(client, [key]) or (None,)
    if offer and offer.refusal:
        raise UsageError(f"{offer.piece.title} is not played", why=offer.refusal)


def _told(words: str, status: int) -> Response:
    """Answer in plain text: a piece's title is whatever its file says, markup too."""
    return Response(f"{words}\n", status=status, mimetype="text/plain", headers={"Cache-Control": "no-store"})
