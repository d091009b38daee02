"""Smoothness priors: the slow trend of an evenly sampled series."""

import numpy as np
from scipy.linalg import solveh_banded

from biotune.analysis.series import FloatArray

LEAST_SAMPLES = 3  # a second difference takes three


def smoothness_trend(values: FloatArray, regularisation: float) -> FloatArray:
    """Trend that the smoothness priors method removes.

    The trend z minimises |y - z|² + λ²·|D₂·z|², D₂ being the second difference: z = (I + λ²·D₂ᵀD₂)⁻¹·y.
    The matrix has five diagonals, so time and memory grow with the length and not with its square.

    Parameters
    ----------
    values : ndarray, shape (n_samples,)
        Evenly sampled series; at 4 Hz λ = 500 removes what is slower than about 0.035 Hz.
    regularisation : float
        λ, positive: the larger, the smoother the trend.

    Returns
    -------
    ndarray, shape (n_samples,)
        The trend in the series' own unit; the series itself below three samples.

    References
    ----------
    Tarvainen, Ranta-aho & Karjalainen, IEEE Trans Biomed Eng 49:172-175, 2002.

    Examples
    --------
    A straight line is all trend:

    >>> line = np.arange(10.0)
    >>> bool(np.allclose(smoothness_trend(line, 500.0), line))
    True
    """
    n = len(values)
    if n < LEAST_SAMPLES:
        return values.copy()
    # D₂ᵀD₂ by diagonals: each second difference adds its (1, -2, 1) outer product
    bands = np.zeros((3, n))
    bands[2, :-2] += 1
    bands[2, 1:-1] += 4
    bands[2, 2:] += 1
    bands[1, 1:-1] -= 2
    bands[1, 2:] -= 2
    bands[0, 2:] = 1
    bands *= regularisation**2
    bands[2] += 1
    trend: FloatArray = solveh_banded(bands, values, check_finite=False)
    return trend
