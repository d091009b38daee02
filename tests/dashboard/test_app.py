"""The app as a whole: who is answered, and what is loaded."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from biotune.errors import SessionNotFound
from biotune.library import Library, open_library
from dashboard import app as dashboard
from dashboard import ids, security
from dashboard.jobs import Jobs
from dashboard.pages import compare

HERE = "127.0.0.1:8050"


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with open_library(home) as opened:
        yield opened


@pytest.fixture
def client(library: Library) -> FlaskClient:
    return dashboard.create_app(library).server.test_client()


def _ask(client: FlaskClient, **headers: str) -> int:
    """Post the request that asks whether anything was recorded, as Dash's renderer does."""
    body = {
        "output": "revision.data",
        "outputs": {"id": "revision", "property": "data"},
        "inputs": [{"id": "pulse", "property": "n_intervals", "value": 1}],
        "state": [{"id": "revision", "property": "data", "value": None}],
        "changedPropIds": ["pulse.n_intervals"],
    }
    given = {"Host": HERE} | {name.replace("_", "-"): value for name, value in headers.items()}
    answer = client.post(
        "/_dash-update-component", data=json.dumps(body), content_type="application/json", headers=given
    )
    return answer.status_code


def _open_page(client: FlaskClient) -> str:
    client.get("/", headers={"Host": HERE})
    cookie = client.get_cookie(security.CSRF_COOKIE, domain="127.0.0.1")
    assert cookie is not None
    return cookie.value


def test_a_request_larger_than_any_recording_is_refused_unread(client: FlaskClient) -> None:
    token = _open_page(client)
    environment = {"CONTENT_LENGTH": str(300 * 1024 * 1024)}  # as it says of itself; hardly anything is sent
    answer = client.post(
        "/_dash-update-component",
        data=b"{}",
        content_type="application/json",
        headers={"Host": HERE, security.CSRF_HEADER: token},
        environ_overrides=environment,
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("host", ["127.0.0.1:8050", "localhost:8050", "[::1]:8050", "localhost"])
def test_this_machine_is_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8050", "127.0.0.1.evil.example", "0.0.0.0:8050", "[::1", ""]
)
@pytest.mark.parametrize("path", ["/", "/_dash-layout", "/assets/biotune.js"])
def test_another_host_name_is_refused(client: FlaskClient, host: str, path: str) -> None:
    assert client.get(path, headers={"Host": host}).status_code == 403


def test_an_open_page_may_ask(client: FlaskClient) -> None:
    token = _open_page(client)
    own = {"Origin": f"http://{HERE}", "Sec_Fetch_Site": "same-origin", "X_CSRFToken": token}
    assert _ask(client, **own) == 200


@pytest.mark.parametrize(
    "forged",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "https://127.0.0.1:8050"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
        {"X_CSRFToken": "guessed"},
        {"X_CSRFToken": ""},
        {"X_CSRFToken": "ü"},
    ],
)
def test_another_page_may_not_ask(client: FlaskClient, forged: dict[str, str]) -> None:
    own = {"Origin": f"http://{HERE}", "Sec_Fetch_Site": "same-origin", "X_CSRFToken": _open_page(client)}
    assert _ask(client, **own | forged) == 403


def test_no_page_no_answer(client: FlaskClient) -> None:
    assert _ask(client, Origin=f"http://{HERE}") == 403


def test_every_answer_keeps_other_sites_out(client: FlaskClient) -> None:
    for path in ("/", "/assets/biotune.css", "/nowhere", "/_dash-layout"):
        with client.get(path, headers={"Host": HERE}) as answer:
            headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "http" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_scripts_in_the_page_need_their_hash(client: FlaskClient) -> None:
    policy = client.get("/", headers={"Host": HERE}).headers["Content-Security-Policy"]
    scripts = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
    assert "'sha256-" in scripts
    assert "unsafe" not in scripts


def test_the_page_names_nothing_outside(client: FlaskClient) -> None:
    page = client.get("/", headers={"Host": HERE}).text
    assert '<html lang="en">' in page
    for line in page.splitlines():
        if "src=" in line or "href=" in line:
            assert "//" not in line.replace('xmlns="http://www.w3.org/2000/svg"', "")


def test_there_is_no_machine_interface_to_the_data(client: FlaskClient) -> None:
    # Dash can offer its callbacks to language models; an unknown path gets the page itself
    assert client.post("/_mcp", headers={"Host": HERE}).status_code == 403
    assert "react-entry-point" in client.get("/_mcp", headers={"Host": HERE}).text


def test_addresses_lead_to_their_pages(library: Library) -> None:
    def heading(pathname: str) -> object:
        page = dashboard.page_of(library, Jobs(library.live.database), pathname)
        return next(part.children for part in page._traverse() if type(part).__name__ == "H1")

    assert heading("/") == "Sessions"
    assert heading("/new") == "New session"
    assert heading("/help") == "How to read biotune"
    assert heading("/nowhere") == "There is no page here"
    assert heading("/session/../../etc/passwd") == "There is no page here"
    with pytest.raises(SessionNotFound):
        dashboard.page_of(library, Jobs(library.live.database), "/session/S99")
    with pytest.raises(SessionNotFound):
        dashboard.page_of(library, Jobs(library.live.database), "/live/S99")


def test_two_dashboards_live_in_one_process(library: Library) -> None:
    first, second = dashboard.create_app(library), dashboard.create_app(library)
    for app in (first, second):
        client = app.server.test_client()
        own = {"Origin": f"http://{HERE}", "X_CSRFToken": _open_page(client)}
        assert _ask(client, **own) == 200


def test_opening_the_dashboard_loads_no_neurokit() -> None:
    code = "import sys, dashboard.app; sys.exit('neurokit2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_page_that_cannot_be_written_before_its_scripts_still_gets_them(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The head is sent by then: what fails behind it would leave a white window, and tell nobody why."""

    def fails(*_given: object, **_named: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(compare, "first", fails)
    session = client.get("/session/S1", headers={"Host": HERE}).get_data(as_text=True)
    assert session.rstrip().endswith("</html>")
    assert "<script" in session
    assert "ZeroDivisionError" in caplog.text  # the window in which biotune runs shows it


def test_an_address_with_bytes_that_are_no_words_gets_its_page(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Host": HERE}, environ_overrides={"QUERY_STRING": "q=\xff"})
    assert answer.get_data(as_text=True).rstrip().endswith("</html>")


def test_a_button_that_has_just_come_does_nothing_though_another_was_pressed_before(
    library: Library, tmp_path: Path
) -> None:
    """A list that is drawn anew brings buttons nobody pressed, beside others that were."""
    folder = library.music.add_folder(str(tmp_path))
    app = dashboard.create_app(library)
    client = app.server.test_client()
    client.get("/", headers={"Host": HERE})
    cookie = client.get_cookie(security.CSRF_COOKIE, domain="127.0.0.1")
    assert cookie is not None
    (output,) = (key for key in app.callback_map if f"{ids.MUSIC_SAID}.children" in key)
    outputs = [dict(zip(("id", "property"), each.split("."), strict=True)) for each in output[2:-2].split("...")]
    removes, scans = ids.music_act("remove-folder", folder, 0), ids.music_act("scan", "", 0)

    def pressed(removed: int | None) -> int:
        asked = [{"id": removes, "value": removed}, {"id": scans, "value": 1}]
        body = {
            "output": output,
            "outputs": outputs,
            "inputs": [[each | {"property": "n_clicks"} for each in asked]],
            "state": [{"id": each, "property": "data", "value": None} for each in (ids.MUSIC_BPM, ids.MUSIC_BEFORE)],
            "changedPropIds": [f"{json.dumps(removes, sort_keys=True, separators=(',', ':'))}.n_clicks"],
        }
        headers = {"Host": HERE, security.CSRF_HEADER: cookie.value}
        return client.post("/_dash-update-component", json=body, headers=headers).status_code

    assert pressed(None) == 200
    assert library.music.folders() == (folder,)
    assert pressed(1) == 200
    assert library.music.folders() == ()
