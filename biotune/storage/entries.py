"""An entry of the log as plain data, and back.

`to_json` and `from_json` are the form of a log file; in the database a packet's bytes stand in
a column of their own (`to_columns`, `from_columns`). The kind of an entry is its word in
`biotune.domain.ENTRY_KINDS` and travels beside its fields.
"""

import functools
import json
import math
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any, get_args, get_type_hints

from biotune.domain import ENTRY_KINDS, KIND_OF_ENTRY, Entry, PacketReceived, StrapIdentity
from biotune.errors import StorageError


def to_json(entry: Entry) -> dict[str, Any]:
    """Return the entry's fields as JSON values; bytes as hexadecimal text, enums as their words.

    Raises
    ------
    StorageError
        Where a number is not finite, which JSON cannot say.

    Examples
    --------
    >>> from biotune.domain import Request, RequestMade
    >>> to_json(RequestMade(Request.STOP))
    {'request': 'stop', 'phase': None}
    """
    return {field.name: _plain(getattr(entry, field.name)) for field in fields(entry)}


def from_json(kind: str, document: Mapping[str, Any]) -> Entry:
    """Return the entry that `to_json` described.

    Raises
    ------
    StorageError
        Where the kind is unknown, or the fields are not those of that kind.

    Examples
    --------
    >>> from_json("request", {"request": "stop"})
    RequestMade(request=<Request.STOP: 'stop'>, phase=None)
    """
    if kind not in ENTRY_KINDS:
        raise StorageError(
            f"the log has a line of the unknown kind {kind!r}", hint="It may come from a newer version of biotune."
        )
    try:
        entry: Entry = _build(ENTRY_KINDS[kind], document)
    except (TypeError, ValueError, OverflowError) as error:
        raise StorageError(f"a log line of the kind {kind!r} cannot be read", why=f"{error}.") from error
    return entry


def to_columns(entry: Entry) -> tuple[str, bytes | None, str]:
    """Return kind, packet bytes and the rest as JSON text."""
    if isinstance(entry, PacketReceived):
        return KIND_OF_ENTRY[PacketReceived], entry.data, _detail_of_packet(entry.characteristic)
    return KIND_OF_ENTRY[type(entry)], None, _text(to_json(entry))


def from_columns(kind: str, data: bytes | None, detail: str) -> Entry:
    """Return the entry that `to_columns` took apart.

    Raises
    ------
    StorageError
        As `from_json`, or where the text is not JSON.
    """
    if kind == KIND_OF_ENTRY[PacketReceived] and data is not None:
        return PacketReceived(_characteristic(detail), data)
    return _from_text(kind, detail)


# Entries are frozen, and a log says the same again and again: what was read once is handed out again.
@functools.lru_cache(maxsize=4096)
def _from_text(kind: str, detail: str) -> Entry:
    return from_json(kind, _load(kind, detail))


@functools.lru_cache(maxsize=64)
def _characteristic(detail: str) -> str:
    kind = KIND_OF_ENTRY[PacketReceived]
    packet = from_json(kind, {**_load(kind, detail), "data": ""})
    return packet.characteristic if isinstance(packet, PacketReceived) else ""


@functools.lru_cache(maxsize=64)
def _detail_of_packet(characteristic: str) -> str:
    return _text({"characteristic": characteristic})


def _text(document: Mapping[str, object]) -> str:
    return json.dumps(document, separators=(",", ":"))


def _load(kind: str, detail: str) -> dict[str, Any]:
    try:
        document = json.loads(detail)
    except ValueError as error:
        raise StorageError(f"a log line of the kind {kind!r} cannot be read", why=f"{error}.") from error
    if not isinstance(document, dict):
        raise StorageError(f"a log line of the kind {kind!r} cannot be read", why=f"{detail!r} has no fields.")
    return document


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and not math.isfinite(value):
        raise StorageError(f"the log cannot hold the number {value}")
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


@functools.cache
def _required(cls: type) -> frozenset[str]:
    return frozenset(field.name for field in fields(cls) if field.default is MISSING)


def _build(cls: type, document: object) -> Any:  # noqa: ANN401 - the class is known at run time only
    if not isinstance(document, Mapping):
        raise TypeError(f"{document!r} stands where {cls.__name__} was expected")
    hints = _hints(cls)
    if missing := _required(cls) - document.keys():
        raise ValueError(f"{', '.join(sorted(missing))} is missing")
    if unknown := document.keys() - hints.keys():
        raise ValueError(f"{', '.join(sorted(map(str, unknown)))} is not a field of it")
    return cls(**{name: _parse(hints[name], value) for name, value in document.items()})


def _parse(hint: Any, value: Any) -> object:  # noqa: ANN401 - any JSON value, any type hint
    if isinstance(hint, types.UnionType):  # the entries know only `X | None`
        return None if value is None else _parse(get_args(hint)[0], value)
    if hint is float and type(value) in {int, float}:
        if not math.isfinite(value):
            raise ValueError(f"{value} is not a finite number")
        return float(value)
    if hint is bytes:
        return value if isinstance(value, bytes) else bytes.fromhex(value)
    if hint is StrapIdentity:
        return _build(StrapIdentity, value)
    if issubclass(hint, Enum):
        return hint(value)
    if type(value) is not hint:
        raise TypeError(f"{value!r} stands where {hint.__name__} was expected")
    return value
