"""The only door to NeuroKit2, which is imported when first used: it costs two seconds and 200 MB."""

import contextlib
import math
import warnings
from collections.abc import Collection

import numpy as np

from biotune.analysis.series import FloatArray, IntArray, NNSeries

LEAST_ECG_S = 5.0  # below, there is too little for the detector's own averages
LEAST_INTERVALS = 12  # below, NeuroKit2's own DFA gives up
_STOCK_COLUMNS = {
    "mean_nn": "HRV_MeanNN",
    "sdnn": "HRV_SDNN",
    "rmssd": "HRV_RMSSD",
    "pnn50": "HRV_pNN50",
    "vlf": "HRV_VLF",
    "lf": "HRV_LF",
    "hf": "HRV_HF",
    "total_power": "HRV_TP",
    "lf_hf": "HRV_LFHF",
    "lf_nu": "HRV_LFn",
    "hf_nu": "HRV_HFn",
    "sd1": "HRV_SD1",
    "sd2": "HRV_SD2",
    "sd1_sd2": "HRV_SD1SD2",
    "sample_entropy": "HRV_SampEn",
    "dfa_alpha1": "HRV_DFA_alpha1",
    "dfa_alpha2": "HRV_DFA_alpha2",
}
_STOCK_FUNCTIONS = {
    "hrv_time": frozenset({"mean_nn", "mean_hr", "sdnn", "rmssd", "ln_rmssd", "pnn50"}),
    "hrv_frequency": frozenset({"vlf", "lf", "hf", "total_power", "lf_hf", "lf_nu", "hf_nu"}),
    "hrv_nonlinear": frozenset({"sd1", "sd2", "sd1_sd2", "sample_entropy", "dfa_alpha1", "dfa_alpha2"}),
}
NORMALISED = "NeuroKit2 normalised power"
STOCK_UNITS = {
    "vlf": NORMALISED,
    "lf": NORMALISED,
    "hf": NORMALISED,
    "total_power": NORMALISED,
    "lf_nu": "share of NeuroKit2 total power",
    "hf_nu": "share of NeuroKit2 total power",
}


def stock_metrics(nn: NNSeries, *, only: Collection[str] | None = None) -> dict[str, float | None]:
    """Return the default output of `nk.hrv_time`, `nk.hrv_frequency` and `nk.hrv_nonlinear`, unchanged.

    Their power is not ms² and depends on the recording's length, their normalised units include VLF, and
    their pNN50 divides by the number of intervals: for people who need just those numbers.
    The mean heart rate and ln RMSSD, which they lack, follow from their mean NN and RMSSD.

    Parameters
    ----------
    nn : NNSeries
        Handed over with its beat times, from which NeuroKit2 sees where intervals are missing.
    only : collection of str, optional
        The catalogue keys that are wanted: a stock function that has none of them is not called. `nk.hrv_nonlinear`
        takes half a minute for half an hour of beats.

    Returns
    -------
    dict of str to float or None
        By catalogue key, in `STOCK_UNITS` where those differ from the catalogue's; None where NeuroKit2 has no
        finite value.
    """
    keys = (*_STOCK_COLUMNS, "mean_hr", "ln_rmssd")
    if len(nn) < LEAST_INTERVALS:
        return dict.fromkeys(keys)
    import neurokit2  # noqa: PLC0415 - two seconds, and only this convention needs it

    peaks = {"RRI": nn.nn_ms, "RRI_Time": nn.time_s}
    row: dict[str, float] = {}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # it warns of short series; least lengths are judged in hrv.py
        for name, has in _STOCK_FUNCTIONS.items():
            if only is not None and has.isdisjoint(only):
                continue
            stock = getattr(neurokit2, name)
            with contextlib.suppress(
                ValueError, IndexError, ZeroDivisionError
            ):  # its answers to series that do not vary
                row |= stock(peaks).iloc[0].to_dict()
    found = {key: row.get(column) for key, column in _STOCK_COLUMNS.items()}
    values = {key: float(value) if value is not None and math.isfinite(value) else None for key, value in found.items()}
    mean_nn, rmssd = values["mean_nn"], values["rmssd"]
    values["mean_hr"] = 60000 / mean_nn if mean_nn else None
    values["ln_rmssd"] = math.log(rmssd) if rmssd else None
    return values


def r_peaks(microvolts: FloatArray, rate_hz: float, *, detector: str = "neurokit") -> IntArray:
    """Find the R peaks of an ECG with NeuroKit2's own cleaning and detector, at its defaults.

    Parameters
    ----------
    microvolts : ndarray, shape (n_samples,)
        Evenly sampled, without missing samples; in any unit.
    rate_hz : float
        Sampling rate.
    detector : str
        NeuroKit2's own, which looks at steepness, or ``"kalidas2017"``, which looks at wavelets (Kalidas & Tamil,
        BIBE 2017): where the two disagree, neither is believed.

    Returns
    -------
    ndarray of int, shape (n_peaks,)
        Samples at which R peaks lie; empty where the signal is too short or does not vary.

    References
    ----------
    Makowski et al., Behavior Research Methods 53:1689-1696, 2021.
    """
    if len(microvolts) < LEAST_ECG_S * rate_hz or not np.ptp(microvolts):
        return np.empty(0, dtype=np.int64)
    import neurokit2  # noqa: PLC0415 - two seconds, and only an ECG needs it

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # it warns of signals in which it finds nothing
        try:
            cleaned = neurokit2.ecg_clean(microvolts, sampling_rate=rate_hz)
            _, found = neurokit2.ecg_peaks(cleaned, sampling_rate=rate_hz, method=detector)
        except (ValueError, IndexError, ZeroDivisionError):  # its answers to signals without a heartbeat
            return np.empty(0, dtype=np.int64)
    peaks: IntArray = np.asarray(found["ECG_R_Peaks"], dtype=np.int64)
    return peaks


def fix_peaks(peaks_s: FloatArray) -> FloatArray:
    """Return NeuroKit2's own stock correction of beats: `nk.signal_fixpeaks` with the method Kubios, unchanged.

    Parameters
    ----------
    peaks_s : ndarray, shape (n_peaks,)
        Times of the beats, seconds.

    Returns
    -------
    ndarray, shape (n_corrected,)
        Times to the millisecond, which is the rate it is given.
    """
    import neurokit2  # noqa: PLC0415 - two seconds, and only a comparison needs it

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # as in `stock_metrics`
        _, fixed = neurokit2.signal_fixpeaks(np.round(peaks_s * 1000).astype(np.int64), 1000, method="Kubios")
    at_s: FloatArray = np.asarray(fixed, dtype=np.float64) / 1000
    return at_s
