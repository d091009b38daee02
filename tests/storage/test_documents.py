"""Documents beside the log: kept, replaced, forgotten, and there after the program ended."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from biotune.errors import StorageError
from biotune.storage.store import Store


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'biotune.db'}"


def test_a_document_is_there_after_the_program_ended(url: str) -> None:
    with Store.open(url) as store:
        store.documents.put("client", "K-1", {"goals": ["résumé ♪"]}, utc_ns=1)
        store.documents.put("client", "K-1", {"goals": ["sleep"]}, utc_ns=2)
        store.documents.put("piece", "K-1", {"title": "other kind, same key"}, utc_ns=2)
    with Store.open(url) as store:
        assert store.documents.get("client", "K-1") == {"goals": ["sleep"]}
        assert store.documents.all("piece") == {"K-1": {"title": "other kind, same key"}}
        assert store.documents.get("client", "K-2") is None


def test_a_change_is_seen_by_whoever_asks_for_the_revision(url: str) -> None:
    with Store.open(url) as store:
        seen = {store.documents.revision("piece")}
        store.documents.put("piece", "a", {}, utc_ns=1)
        seen.add(store.documents.revision("piece"))
        store.documents.put("piece", "a", {"x": 1}, utc_ns=2)
        seen.add(store.documents.revision("piece"))
        assert store.documents.remove("piece", "a")
        seen.add(store.documents.revision("piece"))
        assert len(seen) == 3  # empty at either end
        assert not store.documents.remove("piece", "a")


def test_many_documents_are_kept_all_or_none(url: str) -> None:
    with Store.open(url) as store:
        with pytest.raises(TypeError):
            store.documents.put_many("piece", {"a": {"x": 1}, "b": {"x": object()}}, utc_ns=1)
        assert store.documents.all("piece") == {}


def test_a_spoilt_document_is_told_and_not_taken_for_an_empty_one(url: str, tmp_path: Path) -> None:
    with Store.open(url) as store:
        store.documents.put("client", "K-1", {}, utc_ns=1)
    with sqlite3.connect(tmp_path / "biotune.db") as raw:
        raw.execute("UPDATE document SET body = '[1, 2'")
    with Store.open(url) as store, pytest.raises(StorageError, match="client K-1 cannot be read"):
        store.documents.get("client", "K-1")


def test_the_audit_takes_no_change(url: str) -> None:
    with Store.open(url) as store, store._engine.begin() as connection:
        connection.execute(text("INSERT INTO audit (utc_ns, who, what, about) VALUES (1, 'x', 'erased', 'K-1')"))
        for change in ("UPDATE audit SET who = 'y'", "DELETE FROM audit"):
            with pytest.raises(Exception, match="append-only"):
                connection.execute(text(change))
