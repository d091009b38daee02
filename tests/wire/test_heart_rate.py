"""Heart Rate Measurement packets, put together by hand from the Bluetooth standard's field table."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biotune.errors import WireError
from biotune.wire import heart_rate
from biotune.wire.heart_rate import HeartRate, body_location, decode, encode

# Each worked out by hand: flags, then the fields in the standard's order, little-endian.
BY_HAND = [
    ("00 48", HeartRate(72)),
    ("00 00", HeartRate(0)),
    ("01 2c 01", HeartRate(300)),  # 0x012c = 300
    ("04 48", HeartRate(72, contact=False)),
    ("06 48", HeartRate(72, contact=True)),
    ("02 48", HeartRate(72)),  # the contact bit means nothing without the one that supports it
    ("08 48 34 12", HeartRate(72, energy_kj=0x1234)),
    ("10 3c 00 04", HeartRate(60, (1024,))),  # 0x0400 = 1024 ticks = 1 s
    ("10 3c 00 04 e8 03", HeartRate(60, (1024, 1000))),
    ("1f 3c 00 64 00 00 04 e8 03", HeartRate(60, (1024, 1000), contact=True, energy_kj=100)),
    ("10 3c", HeartRate(60)),  # announced, and none came
    ("10 dc" + " 10 01" * 9, HeartRate(220, (272,) * 9)),  # nine fill a notification of 20 bytes
]


@pytest.mark.parametrize(("sent", "meant"), BY_HAND)
def test_a_packet_made_by_hand_is_read_in_full(sent: str, meant: HeartRate) -> None:
    assert decode(bytes.fromhex(sent)) == meant


@pytest.mark.parametrize(("sent", "meant"), [case for case in BY_HAND if case[0] not in {"02 48", "10 3c"}])
def test_what_a_measurement_is_sent_as(sent: str, meant: HeartRate) -> None:
    assert encode(meant, wide=bytes.fromhex(sent)[0] & 1 == 1) == bytes.fromhex(sent)


def test_an_odd_byte_at_the_end_is_passed_over() -> None:
    assert decode(bytes.fromhex("10 3c 00 04 e8 03 7f")).rr_ticks == (1024, 1000)
    assert decode(bytes.fromhex("10 3c 7f")) == HeartRate(60)


def test_bytes_after_the_announced_fields_are_no_intervals() -> None:
    assert decode(bytes.fromhex("00 3c 00 04")) == HeartRate(60)


@pytest.mark.parametrize(
    ("sent", "missing"),
    [
        ("", "no flags"),
        ("00", "heart rate"),
        ("01", "16-bit heart rate"),
        ("01 3c", "16-bit heart rate"),
        ("08 3c", "energy"),
        ("18 3c 01", "energy"),
        ("09 3c 00 01", "energy"),
    ],
)
def test_a_packet_cut_short_says_which_field_and_shows_its_bytes(sent: str, missing: str) -> None:
    with pytest.raises(WireError, match="ends too early") as error:
        decode(bytes.fromhex(sent))
    assert missing in error.value.why
    assert f"[{sent}]" in error.value.why


@pytest.mark.parametrize(
    "impossible",
    [HeartRate(-1), HeartRate(0x10000), HeartRate(60, (0x10000,)), HeartRate(60, energy_kj=-1)],
)
def test_a_number_that_does_not_fit_is_refused(impossible: HeartRate) -> None:
    with pytest.raises(WireError, match="cannot be sent"):
        encode(impossible)


@given(st.binary(max_size=64))
def test_any_bytes_are_a_measurement_or_a_wire_error(data: bytes) -> None:
    try:
        measurement = decode(data)
    except WireError:
        return
    assert 0 <= measurement.bpm <= 0xFFFF
    assert all(0 <= ticks <= 0xFFFF for ticks in measurement.rr_ticks)
    # what was understood survives being sent again
    assert decode(encode(measurement)) == measurement


uint16 = st.integers(0, 0xFFFF)


@given(
    st.builds(
        HeartRate,
        uint16,
        st.lists(uint16, max_size=9).map(tuple),
        contact=st.none() | st.booleans(),
        energy_kj=st.none() | uint16,
    ),
    st.booleans(),
)
def test_what_is_sent_is_what_is_read(measurement: HeartRate, wide: bool) -> None:  # noqa: FBT001 - drawn
    assert decode(encode(measurement, wide=wide)) == measurement


@pytest.mark.parametrize(
    ("data", "word"), [(b"\x01", "chest"), (b"\x05", "ear lobe"), (b"\x06", "foot"), (b"\x07", ""), (b"", "")]
)
def test_body_location_in_words(data: bytes, word: str) -> None:
    assert body_location(data) == word


def test_uuids_are_full_and_in_lower_case() -> None:
    uuids = {name: value for name, value in vars(heart_rate).items() if name.isupper() and isinstance(value, str)}
    assert uuids["HEART_RATE_MEASUREMENT"] == "00002a37-0000-1000-8000-00805f9b34fb"
    assert uuids["HEART_RATE_SERVICE"] == "0000180d-0000-1000-8000-00805f9b34fb"
    assert all(re.fullmatch(r"0000[0-9a-f]{4}-0000-1000-8000-00805f9b34fb", value) for value in uuids.values())
