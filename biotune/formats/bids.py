"""A recording as a BIDS data set: ``sub-…/beh/…_physio.tsv.gz`` and what belongs to it.

Beats come when they come; BIDS wants evenly sampled signals. So the physio file has the running RR interval 4 times a
second (and, in a file of its own, the ECG at its own rate where there is one), and the events file has every beat, gap
and phase with its exact time: from that the intervals can be had again without loss.
"""

import gzip
import importlib.metadata
import io
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from biotune.analysis import ecg
from biotune.formats import sampled
from biotune.formats.material import Material

NAME = "bids"
VERSION = "1.10.0"  # of the specification followed
_NA = "n/a"


def write(material: Material) -> dict[str, bytes]:
    """Return the data set's files by their path inside its folder."""
    subject = f"sub-{_label(material.session.client) or 'unknown'}"
    session = f"ses-{_label(material.session.id)}" if re.fullmatch(r"S\d+", material.session.id) else ""
    task = _label(material.session.protocol) or "session"
    run = f"run-{material.number}" if len(material.session.recordings) > 1 else ""
    stem = "_".join(part for part in (subject, session, f"task-{task}", run) if part)
    folder = "/".join(part for part in (subject, session, "beh") if part)
    files = {
        "dataset_description.json": _json(_description()),
        "README": _README.encode(),
        "participants.tsv": _tsv([("participant_id",), (subject,)]),
        "participants.json": _json({"participant_id": {"Description": "Pseudonymous code of the client"}}),
        f"{folder}/{stem}_events.tsv": _tsv([_EVENT_COLUMNS, *_events(material)]),
        f"{folder}/{stem}_events.json": _json(_EVENTS),
    }
    rr = sampled.running_interval(material)
    files |= _physio(
        f"{folder}/{stem}",
        [(_NA if value is None else f"{value:.3f}",) for value in rr.values],
        {
            "SamplingFrequency": rr.rate_hz,
            "StartTime": rr.start_s,
            "Columns": ["rr_interval"],
            "TaskName": material.session.protocol or "session",
            "rr_interval": {
                "Description": "The RR interval that is running, as the strap sent it; n/a where there is a gap",
                "Units": "ms",
            },
            **_device(material),
        },
    )
    samples = ecg.trace(material.recording)
    if samples is not None:
        even = sampled.even_ecg(samples)
        files |= _physio(
            f"{folder}/{stem}_recording-ecg",
            [(_NA if value is None else f"{value:.1f}",) for value in even.values],
            {
                "SamplingFrequency": even.rate_hz,
                "StartTime": even.start_s,
                "Columns": ["cardiac"],
                "TaskName": material.session.protocol or "session",
                "cardiac": {"Description": f"ECG, brought from {samples.rate_hz:.3f} Hz to even times", "Units": "uV"},
                **_device(material),
            },
        )
    return files


_README = """\
One session recorded with biotune, exported in the Brain Imaging Data Structure.

*_physio.tsv.gz  the running RR interval, four times a second; with recording-ecg the ECG
*_events.tsv     every beat with its own interval, every gap and phase, with exact times

The participant's label is the client's pseudonymous code without its punctuation.
biotune is not a medical device.
"""
_EVENT_COLUMNS = ("onset", "duration", "trial_type", "value", "rr_interval")
_EVENTS = {
    "onset": {"Description": "Time since the session's first line, or the file's own", "Units": "s"},
    "duration": {"Description": "Length", "Units": "s"},
    "trial_type": {
        "Description": "What it is",
        "Levels": {
            "beat": "an R peak",
            "gap": "a stretch without trustworthy beats",
            "phase": "a part of the session",
            "marker": "an instant that somebody marked",
            "music": "a piece sounded",
        },
    },
    "value": {
        "Description": "A phase's name, a gap's reason, a beat's artefact class, a marker's note, a piece's title"
    },
    "rr_interval": {"Description": "The interval that this beat ends, as the strap sent it", "Units": "ms"},
}


def _description() -> dict[str, Any]:
    version = importlib.metadata.version("biotune")
    return {
        "Name": "biotune session",
        "BIDSVersion": VERSION,
        "DatasetType": "raw",
        "GeneratedBy": [{"Name": "biotune", "Version": version}],
    }


def _device(material: Material) -> dict[str, str]:
    strap = sampled.strap(material.recording)
    known = {"Manufacturer": strap.manufacturer, "ManufacturersModelName": strap.model or strap.name} if strap else {}
    if strap and strap.firmware:
        known["SoftwareVersions"] = strap.firmware
    return {key: value for key, value in known.items() if value}


def _events(material: Material) -> list[tuple[str, ...]]:
    beats = material.prepared.timeline.beats
    rows: list[tuple[float, tuple[str, ...]]] = [
        (time_s, (f"{time_s:.6f}", "0", "beat", artefact.value if artefact else _NA, repr(rr_ms)))
        for time_s, rr_ms, artefact in zip(
            beats.time_s.tolist(), beats.rr_ms.tolist(), material.class_of_beats(), strict=True
        )
    ]
    spans: list[tuple[float, float, str, str]] = [
        *((phase.start_s, phase.end_s, "phase", phase.name) for phase in material.phases),
        *((gap.start_s, gap.end_s, "gap", gap.reason.value) for gap in material.prepared.timeline.gaps),
        *((mark.time_s, mark.time_s, "marker", mark.label) for mark in material.markers),
        *((play.start_s, play.end_s, "music", play.title) for play in material.plays),
    ]
    rows += [
        (start_s, (f"{start_s:.6f}", f"{end_s - start_s:.6f}", kind, value or _NA, _NA))
        for start_s, end_s, kind, value in spans
    ]
    return [row for _, row in sorted(rows, key=lambda each: each[0])]


def _physio(stem: str, rows: Iterable[Sequence[str]], sidecar: dict[str, Any]) -> dict[str, bytes]:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as file:  # no date in it: the same session, the same bytes
        file.write(_tsv(rows))
    return {f"{stem}_physio.tsv.gz": out.getvalue(), f"{stem}_physio.json": _json(sidecar)}


def _tsv(rows: Iterable[Sequence[str]]) -> bytes:
    clean = ("\t".join(" ".join(cell.split()) or _NA for cell in row) for row in rows)
    return "".join(f"{line}\n" for line in clean).encode()


def _json(document: object) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _label(text: str) -> str:
    """Return a word that BIDS takes for a label: letters and digits only.

    Examples
    --------
    >>> _label("K-204"), _label("guided-imagery")
    ('K204', 'guidedimagery')
    """
    return re.sub(r"[^0-9A-Za-z]", "", text)
