"""The list of sessions: what is found, in which order, and which page of it."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from biotune.domain import BeatJudgement
from biotune.library import Overview, open_library
from biotune.library.listing import Asked, Listing
from biotune.storage.store import Store

BERLIN = timezone(timedelta(hours=2), "CEST")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Three sessions; the third begins at half past eleven at night UTC, which is the next day in Berlin."""
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('home') / 'biotune.db'}") as opened:
        for client, protocol, started in (
            ("K-1", "quiet-rest", datetime(2026, 5, 1, 10, 2, tzinfo=UTC)),
            ("K-2", "drumming", datetime(2026, 5, 2, 10, 2, tzinfo=UTC)),
            ("K-1", "drumming", datetime(2026, 5, 3, 23, 30, tzinfo=UTC)),
        ):
            opened.create_session(client=client, protocol=protocol, started=started)
        yield opened


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (Asked(), "S3 S2 S1"),
        (Asked(order="oldest"), "S1 S2 S3"),
        (Asked(order="client"), "S1 S3 S2"),
        (Asked(order="protocol"), "S2 S3 S1"),
        (Asked(client="K-1"), "S3 S1"),
        (Asked(protocol="drumming", client="K-1"), "S3"),
        (Asked(text="QUIET rest"), "S1"),
        (Asked(text="drum k-2"), "S2"),
        (Asked(text="sat may 2026"), "S2"),
        (Asked(text="2026-05-04"), "S3"),
        (Asked(text="nothing like it"), ""),
        (Asked(since=date(2026, 5, 2)), "S3 S2"),
        (Asked(until=date(2026, 5, 3)), "S2 S1"),
        (Asked(since=date(2026, 5, 4), until=date(2026, 5, 4)), "S3"),
        (Asked(since=date(2026, 5, 4), until=date(2026, 5, 1)), ""),
        (Asked(since=date.max), ""),  # what a year typed half can be
        (Asked(since=date.min, until=date.max), "S3 S2 S1"),
    ],
)
def test_the_list_is_filtered_and_put_in_order(store: Store, asked: Asked, found: str) -> None:
    assert [each.id for each in Listing(store, zone=BERLIN).page(asked).sessions] == found.split()


def test_a_page_holds_its_share_and_one_beyond_the_last_is_the_last(store: Store) -> None:
    listing = Listing(store)
    first, beyond = (listing.page(Asked(), number=number, size=2) for number in (1, 99))
    assert [each.id for each in first.sessions] == ["S3", "S2"]
    assert [each.id for each in beyond.sessions] == ["S1"]
    assert (beyond.number, beyond.pages, beyond.matching, beyond.total) == (2, 2, 3, 3)
    nothing = listing.page(Asked(client="K-9"))
    assert (nothing.sessions, nothing.number, nothing.pages, nothing.matching, nothing.total) == ((), 1, 1, 0, 3)


def test_the_list_offers_the_clients_and_approaches_there_are(store: Store) -> None:
    assert Listing(store).clients() == ("K-1", "K-2")
    assert Listing(store).protocols() == ("drumming", "quiet-rest")


def test_a_session_put_aside_leaves_the_list_and_comes_back(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'biotune.db'}") as opened:
        for _ in range(2):
            opened.create_session(client="K-1", protocol="listening", started=datetime(2026, 5, 1, tzinfo=UTC))
        listing = Listing(opened)
        before = listing.state()
        opened.remove_session("S2", utc_ns=1)
        assert [each.id for each in listing.page(Asked()).sessions] == ["S1"]
        assert listing.state() != before
        opened.restore_session("S2")
        assert [each.id for each in listing.page(Asked()).sessions] == ["S2", "S1"]


def test_the_longest_come_first_as_last_counted_and_among_equals_the_newest(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'biotune.db'}") as store:
        for day in (1, 2, 3, 4):
            store.create_session(client="K-1", protocol="drumming", started=datetime(2026, 5, day, tzinfo=UTC))
        for number, seconds in ((1, 1800.0), (3, 95.5)):  # the others were never counted
            store.keep(f"summary/{number}", json.dumps({"seq": 0, "packets": 1, "beats": 1, "duration_s": seconds}))
        listing = Listing(store)
        shown = listing.page(Asked(order="longest", client="K-1"), number=1, size=3).sessions
        assert [each.id for each in shown] == ["S1", "S3", "S4"]
        searched = listing.page(Asked(order="longest", text="drumming"), number=1, size=3).sessions
        assert [each.id for each in searched] == ["S1", "S3", "S4"]


def test_what_a_row_tells_outlives_a_restart_and_not_a_correction(home: Path) -> None:
    asked: list[str] = []

    def tell(overview: Overview) -> dict[str, str]:
        asked.append(overview.summary.id)
        return {"log": overview.analysis.provenance.log_sha256}

    rows = "\n".join(f"{0.75 * beat:.2f},{750 + beat % 5}" for beat in range(1, 800))
    file = home / "walk.csv"
    home.mkdir(exist_ok=True)
    file.write_text(f"time_s,rr_ms\n{rows}\n")
    with open_library(home) as library:
        library.import_file(file)
        first = library.told("S1", "row", tell)
    with open_library(home) as library:
        assert library.told("S1", "row", tell) == first
        assert asked == ["S1"]
        library.corrections.judge_beat("S1", 300.0, BeatJudgement.REJECTED)
        assert library.told("S1", "row", tell) != first
    assert asked == ["S1", "S1"]
