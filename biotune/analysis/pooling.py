"""What several uncertain numbers say together: their mean, a line through them, and each drawn towards the others.

Every number comes with the variance of its own error. How far the truths behind them differ besides is
estimated (`between_variance`), or every value of it is considered in turn (`partial_pool`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

from biotune.analysis.series import FloatArray

LEVEL = 0.95
GRID = 64  # spreads considered; twice as many move no estimate by more than a hundredth of its error
_WIDEST = 1e6  # of the largest variance seen: beyond it no between-variance is looked for


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate with its 95 % interval."""

    estimate: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        """Return the JSON form."""
        return {"estimate": self.estimate, "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True)
class Fit:
    """A weighted line, or a weighted mean, through uncertain numbers.

    Attributes
    ----------
    coefficients : ndarray, shape (n_columns,)
        Of the design's columns.
    covariance : ndarray, shape (n_columns, n_columns)
        Of the coefficients.
    between : float
        Variance of the truths about the line.
    freedom : int
        Degrees of freedom of the t quantile.
    """

    coefficients: FloatArray
    covariance: FloatArray
    between: float
    freedom: int

    def interval(self, contrast: Sequence[float]) -> Estimate:
        """Return a combination of the coefficients with its 95 % interval."""
        weights = np.asarray(contrast, dtype=float)
        estimate = float(weights @ self.coefficients)
        reach = float(stats.t.ppf(0.5 + LEVEL / 2, self.freedom) * np.sqrt(weights @ self.covariance @ weights))
        return Estimate(estimate, estimate - reach, estimate + reach)


def between_variance(values: FloatArray, variances: FloatArray, design: FloatArray) -> float:
    """Return the variance of the truths about a fitted mean or line, after Paule and Mandel.

    The variance τ² at which the weighted squared residuals, Σ (y − ŷ)² / (v + τ²), are as many as there are degrees of
    freedom; 0 where they are fewer already. (Paule & Mandel, J Res Natl Bur Stand 87:377-385, 1982.)

    Parameters
    ----------
    values, variances : ndarray, shape (n,)
        The numbers, and the variances of their own errors.
    design : ndarray, shape (n, n_columns)
        A column of ones for a mean; a second one for a line; one a group for groups.
    """
    freedom = int(len(values) - design.shape[1])
    if freedom < 1:
        return 0.0

    def excess(between: float) -> float:
        coefficients, _ = _weighted(values, variances + between, design)
        squared: float = np.sum((values - design @ coefficients) ** 2 / (variances + between))
        return squared - freedom

    if excess(0.0) <= 0:
        return 0.0
    widest = float(np.var(values) + variances.max())
    while excess(widest) > 0 and widest < _WIDEST * variances.max():
        widest *= 4
    return float(optimize.brentq(excess, 0.0, widest, xtol=1e-12 * widest))


def fit(values: Sequence[float], variances: Sequence[float], design: Sequence[Sequence[float]]) -> Fit:
    """Fit a random-effects mean or line.

    Each number weighs 1 / (its own variance + the variance between the truths); intervals take a t quantile with as
    many degrees of freedom as there are numbers less columns, so that few of them give a wide one.

    Parameters
    ----------
    values, variances : sequence of float
        The numbers, and the variances of their own errors (above 0).
    design : sequence of rows
        As `between_variance`; more rows than columns.

    Raises
    ------
    ValueError
        Where there are too few numbers.
    """
    y, v, columns = (np.asarray(each, dtype=float) for each in (values, variances, design))
    freedom = len(y) - columns.shape[1]
    if freedom < 1:
        raise ValueError(f"{len(y)} numbers are too few for {columns.shape[1]} coefficients")
    between = between_variance(y, v, columns)
    coefficients, covariance = _weighted(y, v + between, columns)
    return Fit(coefficients, covariance, between, freedom)


def _weighted(values: FloatArray, variances: FloatArray, design: FloatArray) -> tuple[FloatArray, FloatArray]:
    scaled = design / variances[:, None]
    covariance: FloatArray = np.asarray(np.linalg.pinv(design.T @ scaled), dtype=np.float64)
    coefficients: FloatArray = covariance @ (scaled.T @ values)
    return coefficients, covariance


# ---------------------------------------------------------------- partial pooling


@dataclass(frozen=True, slots=True)
class Group:
    """Uncertain numbers that share one truth, but for what differs from one to the next."""

    values: Sequence[float]
    variances: Sequence[float]


@dataclass(frozen=True, slots=True)
class Partial:
    """What partial pooling makes of groups.

    Attributes
    ----------
    groups : tuple of Estimate
        Each group's truth, drawn towards the mean of all as far as its own numbers say little.
    mean : Estimate
        Where the truth of a group lies that is not known at all, on average.
    between, within : float
        Mean spread (standard deviation) of the groups' truths, and of the truths from one number to the next.
    """

    groups: tuple[Estimate, ...]
    mean: Estimate
    between: float
    within: float


def half_cauchy(scale: float) -> FloatArray:
    """Return spreads that are equally likely under a half-Cauchy distribution; half of them are below `scale`.

    The prior for a spread of which few groups tell: Gelman, Bayesian Analysis 1:515-534, 2006.
    """
    quantiles = (np.arange(GRID) + 0.5) / GRID
    spreads: FloatArray = scale * np.tan(np.pi / 2 * quantiles)
    return spreads


def partial_pool(groups: Sequence[Group], *, between: FloatArray, within: FloatArray) -> Partial:
    """Draw each group's estimate towards the mean of all.

    The model: number j of group g is normal about θ_g with variance v_gj + ω², θ_g is normal about μ with variance τ²,
    μ may be anything. Given ω and τ everything is normal (Gelman et al., Bayesian Data Analysis, 3rd ed., 5.4); the two
    spreads are integrated out over the values given, which also carries their uncertainty into the intervals.
    A single estimate of τ would often be 0, and then claim that all groups are the same.

    Parameters
    ----------
    groups : sequence of Group
        At least one, each with at least one number.
    between, within : ndarray
        Values of τ and of ω that are equally likely beforehand, such as `half_cauchy`.

    Returns
    -------
    Partial
        Estimates are posterior means, intervals the 2.5 and 97.5 % points of the posterior.
    """
    parts = [_given(groups, float(omega), np.asarray(between, dtype=float)) for omega in within]
    joined = (np.concatenate(each) for each in zip(*parts, strict=True))
    log_weight, means, variances, centres, centre_variances = joined
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    by_tau = weight.reshape(len(within), len(between))
    return Partial(
        groups=tuple(_mixture(weight, means[:, g], variances[:, g]) for g in range(len(groups))),
        mean=_mixture(weight, centres, centre_variances),
        between=float(by_tau.sum(axis=0) @ between),
        within=float(by_tau.sum(axis=1) @ within),
    )  # fmt: skip - one thing a line


def _given(
    groups: Sequence[Group], omega: float, between: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Log weight, the groups' means and variances, and the centre's, for one ω and every τ."""
    told, own, likelihood = _summaries(groups, omega**2)
    total = own + between[:, None] ** 2
    centre_variance = 1 / np.sum(1 / total, axis=1)
    centre = centre_variance * np.sum(told / total, axis=1)
    log_weight = likelihood + 0.5 * np.log(centre_variance) - 0.5 * np.sum(np.log(total), axis=1)
    log_weight -= 0.5 * np.sum((told - centre[:, None]) ** 2 / total, axis=1)
    drawn = own / total  # the share by which a group is drawn to the centre
    means = drawn * centre[:, None] + (1 - drawn) * told
    variances = (1 - drawn) * own + drawn**2 * centre_variance[:, None]
    return log_weight, means, variances, centre, centre_variance


def _summaries(groups: Sequence[Group], omega2: float) -> tuple[FloatArray, FloatArray, float]:
    """Each group's weighted mean and its variance, and the log likelihood of what is left within the groups."""
    means, variances, likelihood = [], [], 0.0
    for group in groups:
        y, v = np.asarray(group.values, dtype=float), np.asarray(group.variances, dtype=float) + omega2
        variance = 1 / np.sum(1 / v)
        mean = variance * np.sum(y / v)
        likelihood += 0.5 * float(np.log(variance) - np.sum(np.log(v)) - np.sum((y - mean) ** 2 / v))
        means.append(mean)
        variances.append(variance)
    return np.array(means), np.array(variances), likelihood


def _mixture(weight: FloatArray, means: FloatArray, variances: FloatArray) -> Estimate:
    """Mean and central 95 % of a weighted mixture of normals."""
    spread = np.sqrt(variances)

    def point(share: float) -> float:
        low, high = float(np.min(means - 9 * spread)), float(np.max(means + 9 * spread))
        return float(optimize.brentq(lambda x: weight @ special.ndtr((x - means) / spread) - share, low, high))

    return Estimate(float(weight @ means), point((1 - LEVEL) / 2), point((1 + LEVEL) / 2))
