"""Many sessions on many workers: real processes, a real scheduler, and what happens when they die."""

import contextlib
import importlib.util
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy import stats

from biotune.cli.main import main
from biotune.domain import Exclusion, MarkerSet, Stamp
from biotune.errors import BiotuneError, Cancelled, SessionNotFound, UsageError
from biotune.library import Library, changes, mapping
from biotune.library.cohort import Cohorts, Query
from biotune.library.gathering import Gatherings
from biotune.settings import Limits
from biotune.storage.store import Store

SESSIONS, CLIENTS = 24, 8
PATIENCE_S = 60
Opened = Callable[[], Store]


def load_maker() -> ModuleType:
    place = Path(__file__).parents[1] / "benchmarks" / "many_sessions.py"
    spec = importlib.util.spec_from_file_location("many_sessions", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with three sessions each of eight clients, one an approach; nothing measured yet."""
    file = tmp_path_factory.mktemp("filled") / "biotune.db"
    with Store.open(f"sqlite:///{file}") as store:
        load_maker().fill(store, SESSIONS, clients=CLIENTS)
    return file


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Iterator[Store]:
    """A copy of it."""
    for part in filled.parent.iterdir():
        shutil.copy(part, tmp_path / part.name)
    with Store.open(f"sqlite:///{tmp_path / filled.name}") as opened:
        yield opened


@pytest.fixture(scope="module")
def truth(filled: Path) -> str:
    """What the group comes to, measured in this process alone."""
    copy = filled.parent.parent / "truth.db"
    shutil.copy(filled, copy)
    with Store.open(f"sqlite:///{copy}") as opened:
        return document(Cohorts(opened, Limits()).gather(Query(), workers=1))


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hand out few sessions at a time, so that there are enough times."""
    for workers in (mapping.Processes, mapping.Cluster):
        monkeypatch.setattr(workers, "chunk", 4)


def document(grouped: object) -> str:
    return json.dumps(grouped.to_dict())  # type: ignore[attr-defined]


def wait_for(what: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.02)


# ---------------------------------------------------------------- what is gathered


def test_two_processes_give_what_one_gives(store: Store, truth: str) -> None:
    assert document(Cohorts(store, Limits()).gather(Query(), workers=2)) == truth


def test_the_made_sessions_show_what_they_were_made_with(truth: str) -> None:
    made = json.loads(truth)
    assert (made["sessions"], made["clients"]) == (SESSIONS, CLIENTS)
    arms = {arm["approach"]: arm["changes"] for arm in made["arms"]}
    assert set(arms) == {"listening", "quiet-rest", "relaxation"}
    # the same mean heart rates straight from the intervals that were made, without anything of biotune's
    maker, changes_bpm = load_maker(), []
    for number in range(CLIENTS):  # the first session of each client was listening
        random = np.random.default_rng([0, number])
        times_s, rr_ms = maker.beats(random, random.normal(25, 15))
        rates = [60_000 / rr_ms[(times_s >= end_s - 300) & (times_s < end_s)].mean() for end_s in (600, 1800)]
        changes_bpm.append(rates[1] - rates[0])
    heart_rate = arms["listening"]["mean_hr"]
    assert heart_rate["estimate"] == pytest.approx(np.mean(changes_bpm), abs=0.05)
    interval = stats.ttest_1samp(changes_bpm, 0).confidence_interval()
    assert (heart_rate["low"], heart_rate["high"]) == pytest.approx((interval.low, interval.high), abs=0.1)


def test_what_was_measured_before_is_not_measured_again(store: Store) -> None:
    cohorts = Cohorts(store, Limits())
    cohorts.gather(Query(clients=("K-001",)))
    told: list[tuple[int, int]] = []
    cohorts.gather(Query(clients=("K-001", "K-002")), told=lambda *each: told.append(each))
    assert told[0] == (3, 6)
    told.clear()
    cohorts.gather(Query(clients=("K-001", "K-002")), told=lambda *each: told.append(each))
    assert told == [(6, 6)]
    store.append("S2", "test", Stamp("made", 0, 0), MarkerSet("a line more", at_s=10.0))
    told.clear()
    cohorts.gather(Query(clients=("K-001", "K-002")), told=lambda *each: told.append(each))
    assert told[0] == (5, 6)
    told.clear()
    Cohorts(store, Limits(max_flagged_pct=10)).gather(Query(clients=("K-001",)), told=lambda *each: told.append(each))
    assert told[0] == (0, 3)


def test_a_recording_that_is_there_twice_counts_once(library: Library) -> None:
    samples = Path(__file__).parents[2] / "sample_data"
    first = library.import_file(samples / "responds.biotune.jsonl")
    other = library.import_file(samples / "quiet-rest.biotune.jsonl")
    library.remove(first)
    again = library.import_file(samples / "responds.biotune.jsonl")
    library.restore(first)
    made = library.cohorts.gather(Query(), workers=1)
    assert made.cohort.sessions == 2
    (out,) = [each for each in made.cohort.excluded if not each.metric]
    assert (out.source, out.reason) == (again, Exclusion.SAME_RECORDING)
    assert out.words == f"it is the same recording as {first}"
    assert [each.source for each in made.changes if each.excluded is None] == sorted([first, other])  # the CSV too
    assert library.cohorts.gather(Query(sources=(again,)), workers=1).cohort.sessions == 1  # alone, it counts


def test_a_replay_is_no_sitting_of_its_own(library: Library) -> None:
    sample = Path(__file__).parents[2] / "sample_data" / "responds.biotune.jsonl"
    first = library.import_file(sample)
    call = ["record", "--replay", str(sample), "--speed", "max", "--client", "LIVE", "--home", str(library.live.home)]
    assert main(call) == 0
    made = library.cohorts.gather(Query(), workers=1)
    assert made.cohort.sessions == 1
    (out,) = [each for each in made.cohort.excluded if not each.metric]
    assert (out.client, out.reason) == ("LIVE", Exclusion.SAME_RECORDING)
    assert out.words == "it replays another recording"
    assert [each.source for each in made.changes if each.excluded is None] == [first]


def test_only_what_was_asked_for_is_in_it(store: Store) -> None:
    cohorts = Cohorts(store, Limits())
    made = cohorts.gather(Query(clients=("K-001", "K-002"), approaches=("quiet-rest",)))
    assert {each.approach for each in made.changes} == {"quiet-rest"}
    assert {each.client for each in made.changes} == {"K-001", "K-002"}
    began = sorted(each.started for each in cohorts.jobs(Query()) if each.started)
    some = cohorts.jobs(Query(since=began[3].date(), until=began[9].date()))
    assert 0 < len(some) < SESSIONS
    assert all(began[3].date() <= each.started.date() <= began[9].date() for each in some if each.started)
    assert [each.source for each in cohorts.jobs(Query(sources=("S3", "s3", "S1")))] == ["S3", "S1"]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (Query(sources=("S999",)), SessionNotFound),
        (Query(clients=("nobody",)), SessionNotFound),
        (Query(sources=("no-such-file.csv",)), UsageError),
        (Query(metrics=("pnn50",)), UsageError),
    ],
)
def test_what_does_not_exist_is_said(store: Store, query: Query, error: type[BiotuneError]) -> None:
    with pytest.raises(error):
        Cohorts(store, Limits()).gather(query)


def test_a_session_put_aside_is_not_in_it(store: Store) -> None:
    store.remove_session("S1", utc_ns=1)
    assert "S1" not in {job.source for job in Cohorts(store, Limits()).jobs(Query())}


def test_files_that_name_no_client_are_clients_of_their_own(store: Store, tmp_path: Path) -> None:
    rows = ["time_s,rr_ms,phase"]
    for number in range(1, 900):
        phase = "baseline" if number < 400 else "music"
        rows.append(f"{number * 0.8:.2f},{800 + number % 7},{phase}")
    (tmp_path / "one.csv").write_text("\n".join(rows))
    (tmp_path / "none.csv").write_text("nothing of the kind")
    sources = (str(tmp_path / "one.csv"), str(tmp_path / "none.csv"))
    made = Cohorts(store, Limits()).gather(Query(sources=sources))
    assert {(each.client, each.approach) for each in made.changes if not each.excluded} == {("one.csv", "listening")}
    assert [each.reason for each in made.cohort.excluded if not each.metric] == [Exclusion.NO_COMPARISON]


# ---------------------------------------------------------------- workers that die


def test_a_worker_killed_on_the_way_changes_nothing(store: Store, truth: str) -> None:
    killed: list[int] = []

    def kill(done: int, _total: int) -> None:
        children = multiprocessing.active_children()
        if done and not killed and children:
            killed.append(children[0].pid or 0)
            os.kill(killed[0], signal.SIGKILL)

    made = Cohorts(store, Limits()).gather(Query(), workers=2, told=kill)
    assert killed
    assert document(made) == truth


@pytest.fixture
def deadly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Work that other processes find, and that some items end."""
    (tmp_path / "deadly_work.py").write_text(
        textwrap.dedent("""\
        import os

        def work(items):
            for item in items:
                if item < 0:
                    os._exit(9)
            return [10 * item for item in items]
        """)
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    return importlib.import_module("deadly_work")


def test_a_session_that_ends_its_worker_is_found_out_and_no_other(deadly: ModuleType) -> None:
    run = mapping.Pass(deadly.work, lambda item: f"lost {item}", mapping.Processes(2))
    items = [*range(20), -1, *range(20, 30)]
    found = {item: result for chunk, results in run.run(items) for item, result in zip(chunk, results, strict=True)}
    assert found == {-1: "lost -1"} | {item: 10 * item for item in range(30)}


def test_workers_that_never_live_are_given_up(deadly: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapping, "_LOST_IN_A_ROW", 2)
    run = mapping.Pass(deadly.work, str, mapping.Processes(1))
    with pytest.raises(BiotuneError, match="do not stay alive"):
        list(run.run([-1, -2, -3, -4, -5, -6, -7]))


def test_a_fault_in_one_session_is_told_and_the_others_counted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    real = changes.of_recording

    def faulty(recording: object, *more: object, **named: object) -> object:
        if recording.source == "S3":  # type: ignore[attr-defined]
            raise ZeroDivisionError("a fault of the program")
        return real(recording, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(changes, "of_recording", faulty)
    query = Query(sources=("S1", "S2", "S3"))
    made = Cohorts(store, Limits()).gather(query, workers=1)
    assert [(each.source, each.reason) for each in made.cohort.excluded] == [("S3", Exclusion.FAILED)]
    assert made.cohort.sessions == 2
    monkeypatch.undo()
    assert Cohorts(store, Limits()).gather(query, workers=1).cohort.sessions == 3  # a fault is not kept


def test_stopped_on_the_way_it_keeps_what_it_has(store: Store, truth: str) -> None:
    cohorts, told = Cohorts(store, Limits()), []
    with pytest.raises(Cancelled):
        cohorts.gather(Query(), workers=2, told=lambda *each: told.append(each), cancelled=lambda: len(told) > 1)
    assert not multiprocessing.active_children()
    done = told[-1][0]
    assert 0 < done < SESSIONS
    told.clear()
    made = cohorts.gather(Query(), workers=2, told=lambda *each: told.append(each))
    assert told[0][0] >= done
    assert document(made) == truth


def test_a_group_for_a_page_is_gathered_once_and_stopped_when_nobody_waits(store: Store, truth: str) -> None:
    cohorts = Cohorts(store, Limits())
    gatherings = Gatherings(cohorts)
    first = gatherings.begin(Query())
    running = gatherings.get(first)
    assert running is not None
    second = gatherings.begin(Query(clients=("K-001",)), instead_of=first)
    with pytest.raises(Cancelled):
        running.result(timeout_s=PATIENCE_S)
    assert gatherings.get(first) is None
    other = gatherings.get(second)
    assert other is not None
    made = other.result(timeout_s=PATIENCE_S)
    assert made is not None
    assert made.cohort.clients == 1
    assert gatherings.begin(Query(clients=("K-001",))) == second
    assert gatherings.get(second) is other
    again = gatherings.get(gatherings.begin(Query()))
    assert again is not None
    assert document(again.result(timeout_s=PATIENCE_S)) == truth
    assert again.progress == (SESSIONS, SESSIONS)
    store.append("S2", "test", Stamp("made", 0, 0), MarkerSet("a line more", at_s=10.0))
    assert gatherings.begin(Query(clients=("K-001",))) != second  # something was recorded since


# ---------------------------------------------------------------- a cluster


def start(*arguments: object) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@pytest.fixture(scope="module")
def cluster(
    tmp_path_factory: pytest.TempPathFactory, require: Callable[[object, str], None]
) -> Iterator[tuple[str, list]]:
    """A scheduler's address, and the processes of its two workers."""
    require(importlib.util.find_spec("distributed"), "the extra 'cluster'")
    folder = tmp_path_factory.mktemp("cluster")
    told = folder / "scheduler.json"
    local = ("--scheduler-file", told)
    parts = [start("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", 0, "--no-dashboard", *local)]
    try:
        wait_for(lambda: told.exists() and told.read_text().strip().endswith("}"))
        small = ("--no-nanny", "--nthreads", 1, "--no-dashboard", "--local-directory", folder, "--host", "127.0.0.1")
        workers = [start("distributed.cli.dask_worker", *local, *small) for _ in range(2)]
        parts += workers
        address = json.loads(told.read_text())["address"]
        watching = mapping.Cluster(address)
        wait_for(lambda: watching._workers() == 2)
        watching.close()
        yield address, workers
    finally:
        for part in reversed(parts):
            part.terminate()
        for part in parts:
            with contextlib.suppress(subprocess.TimeoutExpired):
                part.wait(10)
            part.kill()
            part.wait()


def test_a_cluster_gives_what_one_process_gives_also_if_a_worker_dies(
    store: Store, truth: str, cluster: tuple[str, list]
) -> None:
    address, workers = cluster

    def kill(done: int, _total: int) -> None:
        if done:
            workers[0].kill()

    made = Cohorts(store, Limits()).gather(Query(), cluster=address, told=kill)
    assert workers[0].wait(10)
    assert document(made) == truth


def test_workers_that_cannot_see_the_database_say_so(tmp_path: Path) -> None:
    with pytest.raises(BiotuneError, match="cannot see the database"):
        changes.measure([changes.Job("S1")], f"sqlite:///{tmp_path / 'elsewhere.db'}", Limits())
    assert not list(tmp_path.iterdir())  # and make none of their own


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapping, "_CONNECT_S", 1)
    with pytest.raises(BiotuneError, match=r"127\.0\.0\.1:9"):
        mapping.choose(100, cluster="tcp://127.0.0.1:9")


def test_without_the_extra_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="extra 'cluster'") as raised:
        mapping.choose(100, cluster="tcp://127.0.0.1:8786")
    assert "pip install" in raised.value.hint
