"""The player's two addresses: what is refused is plain words, whatever a file says of itself."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from biotune.domain import Activity, PhaseKind, PhaseStarted, Stamp
from biotune.domain.clients import Client, Preferences
from biotune.library import Library, open_library
from dashboard import media, security

MUSIC = PhaseStarted("music", PhaseKind.INTERVENTION, Activity.LISTENING)
RECOVERY = PhaseStarted("recovery", PhaseKind.RECOVERY, Activity.REST)
HERE = {"Host": "127.0.0.1:8050", "X-CSRFToken": "word"}
MARKUP = "<meta http-equiv=refresh content='0;url=http://evil.example'>"
EVENT = {"act": "play", "piece": "x", "title": "Long", "tab": "a", "number": 1, "position_s": 0.0}
EVENT |= {"rate": 1.0, "volume": 1.0, "browser_ms": 0.0, "delay_ms": 0.0}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path) as library:
        yield library


@pytest.fixture
def client(library: Library) -> FlaskClient:
    server = Flask("media")
    media.register(server, library)
    security.protect(server, script_hashes=())
    client = server.test_client()
    client.set_cookie(security.CSRF_COOKIE, "word", domain="127.0.0.1")
    return client


def test_a_title_that_holds_markup_is_answered_as_text(library: Library, client: FlaskClient) -> None:
    piece = library.music.add_live(MARKUP, "therapist")
    answer = client.get(f"/media/{piece.key}", headers=HERE)
    assert MARKUP in answer.text
    assert (answer.status_code, answer.mimetype) == (404, "text/plain")


@pytest.mark.parametrize("wrong", [{"number": float("inf")}, {"number": 0}, {"position_s": float("nan")}, {"act": "?"}])
def test_an_impossible_event_is_refused(client: FlaskClient, wrong: dict[str, object]) -> None:
    body = json.dumps({"session": "S1", "events": [EVENT | wrong]})
    answer = client.post("/media/event", headers=HERE, data=body, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert "no event of the player" in answer.text


def test_what_is_to_be_avoided_is_refused_from_the_moment_it_is_written_down(
    library: Library, client: FlaskClient
) -> None:
    piece = library.music.add_live("Slow River", "therapist")
    session = library.store.create_session(client="K-1", protocol="listening", started=datetime.now(UTC))
    where = f"/media/{piece.key}/allowed?session={session}"
    assert client.get(where, headers=HERE).status_code == 200
    library.clients.save(Client("K-1", preferences=Preferences(avoid=("river",))))
    answer = client.get(where, headers=HERE)
    assert (answer.status_code, answer.mimetype) == (403, "text/plain")
    assert "K-1 is to be kept away from “river”." in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(f"/media/{piece.key}/allowed?session=S0", headers=HERE).status_code == 403


def test_the_end_of_live_music_is_logged_once_however_often_it_is_told(library: Library, client: FlaskClient) -> None:
    piece = library.music.add_live("Guitar", "therapist")
    session = library.store.create_session(client="K-1", protocol="listening", started=datetime.now(UTC))
    for number, entry in enumerate((MUSIC, RECOVERY)):
        library.store.append(session, "test", Stamp("boot", number, number), entry)
    body = json.dumps({"session": session, "key": piece.key})
    with library.store.recording_now(session):
        library.playing.start(session, piece)
        library.store.append(session, "test", Stamp("boot", 9, 9), RECOVERY)
        told = client.get(f"/media/now?session={session}", headers=HERE).get_json()
        live = [{"key": piece.key, "title": "Guitar (therapist)"}]
        assert told == {"phase": 3, "title": "Recovery", "rests": True, "live": live}
        for _ in range(2):
            answer = client.post("/media/stop", headers=HERE, data=body, content_type="application/json")
            assert answer.status_code == 200
        assert client.get(f"/media/now?session={session}", headers=HERE).get_json()["live"] == []
    acts = [line.entry.act for line in library.store.lines(session, kinds=["music"])]
    assert acts == ["play", "pause"]
    answer = client.post("/media/stop", headers=HERE, data=body, content_type="application/json")
    assert answer.status_code == 409  # nobody records any more
    assert client.get("/media/now?session=S99", headers=HERE).status_code == 410
    for wrong in ("[]", "{}", '{"key": "live:no"}', "no JSON"):
        answer = client.post("/media/stop", headers=HERE, data=wrong, content_type="application/json")
        assert answer.status_code == 409, wrong
