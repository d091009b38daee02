"""What is logged comes back as it was, and what is no log is refused in words."""

import json
import math
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biotune.domain import (
    ENTRY_KINDS,
    KIND_OF_ENTRY,
    Activity,
    ClockStepped,
    Entry,
    PacketReceived,
    PhaseKind,
    PhaseStarted,
    RatingGiven,
    Request,
    RrUnit,
    RrUnitSet,
    StrapChange,
    StrapEvent,
    StrapIdentity,
)
from biotune.errors import StorageError
from biotune.storage.entries import from_columns, from_json, to_columns, to_json

_FLOATS = st.floats(allow_nan=False, allow_infinity=False)
ENTRIES = st.one_of(
    [st.builds(cls) for cls in ENTRY_KINDS.values() if cls not in {RatingGiven, ClockStepped}]
    + [st.builds(RatingGiven, scale=st.text(), value=_FLOATS), st.builds(ClockStepped, by_s=_FLOATS)]
).filter(lambda entry: all(math.isfinite(v) for f in fields(entry) if isinstance(v := getattr(entry, f.name), float)))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(ENTRIES)
def test_every_entry_survives_a_log_file(entry: Entry) -> None:
    text = json.dumps(to_json(entry), ensure_ascii=True)
    assert from_json(KIND_OF_ENTRY[type(entry)], json.loads(text)) == entry


@given(ENTRIES)
def test_every_entry_survives_the_database(entry: Entry) -> None:
    kind, data, detail = to_columns(entry)
    back = from_columns(kind, data, detail)
    assert back == entry
    assert type(back) is type(entry)
    assert (data is not None) is isinstance(entry, PacketReceived)


def test_the_words_in_a_log_file_are_the_enums_own() -> None:
    strap = StrapIdentity("Polar H10 0A1B2C3D", serial="0A1B2C3D")
    assert to_json(StrapEvent(StrapChange.HEARD_AGAIN, strap=strap)) == {
        "change": "heard-again",
        "detail": "",
        "strap": {
            "name": "Polar H10 0A1B2C3D",
            "address": "",
            "manufacturer": "",
            "model": "",
            "serial": "0A1B2C3D",
            "firmware": "",
            "body_location": "",
        },
    }
    phase = PhaseStarted("music", PhaseKind.INTERVENTION, Activity.LISTENING)
    assert to_json(phase)["activity"] == "listening"
    assert to_json(PacketReceived("2a37", b"\x00\x48"))["data"] == "0048"
    assert to_json(RrUnitSet(RrUnit.MS)) == {"unit": "ms"}
    assert from_json("rr-unit", {"unit": "1/1024"}) == RrUnitSet(RrUnit.TICKS)
    assert from_json("clock-stepped", {"by_s": -3600}) == ClockStepped(-3600.0)
    assert to_json(StrapEvent(StrapChange.CONTACT_LOST))["change"] == "contact-lost"


def test_fields_left_out_take_their_defaults() -> None:
    assert from_json("phase-started", {"name": "a", "kind": "other"}) == PhaseStarted("a", PhaseKind.OTHER)


@pytest.mark.parametrize(
    ("kind", "document", "says"),
    [
        ("dance", {}, "unknown kind 'dance'"),
        ("request", {}, "request is missing"),
        ("request", {"request": "stop", "loudly": True}, "loudly is not a field"),
        ("request", {"request": "dance"}, "dance"),
        ("rr-unit", {"unit": "s"}, "'s' is not a valid RrUnit"),
        ("phase-started", {"name": 3, "kind": "other"}, "3 stands where str was expected"),
        ("phase-started", {"name": "a", "kind": "other", "paced": 1}, "1 stands where bool was expected"),
        ("rating", {"scale": "tension", "value": "high"}, "'high' stands where float was expected"),
        ("rating", {"scale": "tension", "value": float("nan")}, "nan"),
        ("packet", {"characteristic": "2a37", "data": "xy"}, "hexadecimal"),
        ("strap", {"change": "lost", "strap": "H10"}, "'H10' stands where StrapIdentity was expected"),
    ],
)
def test_what_is_no_entry_is_refused_with_the_reason(kind: str, document: dict[str, object], says: str) -> None:
    with pytest.raises(StorageError) as caught:
        from_json(kind, document)
    assert says in str(caught.value)


@given(st.sampled_from(sorted(ENTRY_KINDS)), JSON)
def test_any_document_is_an_entry_or_a_storage_error(kind: str, document: object) -> None:
    try:
        entry = from_json(kind, document)  # type: ignore[arg-type] - whatever a file may hold
    except StorageError:
        return
    assert type(entry) is ENTRY_KINDS[kind]


@given(st.sampled_from(sorted(ENTRY_KINDS)), st.text())
def test_any_text_in_the_database_is_an_entry_or_a_storage_error(kind: str, detail: str) -> None:
    try:
        from_columns(kind, None, detail)
    except StorageError:
        return


def test_a_number_that_json_cannot_say_is_not_logged() -> None:
    with pytest.raises(StorageError, match="inf"):
        to_json(RatingGiven("tension", float("inf")))


def test_the_page_on_the_log_names_every_kind_field_and_word() -> None:
    page = (Path(__file__).parents[2] / "docs" / "log-format.md").read_text(encoding="utf-8")
    rows = {row.split("`")[1]: row for row in page.splitlines() if row.startswith("| `")}
    for kind, cls in ENTRY_KINDS.items():
        assert all(f"`{field.name}`" in rows[kind] for field in fields(cls)), kind
    assert {change.value for change in StrapChange} <= rows.keys()
    for word in (*RrUnit, *Request):
        assert f"`{word.value}`" in page
