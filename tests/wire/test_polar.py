"""Polar's packets: bytes put together by hand, and vectors that Polar and its users have published."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biotune.errors import WireError
from biotune.wire import polar
from biotune.wire.polar import AccelerometerFrame, Answer, EcgFrame, Operation, Setting, Status, Stream

ACCELEROMETER_OFFERS = {
    Setting.RATE_HZ: (200, 100, 50, 25),
    Setting.RESOLUTION_BITS: (16,),
    Setting.RANGE_G: (8, 4, 2),
}


def test_what_an_h10_answers_to_a_read_of_its_control_point() -> None:
    # 0F 05 00: polar-ble-sdk issue 287. Bit 0 is ECG, bit 2 the accelerometer.
    assert polar.read_features(bytes.fromhex("0f 05 00")) == {Stream.ECG, Stream.ACCELEROMETER}
    assert polar.read_features(bytes.fromhex("0f 04")) == {Stream.ACCELEROMETER}
    assert polar.read_features(bytes.fromhex("0f 2a 01")) == set()  # optical and more: none of ours


@pytest.mark.parametrize("sent", ["", "0f", "f0 05 00", "05"])
def test_anything_else_is_no_list_of_streams(sent: str) -> None:
    with pytest.raises(WireError, match="not a list"):
        polar.read_features(bytes.fromhex(sent))


@pytest.mark.parametrize(
    ("written", "operation", "stream", "settings"),
    [
        ("01 00", Operation.SETTINGS, Stream.ECG, {}),
        ("03 02", Operation.STOP, Stream.ACCELEROMETER, {}),
        # 130 = 0x82, 14 = 0x0e: as users of the H10 write it (polar-ble-sdk issue 40)
        ("02 00 00 01 82 00 01 01 0e 00", Operation.START, Stream.ECG, {0: 130, 1: 14}),
        # 200 = 0xc8, 16 = 0x10, 8 g
        ("02 02 00 01 c8 00 01 01 10 00 02 01 08 00", Operation.START, Stream.ACCELEROMETER, {0: 200, 1: 16, 2: 8}),
    ],
)
def test_a_command_is_written_as_straps_expect_it(
    written: str, operation: Operation, stream: Stream, settings: dict[int, int]
) -> None:
    wanted = {Setting(key): value for key, value in settings.items()}
    assert polar.write_command(operation, stream, wanted) == bytes.fromhex(written)
    meant = {key: (value,) for key, value in wanted.items()}
    assert polar.read_command(bytes.fromhex(written)) == (operation, stream, meant)


@pytest.mark.parametrize("sent", ["", "02", "07 00", "02 01", "02 00 00 02 82 00"])
def test_what_is_no_command_is_refused(sent: str) -> None:
    with pytest.raises(WireError):
        polar.read_command(bytes.fromhex(sent))


def test_a_setting_that_does_not_fit_is_refused() -> None:
    with pytest.raises(WireError, match="RATE_HZ cannot be"):
        polar.write_command(Operation.START, Stream.ECG, {Setting.RATE_HZ: 70_000})


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (
            "f0 01 00 00 00 00 01 82 00 01 01 0e 00",
            Answer(Operation.SETTINGS, Stream.ECG, Status.SUCCESS, {Setting.RATE_HZ: (130,), Setting(1): (14,)}),
        ),
        (
            "f0 01 02 00 00 00 04 c8 00 64 00 32 00 19 00 01 01 10 00 02 03 08 00 04 00 02 00",
            Answer(Operation.SETTINGS, Stream.ACCELEROMETER, Status.SUCCESS, ACCELEROMETER_OFFERS),
        ),
        # a factor of 4 bytes: 0x00009c40 = 40000; and one channel of 1 byte
        (
            "f0 02 00 00 00 05 01 40 9c 00 00 04 01 01",
            Answer(Operation.START, Stream.ECG, Status.SUCCESS, {Setting.FACTOR: (40_000,), Setting.CHANNELS: (1,)}),
        ),
        ("f0 03 00 00 00", Answer(Operation.STOP, Stream.ECG, Status.SUCCESS, {})),
        ("f0 02 00 00", Answer(Operation.START, Stream.ECG, Status.SUCCESS, {})),
        ("f0 02 00 06", Answer(Operation.START, Stream.ECG, Status.ALREADY_IN_STATE, {})),
        ("f0 02 02 0a 00", Answer(Operation.START, Stream.ACCELEROMETER, Status.INVALID_MTU, {})),
    ],
)
def test_an_answer_is_read_in_full(sent: str, meant: Answer) -> None:
    assert polar.read_answer(bytes.fromhex(sent)) == meant


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ("", "not an answer"),
        ("f0 02 00", "not an answer"),
        ("0f 05 00 00 00", "not an answer"),  # a read that BlueZ shows as a notification
        ("01 00 00 00", "not an answer"),
        ("f0 02 00 63", "something unknown"),
        ("f0 02 01 00", "something unknown"),
        ("f0 09 00 00", "something unknown"),
        ("f0 01 00 00 00 00 02 82 00", "end too early"),
        ("f0 01 00 00 00 00", "end too early"),
    ],
)
def test_anything_else_is_no_answer(sent: str, error: str) -> None:
    with pytest.raises(WireError, match=error):
        polar.read_answer(bytes.fromhex(sent))


def test_a_setting_of_a_later_firmware_ends_what_is_understood() -> None:
    answer = polar.read_answer(bytes.fromhex("f0 01 00 00 00 00 01 82 00 0b 01 ff ff ff"))
    assert answer.settings == {Setting.RATE_HZ: (130,)}


def test_every_status_has_words() -> None:
    assert len({status.words for status in Status}) == len(Status)
    # the numbers of polar-ble-sdk's documents
    assert [Status(number).name for number in (3, 6, 10)] == ["NOT_SUPPORTED", "ALREADY_IN_STATE", "INVALID_MTU"]


def test_a_strap_says_that_it_stopped_a_stream_by_itself() -> None:
    assert polar.read_stopped(bytes.fromhex("01 00")) == {Stream.ECG}
    assert polar.read_stopped(bytes.fromhex("01 02 00")) == {Stream.ECG, Stream.ACCELEROMETER}
    assert polar.read_stopped(bytes.fromhex("f0 02 00 00")) == set()
    assert polar.read_stopped(b"") == set()


# ---------------------------------------------------------------- frames


def test_an_ecg_frame_made_by_hand() -> None:
    # stamp 0x77359400 = 2,000,000,000; 0xfffe00 = -512, 0x000201 = 513, 0x7fffff and 0x800000 the extremes
    sent = "00 00 94 35 77 00 00 00 00 00  00 fe ff 01 02 00 ff ff 7f 00 00 80"
    meant = EcgFrame(2_000_000_000, (-512, 513, 8_388_607, -8_388_608))
    assert polar.decode(bytes.fromhex(sent)) == meant
    assert polar.encode(meant) == bytes.fromhex(sent)


def test_a_stamp_seen_on_a_real_h10_lies_where_its_clock_starts() -> None:
    # polar-ble-sdk issue 40; an H10's clock starts at 2019-01-01, 599,616,000 s after 2000
    frame = polar.decode(bytes.fromhex("00 a0 7d c8 a5 8c 44 52 08 00 01 00 00"))
    assert 0 < frame.stamp_ns / 1e9 - 599_616_000 < 86_400


def test_an_accelerometer_frame_made_by_hand() -> None:
    sent = "02 00 94 35 77 00 00 00 00 01  e8 03 18 fc 00 00  ff ff 01 00 00 80"
    meant = AccelerometerFrame(2_000_000_000, ((1000, -1000, 0), (-1, 1, -32_768)))
    assert polar.decode(bytes.fromhex(sent)) == meant
    assert polar.encode(meant) == bytes.fromhex(sent)


def test_polars_own_vector_of_a_compressed_frame() -> None:
    # iOSCommunicationsTests.swift, testPmdDeltaFrameDecoder: two blocks of 3-bit differences
    body = "ff ff ff ff ff ff 03 03 aa aa cc cf 03 02 aa aa cc"
    frame = polar.decode(bytes.fromhex("02 00 94 35 77 00 00 00 00 81" + body))
    assert frame.milli_g == ((-1, -1, -1), (1, -4, 1), (-2, -2, 2), (1, -4, 1), (3, -7, 3), (0, -5, 4))


def test_a_compressed_frame_made_by_hand() -> None:
    # first (-22, 8, 13); one difference of 4 bits: x 7 (0111), y -8 (1000), z -1 (1111): 0x87, 0x0f
    frame = polar.decode(bytes.fromhex("02 01 00 00 00 00 00 00 00 81 ea ff 08 00 0d 00 04 01 87 0f"))
    assert frame == AccelerometerFrame(1, ((-22, 8, 13), (-15, 0, 12)))


HEAD = "00 94 35 77 00 00 00 00"


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ("", "no sample"),
        (f"00 {HEAD} 00", "no sample"),
        (f"00 {HEAD} 00 01 02", "cut short"),
        (f"02 {HEAD} 01 01 02 03", "cut short"),
        (f"00 {HEAD} 80 01 02 03", "not known"),
        (f"02 {HEAD} 80 01 02 03 04 05 06", "not known"),  # in units of a factor that frames do not carry
        (f"01 {HEAD} 00 01 02 03", "not known"),
        (f"02 {HEAD} 81 01 02 03", "cut short"),
        (f"02 {HEAD} 81 01 02 03 04 05 06 03", "empty or cut short"),
        (f"02 {HEAD} 81 01 02 03 04 05 06 03 00", "empty or cut short"),
        (f"02 {HEAD} 81 01 02 03 04 05 06 00 03", "empty or cut short"),
        (f"02 {HEAD} 81 01 02 03 04 05 06 03 03 aa", "empty or cut short"),
    ],
)
def test_a_frame_that_cannot_be_used_says_why_and_shows_its_bytes(sent: str, why: str) -> None:
    with pytest.raises(WireError, match="cannot be used") as error:
        polar.decode(bytes.fromhex(sent))
    assert why in error.value.why
    assert bytes.fromhex(sent).hex(" ") in error.value.why


@pytest.mark.parametrize(
    "frame", [EcgFrame(-1, (0,)), EcgFrame(0, (1 << 23,)), AccelerometerFrame(0, ((40_000, 0, 0),))]
)
def test_a_frame_that_does_not_fit_is_refused(frame: polar.Frame) -> None:
    with pytest.raises(WireError, match="cannot be sent"):
        polar.encode(frame)


def test_how_many_samples_a_connection_carries() -> None:
    # an H10 sends 19 to 73 samples a frame (polar-ble-sdk issues 40 and 55)
    assert [polar.samples_a_frame(Stream.ECG, mtu) for mtu in (23, 70, 232)] == [3, 19, 73]
    assert polar.samples_a_frame(Stream.ACCELEROMETER, 232) == 36
    assert polar.samples_a_frame(Stream.ECG, 0) == 0


@given(st.binary(max_size=80))
def test_any_bytes_are_understood_or_refused(data: bytes) -> None:
    for read in (polar.decode, polar.read_answer, polar.read_features, polar.read_command):
        with contextlib.suppress(WireError):
            read(data)
    assert polar.read_stopped(data) <= set(Stream)


@given(st.binary(min_size=1, max_size=60), st.sampled_from(["00{}00", "02{}01", "02{}81"]))
def test_any_body_of_a_known_frame_is_understood_or_refused(body: bytes, head: str) -> None:
    try:
        frame = polar.decode(bytes.fromhex(head.format("00" * 8)) + body)
    except WireError:
        return
    assert frame.microvolts if isinstance(frame, EcgFrame) else frame.milli_g


stamps = st.integers(0, 2**64 - 1)
axis = st.integers(-(2**15), 2**15 - 1)
frames = st.builds(EcgFrame, stamps, st.lists(st.integers(-(2**23), 2**23 - 1), min_size=1).map(tuple)) | st.builds(
    AccelerometerFrame, stamps, st.lists(st.tuples(axis, axis, axis), min_size=1).map(tuple)
)


@given(frames)
def test_what_is_sent_is_what_is_read(frame: polar.Frame) -> None:
    assert polar.decode(polar.encode(frame)) == frame


settings = st.fixed_dictionaries(
    {Setting.RATE_HZ: st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=9).map(tuple)},
    optional={Setting.CHANNELS: st.just((3,)), Setting.FACTOR: st.just((1 << 31,))},
)


@given(st.sampled_from([Operation.SETTINGS, Operation.START]), st.sampled_from(Stream), settings)
def test_an_answer_sent_is_the_answer_read(operation: Operation, stream: Stream, offered: dict) -> None:
    answer = Answer(operation, stream, Status.SUCCESS, offered)
    assert polar.read_answer(polar.write_answer(answer)) == answer
