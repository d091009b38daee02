"""Polar's measurement service: ECG and accelerometer, how they are asked for and what comes.

Bytes in, frozen values out. Layout after Polar's published "Measurement Data" service and the documents of
its SDK (github.com/polarofficial/polar-ble-sdk); all numbers little-endian.

A command is written to the control point, whose answer begins with ``F0``: operation, stream, status, a byte
that announces more, and the settings. A read of the control point tells the streams there are; it begins with
``0F``, and BlueZ shows whoever is subscribed the value of a read as if it had been an answer.

A frame is the stream (1 byte), the stamp of its **last** sample (8 bytes, ns since 2000 by the strap's own
clock), the frame's type (1 byte, the highest bit for compressed) and the samples.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from biotune.errors import WireError

POLAR_SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
POLAR_CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
POLAR_DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"

NOMINAL_ECG_HZ = 130
LEAST_MTU = 70  # below, an H10 streams nothing: 3 bytes of ATT, 10 of header, 19 samples of ECG
SAMPLE_BYTES_ECG = 3
SAMPLE_BYTES_ACCELEROMETER = 6

_FEATURES = 0x0F
_ANSWER = 0xF0
_STOPPED = 0x01
_COMPRESSED = 0x80
_HEADER = struct.Struct("<BQB")
_AXES = 3


class Stream(IntEnum):
    """What can be streamed, as far as it is used here."""

    ECG = 0
    ACCELEROMETER = 2


class Operation(IntEnum):
    """What the control point can be told."""

    SETTINGS = 1
    START = 2
    STOP = 3


class Setting(IntEnum):
    """What can be set of a stream."""

    RATE_HZ = 0
    RESOLUTION_BITS = 1
    RANGE_G = 2
    RANGE_MILLI = 3
    CHANNELS = 4
    FACTOR = 5


_SETTING_BYTES = {Setting.RANGE_MILLI: 4, Setting.CHANNELS: 1, Setting.FACTOR: 4}  # the others have 2


class Status(IntEnum):
    """What the control point answers."""

    SUCCESS = 0
    INVALID_OPERATION = 1
    INVALID_STREAM = 2
    NOT_SUPPORTED = 3
    INVALID_LENGTH = 4
    INVALID_PARAMETER = 5
    ALREADY_IN_STATE = 6
    INVALID_RESOLUTION = 7
    INVALID_RATE = 8
    INVALID_RANGE = 9
    INVALID_MTU = 10
    INVALID_CHANNELS = 11
    INVALID_STATE = 12
    IN_CHARGER = 13
    DISK_FULL = 14

    @property
    def words(self) -> str:
        """What a person reads."""
        return _WORDS[self]


_WORDS = {
    Status.SUCCESS: "done",
    Status.INVALID_OPERATION: "it does not know the command",
    Status.INVALID_STREAM: "it does not know the stream",
    Status.NOT_SUPPORTED: "it does not offer this",
    Status.INVALID_LENGTH: "the command has the wrong length",
    Status.INVALID_PARAMETER: "it does not accept a setting",
    Status.ALREADY_IN_STATE: "it is doing so already",
    Status.INVALID_RESOLUTION: "it does not have this resolution",
    Status.INVALID_RATE: "it does not have this sampling rate",
    Status.INVALID_RANGE: "it does not have this range",
    Status.INVALID_MTU: "the connection's packets are too small",
    Status.INVALID_CHANNELS: "it does not have so many channels",
    Status.INVALID_STATE: "it cannot do so now",
    Status.IN_CHARGER: "it is in its charger",
    Status.DISK_FULL: "its memory is full",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The control point's answer to a command; `settings` are what it offers, or what it has set."""

    operation: Operation
    stream: Stream
    status: Status
    settings: Mapping[Setting, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class EcgFrame:
    """One notification of ECG.

    Attributes
    ----------
    stamp_ns : int
        When the last sample was taken, ns since 2000 by the strap's clock, which nobody need have set.
    microvolts : tuple of int
        The samples, µV, oldest first.
    """

    stamp_ns: int
    microvolts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AccelerometerFrame:
    """One notification of the accelerometer.

    Attributes
    ----------
    stamp_ns : int
        As in `EcgFrame`.
    milli_g : tuple of (int, int, int)
        Acceleration along x, y and z in thousandths of g, oldest first.
    """

    stamp_ns: int
    milli_g: tuple[tuple[int, int, int], ...]


Frame = EcgFrame | AccelerometerFrame


# ---------------------------------------------------------------- the control point


def read_features(data: bytes) -> frozenset[Stream]:
    """Read which streams the strap has: the control point's value when it is read.

    Raises
    ------
    WireError
        Where this is not such a value.

    Examples
    --------
    >>> sorted(stream.name for stream in read_features(bytes.fromhex("0f 05 00")))  # an H10
    ['ACCELEROMETER', 'ECG']
    """
    if len(data) < 2 or data[0] != _FEATURES:  # noqa: PLR2004 - the mark and one byte of bits
        raise WireError("This is not a list of Polar's streams", why=f"Its bytes are [{data.hex(' ')}].")
    bits = int.from_bytes(data[1:], "little")
    return frozenset(stream for stream in Stream if bits >> stream & 1)


def write_command(operation: Operation, stream: Stream, settings: Mapping[Setting, int] | None = None) -> bytes:
    """Write a command for the control point; `settings` go with a start.

    Examples
    --------
    >>> write_command(Operation.START, Stream.ECG, {Setting.RATE_HZ: 130, Setting.RESOLUTION_BITS: 14}).hex(" ")
    '02 00 00 01 82 00 01 01 0e 00'
    """
    return bytes([operation, stream]) + _write_settings({key: (value,) for key, value in (settings or {}).items()})


def read_command(data: bytes) -> tuple[Operation, Stream, dict[Setting, tuple[int, ...]]]:
    """Read what `write_command` writes: a strap made of software does.

    Raises
    ------
    WireError
        Where it is none.
    """
    try:
        return Operation(data[0]), Stream(data[1]), _read_settings(data[2:])
    except (IndexError, ValueError) as error:
        raise WireError("This is not a command of Polar's", why=f"Its bytes are [{data.hex(' ')}].") from error


def read_answer(data: bytes) -> Answer:
    """Read the control point's answer to a command.

    Raises
    ------
    WireError
        Where it is none: only what begins with ``F0`` is.

    Examples
    --------
    >>> read_answer(bytes.fromhex("f0 01 00 00 00 00 01 82 00 01 01 0e 00")).settings[Setting.RATE_HZ]
    (130,)
    >>> read_answer(bytes.fromhex("f0 02 00 06")).status.words
    'it is doing so already'
    """
    if len(data) < 4 or data[0] != _ANSWER:  # noqa: PLR2004 - mark, operation, stream, status
        raise WireError("This is not an answer of Polar's control point", why=f"Its bytes are [{data.hex(' ')}].")
    try:
        operation, stream, status = Operation(data[1]), Stream(data[2]), Status(data[3])
    except ValueError as error:
        raise WireError(
            "Polar's control point answers something unknown", why=f"{error}; its bytes are [{data.hex(' ')}]."
        ) from error
    offered = _read_settings(data[5:]) if status is Status.SUCCESS and operation is not Operation.STOP else {}
    return Answer(operation, stream, status, offered)


def write_answer(answer: Answer) -> bytes:
    """Write an answer as a strap sends it."""
    head = bytes([_ANSWER, answer.operation, answer.stream, answer.status])
    return head if answer.status is not Status.SUCCESS else head + b"\0" + _write_settings(answer.settings)


def read_stopped(data: bytes) -> frozenset[Stream]:
    """Read which streams the strap says it has stopped by itself; empty where it says something else.

    Examples
    --------
    >>> read_stopped(bytes.fromhex("01 00"))
    frozenset({<Stream.ECG: 0>})
    """
    return (
        frozenset(stream for stream in Stream if stream in data[1:]) if data[:1] == bytes([_STOPPED]) else frozenset()
    )


def _write_settings(settings: Mapping[Setting, tuple[int, ...]]) -> bytes:
    parts = []
    for key, values in settings.items():
        size = _SETTING_BYTES.get(key, 2)
        try:
            parts.append(bytes([key, len(values)]) + b"".join(value.to_bytes(size, "little") for value in values))
        except (OverflowError, ValueError) as error:
            raise WireError(f"{key.name} cannot be {values}", why=str(error)) from error
    return b"".join(parts)


def _read_settings(data: bytes) -> dict[Setting, tuple[int, ...]]:
    settings: dict[Setting, tuple[int, ...]] = {}
    offset = 0
    while offset < len(data):
        if data[offset] not in Setting.__members__.values():
            return settings  # a later firmware's: its length is not known, nor what follows
        key = Setting(data[offset])
        size = _SETTING_BYTES.get(key, 2)
        count = data[offset + 1] if offset + 1 < len(data) else 0
        offset += 2
        values = [data[offset + size * k : offset + size * (k + 1)] for k in range(count)]
        offset += size * count
        if offset > len(data) or not count:
            raise WireError("Polar's settings end too early", why=f"The bytes are [{data.hex(' ')}].")
        settings[key] = tuple(int.from_bytes(value, "little") for value in values)
    return settings


# ---------------------------------------------------------------- frames


def decode(data: bytes) -> Frame:
    """Read one notification of Polar's data characteristic.

    Parameters
    ----------
    data : bytes
        The notification's value.

    Returns
    -------
    EcgFrame or AccelerometerFrame
        ECG is understood uncompressed (type 0, 3 bytes a sample); the accelerometer uncompressed in 16 bits
        (type 1) and compressed in thousandths of g (type 1).

    Raises
    ------
    WireError
        Where it is another stream or type, is cut short, or has no sample.

    Examples
    --------
    >>> decode(bytes.fromhex("00 00 94 35 77 00 00 00 00 00 ff ff ff 10 27 00"))
    EcgFrame(stamp_ns=2000000000, microvolts=(-1, 10000))
    """
    if len(data) <= _HEADER.size:
        raise _unusable(data, "it has no sample")
    kind, stamp_ns, frame_type = _HEADER.unpack_from(data)
    body = data[_HEADER.size :]
    if (kind, frame_type) == (Stream.ECG, 0):
        return EcgFrame(stamp_ns, _integers(data, body, SAMPLE_BYTES_ECG))
    if (kind, frame_type) == (Stream.ACCELEROMETER, 1):
        if len(body) % SAMPLE_BYTES_ACCELEROMETER:
            raise _unusable(data, "its last sample is cut short")
        return AccelerometerFrame(stamp_ns, tuple(struct.iter_unpack("<3h", body)))
    if (kind, frame_type) == (Stream.ACCELEROMETER, _COMPRESSED | 1):
        return AccelerometerFrame(stamp_ns, _decompress(data, body))
    raise _unusable(data, f"stream {kind} with frames of type 0x{frame_type:02x} is not known here")


def encode(frame: Frame) -> bytes:
    """Write the notification that says `frame`, uncompressed; what `decode` reads back.

    Raises
    ------
    WireError
        Where a number does not fit.
    """
    try:
        if isinstance(frame, EcgFrame):
            head = _HEADER.pack(Stream.ECG, frame.stamp_ns, 0)
            return head + b"".join(value.to_bytes(3, "little", signed=True) for value in frame.microvolts)
        head = _HEADER.pack(Stream.ACCELEROMETER, frame.stamp_ns, 1)
        return head + b"".join(struct.pack("<3h", *sample) for sample in frame.milli_g)
    except (OverflowError, struct.error) as error:
        raise WireError("A frame cannot be sent", why=f"A number does not fit its field: {error}.") from error


def samples_a_frame(stream: Stream, mtu: int) -> int:
    """How many samples a notification holds on a connection of that MTU; 3 bytes of it are ATT's own.

    Examples
    --------
    >>> samples_a_frame(Stream.ECG, 70), samples_a_frame(Stream.ECG, 232)
    (19, 73)
    """
    size = SAMPLE_BYTES_ECG if stream is Stream.ECG else SAMPLE_BYTES_ACCELEROMETER
    return max(0, (mtu - 3 - _HEADER.size) // size)


def _integers(data: bytes, body: bytes, size: int) -> tuple[int, ...]:
    if len(body) % size:
        raise _unusable(data, "its last sample is cut short")
    return tuple(int.from_bytes(body[k : k + size], "little", signed=True) for k in range(0, len(body), size))


def _decompress(data: bytes, body: bytes) -> tuple[tuple[int, int, int], ...]:
    """Add up differences: a first sample of three 16-bit numbers, then blocks of (bits, samples, differences).

    The differences of a block are signed numbers of that many bits, x y z, x y z …, packed from the lowest bit of
    each byte up; a block ends with its byte.
    """
    if len(body) < SAMPLE_BYTES_ACCELEROMETER:
        raise _unusable(data, "its first sample is cut short")
    x, y, z = struct.unpack_from("<3h", body)
    samples = [(x, y, z)]
    offset = SAMPLE_BYTES_ACCELEROMETER
    while offset < len(body):
        bits, count = (*body[offset : offset + 2], 0)[:2]
        length = (bits * count * _AXES + 7) // 8
        offset += 2
        if not bits or not count or offset + length > len(body):
            raise _unusable(data, "a block of differences is empty or cut short")
        packed = int.from_bytes(body[offset : offset + length], "little")
        offset += length
        for _ in range(count):
            step = []
            for _ in range(_AXES):
                value = packed & ((1 << bits) - 1)
                step.append(value - (1 << bits) if value >> (bits - 1) else value)
                packed >>= bits
            x, y, z = x + step[0], y + step[1], z + step[2]
            samples.append((x, y, z))
    return tuple(samples)


def _unusable(data: bytes, why: str) -> WireError:
    return WireError("A packet of Polar's cannot be used", why=f"Its {len(data)} bytes are [{data.hex(' ')}]; {why}.")
