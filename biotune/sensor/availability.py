"""Why Bluetooth cannot be had on this machine, and what to do about it.

Bleak and the systems below it say so in many ways; people get one of a few words, and the
remedy for the system they sit at.
"""

import sys
from enum import StrEnum

from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakDBusError

from biotune.errors import BluetoothUnavailable

_BleakReason = BleakBluetoothNotAvailableReason


class Obstacle(StrEnum):
    """What stands between this program and the radio; the value is what a person reads."""

    NO_ADAPTER = "This machine has no Bluetooth adapter"
    NO_LOW_ENERGY = "This machine's Bluetooth adapter cannot speak Low Energy"
    OFF = "Bluetooth is switched off"
    DENIED = "This program may not use Bluetooth"
    NO_SERVICE = "The Bluetooth service is not running"
    NO_BUS = "The system's message bus (D-Bus) cannot be reached"
    UNKNOWN = "Bluetooth does not work"


_BY_REASON = {
    _BleakReason.NO_BLUETOOTH: Obstacle.NO_ADAPTER,
    _BleakReason.NO_BLE_CENTRAL_ROLE: Obstacle.NO_LOW_ENERGY,
    _BleakReason.POWERED_OFF: Obstacle.OFF,
    _BleakReason.DENIED_BY_USER: Obstacle.DENIED,
    _BleakReason.DENIED_BY_SYSTEM: Obstacle.DENIED,
    _BleakReason.DENIED_BY_UNKNOWN: Obstacle.DENIED,
}

# D-Bus specification, "org.freedesktop.DBus.Error", and BlueZ's doc/org.bluez.Adapter.rst
_BY_DBUS_ERROR = {
    "org.bluez.Error.NotReady": Obstacle.OFF,
    "org.bluez.Error.NotAuthorized": Obstacle.DENIED,
    "org.freedesktop.DBus.Error.AccessDenied": Obstacle.DENIED,
    "org.freedesktop.DBus.Error.AuthFailed": Obstacle.DENIED,
    "org.freedesktop.DBus.Error.ServiceUnknown": Obstacle.NO_SERVICE,
    "org.freedesktop.DBus.Error.NameHasNoOwner": Obstacle.NO_SERVICE,
    "org.freedesktop.DBus.Error.NoReply": Obstacle.NO_SERVICE,
    "org.freedesktop.DBus.Error.UnknownObject": Obstacle.NO_ADAPTER,
    "org.freedesktop.systemd1.NoSuchUnit": Obstacle.NO_SERVICE,
}

_LINUX = {
    Obstacle.NO_ADAPTER: "Plug in a Bluetooth adapter (4.0 or later); `bluetoothctl list` shows it once it is there.",
    Obstacle.OFF: "Turn it on in the settings or with `bluetoothctl power on`; if it is blocked, "
    "`rfkill unblock bluetooth` first.",
    Obstacle.DENIED: "Join the group: `sudo usermod -aG bluetooth $USER`, then log out and in again.",
    Obstacle.NO_SERVICE: "Install and start it: `sudo apt install bluez`, then `sudo systemctl start bluetooth`.",
    Obstacle.NO_BUS: "Start the dbus service; inside a container, pass the host's system bus socket in.",
}
_MACOS = {
    Obstacle.OFF: "Turn it on in System Settings > Bluetooth.",
    Obstacle.DENIED: "Allow your terminal in System Settings > Privacy & Security > Bluetooth, then start it again.",
}
_WINDOWS = {
    Obstacle.NO_ADAPTER: "Plug in a Bluetooth adapter (4.0 or later); Device Manager shows it once it is there.",
    Obstacle.OFF: "Turn it on in Settings > Bluetooth & devices.",
    Obstacle.DENIED: "Allow it in Settings > Privacy & security > Radios.",
}
_REMEDIES = {"linux": _LINUX, "darwin": _MACOS, "win32": _WINDOWS}
_ANYWHERE = {
    Obstacle.NO_ADAPTER: "Plug in a Bluetooth adapter (4.0 or later).",
    Obstacle.NO_LOW_ENERGY: "Use an adapter of Bluetooth 4.0 or later.",
}
_LAST_RESORT = "Switch Bluetooth off and on again; if that does not help, restart the machine."


def obstacle(error: Exception) -> Obstacle:
    """Name what an error of Bleak's, or of the system's below it, means.

    Examples
    --------
    >>> obstacle(FileNotFoundError("no such socket"))
    <Obstacle.NO_BUS: "The system's message bus (D-Bus) cannot be reached">
    """
    if isinstance(error, BleakBluetoothNotAvailableError):
        return _BY_REASON.get(error.reason, Obstacle.UNKNOWN)
    if isinstance(error, BleakDBusError):
        name = error.dbus_error
        if name.startswith("org.freedesktop.DBus.Error.Spawn"):
            return Obstacle.NO_SERVICE
        return _BY_DBUS_ERROR.get(name, Obstacle.UNKNOWN)
    if isinstance(error, TimeoutError):
        return Obstacle.UNKNOWN
    if isinstance(error, PermissionError):
        return Obstacle.DENIED
    return Obstacle.NO_BUS if isinstance(error, (OSError, EOFError)) else Obstacle.UNKNOWN


def reason(error: Exception) -> str:
    """Return the reason in words, without the number that the system gives it."""
    if isinstance(error, TimeoutError):
        return "It did not answer in time."
    if isinstance(error, FileNotFoundError):
        return "No such bus runs on this machine."
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"The system says: {said}"


def unavailable(error: Exception, *, platform: str = sys.platform) -> BluetoothUnavailable:
    """Return the error a person reads: what, why, and the remedy on `platform`."""
    found = obstacle(error)
    why = reason(error)
    hint = _REMEDIES.get(platform, {}).get(found) or _ANYWHERE.get(found, _LAST_RESORT)
    return BluetoothUnavailable(found.value, why=why, hint=hint)
