"""The list of 10,000 sessions, against reading one JSON file a session.

Ours: what the dashboard does to show the first page, from the database to the rows. The other side: opening and
parsing 10,000 files of 1,500 intervals each, which is what a folder of files asks of a program that lists it.
"""

import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
from side_by_side import HEAD, compare
from sqlalchemy import create_engine, insert

sys.path.insert(0, str(Path(__file__).parents[2]))
from biotune.library.listing import Asked, Listing
from biotune.storage import schema
from biotune.storage.store import Store
from dashboard.components import session_list

SESSIONS = 10_000
BEGAN = datetime(2016, 1, 1, tzinfo=UTC)


def fill(url: str) -> None:
    """Put the sessions in as years of use would leave them: with their counts kept."""
    with Store.open(url):
        pass
    number = range(1, SESSIONS + 1)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(insert(schema.client), [{"code": f"K-{k}"} for k in range(400)])
        connection.execute(
            insert(schema.session),
            [
                {
                    "id": k,
                    "client": f"K-{k % 400}",
                    "protocol": ("listening", "drumming", "guided-imagery", "quiet-rest")[k % 4],
                    "started_utc_ns": int((BEGAN + timedelta(hours=8 * k)).timestamp()) * 10**9,
                    "finished": True,
                }
                for k in number
            ],
        )
        connection.execute(insert(schema.recording), [{"session": k, "number": 1, "label": "H10"} for k in number])
        counted = json.dumps({"seq": 0, "packets": 1380, "beats": 1500, "duration_s": 1380.0})
        connection.execute(insert(schema.cache), [{"key": f"summary/{k}", "document": counted} for k in number])
    engine.dispose()


def write_files(folder: Path) -> list[Path]:
    rr_ms = [float(each) for each in np.random.default_rng(0).normal(800, 40, 1500).round(1)]
    files = [folder / f"{k}.json" for k in range(SESSIONS)]
    for k, file in enumerate(files):
        started = (BEGAN + timedelta(hours=8 * k)).isoformat()
        file.write_text(json.dumps({"client": f"K-{k % 400}", "started": started, "rr_ms": rr_ms}))
    return files


def read_files(files: list[Path]) -> list[tuple[str, str, int]]:
    read = (json.loads(file.read_text()) for file in files)
    return sorted((each["started"], each["client"], len(each["rr_ms"])) for each in read)[-20:]


def show(listing: Listing, asked: Asked, number: int) -> object:
    return session_list.table(listing.page(asked, number=number).sessions, {})


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "files").mkdir()
        files = write_files(home / "files")
        url = f"sqlite:///{home / 'biotune.db'}"
        fill(url)
        with Store.open(url) as store:
            listing = Listing(store)
            print(HEAD)
            for what, asked, number in (
                ("the first page", Asked(), 1),
                ("page 400", Asked(), 400),
                ("one client's", Asked(client="K-17"), 1),
                ("longest first", Asked(order="longest"), 1),
                ("a search for words", Asked(text="drumming 14 may"), 1),
            ):
                ours, theirs = partial(show, listing, asked, number), partial(read_files, files)
                compare(what, ours, theirs, runs=3, asked=25)
