"""Files that a page offers: the right one under the right name, to this machine's own pages only."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from biotune.library import Library, open_library
from dashboard import app as dashboard
from dashboard import downloads, security

HERE = {"Host": "127.0.0.1:8050"}
SAMPLE = Path(__file__).parents[2] / "sample_data" / "responds.biotune.jsonl"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with open_library(tmp_path_factory.mktemp("downloads")) as library:
        assert library.import_file(SAMPLE) == "S1"
        yield library


@pytest.fixture(scope="module")
def client(library: Library) -> FlaskClient:
    server = Flask("downloads")
    downloads.register(server, library)
    security.protect(server, script_hashes=())
    return server.test_client()


def test_the_dashboard_answers_the_addresses(library: Library) -> None:
    server = dashboard.create_app(library).server
    assert server.test_client().get("/download/S1/csv", headers=HERE).data.startswith(b"time_s,rr_ms,phase")


@pytest.mark.parametrize(
    ("what", "media_type", "name", "begins"),
    [
        ("client.html", "text/html", "biotune-S1-client.html", b"<!doctype html>"),
        ("client.pdf", "application/pdf", "biotune-S1-client.pdf", b"%PDF-"),
        ("researcher.html", "text/html", "biotune-S1-researcher.html", b"<!doctype html>"),
        ("researcher.pdf", "application/pdf", "biotune-S1-researcher.pdf", b"%PDF-"),
        ("csv", "text/csv", "biotune-S1.csv", b"time_s,rr_ms,phase"),
        ("kubios", "text/plain", "biotune-S1.txt", b"# RR intervals"),
        ("edf", "application/octet-stream", "biotune-S1.edf", b"0       "),
        ("json", "application/json", "biotune-S1.json", b"{"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "biotune-S1.xlsx", b"PK"),
        ("bids", "application/zip", "biotune-S1-bids.zip", b"PK"),
    ],
)
def test_each_file_has_its_name_and_type(
    client: FlaskClient, what: str, media_type: str, name: str, begins: bytes
) -> None:
    answer = client.get(downloads.address("S1", what), headers=HERE)
    assert answer.status_code == 200
    assert answer.mimetype == media_type
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.data.startswith(begins)


def test_a_folder_of_files_comes_packed(client: FlaskClient) -> None:
    data = client.get("/download/S1/bids", headers=HERE).data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert "biotune-S1/dataset_description.json" in archive.namelist()
        assert json.loads(archive.read("biotune-S1/dataset_description.json"))["DatasetType"] == "raw"


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/download/S99/csv", 404, "there is no session S99"),
        ("/download/S1/doc", 404, "there is no file 'doc'"),
        ("/download/../../etc/passwd/csv", 404, "is not a session"),
        ("/download/S1/9/csv", 404, "S1 has no recording 9"),
        ("/download/S1/x/csv", 404, "is not a session"),
        ("/download/S1/2/3/csv", 404, "is not a session"),
    ],
)
def test_what_is_not_there_is_said(client: FlaskClient, path: str, status: int, says: str) -> None:
    answer = client.get(path, headers=HERE)
    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
    assert says in answer.text


def test_another_sites_page_fetches_nothing(client: FlaskClient) -> None:
    answer = client.get("/download/S1/csv", headers=HERE | {"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert client.get("/download/S1/csv", headers={"Host": "evil.example"}).status_code == 403
    assert client.post("/download/S1/csv", headers=HERE).status_code in {403, 405}


def test_what_a_browser_fetched_is_remembered_for_erasing(library: Library, client: FlaskClient) -> None:
    client.get("/download/S1/csv", headers=HERE)
    leaving = library.eraser.leaving(session_id="S1")
    assert "biotune-S1.csv" in {each.name for each in leaving.left}
