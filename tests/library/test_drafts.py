"""A session in preparation: there after a crash, in the log once it runs, and never twice."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biotune.domain import ContextGiven, MarkerSet, RatingGiven, ReadingGiven, ScoreGiven, Stamp
from biotune.errors import SessionNotFound, UsageError
from biotune.library import Library, drafts, open_library
from biotune.library.drafts import Draft

FULL = Draft(
    step=4,
    simulated=True,
    protocol="resonance",
    ecg=True,
    client="K-204",
    context={"caffeine": "none today", "sleep": ""},
    ratings={"tension": 70.0},
    readings={"systolic": 128.0},
    score=("STAI-6", 44.0),
    taken="2026-05-14T10:02+02:00",
)


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with open_library(home) as opened:
        yield opened


def _session(library: Library) -> str:
    session = library.store.create_session(client="K-204", protocol="resonance", started=datetime.now(UTC))
    library.store.append(session, "cli:1", Stamp("b", 7, 7), MarkerSet("x"))
    return session


def test_a_crash_costs_nothing_and_half_a_day_later_it_is_forgotten(
    library: Library, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.drafts.write(FULL)
    with open_library(home) as again:
        assert again.drafts.read() == FULL
        later = time.time_ns() + 13 * 3600 * 10**9
        monkeypatch.setattr("biotune.library.drafts.time.time_ns", lambda: later)
        assert again.drafts.read() == Draft()


def test_what_was_said_becomes_lines_of_the_log_once(library: Library) -> None:
    session = _session(library)
    library.drafts.write(FULL)
    for _ in range(2):
        library.drafts.hand_over(session)
    given = [line.entry for line in library.store.lines(session)[1:]]
    assert given == [
        ContextGiven("caffeine", "none today"),
        RatingGiven("tension", 70.0, "before"),
        ReadingGiven("systolic", 128.0, "mmHg", "2026-05-14T10:02+02:00"),
        ScoreGiven("STAI-6", 44.0, "before"),
    ]
    assert library.drafts.read() == Draft()
    assert {line.stamp for line in library.store.lines(session)} == {Stamp("b", 7, 7)}  # the session is no longer


def test_where_the_session_is_gone_the_draft_is_kept(library: Library) -> None:
    library.drafts.write(FULL)
    with pytest.raises(SessionNotFound):
        library.drafts.hand_over("S9")
    assert library.drafts.read() == FULL


@pytest.mark.parametrize(
    "entry",
    [
        RatingGiven("tension", 101),
        RatingGiven("tension", -1),
        RatingGiven("", 5),
        RatingGiven("tension", float("nan")),
        ScoreGiven("STAI-6", float("inf")),
        ScoreGiven("x" * 41, 1),
        ReadingGiven("systolic", 900, "mmHg"),
        ContextGiven("caffeine", "x" * 201),
    ],
)
def test_what_nobody_can_mean_does_not_reach_the_log(library: Library, entry: RatingGiven) -> None:
    session = _session(library)
    with pytest.raises(UsageError):
        library.live.give(session, entry)
    assert len(library.store.lines(session)) == 1


@given(
    st.dictionaries(
        st.sampled_from([*FULL.__dataclass_fields__, "other"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["tension", "systolic", "food", "x"]), inner)
            ),
            max_leaves=4,
        ),
    )
)
def test_any_document_gives_a_draft_that_can_be_run(document: dict[str, object]) -> None:
    draft = drafts._read(document)
    draft.entries()
    assert 1 <= draft.step <= 4
