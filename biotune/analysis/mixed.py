"""Changes of many sessions of several clients: a mixed model with the client as random effect.

The model says: a session's change is the mean of its approach, plus what is peculiar to its client, plus chance. It is
fitted by restricted maximum likelihood. Statsmodels' MixedLM gives the same numbers where it gives any (a test compares
both), but where clients hardly differ it ends in a singular matrix, and its normal quantiles promise too much where
clients are few: t quantiles and their degrees of freedom here follow Pinheiro & Bates, Mixed-Effects Models in S and
S-PLUS, 2000, section 2.4.2.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import optimize, stats

from biotune.analysis.series import FloatArray
from biotune.analysis.session_change import CONTROL

LEAST_CLIENTS = 5  # below, the spread between clients cannot be estimated
LEAST_SPREAD = 1e-12
_GRID = 50  # shares that are looked at before the best is searched for
_LARGEST_SHARE = 1 - 1e-9
_FLAT = 1e-9  # of the deviance: no better than without any difference between clients
_TINY = 1e-300


class Fit(StrEnum):
    """How a model was fitted."""

    MIXED = "mixed-model"
    SIMPLE = "least-squares"


class Warned(StrEnum):
    """What must be said beside a model."""

    TOO_FEW_CLIENTS = "too-few-clients"
    NOTHING_VARIES = "nothing-varies"
    SINGULAR = "singular"
    ONE_SESSION_EACH = "one-session-each"
    FEW_SHARED = "few-shared-clients"


@dataclass(frozen=True, slots=True)
class Term:
    """One question that a model answers.

    Attributes
    ----------
    approach : str
        Whose mean change.
    against : str
        The approach it is held against; empty where that is no change at all.
    estimate, low, high : float
        With its 95 % interval, on the scale on which changes are differences.
    error : float
        Standard error.
    df : int
        Degrees of freedom.
    p : float
        Two-sided, uncorrected.
    """

    approach: str
    against: str
    estimate: float
    low: float
    high: float
    error: float
    df: int
    p: float


@dataclass(frozen=True, slots=True)
class Model:
    """One metric's model.

    Attributes
    ----------
    fit : Fit or None
        None where nothing could be fitted; `warned` says why.
    terms : tuple of Term
        Each approach's mean change, then each approach against the control.
    client_sd, residual_sd : float
        Spread of clients around the mean, and of a client's sessions around the client.
    sessions, clients : int
        What it was fitted to.
    warned : tuple of Warned
        What must be said beside it.
    """

    fit: Fit | None
    terms: tuple[Term, ...]
    client_sd: float
    residual_sd: float
    sessions: int
    clients: int
    warned: tuple[Warned, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    estimate: FloatArray
    covariance: FloatArray
    client_sd: float
    residual_sd: float
    warned: tuple[Warned, ...]


def fit(moved: Sequence[float], approach: Sequence[str], client: Sequence[str]) -> Model:
    """Fit the model to one metric's changes.

    Parameters
    ----------
    moved : sequence of float, length n_sessions
        Each session's change, on the scale on which changes are differences.
    approach, client : sequence of str, length n_sessions
        What was done, and with whom.

    Returns
    -------
    Model
        Never an error: what could not be fitted says so.
    """
    y = np.array(moved, dtype=float)
    clients = sorted(set(client))
    if len(clients) < LEAST_CLIENTS:
        return Model(None, (), 0.0, 0.0, len(y), len(clients), (Warned.TOO_FEW_CLIENTS,))
    if float(np.ptp(y)) < LEAST_SPREAD:
        return Model(None, (), 0.0, 0.0, len(y), len(clients), (Warned.NOTHING_VARIES,))
    approaches = sorted(set(approach))
    design = np.array([[float(each == name) for name in approaches] for each in approach])
    groups = np.array([clients.index(each) for each in client])
    repeated = len(y) > len(clients)
    if len(y) - len(approaches) < 1:
        return Model(None, (), 0.0, 0.0, len(y), len(clients), (Warned.TOO_FEW_CLIENTS,))
    found = _mixed(y, design, groups) if repeated else _simple(y, design)
    terms, shared = _terms(found, approaches, design, groups)
    warned = found.warned if shared else (*found.warned, Warned.FEW_SHARED)
    kind = Fit.MIXED if repeated else Fit.SIMPLE
    return Model(kind, terms, found.client_sd, found.residual_sd, len(y), len(clients), warned)


def _mixed(y: FloatArray, design: FloatArray, groups: FloatArray) -> _Fitted:
    """Restricted maximum likelihood.

    The share of clients in the variance, ρ, is the only thing that has to be searched for: everything else follows
    from it in closed form.
    """
    likelihood = _Likelihood(y, design, groups)
    shares = np.linspace(0.0, 1.0, _GRID, endpoint=False)
    best = int(np.argmin([likelihood.deviance(share) for share in shares]))
    around = (float(shares[max(best - 1, 0)]), float(shares[best + 1]) if best + 1 < _GRID else _LARGEST_SHARE)
    found = optimize.minimize_scalar(likelihood.deviance, bounds=around, method="bounded", options={"xatol": 1e-10})
    share = 0.0 if likelihood.deviance(0.0) <= found.fun + _FLAT else float(found.x)
    estimate, covariance, within = likelihood.solve(share)
    return _Fitted(
        estimate,
        covariance,
        math.sqrt(within * share / (1 - share)),
        math.sqrt(within),
        (Warned.SINGULAR,) if share == 0.0 else (),
    )


class _Likelihood:
    """The restricted likelihood of one table, as a function of the clients' share of the variance.

    Parameters
    ----------
    y : ndarray, shape (n_sessions,)
        Changes.
    design : ndarray, shape (n_sessions, n_approaches)
        Which approach each has.
    groups : ndarray, shape (n_sessions,)
        Which client, counted from 0.
    """

    def __init__(self, y: FloatArray, design: FloatArray, groups: FloatArray) -> None:
        member = np.equal.outer(np.unique(groups), groups).astype(float)
        self._sizes = member.sum(axis=1)
        self._sums, self._totals = member @ design, member @ y
        self._xx, self._xy, self._yy = design.T @ design, design.T @ y, float(y @ y)
        self._free = len(y) - design.shape[1]

    def _reduced(self, share: float) -> tuple[FloatArray, FloatArray, float, FloatArray]:
        """Weigh the sums of squares by the inverse of the covariance, which a client's sessions share one part of."""
        ratio = share / (1 - share)
        weight = ratio / (1 + ratio * self._sizes)
        xx = self._xx - (self._sums.T * weight) @ self._sums
        xy = self._xy - self._sums.T @ (weight * self._totals)
        yy = self._yy - float(weight @ self._totals**2)
        return xx, xy, yy, 1 + ratio * self._sizes

    def deviance(self, share: float) -> float:
        """Return −2 log of the restricted likelihood, but for a constant, at its best residual variance."""
        xx, xy, yy, scales = self._reduced(share)
        rest = max(yy - float(xy @ np.linalg.solve(xx, xy)), _TINY)
        determinants = float(np.log(scales).sum()) + float(np.linalg.slogdet(xx)[1])
        return float(self._free * math.log(rest)) + determinants

    def solve(self, share: float) -> tuple[FloatArray, FloatArray, float]:
        """Return means, their covariance, and the residual variance."""
        xx, xy, yy, _ = self._reduced(share)
        inverse = np.linalg.inv(xx)
        estimate = inverse @ xy
        within = max(yy - float(xy @ estimate), _TINY) / self._free
        return estimate, inverse * within, within


def _simple(y: FloatArray, design: FloatArray) -> _Fitted:
    """Least squares: what the model is where no client has a second session."""
    inverse = np.linalg.inv(design.T @ design)
    estimate = inverse @ design.T @ y
    residual = y - design @ estimate
    variance = float(residual @ residual) / (len(y) - design.shape[1])
    return _Fitted(estimate, inverse * variance, 0.0, math.sqrt(variance), (Warned.ONE_SESSION_EACH,))


def _terms(
    found: _Fitted, approaches: Sequence[str], design: FloatArray, groups: FloatArray
) -> tuple[tuple[Term, ...], bool]:
    """Ask each question; tell too whether every contrast with the control is made within enough clients."""
    met = np.array(
        [[bool(np.any(design[groups == g, column])) for column in range(len(approaches))] for g in set(groups)]
    )
    terms = []
    for column, name in enumerate(approaches):
        df = int(met[:, column].sum()) - 1
        if df >= 1:
            terms.append(_term(found, name, "", np.eye(len(approaches))[column], df))
    shared = True
    if CONTROL in approaches and len(approaches) > 1:
        control = list(approaches).index(CONTROL)
        for column, name in enumerate(approaches):
            if column == control:
                continue
            contrast = np.eye(len(approaches))[column] - np.eye(len(approaches))[control]
            both = int((met[:, column] & met[:, control]).sum())
            shared = shared and both >= LEAST_CLIENTS
            df = _contrast_df(len(design), met, both)
            if df >= 1:
                terms.append(_term(found, name, CONTROL, contrast, df))
    return tuple(terms), shared


def _contrast_df(sessions: int, met: FloatArray, both: int) -> int:
    """Degrees of freedom of a contrast: within clients where enough of them met both, else between them."""
    clients, approaches = met.shape
    within: int = sessions - clients - (approaches - 1)
    between: int = clients - approaches
    return within if both >= LEAST_CLIENTS else between


def _term(found: _Fitted, approach: str, against: str, contrast: FloatArray, df: int) -> Term:
    estimate = float(contrast @ found.estimate)
    error = math.sqrt(float(contrast @ found.covariance @ contrast))
    half = float(stats.t.ppf(0.975, df)) * error
    p = float(2 * stats.t.sf(abs(estimate) / error, df)) if error > 0 else 1.0
    return Term(approach, against, estimate, estimate - half, estimate + half, error, df, p)
