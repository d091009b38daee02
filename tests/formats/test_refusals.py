"""What no reader can use is refused in one to three lines that say what, why and what next."""

import itertools
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biotune.domain import Recording
from biotune.errors import BiotuneError, FormatError, UsageError
from biotune.formats import registry, text

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb0043000806060706")

BAD = {
    "empty": (b"", "is empty"),
    "blank": (b"\n  \r\n\t\n", "is empty"),
    "byte order mark alone": (b"\xef\xbb\xbf\n", "is empty"),
    "jpeg": (JPEG, "a JPEG picture"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(20), "a PNG picture"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
    "spreadsheet": (b"PK\x03\x04" + bytes(40), "an office document"),
    "binary": (bytes(range(256)), "not a text file"),
    "nul bytes": (b"800\n\x00\x00\n790\n", "not a text file"),
    "utf-16 without a mark": ("800\n790\n805\n".encode("utf-16-le"), "not a text file"),
    "broken utf-16": (b"\xff\xfe8\x000\x000", "not a text file"),
    "words": (b"It was the best of times,\nit was the worst of times.\n", "in no format that biotune reads"),
    "words after numbers": (b"800\n790\nwell then\n805\n", "line 3: 'well then' stands where an RR interval"),
    "web page": (b"<!DOCTYPE html><html></html>", "in no format"),
    "negative": (b"800\n-790\n805\n", "line 2: -790 is not an interval"),
    "zero": (b"800\n0\n805\n", "line 2: 0 is not an interval"),
    "two beats": (b"800\n790\n", "too few intervals: 2"),
    "one number": (b"800", "too few intervals: 1"),
    "comments alone": (b"# a\n# b\n", "too few intervals: none"),
    "header alone": (b"time_s,rr_ms\n", "too few intervals: none below its header"),
    "hrv logger's header alone": (b"timestamp, rr, since_start \n\n", "too few intervals: none below its header"),
    "beat times": (b"0.8\n1.6\n2.41\n3.2\n", "holds beat times, not RR intervals"),
    "beat times from zero": (b"0\n800\n1600\n2410\n", "holds beat times, not RR intervals"),
    "mixed units": (b"800\n790\n0.8\n805\n", "line 3: 0.8 ms is not an interval between two beats"),
    "mixed units, mostly seconds": (b"0.8\n0.79\n805\n0.8\n", "line 3: 805 s is not an interval between two beats"),
    "heart rates": (b"72\n74\n71\n70\n", "does not look like RR intervals"),
    "decimal comma": (b"0,812\n0,790\n0,805\n", "line 1: '0,812' has a decimal comma"),
    "two columns": (b"1 800\n2 790\n3 805\n", "line 1: '1 800' stands where"),
    "not a number": (b"800\nnan\n805\n", "line 2: 'nan' stands where"),
    "infinite": (b"800\n1e999\n805\n", "line 2: '1e999' stands where"),
    "digits of another script": (b"\xe0\xa5\xae\xe0\xa5\xa6\n" * 3, "in no format"),
    "an index without interval": (b",rr\n0,800\n1\n2,800\n", "line 3: there is no interval"),
    "csv without times": (b"time_s,rr_ms\n1,800\n,800\n3,800\n", "line 3: nothing stands where a time in seconds"),
    "csv in seconds": (b"time_s,rr_ms\n1,0.8\n2,0.8\n3,0.8\n", "line 2: 0.8 ms is not an interval"),
    "csv with time going back": (b"time_s,rr_ms\n1,800\n2,800\n1.5,800\n", "line 4: time does not go forward"),
    "csv with a cell too many": (b"time_s,rr_ms\n1,800,music\n", "line 2: 3 cells stand below a header of 2"),
    "csv with a cell too few": (b"time_s,rr_ms\n1\n", "line 2: 1 cells stand below a header of 2"),
    "csv with a phase that plays with the terminal": (
        "time_s,rr_ms,phase\n1,800,mu\u202esic\n".encode(),
        r"line 2: 'mu\u202esic' is not the name of a phase",
    ),
    "csv with an endless cell": (b"time_s,rr_ms\n1," + b"8" * 200_000, "line 2: 0 cells stand below"),
    "hrv logger's cells": (b"timestamp, rr, since_start\n1,800\n", "line 2: 2 cells stand below a header of 3"),
    "hrv logger's sum": (
        b"timestamp, rr, since_start\n1,800,800\n2,800,1600\n3,800,900\n",
        "line 4: since_start does not go forward",
    ),
    "a log of another version": (b'{"schema": "biotune.log/9"}\n', "line 1: the schema is 'biotune.log/9'"),
    "json": (b'{"rr": [800, 790]}', "in no format"),
}


@pytest.mark.parametrize("case", BAD)
def test_unusable_files_are_refused_with_what_and_where(case: str, tmp_path: Path) -> None:
    data, expected = BAD[case]
    path = tmp_path / "session.txt"
    path.write_bytes(data)
    with pytest.raises(FormatError) as caught:
        registry.read(path)
    message = str(caught.value)
    assert expected in message
    assert str(path) in message
    assert 1 <= len(message.splitlines()) <= 3
    assert caught.value.exit_code == 1


def test_what_a_file_says_cannot_play_with_the_terminal() -> None:
    with pytest.raises(FormatError) as caught:
        registry.recording_in("\u202eevil\u2028line\n".encode(), "x.txt")
    assert str(caught.value).isascii()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("nowhere.txt", "there is no file"), (".", "is a folder"), ("nul\0name", "there is no file")],
)
def test_a_wrong_name_is_a_wrong_call(name: str, expected: str, tmp_path: Path) -> None:
    for call in (registry.read, registry.identify, registry.read_session):
        with pytest.raises(UsageError, match=expected) as caught:
            call(tmp_path / name)
        assert caught.value.exit_code == 2


def test_a_file_in_a_file_is_a_wrong_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("800")
    with pytest.raises(UsageError, match="there is no file"):
        registry.read(tmp_path / "file" / "x.txt")


def test_an_unknown_format_is_a_wrong_call(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("800\n810\n800\n")
    with pytest.raises(UsageError, match="rr-text"):
        registry.read(tmp_path / "x.txt", format_name="fit")


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("800\n810\n800\n")
    path.chmod(0)
    if os.geteuid() == 0:  # root may read everything: a link to itself cannot be read by anyone
        path = tmp_path / "loop"
        path.symlink_to(path)
    with pytest.raises(FormatError, match="cannot be read"):
        registry.read(path)


def test_a_huge_file_is_refused_after_its_first_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with pytest.raises(FormatError, match="too large to be a recording"):
        registry.read(path)


def test_a_file_of_endless_lines_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MAX_LINES", 100)
    with pytest.raises(FormatError, match="too long to be a recording"):
        registry.recording_in(b"800\n790\n" * 60, "x.txt")


def usable(data: bytes) -> bool:
    try:
        found = registry.recording_in(data, "x.txt")
    except BiotuneError as error:
        assert 1 <= len(str(error).splitlines()) <= 3  # noqa: PT017 - the property is about both ways out
        return False
    assert isinstance(found, Recording)
    return True


@given(st.binary(max_size=200))
def test_any_bytes_are_a_recording_or_a_clear_refusal(data: bytes) -> None:
    usable(data)


LINES = st.sampled_from(
    [
        "800",
        "0.8",
        "-1",
        "",
        "#",
        "x",
        ",rr",
        "1,800",
        "time_s,rr_ms",
        "time_s,rr_ms,phase",
        "timestamp, rr, since_start",
        '{"schema": "biotune.log/1", "started": "2026-01-01T00:00:00+00:00"}',
        '{"seq": 1}',
        '"',
        "1,2,3",
        "nan",
        "1e400",
    ]
) | st.text(max_size=12)


@given(st.lists(LINES, max_size=8), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_any_lines_are_a_recording_or_a_clear_refusal(lines: list[str], encoding: str) -> None:
    usable("\n".join(lines).encode(encoding, errors="replace"))


@given(st.lists(st.integers(300, 2000), min_size=3, max_size=60))
def test_any_plausible_intervals_come_back_as_they_went_in(rr_ms: list[int]) -> None:
    data = "\n".join(map(str, rr_ms)).encode()
    increasing = all(before < after for before, after in itertools.pairwise(rr_ms))
    assert usable(data) is not increasing
    if not increasing:
        lines = registry.recording_in(data, "x.txt").lines
        assert [int(line.entry.text) for line in lines] == rr_ms  # type: ignore[union-attr]
