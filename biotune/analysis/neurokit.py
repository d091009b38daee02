"""The only door to NeuroKit2, which is imported when first used: it costs two seconds and 200 MB."""

import contextlib
import math
import warnings

import numpy as np

from biotune.analysis.series import NNSeries

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
STOCK_UNITS = {
    "vlf": "NeuroKit2 normalised power",
    "lf": "NeuroKit2 normalised power",
    "hf": "NeuroKit2 normalised power",
    "total_power": "NeuroKit2 normalised power",
    "lf_nu": "share of NeuroKit2 total power",
    "hf_nu": "share of NeuroKit2 total power",
}


def stock_metrics(nn: NNSeries) -> dict[str, float | None]:
    """Return the default output of `nk.hrv_time`, `nk.hrv_frequency` and `nk.hrv_nonlinear`, unchanged.

    Their power is not ms² and depends on the recording's length, their normalised units include VLF, and
    their pNN50 divides by the number of intervals: for people who need just those numbers.
    The mean heart rate and ln RMSSD, which they lack, follow from their mean NN and RMSSD.

    Parameters
    ----------
    nn : NNSeries
        Handed over with its beat times, from which NeuroKit2 sees where intervals are missing.

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
        for stock in (neurokit2.hrv_time, neurokit2.hrv_frequency, neurokit2.hrv_nonlinear):
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
