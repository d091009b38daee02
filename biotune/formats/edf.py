"""A recording as EDF+: the running RR interval, the ECG where there is one, and everything with a time as annotations.

EDF has no way to say that nothing was measured: there a signal is 0, and an annotation names the gap. What is sampled
at even times is for looking at; each beat's own interval stands in its annotation, without loss.
"""

import importlib.metadata
import re

import edfio
import numpy as np

from biotune.errors import ExportError
from biotune.formats import sampled
from biotune.formats.material import Material
from biotune.formats.sampled import Even

NAME = "edf"
_EARLIEST_YEAR = 1985  # EDF's years have two digits
_RR_MS = 3000.0  # physical maximum, unless an interval is longer
_ECG_UV = 20_000.0  # of 14 bits, signed, in µV
_LONGEST = 60  # characters of a note in an annotation


def write(material: Material) -> bytes:
    """Return the file.

    Raises
    ------
    ExportError
        Where the times of the beats span more than eight days.
    """
    from biotune.analysis import ecg  # noqa: PLC0415 - the readers' registry does without

    rr, samples = sampled.running_interval(material), ecg.trace(material.recording)
    if (ends_s := material.prepared.timeline.duration_s - rr.start_s) > sampled.LONGEST_S:
        raise ExportError(
            "this recording is too long for EDF",
            why=f"Its times span {ends_s / 86_400:,.0f} days, and EDF keeps every second of them.",
            hint="The formats csv and json keep them as they are.",
        )
    signals = [_signal(rr, rr.start_s, "RR", "ms", (0.0, max(_RR_MS, *(value or 0.0 for value in rr.values), 1.0)))]
    if samples is not None:
        even = sampled.even_ecg(samples)
        note = f"brought from {samples.rate_hz:.3f} Hz to even times"
        signals.append(_signal(even, rr.start_s, "ECG", "uV", (-_ECG_UV, _ECG_UV), note))
    seconds = max(1, *(int(np.ceil(len(signal.data) / signal.sampling_frequency)) for signal in signals))
    even_long = [_padded(signal, seconds) for signal in signals]
    started = material.session.started.astimezone()
    dated = started.year >= _EARLIEST_YEAR
    strap = sampled.strap(material.recording)
    made = edfio.Edf(
        even_long,
        patient=edfio.Patient(code=_word(material.session.client) or "X"),
        recording=edfio.Recording(
            startdate=started.date() if dated else None,
            equipment_code=_word(strap.name if strap else "") or "X",
            additional=(f"biotune_{importlib.metadata.version('biotune')}",),
        ),
        starttime=started.time().replace(microsecond=0) if dated else None,
        data_record_duration=1.0,
        annotations=_annotations(material, rr.start_s),
    )
    return made.to_bytes()


def _signal(
    even: Even, start_s: float, label: str, unit: str, limits: tuple[float, float], note: str = ""
) -> edfio.EdfSignal:
    values = np.array([0.0 if value is None else value for value in even.values], dtype=np.float64)
    before = np.zeros(max(0, round((even.start_s - start_s) * even.rate_hz))) if start_s < even.start_s else np.zeros(0)
    return edfio.EdfSignal(
        np.clip(np.concatenate([before, values]), *limits),
        even.rate_hz,
        label=label,
        physical_dimension=unit,
        physical_range=limits,
        prefiltering=note,
    )


def _padded(signal: edfio.EdfSignal, seconds: int) -> edfio.EdfSignal:
    """Fill a signal up to whole data records."""
    wanted = round(seconds * signal.sampling_frequency)
    return edfio.EdfSignal(
        np.concatenate([signal.data, np.zeros(wanted - len(signal.data))])[:wanted],
        signal.sampling_frequency,
        label=signal.label,
        physical_dimension=signal.physical_dimension,
        physical_range=(signal.physical_min, signal.physical_max),
        prefiltering=signal.prefiltering,
    )


def _annotations(material: Material, start_s: float) -> list[edfio.EdfAnnotation]:
    beats = material.prepared.timeline.beats
    told: list[tuple[float, float | None, str]] = [
        (time_s, None, f"beat rr={rr_ms!r} ms{f' {artefact.value}' if artefact else ''}")
        for time_s, rr_ms, artefact in zip(
            beats.time_s.tolist(), beats.rr_ms.tolist(), material.class_of_beats(), strict=True
        )
    ]
    told += [(each.start_s, each.duration_s, f"phase {each.name}") for each in material.phases]
    told += [
        (gap.start_s, gap.end_s - gap.start_s, f"gap {gap.reason.value}") for gap in material.prepared.timeline.gaps
    ]
    told += [(mark.time_s, None, f"marker {mark.label[:_LONGEST]}".strip()) for mark in material.markers]
    told += [(play.start_s, play.duration_s, f"music {play.title[:_LONGEST]}".strip()) for play in material.plays]
    if start_s:
        told.append((start_s, None, f"the file begins at {start_s:g} s of the recording's own time"))
    return [
        edfio.EdfAnnotation(max(0.0, onset - start_s), length, " ".join(text.split()))
        for onset, length, text in sorted(told, key=lambda each: each[0])
    ]


def _word(text: str) -> str:
    """Return text as EDF's header takes it: printable ASCII, no spaces.

    Examples
    --------
    >>> _word("Polar H10 0A1B"), _word("Käthe")
    ('Polar_H10_0A1B', 'K?the')
    """
    return re.sub(r"[^!-~]", "?", "_".join(text.split()))[:60]
