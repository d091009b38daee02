"""Clients: who they are under their code, what they want and like, and when they were here last."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from biotune.domain import ContextGiven, client_code
from biotune.domain.clients import LONGEST_TEXT, Client, looks_like_a_name
from biotune.domain.plain_text import plain
from biotune.errors import StorageError, UsageError
from biotune.storage.clients import ClientName
from biotune.storage.database import look_up_revision
from biotune.storage.store import Store

__all__ = ["ClientName", "ClientRow", "Clients", "code_in", "code_of"]

_KIND = "client"


@dataclass(frozen=True, slots=True)
class ClientRow:
    """One row of the list of clients.

    Attributes
    ----------
    client : Client
        What is kept of them; only the code where nothing is.
    name : str
        Empty where none is kept.
    sessions : int
        How many there are.
    last : datetime or None
        When the last one began.
    last_protocol : str
        What was done then.
    """

    client: Client
    name: str
    sessions: int
    last: datetime | None
    last_protocol: str


class Clients:
    """The clients of one data folder.

    Parameters
    ----------
    store : Store
        Where their documents, names and sessions are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def list(self) -> tuple[ClientRow, ...]:
        """Return everyone who has a document, a name or a session; who was here last stands first."""
        kept, names = self._store.documents.all(_KIND), self._store.clients.names()
        rows: dict[str, ClientRow] = {}
        for each in sorted(self._store.outlines(), key=lambda outline: outline.started, reverse=True):
            known = rows.get(each.client)
            if each.client and known is None:
                rows[each.client] = ClientRow(Client(each.client), "", 1, each.started, each.protocol)
            elif known:
                rows[each.client] = ClientRow(
                    known.client, "", known.sessions + 1, known.last, known.last_protocol or each.protocol
                )
        without = sorted({*kept, *names} - rows.keys(), key=str.casefold)
        everyone = [*rows.values(), *(ClientRow(Client(code), "", 0, None, "") for code in without)]
        return tuple(
            ClientRow(
                _readable(row.client.code, kept.get(row.client.code, {})),
                names.get(row.client.code, ClientName()).name,
                row.sessions,
                row.last,
                row.last_protocol,
            )
            for row in everyone
        )

    def codes(self) -> tuple[str, ...]:
        """Return the codes of everyone that `list` tells of, in order."""
        return _codes(self._store)

    def code(self, text: str) -> str:
        """Return the code that somebody means; see `code_of`."""
        return code_of(self._store, text)

    def is_new_name(self, text: str) -> bool:
        """Tell whether somebody who is not here yet would be kept under what looks like a name."""
        code = " ".join(text.split())
        return looks_like_a_name(code) and code.casefold() not in {known.casefold() for known in self.codes()}

    def revision(self) -> str:
        """Return a word that changes whenever a client's document or a session does; cheap enough to ask often."""
        return f"{self._store.documents.revision(_KIND)} {self._store.revision()}"

    def find(self, code: str) -> Client | None:
        """Return what is kept of a client; None where there is nothing."""
        document = self._store.documents.get(_KIND, code)
        return None if document is None else Client.from_dict(code, document)

    def get(self, code: str) -> Client:
        """Return a client: one that is kept, or the mere code of one that has a session.

        Raises
        ------
        StorageError
            Where there is neither.
        """
        if found := self.find(code):
            return found
        if code not in self.codes():
            raise StorageError(f"there is no client {code[:60]}", hint="See the list of clients.")
        return Client(code)

    def add(self, text: str) -> Client:
        """Begin a client's document under a new code, and return it.

        Raises
        ------
        UsageError
            Where it cannot be a code, or is somebody's already.
        """
        code = client_code(text)
        if not code:
            raise UsageError("A client needs a code", hint="Such as K-204; no names.")
        for known in self.codes():
            if known.casefold() == code.casefold():
                raise UsageError(f"{known} is there already", hint="Open that client, or choose another code.")
        client = Client(code)
        self.save(client)
        return client

    def save(self, client: Client) -> None:
        """Keep what is known of a client, in place of what was kept.

        Raises
        ------
        UsageError
            Where that cannot be a client's code.
        """
        if not client.code or self.code(client.code) != client.code:
            raise UsageError(f"{client.code[:60]!r} cannot be a client's code", hint="Such as K-204; no names.")
        self._store.clients.add(client.code)
        self._store.documents.put(_KIND, client.code, client.to_dict(), utc_ns=time.time_ns())

    def name(self, code: str) -> ClientName:
        """Return the name and contact behind a code; empty where none is kept."""
        return self._store.clients.name(code)

    def set_name(self, code: str, name: str, contact: str = "") -> None:
        """Keep a name and contact behind a code, apart from everything else; empty ones are forgotten.

        Raises
        ------
        UsageError
            Where either is too long.
        """
        if max(len(name), len(contact)) > LONGEST_TEXT:
            raise UsageError(f"a name or contact has at most {LONGEST_TEXT} characters", hint="Shorten it.")
        self._store.clients.set_name(self.code(code), ClientName(name.strip(), contact.strip()))

    def last_context(self, code: str) -> Mapping[str, str]:
        """Return the circumstances of the client's latest session that tells any: item by item, as its log says."""
        for session in self._store.sessions(code) if code else ():
            told: dict[str, str] = {}
            for line in self._store.lines(session.id, kinds=["context"]):
                if isinstance(line.entry, ContextGiven):
                    told[line.entry.item] = line.entry.value
            if any(told.values()):
                return {item: value for item, value in told.items() if value}
        return {}


def code_of(store: Store, text: str) -> str:
    """Return the code that a client is kept under, as it stands here; for somebody new, the code that text is.

    Files from elsewhere bring codes that nobody could give here.

    Raises
    ------
    UsageError
        Where there is nobody of that code, and it can be no code.
    """
    known = _codes(store)
    if text in known:
        return text
    same = [each for each in known if plain(each) == plain(text)]
    return same[0] if len(same) == 1 else client_code(text)


def code_in(database: str, text: str) -> str:
    """Return as `code_of`, for a database that is not open: one that is not there stays so, a plain code asks none."""
    with suppress(UsageError):
        if client_code(text) == text:
            return text
    if look_up_revision(database) is None:
        return client_code(text)
    with Store.open(database) as store:
        return code_of(store, text)


def _codes(store: Store) -> tuple[str, ...]:
    sessions = {each.client for each in store.outlines() if each.client}
    kept = {*store.documents.all(_KIND), *store.clients.names()}
    return tuple(sorted(sessions | kept, key=str.casefold))


def _readable(code: str, document: Mapping[str, Any]) -> Client:
    """Read a client for the list, which goes on where one document cannot be read; that client's page says why."""
    try:
        return Client.from_dict(code, document)
    except UsageError:
        return Client(code)
