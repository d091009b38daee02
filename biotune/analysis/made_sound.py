"""Sounds whose tempo is known, made from nothing: clicks, drums, pads, and what has no steady beat.

They prove the tempo here and now (the tests, ``tests/soak/tempo.py``) and let `doctor` try the reading of audio.
"""

from collections.abc import Sequence

import numpy as np

from biotune.analysis.series import FloatArray

RATE_HZ = 44_100


def clicks(bpm: float, seconds: float, *, rate_hz: int = RATE_HZ) -> FloatArray:
    """Return a metronome: one short click a beat, shape (n_samples,)."""
    return struck(beats(bpm, seconds), seconds, _click(rate_hz), rate_hz=rate_hz)


def drums(bpm: float, seconds: float, *, pattern: str = "rock", seed: int = 0, rate_hz: int = RATE_HZ) -> FloatArray:
    """Return a drum kit.

    Parameters
    ----------
    bpm, seconds : float
        Tempo and length.
    pattern : str
        ``rock``: bass drum on 1 and 3, snare on 2 and 4, hi-hat in quavers. ``four``: bass drum on every beat, hi-hat
        between. ``frame``: a frame drum, strong, weak, weak, weak. ``waltz``: bass drum, then snare twice.
    seed : int
        Of the noise in snare and hi-hat.
    """
    at_s = beats(bpm, seconds)
    half_s = 30 / bpm
    kick, snare, hat = _kick(rate_hz), _snare(rate_hz, seed), _hat(rate_hz, seed)
    parts: dict[str, list[tuple[FloatArray, FloatArray, float]]] = {
        "rock": [
            (at_s[::2], kick, 1.0),
            (at_s[1::2], snare, 0.7),
            (np.sort(np.concatenate([at_s, at_s + half_s])), hat, 0.25),
        ],
        "four": [(at_s, kick, 1.0), (at_s + half_s, hat, 0.3)],
        "frame": [(at_s[::4], kick, 1.0), *((at_s[k::4], kick, 0.55) for k in (1, 2, 3))],
        "waltz": [(at_s[::3], kick, 1.0), (at_s[1::3], snare, 0.5), (at_s[2::3], snare, 0.5)],
    }
    made = [gain * struck(when, seconds, sound, rate_hz=rate_hz) for when, sound, gain in parts[pattern]]
    return np.asarray(np.sum(made, axis=0))


def pads(bpm: float, seconds: float, *, seed: int = 0, rate_hz: int = RATE_HZ) -> FloatArray:
    """Return soft chords that swell on every beat and change every fourth one, over a drone."""
    random = np.random.default_rng(seed)
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    since_s = time_s % (60 / bpm)
    swell = 0.3 + 0.7 * np.minimum(since_s / 0.04, 1) * np.exp(-since_s / 0.4)
    bar = (time_s // (240 / bpm)).astype(int)
    roots_hz = np.asarray([110.0, 98.0, 130.8, 123.5])[random.permutation(4)][bar % 4]
    phase = 2 * np.pi * np.cumsum(roots_hz) / rate_hz
    chord = np.sum([np.sin(phase * ratio) / ratio for ratio in (1.0, 1.5, 2.0, 2.5)], axis=0)
    return np.asarray(0.15 * swell * chord + 0.05 * np.sin(2 * np.pi * 55 * time_s))


def drone(seconds: float, *, seed: int = 0, rate_hz: int = RATE_HZ) -> FloatArray:
    """Return a sound that only wanders: harmonics that come and go slowly, and a breath of noise."""
    random = np.random.default_rng(seed)
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    voices = [
        (1 + 0.5 * np.sin(2 * np.pi * random.uniform(0.01, 0.07) * time_s + random.uniform(0, 6)))
        * np.sin(2 * np.pi * 82.4 * harmonic * time_s)
        / harmonic
        for harmonic in range(1, 7)
    ]
    return 0.1 * sum(voices, start=np.zeros_like(time_s)) + 0.005 * random.standard_normal(len(time_s))


def rubato(bpm: float, seconds: float, *, spread: float = 0.2, seed: int = 0, rate_hz: int = RATE_HZ) -> FloatArray:
    """Return plucked notes whose distances wander freely, by `spread` (a share of the beat)."""
    random = np.random.default_rng(seed)
    steps_s = 60 / bpm * np.exp(spread * random.standard_normal(round(seconds * bpm / 60) * 2))
    at_s = np.cumsum(steps_s)
    return struck(at_s[at_s < seconds - 1], seconds, _pluck(rate_hz), rate_hz=rate_hz)


def ramp(from_bpm: float, to_bpm: float, seconds: float, *, rate_hz: int = RATE_HZ) -> FloatArray:
    """Return clicks that grow faster, or slower, evenly from the beginning to the end."""
    at_s, times = 0.0, []
    while at_s < seconds - 1:
        times.append(at_s)
        at_s += 60 / (from_bpm + (to_bpm - from_bpm) * at_s / seconds)
    return struck(np.asarray(times), seconds, _click(rate_hz), rate_hz=rate_hz)


def beats(bpm: float, seconds: float) -> FloatArray:
    """Return when the beats of a steady piece fall, in seconds."""
    return np.arange(0.1, seconds - 1, 60 / bpm)


def struck(
    at_s: Sequence[float] | FloatArray, seconds: float, sound: FloatArray, *, rate_hz: int = RATE_HZ
) -> FloatArray:
    """Return silence with `sound` begun at each of those times."""
    made = np.zeros(round(seconds * rate_hz))
    for begin in np.round(np.asarray(at_s) * rate_hz).astype(int):
        part = sound[: max(0, len(made) - begin)]
        made[begin : begin + len(part)] += part
    return made


def _decay(seconds: float, half_s: float, rate_hz: int) -> tuple[FloatArray, FloatArray]:
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return time_s, np.minimum(1.0, time_s / 0.001) * 0.5 ** (time_s / half_s)


def _click(rate_hz: int) -> FloatArray:
    time_s, decay = _decay(0.05, 0.005, rate_hz)
    return 0.8 * decay * np.sin(2 * np.pi * 1000 * time_s)


def _kick(rate_hz: int) -> FloatArray:
    time_s, decay = _decay(0.35, 0.06, rate_hz)
    return np.asarray(0.8 * decay * np.sin(2 * np.pi * (50 * time_s + 4 * (1 - np.exp(-time_s / 0.03)))))


def _snare(rate_hz: int, seed: int) -> FloatArray:
    time_s, decay = _decay(0.25, 0.04, rate_hz)
    noise = np.random.default_rng(seed).standard_normal(len(time_s))
    return np.asarray(decay * (0.3 * noise + 0.4 * np.sin(2 * np.pi * 190 * time_s)))


def _hat(rate_hz: int, seed: int) -> FloatArray:
    time_s, decay = _decay(0.08, 0.012, rate_hz)
    noise = np.random.default_rng(seed + 1).standard_normal(len(time_s))
    return 0.4 * decay * np.diff(noise, prepend=0.0)


def _pluck(rate_hz: int) -> FloatArray:
    time_s, decay = _decay(0.9, 0.15, rate_hz)
    strings = [np.sin(2 * np.pi * 220 * k * time_s) / k for k in (1, 2, 3)]
    return np.asarray(0.4 * decay * np.sum(strings, axis=0))
