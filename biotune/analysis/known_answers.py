"""Cases whose answers follow from a formula: levels, ramps and waves."""

import math
from collections.abc import Iterator

import numpy as np

from biotune.analysis import known_faults, made
from biotune.analysis.closed_forms import (
    ALPHA1,
    ALPHA2,
    BREATHING,
    ENTROPY,
    EXPONENT,
    MEAN,
    POWER,
    TIME_DOMAIN,
    alpha_of_a_ramp,
    kept_by_detrending,
    kept_by_spline,
    rate,
    word,
)
from biotune.analysis.conformance import Case, Expectation
from biotune.analysis.series import Options


def cases() -> tuple[Case, ...]:
    """Make every case of the suite, in the order of the table."""
    return (*_plain(), *_shapes(), *_powers(), *_breathing(), *known_faults.cases())


# ---------------------------------------------------------------- by hand


def _plain() -> Iterator[Case]:
    rr_ms = np.full(400, 800.0)
    yield Case(
        "steady",
        "400 intervals of 800 ms.",
        made.file("steady", rr_ms),
        (
            Expectation("mean_nn", 800, "as built", MEAN),
            Expectation("mean_hr", 75, "60000 / 800", MEAN),
            Expectation("sdnn", 0, "nothing varies", TIME_DOMAIN, scale=800),
            Expectation("rmssd", 0, "nothing varies", TIME_DOMAIN, scale=800),
            Expectation("pnn50", 0, "nothing varies", TIME_DOMAIN, scale=100),
            word("lf_hf", "poor-signal", "0/0 is no number"),
        ),
    )
    rr_ms = np.tile([970.0, 1030.0], 120)
    yield Case(
        "alternating",
        "970 and 1030 ms in turn, 240 intervals.",
        made.file("alternating", rr_ms),
        (
            Expectation("rmssd", 60, "every step is 60 ms", TIME_DOMAIN),
            Expectation("sdnn", 30 * math.sqrt(240 / 239), "30·√(n/(n-1))", TIME_DOMAIN),
            Expectation("pnn50", 100, "every step exceeds 50 ms", TIME_DOMAIN),
            Expectation("sd1", 60 / math.sqrt(2), "step/√2", TIME_DOMAIN),
            Expectation("sd2", 0, "each two neighbours have the same sum", TIME_DOMAIN, scale=60 / math.sqrt(2)),
            Expectation("sample_entropy", 0, "what follows is certain: -ln 1", ENTROPY, scale=1),
        ),
    )
    rr_ms = np.append(np.tile([800.0, 830.0, 860.0], 130), 800.0)
    yield Case(
        "sawtooth",
        "800, 830, 860 ms over and over, 391 intervals.",
        made.file("sawtooth", rr_ms),
        (
            Expectation("rmssd", math.sqrt(1800), "√((30² + 30² + 60²)/3)", TIME_DOMAIN),
            Expectation("pnn50", 100 / 3, "one step in three exceeds 50 ms", TIME_DOMAIN),
            Expectation("ln_rmssd", math.log(1800) / 2, "ln √1800", TIME_DOMAIN),
        ),
    )


def _shapes() -> Iterator[Case]:
    n = 301
    sd2 = math.sqrt((n - 1) * n / 12) / math.sqrt(2)
    yield Case(
        "ramp",
        "From 725 to 875 ms in 300 steps of 0.5 ms.",
        made.file("ramp", np.linspace(725, 875, n)),
        (
            Expectation("mean_nn", 800, "the middle", MEAN),
            Expectation("rmssd", 0.5, "every step is 0.5 ms", TIME_DOMAIN),
            Expectation("sdnn", 0.5 * math.sqrt(n * (n + 1) / 12), "step·√(n(n+1)/12)", TIME_DOMAIN),
            Expectation("sd1", 0, "all steps are equal", TIME_DOMAIN, scale=sd2),
            Expectation("sd2", sd2, "2·step·√((n-1)n/12)/√2", TIME_DOMAIN),
            Expectation("dfa_alpha1", alpha_of_a_ramp(ALPHA1), "F² ∝ (n²-1)(n²-4), slope over 4 to 11", EXPONENT),
            Expectation("dfa_alpha2", alpha_of_a_ramp(ALPHA2), "F² ∝ (n²-1)(n²-4), slope over 12 to 64", EXPONENT),
        ),
    )
    yield Case(
        "every triple",
        "Each three of 780, 800, 820 ms occur ten times in a row of 272 intervals (de Bruijn).",
        made.file("every triple", made.every_triple((780.0, 800.0, 820.0), 10)),
        (Expectation("sample_entropy", math.log(29 / 9), "ln(9·C(30,2) / (27·C(10,2)))", ENTROPY),),
    )
    yield Case(
        "two bins",
        "840 ms eight times, 860, 820: over and over, 400 intervals.",
        made.file("two bins", np.tile([840.0] * 8 + [860.0, 820.0], 40)),
        (Expectation("stress_index", math.sqrt(90 / (2 * 0.84 * 0.04)), "√(AMo / (2·Mo·MxDMn))", TIME_DOMAIN),),
    )


# ---------------------------------------------------------------- waves


def _power(metric: str, size_ms: float, why: str = "A²/2", share: float = 1.0) -> Expectation:
    return Expectation(metric, share * size_ms**2 / 2, why, POWER)


def _nothing(metric: str, beside: float) -> Expectation:
    return Expectation(metric, 0, "no wave there; error as a share of the whole", POWER, scale=beside)


def _powers() -> Iterator[Case]:
    two = ((0.1, 30.0), (0.25, 20.0))
    for name, seconds in (("two waves", 360), ("two waves, longer", 1200)):
        rr_ms = made.waves(seconds, *two)
        yield Case(
            name,
            f"30 ms at 0.1 Hz and 20 ms at 0.25 Hz, {seconds // 60} minutes.",
            made.file(name, rr_ms),
            (
                _power("lf", 30),
                _power("hf", 20),
                Expectation("lf_hf", 2.25, "450 / 200", POWER),
                Expectation("lf_nu", 100 * 450 / 650, "450 / 650", POWER),
                Expectation("breathing_rate", 15, "0.25 Hz", BREATHING),
                rate(rr_ms),
            ),
        )
    yield Case(
        "two waves, kubios",
        "The same six minutes under the convention `kubios`.",
        made.file("two waves, kubios", made.waves(360, *two)),
        (
            _power("lf", 30, "A²/2 · what smoothness priors leave at 0.1 Hz", kept_by_detrending(0.1)),
            _power("hf", 20, "A²/2 · what they leave at 0.25 Hz", kept_by_detrending(0.25)),
        ),
        Options(),
    )
    yield Case(
        "an hour",
        "40 ms at 0.02 Hz, 30 ms at 0.1 Hz, 20 ms at 0.25 Hz, 60 minutes.",
        made.file("an hour", made.waves(3600, (0.02, 40.0), *two)),
        (_power("vlf", 40), _power("lf", 30), Expectation("total_power", 1450, "800 + 450 + 200", POWER)),
    )
    for name, level_ms, hz in (("fast heart", 600.0, 0.3), ("slow heart", 1200.0, 0.25)):
        share = kept_by_spline(hz, level_ms)
        yield Case(
            name,
            f"30 ms at {hz} Hz in a heart at {60_000 / level_ms:g}/min, 6 minutes.",
            made.file(name, made.waves(360, (hz, 30.0), level_ms=level_ms)),
            (_power("hf", 30, f"A²/2 · {share:.4f}, the cubic spline's share at {hz} Hz", share), _nothing("lf", 450)),
        )


def _breathing() -> Iterator[Case]:
    yield Case(
        "breathing",
        "40 ms at 0.25 Hz (15 breaths a minute), 6 minutes.",
        made.file("breathing", made.waves(360, (0.25, 40.0))),
        (
            Expectation("breathing_rate", 15, "0.25 Hz", BREATHING),
            Expectation("rsa", 80, "2·A, peak to trough", POWER),
            _power("hf", 40),
            _nothing("lf", 800),
            word("hf.flags", "", "within 9 to 24 breaths a minute"),
        ),
    )
    yield Case(
        "slow breathing",
        "60 ms at 0.1 Hz (6 breaths a minute), 6 minutes.",
        made.file("slow breathing", made.waves(360, (0.1, 60.0))),
        (
            Expectation("breathing_rate", 6, "0.1 Hz", BREATHING),
            Expectation("rsa", 120, "2·A, peak to trough", POWER),
            _power("lf", 60),
            _nothing("hf", 1800),
            word("hf.flags", "not-interpretable", "below 9 breaths a minute"),
        ),
    )
    within = 2 * (
        0.96 - 0.375 * 0.96**2
    )  # trapezoids over the Hann window's three bins, ¼ 1 ¼, cut at ±0.015 Hz · 64 s
    yield Case(
        "one slow wave",
        "40 ms at 6/64 Hz, 6 minutes.",
        made.file("one slow wave", made.waves(360, (6 / 64, 40.0))),
        (Expectation("rhythm_regularity", within / (1.5 - within), "Hann's main lobe, inside and out", POWER),),
    )
