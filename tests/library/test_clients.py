"""Clients: kept under a code, with their names apart; everyone who was recorded is listed."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biotune.domain import ContextGiven, Stamp
from biotune.domain.clients import LONGEST_TEXT, LONGEST_WORDS, Client, GoalDomain, Plan, Preferences
from biotune.errors import StorageError, UsageError
from biotune.library import Library, open_library

FULL = Client(
    "K-204",
    age_band="60–69",
    sex="female",
    conditions="<script>alert(1)</script> after a stroke",
    medication="β-blocker",
    consented=date(2026, 9, 14),
    goals={GoalDomain.EMOTIONAL: "“to be less afraid of nights”", GoalDomain.PHYSICAL: "sleep through"},
    preferences=Preferences(("folk",), ("cello", "Ռուդ"), ("singing",), ("Morning",), ("Ave Maria",)),
    plan=Plan("relaxation", "once a week", "evenings"),
)


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with open_library(home) as opened:
        yield opened


def _session(library: Library, client: str, day: int, protocol: str = "listening") -> str:
    started = datetime(2026, 5, day, 10, tzinfo=UTC)
    return library.store.create_session(client=client, protocol=protocol, started=started)


def test_what_is_known_of_a_client_is_there_after_the_program_ended(library: Library, home: Path) -> None:
    library.clients.save(FULL)
    library.close()
    with open_library(home) as again:
        assert again.clients.get("K-204") == FULL


def test_everyone_with_a_session_is_listed_with_the_last_one_first(library: Library) -> None:
    library.clients.save(FULL)
    _session(library, "K-117", 2, "drumming")
    _session(library, "K-117", 9, "singing")
    _session(library, "", 10)
    rows = library.clients.list()
    assert [(row.client.code, row.sessions, row.last_protocol) for row in rows] == [
        ("K-117", 2, "singing"),
        ("K-204", 0, ""),
    ]
    assert rows[0].last == datetime(2026, 5, 9, 10, tzinfo=UTC)
    assert rows[1].client == FULL
    assert library.clients.get("K-117") == Client("K-117")
    with pytest.raises(StorageError, match="no client K-9"):
        library.clients.get("K-9")


def test_names_sit_apart_from_everything_else(library: Library, home: Path) -> None:
    library.clients.save(FULL)
    library.clients.set_name("K-204", "Zoë Müller", "0151 234")
    assert library.clients.name("K-204").name == "Zoë Müller"
    with sqlite3.connect(home / "biotune.db") as raw:
        for (table,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            rows = raw.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - our own tables
            assert ("Zoë" in str(rows)) is (table == "client_name")
    library.clients.set_name("K-204", "", "")
    assert not library.clients.name("K-204")


def test_a_code_is_given_once_however_it_is_written(library: Library) -> None:
    assert library.clients.add("  k-300 ").code == "k-300"
    for wrong in ("K-300", "", "<b>K</b>", "x" * 41):
        with pytest.raises(UsageError):
            library.clients.add(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"age_band": "about forty"},
        {"sex": "?"},
        {"conditions": "x" * (LONGEST_TEXT + 1)},
        {"goals": {GoalDomain.SOCIAL: "x" * (LONGEST_TEXT + 1)}},
        {"preferences": Preferences(genres=("x" * (LONGEST_WORDS + 1),))},
        {"preferences": Preferences(avoid=tuple(map(str, range(101))))},
        {"plan": Plan("x" * (LONGEST_WORDS + 1))},
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError) as caught:
        Client("K-1", **wrong)
    assert caught.value.hint


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=12),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(FULL.to_dict())), inner),
    )
)
def test_any_document_is_a_client_or_refused(document: object) -> None:
    try:
        client = Client.from_dict("K-1", document if isinstance(document, dict) else {"goals": document})
    except UsageError:
        return
    assert Client.from_dict("K-1", client.to_dict()) == client


def test_pieces_to_avoid_are_known_by_title_or_performer_in_any_case() -> None:
    wishes = Preferences(avoid=("ave  maria", "The Band"))
    assert wishes.avoided("Schubert – Ave Maria D. 839") == "ave  maria"
    assert wishes.avoided("Morning", "the band") == "The Band"
    assert wishes.avoided("Morning", "") == ""


def test_where_an_irregular_rhythm_is_common_the_client_says_so() -> None:
    assert FULL.irregular_rhythm_is_common
    assert Client("K-1", conditions="Dementia").irregular_rhythm_is_common
    assert not Client("K-1", age_band="30–39", conditions="migraine").irregular_rhythm_is_common


def test_the_circumstances_of_last_time_are_remembered(library: Library) -> None:
    first, second, third = (_session(library, "K-204", day) for day in (1, 2, 3))
    for session, item, value in (
        (first, "caffeine", "none today"),
        (second, "caffeine", "within 4 hours"),
        (second, "sleep", "as usual"),
        (second, "sleep", ""),
    ):
        library.store.append(session, "cli:1", Stamp("b", 1, 1), ContextGiven(item, value))
    assert library.store.lines(third) == ()
    assert library.clients.last_context("K-204") == {"caffeine": "within 4 hours"}
    assert library.clients.last_context("K-1") == library.clients.last_context("") == {}


def test_a_document_that_cannot_be_read_hides_nobody_else(library: Library) -> None:
    library.clients.save(FULL)
    library.store.documents.put("client", "K-1", {"age_band": "about forty"}, utc_ns=1)
    assert [row.client for row in library.clients.list()] == [Client("K-1"), FULL]
    with pytest.raises(UsageError, match="about forty"):
        library.clients.get("K-1")


def test_a_session_brought_in_under_an_impossible_code_hides_nobody_else(library: Library) -> None:
    _session(library, "<b>someone</b>", 1)
    _session(library, "K-1", 2)
    assert [row.client.code for row in library.clients.list()] == ["K-1", "<b>someone</b>"]
    library.clients.save(library.clients.get("<b>someone</b>"))  # who is here can be written about
    with pytest.raises(UsageError, match="cannot be a client's code"):
        library.clients.save(Client("<b>nobody</b>"))
