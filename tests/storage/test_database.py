"""Opening the database: at once where it is there, made where it is missing, refused in words where it is neither."""

import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from biotune.errors import BiotuneError, StorageError, UsageError
from biotune.settings import Settings
from biotune.storage import database, schema
from biotune.storage.store import Store


def url_of(file: Path) -> str:
    return f"sqlite:///{file}"


def test_the_migrations_make_exactly_the_tables_that_the_program_uses(tmp_path: Path) -> None:
    engine = database.connect(url_of(tmp_path / "biotune.db"))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
        (without_rowid,) = connection.exec_driver_sql("SELECT wr FROM pragma_table_list('line')").one()
    engine.dispose()
    assert without_rowid


def test_the_program_knows_its_newest_migration() -> None:
    scripts = ScriptDirectory(str(database._MIGRATIONS))
    assert scripts.get_current_head() == schema.REVISION


def test_opening_what_is_up_to_date_pays_for_no_migrations(tmp_path: Path) -> None:
    url = url_of(tmp_path / "biotune.db")
    Store.open(url).close()
    program = (
        "import sys; from biotune.storage.store import Store\n"
        "Store.open(sys.argv[1]).sessions(); print('alembic' in sys.modules, 'numpy' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", program, url], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False"]


def _open(url: str) -> None:
    Store.open(url).close()


def test_two_processes_may_make_the_same_database_at_once(tmp_path: Path) -> None:
    url = url_of(tmp_path / "biotune.db")
    start = multiprocessing.get_context("spawn")
    openers = [start.Process(target=_open, args=(url,)) for _ in range(3)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()
    assert [opener.exitcode for opener in openers] == [0, 0, 0]


def _damage(file: Path) -> None:
    with Store.open(url_of(file)) as store:
        store.keep("x", "y" * 100_000)
    with file.open("r+b") as stream:
        stream.seek(100)  # behind the header: the table of tables
        stream.write(os.urandom(4000))


def _foreign(file: Path) -> None:
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE recipe (name)")


def _from_the_future(file: Path) -> None:
    Store.open(url_of(file)).close()
    with sqlite3.connect(file) as other:
        other.execute("UPDATE alembic_version SET version_num = '9000'")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda file: file.write_text("a shopping list, and a long one at that\n" * 50), "is not a biotune database"),
        (_damage, "is damaged"),
        (_foreign, "is a database, but not biotune's"),
        (_from_the_future, "was written by a newer biotune"),
        (Path.mkdir, "is a folder, not a database"),
        (lambda file: (shutil.rmtree(file.parent), file.parent.write_text("")), "is a file, not a folder"),
    ],
    ids=["text", "damaged", "foreign", "newer", "folder", "no folder"],
)
def test_what_cannot_be_opened_is_said_with_its_name_and_what_to_do(tmp_path: Path, make: object, says: str) -> None:
    file = tmp_path / "data" / "biotune.db"
    file.parent.mkdir()
    make(file)  # type: ignore[operator]
    with pytest.raises(StorageError) as caught:
        Store.open(url_of(file))
    assert says in caught.value.what
    assert str(file.parent) in caught.value.what
    assert caught.value.hint


def test_a_folder_that_may_not_be_written_is_said_so(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    Store.open(url_of(folder / "biotune.db")).close()
    for path in (folder / "biotune.db", folder):
        path.chmod(0o555)
    program = (
        "import os, sys, sqlalchemy.dialects.sqlite; from biotune.storage.store import Store\n"
        "from biotune.errors import StorageError\n"
        "os.getuid() == 0 and os.setuid(65534)\n"  # the administrator may write anywhere
        "try: Store.open(sys.argv[1]).keep('a', 'b')\n"
        "except StorageError as error: print(error)"
    )
    for parent in (tmp_path, *tmp_path.parents[:3]):
        parent.chmod(0o755)
    told = subprocess.run(
        [sys.executable, "-c", program, url_of(folder / "biotune.db")], capture_output=True, text=True, check=True
    )
    assert "cannot be written" in told.stdout or "cannot be opened" in told.stdout
    assert "readonly" in told.stdout or "unable to open" in told.stdout


@pytest.mark.parametrize(
    ("url", "error"), [("not a url", UsageError), ("nosuch://x", UsageError), ("mysql://x/y", StorageError)]
)
def test_a_database_url_that_leads_nowhere_is_refused(url: str, error: type[BiotuneError]) -> None:
    with pytest.raises(error):
        Store.open(url)


@pytest.mark.parametrize("name", ["a b", "a%20b", "a?b", "a#b", "Bücher"])
def test_a_data_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    Store.open(Settings.read(home=tmp_path / name, environment={}).database).close()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "biotune.db").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a user's folders apart by other means")
def test_nobody_else_on_the_machine_can_read_what_is_recorded(tmp_path: Path) -> None:
    file = tmp_path / "data" / "biotune.db"
    with Store.open(url_of(file)) as store:
        store.create_session(client="K-204", protocol="listening", started=datetime.now(UTC))
        beside = sorted(each.name for each in file.parent.iterdir() if each.stat().st_mode & 0o077)
    assert beside == []
    assert not file.parent.stat().st_mode & 0o077
