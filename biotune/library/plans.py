"""Experiments of single clients: drawn, kept beside the log, and matched with the sessions that took place."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from biotune.analysis import assignments, single_case
from biotune.analysis.assignments import Rules
from biotune.analysis.experiment import METRICS, Condition, Experiment, Outsider, Place, Plan
from biotune.analysis.metrics import CATALOGUE
from biotune.domain import Alternative, Design, LeftOut, MusicEvent, MusicReported, PlaceState
from biotune.errors import AnalysisError, SessionNotFound, UsageError
from biotune.library.clients import code_of
from biotune.library.cohort import Cohorts
from biotune.storage.documents import Document
from biotune.storage.outlines import Outline
from biotune.storage.store import SessionReference, Store

_KIND = "plan"
_NS_PER_S = 1_000_000_000
_MUSIC = ("music", "music-report")


class Plans:
    """The plans of one data folder.

    Parameters
    ----------
    store : Store
        The log, and the plans beside it.
    cohorts : Cohorts
        Measures sessions.
    now_ns : callable
        Nanoseconds since 1970 UTC.
    """

    def __init__(self, store: Store, cohorts: Cohorts, *, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._store = store
        self._cohorts = cohorts
        self._now_ns = now_ns

    def revision(self) -> str:
        """Return a word that changes whenever a plan does."""
        return self._store.documents.revision(_KIND)

    def of(self, client: str) -> tuple[Experiment, ...]:
        """Return a client's experiments and how far they are, the newest first.

        Whoever asks sees the results, so a result that is told here for the first time is kept as told, with the
        places that it was told of: what is moved afterwards is moved in sight of it.
        """
        return tuple(self._told(each) for each in self._standing(client))

    def _told(self, experiment: Experiment) -> Experiment:
        if not experiment.effects or experiment.plan.told is not None:
            return experiment
        if (kept := self._store.documents.get(_KIND, experiment.plan.id)) is None or _read(kept) != experiment.plan:
            return experiment  # erased or changed while this was computed; another look tells it
        places = tuple(place.session for place in experiment.places)
        plan = replace(experiment.plan, told=self._now(), told_places=places)
        self._keep(plan)
        return replace(experiment, plan=plan)

    def _standing(self, client: str) -> tuple[Experiment, ...]:
        sessions = sorted(
            (each for each in self._store.outlines() if each.client == client), key=lambda each: each.started
        )
        plans = [_read(body) for body in self._store.documents.all(_KIND).values() if body.get("client") == client]
        newest_first = sorted(plans, key=lambda plan: plan.number, reverse=True)
        return tuple(self._follow(plan, sessions) for plan in newest_first)

    def draw(
        self,
        client: str,
        conditions: Sequence[Condition],
        *,
        design: Design,
        sessions: int,
        seed: int,
        known_protocols: Sequence[str],
        most_repeats: int | None = None,
        metric: str = METRICS[0],
        alternative: Alternative = Alternative.TWO_SIDED,
    ) -> Experiment:
        """Decide on an experiment, draw its order and keep it.

        Parameters
        ----------
        client : str
            The client's code.
        conditions : sequence of Condition
            What is compared.
        design : Design
            How the order comes about.
        sessions : int
            How many.
        seed : int
            Of the draw.
        known_protocols : sequence of str
            Names of what can be run.
        most_repeats : int, optional
            Alternating: how often a condition may come in a row.
        metric : str
            What is looked at.
        alternative : Alternative
            Which differences are looked for.

        Raises
        ------
        UsageError
            Where that cannot be drawn, could show nothing, or an earlier experiment is still open.
        """
        client = code_of(self._store, client)
        if not client:
            raise UsageError("an experiment belongs to a client", hint="Give the client's code.")
        _check(conditions, metric, known_protocols, design, most_repeats)
        rules = assignments.usual(design, len(conditions), sessions, most_repeats)
        rules.check()
        earlier = self._standing(client)
        if any(not each.is_done and not each.plan.stopped for each in earlier):
            raise UsageError(
                f"an experiment of {client} is not done yet",
                why="Its sessions and those of another one could not be told apart.",
                hint="Finish it, or give it up (biotune plan CODE --stop): it stays on record.",
            )
        plan = Plan(
            client=client,
            number=max((each.plan.number for each in earlier), default=0) + 1,
            drawn=self._now(),
            rules=rules,
            conditions=tuple(conditions),
            order=assignments.draw(rules, seed),
            seed=seed,
            metric=metric,
            alternative=alternative,
        )
        self._keep(plan)
        return self.of(client)[0]

    def assign(self, client: str, place: int, session_id: str) -> Experiment:
        """Put a session in a place by hand; an empty `session_id` takes that back.

        Raises
        ------
        UsageError, SessionNotFound
            Where the place or the client's session does not exist.
        """
        plan = self._latest(client)
        _check_place(plan, place)
        by_hand = {number: session for number, session in plan.by_hand.items() if number != place}
        if session_id:
            reference = SessionReference.parse(session_id)
            name = f"S{reference.number}" if reference else session_id
            if not any(each.id == name and each.client == client for each in self._store.outlines()):
                raise SessionNotFound(f"{client} has no session {session_id}", hint="See: biotune sessions")
            by_hand = {number: session for number, session in by_hand.items() if session != name}
            others = [each.session for each in self._standing(client)[0].places if each.session not in {"", name}]
            if copy := self._copy(name, others):
                raise UsageError(copy.words, hint="Choose another session, or take that one out of its place first.")
            by_hand[place] = name
        missed = tuple(number for number in plan.missed if number != place)
        self._keep(replace(plan, by_hand=by_hand, missed=missed))
        return self.of(client)[0]

    def miss(self, client: str, place: int) -> Experiment:
        """Note that a planned session will not take place; `assign` with an empty session takes it back.

        Raises
        ------
        UsageError
            Where there is no such place.
        """
        plan = self._latest(client)
        _check_place(plan, place)
        by_hand = {number: session for number, session in plan.by_hand.items() if number != place}
        self._keep(replace(plan, by_hand=by_hand, missed=tuple(sorted({*plan.missed, place}))))
        return self.of(client)[0]

    def stop(self, client: str) -> Experiment:
        """Give the experiment up. It stays on record, and gives no result.

        Raises
        ------
        UsageError
            Where there is none, or it is done.
        """
        plan = self._latest(client)
        if self._standing(client)[0].is_done:
            raise UsageError(f"the experiment {plan.id} is done", why="Its result stands.")
        self._keep(replace(plan, stopped=self._now()))
        return self.of(client)[0]

    # ------------------------------------------------------------ inside

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._now_ns() / _NS_PER_S, tz=UTC)

    def _keep(self, plan: Plan) -> None:
        self._store.documents.put(_KIND, plan.id, _write(plan), utc_ns=self._now_ns())

    def _latest(self, client: str) -> Plan:
        found = self._standing(client)
        if not found:
            raise UsageError(f"{client} has no plan", hint="Draw one: biotune plan --help")
        if found[0].plan.stopped:
            raise UsageError(f"the experiment {found[0].plan.id} was given up", hint="Draw another one.")
        return found[0].plan

    def _follow(self, plan: Plan, sessions: Sequence[Outline]) -> Experiment:
        filled, notes, outsiders = self._match(plan, sessions)
        places: list[Place] = []
        due = False
        for number, condition in enumerate(plan.order, start=1):
            session, by_hand = filled.get(number, ""), number in plan.by_hand
            note = notes.get(number, "")
            if session:
                reason = self._no_value(plan, session)
                state = PlaceState.NO_VALUE if reason else PlaceState.DONE
                note = " ".join(part for part in (note, reason) if part)
            elif number in plan.missed:
                state = PlaceState.MISSED
            else:
                state = PlaceState.OPEN if due or plan.stopped else PlaceState.NEXT
                due = True
            places.append(Place(number, condition, state, session, by_hand=by_hand, note=note))
        standing = Experiment(plan, tuple(places), tuple(outsiders))
        return self._judge(standing) if standing.is_done and not plan.stopped else standing

    def _match(self, plan: Plan, sessions: Sequence[Outline]) -> tuple[dict[int, str], dict[int, str], list[Outsider]]:
        """Give each later session the first open place, if it is what that place is for."""
        known = {each.id: each for each in sessions}
        filled = {number: session for number, session in plan.by_hand.items() if session in known}
        notes = {number: _by_hand_note(plan, number, known[session]) for number, session in filled.items()}
        outsiders: list[Outsider] = []
        open_places = [n for n in range(1, len(plan.order) + 1) if n not in filled and n not in plan.missed]
        protocols = {each.protocol for each in plan.conditions}
        for session in sessions:
            late = plan.stopped is not None and session.started > plan.stopped
            if (
                session.started < plan.drawn
                or late
                or session.id in filled.values()
                or session.protocol not in protocols
            ):
                continue
            if not open_places:
                break
            planned = plan.conditions[plan.order[open_places[0] - 1]]
            outsider, note = self._held_against(planned, session)
            outsider = outsider or self._copy(session.id, filled.values())
            if outsider:
                outsiders.append(outsider)
                continue
            number = open_places.pop(0)
            filled[number] = session.id
            notes |= {number: note} if note else {}
        return filled, notes, outsiders

    def _copy(self, session: str, counted: Collection[str]) -> Outsider | None:
        """Say where a session is the same recording as one that has its place already: it is one sitting."""
        log = self._cohorts.change_of(session).log_sha256
        same = next((each for each in counted if log and self._cohorts.change_of(each).log_sha256 == log), None)
        if same is None:
            return None
        told = f"{session} is the same recording as {same}: it does not count."
        return Outsider(session, LeftOut.SAME_RECORDING, told)

    def _held_against(self, planned: Condition, session: Outline) -> tuple[Outsider | None, str]:
        """Say why a session is not what was planned; None and perhaps a note where it is."""
        if not session.finished:
            told = f"{session.id} is not finished, and does not count yet."
            return Outsider(session.id, LeftOut.UNFINISHED, told), ""
        if session.protocol != planned.protocol:
            was = Condition(session.protocol).label
            told = f"{session.id} was {was} where {planned.label} was due: it does not count."
            return Outsider(session.id, LeftOut.WRONG_CONDITION, told), ""
        if not planned.music:
            return None, ""
        played = self._music(session.id)
        if not played:
            return None, "No music is in its log: taken as planned."
        if planned.music.casefold() not in " ".join(played).casefold():
            told = f"{session.id} had other music than {planned.music}, which was due: it does not count."
            return Outsider(session.id, LeftOut.WRONG_MUSIC, told), ""
        return None, ""

    def _music(self, session_id: str) -> list[str]:
        found: list[str] = []
        for line in self._store.lines(session_id, kinds=_MUSIC):
            if isinstance(line.entry, MusicEvent):
                found += [line.entry.title, line.entry.piece]
            elif isinstance(line.entry, MusicReported):
                found += [line.entry.value, line.entry.piece]
        return [word for word in found if word]

    def _no_value(self, plan: Plan, session: str) -> str:
        """Say why a session has no value; empty where it has one."""
        change = self._cohorts.change_of(session)
        outcome = change.outcomes.get(plan.metric)
        if outcome is not None and outcome.moved is not None:
            return ""
        why = change.why or f"{CATALOGUE[plan.metric].name} is missing in a window"
        return f"{why[:1].upper()}{why[1:].rstrip('.')}."

    def _judge(self, done: Experiment) -> Experiment:
        plan = done.plan
        outcomes = [self._outcome(plan, place) for place in done.places]
        try:
            effects = single_case.examine(
                outcomes, plan.order, plan.rules, pairs=plan.pairs, alternative=plan.alternative, seed=plan.seed
            )
        except AnalysisError as error:
            return replace(done, problem=f"{error.what[:1].upper()}{error.what[1:]}. {error.why}")
        return (
            replace(done, described=single_case.describe(effects)) if done.is_moved else replace(done, effects=effects)
        )

    def _outcome(self, plan: Plan, place: Place) -> float | None:
        if not place.session:
            return None
        outcome = self._cohorts.change_of(place.session).outcomes.get(plan.metric)
        return outcome.moved if outcome else None


def _check(
    conditions: Sequence[Condition],
    metric: str,
    known_protocols: Sequence[str],
    design: Design,
    most_repeats: int | None,
) -> None:
    for each in conditions:
        if each.protocol not in known_protocols:
            raise UsageError(f"there is no protocol {each.protocol!r}", hint="See what there is: biotune protocols")
    if len({each.word.casefold() for each in conditions}) < len(conditions):
        raise UsageError("two of the conditions are the same", hint="Tell them apart: listening:ADAGIO,listening:DRUMS")
    for protocol in {each.protocol for each in conditions}:
        words = [each.music for each in conditions if each.protocol == protocol]
        if len(words) > 1 and not all(words):
            raise UsageError(f"of two conditions with {protocol}, one names no music", hint="Name a word of each.")
    if metric not in METRICS:
        raise UsageError(f"{metric!r} cannot decide an experiment", hint=f"Choose {' or '.join(METRICS)}.")
    if design is Design.ABAB and most_repeats is not None:
        raise UsageError("an ABAB experiment has no limit on repeats", hint="Leave --most-repeats out.")


def _by_hand_note(plan: Plan, number: int, session: Outline) -> str:
    """Say what a session that was put in its place by hand is not; empty where it could have got there by itself."""
    planned = plan.conditions[plan.order[number - 1]]
    told = ["It began before the order was drawn."] if session.started < plan.drawn else []
    if session.protocol != planned.protocol:
        was = Condition(session.protocol).label or "recorded without a protocol"
        told.append(f"It was {was}, where {planned.label} was due.")
    return " ".join(told)


def _check_place(plan: Plan, place: int) -> None:
    if not 1 <= place <= len(plan.order):
        raise UsageError(f"there is no session {place} in {plan.id}", hint=f"It has 1 to {len(plan.order)}.")


def _write(plan: Plan) -> Document:
    return {
        "client": plan.client,
        "number": plan.number,
        "drawn": plan.drawn.isoformat(),
        "design": plan.rules.design.value,
        "sessions": plan.rules.sessions,
        "most_repeats": plan.rules.most_repeats,
        "least_phase": plan.rules.least_phase,
        "conditions": [each.word for each in plan.conditions],
        "order": list(plan.order),
        "seed": plan.seed,
        "metric": plan.metric,
        "alternative": plan.alternative.value,
        "by_hand": {str(number): session for number, session in plan.by_hand.items()},
        "missed": list(plan.missed),
        "stopped": plan.stopped.isoformat() if plan.stopped else None,
        "told": plan.told.isoformat() if plan.told else None,
        "told_places": list(plan.told_places),
    }


def _read(body: Mapping[str, Any]) -> Plan:
    conditions = tuple(Condition.parse(word) for word in body["conditions"])
    rules = Rules(Design(body["design"]), len(conditions), body["sessions"], body["most_repeats"], body["least_phase"])
    return Plan(
        client=body["client"],
        number=body["number"],
        drawn=datetime.fromisoformat(body["drawn"]),
        rules=rules,
        conditions=conditions,
        order=tuple(body["order"]),
        seed=body["seed"],
        metric=body["metric"],
        alternative=Alternative(body["alternative"]),
        by_hand={int(number): session for number, session in body["by_hand"].items()},
        missed=tuple(body["missed"]),
        stopped=datetime.fromisoformat(body["stopped"]) if body["stopped"] else None,
        told=datetime.fromisoformat(body["told"]) if body.get("told") else None,  # a plan of before has none
        told_places=tuple(body.get("told_places", ())),
    )
