"""Erased is erased: not in a list, not in a table, not in the bytes on the disk; and everything else is as it was."""

import getpass
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from biotune.domain import (
    ClientCorrected,
    ContextGiven,
    IntervalImported,
    MarkerSet,
    MusicReported,
    SessionFinished,
    Stamp,
)
from biotune.errors import SessionNotFound, StorageError, UsageError
from biotune.library import Library
from biotune.library.cohort import Query
from biotune.storage import schema
from biotune.storage.store import Store

STARTED = datetime(2026, 11, 22, 11, tzinfo=UTC)
CLIENT, OTHER = "Quince-77", "Medlar-12"
WORDS = ("Quince-77", "unforgettable marimba", "Philippa Quincey", "philippa@home", "two espressi", "quincey.csv")


def at(second: float) -> Stamp:
    return Stamp("boot", round(second * 1e9), round((1_800_000_000 + second) * 1e9))


def session_of(store: Store, client: str, note: str) -> str:
    session = store.create_session(client=client, protocol="listening", started=STARTED)
    store.add_recording(session, label="Polar H10")
    many = [(at(second), IntervalImported("812", "ms"), 1) for second in range(400)]
    store.append_many(session, "import", [*many, (at(400), MarkerSet(note), 0)])
    store.append(session, "dashboard", at(401), ContextGiven("caffeine", f"two espressi, {note}"))
    store.append(session, "cli", at(402), SessionFinished())
    return session


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "biotune.db"


@pytest.fixture
def library(file: Path) -> Iterator[Library]:
    with Library(Store.open(f"sqlite:///{file}")) as library:
        yield library


def filled(library: Library) -> tuple[str, str]:
    """One client's session and another's, with everything that may be kept of the first."""
    store = library.store
    theirs, others = session_of(store, CLIENT, "unforgettable marimba"), session_of(store, OTHER, "a door")
    store.add_import(theirs, "quincey.csv", "biotune-csv", "00ff")
    with store._engine.begin() as connection:
        name = {"client": CLIENT, "name": "Philippa Quincey", "contact": "philippa@home"}
        connection.execute(insert(schema.client_name).values(name))
        connection.execute(insert(schema.audit).values(utc_ns=1, who="dashboard", what="looked", about=CLIENT))
    store.documents.put("client", CLIENT, {"goals": ["unforgettable marimba"]}, utc_ns=1)
    store.documents.put("draft", "new-session", {"client": CLIENT, "note": "unforgettable marimba"}, utc_ns=1)
    store.documents.put("plan", "7", {"client": CLIENT, "sessions": [theirs]}, utc_ns=1)
    store.documents.put("plan", "study", {"clients": [CLIENT, OTHER], "title": "two"}, utc_ns=1)
    store.keep("overview/x", json.dumps({"of": CLIENT, "words": "unforgettable marimba"}))
    assert {each.id for each in store.sessions()} == {theirs, others}  # and their summaries are kept from here on
    return theirs, others


def on_disk(file: Path) -> bytes:
    return b"".join(each.read_bytes() for each in sorted(file.parent.iterdir()) if each.is_file())


def test_no_word_of_an_erased_client_is_left_in_the_files(library: Library, file: Path) -> None:
    theirs, others = filled(library)
    before = on_disk(file)
    assert all(word.encode() in before for word in WORDS)  # the test can find what it looks for
    kept = library.session(others)

    gone = library.erase_client(CLIENT)
    assert gone.sessions == (theirs,)
    assert gone.has_name
    left = on_disk(file)  # the store is open: its -wal and -shm are among them
    assert [word for word in WORDS if word != "two espressi" and word.encode() in left] == []
    assert left.count(b"two espressi") == 1  # the other client's

    with pytest.raises(SessionNotFound):
        library.session(theirs)
    assert library.session(others) == kept
    documents = library.store.documents
    assert (documents.all("client"), documents.all("draft")) == ({}, {})
    assert documents.all("plan") == {"study": {"clients": [OTHER], "title": "two"}}


def test_the_log_is_append_only_again_afterwards(library: Library, file: Path) -> None:
    _, others = filled(library)
    library.erase_client(CLIENT)
    for change in (
        "UPDATE line SET writer = 'x'",
        "DELETE FROM line",
        "DELETE FROM audit",
        "UPDATE audit SET who = ''",
    ):
        with sqlite3.connect(file) as other, pytest.raises(sqlite3.Error, match="append-only"):
            other.execute(change)
    assert library.store.append(others, "cli", at(500), MarkerSet("later")).seq == 404


def test_an_erasing_that_fails_leaves_everything_as_it_was(
    library: Library, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, _ = filled(library)
    kept = library.session(theirs)

    def breaks(*_: object) -> None:
        raise sqlite3.OperationalError("the power went")

    with monkeypatch.context() as broken:
        broken.setattr("biotune.storage.erasing._forget", breaks)
        with pytest.raises(StorageError):
            library.erase_client(CLIENT)
    assert library.session(theirs) == kept
    with sqlite3.connect(file) as other, pytest.raises(sqlite3.Error, match="append-only"):
        other.execute("DELETE FROM line")


def test_the_audit_tells_that_something_was_erased_and_not_what(library: Library, file: Path) -> None:
    filled(library)
    library.erase_client(CLIENT)
    with sqlite3.connect(file) as other:
        rows = other.execute("SELECT who, what, about FROM audit ORDER BY id").fetchall()
    me = getpass.getuser()
    assert rows == [("dashboard", "looked", ""), (me, "erased", "1 sessions, 403 lines"), (me, "cleaned", "")]


def test_nothing_is_erased_while_a_recording_runs(library: Library) -> None:
    theirs, _ = filled(library)
    store = library.store
    running = store.create_session(client=OTHER, protocol="", started=STARTED)
    with store.recording_now(running), pytest.raises(StorageError, match="while a recording runs"):
        library.erase_client(CLIENT)
    assert library.session(theirs).client == CLIENT


def test_a_number_is_never_given_again(library: Library) -> None:
    filled(library)
    newest = session_of(library.store, CLIENT, "again")
    library.erase_client(CLIENT)
    assert int(session_of(library.store, OTHER, "next")[1:]) > int(newest[1:])


def test_a_session_that_was_corrected_to_another_client_goes_with_that_one(library: Library, file: Path) -> None:
    theirs, others = filled(library)
    store = library.store
    store.append(others, "cli", at(402), ClientCorrected(CLIENT, by="somebody", made_utc_ns=5))
    store.append(theirs, "cli", at(402), ClientCorrected(OTHER, was=CLIENT, made_utc_ns=6))
    assert library.erase_client(CLIENT).sessions == (others,)
    assert library.store.lines(theirs)[-1].entry == ClientCorrected(OTHER, was="", made_utc_ns=6)
    assert CLIENT.encode() not in on_disk(file)


def test_an_overruled_correction_keeps_no_code_of_the_erased_client(library: Library, file: Path) -> None:
    _, others = filled(library)
    library.store.append(others, "cli", at(402), ClientCorrected(CLIENT, made_utc_ns=5))
    library.store.append(others, "cli", at(402), ClientCorrected(OTHER, was=CLIENT, made_utc_ns=6))
    library.erase_client(CLIENT)
    assert library.session(others).client == OTHER
    assert CLIENT.encode() not in on_disk(file)


def test_one_session_goes_and_the_client_stays(library: Library, file: Path) -> None:
    theirs, others = filled(library)
    second = session_of(library.store, CLIENT, "a second time")
    gone = library.erase_session(second)
    assert gone.sessions == (second,)
    assert {each.id for each in library.sessions()} == {theirs, others}
    assert b"a second time" not in on_disk(file)
    assert library.store.documents.get("client", CLIENT)


def test_a_code_that_is_an_everyday_word_takes_nothing_of_others(library: Library) -> None:
    session_of(library.store, "title", "x")
    documents = library.store.documents
    others = {
        "plan": {"client": OTHER, "title": "1", "order": {"1": "a"}},
        "setting": {"volume": 1},
        "piece": {"title": "x"},
    }
    for kind, document in others.items():
        documents.put(kind, "title", document, utc_ns=1)
    library.erase_client("title")
    assert {kind: documents.get(kind, "title") for kind in others} == others


@pytest.mark.parametrize("code", ["../<b>evil", "M\u00fcller, Anna", "A  B", " K-1"])
def test_a_code_that_only_another_programs_file_could_bring_is_erased_too(
    library: Library, file: Path, code: str
) -> None:
    session = session_of(library.store, code, "unforgettable marimba")
    assert library.eraser.leaving(client=code).sessions == (session,)
    library.erase_client(code)
    assert library.sessions() == ()
    assert b"unforgettable marimba" not in on_disk(file)


def test_what_others_words_still_say_of_an_erased_client_is_told_and_left(library: Library) -> None:
    store = library.store
    _, others = filled(library)
    store.append(others, "dashboard", at(403), MarkerSet("as with QUINCE-77, quiet"))
    store.append(others, "dashboard", at(404), MarkerSet("Quince-778 is somebody else"))
    store.append(others, "dashboard", at(405), MusicReported("rationale", "her friend Quince-77 liked it"))
    store.add_import(others, "Quince-77 (2).csv", "biotune-csv", "00aa")
    store.documents.put("playlist", "p1", {"title": "For Quince-77", "pieces": []}, utc_ns=1)
    store.documents.put("folder", "/music/Quince-77", {"added_utc_ns": 1}, utc_ns=1)
    store.documents.put("client", OTHER, {"goals": {"social": "to meet Quince-77"}}, utc_ns=1)
    library.clients.set_name(OTHER, "Medlar", "ask Quince-77")
    told = (
        "what is kept of client Medlar-12",
        f"{others}: the name of the imported file",
        f"{others}: a marker",
        f"{others}: the record of the music",
        "the music folder /music/Quince-77",
        "the name or contact of client Medlar-12",
        "the playlist “For Quince-77”",
    )
    assert sorted(library.eraser.leaving(client=CLIENT).mentions) == sorted(told)
    before = store.lines(others)
    assert sorted(library.erase_client(CLIENT).mentions) == sorted(told)
    assert store.lines(others) == before
    assert library.erase_client(OTHER).mentions == ()


@pytest.mark.parametrize(
    ("code", "words", "is_said"),
    [("812", "812 ms", True), ("1", "11", False), ("M\u00fc/x", "mit M\u00fc/x", True), ("100%_", "100 or so", False)],
)
def test_a_code_is_sought_as_a_word_and_not_among_numbers(
    library: Library, code: str, words: str, *, is_said: bool
) -> None:
    session_of(library.store, code, "x")
    other = session_of(library.store, OTHER, words)
    told = (f"{other}: a marker", f"{other}: the circumstances") if is_said else ()
    assert sorted(library.erase_client(code).mentions) == sorted(told)


@pytest.mark.parametrize("written", ["M\u00dcLLER", "M\u00fcller", "m\u00fcller"])
def test_a_code_is_sought_whatever_the_case_of_letters_that_english_lacks(library: Library, written: str) -> None:
    """SQLite knows the case of A to Z alone."""
    store = library.store
    session_of(store, "M\u00dcLLER", "x")
    other = session_of(store, OTHER, f"as {written} said")
    store.add_import(other, f"{written}.txt", "text", "0" * 64)
    told = (f"{other}: a marker", f"{other}: the circumstances", f"{other}: the name of the imported file")
    assert sorted(library.erase_client("M\u00dcLLER").mentions) == sorted(told)


def test_what_was_being_computed_when_a_client_was_erased_is_not_kept(library: Library) -> None:
    """A dashboard lists sessions while somebody erases at the command line."""
    store = library.store
    session = session_of(store, "Quince-88", "x")

    def tell(_overview: object) -> dict[str, str]:
        with Library(Store.open(store.url)) as other:
            other.erase_client("Quince-88")
        return {"values": "75 to 69 bpm"}

    assert library.told(session, "row", tell) == {"values": "75 to 69 bpm"}
    assert store.kept(f"told/row/{session}") is None


@pytest.mark.parametrize("nobody", ["", " "])
def test_whoever_is_not_named_takes_no_session_along(library: Library, nobody: str) -> None:
    session = library.store.create_session(client="", protocol="listening", started=STARTED)
    with pytest.raises(UsageError, match="no client is named"):
        library.erase_client(nobody)
    assert [each.id for each in library.sessions()] == [session]


def test_a_client_called_like_a_session_keeps_what_is_theirs(library: Library) -> None:
    session = session_of(library.store, OTHER, "x")
    library.store.documents.put("client", session, {"goals": []}, utc_ns=1)
    library.erase_session(session)
    assert library.store.documents.get("client", session) == {"goals": []}


def test_unknown_clients_and_sessions_are_told_and_nothing_changes(library: Library) -> None:
    filled(library)
    revision = library.store.revision()
    with pytest.raises(StorageError, match="nothing is kept of a client 'Nobody'"):
        library.erase_client("Nobody")
    with pytest.raises(SessionNotFound):
        library.erase_session("S99")
    assert library.store.revision() == revision


def test_a_reader_that_never_ends_is_told_of_and_the_next_try_cleans(
    library: Library, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(library)
    monkeypatch.setattr("biotune.storage.erasing._PATIENCE_S", 0.2)
    monkeypatch.setattr("biotune.storage.database.BUSY_TIMEOUT_MS", 100)
    with sqlite3.connect(file, isolation_level=None) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM line").fetchone()
        library.store._engine.dispose()
        with pytest.raises(StorageError, match=r"still stand|in use"):
            library.erase_client(CLIENT)
        assert library.store.erasing.is_unclean()
        reader.execute("COMMIT")
    assert library.eraser.finish_cleaning()
    assert not library.eraser.finish_cleaning()
    assert CLIENT.encode() not in on_disk(file)


def test_files_that_were_written_go_unless_somebody_changed_them(library: Library, tmp_path: Path) -> None:
    theirs, _ = filled(library)
    folder = tmp_path / "bids" / "sub-01" / "beh"
    folder.mkdir(parents=True)
    written = [tmp_path / "a.csv", tmp_path / "b.csv", folder / "c.tsv", tmp_path / "gone.csv"]
    for file in written:
        file.write_text("rr\n800\n")
    note = library.eraser.note_written
    note([written[0], written[1], written[3]], client=CLIENT, session_id=theirs)
    note([written[2]], client=CLIENT, session_id=theirs, folder=tmp_path / "bids")
    library.eraser.note_fetched("S1.pdf", client=CLIENT, session_id=theirs)
    written[1].write_text("rr\n800\nmine\n")
    written[3].unlink()

    planned = library.eraser.leaving(client=CLIENT)
    gone = library.erase_client(CLIENT)
    assert gone == planned
    assert {each.path for each in gone.deleted} == {written[0], written[2]}
    assert {(each.path, each.name) for each in gone.left} == {(written[1], "b.csv"), (None, "S1.pdf")}
    assert [file.exists() for file in written] == [False, True, False, False]
    assert not (tmp_path / "bids").exists()
    assert library.store.documents.all("export") == {}


def test_a_session_put_aside_is_in_no_list_and_comes_back(library: Library) -> None:
    theirs, others = filled(library)
    revision = library.store.revision()
    library.remove(theirs)
    assert [each.id for each in library.sessions()] == [others]
    assert [each.id for each in library.removed()] == [theirs]
    assert library.session(theirs).id == theirs  # by its number, for the page that offers to undo
    assert library.overview(theirs).summary.id == theirs
    assert library.store.revision() != revision  # a page that shows the list notices
    assert library.store.import_of("00ff") is None  # the file may be imported again
    library.restore(theirs)
    assert {each.id for each in library.sessions()} == {theirs, others}
    assert library.removed() == ()


def test_a_session_being_recorded_is_not_put_aside(library: Library) -> None:
    running = library.store.create_session(client="", protocol="", started=STARTED)
    with library.store.recording_now(running), pytest.raises(StorageError, match="being recorded"):
        library.remove(running)
    with pytest.raises(SessionNotFound):
        library.remove("S99")


def test_an_unfinished_session_put_aside_is_not_continued(library: Library) -> None:
    running = library.store.create_session(client=OTHER, protocol="", started=STARTED)
    assert library.store.unfinished(OTHER) == ((running, ""),)
    library.remove(running)
    assert library.store.unfinished(OTHER) == ()


def test_a_groups_file_is_told_of_whichever_of_its_clients_goes(library: Library, file: Path, tmp_path: Path) -> None:
    filled(library)
    group = tmp_path / "group.csv"
    group.write_text(f"{CLIENT}\n{OTHER}\n")
    library.eraser.note_group("group.csv", [CLIENT, OTHER, ""], path=group)
    library.eraser.note_group("cohort.csv", [CLIENT, OTHER])
    expected = {(group, "group.csv"), (None, "cohort.csv")}
    for client in (CLIENT, OTHER):
        gone = library.erase_client(client)
        assert gone.deleted == ()
        assert {(each.path, each.name) for each in gone.left} == expected
    assert group.exists()
    assert b"group.csv" not in on_disk(file)


def test_a_group_that_was_gathered_before_is_not_remembered(library: Library) -> None:
    filled(library)
    word = library.gatherings.begin(Query())
    gathering = library.gatherings.get(word)
    assert gathering
    assert gathering.result(timeout_s=60.0)
    library.erase_client(CLIENT)
    assert library.gatherings.get(word) is None
