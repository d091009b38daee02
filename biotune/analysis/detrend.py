"""Smoothness priors: the slow trend of an evenly sampled series."""

import math

import numpy as np
from scipy.linalg import cho_solve_banded, cholesky_banded

from biotune.analysis.series import FloatArray

LEAST_SAMPLES = 3  # a second difference takes three


def smoothness_trend(values: FloatArray, regularisation: float) -> FloatArray:
    """Trend that the smoothness priors method removes.

    The trend z minimises |y - z|² + λ²·|D₂·z|², D₂ being the second difference: z = (I + λ²·D₂ᵀD₂)⁻¹·y.
    The matrix has five diagonals, so time and memory grow with the length and not with its square. Between its ends
    all its rows are the same, and so are those of its factor, which is computed for the ends only.

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
    mean = float(values.mean())  # a mean is all trend, and digits are saved without it
    trend: FloatArray = cho_solve_banded((_factor(n, regularisation), False), values - mean, check_finite=False)
    return trend + mean


def _factor(n: int, regularisation: float) -> FloatArray:
    """Cholesky's factor of I + λ²·D₂ᵀD₂, by diagonals; shape (3, n)."""
    ends = min(n, round(64 + 40 * math.sqrt(regularisation)))  # e^-56, of what the beginning leaves in the factor
    # D₂ᵀD₂ by diagonals: each second difference adds its (1, -2, 1) outer product
    bands = np.zeros((3, ends))
    bands[2, :-2] += 1
    bands[2, 1:-1] += 4
    bands[2, 2:] += 1
    bands[1, 1:-1] -= 2
    bands[1, 2:] -= 2
    bands[0, 2:] = 1
    bands *= regularisation**2
    bands[2] += 1
    factor: FloatArray = cholesky_banded(bands, check_finite=False)
    if ends == n:
        return factor
    between = np.broadcast_to(factor[:, ends - 3, None], (3, n - ends))
    return np.concatenate((factor[:, :-2], between, factor[:, -2:]), axis=1)
