"""A client's sessions together: progress, responses, and the quiet rest beside a session.

What is computed of one session is kept in the database, under the number of its last log line and what computes it;
the log only grows, so that number says which log it was.
"""

import importlib.metadata
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from biotune.analysis import comparison, drift, pairing, phases, played, progress, response, self_report
from biotune.analysis.drift import AtRest, Place, Shape
from biotune.analysis.phases import Prepared
from biotune.analysis.progress import KEYS, Progress, Visit
from biotune.analysis.quiet_rest import QuietRest, RestChange
from biotune.analysis.response import Heard, Moved, Responses
from biotune.analysis.results import Change, Comparison, Level
from biotune.analysis.self_report import Answer
from biotune.domain import Caveat, ChangeKind, Phase, PhaseKind, Recording, SessionSummary, Verdict
from biotune.errors import AnalysisError, BiotuneError, SessionNotFound
from biotune.settings import Limits
from biotune.storage.store import Store

FORMAT = 6  # of what is kept; one more whenever the same log would give other numbers
_LOOKED_AT = ("phase-started", "music", "pacer")
Document = dict[str, Any]
_NOTHING: Mapping[str, Any] = {
    "approach": "",
    "baseline": {},
    "changes": {},
    "windows": [],
    "caveats": [],
    "whole": True,
    "shape": None,
    "plays": [],
    "problem": "",
    "ratings": [],
    "log_sha256": "",
}


class OverSessions:
    """What a client's sessions say together.

    Parameters
    ----------
    store : Store
        The log.
    limits : Limits
        When the signal is too poor.

    Attributes
    ----------
    made_by : str
        What computes: what is kept is good as long as it is the same.
    """

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        self.made_by = f"{importlib.metadata.version('biotune')} {FORMAT} {asdict(limits)}"

    # ------------------------------------------------------------ a client

    def progress(self, client: str) -> Progress:
        """Return a client over sessions.

        Parameters
        ----------
        client : str
            The client's code.

        Returns
        -------
        Progress
            Without visits where the client has no session. A sitting that is recorded just now is not in it.

        Raises
        ------
        SessionNotFound
            Where nobody knows that client.
        """
        return progress.make(client, self._visits(client, self._documents(client)))

    def responses(self, client: str) -> Responses:
        """Return what a client responds to; parameters and errors as `progress`."""
        documents = self._documents(client)
        plays = [_heard(each.id, play) for each, document in documents for play in document["plays"]]
        return response.make(client, plays, self._visits(client, documents))

    def _documents(self, client: str) -> list[tuple[SessionSummary, Document]]:
        sessions = self._sessions(client)
        if not sessions and not self._store.sessions(client) and self._store.documents.get("client", client) is None:
            raise SessionNotFound(
                f"there is no session of {client!r}", hint="'biotune sessions' lists all clients' sessions."
            )
        return _each_once([(each, self._of_session(each)) for each in sessions])

    def _sessions(self, client: str) -> list[SessionSummary]:
        """Return a client's sessions in order of time; sittings without a client are nobody's."""
        sessions = self._store.sessions(client) if client else ()
        return [each for each in reversed(sessions) if each.finished or not self._store.is_recorded_now(each.id)]

    def _visits(self, client: str, documents: Sequence[tuple[SessionSummary, Document]]) -> list[Visit]:
        """Return a client's sessions, judged by what is known of the client today."""
        quiet = self.quiet_rest_sessions(client)
        at_rest: dict[str, list[tuple[str, Document]]] = {}  # by the windows, which most sessions share
        visits = []
        for summary, document in documents:
            shape = _shape(document["shape"])
            if shape and shape.key not in at_rest:
                at_rest[shape.key] = self._at_rest_of(quiet, shape)
            control = _control(at_rest[shape.key], summary.id) if shape else None
            visits.append(self._visit(summary, document, control))
        return visits

    def _visit(self, summary: SessionSummary, document: Document, control: QuietRest | None) -> Visit:
        changes = {key: _change(each) for key, each in document["changes"].items()}
        return Visit(
            session=summary.id,
            started=summary.started,
            approach=document["approach"],
            baseline={key: Level(ChangeKind(each.pop("kind")), **each) for key, each in document["baseline"].items()},
            changes={
                key: comparison.judged(key, each, control.own(key) if control else None, whole=document["whole"])
                for key, each in changes.items()
            },
            windows=tuple(document["windows"]),
            caveats=tuple(map(Caveat, document["caveats"])),
            ratings={name: Answer(name, before, after) for name, before, after in document["ratings"]},
            problem=document["problem"],
            copy_of=document.get("copy_of", ""),
        )

    # ------------------------------------------------------------ quiet rest beside a session

    def control(
        self, session_id: str, client: str, prepared: Prepared, before: str | None = None, after: str | None = None
    ) -> QuietRest | None:
        """Return what the client's quiet rest does between the windows that `compare` would take.

        Every finished quiet-rest session of the client counts, earlier or later, but for the session itself: how far
        a client's resting measurements differ is the better known the more there are. The result names them.

        Parameters
        ----------
        session_id, client : str
            The session that is compared, and whose it is.
        prepared : Prepared
            Its recording.
        before, after : str, optional
            As for `compare`.

        Returns
        -------
        QuietRest or None
            None where there is no such session, the client is not known, or nothing can be compared.
        """
        if not client:
            return None
        try:
            pair = pairing.choose(prepared.timeline, before, after)
        except BiotuneError:  # the comparison itself says it better
            return None
        shape = drift.shape(prepared.timeline, pair) if pair.comparable else None
        if shape is None:
            return None
        at_rest = self._at_rest_of(self.quiet_rest_sessions(client), shape)
        return _control(at_rest, session_id.partition("/")[0])

    def quiet_rest_sessions(self, client: str) -> tuple[str, ...]:
        """Return the ids of a client's quiet-rest sessions, in order of time."""
        return tuple(
            each.id
            for each in self._sessions(client)
            if drift.is_quiet_rest(line.entry for line in self._store.lines(each.id, kinds=_LOOKED_AT))
        )

    def revision(self, client: str) -> str:
        """Return a word that changes whenever a client's quiet-rest sessions do."""
        return ".".join(f"{each}-{self._seq(each)}" for each in self.quiet_rest_sessions(client)) if client else ""

    def _at_rest_of(self, sessions: Sequence[str], shape: Shape) -> list[tuple[str, Document]]:
        """Return what each quiet-rest session does between those windows, without those that have no such windows."""
        found = ((session, self._at_rest(session, shape)) for session in sessions)
        return [(session, document) for session, document in found if document["changes"]]

    # ------------------------------------------------------------ one session, kept

    def _at_rest(self, session: str, shape: Shape) -> Document:
        def work() -> Document:
            recording = self._store.session(session).recording()
            found = AtRest({})
            with suppress(AnalysisError):  # nothing in it can be measured: it is no control
                prepared = phases.prepare(recording)
                found = drift.measure(recording, prepared, shape, session=session, limits=self._limits)
            return {
                "log_sha256": recording.log_sha256,
                "changes": {key: [each.moved, each.half_width] for key, each in found.changes.items()},
                "other_posture": found.other_posture,
            }

        return self._kept(session, f"/rest/{shape.key}", work)

    def _of_session(self, summary: SessionSummary) -> Document:
        if not summary.recordings:  # a sitting that ended before anything was received
            return {**_NOTHING, "problem": "nothing was recorded"}
        return self._kept(
            summary.id, "", lambda: of_recording(self._store.session(summary.id).recording(), self._limits)
        )

    def _kept(self, session: str, what: str, work: Callable[[], Document]) -> Document:
        key, stamp = f"progress/{session}{what}", f"{self._seq(session)} {self.made_by}"
        kept = self._store.kept(key)
        if kept is not None:
            document: Document = json.loads(kept)
            if document.pop("stamp", "") == stamp:
                return document
        made = work()
        self._store.keep(key, json.dumps({"stamp": stamp, **made}), of=session.partition("/")[0])
        return made

    def _seq(self, session: str) -> int:
        last = self._store.last_line(session)
        return last.seq if last else 0


def _control(at_rest: Sequence[tuple[str, Document]], but_for: str) -> QuietRest | None:
    """Put the quiet-rest sessions together, each log once, but for the session that is compared itself.

    A session that was brought in twice (again while it was put aside, or back from an export) is one sitting: counted
    twice it would make the client's changes at rest look more alike than they are.
    """
    seen = {document["log_sha256"] for session, document in at_rest if session == but_for}
    found = []
    for session, document in at_rest:
        if document["log_sha256"] not in seen:
            seen.add(document["log_sha256"])
            found.append((session, document))
    if not found:
        return None
    changes: dict[str, tuple[RestChange, ...]] = {}
    for session, document in found:
        for key, each in document["changes"].items():
            changes[key] = (*changes.get(key, ()), RestChange(session, *each))
    return QuietRest(
        sessions=tuple(session for session, _ in found),
        log_sha256=tuple(document["log_sha256"] for _, document in found),
        changes=changes,
        other_posture=tuple(session for session, document in found if document["other_posture"]),
    )


def _each_once(documents: Sequence[tuple[SessionSummary, Document]]) -> list[tuple[SessionSummary, Document]]:
    """Take nothing from a session that is the same recording as one with a lower number: it is one sitting."""
    counted: dict[str, str] = {}
    for summary, document in sorted(documents, key=lambda each: int(each[0].id[1:])):
        counted.setdefault(document["log_sha256"] or summary.id, summary.id)
    kept = []
    for summary, document in documents:
        same = counted[document["log_sha256"] or summary.id]
        again = {
            **_NOTHING,
            "approach": document["approach"],
            "problem": f"the same recording as {same}",
            "copy_of": same,
        }
        kept.append((summary, document if same == summary.id else again))
    return kept


# ---------------------------------------------------------------- one session, computed


def of_recording(recording: Recording, limits: Limits) -> Document:
    """Compute what one session adds to its client's progress, as it is kept.

    Parameters
    ----------
    recording : Recording
        The session's.
    limits : Limits
        When the signal is too poor.
    """
    ratings = [[each.name, each.before, each.after] for each in self_report.of(recording).ratings]
    document: Document = {**_NOTHING, "ratings": ratings, "log_sha256": recording.log_sha256}
    try:
        prepared = phases.prepare(recording)
    except AnalysisError as error:
        return {**document, "problem": error.what}
    quiet = drift.is_quiet_rest(line.entry for line in recording.lines)
    document["approach"] = progress.approach(prepared.timeline, quiet_rest=quiet)
    document["plays"] = [
        _of_play(response.measure(recording, prepared, play, session=recording.source, limits=limits))
        for play in played.plays(recording)
    ]
    try:
        made = comparison.compare(recording, limits=limits, prepared=prepared)
        document |= _of_comparison(made, prepared, limits)
    except BiotuneError as error:
        document["problem"] = error.what
        document["baseline"] = _baseline_alone(prepared, limits)
    return document


def _of_comparison(made: Comparison, prepared: Prepared, limits: Limits) -> Document:
    pair = pairing.choose(prepared.timeline)
    shape = drift.shape(prepared.timeline, pair)
    return {
        "baseline": _levels(prepared, made.before, limits) if made.before.kind is PhaseKind.BASELINE else {},
        "changes": {key: asdict(made.changes[key]) for key in KEYS},
        "windows": [made.before.name, made.after.name],
        "caveats": [caveat.value for caveat in made.caveats],
        "whole": made.whole,
        "shape": asdict(shape) if shape else None,
    }


def _baseline_alone(prepared: Prepared, limits: Limits) -> Document:
    """Level of a baseline that nothing follows."""
    baseline = [phase for phase in prepared.timeline.phases if phase.kind is PhaseKind.BASELINE]
    if not baseline:
        return {}
    window = _last(baseline[-1])
    return _levels(prepared, window, limits) if window.duration_s >= pairing.LEAST_WINDOW_S else {}


def _last(phase: Phase) -> Phase:
    start_s = max(phase.start_s, phase.end_s - pairing.WINDOW_S)
    return Phase(phase.name, phase.kind, phase.activity, start_s, phase.end_s, phase.posture, phase.paced)


def _levels(prepared: Prepared, window: Phase, limits: Limits) -> Document:
    try:
        levels = comparison.level(prepared, window, limits)
    except AnalysisError:
        return {}
    return {key: asdict(levels[key]) for key in KEYS if key in levels}


def _of_play(heard: Heard) -> Document:
    return {
        "piece": heard.piece,
        "title": heard.title,
        "start_s": heard.start_s,
        "end_s": heard.end_s,
        "changes": {key: [each.moved, each.half_width] for key, each in heard.changes.items()},
        "caveats": [caveat.value for caveat in heard.caveats],
        "problem": heard.problem,
    }


def _heard(session: str, document: Document) -> Heard:
    changes = {key: Moved(*each) for key, each in document["changes"].items()}
    caveats = tuple(map(Caveat, document["caveats"]))
    return Heard(session, **{**document, "changes": changes, "caveats": caveats})


def _change(document: Document) -> Change:
    told = {
        **document,
        "kind": ChangeKind(document["kind"]),
        "verdict": Verdict(document["verdict"]),
        "caveats": tuple(map(Caveat, document["caveats"])),
    }
    return Change(**told)


def _shape(document: Document | None) -> Shape | None:
    if document is None:
        return None
    before, after = (
        Place(PhaseKind(each["kind"]) if each["kind"] else None, each["from_baseline_s"], each["posture"])
        for each in (document["before"], document["after"])
    )
    return Shape(before, after, document["window_s"])
