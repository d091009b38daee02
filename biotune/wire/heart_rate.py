"""The Heart Rate Service: what a strap's notification says.

Bytes in, frozen values out; no input or output of its own. Layout after the Bluetooth SIG's Heart
Rate Service 1.0 and the GATT Specification Supplement, "Heart Rate Measurement":

========================  ======================================================================
field                     present
========================  ======================================================================
flags, uint8              always: bit 0 16-bit rate, bit 1 contact, bit 2 contact bit is meant,
                          bit 3 energy, bit 4 RR intervals
rate, uint8 or uint16     always; bpm
energy expended, uint16   with bit 3; kJ since the last reset
RR intervals, uint16 …    with bit 4; 1/1024 s, oldest first, as many as there are
========================  ======================================================================
"""

import struct
from dataclasses import dataclass

from biotune.errors import WireError


def _uuid(assigned: int) -> str:
    # Bluetooth Core Specification, Vol 3, Part B, 2.5.1: a 16-bit UUID stands for this 128-bit one
    return f"0000{assigned:04x}-0000-1000-8000-00805f9b34fb"


# Bluetooth SIG, Assigned Numbers, "Services" and "Characteristics"
HEART_RATE_SERVICE = _uuid(0x180D)
HEART_RATE_MEASUREMENT = _uuid(0x2A37)
BODY_SENSOR_LOCATION = _uuid(0x2A38)
BATTERY_SERVICE = _uuid(0x180F)
BATTERY_LEVEL = _uuid(0x2A19)
DEVICE_INFORMATION_SERVICE = _uuid(0x180A)
MODEL_NUMBER = _uuid(0x2A24)
SERIAL_NUMBER = _uuid(0x2A25)
FIRMWARE_REVISION = _uuid(0x2A26)
MANUFACTURER_NAME = _uuid(0x2A29)

# GATT Specification Supplement, "Body Sensor Location"; the words are the standard's own, in lower case
BODY_LOCATIONS = ("other", "chest", "wrist", "finger", "hand", "ear lobe", "foot")

_WIDE = 1 << 0
_CONTACT = 1 << 1
_CONTACT_SUPPORTED = 1 << 2
_ENERGY = 1 << 3
_RR = 1 << 4


@dataclass(frozen=True, slots=True)
class HeartRate:
    """One Heart Rate Measurement.

    Attributes
    ----------
    bpm : int
        The strap's own heart rate; 0 where it has none.
    rr_ticks : tuple of int
        RR intervals in 1/1024 s, oldest first; often empty.
    contact : bool or None
        Whether the strap feels skin; None where it does not say (many straps do not).
    energy_kj : int or None
        Energy expended since the last reset, in kJ.
    """

    bpm: int
    rr_ticks: tuple[int, ...] = ()
    contact: bool | None = None
    energy_kj: int | None = None


def decode(data: bytes) -> HeartRate:
    """Read one notification of characteristic 0x2A37.

    An odd byte after the last whole RR interval is passed over, as some straps send one; so is
    whatever follows the announced fields, where a later version of the standard may add more.

    Parameters
    ----------
    data : bytes
        The notification's value.

    Returns
    -------
    HeartRate

    Raises
    ------
    WireError
        Where the bytes end before a field that the flags announce.

    Examples
    --------
    >>> decode(bytes.fromhex("10 3c 00 04 e8 03"))
    HeartRate(bpm=60, rr_ticks=(1024, 1000), contact=None, energy_kj=None)
    """
    if not data:
        raise _truncated(data, "there are no flags")
    flags = data[0]
    bpm, offset = _uint16(data, 1, "16-bit heart rate") if flags & _WIDE else _uint8(data, 1, "heart rate")
    energy_kj = None
    if flags & _ENERGY:
        energy_kj, offset = _uint16(data, offset, "energy expended")
    rr_ticks: tuple[int, ...] = ()
    if flags & _RR:
        rr_ticks = struct.unpack_from(f"<{(len(data) - offset) // 2}H", data, offset)
    contact = bool(flags & _CONTACT) if flags & _CONTACT_SUPPORTED else None
    return HeartRate(bpm, rr_ticks, contact, energy_kj)


def encode(measurement: HeartRate, *, wide: bool = False) -> bytes:
    """Write the notification that says `measurement`; what `decode` reads back.

    Parameters
    ----------
    measurement : HeartRate
        Every number from 0 to 65535.
    wide : bool
        Send the rate in 16 bits even where 8 would do.

    Raises
    ------
    WireError
        Where a number does not fit its field.

    Examples
    --------
    >>> encode(HeartRate(60, rr_ticks=(1024,), contact=True)).hex(" ")
    '16 3c 00 04'
    """
    wide = wide or measurement.bpm > 0xFF  # noqa: PLR2004 - what 8 bits hold
    flags = (_WIDE if wide else 0) | (_RR if measurement.rr_ticks else 0)
    if measurement.contact is not None:
        flags |= _CONTACT_SUPPORTED | (_CONTACT if measurement.contact else 0)
    words = measurement.rr_ticks
    if measurement.energy_kj is not None:
        flags |= _ENERGY
        words = (measurement.energy_kj, *words)
    try:
        return struct.pack(f"<B{'H' if wide else 'B'}{len(words)}H", flags, measurement.bpm, *words)
    except struct.error as error:
        raise WireError(f"{measurement} cannot be sent", why=f"A number does not fit its field: {error}.") from error


def body_location(data: bytes) -> str:
    """Return the word for a value of characteristic 0x2A38; empty for one that the standard does not know."""
    return BODY_LOCATIONS[data[0]] if data and data[0] < len(BODY_LOCATIONS) else ""


def _uint8(data: bytes, offset: int, field: str) -> tuple[int, int]:
    if len(data) < offset + 1:
        raise _truncated(data, f"the {field} is missing")
    return data[offset], offset + 1


def _uint16(data: bytes, offset: int, field: str) -> tuple[int, int]:
    if len(data) < offset + 2:
        raise _truncated(data, f"the {field} is missing or cut short")
    return int.from_bytes(data[offset : offset + 2], "little"), offset + 2


def _truncated(data: bytes, why: str) -> WireError:
    return WireError(
        "A heart rate packet ends too early", why=f"Its {len(data)} bytes are [{data.hex(' ')}], and {why}."
    )
