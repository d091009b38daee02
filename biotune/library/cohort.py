"""Which sessions make a group, and their measurement on as many workers as there are."""

import importlib.metadata
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from biotune.analysis import cohort
from biotune.analysis.cohort import Cohort
from biotune.analysis.cohort_document import to_dict
from biotune.analysis.session_change import SessionChange, each_once
from biotune.domain import Exclusion
from biotune.errors import SessionNotFound, UsageError
from biotune.library import changes, mapping
from biotune.library.changes import Job, Kept
from biotune.settings import Limits
from biotune.storage.outlines import Outline
from biotune.storage.store import SessionReference, Store

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Query:
    """Which sessions.

    Attributes
    ----------
    sources : tuple of str
        Sessions' ids and files; empty for all sessions there are.
    clients, approaches : tuple of str
        Only these; empty for all.
    since, until : date or None
        Only sessions that began from that day to that day (UTC).
    metrics : tuple of str
        The metrics declared.
    """

    sources: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    approaches: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    metrics: tuple[str, ...] = cohort.DECLARED


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """A group, and the sessions it is made of.

    Attributes
    ----------
    query : Query
        What was asked for.
    changes : tuple of SessionChange
        Every session, those left out among them, in one order.
    cohort : Cohort
        What they come to.
    provenance : dict
        What made it.
    """

    query: Query
    changes: tuple[SessionChange, ...]
    cohort: Cohort
    provenance: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return the document ``biotune.cohort/1``."""
        return to_dict(self.cohort, self.provenance)


class Cohorts:
    """The groups that one data folder's sessions can make.

    Parameters
    ----------
    store : Store
        The log.
    limits : Limits
        When the signal is too poor.
    """

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        self._kept = Kept(store, limits)

    def revision(self) -> str:
        """Return a word that changes whenever a session ends, comes, goes, or is corrected."""
        ended = [each for each in self._store.outlines() if each.finished]
        return f"{len(ended)}.{sum(each.last_seq for each in ended)}.{max((each.id for each in ended), default='')}"

    def clients(self) -> tuple[str, ...]:
        """Return the clients who have sessions."""
        return tuple(sorted({each.client for each in self._store.outlines() if each.client}))

    def jobs(self, query: Query) -> tuple[Job, ...]:
        """Return what a query is about, each session once.

        Raises
        ------
        SessionNotFound, UsageError
            Where a source or a client does not exist.
        """
        known = {each.id: each for each in self._store.outlines()}
        found = [_named(source, known) for source in query.sources] or [_job(each) for each in known.values()]
        for client in query.clients:
            if client not in {each.client for each in known.values()}:
                raise SessionNotFound(f"there is no session of {client!r}", hint="See what there is: biotune sessions")
        wanted = [job for job in found if not query.clients or job.is_file or job.client in query.clients]
        return tuple({job.path or job.source: job for job in wanted if _in_time(job, query)}.values())

    def gather(
        self,
        query: Query,
        *,
        workers: int | None = None,
        cluster: str = "",
        told: Told = lambda _done, _total: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Grouped:
        """Measure the sessions and put them together.

        Parameters
        ----------
        query : Query
            Which.
        workers : int, optional
            How many processes; by default as many as serve.
        cluster : str
            Address of a dask.distributed scheduler, in place of processes here.
        told : callable
            Told how many of how many are done, from time to time.
        cancelled : callable
            Asked from time to time whether to stop.

        Returns
        -------
        Grouped
            The same whatever the number of workers.

        Raises
        ------
        Cancelled
            Where it was stopped.
        BiotuneError
            Where the workers or the database cannot be had.
        """
        metrics = cohort.declared(query.metrics)
        jobs = self.jobs(query)
        measured = [_only(change, metrics) for change in self._measure(jobs, workers, cluster, told, cancelled)]
        wanted = [each for each in measured if not query.approaches or each.approach in query.approaches]
        ordered = tuple(sorted(each_once(wanted), key=lambda each: each.order))
        return Grouped(query, ordered, cohort.summarise(ordered, metrics), self._provenance())

    def change_of(self, session_id: str) -> SessionChange:
        """Return one session's changes, measured here or before.

        Raises
        ------
        SessionNotFound
            Where no session has that id.
        """
        job = _named(session_id, {each.id: each for each in self._store.outlines()})
        kept = self._kept.get(job)
        if kept is not None:
            return kept
        made = changes.measure([job], self._store.url, self._limits)[0]
        self._kept.put([(job, made)])
        return made

    def _measure(
        self,
        jobs: Sequence[Job],
        workers: int | None,
        cluster: str,
        told: Told,
        cancelled: Callable[[], bool],
    ) -> list[SessionChange]:
        found = [changes.left_out(job, *_RUNNING) for job in jobs if self._is_running(job)]
        fresh: list[Job] = []
        for job in jobs:
            if self._is_running(job):
                continue
            kept = self._kept.get(job)
            if kept is None:
                fresh.append(job)
            else:
                found.append(kept)
        told(len(found), len(jobs))
        if not fresh:
            return found
        where = mapping.choose(len(fresh), workers=workers, cluster=cluster)
        work = partial(changes.measure, database=self._store.url, limits=self._limits)
        run = mapping.Pass(work, _given_up, where, cancelled=cancelled)
        try:
            for items, results in run.run(fresh):
                self._kept.put(list(zip(items, results, strict=True)))
                found += results
                told(len(found), len(jobs))
        finally:
            where.close()
        return found

    def _is_running(self, job: Job) -> bool:
        return not job.is_file and self._store.is_recorded_now(job.source)

    def _provenance(self) -> dict[str, Any]:
        versions = {name: importlib.metadata.version(name) for name in ("biotune", "neurokit2")}
        return {**versions, "method": changes.METHOD, "parameters": asdict(self._limits)}


_RUNNING = (Exclusion.UNFINISHED, "it is being recorded just now")


def _job(each: Outline) -> Job:
    return Job(each.id, "", each.started, each.last_seq, each.client, each.protocol)


def _named(source: str, known: dict[str, Outline]) -> Job:
    reference = SessionReference.parse(source)
    if reference is None or Path(source).exists():
        if not Path(source).is_file():
            raise UsageError(f"{source!r} is neither a session nor a file", hint="See what there is: biotune sessions")
        return Job(source, str(Path(source).absolute()))
    if f"S{reference.number}" not in known:
        raise SessionNotFound(f"there is no session {source}", hint="See what there is: biotune sessions")
    job = _job(known[f"S{reference.number}"])
    return job if reference.recording == 1 else replace(job, source=f"{job.source}/{reference.recording}")


def _in_time(job: Job, query: Query) -> bool:
    if job.started is None:
        return True
    day = job.started.date()
    return (query.since is None or day >= query.since) and (query.until is None or day <= query.until)


def _only(change: SessionChange, metrics: Sequence[str]) -> SessionChange:
    """Leave out what was not declared: of thousands of sessions, nothing is held that is not asked for."""
    return replace(change, outcomes={key: change.outcomes[key] for key in metrics if key in change.outcomes})


def _given_up(job: Job) -> SessionChange:
    told = f"its analysis ended the worker process {mapping.TRIES} times"
    return changes.left_out(job, Exclusion.WORKER_LOST, told)
