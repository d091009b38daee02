"""Files that leave the house: whole or not at all, and never in place of another without being asked."""

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from biotune.errors import ExportError, UsageError

_FORCE = "Choose another name, or overwrite it with --force."


def check(path: Path, *, force: bool) -> None:
    """Refuse a file that cannot be written, before anything is computed for it.

    Raises
    ------
    UsageError
        Where it exists already, is a folder, or its folder does not exist.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder", hint="Name a file in it.")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}", hint="Make it first, or name another one.")
    if path.exists() and not force:
        raise UsageError(f"{path} exists already", hint=_FORCE)


def write(path: Path, data: bytes, *, force: bool = False) -> None:
    """Write one file: until all of it is on the disk, what was there before stays.

    Raises
    ------
    UsageError
        As `check`.
    ExportError
        Where it cannot be written: no right, no space.
    """
    check(path, force=force)
    part = ""
    try:
        handle, part = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        with os.fdopen(handle, "wb") as file:  # readable by its owner only, as the data it comes from
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _into_place(Path(part), path, force=force)
    except OSError as error:
        raise _cannot(path, error) from error
    finally:
        if part:
            with suppress(OSError):
                Path(part).unlink(missing_ok=True)


def write_folder(folder: Path, files: Mapping[str, bytes], *, force: bool = False) -> tuple[Path, ...]:
    """Write many files into a folder, which is made; return them.

    Raises
    ------
    UsageError
        Where the folder is a file, or one of the files exists already.
    ExportError
        As `write`.
    """
    wanted = {folder / name: data for name, data in files.items()}
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", hint="This format is a folder of files: name a new folder.")
    if not folder.parent.is_dir():
        raise UsageError(f"there is no folder {folder.parent}", hint="Make it first, or name another one.")
    there = [path for path in wanted if path.exists()]
    if there and not force:
        raise UsageError(f"{there[0]} exists already", hint=_FORCE)
    for path, data in wanted.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _cannot(path.parent, error) from error
        write(path, data, force=force)
    return tuple(wanted)


def _into_place(part: Path, path: Path, *, force: bool) -> None:
    if force:
        part.replace(path)
        return
    try:
        os.link(part, path)  # fails where somebody else was faster; a rename would not
    except FileExistsError as error:
        raise UsageError(f"{path} exists already", hint=_FORCE) from error
    except OSError:  # a file system without links
        part.replace(path)


def _cannot(path: Path, error: OSError) -> ExportError:
    return ExportError(
        f"{path} cannot be written",
        why=f"{error.strerror or error}.",
        hint="Name another file, where you may write and the disk has room.",
    )
