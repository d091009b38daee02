"""Files brought in through a page: what came in, what was there, what could not be read, and nothing left behind."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from biotune.errors import UsageError
from biotune.library import open_library
from biotune.library.importing import Brought, Imports
from biotune.storage.store import Store

ROWS = "\n".join(f"{0.8 * k:.1f},{800 + k % 7}" for k in range(1, 200))
GOOD = f"time_s,rr_ms\n{ROWS}\n".encode()


def test_each_file_comes_in_once_and_what_fails_is_told_by_its_own_name(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'biotune.db'}") as store:
        imports = Imports(store)
        files = [
            Brought("one.csv", GOOD, 1_700_000_000.0),
            Brought("again.csv", GOOD, 1_700_000_000.0),
            Brought("../../etc/picture.png", b"\x89PNG\r\n", 1_700_000_000.0),
        ]
        imports.begin(files, client="K-1")
        assert imports.wait()
        now = imports.now
        assert (now.done, now.total, now.sessions) == (3, 3, ("S1",))
        assert now.known == (("again.csv", "S1"),)
        assert now.date_of_file == ("S1",)
        ((name, why),) = now.failed
        assert name == "../../etc/picture.png"
        assert "biotune-" not in why  # no path of this machine
        (session,) = store.sessions()
        assert session.client == "K-1"
        assert session.started.timestamp() == pytest.approx(1_700_000_000.0)  # when the file was written


def test_a_stopped_batch_leaves_out_what_was_not_begun(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'biotune.db'}") as store:
        imports = Imports(store)
        files = [Brought(f"{k}.csv", GOOD.replace(b"801", str(801 + k).encode()), 0.0) for k in range(60)]
        imports.begin(files)
        with pytest.raises(UsageError, match="already"):
            imports.begin(files)
        imports.stop()
        assert imports.wait()
        assert imports.now.stopped
        assert imports.now.done < 60
        assert len(store.sessions()) == len(imports.now.sessions) == imports.now.done


def test_an_impossible_code_begins_nothing(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'biotune.db'}") as store:
        imports = Imports(store)
        with pytest.raises(UsageError):
            imports.begin([Brought("one.csv", GOOD, 0.0)], client="<script>")
        assert not imports.now.running


def test_only_a_file_without_a_date_of_its_own_makes_the_date_a_guess(tmp_path: Path) -> None:
    # When each interval arrived, as the app HRV Logger writes them: milliseconds since 1970
    dated = "timestamp, rr, since_start\n" + "\n".join(
        f"{1_700_000_000_000 + 800 * k}, 800, {800 * k}" for k in range(1, 60)
    )
    with open_library(tmp_path / "home") as library:
        library.imports.begin([Brought("a.csv", GOOD, 1e9), Brought("b.csv", dated.encode(), 1e9)])
        assert library.imports.wait()
        assert library.imports.now.sessions == ("S1", "S2"), library.imports.now.failed
        assert library.imports.now.date_of_file == ("S1",)
        assert [library.has_date_of_file(each) for each in ("S1", "S2")] == [True, False]
        recorded = library.store.create_session(client="", protocol="", started=datetime(2026, 5, 4, tzinfo=UTC))
        assert not library.has_date_of_file(recorded)
