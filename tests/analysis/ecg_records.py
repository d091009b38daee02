"""What tests of an ECG share: frames as a strap sends them, and records with annotated beats."""

from pathlib import Path

import numpy as np

from biotune.domain import NS_PER_S, Entry, LogLine, PacketReceived, RecorderStarted, Recording, Stamp
from biotune.wire.polar import POLAR_DATA, EcgFrame, Frame
from biotune.wire.polar import encode as encode_frame

CLOCK_S = 599_616_000  # where an H10's clock starts
Timed = tuple[float, Entry]


def recording(timed: list[Timed]) -> Recording:
    lines = [
        LogLine(seq, "recorder:1", Stamp("boot", round(at_s * NS_PER_S), round(at_s * NS_PER_S)), 1, entry)
        for seq, (at_s, entry) in enumerate(sorted(timed, key=lambda each: each[0]), start=1)
    ]
    return Recording("S1", tuple(lines))


STARTED = (0.0, RecorderStarted("strap", "0.1.0"))


def packet(frame: Frame) -> PacketReceived:
    return PacketReceived(POLAR_DATA, encode_frame(frame))


def ecg_frames(
    microvolts: np.ndarray, *, rate_hz: float = 130.0, samples: int = 73, clock_s: float = CLOCK_S, start_s: float = 1.0
) -> list[tuple[float, EcgFrame]]:
    """Frames with the session time of their last sample; the first sample is taken at `start_s`."""
    made = []
    for first in range(0, len(microvolts) - samples + 1, samples):
        last_s = start_s + (first + samples - 1) / rate_hz
        values = tuple(int(value) for value in microvolts[first : first + samples])
        made.append((last_s, EcgFrame(round((clock_s + last_s) * NS_PER_S), values)))
    return made


def arriving(made: list[tuple[float, Frame]], *, late_s: float = 0.1, seed: int = 0) -> list[Timed]:
    """Packets of frames, each a little late, in order."""
    rng = np.random.default_rng(seed)
    arrivals = np.maximum.accumulate([last_s + late_s + rng.exponential(0.03) for last_s, _ in made])
    return [(float(at_s), packet(frame)) for at_s, (_, frame) in zip(arrivals, made, strict=True)]


# WFDB annotation codes that mark a beat (PhysioNet, "WFDB annotation codes")
BEATS = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 25, 30, 34, 35, 37, 38}


def read_mitdb_100(reference: Path) -> tuple[np.ndarray, np.ndarray]:
    """MIT-BIH record 100: MLII in µV at 360 Hz, and the samples of its annotated beats."""
    folder = reference / "ecg" / "mitdb_100"
    packed = np.fromfile(folder / "100.dat", dtype=np.uint8).astype(np.int64).reshape(-1, 3)
    mlii = packed[:, 0] | (packed[:, 1] & 0x0F) << 8  # format 212: two 12-bit numbers in three bytes
    mlii = np.where(mlii > 2047, mlii - 4096, mlii)
    # the header's own first value and checksum
    assert mlii[0] == 995
    assert (int(mlii.sum()) + 32768) % 65536 - 32768 == -22131
    words = np.fromfile(folder / "100.atr", dtype="<u2").astype(int)
    beats, sample, k = [], 0, 0
    while k < len(words) and words[k]:
        code, value = words[k] >> 10, words[k] & 1023
        if code == 59:  # a long skip, in the next two words
            sample += (words[k + 1] << 16) + words[k + 2]
            k += 2
        elif code == 63:  # a note of so many bytes
            k += (value + 1) // 2
        elif code < 50:
            sample += value
            if code in BEATS:
                beats.append(sample)
        k += 1
    assert len(beats) == 2273  # PhysioNet's table of the database
    return (mlii - 1024) * 5.0, np.array(beats)  # 200 units a mV


def found_of(peaks_s: np.ndarray, beats_s: np.ndarray) -> tuple[float, float]:
    """Sensitivity and positive predictive value; a peak within 50 ms is the beat's."""
    right = np.clip(np.searchsorted(peaks_s, beats_s), 1, len(peaks_s) - 1)
    apart_s = np.minimum(np.abs(peaks_s[right] - beats_s), np.abs(peaks_s[right - 1] - beats_s))
    hits = int(np.sum(apart_s < 0.05))
    return hits / len(beats_s), hits / len(peaks_s)
