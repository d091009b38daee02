"""A plan against the sessions that took place: in order, by client and protocol, and not told before it is done."""

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from biotune.analysis.experiment import Condition, document
from biotune.domain import (
    Alternative,
    Design,
    IntervalImported,
    LeftOut,
    MusicAct,
    MusicEvent,
    PhaseEnded,
    PhaseStarted,
    PlaceState,
    Stamp,
    kind_of_phase,
)
from biotune.errors import SessionNotFound, UsageError
from biotune.library.cohort import Cohorts
from biotune.library.plans import Plans
from biotune.settings import Limits
from biotune.storage.store import Store

PROTOCOLS = ("listening", "quiet-rest", "relaxation", "drumming")
DRAWN = datetime(2026, 5, 4, 9, tzinfo=UTC)
STAMP = Stamp("made", 0, 0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'biotune.db'}") as opened:
        yield opened


@pytest.fixture
def plans(store: Store) -> Plans:
    return Plans(store, Cohorts(store, Limits()), now_ns=lambda: round(DRAWN.timestamp() * 1e9))


@pytest.fixture
def sit(store: Store) -> Callable[..., str]:
    """Record a session on a later day: five minutes at 1000 ms, then five at another interval."""

    def record(
        day: int, protocol: str, *, after_ms: float = 1000.0, client: str = "K-1", music: str = "", ended: bool = True
    ) -> str:
        session = store.create_session(client=client, protocol=protocol, started=DRAWN + timedelta(days=day))
        store.add_recording(session, label="made")
        entries: list[object] = []
        time_s, random = 0.0, np.random.default_rng(day + 10)
        for name, level_ms, end_s in (("baseline", 1000.0, 300.0), ("recovery", after_ms, 600.0)):
            kind, activity = kind_of_phase(name)
            entries.append(PhaseStarted(name, kind, activity, at_s=time_s))
            while time_s < end_s:
                rr_ms = level_ms + 10 * math.sin(time_s) + random.normal(0, 3)
                time_s += rr_ms / 1000
                entries.append(IntervalImported(f"{rr_ms:.2f}", "ms", f"{time_s:.3f}"))
        entries.append(PhaseEnded(at_s=time_s))
        if music:
            entries.append(MusicEvent(MusicAct.PLAY, "0" * 64, music))
        store.append_many(session, "test", [(STAMP, entry, 1) for entry in entries])  # type: ignore[misc]
        if ended:
            store.add_import(session, "made", "made", session)
        return session

    return record


def draw(plans: Plans, *words: str, **more: object):
    conditions = [Condition.parse(word) for word in words or ("listening", "quiet-rest")]
    asked = {"design": Design.ALTERNATING, "sessions": 8, "seed": 4, "metric": "mean_hr"} | more
    return plans.draw("K-1", conditions, known_protocols=PROTOCOLS, **asked)


def states(experiment) -> str:
    letters = {PlaceState.OPEN: ".", PlaceState.NEXT: "n", PlaceState.DONE: "d", PlaceState.MISSED: "m"}
    return "".join(letters.get(place.state, "?") for place in experiment.places)


def test_sessions_are_put_in_the_order_that_was_drawn(plans: Plans, sit: Callable[..., str]) -> None:
    plan = draw(plans).plan
    order = [plan.conditions[each].protocol for each in plan.order]
    first = [sit(day, protocol) for day, protocol in enumerate(order[:3], start=1)]
    sit(4, order[3], client="K-2")
    sit(-1, order[3])  # before the draw
    sit(4, "drumming")  # none of the conditions: nothing to do with it
    (found,) = plans.of("K-1")
    assert states(found) == "dddn...."
    assert [place.session for place in found.places[:3]] == first
    assert found.outsiders == ()
    assert found.taken == 3
    assert found.next is not None
    assert (found.next.number, found.next.condition) == (4, plan.order[3])


def test_a_session_of_the_wrong_condition_is_said_and_its_place_stays_open(
    plans: Plans, sit: Callable[..., str]
) -> None:
    plan = draw(plans).plan
    planned = [plan.conditions[each].protocol for each in plan.order]
    other = next(each for each in ("listening", "quiet-rest") if each != planned[0])
    wrong, right = sit(1, other), sit(2, planned[0])
    unfinished = sit(3, planned[1], ended=False)
    (found,) = plans.of("K-1")
    assert states(found) == "dn......"
    assert found.places[0].session == right
    assert [(each.session, each.reason) for each in found.outsiders] == [
        (wrong, LeftOut.WRONG_CONDITION),
        (unfinished, LeftOut.UNFINISHED),
    ]
    assert wrong in " ".join(found.words)


def test_music_tells_two_conditions_of_one_protocol_apart(plans: Plans, sit: Callable[..., str]) -> None:
    plan = draw(plans, "listening:adagio", "listening:drums").plan
    words = [plan.conditions[each].music for each in plan.order]
    titles = {"adagio": "Albinoni, Adagio in G minor", "drums": "Drums of the North"}
    other = next(each for each in titles if each != words[1])
    right = sit(1, "listening", music=titles[words[0]])
    wrong = sit(2, "listening", music=titles[other])
    silent = sit(3, "listening")
    (found,) = plans.of("K-1")
    assert [place.session for place in found.places[:2]] == [right, silent]
    assert [(each.session, each.reason) for each in found.outsiders] == [(wrong, LeftOut.WRONG_MUSIC)]
    assert "No music is in its log" in found.places[1].note


def test_nothing_is_told_before_the_last_session(plans: Plans, sit: Callable[..., str]) -> None:
    plan = draw(plans).plan
    order = [plan.conditions[each].protocol for each in plan.order]
    for day, protocol in enumerate(order[:7], start=1):
        sit(day, protocol, after_ms=1200.0 if protocol == "listening" else 1000.0)
    (before,) = plans.of("K-1")
    told = " ".join(before.words)
    assert "7 of 8 sessions so far" in told
    assert "p " not in told
    assert before.effects == ()
    assert document("K-1", [before])["plans"][0]["result"] is None
    sit(8, order[7], after_ms=1200.0 if order[7] == "listening" else 1000.0)
    (done,) = plans.of("K-1")
    (effect,) = done.effects
    # 60000/1200 - 60000/1000 = -10 bpm with listening, 0 without; of the 70 orders, two part the eight like this
    assert effect.estimate == pytest.approx(-10.0, abs=0.1)
    assert effect.p == pytest.approx(2 / 70)
    assert effect.low is not None
    assert effect.high is not None
    assert effect.low < -9.5 < effect.high + 1.0
    assert done.words[0] == "Done: 8 of 8 sessions."
    assert "Against quiet rest, the change of Mean heart rate in listening was −10.0 bpm" in done.words[1]
    sit(9, "listening", after_ms=500.0)  # afterwards: no part of it any more
    assert plans.of("K-1")[0].effects == done.effects


@pytest.fixture
def done(plans: Plans, sit: Callable[..., str]) -> tuple[str, ...]:
    """An experiment whose eight sessions took place; their ids."""
    plan = draw(plans).plan
    order = [plan.conditions[each].protocol for each in plan.order]
    return tuple(
        sit(day, protocol, after_ms=1200.0 if protocol == "listening" else 1000.0)
        for day, protocol in enumerate(order, start=1)
    )


def test_what_is_moved_before_the_result_was_told_leaves_it_valid(plans: Plans, done: tuple[str, ...]) -> None:
    plans.assign("K-1", 1, done[0])  # tells the result, of these places
    (found,) = plans.of("K-1")
    assert found.plan.told == DRAWN
    assert found.plan.told_places == done
    assert found.effects[0].p == pytest.approx(2 / 70)


def test_what_others_do_while_a_result_is_computed_is_not_undone_by_telling_it(
    plans: Plans, done: tuple[str, ...], store: Store
) -> None:
    assert done
    (computed,) = plans._standing("K-1")
    Plans(store, Cohorts(store, Limits())).miss("K-1", 1)  # another program
    plans._told(computed)
    (found,) = plans.of("K-1")
    assert found.plan.missed == (1,)
    store.erasing.erase_client("K-1", who="test", utc_ns=1)
    plans._told(computed)
    assert store.documents.all("plan") == {}


def test_what_is_moved_after_the_result_was_told_leaves_no_p_value(
    plans: Plans, done: tuple[str, ...], store: Store
) -> None:
    (told,) = plans.of("K-1")
    assert told.effects
    moved = plans.miss("K-1", 1)
    assert moved.is_done
    assert moved.effects == ()
    assert moved.described[0].estimate == pytest.approx(-10.0, abs=0.1)
    words = " ".join(moved.words)
    assert f"changed after the result had first been told, on {DRAWN.astimezone():%Y-%m-%d}" in words
    assert "no p-value and no interval holds any more" in words
    assert "p =" not in words
    assert "p <" not in words
    assert "95 % interval" not in words
    shown = document("K-1", [moved])["plans"][0]
    assert shown["withheld"]
    assert shown["result_told"] == DRAWN.isoformat()
    (row,) = shown["result"]
    assert row["estimate"] == pytest.approx(-10.0, abs=0.1)
    assert [row[key] for key in ("p", "p_holm", "low", "high")] == [None] * 4

    again = Plans(store, Cohorts(store, Limits())).of("K-1")[0]  # another day, another program
    assert again.described == moved.described
    back = plans.assign("K-1", 1, "")
    assert back.effects == told.effects  # every session is where it was
    store.remove_session(done[3], utc_ns=1)
    assert plans.of("K-1")[0].effects == ()
    assert [place.session for place in plans.of("K-1")[0].places][3] != done[3]
    store.restore_session(done[3])
    assert plans.of("K-1")[0].effects == told.effects


def test_a_recording_that_is_there_twice_fills_one_place(plans: Plans, sit: Callable[..., str], store: Store) -> None:
    plan = draw(plans, sessions=8, most_repeats=4).plan
    order = [plan.conditions[each].protocol for each in plan.order]
    first = sit(1, order[0])
    copy = store.create_session(client="K-1", protocol=order[1], started=DRAWN + timedelta(days=2))
    store.add_recording(copy, label="made")
    store.append_many(copy, "x", [(each.stamp, each.entry, each.recording) for each in store.lines(first)])
    store.add_import(copy, "again", "made", "again")
    (found,) = plans.of("K-1")
    assert states(found) == "dn......"
    (outsider,) = found.outsiders
    assert (outsider.session, outsider.reason) == (copy, LeftOut.SAME_RECORDING)
    assert f"{copy} is the same recording as {first}: it does not count." in found.words
    with pytest.raises(UsageError, match="the same recording"):
        plans.assign("K-1", 2, copy)
    assert plans.assign("K-1", 2, first).places[1].session == first  # moved, it is one sitting still


def test_an_experiment_that_is_given_up_after_its_result_says_that_it_was_told(
    plans: Plans, done: tuple[str, ...]
) -> None:
    assert plans.of("K-1")[0].effects
    with pytest.raises(UsageError, match="is done"):
        plans.stop("K-1")
    plans.assign("K-1", 1, done[1])  # place 2 is empty now
    told = f"Its result had been told on {DRAWN.astimezone():%Y-%m-%d}."
    assert plans.stop("K-1").words[0].endswith(told)


def test_a_place_that_stays_empty_is_said_and_counts_in_no_mean(plans: Plans, sit: Callable[..., str]) -> None:
    plan = draw(plans, sessions=8).plan
    plans.miss("K-1", 1)
    order = [plan.conditions[each].protocol for each in plan.order]
    for day, protocol in enumerate(order[1:], start=2):
        sit(day, protocol, after_ms=1200.0 if protocol == "listening" else 1000.0)
    (found,) = plans.of("K-1")
    assert states(found) == "mddddddd"
    assert found.effects[0].estimate == pytest.approx(-10.0, abs=0.1)
    assert sum(found.effects[0].values) == 7
    assert "Without a value: 1." in " ".join(found.words)
    undone = plans.assign("K-1", 1, "")
    assert states(undone)[0] != "m"


def test_a_session_is_put_in_its_place_by_hand_and_taken_back(plans: Plans, sit: Callable[..., str]) -> None:
    draw(plans)
    drummed, early = sit(1, "drumming"), sit(-3, "quiet-rest")
    found = plans.assign("K-1", 5, drummed)
    assert (found.places[4].session, found.places[4].by_hand) == (drummed, True)
    assert "It was drumming, where" in found.places[4].note
    found = plans.assign("K-1", 6, early)
    assert "before the order was drawn" in found.places[5].note
    rested = found.plan.conditions[found.plan.order[5]].protocol == "quiet-rest"
    assert ("It was quiet rest" in found.places[5].note) is not rested
    found = plans.assign("K-1", 2, drummed)  # moved: one session has one place
    assert [place.number for place in found.places if place.session == drummed] == [2]
    found = plans.assign("K-1", 2, "")
    assert drummed not in {place.session for place in found.places}
    with pytest.raises(SessionNotFound):
        plans.assign("K-1", 2, "S999")
    with pytest.raises(SessionNotFound):
        plans.assign("K-1", 2, sit(2, "listening", client="K-2"))
    with pytest.raises(UsageError, match="no session 9"):
        plans.assign("K-1", 9, drummed)


def test_a_plan_that_was_given_up_stays_and_tells_nothing(plans: Plans, sit: Callable[..., str]) -> None:
    plan = draw(plans).plan
    sit(1, plan.conditions[plan.order[0]].protocol)
    with pytest.raises(UsageError, match="not done yet"):
        draw(plans)
    plans.stop("K-1")
    with pytest.raises(UsageError, match="given up"):
        plans.miss("K-1", 1)
    second = draw(plans, seed=9)
    assert [each.plan.id for each in plans.of("K-1")] == ["K-1/2", "K-1/1"]
    assert second.plan.seed == 9
    assert "gives no result" in plans.of("K-1")[1].words[0]


def test_a_plan_comes_back_as_it_was_decided(plans: Plans, store: Store) -> None:
    made = draw(plans, "quiet-rest", "listening", design=Design.ABAB, sessions=16, alternative=Alternative.LESS).plan
    again = Plans(store, Cohorts(store, Limits())).of("K-1")[0].plan
    assert again == made
    assert again.pairs == ((1, 0),)  # quiet rest is what the other is held against, wherever it was named


@pytest.mark.parametrize(
    ("words", "more", "told"),
    [
        (("listening", "sleeping"), {}, "no protocol 'sleeping'"),
        (("listening", "listening"), {}, "the same"),
        (("listening", "listening:adagio"), {}, "names no music"),
        (("listening",), {}, "1 conditions"),
        (("listening", "quiet-rest"), {"metric": "lf"}, "'lf'"),
        (("listening", "quiet-rest"), {"sessions": 4}, "6 possible orders"),
        (
            ("listening", "quiet-rest"),
            {"design": Design.ABAB, "most_repeats": 2, "sessions": 20},
            "no limit on repeats",
        ),
    ],
)
def test_what_cannot_be_planned_is_refused_and_nothing_kept(plans: Plans, words, more, told) -> None:
    with pytest.raises(UsageError, match=told):
        draw(plans, *words, **more)
    assert plans.of("K-1") == ()
