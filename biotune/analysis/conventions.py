"""The settings of each convention, as they make the numbers and as provenance names them.

============  ==============================================  ==================================
convention    series                                          spectrum
============  ==============================================  ==================================
`kubios`      cubic spline at 4 Hz, smoothness priors λ=500,  Welch, Hann, 300 s, half
              read back at the beats                          overlapping
`task-force`  NN as it is                                     the same Welch, mean removed
`neurokit2`   what `nk.hrv_time`, `nk.hrv_frequency` and      as NeuroKit2 does
              `nk.hrv_nonlinear` return, unchanged
============  ==============================================  ==================================
"""

import math
from typing import Any

from biotune.analysis import nonlinear, spectrum
from biotune.analysis.series import Options
from biotune.domain import Convention
from biotune.errors import UsageError

WELCH_WINDOW_S = 300.0
LEAST_WELCH_S = 25.0  # one wave at 0.04 Hz
GREATEST_LAMBDA = 1e6  # a cut-off below 0.001 Hz; far above, the equations cannot be solved in double precision
KUBIOS_LAMBDA = 500.0  # at 4 Hz: the cut-off lies near 0.035 Hz
LF_HZ = (0.04, 0.15)
HF_HZ = (0.15, 0.4)
VLF_HZ = {Convention.KUBIOS: (0.0, 0.04), Convention.TASK_FORCE: (0.0033, 0.04)}
ALPHA1_BOXES = {Convention.KUBIOS: range(4, 13), Convention.TASK_FORCE: range(4, 12)}
ALPHA2_BOXES = {Convention.KUBIOS: range(13, 65), Convention.TASK_FORCE: range(12, 65)}


def parameters(options: Options, *, welch_window_s: float | None = None) -> dict[str, Any]:
    """Every setting that makes the numbers, for provenance.

    Parameters
    ----------
    options : Options
        As for `hrv.measure`.
    welch_window_s : float, optional
        As for `hrv.measure`.

    Returns
    -------
    dict
        JSON-ready; under `neurokit2` no settings but its own defaults.

    Raises
    ------
    UsageError
        Where the convention is unknown, or the detrending or the window impossible or given to `neurokit2`.
    """
    try:
        convention = Convention(options.convention)
    except ValueError:
        names = ", ".join(Convention)
        raise UsageError(f"there is no convention {options.convention!r}", hint=f"There are: {names}.") from None
    common = {"convention": convention.value, "correct": options.correct, "any_length": options.any_length}
    if convention is Convention.NEUROKIT2:
        if options.detrending is not None or options.welch_window_s is not None:
            raise UsageError(
                "the neurokit2 convention takes no detrending and no Welch window",
                why="It is NeuroKit2's stock output, unchanged.",
                hint="Leave them out, or choose the convention task-force.",
            )
        return common | {"settings": "NeuroKit2's own defaults"}
    window_s = next((w for w in (welch_window_s, options.welch_window_s) if w is not None), WELCH_WINDOW_S)
    asked_s = options.welch_window_s
    if asked_s is not None and not (math.isfinite(asked_s) and asked_s >= LEAST_WELCH_S):
        raise UsageError(
            f"a Welch window of {asked_s:g} s is impossible",
            hint=f"Give at least {LEAST_WELCH_S:g} s, the longest wave of LF; usual are 256 or 300 s.",
        )
    return common | {
        "detrending": _regularisation(options, convention),
        "welch_window_s": window_s,
        "welch_overlap": 0.5,
        "welch_taper": "hann",
        "welch_last_window": "ends with the stretch, weighted by what it adds",
        "resampling_hz": spectrum.RATE_HZ,
        "interpolation": "natural cubic spline",
        "vlf_hz": list(VLF_HZ[convention]),
        "lf_hz": list(LF_HZ),
        "hf_hz": list(HF_HZ),
        "dfa_alpha1_beats": [ALPHA1_BOXES[convention][0], ALPHA1_BOXES[convention][-1]],
        "dfa_alpha2_beats": [ALPHA2_BOXES[convention][0], ALPHA2_BOXES[convention][-1]],
        "entropy_m": 2,
        "entropy_r": nonlinear.TOLERANCE,
    }


def _regularisation(options: Options, convention: Convention) -> float:
    if options.detrending is None:
        return KUBIOS_LAMBDA if convention is Convention.KUBIOS else 0.0
    if not 0 <= options.detrending <= GREATEST_LAMBDA:
        raise UsageError(
            f"a detrending of {options.detrending:g} is impossible",
            hint=f"Give λ from 0 (none) to {GREATEST_LAMBDA:g}; Kubios uses 500.",
        )
    return options.detrending
