"""A session's files for other programs, and as one file for a browser."""

import io
import zipfile
from dataclasses import dataclass

from biotune.formats import exporting
from biotune.library.subjects import Subject, material

FORMATS = tuple(exporting.WRITERS)
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest day a ZIP knows: the same session gives the same bytes


@dataclass(frozen=True, slots=True)
class OneFile:
    """A file's name, its type for a browser, and what is in it."""

    name: str
    media_type: str
    data: bytes


def one_file(subject: Subject, format_name: str, *, with_notes: bool = False) -> OneFile:
    """Return an export as one file: a folder of files is packed.

    Parameters
    ----------
    subject : Subject
        A session, or a file.
    format_name : str
        One of `FORMATS`.
    with_notes : bool
        Whether free text goes out as well.

    Raises
    ------
    UsageError
        Where there is no such format.
    ExportError
        Where the recording does not fit into it.
    """
    writer = exporting.writer(format_name)
    files = exporting.write(material(subject, with_notes=with_notes), writer.name)
    stem = f"biotune-{subject.name}" + (f"-{subject.number}" if subject.number > 1 else "")
    if not writer.is_folder:
        return OneFile(f"{stem}{writer.ending}", writer.media_type, files[""])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(f"{stem}/{name}", _LONG_AGO), data, zipfile.ZIP_DEFLATED)
    return OneFile(f"{stem}-{writer.name}.zip", "application/zip", packed.getvalue())
